//! The store in Redis.

use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};
use cashfree::webhook::{Claim, ClaimToken, DedupeStore, LeaseState, RedisStore};
use redis::aio::ConnectionManager;
use servers::{Redis, Server, start};

use crate::{LONG, contract, key, until_ok};

async fn connect(server: &Redis) -> Result<ConnectionManager> {
    Ok(redis::Client::open(server.url())?.get_connection_manager().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_holds_the_contract() -> Result<()> {
    let Some(server) = start::<Redis>("the deduplication store in Redis")? else { return Ok(()) };
    let connection = connect(&server).await?;
    contract::holds(|claim, keep| -> Arc<dyn DedupeStore> {
        Arc::new(RedisStore::new(connection.clone()).claim_for(claim).keep_for(keep))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_claims_and_handled_events() -> Result<()> {
    let Some(mut server) = start::<Redis>("a restart of Redis")? else { return Ok(()) };
    let store = RedisStore::new(connect(&server).await?).claim_for(LONG);
    let (handled, claimed) = (ClaimToken::random(), ClaimToken::random());
    let boxed = |error| anyhow!("{error}");
    store.claim(&key("handled"), &handled).await.map_err(boxed)?;
    store.confirm(&key("handled"), &handled).await.map_err(boxed)?;
    store.claim(&key("claimed"), &claimed).await.map_err(boxed)?;

    server.kill()?;
    ensure!(store.claim(&key("new"), &handled).await.is_err(), "a store that is away claims nothing");
    server.restart()?;

    let again = ClaimToken::random();
    let claim = async |name| until_ok(async || store.claim(&key(name), &again).await).await;
    assert_eq!(claim("handled").await?, Claim::Done);
    assert_eq!(claim("claimed").await?, Claim::InProgress);
    let confirmed = store.confirm(&key("claimed"), &claimed).await.map_err(boxed)?;
    assert_eq!(confirmed, LeaseState::Held, "the scripts are loaded again");
    assert_eq!(claim("claimed").await?, Claim::Done);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_refuses_and_forgets_nothing() -> Result<()> {
    let Some(server) = start::<Redis>("a full Redis")? else { return Ok(()) };
    let mut connection = connect(&server).await?;
    let store = RedisStore::new(connection.clone()).claim_for(LONG).prefix("shop:");
    let token = ClaimToken::random();
    ensure!(matches!(store.claim(&key("first"), &token).await, Ok(Claim::New)));
    let named: bool =
        redis::cmd("EXISTS").arg(format!("shop:{}", key("first"))).query_async(&mut connection).await?;
    ensure!(named, "the entry has another name");
    let () = redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(1).query_async(&mut connection).await?;
    ensure!(store.claim(&key("second"), &token).await.is_err(), "a full server takes an event");
    let () = redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(0).query_async(&mut connection).await?;
    ensure!(matches!(store.claim(&key("first"), &token).await, Ok(Claim::InProgress)));
    Ok(())
}
