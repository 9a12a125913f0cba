//! How far the current document is curated, as a snapshot: a new edition changes it, and the review decides what is
//! written first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::Result;
use insta::assert_snapshot;
use openapiv3::OpenAPI;
use serde_json::Value;
use xtask::extensions::KEPT_FROM;

use crate::document::{corrected, fields, list, operations, vendored, walk};
use crate::outcome;

/// What a place without wording is.
fn kind(pointer: &str) -> &'static str {
    let steps: Vec<&str> = pointer.split('/').skip(1).collect();
    match steps[..] {
        ["paths", _, _, "description"] => "operations",
        [.., "parameters", _, "description"] => "parameters",
        ["components", "schemas", _, "description"] => "schemas",
        _ => "fields",
    }
}

#[test]
fn the_state_of_the_document() -> Result<()> {
    let document = vendored()?;
    let mut text = String::new();

    // What the crate `openapiv3` can't read is corrected by a pass, or `document` fails.
    let as_openapi = [("as published", document.clone()), ("after the overlay", corrected()?)];
    let faults = as_openapi.into_iter().filter_map(|(state, document)| {
        Some(format!("{state}: {}", serde_json::from_value::<OpenAPI>(document).err()?))
    });
    section(&mut text, "what a reader of OpenAPI 3.0 refuses", faults)?;

    let mut unworded: BTreeMap<&str, usize> = BTreeMap::new();
    for pointer in &outcome()?.without_wording {
        *unworded.entry(kind(pointer)).or_default() += 1;
    }
    writeln!(text, "without wording (`cargo xtask regen --verbose` lists them):")?;
    for (kind, count) in unworded {
        writeln!(text, "  {count} {kind}")?;
    }

    let kept = operations(&document).into_iter().filter(|(_, operation)| operation.get(KEPT_FROM).is_some());
    section(&mut text, "operations kept from another edition", kept.map(|(place, _)| place))?;

    let declared: BTreeSet<&str> = list(&document["tags"]).filter_map(|tag| tag["name"].as_str()).collect();
    let mut undeclared = BTreeSet::new();
    for (_, operation) in operations(&document) {
        let tags = list(&operation["tags"]).filter_map(Value::as_str);
        undeclared.extend(tags.filter(|tag| !declared.contains(tag)).map(str::to_owned));
    }
    section(&mut text, "tags of operations that are not declared", undeclared)?;

    section(&mut text, "examples where no tool looks for them", misplaced(&document))?;
    assert_snapshot!("document", text);
    Ok(())
}

fn section(text: &mut String, title: &str, items: impl IntoIterator<Item = String>) -> Result<()> {
    writeln!(text, "{title}:")?;
    for item in items {
        writeln!(text, "  {item}")?;
    }
    Ok(())
}

/// An example belongs to a schema, a media type or a parameter.
fn misplaced(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, &mut Vec::new(), &mut |place, value| {
        if place.last().is_some_and(|step| step == "properties") {
            return;
        }
        for word in ["example", "examples"].into_iter().filter(|word| value.get(word).is_some()) {
            let within = |step: &str| place.iter().any(|part| part == step);
            let holder = place.iter().rev().nth(1).map(String::as_str);
            let is_schema = within("schema") || within("schemas");
            let may = match word {
                "example" => is_schema || matches!(holder, Some("content" | "parameters")),
                _ => matches!(holder, Some("content" | "parameters")),
            };
            if !may {
                found.push(format!("{}/{word}", place.join("/")));
            }
            if word == "examples" && fields(&value[word]).any(|(_, example)| example.get("value").is_none()) {
                found.push(format!("{}/examples: one has no value", place.join("/")));
            }
        }
    });
    found
}
