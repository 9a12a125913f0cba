//! Lengths, patterns, bounds and defaults are documented, not enforced: the service checks its own limits
//! and may move them, and in a response they would refuse what was already sent. They are kept under
//! [`extensions::LIMITS`] for the schemas of requests.

use anyhow::Result;
use serde_json::{Map, Value};

use super::log::Log;
use super::schemas::{describe, visit_schemas};
use crate::extensions;

/// The words that limit a value, and the one for what it is unless given.
pub(super) const LIMITS: [&str; 14] = [
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
];

/// What is kept: of each limit, and of the default.
const KEPT_WORDS: [&str; 10] = [
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "default",
];

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut count = 0_usize;
    visit_schemas(document, &mut |_, schema| {
        let Some(keywords) = schema.as_object_mut() else { return Ok(()) };
        let observed = keywords.shift_remove(extensions::OBSERVED_LIMITS).is_some();
        let sentence = sentence(keywords, observed);
        let kept: Map<String, Value> = KEPT_WORDS
            .iter()
            .filter_map(|word| Some((*word, keywords.get(*word)?)))
            .filter(|(word, limit)| is_limit(word, limit))
            .map(|(word, limit)| (word.to_owned(), limit.clone()))
            .collect();
        for key in LIMITS {
            keywords.shift_remove(key);
        }
        keywords.shift_remove(extensions::LIMITS);
        if !kept.is_empty() && !keywords.contains_key("enum") {
            keywords.insert(extensions::LIMITS.to_owned(), kept.into());
        }
        if let Some(sentence) = sentence {
            describe(keywords, &sentence);
            count += 1;
        }
        Ok(())
    })?;
    log.note(format!("{count} limits written into descriptions"));
    Ok(())
}

/// Whether JSON Schema takes this value for this word; documents write a length as text, for instance.
fn is_limit(word: &str, limit: &Value) -> bool {
    match word {
        "default" => true,
        "pattern" => limit.is_string(),
        "minimum" | "maximum" => limit.is_number(),
        _ => limit.is_u64(),
    }
}

/// Says the limits. Those of the document are called so: the service may keep others.
fn sentence(keywords: &Map<String, Value>, observed: bool) -> Option<String> {
    // A limit written as text counts as the number that it spells; any other word is no limit.
    let number = |key: &str| match keywords.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => text.trim().parse::<f64>().is_ok().then(|| text.trim().to_owned()),
        _ => None,
    };
    let mut parts = Vec::new();
    for (low, high, unit) in [
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
        ("minProperties", "maxProperties", " entries"),
    ] {
        match (number(low), number(high)) {
            (Some(low), Some(high)) if low == high => parts.push(format!("{low}{unit}")),
            (Some(low), Some(high)) => parts.push(format!("{low} to {high}{unit}")),
            (Some(low), None) => parts.push(format!("at least {low}{unit}")),
            (None, Some(high)) => parts.push(format!("at most {high}{unit}")),
            (None, None) => {}
        }
    }
    if let Some(pattern) = keywords.get("pattern").and_then(Value::as_str) {
        parts.push(format!("pattern `{pattern}`"));
    }
    let mut text = String::new();
    if !parts.is_empty() {
        let whose = if observed { "Limit" } else { "Documented limit" };
        text = format!("{whose} in requests: {}.", parts.join(", "));
    }
    if let Some(default) = keywords.get("default") {
        let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        text = format!("{text} Default: `{default}`.").trim().to_owned();
    }
    (!text.is_empty()).then_some(text)
}
