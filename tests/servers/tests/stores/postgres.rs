//! The store in Postgres.

use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};
use cashfree::webhook::{Claim, ClaimToken, DedupeStore, PostgresStore};
use servers::{Postgres, Server, start};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, PgPool};

use crate::{AFTER, LONG, SHORT, contract, key, until_ok};

async fn pool(server: &Postgres) -> Result<PgPool> {
    Ok(PgPoolOptions::new().max_connections(20).connect(&server.url()).await?)
}

async fn count(pool: &PgPool, table: &'static str) -> Result<i64> {
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
        .fetch_one(pool)
        .await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_holds_the_contract() -> Result<()> {
    let Some(server) = start::<Postgres>("the deduplication store in Postgres")? else { return Ok(()) };
    let pool = pool(&server).await?;
    PostgresStore::new(pool.clone()).migrate().await?;
    contract::holds(|claim, keep| -> Arc<dyn DedupeStore> {
        Arc::new(PostgresStore::new(pool.clone()).claim_for(claim).keep_for(keep))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_created_once_by_several_processes() -> Result<()> {
    let Some(server) = start::<Postgres>("the migration of the store in Postgres")? else { return Ok(()) };
    let pool = pool(&server).await?;
    let store = PostgresStore::new(pool.clone());
    let all: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.migrate().await })
        })
        .collect();
    for one in all {
        one.await??;
    }
    // As a part of the application's own migrations.
    pool.execute(PostgresStore::MIGRATION).await?;
    assert_eq!(count(&pool, "cashfree_events").await?, 0);
    Ok(())
}

/// Handles an event in a transaction, or fails after its write.
async fn handle(pool: &PgPool, store: &PostgresStore, name: &str, fail: bool) -> Result<Claim> {
    let mut transaction = pool.begin().await?;
    let claim = store.claim_in(&mut transaction, &key(name)).await?;
    if claim == Claim::New {
        sqlx::query("INSERT INTO tickets (event) VALUES ($1)").bind(name).execute(&mut *transaction).await?;
        ensure!(!fail, "the handler failed");
        transaction.commit().await?;
    }
    Ok(claim)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claim_and_the_write_are_committed_together() -> Result<()> {
    let Some(mut server) = start::<Postgres>("transactions over the store in Postgres")? else {
        return Ok(());
    };
    let pool = pool(&server).await?;
    let store = PostgresStore::new(pool.clone()).claim_for(SHORT);
    store.migrate().await?;
    // Nothing but the store keeps an event from being handled twice.
    pool.execute("CREATE TABLE tickets (event text NOT NULL)").await?;

    ensure!(handle(&pool, &store, "rolled back", true).await.is_err());
    assert_eq!((count(&pool, "tickets").await?, count(&pool, "cashfree_events").await?), (0, 0));
    assert_eq!(handle(&pool, &store, "rolled back", false).await?, Claim::New);
    assert_eq!(handle(&pool, &store, "rolled back", false).await?, Claim::Done);

    // Leased claims and claims in a transaction see each other.
    let token = ClaimToken::random();
    let leased = store.claim(&key("rolled back"), &token).await.map_err(|error| anyhow!(error))?;
    assert_eq!(leased, Claim::Done);
    store.claim(&key("leased"), &token).await.map_err(|error| anyhow!(error))?;
    assert_eq!(handle(&pool, &store, "leased", false).await?, Claim::InProgress);
    tokio::time::sleep(AFTER).await;
    assert_eq!(handle(&pool, &store, "leased", false).await?, Claim::New, "the lease ended");

    // A second receiver waits for the first, and sees what became of it.
    for (name, committed) in [("waited, done", true), ("waited, undone", false)] {
        let mut first = pool.begin().await?;
        assert_eq!(store.claim_in(&mut first, &key(name)).await?, Claim::New);
        let second = tokio::spawn({
            let (pool, store) = (pool.clone(), store.clone());
            async move { handle(&pool, &store, name, false).await }
        });
        tokio::time::sleep(SHORT / 10).await;
        ensure!(!second.is_finished(), "the second receiver does not wait");
        if committed {
            first.commit().await?;
        } else {
            first.rollback().await?;
        }
        assert_eq!(second.await??, if committed { Claim::Done } else { Claim::New });
    }

    // A crash of the database undoes what was not committed, and nothing else.
    let tickets = count(&pool, "tickets").await?;
    let mut open = pool.begin().await?;
    assert_eq!(store.claim_in(&mut open, &key("crashed")).await?, Claim::New);
    sqlx::query("INSERT INTO tickets (event) VALUES ('crashed')").execute(&mut *open).await?;
    server.kill()?;
    server.restart()?;
    ensure!(open.commit().await.is_err());
    assert_eq!(until_ok(async || handle(&pool, &store, "leased", false).await).await?, Claim::Done);
    assert_eq!(count(&pool, "tickets").await?, tickets);
    assert_eq!(handle(&pool, &store, "crashed", false).await?, Claim::New);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn several_receivers_handle_each_event_exactly_once() -> Result<()> {
    const EVENTS: usize = 200;
    let Some(server) = start::<Postgres>("several receivers over the store in Postgres")? else {
        return Ok(());
    };
    let pool = pool(&server).await?;
    let store = PostgresStore::new(pool.clone());
    store.migrate().await?;
    pool.execute("CREATE TABLE tickets (event text NOT NULL)").await?;
    let receivers: Vec<_> = (0..8)
        .map(|receiver| {
            let (pool, store) = (pool.clone(), store.clone());
            tokio::spawn(async move {
                for delivery in 0..EVENTS {
                    // Each receiver begins elsewhere and fails for other events; a failure is delivered again.
                    let event = (delivery * 7 + receiver * 3) % EVENTS;
                    let name = format!("event {event}");
                    if handle(&pool, &store, &name, (event + receiver).is_multiple_of(5)).await.is_err() {
                        handle(&pool, &store, &name, false).await?;
                    }
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for receiver in receivers {
        receiver.await??;
    }
    assert_eq!(count(&pool, "tickets").await?, i64::try_from(EVENTS)?);
    assert_eq!(count(&pool, "(SELECT DISTINCT event FROM tickets) events").await?, i64::try_from(EVENTS)?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_whose_time_is_over_are_removed() -> Result<()> {
    let Some(server) = start::<Postgres>("retention of the store in Postgres")? else { return Ok(()) };
    let pool = pool(&server).await?;
    let forgetful = PostgresStore::new(pool.clone()).claim_for(std::time::Duration::ZERO);
    forgetful.migrate().await?;
    let store = PostgresStore::new(pool.clone()).claim_for(LONG);
    store.claim(&key("kept"), &ClaimToken::random()).await.map_err(|error| anyhow!(error))?;
    for event in 0..2_500 {
        let claim = forgetful.claim(&key(&event.to_string()), &ClaimToken::random()).await;
        assert_eq!(claim.map_err(|error| anyhow!(error))?, Claim::New);
    }
    let left = count(&pool, "cashfree_events").await?;
    ensure!(left <= 502, "{left} rows are left");
    assert_eq!(store.purge(100).await?, 100);
    assert_eq!(store.purge(10_000).await?, u64::try_from(left - 101)?);
    assert_eq!(count(&pool, "cashfree_events").await?, 1);
    Ok(())
}
