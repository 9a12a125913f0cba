//! Outcomes of a mock transport.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::{State, lock};
use crate::{Sent, TransportError};

/// Outcome of one attempt.
#[derive(Clone)]
pub(super) enum Outcome {
    Response(Response<Bytes>),
    /// The request arrived, the response did not.
    Lost,
    Timeout,
    NoConnection,
}

impl Outcome {
    pub(super) fn give(self) -> Result<Response<Bytes>, TransportError> {
        match self {
            Self::Response(response) => Ok(response),
            Self::Lost => Err(TransportError::new(Sent::Maybe, "the connection closed before the response")),
            Self::Timeout => Err(TransportError::new(Sent::Maybe, "no response in time").timed_out()),
            Self::NoConnection => Err(TransportError::new(Sent::No, "connection refused")),
        }
    }
}

/// Outcomes of one operation of a [`MockTransport`](super::MockTransport). Each method adds one, given in the order in
/// which they were added.
///
/// ```
/// use cashfree::testing::MockTransport;
///
/// let mock = MockTransport::new();
/// mock.on("PGFetchOrder")
///     .status(502, "<html>Bad Gateway</html>")
///     .timeout()
///     .respond(404, serde_json::json!({"code": "order_not_found", "type": "invalid_request_error", "message": "no"}));
/// # assert_eq!(mock.faults(), ["unused responses of PGFetchOrder: 3"]);
/// ```
pub struct MockOperation {
    shared: Arc<Mutex<State>>,
    operation: String,
}

impl MockOperation {
    pub(super) fn new(shared: Arc<Mutex<State>>, operation: String) -> Self {
        Self { shared, operation }
    }

    /// Responds with a status and JSON.
    pub fn respond(self, status: u16, json: impl Into<Value>) -> Self {
        self.json(status, &json.into())
    }

    /// Responds with status 200 and a value of the crate's types, such as an [`Order`](crate::types::Order), as JSON.
    pub fn respond_with_type(self, value: impl Serialize) -> Self {
        self.json(200, &value)
    }

    /// Responds with a status and text, such as a gateway's HTML page.
    pub fn status(self, status: u16, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.text(status, "text/html; charset=utf-8", text.into())
    }

    /// Responds with any response.
    pub fn respond_with(self, response: Response<impl Into<Bytes>>) -> Self {
        self.add(Outcome::Response(response.map(Into::into)))
    }

    /// Loses the response: the service applied the write, and the connection closed. The client can't know that.
    ///
    /// The retry takes the next outcome: the stored response under the same key, or an error such as *exists
    /// already*, after which the client reads back.
    pub fn lost_after_applying(self) -> Self {
        self.add(Outcome::Lost)
    }

    /// Times out after the request was sent, without waiting for it. Whether it was applied is unknown.
    pub fn timeout(self) -> Self {
        self.add(Outcome::Timeout)
    }

    /// Refuses the connection: nothing is sent.
    pub fn connect_error(self) -> Self {
        self.add(Outcome::NoConnection)
    }

    /// Adds a header to the last response, such as `x-ratelimit-retry`. Ignored after an outcome without a response,
    /// and for names and values that no header may have.
    pub fn header(self, name: &str, value: &str) -> Self {
        let header = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = header {
            self.with_outcomes(|outcomes| {
                if let Some(Outcome::Response(response)) = outcomes.back_mut() {
                    response.headers_mut().append(name, value);
                }
            });
        }
        self
    }

    /// Repeats the last outcome: this many times in total.
    pub fn times(self, times: usize) -> Self {
        self.with_outcomes(|outcomes| {
            if let Some(last) = outcomes.pop_back() {
                outcomes.extend(std::iter::repeat_n(last, times));
            }
        });
        self
    }

    fn json(self, status: u16, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.text(status, "application/json", body.into()),
            // Such as a map with keys that are not text: the client finds that the response is not JSON.
            Err(error) => self.text(status, "text/plain", error.to_string().into()),
        }
    }

    fn text(self, status: u16, content_type: &'static str, body: Bytes) -> Self {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.add(Outcome::Response(response))
    }

    fn add(self, outcome: Outcome) -> Self {
        self.with_outcomes(|outcomes| outcomes.push_back(outcome));
        self
    }

    fn with_outcomes(&self, change: impl FnOnce(&mut VecDeque<Outcome>)) {
        let mut state = lock(&self.shared);
        match state.outcomes.iter_mut().find(|(operation, _)| *operation == self.operation) {
            Some((_, outcomes)) => change(outcomes),
            None => {
                let mut outcomes = VecDeque::new();
                change(&mut outcomes);
                state.outcomes.push((self.operation.clone(), outcomes));
            }
        }
    }
}
