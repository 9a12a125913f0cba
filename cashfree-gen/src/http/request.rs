//! A request on its way out: its path, query, headers and body.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::expected::Source;
use super::{Error, path};
use crate::Operation;
use crate::decode::body::FromJson;
use crate::decode::decoder::Decoder;
use crate::decode::traits::Decode;

/// Everything but the unreserved characters of RFC 3986, so that no value can end its segment.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path parameter as one segment.
pub(crate) fn encode_path(segment: impl fmt::Display) -> impl fmt::Display {
    Segment(segment)
}

struct Segment<T>(T);

impl<T: fmt::Display> fmt::Display for Segment<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Escape<'a, 'b>(&'a mut fmt::Formatter<'b>);

        impl fmt::Write for Escape<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                utf8_percent_encode(text, ESCAPED).try_for_each(|piece| self.0.write_str(piece))
            }
        }

        fmt::Write::write_fmt(&mut Escape(f), format_args!("{}", self.0))
    }
}

/// A request as the document describes it: nothing of credentials, versions or retries yet.
#[derive(Clone)]
pub struct Request {
    /// The operation that it calls.
    pub operation: &'static Operation,
    /// The path below the base URL, parameters percent-encoded, with its query.
    pub path: String,
    /// The operation's own headers, and the content type of the body.
    pub headers: HeaderMap,
    /// The body, made once: a repeat sends the same bytes.
    pub body: Bytes,
}

impl Request {
    /// Creates a request without headers and body. Parameters of the path are percent-encoded already.
    pub fn new(operation: &'static Operation, path: String) -> Self {
        Self { operation, path, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Creates a request without headers and body, whose path parameters are encoded here. `None` if a parameter has
    /// no value.
    pub fn with_parameters(
        operation: &'static Operation,
        parameter: impl Fn(&'static str) -> Option<String>,
    ) -> Option<Self> {
        let mut path = String::new();
        for segment in operation.path.split('/').skip(1) {
            path.push('/');
            match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                None => path.push_str(segment),
                Some(name) => path.push_str(&encode_path(parameter(name)?).to_string()),
            }
        }
        Some(Self::new(operation, path))
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        self.body = body.into();
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(self)
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        let body = body.into();
        self.body = body.bytes;
        self.headers.insert(header::CONTENT_TYPE, body.content_type);
        self
    }

    /// Adds a query parameter: nothing for null, one pair for a scalar, one for each item of a list.
    pub(crate) fn query(mut self, name: &str, value: &impl Serialize) -> Result<Self, Error> {
        // By way of text, not of a tree of values, which would hold an amount as a float.
        let invalid = |reason: String| Error::InvalidRequest(reason);
        let json = serde_json::to_string(value).map_err(|error| invalid(error.to_string()))?;
        // A list without its nulls; a single value is a list of one.
        let mut decoder = Decoder::new(&json);
        if !json.starts_with('[') {
            let value = String::item(&mut decoder).map_err(|error| invalid(error.to_string()))?;
            value.into_iter().for_each(|value| self.pair(name, &value));
            return Ok(self);
        }
        let values = Vec::<String>::item(&mut decoder).map_err(|error| invalid(error.to_string()))?;
        values.into_iter().flatten().for_each(|value| self.pair(name, &value));
        Ok(self)
    }

    fn pair(&mut self, name: &str, value: &str) {
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.extend(utf8_percent_encode(name, ESCAPED));
        self.path.push('=');
        self.path.extend(utf8_percent_encode(value, ESCAPED));
    }

    #[allow(dead_code, reason = "only documents with headers of their own call it")]
    pub(crate) fn header(
        mut self,
        name: &'static str,
        value: Option<impl fmt::Display>,
    ) -> Result<Self, Error> {
        if let Some(value) = value {
            let value = HeaderValue::try_from(value.to_string()).map_err(|_| {
                Error::InvalidRequest(format!("header {name} holds characters that no header may hold"))
            })?;
            self.headers.insert(HeaderName::from_static(name), value);
        }
        Ok(self)
    }

    /// Returns a value that the request carries, as text: a path parameter without its percent-encoding, or a
    /// top-level field of the JSON body.
    ///
    /// `None` if the field is absent, null, empty, or neither text nor a whole number.
    pub fn value(&self, source: Source) -> Option<String> {
        match source {
            Source::Path(name) => {
                let encoded = self.path_parameter(name)?;
                Some(percent_decode_str(encoded).decode_utf8().ok()?.into_owned())
            }
            Source::Body(name) => {
                let body = serde_json::Value::from_json(&self.body).ok()?;
                match body.get(name)? {
                    Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
                    value => text(value),
                }
            }
        }
    }

    /// Returns a parameter of the path, percent-encoded as it is sent.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        // By bytes, as segments are short: each response is compared with the parameters.
        fn segments(path: &str) -> impl Iterator<Item = &[u8]> {
            path.as_bytes().split(|byte| *byte == b'/')
        }
        let path = self.path.split('?').next().unwrap_or_default();
        let is_named = |template: &[u8]| {
            let parameter = template.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
            parameter == Some(name.as_bytes())
        };
        let mut pairs = segments(self.operation.path).zip(segments(path));
        let (_, segment) = pairs.find(|(template, _)| is_named(template))?;
        std::str::from_utf8(segment).ok()
    }

    /// A parameter can't lead to another operation: it fills exactly one segment of the path, and
    /// neither vanishes nor climbs.
    pub(super) fn check_path(&self) -> Result<(), Error> {
        if self.operation.path.is_empty() {
            // A raw request; it has been checked by itself.
            return path::check(&self.path).map_err(Error::InvalidRequest);
        }
        // Byte by byte, as it is short: this is on the way of each call.
        let until = |text: &str, mark: u8| text.bytes().position(|byte| byte == mark).unwrap_or(text.len());
        let (mut path, mut template) = (self.path.as_str(), self.operation.path);
        (path, _) = path.split_at(until(path, b'?'));
        loop {
            let (literal, parameter) = template.split_at(until(template, b'{'));
            path = path.strip_prefix(literal).ok_or_else(|| self.misfit())?;
            if parameter.is_empty() {
                return if path.is_empty() { Ok(()) } else { Err(self.misfit()) };
            }
            let (name, after) = parameter.split_at(until(parameter, b'/'));
            let (segment, behind) = path.split_at(until(path, b'/'));
            if matches!(segment, "" | "." | "..") {
                return Err(Error::InvalidRequest(format!("`{segment}` can't be a path parameter ({name})")));
            }
            (path, template) = (behind, after);
        }
    }

    fn misfit(&self) -> Error {
        Error::InvalidRequest(format!("the path does not fit {}", self.operation.path))
    }
}

/// An identifier as text; one that is no text may have lost digits on its way.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Shows no body: it may hold card numbers.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation.id)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The body of an upload with its content type.
#[derive(Clone)]
pub struct Body {
    bytes: Bytes,
    content_type: HeaderValue,
}

impl Body {
    /// Creates a body of these bytes and this media type.
    pub fn new(bytes: impl Into<Bytes>, content_type: HeaderValue) -> Self {
        Self { bytes: bytes.into(), content_type }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("bytes", &self.bytes.len())
            .field("content_type", &self.content_type)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations;

    #[test]
    fn a_value_is_read_from_the_path_or_the_body() {
        let path = "/orders/an%20order/refunds?x=1".to_owned();
        let mut refund = Request::new(&operations::PG_ORDER_CREATE_REFUND, path);
        refund.body = r#"{"refund_id":"a/b","adjustment_id":9007199254740993,"amount":1.5,"note":""}"#.into();
        let value = |source| refund.value(source);
        assert_eq!(value(Source::Path("order_id")).as_deref(), Some("an order"));
        assert_eq!(value(Source::Body("refund_id")).as_deref(), Some("a/b"));
        assert_eq!(value(Source::Body("adjustment_id")).as_deref(), Some("9007199254740993"));
        for absent in ["amount", "note", "order_id"] {
            assert_eq!(value(Source::Body(absent)), None, "{absent}");
        }
        assert_eq!(value(Source::Path("refund_id")), None);
    }
}
