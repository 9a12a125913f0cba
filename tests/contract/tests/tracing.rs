//! What a subscriber hears of calls, at the finest level and with the events of the HTTP stack beside it:
//! the fields that are documented, and nothing that was said.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError};
use std::time::Duration;

use ::tracing::field::{Field, Visit};
use ::tracing::span::{Attributes, Id, Record};
use ::tracing::{Dispatch, Event, Level, Metadata, Subscriber, instrument::WithSubscriber};
use anyhow::Result;
use cashfree::types::{Card, CardChannel, DateRange, DateRangeParts, PayOrder, PayOrderPaymentMethod};
use cashfree::{Credentials, RetryPolicy, Secret};
use cashfree_sandbox::Fault;

use crate::{Shop, attempts, collect, failure, order, requests};

/// Writes down all that it hears.
#[derive(Clone)]
pub(crate) struct Recorded(Arc<Mutex<Vec<String>>>, Arc<Mutex<Vec<::tracing::Level>>>);

/// A subscriber that lives as long as the process. While there is one only, a place that logs for the first time asks
/// the subscriber of its own thread, and another test's thread, which has none, turns the place off for all.
static KEPT: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Recorded(Arc::default(), Arc::default())));

impl Default for Recorded {
    fn default() -> Self {
        LazyLock::force(&KEPT);
        Self(Arc::default(), Arc::default())
    }
}

impl Recorded {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The level of each event.
    pub(crate) fn levels(&self) -> Vec<::tracing::Level> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What this crate said.
    fn own(&self) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.starts_with("cashfree ")).collect()
    }

    fn push(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Recorded {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line(format!("{} span {}", span.metadata().target(), span.metadata().name()));
        span.record(&mut line);
        self.push(line.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line("cashfree recorded".to_owned());
        values.record(&mut line);
        self.push(line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).push(*event.metadata().level());
        let mut line = Line(format!("{} event", event.metadata().target()));
        event.record(&mut line);
        self.push(line.0);
    }

    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What the HTTP stack says through `log`, from whichever test.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Logged;

impl log::Log for Logged {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(logged, "{} {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if log::set_logger(&Logged).is_ok() {
            log::set_max_level(log::LevelFilter::Trace);
        }
    });
}

fn values_of<'a>(lines: &'a [String], field: &str) -> Vec<&'a str> {
    let mark = format!(" {field}=");
    let found = lines.iter().filter_map(|line| line.split_once(&mark));
    found.map(|(_, rest)| rest.split(' ').next().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_call_is_a_span_and_an_attempt_an_event() -> Result<()> {
    let shop = Shop::open().await?;
    let recorded = Recorded::default();
    shop.sandbox.script(Fault::Html502, "PGCreateOrder", 1);
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    let call = shop.client.orders().create(order("order_1", "5")?).request_id("request-7");
    call.send().with_subscriber(recorded.clone()).await?;

    let lines = recorded.own();
    assert!(lines[0].contains("span call operation=\"PGCreateOrder\" method=\"POST\" route=\"/orders\""));
    let events: Vec<String> = lines.iter().filter(|line| line.contains(" event")).cloned().collect();
    assert_eq!(values_of(&events, "attempt"), ["1", "2", "3"]);
    assert_eq!(values_of(&events, "outcome"), [r#""failed""#, r#""broken""#, r#""success""#]);
    assert_eq!(values_of(&events, "status"), ["502", "200"]);
    assert_eq!(values_of(&events, "request_id"), [r#""request-7""#; 3]);
    assert_eq!(values_of(&events, "delay_ms").len(), 3);
    let ends: Vec<String> = lines.iter().filter(|line| line.contains("recorded")).cloned().collect();
    assert_eq!(values_of(&ends, "attempts"), ["3"]);
    assert_eq!(values_of(&ends, "outcome"), [r#""success""#]);

    let fields: BTreeSet<&str> = lines
        .iter()
        .flat_map(|line| line.split(' ').filter_map(|word| Some(word.split_once('=')?.0)))
        .collect();
    let known = [
        "attempt",
        "attempts",
        "delay_ms",
        "elapsed_ms",
        "message",
        "method",
        "operation",
        "outcome",
        "request_id",
        "route",
        "status",
    ];
    assert_eq!(fields, BTreeSet::from(known));
    Ok(())
}

#[tokio::test]
async fn a_failed_call_records_its_effect() -> Result<()> {
    let shop = Shop::open().await?;
    let recorded = Recorded::default();
    shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
    let call = shop.client.orders().create(order("order_1", "5")?).retry(RetryPolicy::none());
    failure(call.send().with_subscriber(recorded.clone()).await)?;
    let lines = recorded.own();
    assert_eq!(values_of(&lines, "effect"), [r#""unknown""#; 2]);
    assert_eq!(values_of(&lines, "outcome"), [r#""broken""#, r#""transport""#, r#""transport""#]);
    Ok(())
}

/// The events of failed calls, without their times. They are the only warnings.
fn failures(recorded: &Recorded) -> Vec<String> {
    let lines = recorded.own();
    let failed = lines.iter().filter(|line| line.starts_with("cashfree event message=call failed"));
    let failed: Vec<String> = failed
        .map(|line| {
            let fields = line.split(' ').filter(|word| !word.starts_with("elapsed_ms="));
            fields.collect::<Vec<_>>().join(" ")
        })
        .collect();
    let warnings = recorded.levels().iter().filter(|level| **level == Level::WARN).count();
    assert_eq!(warnings, failed.len(), "{lines:?}");
    failed
}

#[tokio::test]
async fn a_call_that_fails_is_one_warning_with_listed_fields() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    let coded = |code: &str| {
        let body = format!(r#"{{"code":"{code}","message":"a sentence","type":"invalid_request_error"}}"#);
        Fault::Status(400, body, "application/json".to_owned())
    };
    let prefix = "cashfree event message=call failed operation=\"PGFetchOrder\"";
    let long = "x".repeat(65);
    let long_enough = "x".repeat(64);
    for (fault, count, fields) in [
        (
            coded("order_id_invalid"),
            1,
            r#"attempts=1 status=400 outcome="api" effect="read_only" code="order_id_invalid""#,
        ),
        (coded("a.b-C_9"), 1, r#"attempts=1 status=400 outcome="api" effect="read_only" code="a.b-C_9""#),
        (
            coded(&long_enough),
            1,
            &format!(r#"attempts=1 status=400 outcome="api" effect="read_only" code="{long_enough}""#),
        ),
        // No code, but a text that may hold anything.
        (coded("Mr Smith of Pune"), 1, r#"attempts=1 status=400 outcome="api" effect="read_only""#),
        (coded("payer@gocash"), 1, r#"attempts=1 status=400 outcome="api" effect="read_only""#),
        (coded("4706131211212123"), 1, r#"attempts=1 status=400 outcome="api" effect="read_only""#),
        (coded(&long), 1, r#"attempts=1 status=400 outcome="api" effect="read_only""#),
        (Fault::Html502, 2, r#"attempts=2 status=502 outcome="api" effect="read_only""#),
        (Fault::TruncatedJson, 2, r#"attempts=2 status=200 outcome="decode" effect="read_only""#),
    ] {
        shop.sandbox.script(fault, "PGFetchOrder", count);
        let recorded = Recorded::default();
        let call = shop.client.orders().get("order_1").request_id("request-7").retry(attempts(2));
        failure(call.send().with_subscriber(recorded.clone()).await)?;
        assert_eq!(failures(&recorded), [format!("{prefix} request_id=\"request-7\" {fields}")]);
        shop.sandbox.clear_script();
    }
    Ok(())
}

#[tokio::test]
async fn a_call_that_never_left_and_a_page_that_is_none_are_warnings_too() -> Result<()> {
    let shop = Shop::open().await?;
    let recorded = Recorded::default();
    let call = shop.client.orders().get("order_1").credentials(Credentials::unauthenticated());
    failure(call.send().with_subscriber(recorded.clone()).await)?;
    let prefix = "cashfree event message=call failed operation=";
    assert_eq!(
        failures(&recorded),
        [format!(r#"{prefix}"PGFetchOrder" attempts=0 outcome="auth" effect="not_sent""#)]
    );

    let recorded = Recorded::default();
    let nothing = Fault::Status(200, r#"{"data":null}"#.to_owned(), "application/json".to_owned());
    shop.sandbox.script(nothing, "PGFetchRecon", 1);
    let report = shop.client.recon().payments(DateRange::new(DateRangeParts {
        start_date: "2025-07-20T00:00:00+05:30".into(),
        end_date: "2025-07-20T23:59:59+05:30".into(),
    }));
    failure(report.send().with_subscriber(recorded.clone()).await)?;
    let [line] = failures(&recorded).try_into().map_err(|lines| anyhow::anyhow!("{lines:?}"))?;
    assert!(line.starts_with(&format!(r#"{prefix}"PGFetchRecon" request_id="#)), "{line}");
    assert!(line.ends_with(r#"attempts=1 status=200 outcome="decode" effect="read_only""#), "{line}");

    // A success is none.
    let recorded = Recorded::default();
    shop.client.orders().create(order("order_1", "5")?).send().with_subscriber(recorded.clone()).await?;
    assert_eq!(failures(&recorded), [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_call_is_recorded_by_the_subscriber_of_its_caller() -> Result<()> {
    let shop = Shop::open().await?;
    let recorded = Recorded::default();
    let call = shop.client.orders().create(order("order_1", "5")?);
    let dispatch = ::tracing::Dispatch::new(recorded.clone());
    ::tracing::dispatcher::with_default(&dispatch, || call.send_blocking())?;
    let lines = recorded.own();
    assert_eq!(values_of(&lines, "attempt"), ["1"]);
    assert!(lines[0].contains("span call"), "{lines:?}");
    Ok(())
}

#[tokio::test]
async fn no_content_is_recorded() -> Result<()> {
    const CARD: &str = "4706131211212123";
    const UPI: &str = "marked.payer@gocash";
    const MARKED: [&str; 8] = [
        "marked-secret",
        "marked-signature",
        "marked-partner",
        CARD,
        "marked-cvv",
        "marked-otp",
        UPI,
        "marked-sentence",
    ];
    listen();
    let shop = Shop::open().await?;
    let recorded = Recorded::default();
    let created = shop.order("order_1", "5").await?;
    let session = crate::session(&created)?;
    let card = Card::new(CardChannel::Post).card_number(CARD).card_expiry_mm("03").card_cvv("marked-cvv");
    let talk = async {
        for credentials in [
            Credentials::client_secret("app", "marked-secret"),
            Credentials::client_signature("app", Secret::from("marked-signature")),
            Credentials::partner_for_client("marked-partner", "app"),
            Credentials::partner_for_merchant("marked-partner", "merchant"),
        ] {
            failure(shop.client.orders().get("order_1").credentials(credentials).await)?;
        }
        let quoting = format!(r#"{{"message":"marked-sentence {CARD} {UPI}","code":"{UPI}"}}"#);
        let upi = collect("marked.payer");
        for method in [PayOrderPaymentMethod::card(card), upi] {
            for fault in [
                Fault::Status(400, quoting.clone(), "application/json".to_owned()),
                Fault::Status(200, format!("[\"{CARD}\"]"), "application/json".to_owned()),
                Fault::DropAfterCommit,
            ] {
                shop.sandbox.script(fault, "PGPayOrder", 1);
                let pay = PayOrder::new(session.clone(), method.clone());
                failure(shop.client.payments().pay(pay).timeout(Duration::from_secs(5)).await)?;
            }
        }
        let otp = requests::otp("marked-otp")?;
        assert!(!format!("{otp:?}").contains("marked-otp"));
        failure(shop.client.payments().submit_otp("7", "marked-otp").await)?;
        anyhow::Ok(())
    };
    talk.with_subscriber(recorded.clone()).await?;
    let lines = recorded.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("span call")).count(), 11);
    let own = recorded.own().join("\n");
    assert!(!own.contains(session.as_str()) && !own.contains("order_1"), "{own}");
    let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for text in [lines.join("\n"), logged] {
        for marked in MARKED {
            assert!(!text.contains(marked), "{marked} is recorded");
        }
    }
    Ok(())
}
