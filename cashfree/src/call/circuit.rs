//! The circuit breaker of the client.

use std::time::Duration;

use http::StatusCode;

use super::delivery::Delivery;
use super::protection::needs;
use super::undelivered::Undelivered;
use crate::{ApiError, ErrorKind, TransportError};

impl Delivery {
    /// Refuses the first attempt of a call while the circuit is open.
    #[expect(clippy::result_large_err, reason = "it is made once, when the call fails")]
    pub(super) fn check_circuit(&self) -> Result<(), Undelivered> {
        // Later attempts have waited for it.
        let Some(circuit) = self.client.circuit().filter(|_| self.progress().attempts == 0) else {
            return Ok(());
        };
        circuit.admit(self.client.clock().now()).map_err(|left| {
            let detail = format!(
                "the circuit is open after {} failures in a row, and nothing is sent for {left:.1?}",
                circuit.failures()
            );
            Undelivered { circuit_open: true, ..Undelivered::local(ErrorKind::Connect, detail, None) }
        })
    }

    /// Waits until the circuit admits another attempt. Returns the wait, or `None` if there is no time for it.
    pub(super) async fn wait_for_circuit(&self) -> Option<Duration> {
        let Some(circuit) = self.client.circuit() else { return Some(Duration::ZERO) };
        let needs = needs(self.operation, self.timeout, self.policy.time_limit());
        let mut waited = Duration::ZERO;
        while let Err(left) = circuit.admit(self.client.clock().now()) {
            if self.time_left() <= left + needs || !self.sleep(left).await {
                return None;
            }
            waited += left;
        }
        Some(waited)
    }

    /// Records the outcome of an attempt in the circuit.
    pub(super) fn record(&self, outcome: Result<&cashfree_gen::Response, &TransportError>) {
        let Some(circuit) = self.client.circuit() else { return };
        let failed = match outcome {
            // It would recur although the service works.
            Err(failure) if failure.permanent.is_some() => return,
            Err(failure) => !failure.too_large,
            Ok(response) => is_outage(response),
        };
        circuit.record(self.client.clock().now(), failed);
    }
}

/// Returns whether a response shows that the service, or a proxy before it, does not work.
fn is_outage(response: &cashfree_gen::Response) -> bool {
    const OUTAGE: [StatusCode; 3] =
        [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
    let is_of_the_bank = || {
        let code = ApiError::parse(&response.body).and_then(|error| error.code);
        code.as_deref() == Some("bank_processing_failure")
    };
    OUTAGE.contains(&response.status) && !is_of_the_bank()
}
