//! Running a handler once per event.

use std::fmt;

use http::StatusCode;

use super::{Claim, ClaimToken, DedupeKey, DedupeStore, LeaseState};
use crate::BoxError;

/// Outcome of [`deduplicate`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Deduplicated<T> {
    /// The event was handled and will not be handled again.
    Handled(T),
    /// The event was handled, but its lease had ended and another handler has claimed it: both may have had effects.
    /// Choose a longer lease, or [renew](Lease::renew) it.
    LeaseLost(T),
    /// The event was handled, but the store failed to remember that. If delivered again, it is handled again.
    Unconfirmed(T, BoxError),
    /// The event was handled before.
    AlreadyHandled,
    /// Another handler is handling the event. Should it fail, the event has to be delivered again.
    InProgress,
}

impl<T> Deduplicated<T> {
    /// Returns the status to respond with: 200 for a handled event, 503 for one in progress, so that it is delivered
    /// again.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Handled(_) | Self::LeaseLost(_) | Self::Unconfirmed(..) | Self::AlreadyHandled => {
                StatusCode::OK
            }
            Self::InProgress => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Error returned by [`deduplicate`]. Respond with 500, and the event is delivered again.
#[derive(Debug)]
#[non_exhaustive]
pub enum DedupeError<E> {
    /// The store failed or is full; the handler did not run.
    Store(BoxError),
    /// The handler failed; its claim was released, or its lease will end.
    Handler(E),
}

impl<E: fmt::Display> fmt::Display for DedupeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(_) => f.write_str("the deduplication store failed"),
            Self::Handler(error) => error.fmt(f),
        }
    }
}

/// For handler errors of any kind, [`BoxError`] included, which is no [`Error`](std::error::Error) itself.
impl<E: fmt::Debug + fmt::Display> std::error::Error for DedupeError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error.as_ref()),
            Self::Handler(_) => None,
        }
    }
}

/// Lease of a handler on its event.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a, S: ?Sized> {
    store: &'a S,
    key: &'a DedupeKey,
    token: ClaimToken,
}

impl<S: DedupeStore + ?Sized> Lease<'_, S> {
    /// Extends the lease by its full time. Call this before an effect that must not happen twice, and during long
    /// work.
    ///
    /// [`LeaseState::Lost`] means that another handler has the event: stop without further effects and return an
    /// error.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn renew(&self) -> Result<LeaseState, BoxError> {
        self.store.renew(self.key, &self.token).await
    }

    /// Returns the fencing token, to store with the handler's own writes.
    pub const fn token(&self) -> &ClaimToken {
        &self.token
    }
}

/// Runs a handler unless the event was handled or is being handled.
///
/// At most one handler of an event ends as [`Deduplicated::Handled`]. One that outlives its lease, while another handler took
/// over, ends as [`Deduplicated::LeaseLost`]; [`deduplicate_with_lease`] lets it notice before its effects.
///
/// If the future is dropped, as servers do when the caller disconnects, the lease ends by itself. Spawn work that
/// must be finished.
///
/// ```
/// use cashfree::webhook::{Deduplicated, MemoryStore, Verified, deduplicate};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # let delivery = Verified::trust_without_verification(&http::HeaderMap::new(), "{}");
/// let store = MemoryStore::new();
/// let first = deduplicate(&store, &delivery.dedupe_key(), async || Ok::<_, std::io::Error>("sent the tickets")).await?;
/// assert!(matches!(first, Deduplicated::Handled("sent the tickets")));
/// let again = deduplicate(&store, &delivery.dedupe_key(), async || Ok::<_, std::io::Error>("")).await?;
/// assert!(matches!(again, Deduplicated::AlreadyHandled));
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(run())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`DedupeError`]: the error of the store or of the handler.
pub async fn deduplicate<S, H, F, T, E>(
    store: &S,
    key: &DedupeKey,
    handle: H,
) -> Result<Deduplicated<T>, DedupeError<E>>
where
    S: DedupeStore + ?Sized,
    H: FnOnce() -> F,
    F: Future<Output = Result<T, E>>,
{
    deduplicate_with_lease(store, key, |_| handle()).await
}

/// Runs a handler as [`deduplicate`] does, and gives it the lease of its event.
///
/// ```
/// use cashfree::webhook::{LeaseState, MemoryStore, Verified, deduplicate_with_lease};
/// # use cashfree::BoxError;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # let delivery = Verified::trust_without_verification(&http::HeaderMap::new(), "{}");
/// let store = MemoryStore::new();
/// let key = delivery.dedupe_key();
/// let done = deduplicate_with_lease(&store, &key, async |lease| {
///     // ... slow preparation ...
///     match lease.renew().await? {
///         LeaseState::Held => Ok("sent the tickets"),
///         _ => Err(BoxError::from("another receiver took over")),
///     }
/// });
/// assert_eq!(done.await?.status(), 200);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(run())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`deduplicate`].
pub async fn deduplicate_with_lease<'a, S, H, F, T, E>(
    store: &'a S,
    key: &'a DedupeKey,
    handle: H,
) -> Result<Deduplicated<T>, DedupeError<E>>
where
    S: DedupeStore + ?Sized,
    H: FnOnce(Lease<'a, S>) -> F,
    F: Future<Output = Result<T, E>>,
{
    let token = ClaimToken::random();
    match store.claim(key, &token).await.map_err(DedupeError::Store)? {
        Claim::Done => return Ok(Deduplicated::AlreadyHandled),
        Claim::InProgress => return Ok(Deduplicated::InProgress),
        Claim::New => {}
    }
    match handle(Lease { store, key, token }).await {
        Ok(value) => Ok(match store.confirm(key, &token).await {
            Ok(LeaseState::Held) => Deduplicated::Handled(value),
            Ok(LeaseState::Lost) => Deduplicated::LeaseLost(value),
            Err(error) => Deduplicated::Unconfirmed(value, error),
        }),
        Err(error) => {
            // A claim that can't be released ends by itself; the handler's error counts.
            let _ = store.release(key, &token).await;
            Err(DedupeError::Handler(error))
        }
    }
}
