//! What the generated methods stand on: a request on its way out, an answer on its way in.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::lenient::{ListOf, ObjectOf};
use crate::{BoxError, Inner, Operation, Transport};

/// Everything but the unreserved characters of RFC 3986, so that no value can end its segment.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path parameter as one segment.
pub(crate) fn encode_path(segment: &str) -> String {
    utf8_percent_encode(segment, ESCAPED).to_string()
}

/// The client that the generated methods belong to; cheap to make, one for each call if need be.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Inner,
}

impl Client {
    /// A client over this transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self { inner: Inner::new(transport) }
    }

    async fn exec(&self, request: Request) -> Result<Response, Error> {
        request.check_path()?;
        let response = self.inner.transport().execute(request).await.map_err(Error::Transport)?;
        if response.status.is_success() { Ok(response) } else { Err(Error::Status(Box::new(response))) }
    }

    /// Sends, and reads an object.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<ResponseValue<T>, Error> {
        let response = self.exec(request).await?;
        decode::<ObjectOf<T>>(response).map(|value| value.map(|ObjectOf(inner)| inner))
    }

    /// Sends, and reads a list.
    pub(crate) async fn call_list<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<ResponseValue<Vec<T>>, Error> {
        let response = self.exec(request).await?;
        decode::<ListOf<T>>(response).map(|value| value.map(|ListOf(inner)| inner))
    }

    /// Sends, and reads whatever JSON comes.
    pub(crate) async fn call_free(&self, request: Request) -> Result<ResponseValue<Value>, Error> {
        let response = self.exec(request).await?;
        if response.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(ResponseValue { inner: Value::Null, response });
        }
        decode(response)
    }

    /// Sends, and hands over the bytes.
    #[allow(dead_code, reason = "only documents with raw answers call it")]
    pub(crate) async fn call_raw(&self, request: Request) -> Result<ResponseValue<Bytes>, Error> {
        let response = self.exec(request).await?;
        Ok(ResponseValue { inner: response.body.clone(), response })
    }

    /// Sends, and expects nothing in the body.
    #[allow(dead_code, reason = "only documents with empty answers call it")]
    pub(crate) async fn call_empty(&self, request: Request) -> Result<ResponseValue<()>, Error> {
        let response = self.exec(request).await?;
        Ok(ResponseValue { inner: (), response })
    }
}

/// Decodes quickly; only a failure is worth a second look that finds out where.
fn decode<T: DeserializeOwned>(response: Response) -> Result<ResponseValue<T>, Error> {
    match serde_json::from_slice(&response.body) {
        Ok(inner) => Ok(ResponseValue { inner, response }),
        Err(error) => {
            let mut deserializer = serde_json::Deserializer::from_slice(&response.body);
            let located = serde_path_to_error::deserialize::<_, T>(&mut deserializer).err();
            let path = located.map(|located| located.path().to_string()).unwrap_or_default();
            Err(Error::Decode(Box::new(DecodeError { path, error, response })))
        }
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
    pub(crate) fn new(operation: &'static Operation, path: String) -> Self {
        Self { operation, path, headers: HeaderMap::new(), body: Bytes::new() }
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
        let value = serde_json::to_value(value).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.pair(name, item)),
            value => self.pair(name, &value),
        }
        Ok(self)
    }

    fn pair(&mut self, name: &str, value: &Value) {
        let value = match value {
            Value::Null => return,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.extend(utf8_percent_encode(name, ESCAPED));
        self.path.push('=');
        self.path.extend(utf8_percent_encode(&value, ESCAPED));
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

    /// A parameter can't lead to another operation: it fills exactly one segment of the path, and
    /// neither vanishes nor climbs.
    fn check_path(&self) -> Result<(), Error> {
        let path = self.path.split('?').next().unwrap_or_default();
        let (mut segments, mut template) = (path.split('/'), self.operation.path.split('/'));
        loop {
            match (segments.next(), template.next()) {
                (None, None) => return Ok(()),
                (Some(segment), Some(name)) if name.starts_with('{') => {
                    if matches!(segment, "" | "." | "..") {
                        return Err(Error::InvalidRequest(format!(
                            "`{segment}` can't be a path parameter ({name})"
                        )));
                    }
                }
                (Some(segment), Some(literal)) if segment == literal => {}
                _ => {
                    return Err(Error::InvalidRequest(format!(
                        "the path does not fit {}",
                        self.operation.path
                    )));
                }
            }
        }
    }
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
    /// These bytes, declared as this media type.
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

/// An answer, whole.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Shows no body: it may hold what customers told.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A decoded answer together with the one on the wire.
#[derive(Debug, Clone)]
pub struct ResponseValue<T> {
    inner: T,
    response: Response,
}

impl<T> ResponseValue<T> {
    /// The value, and the answer that it was read from.
    pub fn into_parts(self) -> (T, Response) {
        (self.inner, self.response)
    }

    /// The answer on the wire.
    pub fn response(&self) -> &Response {
        &self.response
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue { inner: change(self.inner), response: self.response }
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

/// Why there is no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request can't be made; nothing was sent.
    InvalidRequest(String),
    /// The transport brought no answer; the error is its own.
    Transport(BoxError),
    /// An answer that is no success.
    Status(Box<Response>),
    /// A success whose body can't be read.
    Decode(Box<DecodeError>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(reason) => write!(f, "the request can't be made: {reason}"),
            Self::Transport(error) => write!(f, "no answer: {error}"),
            Self::Status(response) => write!(f, "answered {}", response.status),
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error.as_ref()),
            Self::Decode(error) => Some(&error.error),
            Self::InvalidRequest(_) | Self::Status(_) => None,
        }
    }
}

/// A success whose body can't be read, with everything that came.
#[derive(Debug)]
pub struct DecodeError {
    path: String,
    error: serde_json::Error,
    response: Response,
}

impl DecodeError {
    /// Where in the body, as in `payment_method.card`; `.` for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    pub fn reason(&self) -> String {
        self.error.to_string()
    }

    /// The answer that could not be read.
    pub fn into_response(self) -> Response {
        self.response
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer can't be read at {}: {}", self.path, self.error)
    }
}
