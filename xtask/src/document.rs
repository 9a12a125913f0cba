//! The document: read from YAML or JSON, corrected by its overlay, checked for what no rule could mend.
//!
//! Two measures apply. Any document must be one, and what its operations reach must exist: [`check`].
//! What a rule of [`crate::normalize`] decides for a foreign document is a fault of the vendored one
//! where it decides about names that callers write: [`check_operation_ids`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use enumset::EnumSet;
use percent_encoding::percent_decode_str;
use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_0::Overlay;
use roas_overlay::validation::Validate;
use serde_json::{Map, Value};

use crate::json;
use crate::normalize::parts;
use crate::render::argument_name;

/// The HTTP methods that an OpenAPI path item may hold.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Reads a YAML or JSON file.
///
/// # Errors
/// When the file can't be read, or is neither YAML nor JSON; the message names the file and the place.
pub fn load(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is neither JSON nor YAML", path.display()))
}

fn parse(text: &str) -> Result<Value> {
    if text.trim_start().starts_with(['{', '[']) {
        return Ok(json::parse(text)?);
    }
    let options = serde_saphyr::options! {
        // The default is made for configuration files; an API document is larger by far.
        budget: None,
        // What stands without quotes is text wherever YAML 1.2 or a reader of identifiers takes it for text.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    Ok(serde_saphyr::from_str_with_options(text, options)?)
}

/// Neither a chain of references nor what they hold gets longer than this, unless it turns in a circle.
pub(crate) const LONGEST: usize = 32;

/// One applied action of an overlay.
#[derive(Debug, Clone)]
pub struct Correction {
    /// Where it applied, as JSONPath.
    pub target: String,
    /// The reason, as the overlay gives it.
    pub reason: String,
    /// How many places it changed.
    pub places: usize,
}

/// Applies an OpenAPI Overlay 1.0 document.
///
/// # Errors
/// When the overlay can't be read or is malformed, and when one of its actions matches nothing: a
/// correction without a place is out of date.
pub fn apply_overlay(document: &mut Value, path: &Path) -> Result<Vec<Correction>> {
    let overlay: Overlay = serde_json::from_value(load(path)?)
        .with_context(|| format!("{} is not an OpenAPI Overlay 1.0 document", path.display()))?;
    overlay.validate(EnumSet::empty()).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    for (index, action) in overlay.actions.iter().enumerate() {
        ensure!(
            action.description.as_deref().is_some_and(|reason| !reason.trim().is_empty()),
            "{}: action {index} ({}) has no description; each correction states its reason and evidence",
            path.display(),
            action.target,
        );
    }
    let report = overlay
        .apply(document, ApplyOptions::ErrorOnZeroMatch.into())
        .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    Ok(overlay
        .actions
        .iter()
        .zip(&report.actions)
        .map(|(action, outcome)| Correction {
            target: action.target.clone(),
            reason: action.description.clone().unwrap_or_default(),
            places: outcome.matched,
        })
        .collect())
}

/// Checks what can't be mended by a rule: the version, the paths, and references that lead nowhere in
/// what an operation reaches. What the passes drop unread may refer to anything.
///
/// OpenAPI 3.1 is read as 3.0: its own words are translated where there is a translation (lists of
/// types, `const`, null alternatives) and dropped where there is none.
///
/// # Errors
/// Names each fault with its place, as a JSON pointer.
pub fn check(document: &Value) -> Result<()> {
    ensure!(document.is_object(), "the document is not an object");
    // YAML reads a version of two parts as a number.
    let version = document.get("openapi").filter(|version| version.is_string() || version.is_number());
    match version.map(|version| version.to_string().replace('"', "")).as_deref() {
        Some(version) if ["3.0", "3.1"].iter().any(|read| is_edition(version, read)) => {}
        Some(version) => {
            bail!(
                "/openapi: version {version} is not supported; this generator reads OpenAPI 3.0.x, and 3.1.x as 3.0"
            )
        }
        None if document.get("swagger").is_some() => bail!(
            "this is a Swagger 2.0 document; this generator reads OpenAPI 3.0.x, to which a converter leads"
        ),
        None => bail!("this is not an OpenAPI 3.0 document: it has no `openapi` member"),
    }
    let Some(paths) = document.get("paths").and_then(Value::as_object) else {
        bail!("/paths: missing, or not an object");
    };

    let mut faults = Vec::new();
    for (path, item) in paths.iter().filter(|(path, _)| !path.starts_with("x-")) {
        if !item.is_object() {
            faults.push(format!("/paths/{}: not an object", escape(path)));
        } else if item.get("$ref").is_some() {
            faults.push(format!("/paths/{}: a path that refers elsewhere is not supported", escape(path)));
        }
    }
    for scheme in document.pointer("/components/securitySchemes").into_iter() {
        if !scheme.is_object() {
            faults.push("/components/securitySchemes: not an object".to_owned());
        }
    }
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut open = vec!["/paths".to_owned()];
    while let Some(place) = open.pop() {
        let Some(part) = document.pointer(&place) else { continue };
        references_under(part, &place, &mut |place, target| match resolve(document, target) {
            None if target.starts_with('#') => {
                faults.push(format!("{place}: reference to {target}, which does not exist"));
            }
            None => faults.push(format!(
                "{place}: reference to `{target}`, which is not in this document; put it under /components"
            )),
            Some((pointer, _)) => {
                if !is_component(&pointer) && !parts::is_one(document, &pointer) {
                    faults.push(format!(
                        "{place}: reference to {target}; only components, the schemas within them and what an operation \
                         sends and answers can be referred to"
                    ));
                } else if reached.insert(pointer.clone()) {
                    open.push(pointer);
                }
            }
        });
    }
    ensure!(faults.is_empty(), "the document can't be generated from:\n  {}", faults.join("\n  "));
    Ok(())
}

/// `3.0` and `3.0.3` are editions of `3.0`; `3.01` is none.
fn is_edition(version: &str, read: &str) -> bool {
    version.strip_prefix(read).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a pointer leads to a component as a whole, as `/components/schemas/Order`.
fn is_component(pointer: &str) -> bool {
    pointer.strip_prefix("/components/").is_some_and(|rest| rest.split('/').count() == 2)
}

/// Checks that each operation has an id that no other one spells alike. It is asked of the vendored
/// document, whose ids are the names of methods; for another one a rule makes the names.
///
/// # Errors
/// Names each fault with its place, as a JSON pointer.
pub fn check_operation_ids(document: &Value) -> Result<()> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<String, (&str, String)> = BTreeMap::new();
    for (place, operation) in operations(document) {
        match operation.get("operationId").and_then(Value::as_str) {
            None | Some("") => faults.push(format!("{place}: no operationId")),
            Some(id) => {
                if let Some((other, first)) = seen.insert(argument_name(id), (id, place.clone())) {
                    faults.push(format!("{place}: operationId {id} is taken by {other} at {first}"));
                }
            }
        }
    }
    ensure!(faults.is_empty(), "operations can't be told apart:\n  {}", faults.join("\n  "));
    Ok(())
}

/// What a reference within the document names, with its pointer; a percent-encoded one is decoded.
pub fn resolve<'a>(document: &'a Value, target: &str) -> Option<(String, &'a Value)> {
    let pointer = target.strip_prefix('#')?;
    if let Some(found) = document.pointer(pointer) {
        return Some((pointer.to_owned(), found));
    }
    let decoded = percent_decode_str(pointer).decode_utf8().ok()?.into_owned();
    let found = document.pointer(&decoded)?;
    Some((decoded, found))
}

/// Every operation with its place as a JSON pointer, in the document's order.
pub fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let operation = item.get(method)?;
            Some((format!("/paths/{}/{method}", escape(path)), operation))
        })
    })
}

/// The method and path of an operation's place: `/paths/~1orders/get` is `get` and `/orders`. What
/// follows `#` in the key of a path tells operations apart and is not sent.
pub fn method_and_path(place: &str) -> (&str, String) {
    let (pointer, method) = place.rsplit_once('/').unwrap_or((place, ""));
    let path = pointer.strip_prefix("/paths/").unwrap_or(pointer).replace("~1", "/").replace("~0", "~");
    let sent = path.split_once('#').map_or(path.as_str(), |(sent, _)| sent).to_owned();
    (method, sent)
}

/// What stands under a word of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Under {
    /// A part of the document: its members are words.
    Words,
    /// Parts by names that the API chose; `example` and `default` may be such a name.
    Names,
    /// Payloads, extensions, and what the generator drops unread.
    Data,
}

impl Under {
    pub(crate) fn word(word: &str, value: &Value) -> Self {
        match word {
            "example" | "examples" | "default" | "enum" | "const" | "callbacks" | "links" | "security"
            | "mapping" | "servers" | "tags" | "webhooks" | "externalDocs" | "headers" => Self::Data,
            "$defs" | "content" | "encoding" | "parameters" | "pathItems" | "paths" | "patternProperties"
            | "properties" | "requestBodies" | "responses" | "schemas" | "securitySchemes"
                if value.is_object() =>
            {
                Self::Names
            }
            extension if extension.starts_with("x-") => Self::Data,
            _ => Self::Words,
        }
    }
}

/// Calls back with each part of the document whose members are words, outermost first.
pub(crate) fn visit_words(value: &mut Value, visit: &mut impl FnMut(&str, &mut Map<String, Value>)) {
    fn walk(
        value: &mut Value,
        names: bool,
        place: &mut String,
        visit: &mut impl FnMut(&str, &mut Map<String, Value>),
    ) {
        let length = place.len();
        match value {
            Value::Object(members) => {
                if !names {
                    visit(place, members);
                }
                for (name, member) in members {
                    let under = if names { Under::Words } else { Under::word(name, member) };
                    if under != Under::Data {
                        place.push('/');
                        place.push_str(&escape(name));
                        walk(member, under == Under::Names, place, visit);
                        place.truncate(length);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    place.push_str(&format!("/{index}"));
                    walk(item, false, place, visit);
                    place.truncate(length);
                }
            }
            _ => {}
        }
    }
    walk(value, false, &mut String::new(), visit);
}

/// Calls back with the place and the target of each `$ref` that means something: not within examples,
/// defaults and extensions, whose contents are payloads, nor in what is dropped unread.
pub fn references(value: &Value, found: &mut impl FnMut(&str, &str)) {
    references_under(value, "", found);
}

fn references_under(value: &Value, place: &str, found: &mut impl FnMut(&str, &str)) {
    fn walk(value: &Value, place: &mut String, names: bool, found: &mut impl FnMut(&str, &str)) {
        let length = place.len();
        match value {
            Value::Object(members) => {
                if !names && let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    found(place, target);
                }
                for (name, member) in members {
                    let under = if names { Under::Words } else { Under::word(name, member) };
                    if under != Under::Data {
                        place.push('/');
                        place.push_str(&escape(name));
                        walk(member, place, under == Under::Names, found);
                        place.truncate(length);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    place.push_str(&format!("/{index}"));
                    walk(item, place, false, found);
                    place.truncate(length);
                }
            }
            _ => {}
        }
    }
    let names = matches!(place, "/paths");
    walk(value, &mut place.to_owned(), names, found);
}

/// A name as it stands in a JSON pointer.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn what_stands_without_quotes_is_not_taken_for_more_than_it_is() -> anyhow::Result<()> {
        let yaml = "[NO, Yes, on, y, 2025-01-01, 2024-01-08 11:30:00, 12:30:45, 016381, 1_000, 1.10e, ~, true, 4.5, 7]";
        let expected = json!([
            "NO",
            "Yes",
            "on",
            "y",
            "2025-01-01",
            "2024-01-08 11:30:00",
            "12:30:45",
            "016381",
            "1_000",
            "1.10e",
            null,
            true,
            4.5,
            7
        ]);
        assert_eq!(parse(&format!("list: {yaml}"))?, json!({ "list": expected }));
        Ok(())
    }
}
