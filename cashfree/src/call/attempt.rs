//! Sends the attempts of one call until a response stands.

use std::time::Duration;

use super::delivery::Delivery;
use super::request::PendingResponse;
use super::trace;
use super::undelivered::Undelivered;
use crate::retry::is_transient;
use crate::{Cause, Operation, Sent, TransportError};

impl Delivery {
    /// Sends attempts until a response stands or no attempt may follow.
    async fn deliver(&self, request: &cashfree_gen::Request) -> Result<cashfree_gen::Response, Undelivered> {
        let identified = self.identified(request);
        let request = identified.as_ref().unwrap_or(request);
        self.request.get_or_init(|| request.clone());
        self.check_circuit()?;
        loop {
            let outcome = self.attempt(request).await?;
            let (cause, settled) = match outcome {
                Ok(response) if response.status.is_success() => {
                    match self.check_success(request, &response) {
                        Ok(()) => return Ok(response),
                        Err(fault) => {
                            let is_foreign = fault.foreign;
                            let settled = Err(Undelivered { partial: Some(response), ..fault });
                            if !is_foreign {
                                return settled;
                            }
                            // The response of another request counts as no response.
                            (Cause::NoResponse, settled)
                        }
                    }
                }
                Ok(response) => {
                    if self.may_be_its_own(&response)
                        // Boxed: it is rare, and large for a future that every call holds.
                        && let Some(found) = Box::pin(self.read_back(request)).await
                    {
                        return Ok(found);
                    }
                    (self.cause_of(&response), Ok(response))
                }
                // Another attempt would fail alike.
                Err(failure) if failure.too_large || failure.permanent.is_some() => {
                    return Err(failure.into());
                }
                Err(failure) => (Cause::from(failure.sent), Err(failure.into())),
            };
            if !self.wait_for_retry(cause).await {
                return settled;
            }
        }
    }

    /// Sends one attempt. The outer error is local and final: there is nothing to send.
    async fn attempt(
        &self,
        request: &cashfree_gen::Request,
    ) -> Result<Result<cashfree_gen::Response, TransportError>, Undelivered> {
        let pending = self.prepare(request)?;
        let (attempt, waited) = {
            let mut progress = self.progress();
            progress.attempts += 1;
            (progress.attempts, progress.waited)
        };
        if attempt == 1 {
            self.budget.begin(self.client.clock().now(), self.policy.extra_load());
        }
        let response = self.finish(request.operation, attempt, waited, pending).await;
        if attempt > 1 && response.as_ref().is_ok_and(|response| !is_transient(response.status.as_u16())) {
            self.budget.give_back();
        }
        match &response {
            Ok(response) => self.update(|progress| {
                progress.sent = true;
                progress.uncertain |= self.leaves_open(response);
            }),
            Err(failure) => self.update(|progress| {
                progress.sent |= failure.sent == Sent::Maybe;
                progress.uncertain |= failure.sent == Sent::Maybe;
            }),
        }
        Ok(response)
    }

    /// Sends what [`prepare`](Self::prepare) prepared and awaits the response.
    pub(super) fn finish<'a>(
        &'a self,
        operation: &'static Operation,
        attempt: u32,
        waited: Duration,
        pending: PendingResponse<'a>,
    ) -> impl Future<Output = Result<cashfree_gen::Response, TransportError>> + 'a {
        let begun = trace::ENABLED.then(|| self.client.clock().now());
        async move { self.receive(operation, attempt, waited, begun, pending.await) }
    }
}

/// The transport of a generated client that lives for one call.
impl cashfree_gen::Transport for Delivery {
    fn execute<'a>(
        &'a self,
        request: cashfree_gen::Request,
    ) -> cashfree_gen::BoxFuture<'a, Result<cashfree_gen::Response, cashfree_gen::BoxError>> {
        Box::pin(async move { self.deliver(&request).await.map_err(Into::into) })
    }
}
