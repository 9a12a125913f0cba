//! What the generated methods stand on: a request on its way out, an answer on its way in.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::lenient::{ListOf, ObjectOf, Read};
use crate::wire::{Free, Wire};
use crate::{BoxError, Inner, Misread, Operation, SetAside, Transport};
use crate::{misread, raw};

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

/// The client that the generated methods belong to; cheap to make, one for each call if need be. A transport
/// that is shared already is made one by [`From`].
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

    /// Sends a request that was made by hand, and reads what comes as it stands: tolerance is up to `T`. A
    /// body without content reads as null.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] when the path does not begin with `/` or could leave the base URL, or does
    /// not fit its operation; else what came.
    pub async fn send<T: DeserializeOwned>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        raw::check(&request.path).map_err(Error::InvalidRequest)?;
        let response = self.exec(request).await?;
        if response.body.iter().all(u8::is_ascii_whitespace)
            && let Ok(inner) = serde_json::from_slice(b"null")
        {
            return Ok(ResponseValue { inner, response, set_aside: Vec::new() });
        }
        decode(response)
    }

    /// Sends, and reads an object.
    pub(crate) async fn call<T: Read>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        let response = self.exec(request).await?;
        answer::<ObjectOf<T>>(response).map(|value| value.map(|ObjectOf(inner)| inner))
    }

    /// Sends, and reads a list.
    pub(crate) async fn call_list<T: Read>(&self, request: Request) -> Result<ResponseValue<Vec<T>>, Error> {
        let response = self.exec(request).await?;
        answer::<ListOf<T>>(response).map(|value| value.map(|ListOf(inner)| inner))
    }

    /// Sends, and reads whatever JSON comes.
    pub(crate) async fn call_free(&self, request: Request) -> Result<ResponseValue<Value>, Error> {
        let response = self.exec(request).await?;
        if response.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(ResponseValue { inner: Value::Null, response, set_aside: Vec::new() });
        }
        answer::<Free>(response).map(|value| value.map(|Free(inner)| inner))
    }

    /// Sends, and hands over the bytes.
    #[allow(dead_code, reason = "only documents with raw answers call it")]
    pub(crate) async fn call_raw(&self, request: Request) -> Result<ResponseValue<Bytes>, Error> {
        let response = self.exec(request).await?;
        Ok(ResponseValue { inner: response.body.clone(), response, set_aside: Vec::new() })
    }

    /// Sends, and expects nothing in the body.
    #[allow(dead_code, reason = "only documents with empty answers call it")]
    pub(crate) async fn call_empty(&self, request: Request) -> Result<ResponseValue<()>, Error> {
        let response = self.exec(request).await?;
        Ok(ResponseValue { inner: (), response, set_aside: Vec::new() })
    }
}

/// Reads what this crate has a reader for, and sets aside what nobody foresaw.
fn answer<T: Read>(response: Response) -> Result<ResponseValue<T>, Error> {
    match misread::read_setting_aside(&response.body) {
        Ok((inner, set_aside)) => Ok(ResponseValue { inner, response, set_aside }),
        Err(misread) => Err(Error::Decode(Box::new(DecodeError { misread, response }))),
    }
}

impl From<Arc<dyn Transport>> for Client {
    fn from(transport: Arc<dyn Transport>) -> Self {
        Self { inner: Inner::from(transport) }
    }
}

/// Decodes quickly; only a failure is worth a second look that finds out where.
fn decode<T: DeserializeOwned>(response: Response) -> Result<ResponseValue<T>, Error> {
    // Checked as a whole, text need not be checked again value by value. Where it is not UTF-8, a value that
    // nobody reads may be to blame.
    let decoded = match std::str::from_utf8(&response.body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(&response.body),
    };
    match decoded {
        Ok(inner) => Ok(ResponseValue { inner, response, set_aside: Vec::new() }),
        Err(error) => {
            let misread = Misread::locate::<T>(&response.body, error);
            Err(Error::Decode(Box::new(DecodeError { misread, response })))
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
        // By way of text, not of a tree of values, which would hold an amount as a float.
        let invalid = |error: serde_json::Error| Error::InvalidRequest(error.to_string());
        let json = serde_json::to_string(value).map_err(invalid)?;
        let values: Vec<Wire<'_>> = match json.as_bytes() {
            [b'[', ..] => serde_json::from_str(&json).map_err(invalid)?,
            _ => vec![serde_json::from_str(&json).map_err(invalid)?],
        };
        values.into_iter().for_each(|value| self.pair(name, value));
        Ok(self)
    }

    fn pair(&mut self, name: &str, value: Wire<'_>) {
        let value = match value {
            Wire::Nothing => return,
            Wire::Flag(flag) => flag.to_string().into(),
            Wire::Number(text) | Wire::Text(text) | Wire::Structure(text) => text,
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
        if self.operation.path.is_empty() {
            // A raw request; it has been checked by itself.
            return raw::check(&self.path).map_err(Error::InvalidRequest);
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
    set_aside: Vec<SetAside>,
}

impl<T> ResponseValue<T> {
    /// The value, the answer that it was read from, and what is not in the value since it came in a shape
    /// that nobody foresaw.
    pub fn into_parts(self) -> (T, Response, Vec<SetAside>) {
        (self.inner, self.response, self.set_aside)
    }

    /// What came in a shape that nobody foresaw, and is absent in the value.
    pub fn set_aside(&self) -> &[SetAside] {
        &self.set_aside
    }

    /// The answer on the wire.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// Another value that was read from the same answer.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue { inner: change(self.inner), response: self.response, set_aside: self.set_aside }
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
            Self::Decode(error) => Some(error.misread.error()),
            Self::InvalidRequest(_) | Self::Status(_) => None,
        }
    }
}

/// A success whose body can't be read, with everything that came.
#[derive(Debug)]
pub struct DecodeError {
    misread: Misread,
    response: Response,
}

impl DecodeError {
    /// Where in the body, as in `payment_method.card`; `.` for the whole. A long one ends in `…`.
    pub fn path(&self) -> &str {
        self.misread.path()
    }

    /// What is wrong there.
    pub fn reason(&self) -> String {
        self.misread.reason()
    }

    /// The answer that could not be read.
    pub fn into_response(self) -> Response {
        self.response
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer can't be read at {}", self.misread)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::pin::pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::types::IncidentStatusFilter as Status;
    use crate::{BoxFuture, CfPaymentId, IncidentId, OrderId, Timestamp};

    /// Answers at once, and keeps what it was asked.
    #[derive(Debug, Clone)]
    struct Fake {
        status: StatusCode,
        body: &'static str,
        seen: Arc<Mutex<Vec<Request>>>,
    }

    impl Fake {
        fn new(status: u16, body: &'static str) -> Self {
            Self { status: StatusCode::from_u16(status).unwrap(), body, seen: Arc::default() }
        }

        fn paths(&self) -> Vec<String> {
            self.seen.lock().unwrap().iter().map(|request| request.path.clone()).collect()
        }
    }

    impl Transport for Fake {
        fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<Response, BoxError>> {
            self.seen.lock().unwrap().push(request);
            let body = Bytes::from_static(self.body.as_bytes());
            let answer = Response { status: self.status, headers: HeaderMap::new(), body };
            Box::pin(async move { if answer.status == 599 { Err("no line".into()) } else { Ok(answer) } })
        }
    }

    /// Nothing here ever waits.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the fake transport answers at once"),
        }
    }

    #[test]
    fn a_path_parameter_is_one_segment_or_nothing_is_sent() {
        for (id, segment) in [
            ("order_1-2.3~4", "order_1-2.3~4"),
            ("a/b", "a%2Fb"),
            ("../x", "..%2Fx"),
            ("...", "..."),
            ("%", "%25"),
            ("%2e%2e", "%252e%252e"),
            ("%2f", "%252f"),
            ("a b", "a%20b"),
            (" ", "%20"),
            ("é₹", "%C3%A9%E2%82%B9"),
            ("a?b=c", "a%3Fb%3Dc"),
            ("a#b", "a%23b"),
            ("a\\b", "a%5Cb"),
            ("a;b:c@d", "a%3Bb%3Ac%40d"),
            ("\0\r\n", "%00%0D%0A"),
        ] {
            let fake = Fake::new(200, "{}");
            now(Client::new(fake.clone()).pg_order_fetch_payment(&OrderId::from(id), &CfPaymentId::from("7"))).unwrap();
            assert_eq!(fake.paths(), [format!("/orders/{segment}/payments/7")], "{id}");
        }
        for id in ["", ".", ".."] {
            let fake = Fake::new(200, "{}");
            let client = Client::new(fake.clone());
            for result in [
                now(client.pg_order_fetch_payment(&OrderId::from(id), &CfPaymentId::from("7"))),
                now(client.pg_order_fetch_payment(&OrderId::from("order"), &CfPaymentId::from(id))),
            ] {
                assert!(matches!(result, Err(Error::InvalidRequest(_))), "{id}");
            }
            assert!(fake.paths().is_empty(), "{id} was sent");
        }
    }

    #[test]
    fn a_path_of_another_shape_is_not_sent() {
        for path in ["/orders/a/b", "/orders", "/refunds/a", "orders/a", "/orders/a/", ""] {
            let fake = Fake::new(200, "{}");
            let request = Request::new(&crate::operations::PG_FETCH_ORDER, path.to_owned());
            let result = now(Client::new(fake.clone()).call_free(request));
            assert!(matches!(result, Err(Error::InvalidRequest(_))), "{path}");
            assert!(fake.paths().is_empty(), "{path} was sent");
        }
    }

    #[test]
    fn a_query_leaves_out_what_is_none_and_repeats_lists() {
        let fake = Fake::new(200, "{}");
        let statuses = vec![Status::from("ACTIVE"), Status::from("a&b=c#d")];
        now(Client::new(fake.clone()).fetch_active_ecosystem_downtimes(
            Some(&Timestamp::from("2024-06-02 14:00:00")),
            Some(&IncidentId::from("é")),
            None,
            None,
            Some(&statuses),
            Some(&Vec::new()),
            None,
        ))
        .unwrap();
        let query = "incident_end_time=2024-06-02%2014%3A00%3A00&incident_id=%C3%A9\
                     &incident_status=ACTIVE&incident_status=a%26b%3Dc%23d";
        assert_eq!(fake.paths(), [format!("/incident?{query}")]);

        let amount: crate::Amount = "123456789012345678901234567890.10".parse().unwrap();
        let request = Request::new(&crate::operations::PG_FETCH_ORDER, "/x".to_owned())
            .query("a b", &amount)
            .and_then(|request| request.query("n", &None::<i64>))
            .and_then(|request| request.query("t", &[Some(true), None]))
            .unwrap();
        assert_eq!(request.path, "/x?a%20b=123456789012345678901234567890.10&t=true");
    }

    #[test]
    fn answers_become_values_or_errors_that_keep_them() {
        let id = OrderId::from("order_1");
        let fetch = |fake: Fake| now(Client::new(fake).pg_fetch_order(&id));

        let order = fetch(Fake::new(200, r#"{"order_id":7,"order_amount":499.00}"#)).unwrap();
        assert_eq!(order.order_amount.unwrap().to_string(), "499.00");
        assert_eq!(order.response().status, 200);
        assert_eq!(order.set_aside(), []);
        assert_eq!(order.into_parts().1.body, r#"{"order_id":7,"order_amount":499.00}"#);

        for (body, path) in [
            (r#"{"order_meta":{"x":1},"order_amount":["S3CRET"]}"#, "order_amount"),
            (r#"{"customer_details":4111,"order_amount":true}"#, "order_amount"),
            (r#"{"order_splits":[{},{"amount":"S3CRET"}]}"#, "order_splits[1].amount"),
            (r#"{"order_id":"S3CRET"} trailing"#, "."),
            ("S3CRET", "."),
            ("null", "."),
            ("", "."),
        ] {
            let Err(error) = fetch(Fake::new(200, body)) else { panic!("{body} was read") };
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("S3CRET") && !shown.contains("4111"), "{shown}");
            assert!(std::error::Error::source(&error).is_some());
            let Error::Decode(error) = error else { panic!("{error:?}") };
            assert_eq!(error.path(), path, "{body}");
            assert!(!error.reason().is_empty());
            let response = error.into_response();
            assert_eq!((response.status.as_u16(), response.body), (200, Bytes::from_static(body.as_bytes())));
        }

        let error = fetch(Fake::new(502, "<html>S3CRET</html>")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("S3CRET"));
        let Error::Status(response) = error else { panic!("{error:?}") };
        assert_eq!((response.status.as_u16(), &response.body[..]), (502, &b"<html>S3CRET</html>"[..]));
        assert!(matches!(fetch(Fake::new(599, "")), Err(Error::Transport(_))));
    }

    #[test]
    fn lists_and_free_answers_are_read() {
        let id = OrderId::from("order_1");
        for (body, count) in [("[{},null,{}]", 2), ("null", 0), ("{}", 1), ("[]", 0)] {
            let payments = now(Client::new(Fake::new(200, body)).pg_order_fetch_payments(&id)).unwrap();
            assert_eq!(payments.len(), count, "{body}");
        }
        assert!(now(Client::new(Fake::new(200, "[[1,2]]")).pg_order_fetch_payments(&id)).is_err());
        for body in ["", " \n", "null"] {
            let request = Request::new(&crate::operations::PG_FETCH_ORDER, "/orders/a".to_owned());
            let free = now(Client::new(Fake::new(200, body)).call_free(request)).unwrap();
            assert!(free.is_null(), "{body:?}");
        }
    }

    #[test]
    fn debug_shows_no_body_and_no_header() {
        let secret = "S3CRET";
        let request = Request::new(&crate::operations::PG_FETCH_ORDER, format!("/orders/{secret}"))
            .json(&secret)
            .and_then(|request| request.header("x-secret", Some(secret)))
            .unwrap();
        let mut response =
            Response { status: StatusCode::OK, headers: HeaderMap::new(), body: secret.into() };
        response.headers.insert("x-secret", HeaderValue::from_static("S3CRET"));
        let body = Body::new(secret, HeaderValue::from_static("text/plain"));
        let shown = format!("{request:?} {response:?} {body:?}");
        assert!(shown.contains("PGFetchOrder") && !shown.contains(secret), "{shown}");
        assert_eq!(request.body, "\"S3CRET\"");
        assert_eq!(request.headers[header::CONTENT_TYPE], "application/json");
    }

    #[test]
    fn a_header_that_can_not_be_sent_is_refused() {
        let request = || Request::new(&crate::operations::PG_FETCH_ORDER, String::new());
        assert!(matches!(request().header("x-a", Some("a\r\nb")), Err(Error::InvalidRequest(_))));
        assert!(request().header("x-a", None::<&str>).unwrap().headers.is_empty());
    }
}
