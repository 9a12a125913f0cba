//! A schema that stands within something else, and is referred to there, becomes one of its own, to which both
//! places refer: what bundles a document of many files leaves such references, and a schema that holds itself
//! can be told in no other way. References to parameters, bodies and responses within an operation are left to
//! [`inline`](super::inline).

use std::collections::BTreeMap;

use anyhow::Result;
use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::{Log, SCHEMAS, schemas_mut};
use crate::document::{self, escape, references, resolve, visit_words};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    references(document, &mut |_, target| {
        if let Some((pointer, _)) = resolve(document, target)
            && let Some(name) = name(document, &pointer)
        {
            found.insert(pointer, name);
        }
    });
    // What stands deeper moves first, so that the place of neither changes before it has moved.
    let mut parts: Vec<(String, String)> = found.into_iter().collect();
    parts.sort_by_key(|(pointer, _)| std::cmp::Reverse(pointer.matches('/').count()));
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for (pointer, stem) in parts {
        let is_taken =
            |name: &str| document.pointer(&format!("/components/schemas/{}", escape(name))).is_some();
        let mut name = stem.clone();
        let mut number = 2;
        while is_taken(&name) {
            name = format!("{stem}{number}");
            number += 1;
        }
        let reference = format!("{SCHEMAS}{name}");
        let Some(part) = document.pointer_mut(&pointer) else { continue };
        let schema = std::mem::replace(part, json!({ "$ref": reference }));
        log.note(format!("{pointer}: referred to; called {name}"));
        schemas_mut(document)?.insert(name, schema);
        named.insert(pointer, reference);
    }
    if named.is_empty() {
        return Ok(());
    }
    visit_words(document, &mut |_, members| {
        let Some(target) = members.get("$ref").and_then(Value::as_str) else { return };
        let plain = target
            .strip_prefix('#')
            .and_then(|pointer| named.get(pointer).or_else(|| named.get(&decoded(pointer))));
        if let Some(reference) = plain.cloned() {
            members.insert("$ref".to_owned(), reference.into());
        }
    });
    Ok(())
}

/// A pointer without percent signs; bundlers write braces so.
fn decoded(pointer: &str) -> String {
    percent_encoding::percent_decode_str(pointer).decode_utf8_lossy().into_owned()
}

/// The name of a schema that stands within something else; `None` for any other place.
pub(crate) fn name(document: &Value, pointer: &str) -> Option<String> {
    let steps: Vec<String> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let (mut words, rest) = match steps.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["components", "schemas", name, _, ..] => (vec![name.to_owned()], steps.get(3..)?),
        ["components", _, name, ..] => (vec![name.to_owned()], below_schema(&steps)?),
        ["paths", path, method, ..] => {
            let operation = document.pointer(&format!("/paths/{}/{method}", escape(path)))?;
            let id = operation.get("operationId").and_then(Value::as_str);
            let sent = steps.iter().any(|step| step == "requestBody");
            let read = steps.iter().any(|step| step == "responses");
            let way = if sent {
                "Request"
            } else if read {
                "Response"
            } else {
                "Parameter"
            };
            let id = id.map_or_else(|| format!("{method} {path}"), str::to_owned);
            (vec![id, way.to_owned()], below_schema(&steps)?)
        }
        _ => return None,
    };
    let mut rest = rest.iter();
    while let Some(step) = rest.next() {
        words.push(match step.as_str() {
            "properties" => rest.next()?.clone(),
            "items" => "Item".to_owned(),
            "additionalProperties" => "Value".to_owned(),
            "allOf" | "anyOf" | "oneOf" => format!("Of{}", rest.next()?),
            _ => return None,
        });
    }
    let name: String = words.iter().map(|word| word.to_upper_camel_case()).collect();
    (!name.is_empty()).then_some(name)
}

/// What leads on from the schema of a parameter, a body or an answer.
fn below_schema(steps: &[String]) -> Option<&[String]> {
    let at = steps.iter().position(|step| step == "schema")?;
    steps.get(at + 1..)
}

/// Whether a place within an operation or a component is one that may be referred to.
pub(crate) fn is_one(document: &Value, pointer: &str) -> bool {
    let within: Vec<&str> = pointer.strip_prefix("/paths/").unwrap_or_default().split('/').skip(1).collect();
    match within[..] {
        ["parameters", _] | [_, "requestBody"] | [_, "parameters" | "responses", _] => true,
        _ => name(document, pointer).is_some() && !leads_back(document, pointer),
    }
}

/// Whether a schema is nothing but a reference to itself.
fn leads_back(document: &Value, pointer: &str) -> bool {
    let mut at = pointer.to_owned();
    for _ in 0..document::LONGEST {
        let part = document.pointer(&at).and_then(|part| part.get("$ref")).and_then(Value::as_str);
        match part.and_then(|target| resolve(document, target)) {
            Some((next, _)) if next == pointer => return true,
            Some((next, _)) => at = next,
            None => return false,
        }
    }
    true
}
