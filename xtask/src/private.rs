//! The fields whose values are about persons: text that `Debug` masks though its type is plain. What is a secret has
//! a type of its own ([`builtins`](crate::builtins)) and prints as `***`.

use heck::ToSnakeCase;

use crate::model::Kind;

/// Words of a field name that mark private text wherever they stand.
const WORDS: &[&str] = &[
    "addr",
    "address",
    "birth",
    "city",
    "dob",
    "email",
    "holder",
    "ifsc",
    "intent",
    "latitude",
    "longitude",
    "mail",
    "mobile",
    "note",
    "notes",
    "operator",
    "par",
    "phone",
    "pincode",
    "purpose",
    "qr",
    "qrcode",
    "remark",
    "remarks",
    "state",
    "tags",
    "uri",
    "url",
    "urls",
    "zip",
];

/// Whole names of fields with private text.
const NAMES: &[&str] = &[
    "bank_details",
    "card_display",
    "cin",
    "gst",
    "instrument_display",
    "link",
    "pin_code",
    "tracking_numbers",
    "vaccount_id",
];

/// Words of a field that holds sentences: of the service, a bank or the merchant, who may quote a person in them.
const SENTENCES: &[&str] = &["comment", "comments", "description", "message", "reason"];

/// Words beside `name` or a word for sentences that say that a thing is named or described, and not a person. The name of
/// a document is not among them: files are named after their owners.
const THINGS: &[&str] = &[
    "bank", "cart", "code", "gateway", "incident", "item", "network", "offer", "plan", "scheme", "terminal",
];

/// Words beside `account` that say what the field holds of it.
const OF_ACCOUNT: &[&str] = &["bank", "code", "mode", "modes", "type", "types"];

/// Whether `Debug` masks a field of this name and kind. Free JSON and maps from text are masked by whatever name: the
/// merchant puts there what it likes.
pub(crate) fn is_private(name: &str, kind: &Kind) -> bool {
    match kind {
        Kind::Free | Kind::Map(_) => true,
        Kind::List(items) => is_private(name, items),
        Kind::Text | Kind::Whole => is_private_name(&name.to_snake_case()),
        _ => false,
    }
}

fn is_private_name(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let any = |of: &[&str]| words.iter().any(|word| of.contains(word));
    let names_a_person = (words.contains(&"name") || any(SENTENCES)) && !any(THINGS);
    let is_account = words.contains(&"account") && !any(OF_ACCOUNT);
    names_a_person || is_account || any(WORDS) || NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_mark_private_text() {
        let text = |name: &str| is_private(name, &Kind::Text);
        for name in [
            "customer_name",
            "customerName",
            "name",
            "account_holder",
            "customer_bank_account_holder_name",
            "customer_bank_ifsc",
            "phone",
            "terminal_phone_no",
            "address_line_one",
            "pin_code",
            "zip_code",
            "return_url",
            "link_qrcode",
            "order_note",
            "document_name",
            "payment_message",
            "failure_reason",
            "error_description",
        ] {
            assert!(text(name), "{name}");
        }
        for name in [
            "bank_name",
            "plan_name",
            "card_bank_name",
            "country",
            "status",
            "link_status",
            "account_type",
            "customer_bank_account_type",
            "customer_bank_code",
            "reason_code",
            "offer_description",
            "utr",
        ] {
            assert!(!text(name), "{name}");
        }
        assert!(is_private("order_tags", &Kind::Map(Box::new(Kind::Text))) && is_private("x", &Kind::Free));
        assert!(is_private("phone", &Kind::List(Box::new(Kind::Whole))) && !is_private("phone", &Kind::Flag));
    }
}
