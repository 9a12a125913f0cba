//! A body that isn't JSON becomes raw bytes: the generator writes no multipart form. The client
//! builds the form; the declared schema is kept as `x-multipart` for it and for reviewers.

use anyhow::Result;
use serde_json::{Value, json};

use super::log::Log;
use super::schemas::operations_mut;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    for (place, operation) in operations_mut(document) {
        let Some(declared) = operation.get("requestBody") else { continue };
        let content = declared.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some((_, body)) =
            content.iter().find(|(media, _)| media.contains("json") || media.starts_with("*/"))
        {
            let schema = body.get("schema").cloned().unwrap_or_else(|| json!({}));
            let only = json!({ "application/json": { "schema": schema } });
            if content.len() > 1 {
                log.note(format!("{place}: keeps the JSON body of {}", content.len()));
            }
            let mut body = declared.clone();
            if let Some(body) = body.as_object_mut() {
                body.retain(|word, value| match word.as_str() {
                    "description" => true,
                    "required" => value.is_boolean(),
                    _ => false,
                });
                body.insert("content".to_owned(), only);
            }
            operation.insert("requestBody".to_owned(), body);
            continue;
        }
        let Some((media, body)) = content.iter().next() else {
            log.note(format!("{place}: a body without content is none"));
            operation.shift_remove("requestBody");
            continue;
        };
        log.note(format!("{place}: {media}"));
        let form = body.get("schema").cloned().unwrap_or_else(|| json!({}));
        operation.insert(
            "requestBody".to_owned(),
            json!({
                "required": true,
                "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
            }),
        );
        operation.insert("x-multipart".to_owned(), form);
    }
    Ok(())
}
