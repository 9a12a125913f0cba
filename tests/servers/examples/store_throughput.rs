//! Throughput of the deduplication stores beside the barest statement that could claim an event: `INSERT … ON CONFLICT
//! DO NOTHING` and `SET NX PX`. Eight receivers claim new events; rounds of both sides take turns.
//!
//! ```text
//! cargo run --release -p servers --example store_throughput
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use cashfree::webhook::{Claim, ClaimToken, DedupeKey, DedupeStore, PostgresStore, RedisStore, Verified};
use redis::aio::ConnectionManager;
use servers::{Postgres, Redis, Server, start};
use sqlx::{Executor, PgPool, postgres::PgPoolOptions};

const RECEIVERS: usize = 8;
const EVENTS: usize = 500;
const ROUNDS: usize = 9;

fn key(round: usize, receiver: usize, event: usize) -> DedupeKey {
    let body = format!("{round} {receiver} {event}");
    Verified::trust_without_verification(&http::HeaderMap::new(), body).dedupe_key()
}

/// Time of a round in which each receiver claims its events, one after the other.
async fn round<F>(
    claim: impl Fn(DedupeKey) -> F + Clone + Send + Sync + 'static,
    round: usize,
) -> Result<Duration>
where
    F: Future<Output = Result<()>> + Send,
{
    let start = Instant::now();
    let receivers: Vec<_> = (0..RECEIVERS)
        .map(|receiver| {
            let claim = claim.clone();
            tokio::spawn(async move {
                for event in 0..EVENTS {
                    claim(key(round, receiver, event)).await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for receiver in receivers {
        receiver.await??;
    }
    Ok(start.elapsed())
}

/// Claims new events with a store and with its baseline in turns, and prints the medians.
async fn compare<F, G>(
    name: &str,
    baseline: &str,
    store: impl Fn(DedupeKey) -> F + Clone + Send + Sync + 'static,
    bare: impl Fn(DedupeKey) -> G + Clone + Send + Sync + 'static,
) -> Result<()>
where
    F: Future<Output = Result<()>> + Send,
    G: Future<Output = Result<()>> + Send,
{
    round(store.clone(), 0).await?;
    round(bare.clone(), 0).await?;
    let mut times = Vec::new();
    for at in 1..=ROUNDS {
        times.push((round(store.clone(), at).await?, round(bare.clone(), at).await?));
    }
    let mut ratios: Vec<f64> =
        times.iter().map(|(store, bare)| store.as_secs_f64() / bare.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    times.sort();
    let (time, _) = times.get(times.len() / 2).context("no rounds")?;
    let rate = u32::try_from(RECEIVERS * EVENTS).map(f64::from)? / time.as_secs_f64();
    let ratio = ratios.get(ratios.len() / 2).context("no rounds")?;
    println!(
        "{name}: {rate:.0} claims a second, {ratio:.2} times as long as {baseline} (median of {ROUNDS} rounds)"
    );
    Ok(())
}

async fn claim_in_store(store: Arc<dyn DedupeStore>, key: DedupeKey) -> Result<()> {
    let claim = store.claim(&key, &ClaimToken::random()).await.map_err(|error| anyhow!(error))?;
    ensure!(claim == Claim::New, "{claim:?}");
    Ok(())
}

async fn insert(pool: PgPool, key: DedupeKey) -> Result<()> {
    let query =
        sqlx::query("INSERT INTO bare (key, token) VALUES ($1, $2::text::uuid) ON CONFLICT DO NOTHING");
    query.bind(&key.as_bytes()[..]).bind(ClaimToken::random().to_string()).execute(&pool).await?;
    Ok(())
}

async fn set(mut connection: ConnectionManager, key: DedupeKey) -> Result<()> {
    let mut command = redis::cmd("SET");
    command.arg(format!("bare:{key}")).arg(ClaimToken::random().to_string()).arg("NX").arg("PX").arg(90_000);
    Ok(command.query_async(&mut connection).await?)
}

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(server) = start::<Postgres>("Postgres")? {
        let receivers = u32::try_from(RECEIVERS)?;
        let pool = PgPoolOptions::new().max_connections(receivers).connect(&server.url()).await?;
        let store = PostgresStore::new(pool.clone());
        store.migrate().await?;
        pool.execute("CREATE TABLE bare (key bytea PRIMARY KEY, token uuid NOT NULL)").await?;
        let store: Arc<dyn DedupeStore> = Arc::new(store);
        let claim = move |key| claim_in_store(Arc::clone(&store), key);
        compare("Postgres", "INSERT … ON CONFLICT", claim, move |key| insert(pool.clone(), key)).await?;
    }
    if let Some(server) = start::<Redis>("Redis")? {
        let mut connection = redis::Client::open(server.url())?.get_connection_manager().await?;
        // Otherwise both sides wait for the disk, once a command.
        let () = redis::cmd("CONFIG")
            .arg("SET")
            .arg("appendfsync")
            .arg("everysec")
            .query_async(&mut connection)
            .await?;
        let store: Arc<dyn DedupeStore> = Arc::new(RedisStore::new(connection.clone()));
        let claim = move |key| claim_in_store(Arc::clone(&store), key);
        compare("Redis", "SET NX", claim, move |key| set(connection.clone(), key)).await?;
    }
    Ok(())
}
