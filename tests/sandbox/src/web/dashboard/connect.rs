//! How to point a program at the sandbox: credentials, test data, and a snippet for each SDK.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::domain::test_data;
use crate::web::page;

#[derive(Template)]
#[template(path = "dashboard/connect.html")]
struct Connect {
    base_url: String,
    origin: String,
    version: String,
    client_id: String,
    client_secret: String,
    client_signature: &'static str,
    partner_api_key: &'static str,
    merchant_id: &'static str,
    otp: &'static str,
}

/// The page.
pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let base_url = app.state().base_url.clone();
    let connect = Connect {
        origin: base_url.trim_end_matches(crate::http::API_PREFIX).to_owned(),
        base_url,
        version: app.document.version.clone(),
        client_id: app.account.client_id.clone(),
        client_secret: app.account.client_secret.clone(),
        client_signature: app.account.client_signature,
        partner_api_key: app.account.partner_api_key,
        merchant_id: app.account.merchant_id,
        otp: test_data::OTP,
    };
    page::render(StatusCode::OK, &connect)
}
