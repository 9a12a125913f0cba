//! Each request held against the document: parameters, content type and body.
//!
//! A violation returns 400 and a `code` made after the service's habit: the dotted path of
//! the field, then `_missing` or `_invalid`. Fields that the document does not name are let
//! through, as the service does.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use anyhow::anyhow;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::document::{Document, Operation, Parameter, Place};
use crate::http::errors::{JsonResponse, Refusal};
use crate::http::multipart::Part;
use crate::http::{forms, rules};

/// A request that passed, taken apart.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Path identifiers, decoded once.
    pub(crate) path: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, Vec<String>>,
    /// The JSON body; `null` when there is none.
    pub(crate) body: Value,
}

/// What is looked at.
pub(crate) struct Subject<'a> {
    pub(crate) path: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, Vec<String>>,
    pub(crate) header: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) body: &'a [u8],
    /// The parts of a body that is a form.
    pub(crate) parts: &'a [Part],
}

/// Holds a request against the document.
pub(crate) fn check(
    document: &Document,
    operation: &Operation,
    mut subject: Subject<'_>,
) -> Result<Checked, Refusal> {
    forms::normalize_query(&operation.id, &mut subject.query);
    for parameter in &operation.parameters {
        check_parameter(document, operation, parameter, &subject)?;
    }
    let body = check_body(document, operation, &subject)?;
    Ok(Checked { path: subject.path, query: subject.query, body })
}

fn check_parameter(
    document: &Document,
    operation: &Operation,
    parameter: &Parameter,
    subject: &Subject<'_>,
) -> Result<(), Refusal> {
    let name = parameter.name.as_str();
    let values = match parameter.place {
        Place::Path => subject.path.get(name).cloned().into_iter().collect(),
        Place::Query => subject.query.get(name).cloned().unwrap_or_default(),
        Place::Header => (subject.header)(name).into_iter().collect::<Vec<String>>(),
    };
    let Some(text) = values.first() else {
        if parameter.required {
            return Err(Refusal::bad_request(&format!("{name}_missing"), format!("{name} is required")));
        }
        return Ok(());
    };
    let rule = document.rule(&format!("{} {:?} {name}", operation.id, parameter.place), &parameter.schema)?;
    // A parameter arrives as text whatever its type: read as JSON it may be a number or a boolean.
    let as_text = Value::String(text.clone());
    let as_json = serde_json::from_str::<Value>(text).ok().filter(|v| v.is_number() || v.is_boolean());
    let accepted = match parameter.schema["type"].as_str() {
        // A list is a name repeated, once for each of its items.
        Some("array") => rule.is_valid(&json!(values)),
        // Of a single value there must not be two.
        _ if values.len() > 1 => false,
        _ => rule.is_valid(&as_text) || as_json.is_some_and(|value| rule.is_valid(&value)),
    };
    if accepted {
        return Ok(());
    }
    Err(Refusal::bad_request(&format!("{name}_invalid"), format!("{name} does not have the documented form")))
}

fn check_body(document: &Document, operation: &Operation, subject: &Subject<'_>) -> Result<Value, Refusal> {
    let Some(rule) = &operation.body else {
        return Ok(Value::Null);
    };
    if subject.body.is_empty() {
        if rule.required {
            return Err(Refusal::bad_request("body_missing", "this operation needs a request body"));
        }
        return Ok(Value::Null);
    }
    let content_type = (subject.header)("content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(&rule.media_type) {
        let message = format!("content-type must be {}, not `{essence}`", rule.media_type);
        return Err(Refusal::bad_request("content_type_invalid", message));
    }
    if !essence.eq_ignore_ascii_case("application/json") {
        check_parts(&rule.schema, document, subject.parts)?;
        return Ok(Value::Null);
    }
    let mut body: Value = serde_json::from_slice(subject.body)
        .map_err(|error| Refusal::bad_request("request_failed", format!("the body is not JSON: {error}")))?;
    forms::normalize_body(document, operation, &mut body);
    let compiled = document.rule(&format!("{} body", operation.id), &rule.schema)?;
    // A missing field says more than its consequences, so it is reported first.
    let errors = compiled
        .iter_errors(&body)
        .filter(|error| !forms::is_other_form(error.instance_path().as_str(), &body));
    let mut errors: Vec<Finding> = errors.map(|error| finding(&error, &body)).collect();
    errors.retain(|found| !found.missing || !forms::is_optional(&operation.id, &found.path.join("."), &body));
    let first = errors.iter().find(|found| found.missing).or_else(|| errors.first());
    match first {
        Some(found) => Err(found.refusal()),
        None => {
            forms::for_operation(document, operation, &mut body);
            rules::check(&operation.id, &body).map(|()| body)
        }
    }
}

/// A form has its required parts, and none of them is empty.
fn check_parts(schema: &Value, document: &Document, parts: &[Part]) -> Result<(), Refusal> {
    let by_name = schema["$ref"].as_str().and_then(|r| document.schemas.get(r.rsplit('/').next()?));
    let required = by_name.unwrap_or(schema)["required"].as_array();
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !parts.iter().any(|part| part.name == name && !part.content.is_empty()) {
            let code = format!("{name}_missing");
            return Err(Refusal::bad_request(&code, format!("the part {name} is required")));
        }
    }
    Ok(())
}

/// Checks a response against the document. The service sends nulls where the document declares none, so a
/// null counts as a field left out; and the published branches of `oneOf` overlap, so one that fits is
/// enough.
pub(crate) fn check_response(
    document: &Document,
    operation: &Operation,
    response: &JsonResponse,
) -> Result<(), String> {
    let status = response.status.to_string();
    let Some(schema) = operation.responses.get(&status).or_else(|| operation.responses.get("default")) else {
        // Any operation may be refused; what counts as success is declared.
        let declared = response.status >= 400;
        return if declared { Ok(()) } else { Err(format!("{} declares no {status}", operation.id)) };
    };
    let rule = document
        .response_rule(&format!("{} response {status}", operation.id), schema)
        .map_err(|Refusal(response)| response.body["message"].to_string())?;
    let body = without_nulls(&response.body);
    let errors: Vec<String> = rule
        .iter_errors(&body)
        .filter(|error| !forms::is_other_form(error.instance_path().as_str(), &body))
        .map(|error| format!("{} breaks `{}`", error.instance_path(), error.kind().keyword()))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(format!("{} {status}: {}", operation.id, errors.join("; "))) }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect()
        }
        other => other.clone(),
    }
}

/// One violation, reduced to what the response says.
struct Finding {
    path: Vec<String>,
    missing: bool,
    message: String,
}

impl Finding {
    fn refusal(&self) -> Refusal {
        let path = if self.path.is_empty() { "body".to_owned() } else { self.path.join(".") };
        let ending = if self.missing { "missing" } else { "invalid" };
        Refusal::bad_request(&format!("{path}_{ending}"), format!("{path}: {}", self.message))
    }
}

fn finding(error: &ValidationError<'_>, body: &Value) -> Finding {
    match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            likeliest(context, body).unwrap_or_else(|| plain(error))
        }
        _ => plain(error),
    }
}

fn plain(error: &ValidationError<'_>) -> Finding {
    let pointer = error.instance_path().to_string();
    let mut path: Vec<String> =
        pointer.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~")).collect();
    let missing = match error.kind() {
        ValidationErrorKind::Required { property } => {
            path.push(property.as_str().unwrap_or_default().to_owned());
            true
        }
        _ => false,
    };
    let message = if missing {
        "required, but not sent".to_owned()
    } else {
        // What is allowed, never what was sent: that may be card data, which no response repeats.
        format!("breaks the documented `{}`{}", error.kind().keyword(), allowed(error.kind()))
    };
    Finding { path, missing, message }
}

/// What a rule asks for, behind its name.
fn allowed(kind: &ValidationErrorKind) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Type { kind: TypeKind::Single(one) } => format!(", which is {one}"),
        Kind::Enum { options } => format!(", which is {options}"),
        Kind::Minimum { limit } | Kind::Maximum { limit } => format!(" of {limit}"),
        Kind::MinLength { limit }
        | Kind::MaxLength { limit }
        | Kind::MinItems { limit }
        | Kind::MaxItems { limit }
        | Kind::MaxProperties { limit }
        | Kind::MinProperties { limit } => format!(" of {limit}"),
        Kind::Pattern { pattern } => format!(", which is {pattern}"),
        _ => String::new(),
    }
}

/// The violation inside the alternative that was probably meant: the one whose own fields are
/// there, so that a card without a channel gets an error about the channel, not about seven other methods.
fn likeliest(context: &[Vec<ValidationError<'static>>], body: &Value) -> Option<Finding> {
    let candidates = context.iter().filter(|errors| !errors.is_empty());
    let nested = candidates.filter_map(|errors| {
        let found: Vec<Finding> = errors.iter().map(|error| finding(error, body)).collect();
        let depth = found.iter().map(|f| f.path.len()).min().unwrap_or(0);
        let first = found.iter().position(|f| f.missing).unwrap_or(0);
        found.into_iter().nth(first).map(|found| (depth, found))
    });
    let deepest = nested.max_by_key(|(depth, _)| *depth)?;
    let shallowest =
        context.iter().flatten().map(|e| e.instance_path().to_string().matches('/').count()).min()?;
    // All alternatives failed at the same level: none was meant, so the choice itself is invalid.
    (deepest.1.path.len() > shallowest + 1).then_some(deepest.1)
}

impl Document {
    pub(crate) fn rule(&self, key: &str, schema: &Value) -> Result<Arc<Validator>, Refusal> {
        self.cached(key, || self.compile(schema))
    }

    fn response_rule(&self, key: &str, schema: &Value) -> Result<Arc<Validator>, Refusal> {
        self.cached(key, || build(&for_responses(&self.closed(schema)?)))
    }

    fn cached(
        &self,
        key: &str,
        compile: impl FnOnce() -> anyhow::Result<Validator>,
    ) -> Result<Arc<Validator>, Refusal> {
        let mut rules = self.rules.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rule) = rules.get(key) {
            return Ok(Arc::clone(rule));
        }
        let compiled = compile().map_err(|error| {
            // A schema that can't be compiled is a fault of the document: say so instead of passing.
            Refusal::bad_request(
                "document_invalid",
                format!("the document's schema for {key} is unusable: {error}"),
            )
        })?;
        let compiled = Arc::new(compiled);
        rules.insert(key.to_owned(), Arc::clone(&compiled));
        Ok(compiled)
    }

    pub(crate) fn compile(&self, schema: &Value) -> anyhow::Result<Validator> {
        build(&self.closed(schema)?)
    }

    /// The schema with all that it refers to.
    fn closed(&self, schema: &Value) -> anyhow::Result<Value> {
        let mut needed = Map::new();
        self.collect(schema, &mut needed)?;
        Ok(json!({ "allOf": [schema], "components": { "schemas": needed } }))
    }

    /// The schemas that a schema refers to, however deep.
    fn collect(&self, schema: &Value, into: &mut Map<String, Value>) -> anyhow::Result<()> {
        match schema {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    let name = reference.rsplit('/').next().unwrap_or_default();
                    if !into.contains_key(name) {
                        let found =
                            self.schemas.get(name).ok_or_else(|| anyhow!("{reference} points nowhere"))?;
                        into.insert(name.to_owned(), found.clone());
                        self.collect(found, into)?;
                    }
                }
                fields.values().try_for_each(|field| self.collect(field, into))
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.collect(item, into)),
            _ => Ok(()),
        }
    }
}

/// Of a response's text, these say nothing.
const TEXT_LIMITS: [&str; 2] = ["minLength", "maxLength"];

pub(crate) fn build(root: &Value) -> anyhow::Result<Validator> {
    let options = jsonschema::options().with_draft(Draft::Draft4).should_validate_formats(false);
    options.build(root).map_err(|error| anyhow!("{error}"))
}

/// Every `oneOf` as `anyOf`; and the limits of texts bind requests only: what one operation takes, another may
/// respond with.
fn for_responses(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let renamed = |name: &str| if name == "oneOf" { "anyOf".to_owned() } else { name.to_owned() };
            let mut out: Map<String, Value> =
                fields.iter().map(|(name, value)| (renamed(name), for_responses(value))).collect();
            out.retain(|name, limit| !(TEXT_LIMITS.contains(&name.as_str()) && limit.is_number()));
            // In the published examples a word that isn't there is an empty one.
            if let Some(Value::Array(words)) = out.get_mut("enum") {
                words.push(json!(""));
            }
            Value::Object(out)
        }
        Value::Array(items) => items.iter().map(for_responses).collect(),
        other => other.clone(),
    }
}
