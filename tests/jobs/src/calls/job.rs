//! Job that resumes a stored call.

use std::marker::PhantomData;
use std::time::Duration;

use anyhow::{Context, Result};
use cashfree::{Call, Client, Error, FromJson, JobStep, NextStep, StoredCall};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::Calls;
use super::table::{self, Next};

/// A kind of stored call: what its response is, and what is done with it.
pub trait CallJob: Send + Sync + 'static {
    /// Name of the job in the engine. Jobs with it may be waiting when a new version of the program starts.
    const NAME: &'static str;

    /// Type that the method of the operation returns.
    type Response: FromJson + Send + Sync + 'static;

    /// Writes the response to the business row, in the transaction that marks the call as done. It may store further
    /// calls.
    ///
    /// # Errors
    /// If the database refuses. The transaction is rolled back, and the engine runs the job again.
    fn write_back(
        calls: &Calls,
        transaction: &mut PgConnection,
        subject: &str,
        response: &Self::Response,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Reads whether the call has been carried out, and what its response would have been. Used where the client
    /// can't decide and advises a read ([`NextStep::Read`]): a capture that is refused because there is one already.
    ///
    /// # Errors
    /// If the read fails.
    fn look_up(
        client: &Client,
        subject: &str,
    ) -> impl Future<Output = Result<Option<Self::Response>, Error>> + Send {
        let _ = (client, subject);
        std::future::ready(Ok(None))
    }
}

/// Error of a call that may have been sent by a worker that died.
const INTERRUPTED: &str = "a worker was cut off while it sent this call, which only its key protects; next step: look in the \
                           dashboard, or ask Cashfree";

/// Payload of the job: which call, and which of its runs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Resume<J> {
    call: i64,
    run: i32,
    #[serde(skip)]
    job: PhantomData<fn() -> J>,
}

impl<J: CallJob> TaskHandler for Resume<J> {
    const IDENTIFIER: &'static str = J::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let calls = context.get_ext::<Calls>().context("the worker has no client")?;
        self.resume(calls).await
    }
}

impl<J: CallJob> Resume<J> {
    pub(super) fn new(call: i64, run: i32) -> Self {
        Self { call, run, job: PhantomData }
    }

    /// Sends the call, and writes down the outcome. An error means that this could not be written down.
    async fn resume(&self, calls: &Calls) -> Result<()> {
        let Some(row) = table::waiting(&calls.pool, self.call, self.run).await? else { return Ok(()) };
        let (stored, call) = match Self::read(calls, &row.call) {
            Ok(read) => read,
            Err(reason) => return self.fail(calls, &reason, None, None).await,
        };
        // Without an identifier or a state that refuses a second one, a run that was cut off is not repeated.
        if !stored.is_protected() && !table::begin(&calls.pool, self.call, self.run).await? {
            return self.fail(calls, INTERRUPTED, None, None).await;
        }
        let error = match call.await {
            Ok(response) => return self.finish(calls, &row.subject, &response).await,
            Err(error) => error,
        };
        let mut step = error.job_step(self.run.unsigned_abs());
        if let NextStep::Read(_) = error.next_step() {
            match J::look_up(&calls.client, &row.subject).await {
                Ok(Some(response)) => return self.finish(calls, &row.subject, &response).await,
                Ok(None) => {}
                // What happened is not known yet: the next run looks again.
                Err(read) => step = read.job_step(self.run.unsigned_abs()),
            }
        }
        let (delay, renewed) = match step {
            JobStep::Retry { after } => (Some(after), None),
            // Without another key, each further run would only receive the stored failure.
            JobStep::NewKey { after } => match stored.with_new_key() {
                Ok(renewed) => (Some(after), Some(renewed)),
                Err(_) => (None, None),
            },
            _ => (None, None),
        };
        let delay = delay.filter(|_| !row.is_last_run);
        let reason = match delay {
            Some(_) => error.to_string(),
            None => format!("{error}; next step: {}", error.next_step()),
        };
        self.fail(calls, &reason, delay, renewed).await
    }

    /// Writes down that the run failed, and adds the job of the next one if there is a delay until then.
    async fn fail(
        &self,
        calls: &Calls,
        reason: &str,
        delay: Option<Duration>,
        renewed: Option<StoredCall>,
    ) -> Result<()> {
        let next = if delay.is_some() { Next::Run } else { Next::Nothing };
        let mut transaction = calls.pool.begin().await?;
        if table::fail(&mut transaction, self.call, self.run, reason, next, renewed.as_ref()).await? {
            if let Some(delay) = delay {
                calls.enqueue(&mut transaction, Self::new(self.call, self.run + 1), delay).await?;
            }
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Reads the call of a row. Returns the reason if this program can't send it.
    fn read(calls: &Calls, text: &str) -> Result<(StoredCall, Call<J::Response>), String> {
        let stored: StoredCall = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let call = match stored.credentials_name() {
            None => calls.client.resume(&stored),
            Some(name) => {
                let credentials = calls.credentials.get(name);
                let credentials = credentials.ok_or_else(|| format!("there are no credentials {name:?}"))?;
                calls.client.resume_as(&stored, credentials.clone())
            }
        };
        let call = call.map_err(|error| error.to_string())?;
        Ok((stored, call))
    }

    async fn finish(&self, calls: &Calls, subject: &str, response: &J::Response) -> Result<()> {
        let mut transaction = calls.pool.begin().await?;
        if table::finish(&mut transaction, self.call, self.run).await? {
            J::write_back(calls, &mut transaction, subject, response).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}
