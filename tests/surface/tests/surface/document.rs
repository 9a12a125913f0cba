//! What holds for any document that the code is generated from: it parses after its overlay and the passes, its
//! references lead somewhere, its operations have ids, its paths and parameters agree. How far the current document
//! is curated (OpenAPI as published, descriptions, examples, tags) is in [`crate::curated`].

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use openapiv3::OpenAPI;
use serde_json::{Map, Value};
use xtask::document::{self, METHODS};
use xtask::normalize;
use xtask::overlay;
use xtask::wording;

use crate::{files, outcome, workspace};

#[test]
fn is_of_the_version_of_its_file() -> Result<()> {
    let document = vendored()?;
    let version = document["info"]["version"].as_str().context("no info.version")?;
    ensure!(files()?.document.contains(&format!("v{version}.")), "info.version: {version}");
    Ok(())
}

/// Of the document as it is published, [`crate::curated`] says whether it is OpenAPI.
#[test]
fn parses_as_openapi_after_the_overlay_and_the_passes() -> Result<()> {
    let mut document = corrected()?;
    ensure!(document != vendored()?, "the overlay changes nothing");
    normalize::run(&mut document)?;
    let parsed: OpenAPI = serde_json::from_value(document)?;
    ensure!(!parsed.paths.paths.is_empty(), "no path was found");
    Ok(())
}

#[test]
fn passes_the_generators_own_check() -> Result<()> {
    document::check(&vendored()?)
}

/// A walk of its own, so that a fault of the generator's can't hide one of the document's.
#[test]
fn references_lead_somewhere() -> Result<()> {
    let document = vendored()?;
    let mut faults = Vec::new();
    let mut followed = 0;
    walk(&document, &mut Vec::new(), &mut |place, value| {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else { return };
        if place.last().is_some_and(|step| step == "properties") {
            return;
        }
        followed += 1;
        let steps = target.strip_prefix("#/").map(|rest| rest.split('/'));
        let found = steps.and_then(|mut steps| steps.try_fold(&document, |at, step| at.get(step)));
        if found.is_none() {
            faults.push(format!("{}: {target}", place.join("/")));
        }
    });
    ensure!(followed > 0, "no reference was found");
    none(&faults)
}

#[test]
fn operations_have_ids_of_their_own() -> Result<()> {
    // An edition may give one id twice; the overlay says whose it is.
    let document = corrected()?;
    let mut ids = BTreeSet::new();
    let operations = operations(&document);
    for (place, operation) in &operations {
        let id = operation["operationId"].as_str().with_context(|| format!("{place}: no operationId"))?;
        ensure!(ids.insert(id), "{place}: {id} is taken");
    }
    ensure!(!operations.is_empty(), "no operation was found");
    Ok(())
}

#[test]
fn paths_and_parameters_agree() -> Result<()> {
    let document = vendored()?;
    let mut faults = Vec::new();
    let mut held = 0;
    for (path, item) in fields(&document["paths"]) {
        let braces: BTreeSet<&str> =
            path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
        for method in METHODS.iter().filter(|method| item.get(method).is_some()) {
            let own = list(&item[*method]["parameters"]);
            let declared: BTreeSet<&str> = own
                .chain(list(&item["parameters"]))
                .map(|parameter| resolve(&document, parameter))
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            held += declared.len();
            faults.extend(
                braces.symmetric_difference(&declared).map(|name| format!("{method} {path}: {name}")),
            );
        }
    }
    ensure!(held > 0, "no path parameter was found");
    none(&faults)
}

#[test]
fn every_correction_gives_its_reason() -> Result<()> {
    let corrections = &outcome()?.corrections;
    ensure!(!corrections.is_empty(), "the overlay holds no correction");
    for correction in corrections {
        let length = correction.reason.trim().chars().count();
        ensure!(length >= 20, "{}: `{}` is no reason", correction.target, correction.reason);
    }
    Ok(())
}

pub(crate) fn vendored() -> Result<Value> {
    let files = files()?;
    let mut document = document::load(&workspace(&files.document))?;
    let wording = wording::read(&workspace(&files.wording))?;
    ensure!(wording::apply(&mut document, &wording).is_empty(), "some wording has no place");
    Ok(document)
}

pub(crate) fn corrected() -> Result<Value> {
    let mut document = vendored()?;
    overlay::apply(&mut document, &workspace(&files()?.overlay))?;
    Ok(document)
}

fn none(faults: &[String]) -> Result<()> {
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

pub(crate) fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = fields(&document["paths"]);
    let each = paths.flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| Some((format!("{method} {path}"), item.get(method)?)))
    });
    each.collect()
}

/// What a shared parameter is, where this is a reference to one.
pub(crate) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// Visits every object with its place, but not the payloads under `example` and `examples`.
pub(crate) fn walk(value: &Value, place: &mut Vec<String>, visit: &mut impl FnMut(&[String], &Value)) {
    match value {
        Value::Object(found) => {
            visit(place, value);
            let names_are_data = place.last().is_some_and(|step| step == "properties");
            for (name, field) in found {
                if names_are_data || !matches!(name.as_str(), "example" | "examples") {
                    place.push(name.clone());
                    walk(field, place, visit);
                    place.pop();
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                place.push(index.to_string());
                walk(item, place, visit);
                place.pop();
            }
        }
        _ => {}
    }
}
