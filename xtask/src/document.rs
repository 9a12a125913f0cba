//! The document: read from YAML or JSON, corrected by its overlay, checked for what no generator
//! could mend.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use enumset::EnumSet;
use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_0::Overlay;
use roas_overlay::validation::Validate;
use serde_json::Value;

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
        return Ok(serde_json::from_str(text)?);
    }
    // The default budget is made for configuration files; an API document is larger by far.
    let options = serde_saphyr::options! { budget: None };
    Ok(serde_saphyr::from_str_with_options(text, options)?)
}

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

/// Checks what can't be mended by a rule: the version, dangling references, operation ids.
///
/// # Errors
/// Names each fault with its place, as a JSON pointer.
pub fn check(document: &Value) -> Result<()> {
    ensure!(document.is_object(), "the document is not an object");
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.0.") => {}
        Some(version) => {
            bail!("/openapi: version {version} is not supported; this generator reads OpenAPI 3.0.x")
        }
        None => bail!("this is not an OpenAPI 3.0 document: it has no `openapi` member"),
    }
    let Some(paths) = document.get("paths").and_then(Value::as_object) else {
        bail!("/paths: missing, or not an object");
    };

    let mut faults = Vec::new();
    for (path, item) in paths {
        if !item.is_object() {
            faults.push(format!("/paths/{}: not an object", escape(path)));
        } else if item.get("$ref").is_some() {
            faults.push(format!("/paths/{}: a path that refers elsewhere is not supported", escape(path)));
        }
    }
    references(document, &mut |place, target| {
        let found = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        if found.is_none() {
            faults.push(format!("{place}: reference to {target}, which does not exist"));
        } else if target.strip_prefix("#/components/schemas/").is_some_and(|name| name.contains(['/', '~'])) {
            faults.push(format!("{place}: reference to {target}; only whole schemas can be referred to"));
        }
    });

    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (place, operation) in operations(document) {
        match operation.get("operationId").and_then(Value::as_str) {
            None | Some("") => faults.push(format!("{place}: no operationId")),
            Some(id) => {
                if let Some(first) = seen.insert(id, place.clone()) {
                    faults.push(format!("{place}: operationId {id} is taken by {first}"));
                }
            }
        }
    }
    ensure!(faults.is_empty(), "the document can't be generated from:\n  {}", faults.join("\n  "));
    Ok(())
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

/// The method and path of an operation's place: `/paths/~1orders/get` is `get` and `/orders`.
pub fn method_and_path(place: &str) -> (&str, String) {
    let (pointer, method) = place.rsplit_once('/').unwrap_or((place, ""));
    (method, pointer.trim_start_matches("/paths/").replace("~1", "/").replace("~0", "~"))
}

/// Calls back with the place and the target of each `$ref` outside of examples, whose contents are
/// payloads and not part of the document.
pub fn references(value: &Value, found: &mut impl FnMut(&str, &str)) {
    fn walk(value: &Value, place: &mut String, names_are_data: bool, found: &mut impl FnMut(&str, &str)) {
        match value {
            Value::Object(members) => {
                if !names_are_data && let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    found(place, target);
                }
                for (name, member) in members {
                    if !names_are_data && matches!(name.as_str(), "example" | "examples") {
                        continue;
                    }
                    let length = place.len();
                    place.push('/');
                    place.push_str(&escape(name));
                    walk(member, place, !names_are_data && name == "properties", found);
                    place.truncate(length);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let length = place.len();
                    place.push_str(&format!("/{index}"));
                    walk(item, place, false, found);
                    place.truncate(length);
                }
            }
            _ => {}
        }
    }
    walk(value, &mut String::new(), false, found);
}

/// A name as it stands in a JSON pointer.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
