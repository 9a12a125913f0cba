//! Payloads in files: each is read as the response or the error that its name says, written again, and
//! held against what was received.
//!
//! Null, absent, an empty list and an empty object are the same, and so is a word for nothing where no
//! text is kept. Numbers are compared by their exact value, and equal the text of their digits; a list of one
//! equals what it holds, and structure where text is declared equals the text of its JSON. What the document
//! does not know may go missing, and is counted; what it knows may not. The types decide which is which
//! that are made of the corrected document. A field with an unexpected JSON type is kept beside the value,
//! as the JSON that it is. Both of these are reported.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use cashfree::{
    BoxFuture, Client, Credentials, Environment, ErrorKind, RetryPolicy, Transport, TransportError,
    UnparsedField,
};
use http::{Request, Response, StatusCode};
use xtask::model::{Kind, Model, Shape};
use xtask::versions::Versions;
use xtask::{document, normalize, overlay};

use crate::files;
use crate::json::{Exact, Json, kind as kind_of};

/// What became of the payloads.
#[derive(Debug, Default)]
pub struct Report {
    /// A line for each payload that failed.
    pub failures: Vec<String>,
    /// How many did not.
    pub passed: usize,
    /// Files of folders whose names say nothing about a response.
    pub skipped: usize,
    /// Fields that the document does not know, and that were left out.
    pub unknown: usize,
    /// Where fields were left unparsed: kept as received, beside the value.
    pub unparsed: Vec<String>,
    /// Where structure came in place of text, and is kept as the text of its JSON.
    pub as_text: Vec<String>,
    /// Where text has U+FFFD in place of what is not Unicode.
    pub replaced: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{failure}")?;
        }
        for place in &self.unparsed {
            writeln!(f, "unparsed: {place}")?;
        }
        for place in &self.as_text {
            writeln!(f, "structure kept as text: {place}")?;
        }
        for place in &self.replaced {
            writeln!(f, "text replaced: {place}")?;
        }
        writeln!(f, "{} files skipped", self.skipped)?;
        if self.passed + self.failures.len() == 0 {
            writeln!(f, "no file is named {NAMES}")?;
        }
        writeln!(f, "{} fields unknown to the document left out", self.unknown)?;
        writeln!(f, "{} passed, {} failed", self.passed, self.failures.len())
    }
}

/// Forms of a file's name.
const NAMES: &str = "OPERATION.response.STATUS.*.json or NUMBER.OPERATION.STATUS.json";

/// Checks files, and every payload of folders. A file or folder that can't be read is a failure, and so is a file that
/// is given by itself and whose name says nothing about a response.
///
/// # Errors
/// When the API document can't be read.
pub fn check(paths: &[impl AsRef<Path>]) -> Result<Report> {
    let checker = Checker::open()?;
    let mut report = Report::default();
    for file in files::list(paths) {
        let name = file.name();
        let named = named(&name);
        if named.is_none() && !file.is_named {
            report.skipped += 1;
            continue;
        }
        let body = match file.read() {
            Ok(body) => body,
            Err(reason) => {
                report.failures.push(format!("{file}: {reason}"));
                continue;
            }
        };
        let Some((operation, status)) = named else {
            report.failures.push(format!("{file}: not checked, because it is not named {NAMES}"));
            continue;
        };
        let outcome = checker.check(operation, status, &body);
        report.unknown += outcome.unknown;
        report.unparsed.extend(outcome.unparsed.iter().map(|path| format!("{file}: {path}")));
        report.replaced.extend(outcome.replaced.iter().map(|path| format!("{file}: {path}")));
        report.as_text.extend(outcome.as_text.iter().map(|path| format!("{file}: {path}")));
        match outcome.faults.first() {
            None => report.passed += 1,
            Some(_) => report.failures.push(format!("{file}: {}", outcome.faults.join("; "))),
        }
    }
    Ok(report)
}

/// The operation and the status in a file's name: `OPERATION.response.STATUS.WORDS.json` or
/// `NUMBER.OPERATION.STATUS.json`.
pub fn named(name: &str) -> Option<(&str, StatusCode)> {
    let words: Vec<&str> = name.strip_suffix(".json")?.split('.').collect();
    let (operation, status) = match words.as_slice() {
        [operation, "response", status, ..] => (*operation, *status),
        [number, operation, status]
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            (*operation, *status)
        }
        _ => return None,
    };
    Some((operation, status.parse().ok()?)).filter(|_| !operation.is_empty())
}

/// What one payload came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Places and what is wrong there.
    pub faults: Vec<String>,
    /// Fields that the document does not know.
    pub unknown: usize,
    /// Fields that were left unparsed.
    pub unparsed: Vec<String>,
    /// Fields of text that hold structure.
    pub as_text: Vec<String>,
    /// Texts with U+FFFD in place of what is not Unicode.
    pub replaced: Vec<String>,
}

/// The types of the corrected document.
pub struct Checker(Model);

impl Checker {
    /// Reads the vendored document and its corrections.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open() -> Result<Self> {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let [document, overlay, _] = Versions::read(root)?.current().below(root);
        let mut document = document::load(&document)?;
        overlay::apply(&mut document, &overlay)?;
        normalize::run(&mut document)?;
        Ok(Self(Model::read(&document)?))
    }

    /// Reads one body as the response of an operation.
    pub fn check(&self, operation: &str, status: StatusCode, body: &[u8]) -> Outcome {
        let mut outcome = Outcome::default();
        if let Err(fault) = self.read(operation, status, body, &mut outcome) {
            outcome.faults.push(fault);
        }
        outcome
    }

    fn read(
        &self,
        operation: &str,
        status: StatusCode,
        body: &[u8],
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let Some(known) = self.0.operations.iter().find(|found| found.id == operation) else {
            return Err(format!("no operation is called {operation}"));
        };
        let sent = Json::parse(body).map_err(|error| format!("no JSON: {error}"))?;
        if !status.is_success() {
            return error(status, body, &sent, outcome);
        }
        let decoded =
            recode::recode_tolerant(operation, body).ok_or("the crate does not know the operation")??;
        let (kept, unparsed) = (decoded.value, decoded.unparsed);
        outcome.replaced = decoded.replaced_text;
        let kept = Json::parse(kept.as_bytes()).map_err(|error| format!("written as no JSON: {error}"))?;
        let mut walk = Walk { model: Some(&self.0), unparsed: &unparsed, outcome };
        walk.compare("$", known.response_body.as_ref().unwrap_or(&Kind::Free), &sent, &kept);
        Ok(())
    }
}

/// Responds to every request with one error.
#[derive(Debug)]
struct Canned(StatusCode, Bytes);

impl Transport for Canned {
    fn send(&self, _: Request<Bytes>, _: Duration) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let mut response = Response::new(self.1.clone());
        *response.status_mut() = self.0;
        response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
        Box::pin(async move { Ok(response) })
    }
}

/// An error body is read by the client itself, in the way that is the same for all operations.
fn error(status: StatusCode, body: &[u8], sent: &Json, outcome: &mut Outcome) -> Result<(), String> {
    let fault = |what: &dyn fmt::Display| format!("reading an error: {what}");
    let credentials = Credentials::client_secret("id", "secret");
    let client = Client::builder(Environment::Sandbox, credentials)
        .retry(RetryPolicy::none())
        .transport(Canned(status, Bytes::copy_from_slice(body)))
        .build()
        .map_err(|error| fault(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| fault(&error))?;
    let Err(error) = runtime.block_on(async { client.orders().get("order").await }) else {
        return Err(format!("status {status} was taken for a success"));
    };
    if error.kind() != ErrorKind::Api || error.status() != Some(status) {
        return Err(format!("status {status} became {:?} {:?}", error.kind(), error.status()));
    }
    let is_recognized = match status.as_u16() {
        401 | 403 => error.is_auth(),
        // Without a code or a type it may be a proxy's.
        404 if error.api().is_some_and(|api| api.code.is_some() || api.error_type.is_some()) => {
            error.is_not_found()
        }
        409 => error.is_conflict(),
        429 => error.is_rate_limited(),
        _ => true,
    };
    if !is_recognized {
        return Err(format!("the error does not say that its status is {status}"));
    }
    let none = Vec::new();
    let found = match sent {
        Json::Object(found) => found,
        Json::List(items) => match lone(items) {
            Some(Json::Object(found)) => found,
            _ => &none,
        },
        _ => &none,
    };
    let words =
        error.api().map_or([("code", &None), ("type", &None), ("message", &None), ("help", &None)], |api| {
            [("code", &api.code), ("type", &api.error_type), ("message", &api.message), ("help", &api.help)]
        });
    let mut walk = Walk { model: None, unparsed: &[], outcome };
    for (name, value) in found {
        match words.iter().find(|(known, _)| known == name) {
            Some((_, kept)) => {
                let kept = kept.as_ref().map_or(Json::Null, |word| Json::Text(word.clone()));
                if is_masked(value, &kept) {
                    continue;
                }
                walk.compare(&format!("$.{name}"), &Kind::Text, value, &kept);
            }
            None => walk.outcome.unknown += 1,
        }
    }
    Ok(())
}

/// Whether a sentence is kept but for what is masked in it: cards and addresses, which it quotes.
fn is_masked(sent: &Json, kept: &Json) -> bool {
    let (Json::Text(sent), Json::Text(kept)) = (sent, kept) else { return false };
    let mut rest = sent.as_str();
    kept.contains("***")
        && kept.split("***").all(|part| {
            let found = rest.find(part).and_then(|at| rest.get(at + part.len()..));
            rest = found.unwrap_or_default();
            found.is_some()
        })
}

/// The comparison of one payload.
struct Walk<'a> {
    model: Option<&'a Model>,
    unparsed: &'a [UnparsedField],
    outcome: &'a mut Outcome,
}

impl Walk<'_> {
    fn fault(&mut self, path: &str, what: String) {
        self.outcome.faults.push(format!("{path}: {what}"));
    }

    fn compare(&mut self, path: &str, kind: &Kind, sent: &Json, kept: &Json) {
        if is_blank(sent) && is_blank(kept) || self.is_unparsed(path, sent) {
            return;
        }
        match (sent, kept) {
            (Json::Object(fields), Json::Object(_)) => self.fields(path, kind, fields, kept),
            // Nothing of an object was known: it is written as an empty one, or not at all.
            (Json::Object(fields), Json::Null) if matches!(kind, Kind::Object(_)) => {
                self.fields(path, kind, fields, kept);
            }
            (Json::List(sent), Json::List(kept)) => self.items(path, kind, sent, kept),
            (Json::List(items), kept) if lone(items).is_some() => {
                let Some(item) = lone(items) else { return };
                self.compare(path, inner(kind), item, kept);
            }
            (sent, Json::List(items)) if lone(items).is_some() => {
                let Some(item) = lone(items) else { return };
                self.compare(path, inner(kind), sent, item);
            }
            (Json::Object(_), Json::List(items)) if items.is_empty() => {
                self.fault(path, "an object lost where a list is declared".to_owned());
            }
            (sent, kept) if is_same_scalar(sent, kept) => {}
            // Where text is declared, structure is kept whole, as the JSON that it is.
            (Json::Object(_) | Json::List(_), Json::Text(kept))
                if Json::parse(kept.as_bytes()).is_ok_and(|kept| kept == *sent) =>
            {
                self.outcome.as_text.push(path.to_owned());
            }
            // The words for nothing, where a number, a flag or an object is declared.
            (Json::Text(text), Json::Null | Json::List(_) | Json::Object(_))
                if is_nothing(text) && is_blank(kept) => {}
            (Json::Text(text), kept) if is_map(kind) && text.trim() == "{}" && is_blank(kept) => {}
            (_, kept) if is_blank(kept) => self.fault(path, format!("{} lost", kind_of(sent))),
            (Json::Null, _) => self.fault(path, format!("{} made of nothing", kind_of(kept))),
            _ if kind_of(sent) == kind_of(kept) => {
                self.fault(path, format!("another value, both {}", kind_of(sent)))
            }
            _ => self.fault(path, format!("{} became {}", kind_of(sent), kind_of(kept))),
        }
    }

    /// Whether a field is kept beside the value, and exactly as received.
    fn is_unparsed(&mut self, path: &str, sent: &Json) -> bool {
        let path = path.trim_start_matches('$').trim_start_matches('.');
        let kept = self.unparsed.iter().find(|kept| kept.path() == path);
        let is_kept =
            kept.is_some_and(|kept| Json::parse(kept.json().as_bytes()).is_ok_and(|kept| kept == *sent));
        if is_kept {
            self.outcome.unparsed.push(path.to_owned());
        }
        is_kept
    }

    fn items(&mut self, path: &str, kind: &Kind, sent: &[Json], kept: &[Json]) {
        // A list that the types read leaves nulls out; free JSON keeps them.
        let of = |items: &[Json]| -> Vec<Json> {
            items.iter().filter(|item| **item != Json::Null).cloned().collect()
        };
        let (sent, kept) = (of(sent), of(kept));
        if sent.len() != kept.len() {
            return self.fault(path, format!("{} items became {}", sent.len(), kept.len()));
        }
        for (index, (sent, kept)) in sent.iter().zip(&kept).enumerate() {
            self.compare(&format!("{path}[{index}]"), inner(kind), sent, kept);
        }
    }

    fn fields(&mut self, path: &str, kind: &Kind, sent: &[(String, Json)], kept: &Json) {
        let shape = match inner_or_self(kind) {
            Kind::Object(name) | Kind::Union(name) => {
                self.model.and_then(|model| model.find(name)).map(|found| &found.shape)
            }
            _ => None,
        };
        for (name, value) in sent {
            let path = format!("{path}.{name}");
            let found = kept.get(name).unwrap_or(&Json::Null);
            let declared = match shape {
                Some(Shape::Object(fields)) => {
                    fields.iter().find(|field| field.name == *name).map(|field| &field.kind)
                }
                Some(Shape::Union(variants)) => {
                    variants.iter().find(|(key, _, _)| key == name).map(|(_, kind, _)| kind)
                }
                _ => Some(match inner_or_self(kind) {
                    Kind::Map(value) => value.as_ref(),
                    _ => &Kind::Free,
                }),
            };
            match declared {
                Some(kind) => self.compare(&path, kind, value, found),
                None if *found == Json::Null => {
                    self.outcome.unknown += usize::from(!is_blank(value));
                }
                // An alternative that is not known is kept as received.
                None => self.compare(&path, &Kind::Free, value, found),
            }
        }
        let Json::Object(kept) = kept else { return };
        for (name, value) in kept {
            if !is_blank(value) && !sent.iter().any(|(found, _)| found == name) {
                self.fault(&format!("{path}.{name}"), format!("{} made of nothing", kind_of(value)));
            }
        }
    }
}

/// The only item of a list, nulls apart.
fn lone(items: &[Json]) -> Option<&Json> {
    let mut items = items.iter().filter(|item| **item != Json::Null);
    items.next().filter(|_| items.next().is_none())
}

/// What a list holds; anything else is its own item.
fn inner(kind: &Kind) -> &Kind {
    match kind {
        Kind::List(item) => item,
        other => other,
    }
}

/// Where an object stands, a list of it may be declared.
fn inner_or_self(kind: &Kind) -> &Kind {
    inner(kind)
}

fn is_map(kind: &Kind) -> bool {
    matches!(kind, Kind::Map(_))
}

fn is_blank(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::List(items) => items.iter().all(|item| *item == Json::Null),
        Json::Object(fields) => fields.iter().all(|(_, value)| is_blank(value)),
        _ => false,
    }
}

fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "" | "null" | "NULL" | "None" | "NA" | "N/A" | "-")
}

fn is_same_scalar(sent: &Json, kept: &Json) -> bool {
    match (sent, kept) {
        (Json::Text(sent), Json::Text(kept)) => sent == kept,
        (Json::Bool(sent), Json::Bool(kept)) => sent == kept,
        (Json::Number(sent) | Json::Text(sent), Json::Number(kept))
        | (Json::Number(sent), Json::Text(kept)) => {
            let sent = Exact::read(sent);
            sent.is_some() && sent == Exact::read(kept)
        }
        (Json::Text(text) | Json::Number(text), Json::Bool(flag)) | (Json::Bool(flag), Json::Text(text)) => {
            let yes = ["true", "1", "yes", "y"];
            let no = ["false", "0", "no", "n"];
            let text = text.trim().to_ascii_lowercase();
            if *flag { yes.contains(&text.as_str()) } else { no.contains(&text.as_str()) }
        }
        _ => false,
    }
}
