//! Stores that break a promise, so that the check is seen to find it.

use cashfree::webhook::{Claim, ClaimToken, DedupeKey, DedupeStore, LeaseState};
use cashfree::{BoxError, BoxFuture};
use sqlx::PgPool;

/// Creates the table.
pub(super) const TABLE: &str = "CREATE TABLE broken (key bytea PRIMARY KEY)";

/// How the store breaks its promise.
#[derive(Clone, Copy, Debug)]
pub(super) enum Flaw {
    /// Reads whether the event is claimed, and then writes its claim: two handlers may do both at a time.
    ReadThenWrite,
    /// Takes an event for handled as soon as it is claimed: a crash in between loses it.
    ClaimedIsHandled,
}

/// Store with a flaw, in Postgres. A claimed event counts as handled.
#[derive(Debug)]
pub(super) struct Broken(pub(super) PgPool, pub(super) Flaw);

impl Broken {
    async fn is_claimed(&self, key: &DedupeKey) -> Result<bool, BoxError> {
        let read = sqlx::query("SELECT FROM broken WHERE key = $1").bind(&key.as_bytes()[..]);
        Ok(read.fetch_optional(&self.0).await?.is_some())
    }

    /// Writes a claim. Returns whether there was none.
    async fn write(&self, key: &DedupeKey) -> Result<bool, BoxError> {
        let insert = sqlx::query("INSERT INTO broken (key) VALUES ($1) ON CONFLICT DO NOTHING");
        Ok(insert.bind(&key.as_bytes()[..]).execute(&self.0).await?.rows_affected() == 1)
    }
}

impl DedupeStore for Broken {
    fn claim<'a>(&'a self, key: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async move {
            let is_new = match self.1 {
                Flaw::ReadThenWrite if self.is_claimed(key).await? => false,
                Flaw::ReadThenWrite => {
                    self.write(key).await?;
                    true
                }
                Flaw::ClaimedIsHandled => self.write(key).await?,
            };
            Ok(if is_new { Claim::New } else { Claim::Done })
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
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        self.renew(key, token)
    }

    fn release<'a>(&'a self, key: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            sqlx::query("DELETE FROM broken WHERE key = $1")
                .bind(&key.as_bytes()[..])
                .execute(&self.0)
                .await?;
            Ok(())
        })
    }
}
