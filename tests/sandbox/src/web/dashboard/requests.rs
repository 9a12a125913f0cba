//! The recorded requests, and one of them with the rule that it broke.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::control::{self, RequestFilter, RequestView};
use crate::web::dashboard::{missing, pretty};
use crate::web::page;

#[derive(Template)]
#[template(path = "dashboard/requests.html")]
struct Requests {
    requests: Vec<RequestView>,
}

/// The newest requests.
pub(crate) async fn list(State(app): State<Arc<App>>) -> Response {
    let requests = control::requests(&app, &RequestFilter::default());
    page::render(StatusCode::OK, &Requests { requests })
}

#[derive(Template)]
#[template(path = "dashboard/request.html")]
struct Request {
    request: RequestView,
    body: String,
    response: String,
    rule: String,
    message: String,
}

/// One request.
pub(crate) async fn show(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Response {
    let Some(request) = control::request(&app, id) else {
        return missing("request");
    };
    let shown = Request {
        body: pretty(&request.body),
        response: pretty(&request.response),
        rule: request.rule.as_ref().map(pretty).unwrap_or_default(),
        message: request.response["message"].as_str().unwrap_or_default().to_owned(),
        request,
    };
    page::render(StatusCode::OK, &shown)
}

/// What the row of a request shows of its status.
impl RequestView {
    pub(crate) fn tone(&self) -> &'static str {
        match self.status {
            Some(200..300) if self.fault.is_none() => "good",
            Some(200..300) | None => "open",
            Some(_) => "bad",
        }
    }

    pub(crate) fn outcome(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        [status, self.fault.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
