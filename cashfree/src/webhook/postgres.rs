//! Deduplication store in Postgres.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{Executor, PgConnection, PgPool};

use super::store::{CLAIM_FOR, KEEP_FOR, bounded};
use super::{Claim, ClaimToken, DedupeKey, DedupeStore, LeaseState};
use crate::{BoxError, BoxFuture};

/// Removes rows whose time is over after this many claims, and at most twice as many rows.
const CLAIMS_PER_PURGE: u64 = 1_000;

/// Id of the advisory lock under which the table is created.
const MIGRATION_LOCK: i64 = 0x6361_7368_6672_6565;

/// A row is New, none means that the event is claimed or handled. A transaction that holds the row is waited for.
const CLAIM: &str = "
    INSERT INTO cashfree_events AS event (key, token, done, until)
    VALUES ($1, $2::text::uuid, $3, clock_timestamp() + make_interval(secs => $4))
    ON CONFLICT (key) DO UPDATE SET token = excluded.token, done = excluded.done, until = excluded.until
    WHERE event.until <= clock_timestamp()";

const IS_DONE: &str = "SELECT done FROM cashfree_events WHERE key = $1";

/// A row is Held, none is Lost. A lease that ended without another handler can be taken back.
const RENEW: &str = "
    INSERT INTO cashfree_events AS event (key, token, done, until)
    VALUES ($1, $2::text::uuid, false, clock_timestamp() + make_interval(secs => $3))
    ON CONFLICT (key) DO UPDATE SET token = excluded.token, done = false, until = excluded.until
    WHERE (event.token = excluded.token AND NOT event.done) OR event.until <= clock_timestamp()";

/// A row is Held, none is Lost.
const CONFIRM: &str = "
    INSERT INTO cashfree_events AS event (key, token, done, until)
    VALUES ($1, $2::text::uuid, true, clock_timestamp() + make_interval(secs => $3))
    ON CONFLICT (key) DO UPDATE SET token = excluded.token, done = true, until = excluded.until
    WHERE event.token = excluded.token OR event.until <= clock_timestamp()";

const RELEASE: &str = "DELETE FROM cashfree_events WHERE key = $1 AND token = $2::text::uuid AND NOT done";

const PURGE: &str = "
    DELETE FROM cashfree_events WHERE key IN (
        SELECT key FROM cashfree_events WHERE until <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED
    )";

/// Deduplication store in a Postgres table, shared by all processes that use the database.
///
/// Two ways to use the store, in the same table:
///
/// - [`claim_in`](PostgresStore::claim_in) claims the event in the caller's transaction, as handled. The claim and
///   the handler's own writes are committed together or not at all: **exactly once**. For handlers that write to this
///   database only.
/// - [`deduplicate`](super::deduplicate) claims the event with a lease, and confirms it after the handler: **at least once, never
///   two handlers at a time** within the lease. For handlers with effects elsewhere.
///
/// Create the table with [`migrate`](PostgresStore::migrate), or run [`MIGRATION`](PostgresStore::MIGRATION) with
/// the application's own migrations:
///
/// | column | type | content |
/// |---|---|---|
/// | `key` | `bytea`, primary key | the 32 bytes of the [`DedupeKey`] |
/// | `token` | `uuid` | fencing token of the handler |
/// | `done` | `boolean` | whether the event was handled |
/// | `until` | `timestamptz`, indexed | end of the lease, or when the event is forgotten |
///
/// The table holds no part of an event. All times are those of the database server. Every statement is atomic at
/// `READ COMMITTED`, the default of Postgres. In a transaction at `REPEATABLE READ` or `SERIALIZABLE`, two concurrent
/// claims of one event end with SQLSTATE `40001` for one of them: roll back and respond with 500.
///
/// Rows whose time is over are removed by every 1,000th leased claim, at most 2,000 at a time; a program that only
/// uses `claim_in` calls [`purge`](PostgresStore::purge).
///
/// ```no_run
/// use cashfree::webhook::{Claim, PostgresStore, Verified};
/// use http::StatusCode;
///
/// async fn handle(store: &PostgresStore, pool: &sqlx::PgPool, delivery: &Verified) -> Result<StatusCode, sqlx::Error> {
///     let mut transaction = pool.begin().await?;
///     match store.claim_in(&mut transaction, &delivery.dedupe_key()).await? {
///         Claim::Done => return Ok(StatusCode::OK),
///         Claim::InProgress => return Ok(StatusCode::SERVICE_UNAVAILABLE),
///         _ => {}
///     }
///     sqlx::query("UPDATE orders SET paid = true WHERE id = $1").bind("order_1").execute(&mut *transaction).await?;
///     transaction.commit().await?;
///     Ok(StatusCode::OK)
/// }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    claim: Duration,
    keep: Duration,
    claims: Arc<AtomicU64>,
}

impl PostgresStore {
    /// SQL that creates the table and its index unless they exist.
    pub const MIGRATION: &'static str = include_str!("postgres.sql");

    /// Creates a store with leases of 90 seconds that remembers handled events for three days.
    ///
    /// Opens no connection. A pool with `test_before_acquire`, sqlx's default, survives a restart of the database.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, claim: CLAIM_FOR, keep: KEEP_FOR, claims: Arc::default() }
    }

    /// Sets how long a claim is leased. Choose more time than a handler takes. Default: 90 seconds.
    #[must_use]
    pub fn claim_for(mut self, time: Duration) -> Self {
        self.claim = time;
        self
    }

    /// Sets how long a handled event is remembered. Default: three days.
    #[must_use]
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// Creates the table and its index unless they exist. Several processes may call this at once.
    ///
    /// # Errors
    /// If the database fails, or its user may not create tables.
    pub async fn migrate(&self) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(MIGRATION_LOCK)
            .execute(&mut *transaction)
            .await?;
        transaction.execute(Self::MIGRATION).await?;
        transaction.commit().await
    }

    /// Claims an event in the caller's transaction and marks it as handled when that transaction commits.
    ///
    /// - [`Claim::New`]: handle the event in this transaction and commit. A rollback or crash undoes the claim.
    /// - [`Claim::Done`]: the event was handled; respond with 200.
    /// - [`Claim::InProgress`]: a handler holds a lease on the event; respond with 503.
    ///
    /// While another transaction holds the event, this call waits for the end of that transaction. Limit the wait
    /// with Postgres' `lock_timeout` or `statement_timeout`.
    ///
    /// If the commit fails with a connection error, respond with 500: the redelivered event finds whether the
    /// transaction was committed.
    ///
    /// # Errors
    /// If the database fails. The event must not be handled then; roll back and respond with 500.
    pub async fn claim_in(
        &self,
        connection: &mut PgConnection,
        key: &DedupeKey,
    ) -> Result<Claim, sqlx::Error> {
        claim(connection, key, &ClaimToken::random(), true, self.keep).await
    }

    /// Removes at most this many rows whose time is over. Returns how many were removed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge(&self, rows: u32) -> Result<u64, sqlx::Error> {
        Ok(sqlx::query(PURGE).bind(i64::from(rows)).execute(&self.pool).await?.rows_affected())
    }

    async fn lease(
        &self,
        statement: &'static str,
        key: &DedupeKey,
        token: &ClaimToken,
        time: Duration,
    ) -> Result<LeaseState, BoxError> {
        let query = sqlx::query(statement).bind(&key.as_bytes()[..]).bind(token.to_string());
        let done = query.bind(seconds(time)).execute(&self.pool).await?;
        Ok(if done.rows_affected() == 1 { LeaseState::Held } else { LeaseState::Lost })
    }
}

async fn claim(
    connection: &mut PgConnection,
    key: &DedupeKey,
    token: &ClaimToken,
    done: bool,
    time: Duration,
) -> Result<Claim, sqlx::Error> {
    let query = sqlx::query(CLAIM).bind(&key.as_bytes()[..]).bind(token.to_string()).bind(done);
    if query.bind(seconds(time)).execute(&mut *connection).await?.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let done: Option<bool> =
        sqlx::query_scalar(IS_DONE).bind(&key.as_bytes()[..]).fetch_optional(connection).await?;
    // Without a row, the claim was released in between: the redelivered event is handled.
    Ok(if done.unwrap_or(false) { Claim::Done } else { Claim::InProgress })
}

fn seconds(time: Duration) -> f64 {
    bounded(time).as_secs_f64()
}

impl DedupeStore for PostgresStore {
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async move {
            if self.claims.fetch_add(1, Ordering::Relaxed) % CLAIMS_PER_PURGE == CLAIMS_PER_PURGE - 1 {
                let rows = i64::try_from(2 * CLAIMS_PER_PURGE)?;
                sqlx::query(PURGE).bind(rows).execute(&self.pool).await?;
            }
            let mut connection = self.pool.acquire().await?;
            Ok(claim(&mut connection, key, token, false, self.claim).await?)
        })
    }

    fn renew<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(self.lease(RENEW, key, token, self.claim))
    }

    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(self.lease(CONFIRM, key, token, self.keep))
    }

    fn release<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            let query = sqlx::query(RELEASE).bind(&key.as_bytes()[..]).bind(token.to_string());
            query.execute(&self.pool).await?;
            Ok(())
        })
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("claim", &self.claim)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}
