//! What the service may do to a response without notice is done to every example of the document, place
//! by place: the response is still read, and nothing changes but what was touched.
#![allow(clippy::unwrap_used, clippy::panic)]

mod document;

use std::collections::BTreeSet;
use std::time::Instant;

use document::Document;
use recode::recode;
use serde_json::{Map, Value, json};

/// At least this many responses are read.
const MUTATIONS: usize = 100_000;

/// Each has its own share, the same in every run.
const WORKERS: usize = 4;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Field(String),
    Item(usize),
}

/// What is done to one place.
#[derive(Clone, Debug)]
enum Change {
    Drop,
    Replace(Value),
    Add(&'static str, Value),
}

/// An example as it stands in the document, with all that can be done to it.
struct Subject {
    operation: String,
    example: Value,
    /// What becomes of it untouched.
    kept: Value,
    changes: Vec<(Vec<Step>, Change)>,
}

fn places(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    found.push(path.clone());
    let steps: Vec<(Step, &Value)> = match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (Step::Field(name.clone()), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (Step::Item(index), item)).collect()
        }
        _ => Vec::new(),
    };
    for (step, value) in steps {
        path.push(step);
        places(value, path, found);
        path.pop();
    }
}

fn at<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Field(name) => value.get_mut(name),
        Step::Item(index) => value.get_mut(index),
    })
}

/// Text that says no word: a number, a flag or nothing. Where it stands, the type may be no text.
fn is_plain_word(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let spoken = ["", "na", "n/a", "null", "none", "-", "yes", "no", "y", "n", "true", "false"];
    !spoken.contains(&lower.as_str()) && lower.parse::<f64>().is_err()
}

/// A number as the service might write it instead of this text: the same digits, none of them lost.
fn as_number(text: &str) -> Option<Value> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then(|| json!(number))
}

fn changes(value: &Value, path: &[Step]) -> Vec<Change> {
    let mut changes = Vec::new();
    let is_structure = value.is_object() || value.is_array();
    let is_field = matches!(path.last(), Some(Step::Field(_)));
    // A response that is declared as one object, and comes in a list, has to have it.
    if path.len() > 1 || is_field {
        changes.extend([Change::Drop, Change::Replace(Value::Null)]);
    }
    // A list of lists, or of texts where objects are declared, is no list that is known.
    if is_field || !is_structure {
        changes.push(Change::Replace(json!("")));
    }
    if is_field && is_structure {
        changes.push(Change::Replace(json!([])));
    }
    if is_field && value.is_object() {
        changes.push(Change::Replace(json!([value])));
    }
    match value {
        Value::Number(number) => changes.push(Change::Replace(number.to_string().into())),
        Value::String(text) => {
            changes.extend(as_number(text).map(Change::Replace));
            if is_plain_word(text) {
                changes.push(Change::Replace(json!("A_WORD_OF_TOMORROW")));
                changes.push(Change::Replace(json!(7)));
            }
        }
        Value::Object(fields) => {
            for added in [json!(null), json!(7), json!("text"), json!([1, {"a": "b"}]), json!({"a": [1.5]})] {
                changes.push(Change::Add("of_tomorrow", added));
            }
            // The one key of a union: a method of payment that nobody knows yet.
            if fields.len() == 1 {
                changes.push(Change::Replace(json!({ "of_tomorrow": { "a": [1, null], "b": "c" } })));
            }
            changes.push(Change::Replace(json!({})));
        }
        Value::Array(items) => {
            changes.extend(items.first().filter(|_| items.len() == 1).cloned().map(Change::Replace));
            let nulled: Vec<Value> = items.iter().cloned().chain([Value::Null]).collect();
            changes.push(Change::Replace(nulled.into()));
        }
        _ => {}
    }
    changes
}

fn apply(example: &mut Value, path: &[Step], change: &Change) -> bool {
    match (change, path.split_last()) {
        (Change::Drop, Some((Step::Field(name), parent))) => at(example, parent)
            .and_then(Value::as_object_mut)
            .is_some_and(|fields| fields.remove(name).is_some()),
        (Change::Drop, Some((Step::Item(index), parent))) => at(example, parent)
            .and_then(Value::as_array_mut)
            .filter(|items| *index < items.len())
            .map(|items| items.remove(*index))
            .is_some(),
        (Change::Replace(value), _) => at(example, path).map(|place| *place = value.clone()).is_some(),
        (Change::Add(name, value), _) => at(example, path)
            .and_then(Value::as_object_mut)
            .map(|fields| fields.insert((*name).to_owned(), value.clone()))
            .is_some(),
        (Change::Drop, None) => false,
    }
}

/// Where two responses differ; a list of one is its item, and nothing written is nothing.
fn differences(one: &Value, other: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match (one, other) {
        _ if one == other => {}
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                let [left, right] = [left, right].map(|side| side.get(name).unwrap_or(&Value::Null));
                path.push(Step::Field(name.clone()));
                differences(left, right, path, found);
                path.pop();
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                path.push(Step::Item(index));
                differences(left, right, path, found);
                path.pop();
            }
        }
        (Value::Null, Value::Object(fields)) | (Value::Object(fields), Value::Null)
            if !fields.is_empty() && !path.is_empty() =>
        {
            differences(&Value::Object(Map::new()), &Value::Object(fields.clone()), path, found);
        }
        _ => found.push(path.clone()),
    }
}

/// A path without the steps into the first item, which a response in a list of one has and others have not.
fn bare(path: &[Step]) -> Vec<&Step> {
    path.iter().filter(|step| **step != Step::Item(0)).collect()
}

/// Whether a difference is what a change touched, lies within it, or is the value that holds it.
fn concerns(difference: &[Step], touched: &[Step]) -> bool {
    let (difference, touched) = (bare(difference), bare(touched));
    let common = difference.iter().zip(&touched).take_while(|(one, other)| one == other).count();
    common == touched.len() || (common == difference.len() && !difference.is_empty())
}

/// Whether a union lost its known alternative, so that it is kept as it was received, the fields beside the alternative
/// included: they were left out before.
fn is_kept_as_received(path: &[Step], touched: &[Step], before: &Value, sent: &Value, kept: &Value) -> bool {
    let found = |value: &Value| at(&mut value.clone(), path).cloned().filter(|found| !found.is_null());
    let is_beside =
        path.split_last().map(|(_, holder)| holder) == touched.split_last().map(|(_, holder)| holder);
    is_beside && found(before).is_none() && found(kept).is_some() && found(kept) == found(sent)
}

/// Whether the reader misses a field that is always there, and a change took it: the field itself, or an object
/// that holds it.
fn takes_a_present_field(error: &str, applied: &[&(Vec<Step>, Change)]) -> bool {
    if let Some((path, _)) = error.split_once(": no value where one is expected") {
        let name = path.rsplit('.').next().unwrap_or_default();
        return applied.iter().any(|(touched, change)| {
            let is_named = matches!(touched.last(), Some(Step::Field(touched)) if touched == name);
            is_named && matches!(change, Change::Replace(value) if value.is_null() || value == "")
        });
    }
    let Some((_, rest)) = error.split_once("missing field `") else { return false };
    let name = rest.split('`').next().unwrap_or_default();
    applied.iter().any(|(path, change)| match (path.last(), change) {
        (Some(Step::Field(touched)), Change::Drop) => touched == name,
        (last, Change::Replace(Value::Object(all))) => {
            !all.contains_key(name) || matches!(last, Some(Step::Field(touched)) if touched == name)
        }
        (Some(Step::Field(touched)), Change::Replace(value)) => {
            touched == name && (value.is_null() || value == "")
        }
        _ => false,
    })
}

/// Reads the response again after these changes, unless they exclude one another, and notes what is wrong.
fn hold(subject: &Subject, applied: &[&(Vec<Step>, Change)], faults: &mut BTreeSet<String>) -> bool {
    let mut example = subject.example.clone();
    if !applied.iter().all(|(path, change)| apply(&mut example, path, change)) {
        return false;
    }
    let body = serde_json::to_vec(&example).unwrap();
    match recode(&subject.operation, &body).unwrap() {
        // A response is never without some of its fields: then it is no value.
        Err(error) if takes_a_present_field(&error, applied) => {}
        Err(error) => {
            faults.insert(format!("{}: not read: {error} after {applied:?}", subject.operation));
        }
        Ok(kept) => {
            let kept: Value = serde_json::from_str(&kept).unwrap();
            let mut found = Vec::new();
            differences(&subject.kept, &kept, &mut Vec::new(), &mut found);
            let stray = |path: &&Vec<Step>| {
                !applied.iter().any(|(touched, _)| {
                    concerns(path, touched)
                        || is_kept_as_received(path, touched, &subject.kept, &example, &kept)
                })
            };
            for path in found.iter().filter(stray) {
                faults.insert(format!("{}: {path:?} changed after {applied:?}", subject.operation));
            }
        }
    }
    true
}

fn subjects() -> Vec<Subject> {
    let document = Document::open();
    let mut subjects = Vec::new();
    for response in document.responses() {
        for example in document.examples(&response) {
            let body = serde_json::to_vec(&example).unwrap();
            // `examples.rs` reviews those that are not read.
            let Ok(kept) = recode(response.operation, &body).unwrap() else { continue };
            let mut found = Vec::new();
            places(&example, &mut Vec::new(), &mut found);
            let changes = found
                .into_iter()
                .flat_map(|path| {
                    let value = at(&mut example.clone(), &path).unwrap().clone();
                    let changes = changes(&value, &path);
                    changes.into_iter().map(move |change| (path.clone(), change))
                })
                .collect();
            subjects.push(Subject {
                operation: response.operation.to_owned(),
                kept: serde_json::from_str(&kept).unwrap(),
                example,
                changes,
            });
        }
    }
    subjects
}

/// Numbers that follow one another without order, the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }
}

/// The share of one worker: its part of the single changes, then pairs drawn from all. Returns how many
/// changed responses were read, and what was wrong.
fn work(subjects: &[Subject], worker: usize) -> (usize, usize, BTreeSet<String>) {
    let mut faults = BTreeSet::new();
    let mut single = 0;
    let own = subjects.iter().flat_map(|subject| subject.changes.iter().map(move |change| (subject, change)));
    for (subject, change) in own.skip(worker).step_by(WORKERS) {
        single += usize::from(hold(subject, &[change], &mut faults));
    }
    let mut pairs = 0;
    let mut draw = Draw(20_250_101 + worker as u64);
    while single + pairs < MUTATIONS.div_ceil(WORKERS) && faults.is_empty() {
        let subject = &subjects[draw.below(subjects.len())];
        let [one, other] = [(); 2].map(|()| &subject.changes[draw.below(subject.changes.len())]);
        // What lies within another's place may no longer be there.
        if !one.0.starts_with(&other.0) && !other.0.starts_with(&one.0) {
            pairs += usize::from(hold(subject, &[one, other], &mut faults));
        }
    }
    (single, pairs, faults)
}

#[test]
fn nothing_breaks_and_nothing_else_changes() {
    let started = Instant::now();
    let subjects = subjects();
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                scope.spawn({
                    let subjects = &subjects;
                    move || work(subjects, worker)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let single: usize = results.iter().map(|result| result.0).sum();
    let pairs: usize = results.iter().map(|result| result.1).sum();
    let faults: BTreeSet<&String> = results.iter().flat_map(|result| &result.2).collect();
    println!(
        "{} examples of {} operations, {single} single changes, {pairs} pairs, {:?}",
        subjects.len(),
        subjects.iter().map(|subject| &subject.operation).collect::<BTreeSet<_>>().len(),
        started.elapsed()
    );
    let shown: Vec<&str> = faults.iter().take(40).map(|fault| fault.as_str()).collect();
    assert!(faults.is_empty(), "{} faults, such as:\n{}", faults.len(), shown.join("\n"));
    assert!(single > 10_000 && single + pairs >= MUTATIONS, "only {single} and {pairs}");
}
