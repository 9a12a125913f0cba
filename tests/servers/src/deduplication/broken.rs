//! Stores that break a promise, so that the check is seen to find it.

use cashfree::webhook::{Claim, ClaimToken, DedupeKey, LeaseState, Seen};
use cashfree::{BoxError, BoxFuture};
use sqlx::PgPool;

/// Creates the table of both.
pub(super) const TABLE: &str = "CREATE TABLE broken (key bytea PRIMARY KEY, done boolean NOT NULL)";

/// Reads whether the event is claimed, and then writes its claim: two handlers may do both at a time. A claimed
/// event counts as handled.
#[derive(Debug)]
pub(super) struct ReadThenWrite(pub(super) PgPool);

/// Takes an event for handled as soon as it is claimed: a crash in between loses it.
#[derive(Debug)]
pub(super) struct ClaimedIsHandled(pub(super) PgPool);

async fn write(pool: &PgPool, key: &DedupeKey, done: bool) -> Result<LeaseState, BoxError> {
    let insert = "INSERT INTO broken (key, done) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET done = $2";
    sqlx::query(insert).bind(&key.as_bytes()[..]).bind(done).execute(pool).await?;
    Ok(LeaseState::Held)
}

async fn remove(pool: &PgPool, key: &DedupeKey) -> Result<(), BoxError> {
    sqlx::query("DELETE FROM broken WHERE key = $1").bind(&key.as_bytes()[..]).execute(pool).await?;
    Ok(())
}

impl Seen for ReadThenWrite {
    fn claim<'a>(&'a self, key: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async move {
            let read = sqlx::query("SELECT FROM broken WHERE key = $1").bind(&key.as_bytes()[..]);
            if read.fetch_optional(&self.0).await?.is_some() {
                return Ok(Claim::Done);
            }
            write(&self.0, key, false).await?;
            Ok(Claim::New)
        })
    }

    fn renew<'a>(
        &'a self,
        _: &'a DedupeKey,
        _: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(std::future::ready(Ok(LeaseState::Held)))
    }

    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        _: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(write(&self.0, key, true))
    }

    fn release<'a>(&'a self, key: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(remove(&self.0, key))
    }
}

impl Seen for ClaimedIsHandled {
    fn claim<'a>(&'a self, key: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async move {
            let insert = "INSERT INTO broken (key, done) VALUES ($1, true) ON CONFLICT DO NOTHING";
            let inserted = sqlx::query(insert).bind(&key.as_bytes()[..]).execute(&self.0).await?;
            Ok(if inserted.rows_affected() == 1 { Claim::New } else { Claim::Done })
        })
    }

    fn renew<'a>(
        &'a self,
        _: &'a DedupeKey,
        _: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(std::future::ready(Ok(LeaseState::Held)))
    }

    fn confirm<'a>(
        &'a self,
        _: &'a DedupeKey,
        _: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(std::future::ready(Ok(LeaseState::Held)))
    }

    fn release<'a>(&'a self, key: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(remove(&self.0, key))
    }
}
