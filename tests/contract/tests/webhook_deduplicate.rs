//! Deduplication: one handler per event.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use cashfree::testing::{WebhookRequest, webhook_signature};
use cashfree::webhook::{
    Claim, ClaimToken, DedupeError, DedupeKey, DedupeStore, Deduplicated, LeaseState, MemoryStore, Verified,
    Verifier, deduplicate, deduplicate_with_lease,
};
use cashfree::{BoxError, BoxFuture, IdempotencyKey};
use http::HeaderMap;
use tokio::sync::Notify;

use crate::webhook::{PAYMENT, SECRET, stamped};

#[test]
fn a_redelivered_event_keeps_its_key() -> Result<()> {
    let body = r#"{"type":"REFUND_STATUS_WEBHOOK","event_time":"t","data":{"refund":{"refund_id":"r_1","refund_status":"SUCCESS"}}}"#;
    let verifier = Verifier::new(SECRET)?;
    let deliver = |request: WebhookRequest, later: u64| {
        let now = stamped() + Duration::from_secs(later);
        let (headers, body) = request.timestamp(now).into_parts();
        verifier.verify_at(now, &headers, body)
    };
    let own = || IdempotencyKey::new("bWFkZSB1cA==");
    let plain = |body: &'static str| WebhookRequest::new(SECRET, body);
    let first = deliver(plain(body), 0)?;
    let again = deliver(plain(body).attempt(2).version("2023-08-01"), 600)?;
    assert_ne!(first.timestamp(), again.timestamp());
    assert_eq!(first.dedupe_key(), again.dedupe_key());

    // The header is not signed, so that it decides nothing.
    let keyed = deliver(plain(body).idempotency_key(own()?), 0)?;
    let keyed_again = deliver(plain(body).idempotency_key(own()?).attempt(3), 600)?;
    assert_eq!(keyed.dedupe_key(), keyed_again.dedupe_key());
    assert_eq!(keyed.dedupe_key(), first.dedupe_key());
    let other = deliver(plain(PAYMENT).idempotency_key(own()?), 0)?;
    assert_ne!(other.dedupe_key(), keyed.dedupe_key());

    let signature = webhook_signature(SECRET, "1746427759733", body.as_bytes());
    let by_parts = verifier.verify_parts_at(stamped(), "1746427759733", &signature, body)?;
    assert_eq!(by_parts.dedupe_key(), first.dedupe_key());

    let stored = Verified::trust_without_verification(&HeaderMap::new(), body);
    assert_eq!(stored.dedupe_key(), first.dedupe_key());
    let text = first.dedupe_key().to_string();
    ensure!(text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_failed_event_is_handled_twice_and_a_handled_one_is_not() -> Result<()> {
    let store: Arc<dyn DedupeStore> = Arc::new(MemoryStore::new());
    let key = Verified::trust_without_verification(&HeaderMap::new(), PAYMENT).dedupe_key();
    let runs = AtomicU32::new(0);
    let run = async |result: Result<u8, &'static str>| {
        deduplicate(&store, &key, async || {
            runs.fetch_add(1, Ordering::Relaxed);
            result
        })
        .await
    };
    ensure!(matches!(run(Err("the bank is closed")).await, Err(DedupeError::Handler("the bank is closed"))));
    let nested = deduplicate(&store, &key, async || Ok::<_, Infallible>(run(Ok(1)).await)).await?;
    let Deduplicated::Handled(Ok(inner)) = nested else { bail!("{nested:?}") };
    ensure!(matches!(inner, Deduplicated::InProgress) && inner.status() == 503);
    let after = run(Ok(2)).await?;
    ensure!(matches!(after, Deduplicated::AlreadyHandled) && after.status() == 200);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    Ok(())
}

/// Fails at every step after the first ones.
#[derive(Debug)]
struct Failing(AtomicU32);

impl Failing {
    fn step(&self) -> Result<(), BoxError> {
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| "no line".into())
    }
}

impl DedupeStore for Failing {
    fn claim<'a>(&'a self, _: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async { self.step().map(|()| Claim::New) })
    }

    fn renew<'a>(
        &'a self,
        _: &'a DedupeKey,
        _: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(async { self.step().map(|()| LeaseState::Held) })
    }

    fn confirm<'a>(
        &'a self,
        _: &'a DedupeKey,
        _: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(async { self.step().map(|()| LeaseState::Held) })
    }

    fn release<'a>(&'a self, _: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async { self.step() })
    }
}

#[tokio::test]
async fn a_store_that_fails_loses_nothing() -> Result<()> {
    let key = Verified::trust_without_verification(&HeaderMap::new(), PAYMENT).dedupe_key();
    let store = |steps| Failing(AtomicU32::new(steps));
    let none =
        deduplicate(&store(0), &key, async || -> Result<(), BoxError> { Err("must not run".into()) }).await;
    ensure!(matches!(none, Err(DedupeError::Store(_))), "{none:?}");
    let unconfirmed = deduplicate(&store(1), &key, async || Ok::<_, Infallible>(7)).await?;
    ensure!(matches!(unconfirmed, Deduplicated::Unconfirmed(7, _)) && unconfirmed.status() == 200);
    let unreleased = deduplicate(&store(1), &key, async || Err::<(), _>("the handler")).await;
    ensure!(matches!(unreleased, Err(DedupeError::Handler("the handler"))), "{unreleased:?}");
    Ok(())
}

fn payment_key() -> DedupeKey {
    Verified::trust_without_verification(&HeaderMap::new(), PAYMENT).dedupe_key()
}

#[tokio::test]
async fn a_handler_that_outlives_its_lease_learns_it_before_it_confirms() -> Result<()> {
    let store = MemoryStore::new().claim_for(Duration::from_millis(50));
    let key = payment_key();
    let (late, done) = (Notify::new(), Notify::new());
    // Its lease ends while it works; another delivery of the event is handled meanwhile.
    let slow = deduplicate_with_lease(&store, &key, async |lease| {
        late.notify_one();
        done.notified().await;
        lease.renew().await
    });
    let quick = async {
        late.notified().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let quick = deduplicate(&store, &key, async || Ok::<_, Infallible>("the goods")).await;
        done.notify_one();
        quick
    };
    let (slow, quick) = tokio::join!(slow, quick);
    ensure!(matches!(quick, Ok(Deduplicated::Handled("the goods"))), "{quick:?}");
    let Deduplicated::LeaseLost(renewed) = slow? else { bail!("both are handled") };
    assert_eq!(renewed, LeaseState::Lost);
    ensure!(matches!(
        deduplicate(&store, &key, async || Ok::<_, Infallible>(())).await?,
        Deduplicated::AlreadyHandled
    ));
    Ok(())
}

#[tokio::test]
async fn two_handlers_are_never_both_handled() -> Result<()> {
    // Leases that end at once: every delivery is claimed while others still work.
    let store = Arc::new(MemoryStore::new().claim_for(Duration::ZERO));
    let key = payment_key();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50_u64 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let work = async || {
                tokio::time::sleep(Duration::from_millis(number * 7 % 20)).await;
                Ok::<_, Infallible>(())
            };
            deduplicate(&*store, &key, work).await
        });
    }
    let (mut handled, mut lost) = (0, 0);
    while let Some(ended) = tasks.join_next().await {
        match ended?? {
            Deduplicated::Handled(()) => handled += 1,
            Deduplicated::LeaseLost(()) => lost += 1,
            Deduplicated::AlreadyHandled => {}
            other => bail!("{other:?}"),
        }
    }
    ensure!(handled == 1 && lost > 0, "{handled} handled, {lost} lost");
    Ok(())
}

#[tokio::test]
async fn a_lease_that_is_renewed_is_kept() -> Result<()> {
    let store = MemoryStore::new().claim_for(Duration::from_secs(5));
    let key = payment_key();
    let done = deduplicate_with_lease(&store, &key, async |lease| {
        let other = deduplicate(&store, &key, async || Ok::<_, Infallible>(())).await;
        let renewed = lease.renew().await?;
        Ok::<_, BoxError>((renewed, matches!(other, Ok(Deduplicated::InProgress)), lease.token().to_string()))
    });
    let Deduplicated::Handled((LeaseState::Held, true, token)) = done.await? else {
        bail!("the lease was not held")
    };
    assert_eq!(token.len(), 36);
    Ok(())
}
