//! A request as received: its body read, its path and query taken apart.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;

use crate::document::Operation;
use crate::http::API_PREFIX;
use crate::http::errors::Refusal;
use crate::records::RecordedRequest;

/// Larger bodies than any the API takes.
pub(crate) const BODY_LIMIT: usize = 64 << 20;

/// A request with its body read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    /// Still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The body is longer than any that is read.
    pub(crate) oversized: bool,
    /// The body broke off, or its chunks are none.
    pub(crate) broken: bool,
}

impl Incoming {
    pub(crate) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        Self::from_parts(&parts, body).await
    }

    /// Reads the body; the head stays with the caller.
    pub(crate) async fn from_parts(parts: &Parts, body: Body) -> Self {
        let (mut read, mut oversized, mut broken) = (Vec::new(), false, false);
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) if read.len() + chunk.len() <= BODY_LIMIT => read.extend_from_slice(&chunk),
                Ok(_) => oversized = true,
                Err(_) => broken = true,
            }
            if oversized || broken {
                read.clear();
                break;
            }
        }
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers.clone(),
            oversized,
            broken,
            body: read.into(),
        }
    }

    pub(crate) fn to_record(&self, operation: Option<&Operation>) -> RecordedRequest {
        RecordedRequest {
            operation_id: operation.map(|operation| operation.id.clone()),
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.header_list(),
            body: self.body.to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    fn header_list(&self) -> Vec<(String, String)> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    /// The identifiers in the path, each decoded once: `%2F` is part of one, never a separator.
    pub(crate) fn identifiers(&self, template: &str) -> Result<BTreeMap<String, String>, Refusal> {
        let path = self.path.strip_prefix(API_PREFIX).unwrap_or(&self.path);
        let mut found = BTreeMap::new();
        for (pattern, segment) in template.split('/').zip(path.split('/')) {
            if let Some(name) = parameter_name(pattern) {
                let value = percent_decode_str(segment).decode_utf8().map_err(|_| {
                    Refusal::bad_request(
                        &format!("{name}_invalid"),
                        format!("{name} is not UTF-8 once decoded"),
                    )
                })?;
                // An empty segment is an identifier left out, not an empty identifier.
                if !value.is_empty() {
                    found.insert(name.to_owned(), value.into_owned());
                }
            }
        }
        Ok(found)
    }

    /// The values of each name in the query: a name that is repeated holds a list.
    pub(crate) fn query_values(&self) -> BTreeMap<String, Vec<String>> {
        form_values(self.query.as_deref().unwrap_or_default())
    }

    /// The first value of a field of a form in the body; empty if it isn't there or the body is no form.
    pub(crate) fn form_value(&self, name: &str) -> String {
        let content_type = self.header("content-type").unwrap_or_default();
        let is_form = content_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
        let body = std::str::from_utf8(&self.body).ok().filter(|_| is_form).unwrap_or_default();
        form_values(body).remove(name).and_then(|values| values.into_iter().next()).unwrap_or_default()
    }
}

/// The values of each name of a text as in queries and forms.
fn form_values(text: &str) -> BTreeMap<String, Vec<String>> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        values.entry(decode(name)).or_default().push(decode(value));
    }
    values
}

pub(crate) fn parameter_name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
