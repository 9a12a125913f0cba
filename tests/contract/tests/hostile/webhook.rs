//! Attacks on webhooks by someone who captured signed deliveries, or who sends requests without a secret.

use std::convert::Infallible;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Result, ensure};
use cashfree::testing::{WebhookRequest, webhook_signature};
use cashfree::webhook::{
    Claim, ClaimToken, DedupeStore, Deduplicated, MemoryStore, Verified, Verifier, WebhookError, deduplicate,
};
use http::{HeaderMap, HeaderValue};

use crate::webhook::{SECRET, SIGNATURE, TIMESTAMP, stamped};

const HEADER_KEY: &str = "x-idempotency-key";

fn payment(id: u32) -> String {
    format!(
        r#"{{"data":{{"payment":{{"cf_payment_id":"{id}","payment_status":"SUCCESS"}}}},"type":"PAYMENT_SUCCESS_WEBHOOK"}}"#
    )
}

/// A genuine delivery, as it was captured.
fn captured(id: u32, header_key: &str) -> Result<(HeaderMap, String)> {
    let (mut headers, _) = WebhookRequest::new(SECRET, payment(id)).timestamp(stamped()).into_parts();
    headers.insert(HEADER_KEY, HeaderValue::from_str(header_key)?);
    Ok((headers, payment(id)))
}

async fn handled(store: &MemoryStore, delivery: &Verified) -> Result<bool> {
    let done = deduplicate(store, &delivery.dedupe_key(), async || Ok::<_, Infallible>(())).await?;
    Ok(matches!(done, Deduplicated::Handled(())))
}

#[tokio::test]
async fn a_delivery_under_the_key_of_another_event_suppresses_nothing() -> Result<()> {
    let (verifier, store) = (Verifier::new(SECRET)?, MemoryStore::new());
    // The attacker sends one captured event under the key of another that is still to come.
    let (headers, body) = captured(1, "a2V5IG9mIDI=")?;
    ensure!(handled(&store, &verifier.verify_at(stamped(), &headers, body)?).await?);
    let (headers, body) = captured(2, "a2V5IG9mIDI=")?;
    let genuine = verifier.verify_at(stamped(), &headers, body)?;
    assert_eq!(genuine.idempotency_key(), Some("a2V5IG9mIDI="));
    ensure!(handled(&store, &genuine).await?, "the genuine event was suppressed");
    Ok(())
}

#[tokio::test]
async fn one_delivery_under_100_000_header_keys_is_handled_once() -> Result<()> {
    let (verifier, store) = (Verifier::new(SECRET)?, MemoryStore::new().capacity(10));
    let mut times = 0;
    for number in 0..100_000_u32 {
        let (headers, body) = captured(1, &format!("key-{number}"))?;
        times += u32::from(handled(&store, &verifier.verify_at(stamped(), &headers, body)?).await?);
    }
    assert_eq!((times, store.len()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn a_store_is_not_flushed() -> Result<()> {
    let store = MemoryStore::new().capacity(100);
    let key = |id| Verified::trust_without_verification(&HeaderMap::new(), payment(id)).dedupe_key();
    for id in 0..100 {
        let token = ClaimToken::random();
        assert_eq!(store.claim(&key(id), &token).await.ok(), Some(Claim::New));
        store.confirm(&key(id), &token).await.map_err(|error| anyhow::anyhow!(error))?;
    }
    for id in 100..1_100 {
        let full = store.claim(&key(id), &ClaimToken::random()).await;
        ensure!(full.is_err_and(|error| error.to_string().contains("full")), "{id} found room");
    }
    for id in 0..100 {
        assert_eq!(store.claim(&key(id), &ClaimToken::random()).await.ok(), Some(Claim::Done));
    }
    Ok(())
}

#[test]
fn digits_moved_between_timestamp_and_body_are_refused() -> Result<()> {
    let verifier = Verifier::new(SECRET)?;
    let body = payment(1);
    let stamp = "1746427759733";
    let signature = webhook_signature(SECRET, stamp, body.as_bytes());
    for verifier in [verifier.clone(), verifier.any_age()] {
        for split in 0..stamp.len() {
            let (time, moved) = stamp.split_at(split);
            let now = UNIX_EPOCH + Duration::from_secs(1_746_427_759);
            let refused = verifier.verify_parts_at(now, time, &signature, format!("{moved}{body}")).err();
            let expected = match split {
                10 => WebhookError::MalformedBody,
                _ => WebhookError::MalformedHeader(TIMESTAMP),
            };
            assert_eq!(refused, Some(expected), "{time}");
        }
        // The other direction: what begins the body becomes part of the timestamp.
        let refused = verifier
            .verify_parts_at(stamped(), &format!("{stamp}{{"), &signature, body[1..].to_owned())
            .err();
        assert_eq!(refused, Some(WebhookError::MalformedHeader(TIMESTAMP)));
    }
    Ok(())
}

#[test]
fn a_repeated_or_folded_header_verifies_nothing() -> Result<()> {
    let verifier = Verifier::new(SECRET)?;
    let (headers, body) = captured(1, "a2V5")?;
    for name in [TIMESTAMP, SIGNATURE] {
        let mut twice = headers.clone();
        twice.append(name, HeaderValue::from_static("0"));
        let refused = verifier.verify_at(stamped(), &twice, body.clone()).err();
        assert_eq!(refused, Some(WebhookError::RepeatedHeader(name)));
        let mut folded = headers.clone();
        let value = folded.get(name).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
        folded.insert(name, HeaderValue::from_bytes(&[value.as_slice(), b", ", &value].concat())?);
        let refused = verifier.verify_at(stamped(), &folded, body.clone()).err();
        assert_eq!(refused, Some(WebhookError::MalformedHeader(name)));
    }
    Ok(())
}
