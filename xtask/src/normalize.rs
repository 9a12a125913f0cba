//! From the corrected document to one that the generator can read: an ordered list of passes, each
//! with one idea and a report of what it changed.
//!
//! A pass states a rule, not a list of places: what is particular to one place belongs into the
//! overlay. After the last pass every object, enum and union has a name of its own under
//! `components.schemas`, and a property is one of: a reference, a plain scalar, free JSON, a list or
//! a map of these.

mod aliases;
mod arguments;
mod base;
mod callbacks;
mod compose;
mod direction;
mod events;
mod examples;
mod fields;
mod forms;
pub(crate) mod headers;
mod hoist;
mod inline;
mod limits;
mod log;
mod multipart;
mod names;
mod operations;
mod parameters;
mod parts;
mod paths;
mod present;
mod prune;
mod references;
pub(crate) mod required;
mod responses;
mod scalars;
mod schemas;
mod shared;
mod shown;
mod words;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::document;

pub(crate) use base::server_url;
pub use log::Log;
pub(crate) use log::decides;
pub use shared::run_shared;

type Pass = fn(&mut Value, &mut Log) -> Result<()>;

/// The passes, in the order in which they run.
const PASSES: [(&str, Pass); 27] = [
    ("examples in place of references to them", shown::run),
    ("fields that stand in each response", present::run),
    ("schemas within others that are referred to", parts::run),
    ("drop callbacks", callbacks::run),
    ("paths relative to the servers", base::run),
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
    ("names of fields", fields::run),
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
