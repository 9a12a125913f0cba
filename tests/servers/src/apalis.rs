//! Stored calls on apalis with Redis: the job, its handler and a worker, to copy.

use std::time::Duration;

use ::apalis::prelude::{
    AbortError, BackendExt, BoxDynError, Data, TaskBuilder, TaskSink, WorkerBuilder, WorkerError,
};
use ::redis::AsyncCommands;
use ::redis::aio::ConnectionManagerConfig;
use apalis_redis::{Config, ConnectionManager, RedisStorage};
use cashfree::{Client, Credentials, Environment, JobStep, RetryPolicy, StoredCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

/// Where the workers write what became of a call.
pub const RESULTS: &str = "results";
/// What a worker process prints when it has the response and has not written it.
pub const RESPONDED: &str = "the response is here";
/// One run of a stored call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Name of the result.
    pub name: String,
    /// The call.
    pub call: StoredCall,
    /// Number of the run, counted from one.
    pub run: u32,
}

/// What a worker has at hand.
#[derive(Clone)]
pub struct Shop {
    /// Resumes the calls.
    pub client: Client,
    /// Queue of the jobs.
    pub queue: RedisStorage<Job>,
    /// Connection for the results.
    pub connection: ConnectionManager,
    /// Whether workers do nothing more once they have the response.
    pub hang: bool,
}

impl Shop {
    /// Connects to a Redis, for calls to a service at this address.
    ///
    /// # Errors
    /// If Redis cannot be reached, or the address or the credentials are invalid.
    pub async fn connect(redis: &str, service: &str, credentials: Credentials) -> anyhow::Result<Self> {
        // The default is half a second, which a loaded machine exceeds.
        let patient = ConnectionManagerConfig::new().set_response_timeout(Some(Duration::from_secs(10)));
        let connection = ::redis::Client::open(redis)?.get_connection_manager_with_config(patient).await?;
        // A worker without a heartbeat for a second counts as dead.
        let config = Config::default().queue("calls").heartbeat_interval(Duration::from_secs(1));
        let queue = RedisStorage::new(connection.clone()).with_config(config.missed_heartbeats(1));
        let client = Client::builder(Environment::custom(service)?, credentials);
        // The queue retries.
        let client = client.retry(RetryPolicy::none()).build()?;
        Ok(Self { client, queue, connection, hang: false })
    }
}

/// Resumes the call of a job.
async fn resume(job: Job, shop: Data<Shop>) -> Result<(), BoxDynError> {
    let mut shop = (*shop).clone();
    // Another release, another environment or other credentials: nothing was sent.
    let call = shop.client.resume::<Value>(&job.call).map_err(AbortError::new)?;
    let error = match call.await {
        Ok(response) => {
            if shop.hang {
                println!("{RESPONDED}");
                std::future::pending::<()>().await;
            }
            let value = serde_json::to_string(&*response)?;
            let () = shop.connection.hset(RESULTS, &job.name, value).await?;
            return Ok(());
        }
        Err(error) => error,
    };
    let (call, after) = match error.job_step(job.run) {
        JobStep::Retry { after } => (job.call, after),
        JobStep::NewKey { after } => (job.call.with_new_key().map_err(AbortError::new)?, after),
        // Kept in the set of dead jobs, with the error.
        _ => return Err(AbortError::new(error).into()),
    };
    // A job that fails is retried after as many seconds as it had attempts. For any other delay it is put into the
    // queue anew. A crash in between leaves two jobs of one call, which has one effect.
    let next = Job { run: job.run + 1, call, ..job };
    shop.queue.push_task(TaskBuilder::new(next).run_after(after).build()).await?;
    Ok(())
}

/// Works until it is stopped; calls under way are finished then. Any failure of Redis ends a worker, so that it is
/// followed by another one. A name is refused while the last worker of that name may be alive.
pub async fn work(name: &'static str, shop: Shop, stop: watch::Receiver<bool>) {
    for start in 1.. {
        let worker = WorkerBuilder::new(format!("{name}_{start}"))
            // Otherwise a job that is due is not looked for until the next heartbeat.
            .backend(shop.queue.clone().poll_with_interval(Duration::from_millis(50)))
            .data(shop.clone())
            .build(resume);
        let mut stop = stop.clone();
        let stopped = async move {
            // An error is the end of the sender, which stops the worker, too.
            let _ = stop.wait_for(|stop| *stop).await;
            Ok::<(), WorkerError>(())
        };
        match worker.run_until(stopped).await {
            Ok(()) => return,
            Err(error) => println!("{name}_{start} ended: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
