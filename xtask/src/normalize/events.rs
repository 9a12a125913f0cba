//! Events become operations, so that all later passes apply to them: each entry of `webhooks` (OpenAPI
//! 3.1) or `x-webhooks` is an operation named by the event's type that responds with the field `data` of
//! the body. The envelope's time becomes a field of the payload: it is all that a payload's reader needs
//! of the envelope.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::{SCHEMAS, referred};

const TIME: &str = "event_time";

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut paths = Map::new();
    let mut times: Vec<(String, Value)> = Vec::new();
    for word in ["webhooks", "x-webhooks"] {
        for (kind, item) in document.get(word).and_then(Value::as_object).into_iter().flatten() {
            let post = item.get("post").with_context(|| format!("/{word}/{kind}: no post"))?;
            let body = post.pointer("/requestBody/content/application~1json/schema/properties");
            let Some(data) = body.and_then(|body| body.get("data")) else {
                bail!("/{word}/{kind}: the body has no field `data`");
            };
            if let (Some(name), Some(time)) = (referred(data), body.and_then(|body| body.get(TIME))) {
                times.push((name.to_owned(), time.clone()));
            }
            let operation = json!({
                "operationId": kind,
                "tags": ["Events"],
                "description": post.get("description"),
                "x-rust-name": post.get("x-rust-name"),
                "responses": { "200": {
                    "description": "The data of the event.",
                    "content": { "application/json": { "schema": data } },
                }},
            });
            paths.insert(format!("/{kind}"), json!({ "get": operation }));
            log.note(format!("{kind}: {}", referred(data).unwrap_or("in place")));
        }
    }
    if paths.is_empty() {
        bail!("the document has no webhooks");
    }
    for (name, time) in times {
        let place = format!("{}/{name}/properties", SCHEMAS.trim_end_matches('/').trim_start_matches('#'));
        let Some(keywords) = document.pointer_mut(&place).and_then(Value::as_object_mut) else { continue };
        keywords.entry(TIME).or_insert(time);
    }
    let Some(words) = document.as_object_mut() else { bail!("the document is not an object") };
    words.insert("paths".to_owned(), Value::Object(paths));
    for word in ["webhooks", "x-webhooks"] {
        words.shift_remove(word);
    }
    Ok(())
}

/// Marks every type as one of an event: it is read more tolerantly than a response is.
pub(super) fn mark(document: &mut Value) -> Result<()> {
    for schema in super::schemas::schemas_mut(document)?.values_mut() {
        if schema["x-direction"] == "response" {
            schema["x-direction"] = json!("event");
        }
    }
    Ok(())
}

pub(super) fn samples(document: &Value) -> Value {
    let mut found = Map::new();
    for word in ["webhooks", "x-webhooks"] {
        for (kind, item) in document.get(word).and_then(Value::as_object).into_iter().flatten() {
            let named = item.pointer("/post/requestBody/content/application~1json/examples");
            let bodies: Map<String, Value> = named
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(name, example)| Some((name.clone(), example.get("value")?.clone())))
                .collect();
            found.insert(kind.clone(), Value::Object(bodies));
        }
    }
    Value::Object(found)
}
