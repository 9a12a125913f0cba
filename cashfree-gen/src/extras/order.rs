//! What is asked of an order beyond its fields.

use std::fmt;

use crate::PaymentSessionId;
use crate::types::{Order, OrderStatus};

impl Order {
    /// Returns the session id, with which the payer's side opens a checkout.
    ///
    /// ```
    /// # use cashfree_gen as cashfree;
    /// use cashfree::types::{Order, OrderStatus};
    ///
    /// let order: Order = serde_json::from_str(
    ///     r#"{"order_id":"order_1","cf_order_id":"1","order_amount":499,"order_currency":"INR","order_status":"PAID"}"#,
    /// )?;
    /// let error = order.session().unwrap_err();
    /// assert_eq!(error.order_status(), &OrderStatus::Paid);
    /// assert_eq!(error.to_string(), "the order has no payment session: it is paid");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NoSession`] where the order can't be paid: it is paid, expired or terminated, or its response has no session.
    /// An order that can't be paid has no session, whatever its response holds.
    pub fn session(&self) -> Result<&PaymentSessionId, NoSession> {
        let is_over = matches!(
            self.order_status,
            OrderStatus::Paid
                | OrderStatus::Expired
                | OrderStatus::Terminated
                | OrderStatus::TerminationRequested
        );
        let session = self.payment_session_id.as_ref().filter(|session| !session.as_str().trim().is_empty());
        session.filter(|_| !is_over).ok_or_else(|| NoSession(self.order_status.clone()))
    }
}

/// Error returned when an order has no payment session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSession(OrderStatus);

impl NoSession {
    /// Returns the status of the order, which says why.
    pub const fn order_status(&self) -> &OrderStatus {
        &self.0
    }
}

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the order has no payment session: ")?;
        match &self.0 {
            OrderStatus::Paid => f.write_str("it is paid"),
            OrderStatus::Expired => f.write_str("it has expired"),
            OrderStatus::Terminated => f.write_str("it is terminated"),
            OrderStatus::TerminationRequested => f.write_str("its termination is requested"),
            OrderStatus::Absent => f.write_str("the response has neither a session nor a status"),
            // An unknown status is text of the service.
            OrderStatus::Active | OrderStatus::Unknown(_) => {
                f.write_str("the response has none, although the order may be payable")
            }
        }
    }
}

impl std::error::Error for NoSession {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn order(status: &str, session: &str) -> Order {
        let body = format!(
            r#"{{"order_id":"o_1","cf_order_id":1,"order_amount":5,"order_currency":"INR","order_status":{status},
                "payment_session_id":{session}}}"#
        );
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn an_order_that_can_be_paid_has_a_session() {
        for status in ["\"ACTIVE\"", "null", "\"\"", "\"OF_TOMORROW\""] {
            let order = order(status, "\"session_1\"");
            assert_eq!(order.session().unwrap(), "session_1", "{status}");
        }
    }

    #[test]
    fn an_order_without_a_session_says_why() {
        for (status, session, reason) in [
            ("\"PAID\"", "\"session_1\"", "it is paid"),
            ("\"EXPIRED\"", "\"session_1\"", "it has expired"),
            ("\"TERMINATED\"", "null", "it is terminated"),
            ("\"TERMINATION_REQUESTED\"", "null", "its termination is requested"),
            ("null", "null", "neither a session nor a status"),
            ("\"ACTIVE\"", "\"\"", "the response has none"),
            ("\"S3CRET\"", "null", "the response has none"),
        ] {
            let error = order(status, session).session().unwrap_err();
            assert!(error.to_string().contains(reason) && !error.to_string().contains("S3CRET"), "{error}");
        }
    }
}
