//! Examples that a tool made up: they show nothing that the service sends.
//!
//! Tools fill them with fractions of more digits than a JSON number keeps, and with texts that repeat the name of their
//! field.

use serde_json::{Map, Value};

use crate::document::visit_words;

/// The digits of a fraction that every reader of JSON keeps.
const DIGITS: usize = 15;

/// How many texts that repeat their name make an example a placeholder. One may be true: `{ "link": "link" }`.
const REPEATED: usize = 2;

/// Removes the placeholders of a document; how many there were.
pub fn remove(document: &mut Value) -> usize {
    let mut removed = 0;
    visit_words(document, &mut |_, fields: &mut Map<String, Value>| {
        if fields.get("example").is_some_and(is_placeholder) {
            fields.shift_remove("example");
            removed += 1;
        }
        if let Some(examples) = fields.get_mut("examples").and_then(Value::as_object_mut) {
            let before = examples.len();
            examples.retain(|_, example| !example.get("value").is_some_and(is_placeholder));
            removed += before - examples.len();
        }
    });
    removed
}

fn is_placeholder(example: &Value) -> bool {
    let (mut long, mut repeated) = (0, 0);
    count("", example, &mut long, &mut repeated);
    long > 0 || repeated >= REPEATED
}

fn count(name: &str, value: &Value, long: &mut usize, repeated: &mut usize) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| count(name, field, long, repeated)),
        Value::Array(items) => items.iter().for_each(|item| count(name, item, long, repeated)),
        Value::String(text) => *repeated += usize::from(!name.is_empty() && text == name),
        Value::Number(number) if number.is_f64() => {
            let text = number.to_string();
            let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
            *long += usize::from(digits > DIGITS);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn generated_examples_are_distinguished_from_recorded_ones() {
        for made_up in [
            json!({ "order_amount": 0.800_828_190_461_011_5 }),
            json!([{ "entity_type": "entity_type", "details": [{ "bank_id": "bank_id" }] }]),
        ] {
            assert!(is_placeholder(&made_up), "{made_up}");
        }
        for sent in
            [json!({ "order_amount": 10.34, "link": "link" }), json!({ "id": 121_224_562_u64 }), json!(null)]
        {
            assert!(!is_placeholder(&sent), "{sent}");
        }
    }

    #[test]
    fn only_placeholders_are_removed() {
        let mut document = json!({
            "paths": { "/a": { "get": { "responses": { "200": { "content": { "application/json": {
                "example": { "amount": 5.962_133_916_683_182 },
                "examples": { "sent": { "value": 1 }, "made": { "value": 5.962_133_916_683_182 } },
            } } } } } } },
            "components": { "schemas": { "S": { "type": "object", "example": { "a": "a", "b": "b" } } } },
        });
        assert_eq!(remove(&mut document), 3);
        let text = document.to_string();
        assert!(
            text.contains(r#""sent":{"value":1}"#) && !text.contains("made") && !text.contains("5.96"),
            "{text}"
        );
    }
}
