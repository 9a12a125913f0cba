//! Verification of webhook deliveries.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::tracing::subscriber;
use anyhow::{Context, Result, bail, ensure};
use cashfree::testing::{WebhookRequest, sign_webhook, webhook_signature};
use cashfree::webhook::{Event, EventKind, Verifier, WebhookError};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::tracing::Recorded;

pub(crate) const SECRET: &str = "test_secret_key";
const STAMP: &str = "1746427759733";
pub(crate) const PAYMENT: &str =
    r#"{"data":{},"event_time":"2025-01-15T12:20:29+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}"#;
pub(crate) const PAYMENT_SIGNATURE: &str = "Wdb6H1hkvaW4rsB5uR4ga+Q+Cw9Uhl2b8ZpcFaTC/N8=";
pub(crate) const TIMESTAMP: &str = "x-webhook-timestamp";
pub(crate) const SIGNATURE: &str = "x-webhook-signature";

pub(crate) fn stamped() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_746_427_759_733)
}

fn headers(pairs: &[(&'static str, &str)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes())?);
    }
    Ok(headers)
}

#[test]
fn the_signatures_are_those_that_other_code_computes() -> Result<()> {
    let unicode = r#"{"data":{"order":{"order_id":"o_1","order_amount":1.00,"order_currency":"INR","order_tags":null},"note":"₹ é"},"type":"X"}"#;
    ensure!((PAYMENT.len(), unicode.len()) == (85, 125), "the bodies are not those of the vectors");
    let verifier = Verifier::new(SECRET)?.any_age();
    // A right signature is not enough: an empty body or timestamp is none that Cashfree sends, and could hide bytes
    // that were moved from one into the other.
    let no_time = Some(WebhookError::MalformedHeader(TIMESTAMP));
    for (timestamp, body, signature, refused) in [
        (STAMP, PAYMENT, PAYMENT_SIGNATURE, None),
        (STAMP, unicode, "CFizHnOQ0xckw1o4YMCPloVA7Sf/NOLGt6fpMY6hbGc=", None),
        (STAMP, "", "4Qoi9EOahZ/XswijYgANSPrZTkmfs+mIHsS7ShkfoTQ=", Some(WebhookError::MalformedBody)),
        ("", "{}", "XvcIOG8nFWDt7em908qMy3qjutRcuCIanacuUBx1sD8=", no_time),
    ] {
        assert_eq!(webhook_signature(SECRET, timestamp, body.as_bytes()), signature);
        let verified = verifier.verify_parts(timestamp, signature, body);
        let by_headers = headers(&[(TIMESTAMP, timestamp), (SIGNATURE, signature)])?;
        assert_eq!(verifier.verify(&by_headers, body).err(), refused);
        assert_eq!(verified.as_ref().err(), refused.as_ref());
        if let Ok(verified) = verified {
            assert_eq!((verified.body().as_ref(), verified.timestamp()), (body.as_bytes(), timestamp));
        }
    }
    // As above, with a dot between timestamp and body.
    let dotted = verifier.verify_parts(STAMP, "D7shkFlBfVq8YIyu876wHxiBh113KIkM9HHqnUCTs8o=", PAYMENT);
    assert_eq!(dotted.err(), Some(WebhookError::WrongSignature));
    Ok(())
}

#[test]
fn one_changed_byte_anywhere_is_refused() -> Result<()> {
    let mut dice = fastrand::Rng::with_seed(20_250_101);
    let verifier = Verifier::new(SECRET)?.any_age();
    let mut refused = [0_u32; 3];
    for round in 0..10_000 {
        let mut body = vec![b'{'];
        body.extend((0..dice.usize(..200)).map(|_| dice.u64(..).to_le_bytes()[0]));
        let timestamp = format!("{:013}", dice.u64(..) % 10_000_000_000_000).into_bytes();
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
            let at = dice.usize(..target.len());
            let other = u8::try_from(1 + dice.usize(..255))?;
            match dice.usize(..8) {
                // One byte more, or one less.
                0 => target.insert(at, other),
                1 => drop(target.remove(at)),
                // A single bit, or any other byte.
                2..5 => target[at] ^= 1 << dice.usize(..8),
                _ => target[at] ^= other,
            }
            match check(&changed) {
                Ok(Some(
                    WebhookError::WrongSignature
                    | WebhookError::MalformedHeader(_)
                    | WebhookError::MalformedBody,
                )) => *refused += 1,
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
    let quoted = format!("\"{SECRET}\"");
    for (unfit, reason) in [
        ("", "it is empty"),
        (" ", "it has a space at an end"),
        ("\n", "line break"),
        (with_line_end.as_str(), "line break"),
        ("sécret", "not printable ASCII"),
        (quoted.as_str(), "it is wrapped in quotes"),
        ("'test_secret_key'", "it is wrapped in quotes"),
        ("`test_secret_key`", "it is wrapped in quotes"),
        ("test_secret_key\"", "it is wrapped in quotes"),
    ] {
        let refused = Verifier::new(unfit).err().with_context(|| format!("{unfit:?} is accepted"))?;
        assert_eq!(Verifier::new(SECRET)?.also_accept(unfit).err(), Some(refused));
        let shown = format!("{refused} {refused:?}");
        ensure!(refused.reason().contains(reason) && !shown.contains(SECRET), "{unfit:?}: {shown}");
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
fn the_timestamp_tolerance_is_exact_in_both_directions() -> Result<()> {
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
    // The age is checked before the signature, since it needs no body: an old or forged request is refused before
    // anything is read or computed.
    let forged = Verifier::new(SECRET)?.verify_parts_at(UNIX_EPOCH, STAMP, PAYMENT_SIGNATURE, "{}");
    ensure!(matches!(forged.err(), Some(WebhookError::FromTheFuture { .. })));
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
        let signature = webhook_signature(SECRET, malformed, b"{}");
        let stored = verifier.clone().any_age().verify_parts(malformed, &signature, "{}");
        assert_eq!(stored.err(), Some(WebhookError::MalformedHeader(TIMESTAMP)), "{malformed}");
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
        ("x-webhook-version", "2023-08-01"),
        ("x-webhook-attempt", "2"),
        ("x-idempotency-key", "bWFkZSB1cA=="),
    ])?;
    assert_eq!((full.version(), full.attempt()), (Some("2023-08-01"), Some(2)));
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

    let broken = deliver("[S3CRET is no JSON")?;
    let error = broken.event().err().context("no event")?;
    ensure!(!format!("{error} {error:?} {broken:?}").contains("S3CRET"), "{error}");
    assert_eq!(broken.body(), "[S3CRET is no JSON");
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
fn a_body_begins_like_json() -> Result<()> {
    let verifier = Verifier::new(SECRET)?;
    let verify = |body: &[u8]| {
        let headers = sign_webhook(SECRET, stamped(), body);
        verifier.verify_at(stamped(), &headers, body.to_vec()).err()
    };
    let marked = format!("\u{feff} {PAYMENT}");
    for body in ["{}", "[]", " \t\r\n {", "[", marked.as_str()] {
        assert_eq!(verify(body.as_bytes()), None, "{body}");
    }
    for body in ["", " ", "null", "\"{}\"", "733{}", "-{}", "\u{a0}{}", "\u{b}{}", "x", "\0{}", "\u{feff}"] {
        assert_eq!(verify(body.as_bytes()), Some(WebhookError::MalformedBody), "{body}");
    }
    Ok(())
}

#[test]
fn a_refused_delivery_is_a_warning_with_reason_attempt_and_age() -> Result<()> {
    let recorded = Recorded::default();
    let verifier = Verifier::new(SECRET)?;
    let age = Duration::from_secs(2);
    let request = WebhookRequest::new("a_rotated_secret", PAYMENT).timestamp(stamped()).attempt(3);
    let (headers, body) = request.into_parts();
    let signature = headers.get(SIGNATURE).context("a signature")?.to_str()?.to_owned();
    let refusals = subscriber::with_default(recorded.clone(), || {
        [
            verifier.verify_at(stamped() + age, &headers, body.clone()).err(),
            verifier.verify_at(stamped() - age, &HeaderMap::new(), body.clone()).err(),
            verifier.verify_parts_at(stamped() + 1000 * age, STAMP, &signature, body).err(),
            verifier.check_headers(&HeaderMap::new()).err(),
        ]
    });
    ensure!(refusals.iter().all(Option::is_some), "{refusals:?}");
    let prefix = "cashfree event message=webhook delivery refused";
    assert_eq!(
        recorded.lines(),
        [
            format!(
                "{prefix} reason=the signature does not match the timestamp and the body attempt=3 age_ms=2000"
            ),
            format!("{prefix} reason=the header x-webhook-timestamp is missing"),
            format!("{prefix} reason=the timestamp is 2000s old age_ms=2000000"),
            format!("{prefix} reason=the header x-webhook-timestamp is missing"),
        ]
    );
    ensure!(recorded.levels() == [::tracing::Level::WARN; 4]);
    // An accepted delivery is none.
    let quiet = Recorded::default();
    let headers = sign_webhook(SECRET, stamped(), b"{}");
    subscriber::with_default(quiet.clone(), || verifier.verify_at(stamped(), &headers, "{}"))?;
    ensure!(quiet.lines().is_empty());
    Ok(())
}
