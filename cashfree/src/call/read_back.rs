//! The answer to a lost write: an attempt may have taken effect, the next one is told that the thing exists
//! already, so the thing itself is looked at.
//!
//! Only where the operation table names a read with an answer of the same type, and the identifier is the
//! caller's. Where what is there is what was asked, it is the answer of the call.

use std::time::Duration;

use cashfree_gen::Request;
use cashfree_gen::expected::Source;

use super::attempt::Delivery;
use super::compare::{Verdict, compare};
use crate::response::content_coding;
use crate::{ApiError, Cause, Failure, Repeat};

impl Delivery {
    /// Whether a refusal may be due to what an earlier attempt of this call did.
    pub(super) fn may_be_its_own(&self, answer: &cashfree_gen::Response) -> bool {
        let exists = || {
            let error = ApiError::parse(&answer.body);
            error.and_then(|error| error.code).is_some_and(|code| code.ends_with("_already_exists"))
        };
        self.progress().is_open() && (answer.status == 409 || answer.status == 400 && exists())
    }

    /// What a request asked for, as it is found under its identifier; `None` where it can't be read, or is
    /// something else.
    pub(super) async fn read_back(&self, request: &Request) -> Option<cashfree_gen::Response> {
        let found = self.find(&read_request(request)?).await?;
        let verdict = compare(&request.body, &found.body);
        let mut progress = self.progress();
        match verdict {
            Verdict::Same => {
                progress.read_back = true;
                Some(found)
            }
            Verdict::Differs { members, foreign } => {
                progress.foreign = foreign;
                progress.differing = members;
                None
            }
            Verdict::Unclear => None,
        }
    }

    /// Reads, as patiently as the call's own policy and time limit say.
    async fn find(&self, read: &Request) -> Option<cashfree_gen::Response> {
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        while !self.left().is_zero() {
            let response = self.start(read).ok()?;
            let cause = match self.finish(read.operation, attempt, waited, response).await {
                Ok(answer) if answer.status.is_success() => {
                    return Some(answer).filter(|answer| content_coding(&answer.headers).is_none());
                }
                Ok(answer) => self.cause_of(&answer),
                Err(failure) if failure.too_large => return None,
                Err(failure) => Cause::from(failure.sent),
            };
            waited = self.pause(Failure { attempt, ..Failure::new(Repeat::Safe, cause) }).await?;
            attempt += 1;
        }
        None
    }
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
