//! The overlay held against the new edition: which corrections have lost their place, and which the
//! new edition makes itself.
//!
//! Actions are applied one after the other, as the generator does, since one may stand on what another
//! added. An update is made upstream already when all that it would merge is there, also the items of
//! lists, which a merge would append a second time. A removal followed by an update is one correction
//! in two steps: it is made upstream already when both together change nothing.

use std::path::Path;

use anyhow::{Context, Result};
use roas_overlay::apply::Apply;
use roas_overlay::v1_0::{Action, Overlay};
use serde_json::Value;
use serde_json_path::JsonPath;

use crate::document;

/// How many actions after a removal may belong to the same correction.
const STEPS: usize = 3;

/// What becomes of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It applies and changes something.
    Applies,
    /// Its target matches nothing.
    Stale,
    /// It changes nothing, or would repeat what is there.
    Upstream,
    /// Some of it is there already; these items of lists would come twice.
    Partly(Vec<String>),
    /// It can't be applied, for this reason.
    Fails(String),
}

/// An action with its standing.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Its position, from 0 as in the generator's messages.
    pub number: usize,
    /// JSONPath.
    pub target: String,
    /// The reason, as the overlay gives it.
    pub reason: String,
    /// What becomes of it.
    pub standing: Standing,
}

/// Reads an overlay.
///
/// # Errors
/// When it can't be read or is malformed.
pub fn read(path: &Path) -> Result<Overlay> {
    serde_json::from_value(document::load(path)?)
        .with_context(|| format!("{} is not an OpenAPI Overlay 1.0 document", path.display()))
}

/// Judges each action of an overlay by a document.
pub fn judge(overlay: &Overlay, document: &Value) -> Vec<Judged> {
    let mut document = document.clone();
    let mut judged: Vec<Judged> = Vec::new();
    // The document before the last removal, to see whether what follows undoes it.
    let mut removed: Option<(usize, Value)> = None;
    for (number, action) in overlay.actions.iter().enumerate() {
        if action.is_remove() && removed.as_ref().is_none_or(|(start, _)| number - start >= STEPS) {
            removed = Some((number, document.clone()));
        }
        let standing = standing(action, &document);
        let alone = Overlay { actions: vec![action.clone()], ..overlay.clone() };
        let standing = match alone.apply(&mut document, enumset::EnumSet::empty()) {
            Ok(_) => standing,
            Err(error) => Standing::Fails(error.kind.to_string()),
        };
        judged.push(Judged {
            number,
            target: action.target.clone(),
            reason: action.description.clone().unwrap_or_default(),
            standing,
        });
        if let Some((start, before)) = &removed
            && number > *start
        {
            let steps = judged.get_mut(*start..).unwrap_or_default();
            if *before == document && steps.iter().all(|step| step.standing == Standing::Applies) {
                steps.iter_mut().for_each(|step| step.standing = Standing::Upstream);
            }
            if number - start >= STEPS {
                removed = None;
            }
        }
    }
    judged
}

/// The overlay without the actions that have lost their place.
pub fn without_stale(overlay: &Overlay, judged: &[Judged]) -> Overlay {
    let applies = |number: usize| !judged.iter().any(|action| action.number == number && action.is_lost());
    let kept = overlay.actions.iter().enumerate().filter(|(number, _)| applies(*number));
    Overlay { actions: kept.map(|(_, action)| action.clone()).collect(), ..overlay.clone() }
}

impl Judged {
    /// Whether it stops the generator.
    pub fn is_lost(&self) -> bool {
        matches!(self.standing, Standing::Stale | Standing::Fails(_))
    }
}

fn standing(action: &Action, document: &Value) -> Standing {
    let path = match JsonPath::parse(&action.target) {
        Ok(path) => path,
        Err(error) => return Standing::Fails(error.to_string()),
    };
    let nodes = path.query(document).all();
    if nodes.is_empty() {
        return Standing::Stale;
    }
    let Some(update) = action.update.as_ref().filter(|_| !action.is_remove()) else {
        return if action.is_remove() { Standing::Applies } else { Standing::Upstream };
    };
    let mut merge = Merge::default();
    nodes.iter().for_each(|node| merge.compare(update, node, ""));
    match (merge.is_new, merge.repeated.is_empty()) {
        (false, _) => Standing::Upstream,
        (true, false) => Standing::Partly(merge.repeated),
        (true, true) => Standing::Applies,
    }
}

/// What a merge would bring.
#[derive(Default)]
struct Merge {
    is_new: bool,
    repeated: Vec<String>,
}

impl Merge {
    fn compare(&mut self, update: &Value, node: &Value, path: &str) {
        match (update, node) {
            (Value::Object(update), Value::Object(node)) => {
                for (name, value) in update {
                    match node.get(name) {
                        Some(found) => self.compare(value, found, &format!("{path}.{name}")),
                        None => self.is_new = true,
                    }
                }
            }
            (Value::Array(update), Value::Array(node)) => {
                for item in update {
                    if node.contains(item) {
                        let item = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                        self.repeated.push(format!("{}: {item}", path.trim_start_matches('.')));
                    } else {
                        self.is_new = true;
                    }
                }
            }
            (update, node) => self.is_new |= update != node,
        }
    }
}
