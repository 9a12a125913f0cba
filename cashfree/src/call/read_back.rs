//! Reading back a write whose outcome is open.
//!
//! The service says that the object of a write exists already, or that its key was used before. If an earlier attempt, or another
//! call with the same key, may have done that, the object is read. If it is as requested, it is the response of the
//! call. This needs a row of the operation table that names a read with a response of the same type, and an
//! identifier of the caller's.

use std::time::Duration;

use cashfree_gen::expected::Source;
use cashfree_gen::{Request, Response};
use http::StatusCode;

use super::compare::{Verdict, compare};
use super::delivery::Delivery;
use super::held::{self, Held};
use super::identity;
use crate::error::{is_anonymous, is_conflict, is_in_progress};
use crate::response::{content_coding, is_json};
use crate::{ApiError, Cause, Failure, RetryClass};

/// Waits before further reads of what does not exist yet: a service may show a new object only after some seconds.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1_600),
    Duration::from_secs(2),
];

impl Delivery {
    /// Returns whether a refusal may be due to an earlier attempt of this call, or to another call with its key.
    pub(super) fn may_be_its_own(&self, response: &Response) -> bool {
        let error = ApiError::parse(&response.body);
        let (status, error) = (response.status, error.as_ref());
        let is_open = self.continues || self.progress().is_open();
        // A page with 409 as the first response opens the outcome by itself, and is no word of the service's.
        let is_first = !self.continues && self.progress().attempts == 1 && is_anonymous(status, error);
        // A second capture is refused in words that are not documented.
        let conflicts =
            !is_first && (is_conflict(status, error) || held::decides(self.operation) && is_state(status));
        let in_progress = || error.is_some_and(|error| is_in_progress(status, error));
        !self.reads() && (is_open && conflicts || in_progress())
    }

    /// Reads what a write creates under its identifier, or decides for held money. Returns the response if that is as
    /// requested; otherwise records how it differs.
    pub(super) async fn read_back(&self, request: &Request) -> Option<Response> {
        if held::decides(request.operation) {
            return self.find_held(request).await;
        }
        let found = self.find(&read_request(request)?).await?;
        let verdict = compare(&request.body, &found.body);
        let mut progress = self.progress();
        match verdict {
            Verdict::Same => {
                progress.read_back = true;
                return Some(found);
            }
            Verdict::Differs(fields) => progress.differing = fields,
            Verdict::Ended { field, status } => progress.ended = Some((field, status)),
            Verdict::Unclear => {}
        }
        None
    }

    /// Looks for a capture or a void among the payments of the order, for some seconds.
    async fn find_held(&self, request: &Request) -> Option<Response> {
        let read = held::read_request(request)?;
        let mut patience = PATIENCE.into_iter();
        loop {
            let found = self.find(&read).await?;
            match held::find(request, &found) {
                Held::Done(payment) => {
                    self.progress().read_back = true;
                    return Some(Response { body: payment.into(), ..found });
                }
                Held::Other(field) => {
                    self.progress().differing = vec![field.to_owned()];
                    return None;
                }
                open @ (Held::Undone(..) | Held::Open) => {
                    // The service may repeat what has failed.
                    if self.wait_for_change(&mut patience).await.is_none() {
                        if let Held::Undone(field, value) = open {
                            self.progress().ended = Some((field.to_owned(), value));
                        }
                        return None;
                    }
                }
            }
        }
    }

    /// Waits before the object is read again. Returns the wait, or `None` if there is no further one.
    async fn wait_for_change(&self, patience: &mut impl Iterator<Item = Duration>) -> Option<Duration> {
        let wait = patience.next().filter(|wait| *wait < self.time_left())?;
        self.sleep(wait).await.then_some(wait)
    }

    /// Reads within the time limit of the call: failures are repeated as the policy says, and an object that does not
    /// exist yet is read again for some seconds.
    async fn find(&self, read: &Request) -> Option<Response> {
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        let mut patience = PATIENCE.into_iter();
        while !self.time_left().is_zero() {
            let response = self.prepare(read).ok()?;
            let cause = match self.finish(read.operation, attempt, waited, response).await {
                Ok(found) if found.status.is_success() => {
                    let is_own = content_coding(&found.headers).is_none()
                        && is_json(&found.body)
                        && identity::check(read, &found).is_ok();
                    if is_own {
                        return Some(found);
                    }
                    Cause::NoResponse
                }
                Ok(found) if found.status == StatusCode::NOT_FOUND => {
                    waited = self.wait_for_change(&mut patience).await?;
                    attempt += 1;
                    continue;
                }
                Ok(found) => self.cause_of(&found),
                Err(failure) if failure.too_large || failure.permanent.is_some() => return None,
                Err(failure) => Cause::from(failure.sent),
            };
            waited = self.pause(Failure { attempt, ..Failure::new(RetryClass::Safe, cause) }).await?;
            attempt += 1;
        }
        None
    }
}

/// Statuses that refuse a request for the state of its object.
fn is_state(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 403 | 404)
}

/// Returns the request that reads what a write creates, if the operation table names one. Each parameter of its path
/// is a parameter of the write's path, or a field of its body of the same name. `None` also if the caller left the
/// identifier to the service.
fn read_request(write: &Request) -> Option<Request> {
    let value = |name| write.value(Source::Path(name)).or_else(|| write.value(Source::Body(name)));
    Request::with_parameters(write.operation.read_back?, value)
}

#[cfg(test)]
mod tests {
    use cashfree_gen::operations;

    use super::*;
    use crate::Operation;

    fn request(operation: &'static Operation, path: &str, body: &'static str) -> Request {
        let mut request = Request::new(operation, path.to_owned());
        request.body = body.into();
        request
    }

    #[test]
    fn the_path_is_filled_from_the_path_and_the_body() {
        let refund = request(
            &operations::PG_ORDER_CREATE_REFUND,
            "/orders/an%20order/refunds?x=1",
            r#"{"refund_id":"a/b","order_id":"another"}"#,
        );
        let read = read_request(&refund);
        assert_eq!(
            read.as_ref().map(|read| (read.operation.id, read.path.as_str())),
            Some(("PGOrderFetchRefund", "/orders/an%20order/refunds/a%2Fb"))
        );
        assert!(read.is_some_and(|read| read.body.is_empty() && read.headers.is_empty()));
    }

    #[test]
    fn what_the_service_names_can_not_be_read() {
        for body in [r#"{"order_amount":1}"#, r#"{"order_id":null}"#, r#"{"order_id":""}"#, "[]", ""] {
            let order = request(&operations::PG_CREATE_ORDER, "/orders", body);
            assert!(read_request(&order).is_none(), "{body}");
        }
        assert!(read_request(&request(&operations::PG_FETCH_ORDER, "/orders/order_1", "")).is_none());
    }
}
