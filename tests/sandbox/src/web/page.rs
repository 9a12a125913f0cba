//! What all pages share: the frame around a template, responses for what can't be shown, and the headers.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use serde_json::json;

use crate::http::errors::Refusal;
use crate::http::respond::json_response;
use crate::web::visit::Visit;

/// Frames are for pages of this machine, as the shop's own checkout page; nothing is loaded from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; frame-ancestors 'self' \
    http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:* http://[::1]:*; base-uri 'none'";

/// Renders a template.
pub(crate) fn render(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Sends the browser on, as a GET.
pub(crate) fn go(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// A page of one sentence, for what can't be shown.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
    code: &'a str,
    embedded: bool,
    home: Option<&'a str>,
}

/// A page that says why there is nothing to pay.
pub(crate) fn refused(refusal: &Refusal, visit: &Visit) -> Response {
    let Refusal(response) = refusal;
    let text = &problem(refusal);
    let code = response.body["code"].as_str().unwrap_or_default();
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_REQUEST);
    let home = visit.return_url.as_deref();
    let message = Message { title: "Nothing to pay here", text, code, embedded: visit.embedded, home };
    render(status, &message)
}

/// The sentence of a refusal, to be shown above a form.
pub(crate) fn problem(Refusal(response): &Refusal) -> String {
    response.body["message"].as_str().unwrap_or_default().to_owned()
}

/// The response to the script where a session can't be used: `code` and `message`.
pub(crate) fn state_refused(Refusal(response): &Refusal) -> Response {
    json_response(
        response.status,
        &json!({ "code": response.body["code"], "message": response.body["message"] }),
    )
}

/// The headers of every page.
pub(crate) async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Not `no-referrer`, with which browsers send `Origin: null` for the forms of these very pages.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
