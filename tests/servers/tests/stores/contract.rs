//! What every store promises, whatever it is built on.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow, bail, ensure};
use cashfree::webhook::{
    Claim, ClaimToken, DedupeError, DedupeStore, Deduplicated, LeaseState, MemoryStore, deduplicate,
};

use crate::{AFTER, LONG, SHORT, key};

/// Makes a store with this lease and retention.
pub(crate) trait Make: Fn(Duration, Duration) -> Arc<dyn DedupeStore> + Sync {}

impl<F: Fn(Duration, Duration) -> Arc<dyn DedupeStore> + Sync> Make for F {}

/// Holds a store to the contract.
pub(crate) async fn holds(make: impl Make) -> Result<()> {
    tokio::try_join!(
        claimed_then_done_then_forgotten(&make),
        released_by_its_owner_or_ended(&make),
        fenced_after_its_lease(&make),
        confirmed_by_the_first_of_two_that_ended(&make),
        renewed_for_as_long_as_it_takes(&make),
        claimed_by_one_of_many(&make),
        handled_once(&make),
        crashed_and_handled_again(&make),
        of_any_length(&make),
    )?;
    Ok(())
}

async fn claim(store: &Arc<dyn DedupeStore>, name: &str) -> Result<(Claim, ClaimToken)> {
    let token = ClaimToken::random();
    let claim = store.claim(&key(name), &token).await.map_err(|error| anyhow!(error))?;
    Ok((claim, token))
}

async fn renew(store: &Arc<dyn DedupeStore>, name: &str, token: &ClaimToken) -> Result<LeaseState> {
    store.renew(&key(name), token).await.map_err(|error| anyhow!(error))
}

async fn confirm(store: &Arc<dyn DedupeStore>, name: &str, token: &ClaimToken) -> Result<LeaseState> {
    store.confirm(&key(name), token).await.map_err(|error| anyhow!(error))
}

async fn release(store: &Arc<dyn DedupeStore>, name: &str, token: &ClaimToken) -> Result<()> {
    store.release(&key(name), token).await.map_err(|error| anyhow!(error))
}

async fn claimed_then_done_then_forgotten(make: &impl Make) -> Result<()> {
    let store = make(LONG, SHORT);
    let (new, token) = claim(&store, "forgotten").await?;
    let (other, _) = claim(&store, "forgotten, another").await?;
    assert_eq!((new, other), (Claim::New, Claim::New));
    assert_eq!(claim(&store, "forgotten").await?.0, Claim::InProgress);
    // A confirmation whose response was lost is repeated.
    for _ in 0..2 {
        assert_eq!(confirm(&store, "forgotten", &token).await?, LeaseState::Held);
    }
    assert_eq!(claim(&store, "forgotten").await?.0, Claim::Done);
    assert_eq!(renew(&store, "forgotten", &token).await?, LeaseState::Lost, "it is handled");
    release(&store, "forgotten", &token).await?;
    assert_eq!(claim(&store, "forgotten").await?.0, Claim::Done, "a release does not undo a confirmation");
    tokio::time::sleep(AFTER).await;
    assert_eq!(claim(&store, "forgotten").await?.0, Claim::New);
    assert_eq!(claim(&store, "forgotten, another").await?.0, Claim::InProgress);
    Ok(())
}

async fn released_by_its_owner_or_ended(make: &impl Make) -> Result<()> {
    let store = make(SHORT, LONG);
    let (_, first) = claim(&store, "released").await?;
    release(&store, "released", &first).await?;
    let (again, second) = claim(&store, "released").await?;
    assert_eq!(again, Claim::New);
    release(&store, "released", &first).await?;
    assert_eq!(claim(&store, "released").await?.0, Claim::InProgress);
    tokio::time::sleep(AFTER).await;
    let (over, third) = claim(&store, "released").await?;
    assert_eq!(over, Claim::New);
    release(&store, "released", &second).await?;
    assert_eq!(claim(&store, "released").await?.0, Claim::InProgress);
    release(&store, "released", &third).await?;
    assert_eq!(claim(&store, "released").await?.0, Claim::New);
    Ok(())
}

async fn fenced_after_its_lease(make: &impl Make) -> Result<()> {
    let store = make(SHORT, LONG);
    let (_, slow) = claim(&store, "fenced").await?;
    tokio::time::sleep(AFTER).await;
    let (taken, quick) = claim(&store, "fenced").await?;
    assert_eq!(taken, Claim::New);
    assert_eq!(renew(&store, "fenced", &slow).await?, LeaseState::Lost);
    assert_eq!(confirm(&store, "fenced", &slow).await?, LeaseState::Lost);
    assert_eq!(confirm(&store, "fenced", &quick).await?, LeaseState::Held);
    assert_eq!(confirm(&store, "fenced", &slow).await?, LeaseState::Lost);
    assert_eq!(renew(&store, "fenced", &slow).await?, LeaseState::Lost);
    assert_eq!(claim(&store, "fenced").await?.0, Claim::Done);
    Ok(())
}

async fn confirmed_by_the_first_of_two_that_ended(make: &impl Make) -> Result<()> {
    let store = make(SHORT, LONG);
    let (_, one) = claim(&store, "two").await?;
    tokio::time::sleep(AFTER).await;
    let (taken, other) = claim(&store, "two").await?;
    assert_eq!(taken, Claim::New);
    tokio::time::sleep(AFTER).await;
    assert_eq!(confirm(&store, "two", &one).await?, LeaseState::Held);
    assert_eq!(confirm(&store, "two", &other).await?, LeaseState::Lost);
    Ok(())
}

async fn renewed_for_as_long_as_it_takes(make: &impl Make) -> Result<()> {
    let store = make(SHORT, LONG);
    let (_, token) = claim(&store, "renewed").await?;
    for _ in 0..5 {
        tokio::time::sleep(SHORT / 2).await;
        assert_eq!(renew(&store, "renewed", &token).await?, LeaseState::Held);
        assert_eq!(claim(&store, "renewed").await?.0, Claim::InProgress);
    }
    tokio::time::sleep(AFTER).await;
    assert_eq!(renew(&store, "renewed", &token).await?, LeaseState::Held, "ended, and nobody took it");
    assert_eq!(claim(&store, "renewed").await?.0, Claim::InProgress);
    tokio::time::sleep(AFTER).await;
    assert_eq!(confirm(&store, "renewed", &token).await?, LeaseState::Held, "ended, and nobody took it");
    assert_eq!(claim(&store, "renewed").await?.0, Claim::Done);
    Ok(())
}

async fn claimed_by_one_of_many(make: &impl Make) -> Result<()> {
    let store = make(LONG, LONG);
    for event in 0..20 {
        let name = Arc::new(format!("many {event}"));
        let claims: Vec<_> = (0..8)
            .map(|_| {
                let (store, name) = (Arc::clone(&store), Arc::clone(&name));
                tokio::spawn(async move { claim(&store, &name).await })
            })
            .collect();
        let mut new = 0;
        for one in claims {
            new += u32::from(one.await??.0 == Claim::New);
        }
        assert_eq!(new, 1, "{name}");
    }
    Ok(())
}

async fn handled_once(make: &impl Make) -> Result<()> {
    let store = make(LONG, LONG);
    let (key, runs) = (key("once"), AtomicU32::new(0));
    let run = async |result: Result<u8, &'static str>| {
        deduplicate(&store, &key, async || {
            runs.fetch_add(1, Ordering::Relaxed);
            result
        })
        .await
    };
    ensure!(matches!(run(Err("no seats left")).await, Err(DedupeError::Handler("no seats left"))));
    let nested = deduplicate(&store, &key, async || Ok::<_, Infallible>(run(Ok(1)).await)).await?;
    let Deduplicated::Handled(Ok(Deduplicated::InProgress)) = nested else { bail!("{nested:?}") };
    ensure!(matches!(run(Ok(2)).await?, Deduplicated::AlreadyHandled));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    Ok(())
}

/// The process of a handler ends between its claim and its confirmation.
async fn crashed_and_handled_again(make: &impl Make) -> Result<()> {
    let store = make(SHORT, LONG);
    let key = key("crashed");
    let crash = deduplicate(&store, &key, async || {
        std::future::pending::<()>().await;
        Ok::<_, Infallible>(())
    });
    ensure!(tokio::time::timeout(SHORT / 4, crash).await.is_err());
    ensure!(matches!(
        deduplicate(&store, &key, async || Ok::<_, Infallible>(())).await?,
        Deduplicated::InProgress
    ));
    tokio::time::sleep(AFTER).await;
    ensure!(matches!(
        deduplicate(&store, &key, async || Ok::<_, Infallible>(())).await?,
        Deduplicated::Handled(())
    ));
    ensure!(matches!(
        deduplicate(&store, &key, async || Ok::<_, Infallible>(())).await?,
        Deduplicated::AlreadyHandled
    ));
    Ok(())
}

async fn of_any_length(make: &impl Make) -> Result<()> {
    let store = make(Duration::MAX, Duration::MAX);
    let (_, token) = claim(&store, "long").await?;
    assert_eq!(renew(&store, "long", &token).await?, LeaseState::Held);
    assert_eq!(confirm(&store, "long", &token).await?, LeaseState::Held);
    assert_eq!(claim(&store, "long").await?.0, Claim::Done);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_holds_the_contract() -> Result<()> {
    holds(|claim, keep| -> Arc<dyn DedupeStore> {
        Arc::new(MemoryStore::new().claim_for(claim).keep_for(keep))
    })
    .await
}
