//! Secrets and cards are masked wherever the journal is shown: a screenshot of it may be passed on.

use serde_json::Value;

/// Headers whose values are masked.
const HEADERS: [&str; 4] = ["x-client-secret", "x-client-signature", "x-partner-apikey", "authorization"];

/// Fields whose values are masked but for the last four characters, at any depth.
const FIELDS: [&str; 12] = [
    "card_number",
    "card_cvv",
    "card_alias",
    "card_cryptogram",
    "cryptogram",
    "token_requestor_id",
    "otp",
    "password",
    "account_number",
    "customer_bank_account_number",
    "bank_account_number",
    "pan",
];
/// Fields that are masked whole.
const WHOLE: [&str; 4] = ["card_cvv", "otp", "password", "card_cryptogram"];

/// The headers, with secrets masked.
pub(crate) fn masked_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let is_secret = HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known));
            (name.clone(), if is_secret { mask(value, false) } else { value.clone() })
        })
        .collect()
}

/// The value, with secrets masked.
pub(crate) fn masked_json(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| {
                let text = field.as_str().filter(|_| FIELDS.contains(&name.as_str()));
                let shown = match text {
                    Some(text) => Value::String(mask(text, !WHOLE.contains(&name.as_str()))),
                    None if field.is_number() && FIELDS.contains(&name.as_str()) => {
                        Value::String(mask(&field.to_string(), !WHOLE.contains(&name.as_str())))
                    }
                    None => masked_json(field),
                };
                (name.clone(), shown)
            })
            .collect(),
        Value::Array(items) => items.iter().map(masked_json).collect(),
        other => other.clone(),
    }
}

fn mask(text: &str, shows_last_four: bool) -> String {
    let length = text.chars().count();
    let shown = if shows_last_four && length > 8 { 4 } else { 0 };
    text.chars().enumerate().map(|(at, letter)| if at + shown >= length { letter } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cards_and_secrets_are_masked_at_any_depth() {
        let body = json!({
            "payment_method": { "card": { "card_number": "4706131211212123", "card_cvv": "123", "channel": "link" } },
            "list": [{ "otp": 111_000 }],
        });
        assert_eq!(
            masked_json(&body),
            json!({
                "payment_method": { "card": { "card_number": "************2123", "card_cvv": "***", "channel": "link" } },
                "list": [{ "otp": "******" }],
            })
        );
        let headers = [("X-Client-Secret", "abcdefghijk"), ("x-client-id", "id")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let shown: Vec<String> = masked_headers(&headers).into_iter().map(|(_, value)| value).collect();
        assert_eq!(shown, ["***********", "id"]);
    }
}
