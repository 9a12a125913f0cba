//! Addresses of the pages, for links from one to another.

use crate::http::API_PREFIX;

/// The page of one session.
pub(crate) fn checkout(session: &str) -> String {
    format!("{API_PREFIX}/view/checkout/{session}")
}

/// The page of one session.
pub(crate) fn mandate(session: &str) -> String {
    format!("{API_PREFIX}/view/mandates/{session}")
}

/// The page of one payment.
pub(crate) fn payment(cf_payment_id: &str) -> String {
    format!("{API_PREFIX}/view/sessions/checkout/{cf_payment_id}")
}
