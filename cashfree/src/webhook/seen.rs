//! Handling an event once, however often it is delivered.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use uuid::Uuid;

use super::DedupeKey;
use crate::{BoxError, BoxFuture};

/// Remembers which events were handled. [`SeenInMemory`](super::SeenInMemory) does so for one process;
/// where several processes receive, or one that restarts, they share a store.
///
/// An event is first *claimed* for a while, then *confirmed* when it was handled, or *released* when that
/// failed. So a failure is handled again when the event is delivered again, and so is a crash, once the
/// claim has run out: choose that time longer than a handler takes, and, so that the first redelivery
/// finds it over, shorter than the two minutes until that comes. [`once`] takes the steps in order.
///
/// # Redis
///
/// One entry an event: the token while it is claimed, `done` afterwards. The connection is left open here;
/// any client of Redis can stand behind it.
///
/// ```
/// use cashfree::webhook::{Claim, ClaimToken, DedupeKey, Seen};
/// use cashfree::{BoxError, BoxFuture};
///
/// trait Redis: std::fmt::Debug + Send + Sync + 'static {
///     /// Sends a command; `None` is Redis' nil.
///     fn command<'a>(&'a self, words: Vec<String>) -> BoxFuture<'a, Result<Option<String>, BoxError>>;
/// }
///
/// #[derive(Debug)]
/// struct SeenInRedis<R>(R);
///
/// impl<R: Redis> SeenInRedis<R> {
///     async fn run(&self, words: &[&str]) -> Result<Option<String>, BoxError> {
///         self.0.command(words.iter().map(ToString::to_string).collect()).await
///     }
/// }
///
/// impl<R: Redis> Seen for SeenInRedis<R> {
///     fn claim<'a>(&'a self, key: &'a DedupeKey, token: &'a ClaimToken) -> BoxFuture<'a, Result<Claim, BoxError>> {
///         Box::pin(async move {
///             let (name, token) = (format!("cashfree:{key}"), token.to_string());
///             if self.run(&["SET", &name, &token, "NX", "EX", "90"]).await?.is_some() {
///                 return Ok(Claim::New);
///             }
///             let state = self.run(&["GET", &name]).await?;
///             Ok(if state.as_deref() == Some("done") { Claim::Done } else { Claim::InProgress })
///         })
///     }
///
///     fn confirm<'a>(&'a self, key: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
///         Box::pin(async move {
///             self.run(&["SET", &format!("cashfree:{key}"), "done", "EX", "259200"]).await.map(drop)
///         })
///     }
///
///     fn release<'a>(&'a self, key: &'a DedupeKey, token: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
///         const OWN: &str =
///             "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end";
///         Box::pin(async move {
///             self.run(&["EVAL", OWN, "1", &format!("cashfree:{key}"), &token.to_string()]).await.map(drop)
///         })
///     }
/// }
/// ```
///
/// # Postgres
///
/// Where the handler's own writes go to the same database no claim is needed. Begin a transaction with
///
/// ```sql
/// INSERT INTO cashfree_event (key) VALUES ($1) ON CONFLICT DO NOTHING
/// ```
///
/// on a table whose primary key is [`DedupeKey`]'s text. No row inserted: it was handled, answer 200. One
/// row: handle the event in this transaction and commit; a failure or crash takes the row back with it,
/// and another receiver waits at the insert until it is decided. A handler that does more than write to
/// that database needs claims, in a table `(key text primary key, token text, until timestamptz)`:
///
/// ```sql
/// -- claim: one row is New; none means that it is Done (token is null) or InProgress
/// INSERT INTO cashfree_seen VALUES ($1, $2, now() + interval '90 seconds')
///   ON CONFLICT (key) DO UPDATE SET token = excluded.token, until = excluded.until
///   WHERE cashfree_seen.until < now() RETURNING key;
/// -- confirm
/// INSERT INTO cashfree_seen VALUES ($1, NULL, now() + interval '3 days')
///   ON CONFLICT (key) DO UPDATE SET token = NULL, until = excluded.until;
/// -- release
/// DELETE FROM cashfree_seen WHERE key = $1 AND token = $2;
/// ```
pub trait Seen: fmt::Debug + Send + Sync + 'static {
    /// Claims an event for the holder of this token, for a limited time, unless it is claimed or done. Of
    /// several who try at once one succeeds.
    ///
    /// # Errors
    /// When the store can't tell; nothing is to be handled then.
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>>;

    /// Remembers the event as handled, whoever claims it now, for longer than it can still be delivered:
    /// payments can be sent again for 24 hours, by hand.
    ///
    /// # Errors
    /// When the store can't be written.
    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>>;

    /// Gives a claim back, if it is still this token's.
    ///
    /// # Errors
    /// When the store can't be written; the claim then runs out by itself.
    fn release<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>>;
}

impl<S: Seen + ?Sized> Seen for Arc<S> {
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        self.as_ref().claim(key, token)
    }

    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        self.as_ref().confirm(key, token)
    }

    fn release<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        self.as_ref().release(key, token)
    }
}

/// What became of an attempt to claim an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's to handle.
    New,
    /// Somebody handles it right now, or began to and has not been heard of since.
    InProgress,
    /// It was handled.
    Done,
}

/// Tells one claim from another, so that nobody gives back what somebody else has claimed meanwhile.
/// `Display` is the text to store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimToken(Uuid);

impl ClaimToken {
    /// A fresh one.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What [`once`] did with a delivery.
#[derive(Debug)]
#[non_exhaustive]
pub enum Once<T> {
    /// It was handled, and will not be again.
    Handled(T),
    /// It was handled, but the store could not be told. If it is delivered again, it will be handled again.
    Unconfirmed(T, BoxError),
    /// It was handled before.
    Before,
    /// Somebody handles it right now. Should they fail, it has to be delivered again.
    InProgress,
}

impl<T> Once<T> {
    /// What to answer: 200 for what is handled, 503 for what is in progress, so that it comes again.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Handled(_) | Self::Unconfirmed(..) | Self::Before => StatusCode::OK,
            Self::InProgress => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Why [`once`] did not handle a delivery: answer 500, and it comes again.
#[derive(Debug)]
#[non_exhaustive]
pub enum OnceError<E> {
    /// The store could not tell whether the event was handled; the handler did not run.
    Store(BoxError),
    /// The handler failed; its claim was given back, or will run out.
    Handler(E),
}

impl<E: fmt::Display> fmt::Display for OnceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(_) => f.write_str("the store of handled events failed"),
            Self::Handler(error) => error.fmt(f),
        }
    }
}

/// For any error of a handler, also those that hide what they are, such as a [`BoxError`].
impl<E: fmt::Debug + fmt::Display> std::error::Error for OnceError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error.as_ref()),
            Self::Handler(_) => None,
        }
    }
}

/// Runs a handler unless the event was handled or is being handled.
///
/// If the future is dropped half-way, as servers do when the caller hangs up, the claim runs out by itself.
/// Spawn what must be finished.
///
/// ```
/// use cashfree::webhook::{Once, SeenInMemory, Verified, once};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # let delivery = Verified::trust_without_verification(&http::HeaderMap::new(), "{}");
/// let seen = SeenInMemory::new();
/// let first = once(&seen, &delivery.dedupe_key(), async || Ok::<_, std::io::Error>("sent the tickets")).await?;
/// assert!(matches!(first, Once::Handled("sent the tickets")));
/// let again = once(&seen, &delivery.dedupe_key(), async || Ok::<_, std::io::Error>("")).await?;
/// assert!(matches!(again, Once::Before));
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(run())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OnceError`]: what the store or the handler says.
pub async fn once<S, H, F, T, E>(seen: &S, key: &DedupeKey, handle: H) -> Result<Once<T>, OnceError<E>>
where
    S: Seen + ?Sized,
    H: FnOnce() -> F,
    F: Future<Output = Result<T, E>>,
{
    let token = ClaimToken::random();
    match seen.claim(key, &token).await.map_err(OnceError::Store)? {
        Claim::Done => return Ok(Once::Before),
        Claim::InProgress => return Ok(Once::InProgress),
        Claim::New => {}
    }
    match handle().await {
        Ok(value) => Ok(match seen.confirm(key, &token).await {
            Ok(()) => Once::Handled(value),
            Err(error) => Once::Unconfirmed(value, error),
        }),
        Err(error) => {
            // A claim that can't be given back runs out; what counts is why the handler failed.
            let _ = seen.release(key, &token).await;
            Err(OnceError::Handler(error))
        }
    }
}
