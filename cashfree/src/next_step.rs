//! What to do about a failed call.

use std::fmt;
use std::time::Duration;

use cashfree_gen::expected::Source;

use crate::{IdempotencyKey, Operation};

/// Recommended action after a failed call, returned by [`Error::next_step`](crate::Error::next_step).
///
/// ```no_run
/// # async fn run(client: cashfree::Client, refund: cashfree::types::CreateRefund) -> Result<(), cashfree::Error> {
/// use cashfree::NextStep;
///
/// let Err(error) = client.refunds().create("order_1", refund.clone()).await else { return Ok(()) };
/// match error.next_step() {
///     // Later, with the same request.
///     NextStep::Resend(key) => {
///         client.refunds().create("order_1", refund).idempotency_key(key).await?;
///     }
///     NextStep::Read(look_up) => println!("read {} {:?}", look_up.operation().id, look_up.ids()),
///     NextStep::Nothing => eprintln!("nothing was changed: {error}"),
///     _ => eprintln!("a person has to look: {error}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Nothing changed at Cashfree. Correct the request, or call again later if
    /// [`is_retryable`](crate::Error::is_retryable). Not for a call that follows earlier ones with its key: these may have
    /// been applied.
    Nothing,
    /// Resend the same request with this key. The write may have been applied, and a second request does not apply
    /// it twice: the service knows the key, or refuses the request by its identifier or the state of the object.
    Resend(IdempotencyKey),
    /// Read the object. The write may have been applied, by this call or an earlier one with its key, and resending it is
    /// unsafe or returns the same response.
    ///
    /// What is found counts. An object that is not found (404), or is as it was, proves nothing: the write may become
    /// visible, or take effect, later. Read again later, and do not write under a new identifier.
    Read(LookUp),
    /// A person has to look in the dashboard, or ask Cashfree by the request id. The write may have been applied, a second
    /// request may apply it twice, and no operation shows the outcome.
    AskPerson,
}

/// The step as a sentence for logs and dead letters, such as `read PGFetchOrder /orders/order_1`.
impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing was changed: correct the call, or make a new one"),
            Self::Resend(_) => f.write_str("resend the same request with its key"),
            Self::Read(look_up) => write!(f, "read {look_up}"),
            Self::AskPerson => f.write_str("look in the dashboard, or ask Cashfree by the request id"),
        }
    }
}

/// Recommended action for the job of a failed call in a job engine, returned by
/// [`Error::job_step`](crate::Error::job_step).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobStep {
    /// Run the job again after this time, with the same [`StoredCall`](crate::StoredCall).
    Retry {
        /// Wait before the next run: what the service asked for, or 5 seconds, doubled with each run up to an hour.
        after: Duration,
    },
    /// Run the job again after this time, with [`StoredCall::with_new_key`](crate::StoredCall::with_new_key): the
    /// service has stored a failure of its own under the key and would repeat it. It refuses a second object under the
    /// request's identifier, or a second action in the object's state, whatever the key.
    NewKey {
        /// Wait before the next run, as of a retry.
        after: Duration,
    },
    /// Do not run the job again. Keep it for a person, with the error's `Display` and its
    /// [`next_step`](crate::Error::next_step).
    DeadLetter,
}

/// Wait before the run after this one, counted from one, unless the service asks for another.
pub(crate) fn job_backoff(run: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_secs(60 * 60);
    FIRST.saturating_mul(1_u32.checked_shl(run.saturating_sub(1)).unwrap_or(u32::MAX)).min(LONGEST)
}

/// The read that shows what a write did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUp {
    operation: &'static Operation,
    path: String,
    ids: Vec<(&'static str, String)>,
}

/// The operation and its path.
impl fmt::Display for LookUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation.id, self.path)
    }
}

impl LookUp {
    /// Returns the read for a write, where the operation table names one and the request has the identifiers.
    pub(crate) fn of(request: &cashfree_gen::Request) -> Option<Self> {
        let value = |name| request.value(Source::Path(name)).or_else(|| request.value(Source::Body(name)));
        let read = cashfree_gen::Request::with_parameters(request.operation.look_up?, value)?;
        let names = read.operation.path.split('/');
        let names = names.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let ids = names.filter_map(|name| Some((name, read.value(Source::Path(name))?))).collect();
        Some(Self { operation: read.operation, path: read.path, ids })
    }

    /// Returns the operation to call, such as `PGOrderFetchRefund`.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Returns the identifiers that the operation takes, in the order of its path: name and value.
    pub fn ids(&self) -> &[(&'static str, String)] {
        &self.ids
    }

    /// Returns the identifier of what is read: the last one of the path.
    pub fn id(&self) -> &str {
        self.ids.last().map_or("", |(_, id)| id)
    }

    /// Returns the path below the base URL, for a [raw call](crate::Client::raw).
    pub fn path(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_wait_longer_each_time_up_to_an_hour() {
        let seconds: Vec<u64> =
            [0, 1, 2, 3, 10, 11, 32, 33, u32::MAX].map(|run| job_backoff(run).as_secs()).to_vec();
        assert_eq!(seconds, [5, 5, 10, 20, 2560, 3600, 3600, 3600, 3600]);
    }
}
