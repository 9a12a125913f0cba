//! Payloads that schemas allow, with a mark in each field that is secret.

use serde_json::{Value, json};

/// It holds a card number, so that a mask of those can be distinguished from none.
pub(crate) const SECRET: &str = "SECRET-4111111111111111";

/// Text about a person.
pub(crate) const PRIVATE: &str = "PRIVATE-4111111111111111";

/// A value that an open enum does not know. In a response it may be any text, so `Debug` masks it; in a request it is the
/// caller's own word, which an error of the service may quote.
pub(crate) const UNKNOWN: &str = "UNKNOWN-4111111111111111";

/// What nobody but the one it was said to may read: means to pay, proofs of a person, and what opens a
/// session or a document. This is read off the names here, whatever the generator makes of them.
fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 29] = [
        "account_number",
        "card_alias",
        "card_cvv",
        "card_expiry_mm",
        "card_expiry_yy",
        "card_number",
        "card_token",
        "client_secret",
        "cryptogram",
        "doc_value",
        "download_url",
        "driving_license",
        "otp",
        "partner_apikey",
        "passport",
        "password",
        "payload",
        "payment_session_id",
        "remitter_account",
        "signature",
        "subscription_session_id",
        "token_reference_id",
        "uidai",
        "upi_id",
        "upi_instrument_number",
        "upi_vpa",
        "voter_id",
        "vpa",
        "file",
    ];
    name == "pan" || WORDS.iter().any(|word| name == *word || name.starts_with(word) || name.ends_with(word))
}

/// What says something about a person, or may: names, telephones, postal and electronic addresses, accounts, links, and what
/// merchants note.
fn is_private(name: &str) -> bool {
    const PARTS: [&str; 16] = [
        "phone", "mobile", "mail", "address", "ifsc", "city", "pin_code", "pincode", "zip", "url", "qrcode",
        "note", "remark", "tags", "holder", "metadata",
    ];
    const SENTENCES: [&str; 4] = ["message", "reason", "description", "comment"];
    const THINGS: [&str; 11] = [
        "bank", "plan", "gateway", "scheme", "item", "cart", "terminal", "network", "offer", "incident",
        "code",
    ];
    let is_name = name == "name"
        || name.ends_with("_name")
        || SENTENCES.iter().any(|sentence| name.split('_').any(|word| word == *sentence));
    PARTS.iter().any(|part| name.contains(part))
        || is_name && !THINGS.iter().any(|thing| name.split('_').any(|word| word == *thing))
}

/// A value that the schema takes, whose secrets are marked; `turn` chooses among alternatives.
pub(crate) fn marked(defs: &Value, schema: &Value, name: &str, turn: usize, depth: usize) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = &defs[reference.trim_start_matches("#/$defs/")];
        return if depth > 12 { Value::Null } else { marked(defs, target, name, turn, depth + 1) };
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    // How the schema of a whole body names its type.
    if let [only] = schema["allOf"].as_array().map(Vec::as_slice).unwrap_or_default() {
        return marked(defs, only, name, turn, depth + 1);
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[key].as_array() {
            let parts: Vec<&Value> = parts.iter().filter(|part| part["type"] != "null").collect();
            // A value of an open enum that no version knows may be any text.
            if turn % 3 == 2 && parts.iter().any(|part| is_unknown_value(part)) {
                return json!(UNKNOWN);
            }
            let mut value = marked(defs, parts[turn % parts.len()], name, turn, depth + 1);
            // Fields beside the alternatives.
            if let (Value::Object(value), Value::Object(beside)) =
                (&mut value, fields(defs, schema, turn, depth))
            {
                value.extend(beside);
            }
            return value;
        }
    }
    if schema.get("properties").is_some() {
        return fields(defs, schema, turn, depth);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("array") => json!([marked(defs, &schema["items"], name, turn, depth + 1)]),
        Some("string") if name.contains("url") => {
            let mark = if is_secret(name) { SECRET } else { PRIVATE };
            json!(format!("https://{mark}:{mark}@shop.example/{mark}?key={mark}"))
        }
        Some("object") if is_private(name) => json!({ PRIVATE: PRIVATE }),
        None if is_private(name) => json!({ PRIVATE: [PRIVATE] }),
        _ if is_secret(name) => json!(SECRET),
        Some("string") if is_private(name) => json!(PRIVATE),
        Some("object") => json!({}),
        Some("number" | "integer") => json!(1),
        Some("boolean") => json!(true),
        Some("string") => json!("2024-01-08T10:00:00Z"),
        _ => json!({}),
    }
}

/// Whether a schema is that of a value that an open enum does not know.
fn is_unknown_value(schema: &Value) -> bool {
    schema["$ref"] == "#/$defs/UnknownValue"
}

/// All fields of an object.
fn fields(defs: &Value, schema: &Value, turn: usize, depth: usize) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(|(name, field)| (name.clone(), marked(defs, field, name, turn, depth + 1))).collect()
}
