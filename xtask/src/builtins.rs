//! The hand-written scalar types of `cashfree-gen`, the fields that hold identifiers, and the field names
//! that mark a secret.

use heck::ToSnakeCase;

/// A hand-written type of `cashfree-gen` that stands for a kind of scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BuiltIn {
    /// Its name in the crate.
    pub(crate) rust: &'static str,
    /// The names of the fields that hold it. Only identifiers are recognised by name alone.
    pub(crate) fields: &'static [&'static str],
}

impl BuiltIn {
    /// The name under which the normalised document refers to it.
    pub(crate) fn schema_name(&self) -> String {
        format!("BuiltIn{}", self.rust)
    }
}

const fn kind(rust: &'static str) -> BuiltIn {
    BuiltIn { rust, fields: &[] }
}

const fn id(rust: &'static str, fields: &'static [&'static str]) -> BuiltIn {
    BuiltIn { rust, fields }
}

pub(crate) const AMOUNT: usize = 0;
pub(crate) const DECIMAL: usize = 1;
pub(crate) const TIMESTAMP: usize = 2;
pub(crate) const CURRENCY: usize = 3;
pub(crate) const SENSITIVE: usize = 4;
pub(crate) const SENSITIVE_DIGITS: usize = 5;
pub(crate) const SENSITIVE_JSON: usize = 6;

/// All built-in types; the identifiers list their fields.
pub(crate) const BUILT_IN: [BuiltIn; 29] = [
    kind("Amount"),
    kind("Decimal"),
    kind("Timestamp"),
    kind("Currency"),
    kind("Sensitive"),
    kind("SensitiveDigits"),
    kind("SensitiveJson"),
    id("OrderId", &["order_id"]),
    id("CfOrderId", &["cf_order_id"]),
    id("CfPaymentId", &["cf_payment_id"]),
    id("PaymentSessionId", &["payment_session_id"]),
    id("RefundId", &["refund_id"]),
    id("CfRefundId", &["cf_refund_id"]),
    id("CustomerId", &["customer_id"]),
    id("InstrumentId", &["instrument_id"]),
    id("LinkId", &["link_id"]),
    id("CfLinkId", &["cf_link_id"]),
    id("OfferId", &["offer_id"]),
    id("SubscriptionId", &["subscription_id"]),
    id("CfSubscriptionId", &["cf_subscription_id"]),
    id("PlanId", &["plan_id"]),
    id("PaymentId", &["payment_id"]),
    id("VendorId", &["vendor_id", "merchant_vendor_id"]),
    id("CfTerminalId", &["cf_terminal_id"]),
    id("DisputeId", &["dispute_id"]),
    id("SettlementId", &["settlement_id", "cf_settlement_id"]),
    id("SimulationId", &["simulation_id"]),
    id("SubscriptionSessionId", &["subscription_session_id"]),
    id("IncidentId", &["incident_id"]),
];

/// The hand-written types that print as `***`.
const REDACTED: [&str; 5] =
    ["Sensitive", "SensitiveDigits", "SensitiveJson", "PaymentSessionId", "SubscriptionSessionId"];

/// Whether the hand-written type of this name prints its value as `***`.
pub(crate) fn is_redacted(rust: &str) -> bool {
    REDACTED.contains(&rust)
}

/// Card numbers and codes, what stands for a card at a network, one-time passwords, UPI addresses, accounts,
/// papers of a person, and links to such papers.
pub(crate) const SENSITIVE_NAMES: [&str; 23] = [
    "card_alias",
    "card_cvv",
    "card_expiry_mm",
    "card_expiry_yy",
    "card_number",
    "card_token_details",
    "cryptogram",
    "cvv",
    "doc_value",
    "download_url",
    "driving_license",
    "file",
    "otp",
    "pan",
    "passport_number",
    "remitter_account",
    "token_cryptogram",
    "token_reference_id",
    "uidai",
    "upi_id",
    "upi_instrument_number",
    "voter_id",
    "vpa",
];

/// Words of a field name that mark a secret wherever they stand.
const SECRET_WORDS: [&str; 16] = [
    "aadhaar",
    "aadhar",
    "cavv",
    "cryptogram",
    "cvc",
    "cvv",
    "mpin",
    "otp",
    "pan",
    "passcode",
    "passphrase",
    "passport",
    "password",
    "pin",
    "secret",
    "vpa",
];

/// Words that say what a field holds about a secret, and not the secret itself.
const ABOUT: [&str; 13] = [
    "available",
    "count",
    "description",
    "enabled",
    "id",
    "is",
    "length",
    "name",
    "required",
    "status",
    "supported",
    "type",
    "url",
];

/// Whether a text field of this name is a secret by rule, in whichever spelling the document writes it.
pub(crate) fn is_sensitive(name: &str) -> bool {
    let name = name.to_snake_case();
    let name = name.as_str();
    if SENSITIVE_NAMES.contains(&name) || name.ends_with("account_number") || name.ends_with("_vpa") {
        return true;
    }
    let words: Vec<&str> = name.split('_').collect();
    let has = |word: &str| words.contains(&word);
    // `card_number`, `token_number`, `token_expiry_mm`: what stands for a card at the network.
    let of_card = (has("card") || has("token")) && (has("number") || has("expiry") && !has("date"));
    let is_postal = name.ends_with("pin_code");
    let about = is_postal || words.iter().any(|word| ABOUT.contains(word));
    let is_code_of_card = has("security") && has("code");
    of_card || is_code_of_card || !about && SECRET_WORDS.iter().any(|word| has(word))
}

/// Whether a text field says only what it is (`number`, `value`) and its holder says of what secret.
pub(crate) fn is_sensitive_in(holder: &str, name: &str) -> bool {
    let holder = holder.to_ascii_lowercase();
    matches!(name, "number" | "value" | "expiry")
        && ["card", "token", "cryptogram"].iter().any(|word| holder.ends_with(word))
}

/// The identifier type that a field of this name holds.
pub(crate) fn identifier(field: &str) -> Option<BuiltIn> {
    BUILT_IN.into_iter().find(|built_in| built_in.fields.contains(&field))
}

#[cfg(test)]
mod tests {
    use super::is_sensitive;

    #[test]
    fn new_names_are_secrets_by_their_words() {
        for name in [
            "token_number",
            "card_cvv",
            "upi_pin",
            "new_password",
            "customer_vpa",
            "token_expiry_mm",
            "user_otp",
            "cardNumber",
            "newPassword",
            "upiPin",
            "card-cvv",
            "CVV",
            "security_code",
        ] {
            assert!(is_sensitive(name), "{name}");
        }
        for name in [
            "pincode",
            "pin_code",
            "order_token",
            "otp_required",
            "card_bank_name",
            "is_pan_verified",
            "token_type",
            "company",
            "pinCode",
            "panStatus",
        ] {
            assert!(!is_sensitive(name), "{name}");
        }
    }
}
