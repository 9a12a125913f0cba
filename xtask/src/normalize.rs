//! From the corrected document to one that the generator can read: an ordered list of passes, each
//! with one idea and a report of what it changed.
//!
//! A pass states a rule, not a list of places: what is particular to one place belongs into the
//! overlay. After the last pass every object, enum and union has a name of its own under
//! `components.schemas`, and a property is one of: a reference, a plain scalar, free JSON, a list or
//! a map of these.

mod aliases;
mod arguments;
mod callbacks;
mod compose;
mod direction;
mod events;
mod examples;
mod forms;
pub(crate) mod headers;
mod hoist;
mod inline;
pub(crate) mod limits;
pub(crate) mod members;
mod multipart;
mod names;
mod operations;
mod parameters;
pub(crate) mod parts;
mod paths;
mod prune;
mod references;
pub(crate) mod required;
mod responses;
mod scalars;
mod words;

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::document::{self, METHODS};

pub(crate) use names::is_spelled;
pub(crate) use scalars::SENSITIVE_NAMES;
pub use scalars::{BUILT_IN, BuiltIn};

/// What the passes changed.
#[derive(Debug, Default)]
pub struct Log {
    /// Each pass with its changes, in order.
    pub passes: Vec<(&'static str, Vec<String>)>,
}

impl Log {
    /// Notes one change of the pass that runs.
    fn note(&mut self, change: impl Into<String>) {
        if let Some((_, changes)) = self.passes.last_mut() {
            changes.push(change.into());
        }
    }

    /// The log as text: pass by pass, change by change.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (pass, changes) in &self.passes {
            text.push_str(&format!("{pass}: {}\n", changes.len()));
            for change in changes {
                text.push_str(&format!("  {change}\n"));
            }
        }
        text
    }
}

type Pass = fn(&mut Value, &mut Log) -> Result<()>;

/// The passes, in the order in which they run.
const PASSES: [(&str, Pass); 24] = [
    ("schemas within others that are referred to", parts::run),
    ("drop callbacks", callbacks::run),
    ("words that the generator reads", words::run),
    ("drop examples", examples::run),
    ("references in one form", references::run),
    ("inline references to parameters, bodies and responses", inline::run),
    ("paths without a query string", paths::run),
    ("an id for each operation", operations::run),
    ("one success response an operation", responses::run),
    ("leave delivery headers to the transport", headers::run),
    ("each parameter once", parameters::run),
    ("uploads as raw bodies", multipart::run),
    ("schemas in one form", forms::run),
    ("merge allOf, unwrap lone alternatives", compose::run),
    ("names of members", members::run),
    ("dissolve schemas that only rename", aliases::run),
    ("required lists name properties", required::run),
    ("limits and defaults become documentation", limits::run),
    ("names", names::run),
    ("name what is written in place", hoist::run),
    ("requests and responses part ways", direction::run),
    ("scalars by their meaning", scalars::run),
    ("one word in a path or header", arguments::run),
    ("prune", prune::run),
];

/// Whether a change is a decision that another person might have made otherwise, so that a run on a foreign
/// document says it.
pub(crate) fn decides(pass: &str, change: &str) -> bool {
    DECIDING.contains(&pass) || change.ends_with("free JSON")
}

const DECIDING: [&str; 13] = [
    "schemas within others that are referred to",
    "words that the generator reads",
    "references in one form",
    "paths without a query string",
    "an id for each operation",
    "one success response an operation",
    "each parameter once",
    "uploads as raw bodies",
    "schemas in one form",
    "merge allOf, unwrap lone alternatives",
    "names of members",
    "required lists name properties",
    "one word in a path or header",
];

/// The samples of a document of events, by the event's type and their own names.
pub fn samples(document: &Value) -> Value {
    events::samples(document)
}

/// Runs all passes on a document of events.
///
/// # Errors
/// As [`run`], and when an event is described in another form than the others.
pub fn run_events(document: &mut Value) -> Result<Log> {
    let mut log = Log::default();
    log.passes.push(("events as operations", Vec::new()));
    events::run(document, &mut log).context("pass \"events as operations\"")?;
    document::check(document)?;
    log.passes.extend(run(document)?.passes);
    events::mark(document)?;
    Ok(log)
}

/// Runs all passes.
///
/// # Errors
/// When a pass meets something that no rule covers; the message names the place.
pub fn run(document: &mut Value) -> Result<Log> {
    let mut log = Log::default();
    for (name, pass) in PASSES {
        log.passes.push((name, Vec::new()));
        pass(document, &mut log).with_context(|| format!("pass \"{name}\""))?;
    }
    Ok(log)
}

/// The prefix of a reference to a named schema.
const SCHEMAS: &str = "#/components/schemas/";

/// A reference to the named schema.
fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// The name that a schema refers to, if it is a reference.
fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten()
}

/// The named schemas, made if the document has none.
fn schemas_mut(document: &mut Value) -> Result<&mut Map<String, Value>> {
    document
        .as_object_mut()
        .context("the document is not an object")?
        .entry("components")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .context("/components: not an object")?
        .entry("schemas")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .context("/components/schemas: not an object")
}

/// Each operation: its place for messages, and itself.
fn operations_mut(document: &mut Value) -> impl Iterator<Item = (String, &mut Map<String, Value>)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        item.as_object_mut().into_iter().flatten().filter_map(move |(method, operation)| {
            if !METHODS.contains(&method.as_str()) {
                return None;
            }
            Some((format!("{} {path}", method.to_uppercase()), operation.as_object_mut()?))
        })
    })
}

/// The schemas directly under this one: properties, items, values, alternatives.
fn children(schema: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        found.extend(properties.values());
    }
    for key in ["items", "additionalProperties", "not"] {
        found.extend(schema.get(key).filter(|child| child.is_object()));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        found.extend(schema.get(key).and_then(Value::as_array).into_iter().flatten());
    }
    found
}

/// The same, to be changed, each with the step that leads to it.
fn children_mut(schema: &mut Value) -> Vec<(String, &mut Value)> {
    let mut found = Vec::new();
    let Some(members) = schema.as_object_mut() else { return found };
    for (key, member) in members {
        match (key.as_str(), member) {
            ("properties", Value::Object(properties)) => {
                found.extend(properties.iter_mut().map(|(name, child)| (format!(".{name}"), child)));
            }
            ("items", child @ Value::Object(_)) => found.push(("[]".to_owned(), child)),
            ("additionalProperties", child @ Value::Object(_)) => found.push((".*".to_owned(), child)),
            ("oneOf" | "anyOf" | "allOf", Value::Array(alternatives)) => {
                found.extend(
                    alternatives.iter_mut().enumerate().map(|(index, child)| (format!("|{index}"), child)),
                );
            }
            _ => {}
        }
    }
    found
}

/// How deep schemas may be written into one another. A document is far from it; an `allOf` that holds
/// itself in a member, and so would be merged for ever, is not.
const DEEPEST: usize = 64;

/// Visits every schema of the document, parents first: the named ones, then those of each
/// operation's parameters, body and responses. The place reads like `Order.order_meta[]`.
fn visit_schemas(document: &mut Value, visit: &mut impl FnMut(&str, &mut Value) -> Result<()>) -> Result<()> {
    fn walk(
        place: &str,
        depth: usize,
        schema: &mut Value,
        visit: &mut impl FnMut(&str, &mut Value) -> Result<()>,
    ) -> Result<()> {
        if depth > DEEPEST {
            let start: String = place.chars().take(60).collect();
            bail!("{start}…: more than {DEEPEST} schemas deep; does an allOf hold itself?");
        }
        visit(place, schema)?;
        for (step, child) in children_mut(schema) {
            walk(&format!("{place}{step}"), depth + 1, child, visit)?;
        }
        Ok(())
    }

    for (name, schema) in schemas_mut(document)? {
        walk(name, 0, schema, visit)?;
    }
    for (_, operation) in operations_mut(document) {
        for (place, schema) in operation_schemas_mut(operation) {
            walk(&place, 0, schema, visit)?;
        }
    }
    Ok(())
}

/// The outermost schemas of an operation: parameters, body, responses.
fn operation_schemas_mut(operation: &mut Map<String, Value>) -> Vec<(String, &mut Value)> {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or("operation").to_owned();
    let mut found = Vec::new();
    for (key, member) in operation {
        match key.as_str() {
            "parameters" => {
                for parameter in member.as_array_mut().into_iter().flatten() {
                    let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                    if let Some(schema) = parameter.get_mut("schema") {
                        found.push((format!("{id}({name})"), schema));
                    }
                }
            }
            "requestBody" => {
                found.extend(content_schema_mut(member).map(|schema| (format!("{id}:request"), schema)))
            }
            "responses" => {
                for response in member.as_object_mut().into_iter().flat_map(Map::values_mut) {
                    found.extend(
                        content_schema_mut(response).map(|schema| (format!("{id}:response"), schema)),
                    );
                }
            }
            _ => {}
        }
    }
    found
}

/// The schema of a body or response: that of its first media type.
fn content_schema_mut(holder: &mut Value) -> Option<&mut Value> {
    holder.get_mut("content")?.as_object_mut()?.values_mut().next()?.get_mut("schema")
}

/// The names that can be reached from these schemas by references.
fn reachable<'a>(document: &'a Value, roots: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let named = document.pointer("/components/schemas");
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Value> = roots.into_iter().collect();
    while let Some(schema) = open.pop() {
        if let Some(name) = referred(schema)
            && reached.insert(name.to_owned())
        {
            open.extend(named.and_then(|named| named.get(name)));
        }
        open.extend(children(schema));
    }
    reached
}

/// Appends a sentence to a description.
fn describe(schema: &mut Map<String, Value>, sentence: &str) {
    let text = match schema.get("description").and_then(Value::as_str) {
        Some(text) if !text.is_empty() => format!("{}\n\n{sentence}", text.trim_end()),
        _ => sentence.to_owned(),
    };
    schema.insert("description".to_owned(), Value::String(text));
}
