//! Refusals of the control interface.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::errors::Refusal;
use crate::http::respond::json_response;

/// Why a request was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: u16,
    /// A sentence.
    message: String,
    /// The code of the API, where it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

impl Problem {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), code: None }
    }

    /// There is no such object.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::new(404, format!("there is no {what} `{id}`"))
    }

    /// It is not in a state for that.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, message)
    }

    /// The request cannot be read.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(422, message)
    }

    /// The time was over before anything happened.
    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new(408, message)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Refusal> for Problem {
    fn from(Refusal(response): Refusal) -> Self {
        let text = |name: &str| response.body[name].as_str().map(str::to_owned);
        let status = if response.status == 404 { 404 } else { 409 };
        Self { status, message: text("message").unwrap_or_default(), code: text("code") }
    }
}

macro_rules! from_rejection {
    ($($rejection:ty),*) => {$(
        impl From<$rejection> for Problem {
            fn from(rejection: $rejection) -> Self {
                Self::new(rejection.status().as_u16(), rejection.body_text())
            }
        }
    )*};
}
from_rejection!(JsonRejection, QueryRejection);

/// An address with an identifier or a word that is none.
impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(404, rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        json_response(self.status, &serde_json::to_value(&self).unwrap_or_default())
    }
}
