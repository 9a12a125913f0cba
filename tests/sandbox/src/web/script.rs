//! The script for shops' own pages, and the style and script of the sandbox's pages.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// Where the script is, as on the service's own host.
pub(crate) const PATH: &str = "/js/v3/cashfree.js";

const CASHFREE: &str = include_str!("../../assets/cashfree.js");
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The style and script of the pages.
const ASSETS: [(&str, &str, &str); 4] = [
    ("dashboard.css", "text/css; charset=utf-8", include_str!("../../assets/dashboard.css")),
    ("dashboard.js", JAVASCRIPT, include_str!("../../assets/dashboard.js")),
    ("pages.css", "text/css; charset=utf-8", include_str!("../../assets/pages.css")),
    ("pages.js", JAVASCRIPT, include_str!("../../assets/pages.js")),
];

/// The script, which calls the sandbox that it was loaded from.
pub(crate) async fn cashfree(Shared(app): Shared<Arc<App>>) -> Response {
    let script = CASHFREE.replace("__API_VERSION__", &app.document.version);
    ([(header::CONTENT_TYPE, JAVASCRIPT), (header::CACHE_CONTROL, "no-cache")], script).into_response()
}

/// A file of the pages.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, text)) => {
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")], *text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
