//! Events of every kind and version, and what may be done to them without notice, are all read.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use cashfree::testing::sample_events;
use cashfree::types::{Dispute, Instrument, Payment, Refund};
use cashfree::webhook::{Event, EventKind, SAMPLES, Verified};
use serde_json::{Value, json};

/// Changed samples that are read in one run.
const MUTATIONS: usize = 10_000;

#[test]
fn every_sample_is_read_typed() -> Result<()> {
    let mut kinds = BTreeSet::new();
    for (kind, name, body) in SAMPLES {
        let event = Event::read(body.as_bytes()).with_context(|| format!("{kind:?} {name}"))?;
        ensure!(!matches!(event, Event::Other(_)), "{kind:?} {name}");
        ensure!(event.kind() == kind && event.event_time().is_some(), "{kind:?} {name}: {event:?}");
        kinds.insert(kind);
    }
    ensure!(kinds.len() == 38, "{} kinds", kinds.len());
    Ok(())
}

#[test]
fn what_is_read_is_shown() -> Result<()> {
    let mut shown = String::new();
    for kind in [EventKind::PaymentSuccess, EventKind::RefundStatus, EventKind::SettlementSuccess] {
        let sample = sample_events(kind).next().context("no sample")?;
        shown.push_str(&format!("{:#?}\n", Event::read(sample.body().to_string().as_bytes())?));
    }
    insta::assert_snapshot!("events", shown);
    Ok(())
}

/// Bodies as older versions, other accounts and the docs write them.
fn odd() -> Vec<(&'static str, Value)> {
    vec![
        (
            "2022 ids",
            json!({"type":"PAYMENT_SUCCESS_WEBHOOK","event_time":"2022-10-06T18:41:36+05:30","data":{
            "order":{"order_id":"o","order_amount":"1.00","order_currency":"INR","order_tags":null},
            "payment":{"cf_payment_id":1453002795,"payment_status":"SUCCESS","payment_amount":1,"auth_id":null,
                "payment_method":{"upi":{"channel":null,"upi_id":"a@b"}},"payment_group":"upi"},
            "customer_details":{"customer_phone":9999999999u64}}}),
        ),
        (
            "no method",
            json!({"type":"PAYMENT_USER_DROPPED_WEBHOOK","data":{"payment":{"payment_method":null}}}),
        ),
        (
            "method by name",
            json!({"type":"PAYMENT_FAILED_WEBHOOK","data":{"payment":{"payment_method":"UPI"}}}),
        ),
        (
            "2022 refund",
            json!({"type":"REFUND_STATUS_WEBHOOK","data":{"refund":{"cf_refund_id":11325632,
            "refund_charge":0,"refund_mode":"STANDARD","terminal_details":{"cf_terminal_id":17269}}}}),
        ),
        (
            "refund's terminal in snake case",
            json!({"type":"REFUND_STATUS_WEBHOOK","data":{"refund":{},
            "terminal_details":{"cf_terminal_id":"17269"}}}),
        ),
        (
            "envelope in data",
            json!({"data":{"type":"VENDOR_SETTLEMENT_SUCCESS","event_time":"2022-01-01T00:00:00+05:30",
            "settlement":{"settlement_id":31,"vendor_id":42,"settled_on":"null","utr":1644822317781212u64}}}),
        ),
        (
            "2023 authorisation",
            json!({"type":"SUBSCRIPTION_AUTH_STATUS","data":{"paymentId":"p",
            "authorizationDetails":{"authorizationAmount":1.0,"paymentMethod":"upi","approveByTime":"2023-09-01"},
            "failureDetails":{"failureReason":null},"paymentScheduleDate":""}}),
        ),
        (
            "method of a mandate as text",
            json!({"type":"SUBSCRIPTION_AUTH_STATUS","data":{
            "authorization_details":{"payment_method":"enach","authorization_time":""}}}),
        ),
        ("no failure", json!({"type":"SUBSCRIPTION_REFUND_STATUS","data":{"failure_details":""}})),
        (
            "2026",
            json!({"type":"SUBSCRIPTION_PAYMENT_SUCCESS","data":{"cf_payment_id":"1",
            "subscription_details":{"subscription_id":"s","subscription_status":"ACTIVE"}}}),
        ),
        (
            "link",
            json!({"type":"PAYMENT_LINK_EVENT","version":1,"data":{"cf_link_id":1576977,"link_amount":"200.12",
            "order":{"order_amount":"22.00","transaction_id":1021206}}}),
        ),
        ("flat test", json!({"type":"WEBHOOK","test_object":{"test_key":"test_value"}})),
        ("test without data", json!({"type":"WEBHOOK","data":null})),
        ("test with text", json!({"type":"WEBHOOK","data":{"test_object":"text"}})),
        (
            "old incident",
            json!({"type":"HEALTH_ALERT","version":1,"data":{"id":1,"instruments":{"upi":{"issuers":["HDFC"]},
            "card":{"scheme":"visa"}}}}),
        ),
        (
            "spaces",
            json!({"type":"DISPUTE_CREATED","event_time":" 2023-06-15T21:17:14+05:30 ","data":{
            "dispute":{"dispute_id":433475257,"reason_code":4855}}}),
        ),
    ]
}

#[test]
fn older_versions_and_odd_forms_are_read() -> Result<()> {
    for (name, body) in odd() {
        let event = Event::read(body.to_string().as_bytes()).with_context(|| name)?;
        ensure!(!matches!(event, Event::Other(_)), "{name}");
    }
    let read = |at: &str| -> Result<Event> {
        let (_, body) = odd().into_iter().find(|(name, _)| *name == at).context("no such body")?;
        Ok(Event::read(body.to_string().as_bytes())?)
    };
    let Event::VendorSettlementSuccess(event) = read("envelope in data")? else { anyhow::bail!("another") };
    let settlement = event.settlement.context("none")?;
    ensure!(settlement.utr.as_deref() == Some("1644822317781212") && settlement.settled_on.is_none());
    ensure!(event.event_time.is_some());
    let Event::SubscriptionAuthStatus(event) = read("2023 authorisation")? else { anyhow::bail!("another") };
    ensure!(event.payment_id.is_some() && event.payment_schedule_date.is_none(), "{event:?}");
    let details = event.authorization_details.context("none")?;
    ensure!(details.payment_method.is_some_and(|method| method.key() == "upi"));
    let Event::RefundStatus(event) = read("2022 refund")? else { anyhow::bail!("another") };
    ensure!(event.terminal().is_some());
    let spaced = read("spaces")?;
    ensure!(spaced.event_time().is_some_and(|time| time.as_str() == "2023-06-15T21:17:14+05:30"));
    Ok(())
}

/// Numbers that follow one another without order, the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

/// Pointers to all that lies within a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut step = |name: &str, value: &Value| {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places(value, &place, found);
        found.push(place);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| step(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| step(&at.to_string(), value)),
        _ => {}
    }
}

/// What the service may do to one place without notice.
fn change(value: &mut Value, draw: &mut Draw) {
    let changed = match (&*value, draw.below(4)) {
        (Value::Object(fields), 0) => {
            let mut fields = fields.clone();
            fields.insert("of_tomorrow".to_owned(), json!({"a": [1, null]}));
            Value::Object(fields)
        }
        (Value::Object(fields), 1) if fields.len() == 1 => json!({"of_tomorrow": {"a": "b"}}),
        (Value::Object(_), 2) => json!({}),
        (Value::Object(_) | Value::Array(_), _) => Value::Null,
        (Value::Number(number), 0 | 1) => json!(number.to_string()),
        (Value::String(text), 0 | 1)
            if text.parse::<u32>().is_ok_and(|number| number.to_string() == *text) =>
        {
            json!(text.parse::<u32>().unwrap_or_default())
        }
        // Empty text may stand for an object.
        (Value::String(text), 2) if !text.is_empty() && text.parse::<f64>().is_err() => {
            json!("A_WORD_OF_TOMORROW")
        }
        (_, 3) => json!(""),
        _ => Value::Null,
    };
    *value = changed;
}

#[test]
fn ten_thousand_changed_samples_are_read() -> Result<()> {
    let mut draw = Draw(20_250_101);
    let folder = tempfile::tempdir()?;
    for count in 0..MUTATIONS {
        let (kind, name, body) = SAMPLES.get(draw.below(SAMPLES.len())).context("no samples")?;
        let mut body: Value = serde_json::from_str(body)?;
        let mut within = Vec::new();
        places(&body["data"], "/data", &mut within);
        for _ in 0..=draw.below(3) {
            let place = within.get(draw.below(within.len())).cloned().unwrap_or_default();
            if let Some(found) = body.pointer_mut(&place) {
                change(found, &mut draw);
            }
        }
        let text = body.to_string();
        let event = Event::read(text.as_bytes()).with_context(|| format!("{kind:?} {name}: {text}"))?;
        ensure!(event.kind() == kind, "{text}");
        if count < 200 {
            std::fs::write(folder.path().join(format!("{count:03}.json")), text)?;
        }
    }
    for (count, (_, body)) in odd().into_iter().enumerate() {
        std::fs::write(folder.path().join(format!("odd-{count}.json")), body.to_string())?;
    }
    std::fs::write(folder.path().join("unknown.json"), r#"{"type":"OF_TOMORROW","data":{}}"#)?;
    let report = contract::events::check(&[folder.path()]);
    ensure!(report.failed == 0 && report.passed > 200, "{report}");
    ensure!(report.to_string().ends_with(&format!("{} passed, 0 failed\n", report.passed)));
    Ok(())
}

#[test]
fn the_checker_prints_type_ids_and_status_and_no_address() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let payment = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"order":{"order_id":"o_1"},"payment":{"cf_payment_id":7,
        "payment_status":"SUCCESS","auth_id":"","payment_method":{"upi":{"upi_id":"asha@upi"}}}}}"#;
    for (name, body) in [
        ("1.json", payment.to_owned()),
        ("2.JSON", "\u{feff}{\"type\":\"HEALTH_ALERT\",\"data\":{\"incident\":{\"id\":\"i_1\",\"status\":\"OPEN\"}}}".to_owned()),
        ("3.json", r#"{"type":"OF_TOMORROW","data":[]}"#.to_owned()),
        ("4.json", r#"{"type":"REFUND_STATUS_WEBHOOK","data":{"refund":{"refund_amount":{"S3CRET":1}}}}"#.to_owned()),
        ("5.json", "S3CRET".to_owned()),
        ("6.txt", "passed over".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), body)?;
    }
    let report = contract::events::check(&[folder.path()]).to_string();
    let report = report.replace(&format!("{}/", folder.path().display()), "");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(
        lines[0],
        "1.json: PAYMENT_SUCCESS_WEBHOOK order_id=o_1 cf_payment_id=7 payment_status=SUCCESS"
    );
    assert_eq!(lines[1], "2.JSON: HEALTH_ALERT id=i_1 status=OPEN");
    assert_eq!(lines[2], "3.json: OF_TOMORROW (unknown)");
    ensure!(lines[3].starts_with("4.json: FAILED at data.refund.refund_amount: "), "{report}");
    ensure!(lines[4].starts_with("5.json: FAILED at .: ") && !report.contains("S3CRET"), "{report}");
    assert_eq!(lines[5..], ["3 passed, 2 failed"]);
    Ok(())
}

#[test]
fn a_known_event_that_cannot_be_read_names_its_path() -> Result<()> {
    let body = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{"order":{"order_amount":{"S3CRET":1}}}}"#;
    let delivery = Verified::trust_without_verification(&http::HeaderMap::new(), body);
    let error = delivery.event().err().context("it was read")?;
    ensure!(error.path() == "data.order.order_amount", "{error}");
    ensure!(!error.to_string().contains("S3CRET") && delivery.body() == body);
    Ok(())
}

/// Where both have a field, an event and the response made of it say the same.
fn agree(event: &Value, response: &Value, place: &str) -> Result<usize> {
    let mut shared = 0;
    for (name, value) in event.as_object().into_iter().flatten() {
        match response.get(name) {
            Some(other) if value.is_object() => shared += agree(value, other, &format!("{place}.{name}"))?,
            Some(Value::Array(_)) | None => {}
            Some(other) if name == "entity" => ensure!(other == "refund"),
            Some(other) => {
                ensure!(value == other, "{place}.{name}: {value} became {other}");
                shared += 1;
            }
        }
    }
    Ok(shared)
}

#[test]
fn an_event_converts_into_the_type_of_the_api() -> Result<()> {
    let mut methods = BTreeSet::new();
    for (kind, name, body) in SAMPLES {
        let event = Event::read(body.as_bytes())?;
        let data = event.data().context("no data")?;
        let (own, response, least) = match event {
            Event::PaymentSuccess(event) | Event::PaymentFailed(event) | Event::PaymentUserDropped(event) => {
                let payment = Payment::try_from(*event)?;
                methods.extend(payment.payment_method.as_ref().map(|method| method.key().to_owned()));
                ensure!(payment.order_amount.is_some());
                (data["payment"].clone(), serde_json::to_value(payment)?, 8)
            }
            Event::RefundStatus(event) => {
                let refund = Refund::try_from(*event.refund.context("no refund")?)?;
                (data["refund"].clone(), serde_json::to_value(refund)?, 10)
            }
            Event::DisputeCreated(event) | Event::DisputeUpdated(event) | Event::DisputeClosed(event) => {
                let dispute = Dispute::from(*event);
                ensure!(dispute.order_details.is_some() && dispute.customer_details.is_some());
                (data["dispute"].clone(), serde_json::to_value(dispute)?, 8)
            }
            Event::InstrumentActive(event) | Event::InstrumentFailed(event) => {
                let instrument = Instrument::from(*event.instrument.context("no instrument")?);
                (data["instrument"].clone(), serde_json::to_value(instrument)?, 5)
            }
            _ => continue,
        };
        let shared = agree(&own, &response, name)?;
        ensure!(shared >= least, "{kind:?} {name}: only {shared} fields");
    }
    let expected = ["app", "banktransfer", "card", "cardless_emi", "emi", "netbanking", "paylater", "upi"];
    ensure!(methods.iter().eq(expected), "{methods:?}");
    Ok(())
}
