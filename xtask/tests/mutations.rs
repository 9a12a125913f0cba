//! Documents with faults at random places, from a fixed seed: the vendored one, and the one that has
//! faults already. A run succeeds or names the place; it never panics, and progenitor, which could name
//! none, is never the one to refuse.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use xtask::document;
use xtask::regen::Regen;
use xtask::versions::Versions;

/// Random numbers from a seed.
struct Dice(fastrand::Rng);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0.usize(..sides.max(1))
    }
}

/// The pointers of all objects and lists.
fn places(value: &Value, place: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, child)| (document::escape(name), child)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, child)| (at.to_string(), child)).collect(),
        _ => return,
    };
    found.push(place.to_owned());
    for (step, child) in children {
        places(child, &format!("{place}/{step}"), found);
    }
}

const WORDS: [&str; 34] = [
    "type",
    "format",
    "enum",
    "items",
    "properties",
    "required",
    "allOf",
    "oneOf",
    "anyOf",
    "default",
    "description",
    "minLength",
    "maximum",
    "pattern",
    "additionalProperties",
    "nullable",
    "discriminator",
    "example",
    "examples",
    "title",
    "const",
    "x-kind",
    "x-direction",
    "x-source",
    "operationId",
    "tags",
    "parameters",
    "responses",
    "content",
    "schema",
    "callbacks",
    "servers",
    "not",
    "deprecated",
];

fn trap(dice: &mut Dice, names: &[String]) -> Value {
    let traps = [
        json!(null),
        json!(true),
        json!(""),
        json!("²"),
        json!("3"),
        json!(7),
        json!(-1.5),
        json!([]),
        json!({}),
        json!([null]),
        json!(["string", "null"]),
        json!([1, "a", "a", null, true, ""]),
        json!({ "type": "string", "format": "no such" }),
        json!({ "type": "object", "properties": { "a-b": {}, "a_b": { "type": "string" }, "1": {} } }),
        json!([{ "type": "object", "properties": { "fn": { "type": "integer" } } }, { "type": "string" }]),
        json!({ "oneOf": [{ "type": "null" }, { "type": "string" }] }),
        json!("object"),
        json!("array"),
    ];
    let at = dice.roll(traps.len() + 1);
    match (traps.get(at), names.get(dice.roll(names.len()))) {
        (Some(trap), _) => trap.clone(),
        (None, Some(name)) => json!({ "$ref": format!("#/components/schemas/{}", document::escape(name)) }),
        (None, None) => json!({}),
    }
}

/// One fault at one place.
fn mutate(document: &mut Value, dice: &mut Dice) {
    let names: Vec<String> = document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .map(|schemas| schemas.keys().cloned().collect())
        .unwrap_or_default();
    let mut found = Vec::new();
    // Not the head of the document: that it is one is checked before anything else.
    for part in ["/paths", "/components/schemas"] {
        if let Some(value) = document.pointer(part) {
            places(value, part, &mut found);
        }
    }
    let Some(place) = found.get(2 + dice.roll(found.len().saturating_sub(2))) else { return };
    let trap = trap(dice, &names);
    match document.pointer_mut(place) {
        Some(Value::Object(fields)) => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            let key = keys.get(dice.roll(keys.len())).cloned().unwrap_or_default();
            match dice.roll(4) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert(key, trap)),
                2 => {
                    // The same under another name: a path, an operation, a field.
                    let copy = fields.get(&key).cloned().unwrap_or_default();
                    fields.insert(format!("{key}-2"), copy);
                }
                _ => {
                    let word = WORDS[dice.roll(WORDS.len())];
                    fields.insert(word.to_owned(), trap);
                }
            }
        }
        Some(Value::Array(items)) => match dice.roll(2) {
            0 => items.push(trap),
            _ => items.truncate(1),
        },
        _ => {}
    }
}

/// Runs it on mutations of a document; how many of them succeeded.
fn survives(source: &Path, seeds: std::ops::Range<u64>, faults: usize) -> Result<usize> {
    let original = document::load(source)?;
    let folder = tempfile::tempdir()?;
    let mut succeeded = 0;
    for seed in seeds {
        let mut dice = Dice(fastrand::Rng::with_seed(seed));
        let mut mutated = original.clone();
        (0..faults).for_each(|_| mutate(&mut mutated, &mut dice));
        let path = folder.path().join(format!("{seed}.json"));
        fs::write(&path, mutated.to_string())?;
        if let Some(kept) = std::env::var_os("KEEP_MUTATIONS") {
            fs::copy(&path, Path::new(&kept).join(format!("{seed}.json")))?;
        }
        let task = Regen::new(Some(path), None, None)?;
        match panic::catch_unwind(AssertUnwindSafe(|| task.outcome())) {
            Err(_) => bail!("seed {seed}: panicked"),
            Ok(Ok(_)) => succeeded += 1,
            Ok(Err(error)) => {
                let message = format!("{error:#}");
                ensure!(!message.contains("progenitor"), "seed {seed}: names no place: {message}");
                if std::env::var_os("KEEP_MUTATIONS").is_some() {
                    eprintln!("seed {seed}: {message}");
                }
            }
        }
    }
    Ok(succeeded)
}

#[test]
fn faults_among_faults() -> Result<()> {
    let fixture = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/faults.yaml"));
    let succeeded = survives(&fixture, 0..80, 6)?;
    ensure!(succeeded > 20, "only {succeeded} of 80 succeeded");
    Ok(())
}

#[test]
fn faults_in_the_vendored_document() -> Result<()> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let vendored = root.join(Versions::read(&root)?.current().document);
    let succeeded = survives(&vendored, 0..6, 10)?;
    ensure!(succeeded > 0, "none of 6 succeeded");
    Ok(())
}
