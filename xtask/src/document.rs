//! The OpenAPI document: loading, operations, references, and the checks that no pass can replace.
//!
//! [`check`] applies to every document. [`check_operation_ids`] applies to the vendored document only: its
//! operation ids name the methods that callers write, so no pass may choose them.

mod nested;
mod operations;
mod references;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use heck::ToUpperCamelCase;
use serde_json::Value;

use crate::json;
use crate::naming::argument_name;

pub(crate) use nested::{is_referable, is_scalar, nested_schema_name};
pub(crate) use operations::path_shape;
pub use operations::{METHODS, method_and_path, operations};
pub(crate) use references::{LONGEST, behind, parts, references_under, visit_words};
pub use references::{escape, references, resolve};

/// The fields of a document that hold sentences.
pub(crate) const SENTENCES: [&str; 3] = ["description", "summary", "title"];

/// Reads a YAML or JSON file.
///
/// # Errors
/// When the file can't be read, or is neither YAML nor JSON; the message names the file and the place.
pub fn load(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is neither JSON nor YAML", path.display()))
}

fn parse(text: &str) -> Result<Value> {
    // YAML in flow style has names without quotes.
    let is_object = |rest: &str| rest.trim_start().starts_with(['"', '}']);
    if text.trim_start().starts_with('[') || text.trim_start().strip_prefix('{').is_some_and(is_object) {
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

/// Checks what can't be corrected by a rule: the version, the paths, and references that lead nowhere in
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
        None => bail!("this is not an OpenAPI 3.0 document: it has no `openapi` field"),
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
                if !is_component(&pointer) && !is_referable(document, &pointer) {
                    faults.push(format!(
                        "{place}: reference to {target}; only components, the schemas within them and what an operation \
                         sends and returns can be referred to"
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
    let mut found: Vec<(String, &Value)> = operations(document).collect();
    // The shorter path keeps the id, as in a document that nobody corrects.
    found.sort_by_key(|(place, _)| place.split('/').count());
    for (place, operation) in found {
        match operation.get("operationId").and_then(Value::as_str) {
            None | Some("") => {
                let id = unnamed_id(&place);
                let reason = "The operation has no id.";
                faults.push(format!(
                    "{place}: no operationId; a correction gives it one:\n{}",
                    id_correction(&place, &id, reason)
                ));
            }
            Some(id) => {
                if let Some((other, first)) = seen.get(&argument_name(id)) {
                    faults.push(format!(
                        "{place}: operationId {id} is taken by {other} at {first}; a correction gives it another:\n{}",
                        another_id(&place, id)
                    ));
                } else {
                    seen.insert(argument_name(id), (id, place));
                }
            }
        }
    }
    ensure!(faults.is_empty(), "operations can't be distinguished:\n  {}", faults.join("\n  "));
    Ok(())
}

/// The lines of the overlay that give an operation an id of its own: with the words that end its path.
fn another_id(place: &str, id: &str) -> String {
    let (method, path) = method_and_path(place);
    let end = path.rsplit_once('}').map_or(path.as_str(), |(_, end)| end);
    let words = if end.contains(char::is_alphabetic) { end } else { method };
    let name = format!("{id}{}", words.to_upper_camel_case());
    id_correction(place, &name, "The id is that of another operation.")
}

/// An id for an operation that has none: its method and the words of its path.
fn unnamed_id(place: &str) -> String {
    let (method, path) = method_and_path(place);
    format!("{method} {}", path.replace(['{', '}'], " ")).to_upper_camel_case()
}

/// The lines of the overlay that give an operation an id.
fn id_correction(place: &str, id: &str, reason: &str) -> String {
    let (method, path) = method_and_path(place);
    format!(
        "- target: $.paths['{path}'].{method}\n  description: \"{reason}\"\n  update: {{ operationId: {id} }}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn unquoted_yaml_scalars_stay_text() -> anyhow::Result<()> {
        let yaml = "[NO, Yes, on, y, 2024-01-08, 2024-01-08 11:30:00, 12:30:45, 016381, 1_000, 1.10e, ~, true, 4.5, 7]";
        let expected = json!([
            "NO",
            "Yes",
            "on",
            "y",
            "2024-01-08",
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
