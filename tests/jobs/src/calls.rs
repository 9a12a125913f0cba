//! Calls in a table, each sent by a job of the engine.
//!
//! The job holds the id of a row and the number of its run, nothing else: the engine writes payloads to logs. The
//! row holds the [`StoredCall`], how far it is, and the last error.
//!
//! | outcome of a run | row and job, in one transaction |
//! | --- | --- |
//! | response | row `done`, [`CallJob::write_back`]; the job completes |
//! | error whose [next step](cashfree::NextStep) is a read, and [`CallJob::look_up`] finds the effect | as after a response |
//! | [`JobStep::Retry`](cashfree::JobStep) | next run number, error; a job for that run, after the delay; this job completes |
//! | [`JobStep::NewKey`](cashfree::JobStep) | the same, with the call under a new key |
//! | a call that only its key protects, whose run was begun before | row `dead`; the job completes, and nothing is sent |
//! | [`JobStep::DeadLetter`](cashfree::JobStep), a call that can't be resumed, or the last run | row `dead`, with the error and the next step; the job completes |
//! | database out of reach, before or after the call | nothing; the engine runs the job again, and a call that is [protected](StoredCall::is_protected) is resent with its key |
//!
//! A job whose run number is not that of its row has been followed by another one, and does nothing. Two workers may
//! have one job at once, when one of them is slow and taken for dead: both send the same request with the same key, the
//! service carries out one of them, the other worker gets or reads back the same object, and the first to finish writes
//! it down.

mod job;
mod table;
mod worker;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use cashfree::{Client, Credentials, StoredCall};
use chrono::DateTime;
use graphile_worker::{JobSpec, WorkerUtils};
use sqlx::{PgConnection, PgPool};

pub use job::{CallJob, Resume};
pub use table::DeadLetter;
pub use worker::{Recovery, run};

/// Schema of the engine's tables.
pub const ENGINE: &str = "graphile_worker";

/// Stored calls of a program: their table, and the client that sends them.
#[derive(Clone)]
pub struct Calls {
    pool: PgPool,
    client: Client,
    credentials: Arc<HashMap<String, Credentials>>,
}

impl Calls {
    /// Creates it for the calls of one account.
    pub fn new(pool: PgPool, client: Client) -> Self {
        Self { pool, client, credentials: Arc::default() }
    }

    /// Sets the credentials of other accounts, by the name that their calls are
    /// [stored with](cashfree::StoreOptions::credentials_name).
    #[must_use]
    pub fn credentials(mut self, credentials: HashMap<String, Credentials>) -> Self {
        self.credentials = Arc::new(credentials);
        self
    }

    /// Returns the client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Creates or updates the tables of the engine and of the calls.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn migrate(&self) -> Result<()> {
        self.engine().migrate().await?;
        table::create(&self.pool).await?;
        Ok(())
    }

    /// Stores a call, and the job that sends it, in the transaction of the caller: nothing is sent unless it commits.
    ///
    /// `subject` is the id of the business row that the call belongs to.
    ///
    /// # Errors
    /// If the database refuses. The transaction is of no use any more.
    pub async fn store<J: CallJob>(
        &self,
        transaction: &mut PgConnection,
        subject: &str,
        call: &StoredCall,
    ) -> Result<()> {
        let id = table::insert(transaction, J::NAME, subject, call).await?;
        self.enqueue(transaction, Resume::<J>::new(id, 1), Duration::ZERO).await
    }

    /// Returns the calls that a person has to look at, oldest first.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>> {
        Ok(table::dead_letters(&self.pool).await?)
    }

    /// Runs a dead letter again, once a person has found that this is safe. Returns whether there was one.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn revive<J: CallJob>(&self, id: i64) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        let Some(run) = table::revive(&mut transaction, id, J::NAME).await? else { return Ok(false) };
        self.enqueue(&mut transaction, Resume::<J>::new(id, run), Duration::ZERO).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes the rows of calls that have been done for longer than this. Returns how many.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn purge(&self, age: Duration) -> Result<u64> {
        Ok(table::purge(&self.pool, age).await?)
    }

    async fn enqueue<J: CallJob>(
        &self,
        transaction: &mut PgConnection,
        job: Resume<J>,
        delay: Duration,
    ) -> Result<()> {
        // By the clock of the database, which the engine compares with. Without a time, a job is due at once.
        let spec = match delay.is_zero() {
            true => JobSpec::default(),
            false => {
                let now = DateTime::from_timestamp_millis(table::now(transaction).await?);
                JobSpec::builder().run_at(now.context("the database has no time")? + delay).build()
            }
        };
        self.engine().with_executor(transaction).add_job(job, spec).await?;
        Ok(())
    }

    fn engine(&self) -> WorkerUtils {
        WorkerUtils::new(self.pool.clone(), ENGINE)
    }
}

/// Shows no credentials.
impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}
