//! What a payer sees: the hosted checkout, the bank's page, payment links, mandates, and the script that opens
//! them from a shop's own page.
//!
//! | address | page |
//! |---|---|
//! | `/js/v3/cashfree.js` | the script: [`script`] |
//! | `/pg/view/sessions/checkout` | a form with `payment_session_id` opens the checkout: [`checkout`] |
//! | `/pg/view/checkout/{session}` | the order's methods; submitting one begins an attempt |
//! | `/pg/view/sessions/checkout/{cf_payment_id}` | where the payer decides about an attempt: [`payment`] |
//! | `/pg/view/links/{code}` | a payment link: [`link`] |
//! | `/pg/view/subscriptions/checkout` | a form with `subs_session_id` opens the mandate page: [`mandate`] |
//! | `/pg/view/mandates/{session}` | the ways to authorise a subscription |
//!
//! Pages are rendered here and work without JavaScript. Reading one changes nothing: only a submitted form does.

mod address;
mod amount;
mod checkout;
mod cors;
mod dashboard;
mod link;
mod mandate;
mod methods;
mod page;
mod payment;
mod qr;
mod script;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::app::App;
use crate::http::API_PREFIX;

pub(crate) use cors::layer as cors;
pub(crate) use dashboard::routes as dashboard;

/// Whether a request is for something that pages of other sites load: the script, and pictures of QR codes.
pub(crate) fn is_embeddable(path: &str, destination: &str) -> bool {
    match destination {
        "script" => path == script::PATH,
        "image" => path.starts_with(&format!("{API_PREFIX}/view/payments/")) && path.ends_with("/qr.svg"),
        // Who may frame a page is said by the page's own policy, see [`page::protect`].
        "iframe" | "frame" => path.starts_with(&format!("{API_PREFIX}/view/")),
        _ => false,
    }
}

/// The routes of every page.
pub(crate) fn routes() -> Router<Arc<App>> {
    let view = |path: &str| format!("{API_PREFIX}/view/{path}");
    let pages = Router::new()
        .route(&view("sessions/checkout"), post(checkout::open))
        .route(&view("checkout/{session}"), get(checkout::show).post(checkout::submit))
        .route(&view("sessions/checkout/{cf_payment_id}"), get(payment::show).post(payment::decide))
        .route(&view("links/{code}"), get(link::show).post(link::submit))
        .route(&view("subscriptions/checkout"), post(mandate::open))
        .route(&view("mandates/{session}"), get(mandate::show).post(mandate::submit))
        .layer(middleware::map_response(page::protect));
    // What the script asks from a shop's page.
    let states = Router::new()
        .route(&view("checkout/{session}/state"), get(checkout::state))
        .route(&view("mandates/{session}/state"), get(mandate::state))
        .route(&view("payments/{cf_payment_id}/state"), get(payment::state))
        .layer(cors::layer());
    Router::new()
        .merge(pages)
        .merge(states)
        .route(&view("payments/{cf_payment_id}/qr.svg"), get(payment::qr_code))
        .route(&view("assets/{name}"), get(script::asset))
        .route(script::PATH, get(script::cashfree))
}
