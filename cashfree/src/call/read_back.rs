//! The answer to a lost write: an attempt may have taken effect, the next one is told that the thing exists
//! already, so the thing itself is looked at.
//!
//! Only where the operation table names a read with an answer of the same type, and the identifier is the
//! caller's. Where what is there is what was asked, it is the answer of the call.

use std::time::Duration;

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
    pub(super) async fn read_back(&self, request: &cashfree_gen::Request) -> Option<cashfree_gen::Response> {
        let found = self.find(&request.read_back()?).await?;
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
    async fn find(&self, read: &cashfree_gen::Request) -> Option<cashfree_gen::Response> {
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        while !self.left().is_zero() {
            let outgoing = self.outgoing(read).ok()?;
            let cause = match self.send(read.operation, attempt, waited, outgoing).await {
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
