//! Table of the calls, in the program's database.

use std::time::Duration;

use cashfree::StoredCall;
use sqlx::postgres::PgRow;
use sqlx::{Executor, PgConnection, PgPool, Row};

/// A row is `waiting` until its call is `done`, or `dead`. The 20 runs take about half a day with the waits of
/// [`JobStep::Retry`](cashfree::JobStep). Customer data may be in `call`: protect the table as the
/// rest of it.
const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS stored_calls (
        id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        job        text NOT NULL,
        subject    text NOT NULL,
        call       jsonb NOT NULL,
        state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'dead')),
        run        integer NOT NULL DEFAULT 1,
        last_run   integer NOT NULL DEFAULT 20,
        begun      integer,
        error      text,
        stored_at  timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX IF NOT EXISTS stored_calls_state ON stored_calls (state, changed_at)
";

/// A call that is not resent until a person decides so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Id of the row.
    pub id: i64,
    /// [Name](super::CallJob::NAME) of the job.
    pub job: String,
    /// Id of the business row.
    pub subject: String,
    /// How the last run ended, and what to do next.
    pub error: String,
}

/// What follows a run that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The run with the next number.
    Run,
    /// A person.
    Nothing,
}

/// A row that waits for a run. The call is text: a form that this release can't read is no failure of the database.
pub(super) struct Waiting {
    pub(super) subject: String,
    pub(super) call: String,
    pub(super) is_last_run: bool,
}

pub(super) async fn create(pool: &PgPool) -> sqlx::Result<()> {
    pool.execute(CREATE).await?;
    Ok(())
}

fn text(call: &StoredCall) -> sqlx::Result<String> {
    serde_json::to_string(call).map_err(|error| sqlx::Error::Encode(error.into()))
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    job: &str,
    subject: &str,
    call: &StoredCall,
) -> sqlx::Result<i64> {
    let call = text(call)?;
    sqlx::query("INSERT INTO stored_calls (job, subject, call) VALUES ($1, $2, $3::jsonb) RETURNING id")
        .bind(job)
        .bind(subject)
        .bind(call)
        .fetch_one(connection)
        .await?
        .try_get(0)
}

/// Reads the row if it waits for this run.
pub(super) async fn waiting(pool: &PgPool, id: i64, run: i32) -> sqlx::Result<Option<Waiting>> {
    const SELECT: &str = "SELECT subject, call::text, run >= last_run FROM stored_calls
        WHERE id = $1 AND run = $2 AND state = 'waiting'";
    let row = sqlx::query(SELECT).bind(id).bind(run).fetch_optional(pool).await?;
    let read = |row: PgRow| {
        let (subject, call, is_last_run) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(Waiting { subject, call, is_last_run })
    };
    row.map(read).transpose()
}

/// Notes that the call is about to be sent. Returns whether this is the first time in this run.
pub(super) async fn begin(pool: &PgPool, id: i64, run: i32) -> sqlx::Result<bool> {
    const UPDATE: &str = "UPDATE stored_calls SET begun = $2, changed_at = now()
        WHERE id = $1 AND run = $2 AND begun IS DISTINCT FROM $2";
    let result = sqlx::query(UPDATE).bind(id).bind(run).execute(pool).await?;
    Ok(result.rows_affected() == 1)
}

/// Returns the time of the database in milliseconds since 1970.
pub(super) async fn now(connection: &mut PgConnection) -> sqlx::Result<i64> {
    const SELECT: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    sqlx::query(SELECT).fetch_one(connection).await?.try_get(0)
}

/// Marks the call as done. Returns whether it was waiting for this run, or has become a dead letter in it, because
/// another worker found it begun.
pub(super) async fn finish(connection: &mut PgConnection, id: i64, run: i32) -> sqlx::Result<bool> {
    const UPDATE: &str = "UPDATE stored_calls SET state = 'done', error = NULL, changed_at = now()
        WHERE id = $1 AND run = $2 AND state <> 'done'";
    let result = sqlx::query(UPDATE).bind(id).bind(run).execute(connection).await?;
    Ok(result.rows_affected() == 1)
}

/// Writes down how a run failed, and the call that takes the place of this one. Returns whether the call was waiting
/// for this run.
pub(super) async fn fail(
    connection: &mut PgConnection,
    id: i64,
    run: i32,
    error: &str,
    next: Next,
    renewed: Option<&StoredCall>,
) -> sqlx::Result<bool> {
    const UPDATE: &str = "UPDATE stored_calls
        SET state = $3, run = run + $4, error = $5, call = coalesce($6::jsonb, call), changed_at = now()
        WHERE id = $1 AND run = $2 AND state = 'waiting'";
    let (state, runs) = if next == Next::Run { ("waiting", 1) } else { ("dead", 0) };
    let call = renewed.map(text).transpose()?;
    let update = sqlx::query(UPDATE).bind(id).bind(run).bind(state).bind(runs).bind(error).bind(call);
    Ok(update.execute(connection).await?.rows_affected() == 1)
}

pub(super) async fn dead_letters(pool: &PgPool) -> sqlx::Result<Vec<DeadLetter>> {
    let read = |row: PgRow| {
        Ok(DeadLetter {
            id: row.try_get(0)?,
            job: row.try_get(1)?,
            subject: row.try_get(2)?,
            error: row.try_get::<Option<_>, _>(3)?.unwrap_or_default(),
        })
    };
    let rows =
        sqlx::query("SELECT id, job, subject, error FROM stored_calls WHERE state = 'dead' ORDER BY id");
    rows.fetch_all(pool).await?.into_iter().map(read).collect()
}

/// Lets a dead letter of this job wait again, with as many runs as a new call. Returns the number of its next run.
pub(super) async fn revive(connection: &mut PgConnection, id: i64, job: &str) -> sqlx::Result<Option<i32>> {
    const UPDATE: &str =
        "UPDATE stored_calls SET state = 'waiting', run = run + 1, last_run = run + 20, changed_at = now()
        WHERE id = $1 AND job = $2 AND state = 'dead' RETURNING run";
    let row = sqlx::query(UPDATE).bind(id).bind(job).fetch_optional(connection).await?;
    row.map(|row| row.try_get(0)).transpose()
}

pub(super) async fn purge(pool: &PgPool, age: Duration) -> sqlx::Result<u64> {
    const DELETE: &str =
        "DELETE FROM stored_calls WHERE state = 'done' AND changed_at < now() - $1 * interval '1 second'";
    Ok(sqlx::query(DELETE).bind(age.as_secs_f64()).execute(pool).await?.rows_affected())
}
