//! Paths of the pages, for links from one to another.

use crate::http::API_PREFIX;

/// Path of the checkout page of a payment session.
pub(crate) fn checkout(session: &str) -> String {
    format!("{API_PREFIX}/view/checkout/{session}")
}

/// Path of the page that authorizes the mandate of a subscription session.
pub(crate) fn mandate(session: &str) -> String {
    format!("{API_PREFIX}/view/mandates/{session}")
}

/// Path of the bank page of a payment.
pub(crate) fn payment(cf_payment_id: &str) -> String {
    format!("{API_PREFIX}/view/sessions/checkout/{cf_payment_id}")
}
