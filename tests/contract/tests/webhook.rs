//! What is taken for Cashfree's, and what is not.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use axum::body::Body;
use axum::extract::{FromRef, FromRequest};
use axum::response::IntoResponse;
use bytes::Bytes;
use cashfree::testing::{WebhookRequest, sign_webhook, webhook_signature};
use cashfree::webhook::{
    Claim, ClaimToken, DedupeKey, Event, EventKind, Once, OnceError, Seen, SeenInMemory, Verified, Verifier,
    Webhook, WebhookError, once,
};
use cashfree::{BoxError, BoxFuture, IdempotencyKey};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};

const SECRET: &str = "test_secret_key";
const STAMP: &str = "1746427759733";
const PAYMENT: &str =
    r#"{"data":{},"event_time":"2025-01-15T12:20:29+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}"#;
const PAYMENT_SIGNATURE: &str = "Wdb6H1hkvaW4rsB5uR4ga+Q+Cw9Uhl2b8ZpcFaTC/N8=";
const TIMESTAMP: &str = "x-webhook-timestamp";
const SIGNATURE: &str = "x-webhook-signature";

fn stamped() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_746_427_759_733)
}

fn headers(pairs: &[(&'static str, &str)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes())?);
    }
    Ok(headers)
}

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> Result<usize> {
        Ok(usize::try_from(self.next() % u64::try_from(limit)?)?)
    }
}

#[test]
fn the_signatures_are_those_that_other_code_computes() -> Result<()> {
    let unicode = r#"{"data":{"order":{"order_id":"o_1","order_amount":1.00,"order_currency":"INR","order_tags":null},"note":"₹ é"},"type":"X"}"#;
    ensure!((PAYMENT.len(), unicode.len()) == (85, 125), "the bodies are not those of the vectors");
    let verifier = Verifier::new(SECRET)?.any_age();
    for (timestamp, body, signature) in [
        (STAMP, PAYMENT, PAYMENT_SIGNATURE),
        (STAMP, unicode, "CFizHnOQ0xckw1o4YMCPloVA7Sf/NOLGt6fpMY6hbGc="),
        (STAMP, "", "4Qoi9EOahZ/XswijYgANSPrZTkmfs+mIHsS7ShkfoTQ="),
        ("", "{}", "XvcIOG8nFWDt7em908qMy3qjutRcuCIanacuUBx1sD8="),
    ] {
        assert_eq!(webhook_signature(SECRET, timestamp, body.as_bytes()), signature);
        let verified = verifier.verify_parts(timestamp, signature, body)?;
        assert_eq!((verified.body().as_ref(), verified.timestamp()), (body.as_bytes(), timestamp));
        let by_headers = headers(&[(TIMESTAMP, timestamp), (SIGNATURE, signature)])?;
        verifier.verify(&by_headers, body)?;
    }
    // As above, with a dot between timestamp and body.
    let dotted = verifier.verify_parts(STAMP, "D7shkFlBfVq8YIyu876wHxiBh113KIkM9HHqnUCTs8o=", PAYMENT);
    assert_eq!(dotted.err(), Some(WebhookError::WrongSignature));
    Ok(())
}

#[test]
fn one_changed_byte_anywhere_is_refused() -> Result<()> {
    let mut dice = Dice(20_250_101);
    let verifier = Verifier::new(SECRET)?.any_age();
    let mut refused = [0_u32; 3];
    for round in 0..10_000 {
        let body: Vec<u8> = (0..1 + dice.below(200)?).map(|_| dice.next().to_le_bytes()[0]).collect();
        let timestamp = format!("{:013}", dice.next() % 10_000_000_000_000).into_bytes();
        let signature = webhook_signature(SECRET, std::str::from_utf8(&timestamp)?, &body).into_bytes();
        let parts = [body, timestamp, signature];
        let check = |[body, timestamp, signature]: &[Vec<u8>; 3]| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMESTAMP, HeaderValue::from_bytes(timestamp)?);
            headers.insert(SIGNATURE, HeaderValue::from_bytes(signature)?);
            anyhow::Ok(verifier.verify(&headers, body.clone()).err())
        };
        ensure!(check(&parts)?.is_none(), "round {round}: untouched");
        for (part, refused) in refused.iter_mut().enumerate() {
            let mut changed = parts.clone();
            let target = changed.get_mut(part).context("a part")?;
            let at = dice.below(target.len())?;
            let other = u8::try_from(1 + dice.below(255)?)?;
            match dice.below(8)? {
                // One byte more, or one less.
                0 => target.insert(at, other),
                1 => drop(target.remove(at)),
                // A single bit, or any other byte.
                2..5 => target[at] ^= 1 << dice.below(8)?,
                _ => target[at] ^= other,
            }
            match check(&changed) {
                Ok(Some(WebhookError::WrongSignature | WebhookError::MalformedHeader(_))) => *refused += 1,
                // A byte that no header may hold never arrives.
                Err(error) if part > 0 => ensure!(error.is::<http::header::InvalidHeaderValue>(), "{error}"),
                other => bail!("round {round}, part {part}: {other:?}"),
            }
        }
    }
    println!("{refused:?} refused");
    ensure!(refused[0] == 10_000 && refused[1] > 5_000 && refused[2] > 5_000, "{refused:?}");
    Ok(())
}

#[test]
fn several_secrets_count_and_unfit_ones_do_not() -> Result<()> {
    let with_line_end = format!("{SECRET}\n");
    for unfit in ["", " ", "\n", with_line_end.as_str(), "sécret"] {
        assert!(Verifier::new(unfit).is_err());
        assert!(Verifier::new(SECRET)?.also_accept(unfit).is_err());
    }
    let rotating = Verifier::new("the_new_one")?.also_accept(SECRET)?.any_age();
    assert_eq!(rotating.verify_parts(STAMP, PAYMENT_SIGNATURE, PAYMENT)?.signed_by(), Some(1));
    let new = webhook_signature("the_new_one", STAMP, PAYMENT.as_bytes());
    assert_eq!(rotating.verify_parts(STAMP, &new, PAYMENT)?.signed_by(), Some(0));
    let third = webhook_signature("a_third", STAMP, PAYMENT.as_bytes());
    assert_eq!(rotating.verify_parts(STAMP, &third, PAYMENT).err(), Some(WebhookError::WrongSignature));
    // A secret longer than a block of the hash.
    let long = "x".repeat(200);
    let signature = webhook_signature(&long, STAMP, b"{}");
    Verifier::new(long)?.any_age().verify_parts(STAMP, &signature, "{}")?;
    ensure!(rotating.verify_parts(STAMP, &signature, "{}").is_err());
    Ok(())
}

#[test]
fn the_age_is_bounded_both_ways_to_the_edge() -> Result<()> {
    let second = Duration::from_secs(1);
    let edge = Verifier::TOLERANCE;
    for seconds in [false, true] {
        let signed = if seconds { UNIX_EPOCH + Duration::from_secs(1_746_427_759) } else { stamped() };
        let request = WebhookRequest::new(SECRET, PAYMENT).timestamp(stamped());
        let request = if seconds { request.in_seconds() } else { request };
        let (headers, body) = request.into_parts();
        let digits = headers.get(TIMESTAMP).context("a timestamp")?.len();
        assert_eq!(digits, if seconds { 10 } else { 13 });
        let verifier = Verifier::new(SECRET)?;
        let at = |now| verifier.verify_at(now, &headers, body.clone());
        for now in [signed, signed + edge, signed - edge] {
            assert_eq!(at(now)?.sent_at(), Some(signed));
        }
        let millisecond = Duration::from_millis(1);
        let age = edge + millisecond;
        assert_eq!(at(signed + age).err(), Some(WebhookError::TooOld { age }));
        assert_eq!(at(signed - age).err(), Some(WebhookError::FromTheFuture { by: age }));

        let narrow = Verifier::new(SECRET)?.tolerance(Duration::ZERO);
        ensure!(narrow.verify_at(signed, &headers, body.clone()).is_ok());
        ensure!(narrow.verify_at(signed + millisecond, &headers, body.clone()).is_err());
        let open = Verifier::new(SECRET)?.any_age();
        for now in [UNIX_EPOCH, signed + 100_000_000 * second] {
            ensure!(open.verify_at(now, &headers, body.clone()).is_ok());
        }
    }
    // Who does not hold the secret learns nothing of the clock.
    let forged = Verifier::new(SECRET)?.verify_parts_at(UNIX_EPOCH, STAMP, PAYMENT_SIGNATURE, "{}");
    assert_eq!(forged.err(), Some(WebhookError::WrongSignature));
    Ok(())
}

#[test]
fn a_timestamp_is_ten_or_thirteen_digits() -> Result<()> {
    let verifier = Verifier::new(SECRET)?;
    let at = |timestamp: &str| {
        let signature = webhook_signature(SECRET, timestamp, b"{}");
        verifier.verify_parts_at(stamped(), timestamp, &signature, "{}").err()
    };
    assert_eq!(at("1746427759733"), None);
    assert_eq!(at("1746427759"), None);
    for malformed in [
        "",
        "0",
        "174642775",
        "17464277597",
        "174642775973",
        "01746427759733",
        "17464277597330",
        "18446744073709551616",
        "999999999999999999999999999999",
        "-746427759733",
        "+746427759733",
        "-174642775",
        "1746427759.73",
        "1.74642775e+9",
        " 1746427759733",
        "1746427759733 ",
        "0x46427759733",
        "१७४६४२७७५९",
        "१७४",
        "１７４６４２７７５９７３３",
        "2025-05-05T06",
        "1746427759733\n",
    ] {
        assert_eq!(at(malformed), Some(WebhookError::MalformedHeader(TIMESTAMP)), "{malformed}");
    }
    // Leading zeros are digits: long ago.
    for old in ["0000000000", "0000000000000", "0001746427759", "0174642775"] {
        ensure!(matches!(at(old), Some(WebhookError::TooOld { .. })), "{old}");
    }
    for ahead in ["9999999999", "9999999999999"] {
        ensure!(matches!(at(ahead), Some(WebhookError::FromTheFuture { .. })), "{ahead}");
    }
    Ok(())
}

#[test]
fn a_signature_is_the_standard_base64_of_32_bytes() -> Result<()> {
    let verifier = Verifier::new(SECRET)?.any_age();
    let bare = PAYMENT_SIGNATURE.trim_end_matches('=');
    for malformed in [
        String::new(),
        bare.to_owned(),
        format!("{PAYMENT_SIGNATURE}="),
        format!(" {PAYMENT_SIGNATURE}"),
        format!("{PAYMENT_SIGNATURE}\n"),
        PAYMENT_SIGNATURE.replace('+', "-").replace('/', "_"),
        // The bits behind the last byte are not zero.
        PAYMENT_SIGNATURE.replace("N8=", "N9="),
        "59d6fa1f5864bda5b8aec079b91e206be43e0b0f54865d9bf19a5c15a4c2fcdf".to_owned(),
        "AAAA".to_owned(),
        "A".repeat(100_000),
        "é".to_owned(),
    ] {
        let refused = verifier.verify_parts(STAMP, &malformed, PAYMENT).err();
        assert_eq!(refused, Some(WebhookError::MalformedHeader(SIGNATURE)), "{malformed:.60}");
    }
    Ok(())
}

#[test]
fn headers_are_there_once() -> Result<()> {
    let verifier = Verifier::new(SECRET)?;
    let (time, sign) = ((TIMESTAMP, STAMP), (SIGNATURE, PAYMENT_SIGNATURE));
    for (pairs, expected) in [
        (vec![], Some(WebhookError::MissingHeader(TIMESTAMP))),
        (vec![sign], Some(WebhookError::MissingHeader(TIMESTAMP))),
        (vec![time], Some(WebhookError::MissingHeader(SIGNATURE))),
        (vec![time, time, sign], Some(WebhookError::RepeatedHeader(TIMESTAMP))),
        (vec![time, sign, sign], Some(WebhookError::RepeatedHeader(SIGNATURE))),
        (vec![time, (SIGNATURE, "\u{e9}")], Some(WebhookError::MalformedHeader(SIGNATURE))),
        (vec![time, sign], None),
    ] {
        let refused = verifier.verify_at(stamped(), &headers(&pairs)?, PAYMENT).err();
        assert_eq!(refused, expected, "{pairs:?}");
        assert!(refused.is_none_or(|error| error.status() == 400), "{refused:?}");
    }
    Ok(())
}

#[test]
fn the_other_headers_are_facts_or_absent() -> Result<()> {
    let verifier = Verifier::new(SECRET)?;
    let signed = [(TIMESTAMP, STAMP), (SIGNATURE, PAYMENT_SIGNATURE)];
    let read = |more: &[(&'static str, &str)]| {
        anyhow::Ok(verifier.verify_at(stamped(), &headers(&[&signed[..], more].concat())?, PAYMENT)?)
    };
    let full = read(&[
        ("x-webhook-version", "2025-01-01"),
        ("x-webhook-attempt", "2"),
        ("x-idempotency-key", "bWFkZSB1cA=="),
    ])?;
    assert_eq!((full.version(), full.attempt()), (Some("2025-01-01"), Some(2)));
    assert_eq!(full.idempotency_key(), Some("bWFkZSB1cA=="));
    for odd in ["", "-1", "two", "99999999999", "\u{e9}"] {
        let delivery = read(&[("x-webhook-attempt", odd), ("x-idempotency-key", "")])?;
        assert_eq!((delivery.attempt(), delivery.idempotency_key(), delivery.version()), (None, None, None));
    }
    Ok(())
}

#[test]
fn a_body_is_bounded_before_anything_is_computed() -> Result<()> {
    let verifier = Verifier::new(SECRET)?.body_limit(85);
    let headers = sign_webhook(SECRET, stamped(), PAYMENT.as_bytes());
    verifier.verify_at(stamped(), &headers, PAYMENT)?;
    let refused = verifier.verify_at(stamped(), &headers, format!("{PAYMENT} ")).err();
    assert_eq!(refused, Some(WebhookError::BodyTooLarge { limit: 85 }));
    Ok(())
}

#[test]
fn an_event_that_is_unknown_is_no_error_and_one_that_is_broken_is_kept() -> Result<()> {
    let deliver = |body: &'static str| {
        let headers = sign_webhook(SECRET, stamped(), body.as_bytes());
        Verifier::new(SECRET)?.verify_at(stamped(), &headers, body).map_err(anyhow::Error::from)
    };
    for kind in EventKind::KNOWN {
        ensure!(!matches!(EventKind::from(*kind), EventKind::Unknown(_)), "{kind}");
    }
    let event = deliver(r#"{"type":"SOMETHING_NEW","data":{"amount":1.00}}"#)?.event()?;
    ensure!(matches!(&event, Event::Other(raw) if raw.data() == r#"{"amount":1.00}"#), "{event:?}");
    ensure!(matches!(event.kind(), EventKind::Unknown(kind) if kind.as_str() == "SOMETHING_NEW"));
    let test = deliver(r#"{"type":"WEBHOOK","data":{"test_object":{"test_key":"test_value"}}}"#)?.event()?;
    ensure!(matches!(test, Event::Test(_)), "{test:?}");

    let broken = deliver("S3CRET is no JSON")?;
    let error = broken.event().err().context("no event")?;
    ensure!(!format!("{error} {error:?} {broken:?}").contains("S3CRET"), "{error}");
    assert_eq!(broken.body(), "S3CRET is no JSON");
    Ok(())
}

#[test]
fn nothing_secret_is_printed() -> Result<()> {
    let body = r#"{"type":"X","data":{"phone":"9999999999"}}"#;
    let request = WebhookRequest::new(SECRET, body).timestamp(stamped());
    let mut shown = format!("{request:?}");
    let (headers, _) = request.into_parts();
    let signature = headers.get(SIGNATURE).context("a signature")?.to_str()?.to_owned();
    let verifier = Verifier::new(SECRET)?;
    let delivery = verifier.verify_at(stamped(), &headers, body)?;
    shown += &format!("{verifier:?} {delivery:?} {:?} {:?}", delivery.event()?, delivery.dedupe_key());
    let forged = verifier.verify_at(stamped(), &headers, format!("{body} "));
    let late = verifier.verify_at(UNIX_EPOCH, &headers, body);
    for refused in [forged.err(), late.err()] {
        let refused = refused.context("refused")?;
        shown += &format!("{refused} {refused:?}");
    }
    for hidden in [SECRET, &signature, "9999999999", "phone"] {
        ensure!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    Ok(())
}

#[test]
fn an_event_keeps_its_key_when_it_comes_again() -> Result<()> {
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
    assert_eq!(first.dedupe_key(), first.content_key());

    let keyed = deliver(plain(body).idempotency_key(own()?), 0)?;
    let keyed_again = deliver(plain(body).idempotency_key(own()?).attempt(3), 600)?;
    assert_eq!(keyed.dedupe_key(), keyed_again.dedupe_key());
    assert_ne!(keyed.dedupe_key(), first.dedupe_key());
    assert_eq!(keyed.content_key(), first.content_key());
    let other = deliver(plain(PAYMENT).idempotency_key(own()?), 0)?;
    assert_eq!(other.dedupe_key(), keyed.dedupe_key());
    assert_ne!(other.content_key(), keyed.content_key());

    let stored = Verified::trust_without_verification(&HeaderMap::new(), body);
    assert_eq!(stored.dedupe_key(), first.dedupe_key());
    let text = first.dedupe_key().to_string();
    ensure!(text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()), "{text}");
    Ok(())
}

#[tokio::test]
async fn what_failed_is_handled_again_and_what_was_handled_is_not() -> Result<()> {
    let seen: Arc<dyn Seen> = Arc::new(SeenInMemory::new());
    let key = Verified::trust_without_verification(&HeaderMap::new(), PAYMENT).dedupe_key();
    let runs = AtomicU32::new(0);
    let run = async |result: Result<u8, &'static str>| {
        once(&seen, &key, async || {
            runs.fetch_add(1, Ordering::Relaxed);
            result
        })
        .await
    };
    ensure!(matches!(run(Err("the bank is closed")).await, Err(OnceError::Handler("the bank is closed"))));
    let nested = once(&seen, &key, async || Ok::<_, Infallible>(run(Ok(1)).await)).await?;
    let Once::Handled(Ok(inner)) = nested else { bail!("{nested:?}") };
    ensure!(matches!(inner, Once::InProgress) && inner.status() == 503);
    let after = run(Ok(2)).await?;
    ensure!(matches!(after, Once::Before) && after.status() == 200);
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

impl Seen for Failing {
    fn claim<'a>(&'a self, _: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async { self.step().map(|()| Claim::New) })
    }

    fn confirm<'a>(&'a self, _: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async { self.step() })
    }

    fn release<'a>(&'a self, _: &'a DedupeKey, _: &'a ClaimToken) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async { self.step() })
    }
}

#[tokio::test]
async fn a_store_that_fails_loses_nothing() -> Result<()> {
    let key = Verified::trust_without_verification(&HeaderMap::new(), PAYMENT).dedupe_key();
    let store = |steps| Failing(AtomicU32::new(steps));
    let none = once(&store(0), &key, async || -> Result<(), BoxError> { Err("must not run".into()) }).await;
    ensure!(matches!(none, Err(OnceError::Store(_))), "{none:?}");
    let unconfirmed = once(&store(1), &key, async || Ok::<_, Infallible>(7)).await?;
    ensure!(matches!(unconfirmed, Once::Unconfirmed(7, _)) && unconfirmed.status() == 200);
    let unreleased = once(&store(1), &key, async || Err::<(), _>("the handler")).await;
    ensure!(matches!(unreleased, Err(OnceError::Handler("the handler"))), "{unreleased:?}");
    Ok(())
}

#[derive(Clone)]
struct App(Verifier);

impl FromRef<App> for Verifier {
    fn from_ref(App(verifier): &App) -> Self {
        verifier.clone()
    }
}

#[tokio::test]
async fn the_extractor_answers_what_is_not_verified() -> Result<()> {
    let app = App(Verifier::new(SECRET)?.body_limit(100));
    let extract = async |headers: HeaderMap, body: Body| {
        let mut request = Request::post("/").body(body)?;
        *request.headers_mut() = headers;
        anyhow::Ok(match Webhook::from_request(request, &app).await {
            Ok(Webhook(delivery)) => Ok(delivery),
            Err(rejection) => {
                let status = rejection.status();
                assert_eq!(rejection.into_response().status(), status);
                Err(status)
            }
        })
    };
    let now = SystemTime::now();
    let good = || sign_webhook(SECRET, now, PAYMENT.as_bytes());
    let without = |name: &str| {
        let mut headers = good();
        headers.remove(name);
        headers
    };
    let with = |name: &'static str, value: &'static str| {
        let mut headers = good();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    };
    let day = Duration::from_secs(86_400);

    let delivery = extract(good(), Body::from(PAYMENT)).await?;
    assert_eq!(delivery.ok().context("verified")?.body(), PAYMENT);
    for (headers, body, status) in [
        (HeaderMap::new(), PAYMENT, StatusCode::BAD_REQUEST),
        (without(TIMESTAMP), PAYMENT, StatusCode::BAD_REQUEST),
        (without(SIGNATURE), PAYMENT, StatusCode::BAD_REQUEST),
        (with(TIMESTAMP, "yesterday"), PAYMENT, StatusCode::BAD_REQUEST),
        (with(SIGNATURE, "?"), PAYMENT, StatusCode::BAD_REQUEST),
        (with(SIGNATURE, PAYMENT_SIGNATURE), PAYMENT, StatusCode::UNAUTHORIZED),
        (good(), "{}", StatusCode::UNAUTHORIZED),
        (sign_webhook(SECRET, now - day, b"{}"), "{}", StatusCode::UNAUTHORIZED),
        (sign_webhook(SECRET, now + day, b"{}"), "{}", StatusCode::UNAUTHORIZED),
    ] {
        let answered = extract(headers, Body::from(body)).await?;
        assert_eq!(answered.err(), Some(status), "{body}");
    }

    // A body that never ends is left at the limit, one that breaks off is refused, one without the headers
    // is not read.
    let endless = || Body::from_stream(Pieces::endless());
    assert_eq!(extract(good(), endless()).await?.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
    assert_eq!(extract(without(SIGNATURE), endless()).await?.err(), Some(StatusCode::BAD_REQUEST));
    let broken = Body::from_stream(Pieces(vec![Err("the line broke"), Ok("{")]));
    assert_eq!(extract(good(), broken).await?.err(), Some(StatusCode::BAD_REQUEST));
    let (start, end) = PAYMENT.split_at(40);
    let pieces = Body::from_stream(Pieces(vec![Ok(end), Ok(""), Ok(start)]));
    ensure!(extract(good(), pieces).await?.is_ok());
    Ok(())
}

/// A body in pieces, the last one first.
struct Pieces(Vec<Result<&'static str, &'static str>>);

impl Pieces {
    /// Long enough that only who stops at a limit is done soon.
    fn endless() -> impl futures_core::Stream<Item = Result<Bytes, BoxError>> + Send + 'static {
        struct Endless;
        impl futures_core::Stream for Endless {
            type Item = Result<Bytes, BoxError>;

            fn poll_next(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Self::Item>> {
                std::task::Poll::Ready(Some(Ok(Bytes::from_static(b"{\"a\": "))))
            }
        }
        Endless
    }
}

impl futures_core::Stream for Pieces {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let piece = self.0.pop();
        std::task::Poll::Ready(piece.map(|piece| piece.map(Into::into).map_err(Into::into)))
    }
}
