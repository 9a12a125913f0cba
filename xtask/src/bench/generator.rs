//! Turning the document into code, and how that grows with the document: two times and eight times as many
//! paths and schemas, the copies under names of their own.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::goals::Goals;
use super::table::{Table, best};
use crate::document;
use crate::overlay;
use crate::regen::{self, Regen};
use crate::versions::Versions;

const SCHEMA: &str = "#/components/schemas/";

pub(super) fn run(quick: bool, goals: &mut Goals) -> Result<String> {
    let mut table = Table::new(
        "Generator",
        "Seconds of `cargo xtask regen` without the writing, by stage, on the document, and on documents that hold \
         it several times. The build of xtask is the one that runs this; growth is time over time, so 8 would be \
         in step with a document eight times as long.",
        &["document", "load", "overlay", "normalise", "progenitor", "render", "sum, best", "growth"],
    );
    let folder = tempdir()?;
    let mut single = f64::NAN;
    for times in [1, 2, 8] {
        eprintln!("generator: {times} times the document");
        let task = if times == 1 {
            Regen::new(None, None, None)?
        } else {
            let path = folder.join(format!("times-{times}.json"));
            std::fs::write(&path, multiplied(times)?.to_string()).context("cannot write the document")?;
            Regen::new(Some(path), None, None)?
        };
        let mut runs: Vec<Vec<f64>> = Vec::new();
        for _ in 0..if quick { 1 } else { 3 } {
            let outcome = task.outcome()?;
            runs.push(outcome.stages.iter().map(|(_, time)| time.as_secs_f64()).collect());
        }
        let stage = |at: usize| -> Vec<f64> { runs.iter().filter_map(|run| run.get(at).copied()).collect() };
        let sum = best(&runs.iter().map(|run| run.iter().sum()).collect::<Vec<f64>>());
        if times == 1 {
            single = sum;
            goals.add("`regen`, all stages, s", sum, 3.0, 1.0);
        }
        let mut cells = vec![format!("{times}×")];
        cells.extend((0..5).map(|at| format!("{:.2}", best(&stage(at)))));
        cells.extend([format!("{sum:.2}"), format!("{:.1}", sum / single)]);
        table.row(&cells);
    }
    std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    Ok(table.finish())
}

fn tempdir() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("cashfree-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The corrected document, so many times over.
fn multiplied(times: usize) -> Result<Value> {
    let root = regen::root()?;
    let [path, corrections, _] = Versions::read(&root)?.current().below(&root);
    let mut document = document::load(&path)?;
    overlay::apply(&mut document, &corrections)?;
    let original = document.clone();
    let part =
        |pointer: &str| original.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default();
    let (paths, schemas) = (part("/paths"), part("/components/schemas"));
    for copy in 2..=times {
        let suffix = format!("Copy{copy}");
        let renamed = |value: &Value| {
            let mut value = value.clone();
            rename(&mut value, &schemas, &suffix);
            value
        };
        let more = |target: Option<&mut Value>, entries: Vec<(String, Value)>| -> Result<()> {
            target
                .and_then(Value::as_object_mut)
                .context("the document has no paths or schemas")?
                .extend(entries);
            Ok(())
        };
        more(
            document.pointer_mut("/paths"),
            paths.iter().map(|(path, item)| (format!("/copy{copy}{path}"), renamed(item))).collect(),
        )?;
        more(
            document.pointer_mut("/components/schemas"),
            schemas.iter().map(|(name, schema)| (format!("{name}{suffix}"), renamed(schema))).collect(),
        )?;
    }
    Ok(document)
}

/// Lets an operation have its own name, and references lead to the schemas of the same copy.
fn rename(value: &mut Value, schemas: &Map<String, Value>, suffix: &str) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "operationId" => text.push_str(suffix),
                    Value::String(text) if key == "x-rust-name" => text.push_str(suffix),
                    // It names an operation.
                    Value::String(text)
                        if matches!(&**key, "x-cashfree-read-back" | "x-cashfree-look-up") =>
                    {
                        text.push_str(suffix);
                    }
                    Value::String(text)
                        if text.strip_prefix(SCHEMA).is_some_and(|name| schemas.contains_key(name)) =>
                    {
                        text.push_str(suffix);
                    }
                    other => rename(other, schemas, suffix),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, schemas, suffix)),
        _ => {}
    }
}
