//! Of the responses of an operation one stays: its success, under `2XX`, without headers.
//!
//! Every error status has one body, `message`, `code`, `type` and `help`, which the client reads
//! tolerantly itself: eight error schemas for one shape would only stand in the way, and a proxy's
//! response fits none of them. Headers are read by the client too.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::operations_mut;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut dropped = 0_usize;
    for (place, operation) in operations_mut(document) {
        let responses = operation.get("responses").and_then(Value::as_object).cloned().unwrap_or_default();
        // A default beside a success is what else may come: a failure.
        let mut successes: Vec<_> = responses.iter().filter(|(status, _)| status.starts_with('2')).collect();
        if successes.is_empty() {
            successes.extend(responses.iter().filter(|(status, _)| *status == "default"));
        }
        dropped += responses.len() - successes.len();
        let chosen =
            successes.iter().find(|(_, response)| response.get("content").is_some()).or(successes.first());
        if successes.len() > 1 {
            log.note(format!(
                "{place}: keeps {} of {} success responses",
                chosen.map_or("", |(status, _)| status),
                successes.len()
            ));
        }
        let kept = match chosen {
            Some((_, response)) => keep(response, &place, log),
            None => {
                log.note(format!(
                    "{place}: declares no success response; responses are decoded as free JSON"
                ));
                json!({ "description": "", "content": { "application/json": { "schema": {} } } })
            }
        };
        operation.insert("responses".to_owned(), json!({ "2XX": kept }));
    }
    log.note(format!("{dropped} error responses left to the client"));
    Ok(())
}

/// A JSON body stays with its schema; any other body becomes raw bytes.
fn keep(response: &Value, place: &str, log: &mut Log) -> Value {
    let mut kept = Map::new();
    kept.insert(
        "description".to_owned(),
        response.get("description").filter(|text| text.is_string()).cloned().unwrap_or_else(|| json!("")),
    );
    let content = response.get("content").and_then(Value::as_object).filter(|content| !content.is_empty());
    if let Some(content) = content {
        let json_body = content.iter().find(|(media, _)| media.contains("json") || media.starts_with("*/"));
        let kept_body = match json_body {
            Some((media, body)) => {
                if content.len() > 1 {
                    log.note(format!("{place}: reads {media} of {} media types", content.len()));
                }
                let schema = body.get("schema").cloned().unwrap_or_else(|| json!({}));
                json!({ "application/json": { "schema": schema } })
            }
            None => {
                log.note(format!("{place}: returns raw bytes"));
                json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
            }
        };
        kept.insert("content".to_owned(), kept_body);
    }
    Value::Object(kept)
}
