//! The ledger is trusted because each switch is driven here with raw requests, and what the ledger says
//! afterwards is known.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::time::{Duration, Instant};

use adversary::{
    Adversary, Change, Commit, Failure, Fault, Foreign, InFlight, KeyRules, Lifetime, Outage, Outages,
    Profile, ReadRules, Requests, Scheme, Scope, ValueRules, Wait,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response as raw text, with the parsed body.
#[derive(Debug)]
struct Got {
    status: u16,
    head: String,
    body: Value,
    /// As many bytes of body arrived as the head announces.
    complete: bool,
}

struct Raw(TcpStream);

const ORDER: &str = r#"{"order_id":"o1","order_amount":499.10,"order_currency":"INR","customer_details":{"customer_id":"cust_42","customer_phone":"9999999999"}}"#;

fn host(service: &Adversary) -> String {
    service.url().trim_start_matches("http://").trim_end_matches("/pg").to_owned()
}

impl Raw {
    async fn open(service: &Adversary) -> Self {
        Self(TcpStream::connect(host(service)).await.unwrap())
    }

    /// Sends a request and reads its response; `None` if the connection ends or nothing arrives in time.
    async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Got> {
        let mut text =
            format!("{method} /pg{path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(body);
        self.0.write_all(text.as_bytes()).await.ok()?;
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length =
                    head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse::<usize>().ok()?;
                let status = head.split(' ').nth(1)?.parse().ok()?;
                let got = |complete| Got {
                    status,
                    head: head.to_owned(),
                    body: serde_json::from_str(body).unwrap_or(Value::Null),
                    complete,
                };
                if body.len() >= length {
                    return Some(got(true));
                }
                match tokio::time::timeout(Duration::from_secs(1), self.0.read(&mut part)).await {
                    Ok(Ok(count)) if count > 0 => bytes.extend_from_slice(&part[..count]),
                    _ => return Some(got(false)),
                }
                continue;
            }
            match tokio::time::timeout(Duration::from_secs(1), self.0.read(&mut part)).await {
                Ok(Ok(count)) if count > 0 => bytes.extend_from_slice(&part[..count]),
                _ => return None,
            }
        }
    }
}

const SECRET: [(&str, &str); 2] = [("x-client-id", "m"), ("x-client-secret", "s")];

/// Sends one request over a connection of its own.
async fn ask(
    service: &Adversary,
    method: &str,
    path: &str,
    more: &[(&str, &str)],
    body: &str,
) -> Option<Got> {
    let headers = [&SECRET[..], more].concat();
    Raw::open(service).await.ask(method, path, &headers, body).await
}

async fn create(service: &Adversary, key: &str, body: &str) -> Option<Got> {
    ask(service, "POST", "/orders", &[("x-idempotency-key", key), ("x-request-id", key)], body).await
}

async fn start(change: impl FnOnce(&mut Profile)) -> Adversary {
    let mut profile = Profile::calm(1);
    profile.patience = Duration::from_millis(100);
    change(&mut profile);
    Adversary::start(profile).await.unwrap()
}

/// An order that is paid; held if asked for.
async fn paid(service: &Adversary, id: &str, held: bool) {
    let mut order: Value = serde_json::from_str(ORDER).unwrap();
    order["order_id"] = json!(id);
    order["order_note"] = json!(if held { "preauth_transaction" } else { "" });
    let made = create(service, id, &order.to_string()).await.unwrap();
    let pay =
        json!({ "payment_session_id": made.body["payment_session_id"], "payment_method": { "card": {} } });
    let begun = ask(service, "POST", "/orders/sessions", &[], &pay.to_string()).await.unwrap();
    let path = format!("/orders/pay/authenticate/{}", begun.body["cf_payment_id"].as_str().unwrap());
    let otp = json!({ "action": "SUBMIT_OTP", "otp": service.otp() }).to_string();
    assert_eq!(ask(service, "POST", &path, &[], &otp).await.unwrap().status, 200);
}

#[tokio::test]
async fn identity_and_lifecycle_are_enforced_without_keys() {
    let service = start(|_| {}).await;
    paid(&service, "held", true).await;
    let capture = r#"{"action":"CAPTURE","amount":80}"#;
    let first = ask(&service, "POST", "/orders/held/authorization", &[], capture).await.unwrap();
    assert_eq!((first.status, &first.body["authorization"]["action"]), (200, &json!("CAPTURE")));
    let second =
        ask(&service, "POST", "/orders/held/authorization", &[], r#"{"action":"VOID"}"#).await.unwrap();
    assert!(matches!(second.status, 400 | 409), "{second:?}");
    let refund = r#"{"refund_id":"r1","refund_amount":10}"#;
    for _ in 0..3 {
        ask(&service, "POST", "/orders/held/refunds", &[], refund).await.unwrap();
    }
    let cancel = r#"{"refund_status":"CANCELLED"}"#;
    for _ in 0..2 {
        ask(&service, "PUT", "/orders/held/refunds/r1", &[], cancel).await.unwrap();
    }
    let read = ask(&service, "GET", "/orders/held/refunds/r1", &[], "").await.unwrap();
    assert_eq!(read.body["refund_status"], "CANCELLED");
    for (path, body) in [
        ("/links", r#"{"link_id":"l","link_amount":5}"#),
        ("/plans", r#"{"plan_id":"p","plan_max_amount":5}"#),
        ("/subscriptions", r#"{"subscription_id":"s","plan_details":{"plan_amount":5}}"#),
    ] {
        assert_eq!(ask(&service, "POST", path, &[], body).await.unwrap().status, 200, "{path}");
        let again = ask(&service, "POST", path, &[], body).await.unwrap();
        assert!(matches!(again.status, 400 | 409), "{path}: {again:?}");
        assert!(again.body["code"].as_str().unwrap().ends_with("_already_exists"), "{again:?}");
    }
    for path in [
        "/easy-split/vendors/v/transfer",
        "/easy-split/vendors/v/adjustment",
        "/easy-split/orders/held/split",
    ] {
        for _ in 0..2 {
            assert_eq!(ask(&service, "POST", path, &[], "{}").await.unwrap().status, 200);
        }
    }
    assert_eq!(ask(&service, "POST", "/links/l/cancel", &[], "").await.unwrap().status, 200);
    assert_ne!(ask(&service, "POST", "/links/l/cancel", &[], "").await.unwrap().status, 200);
    assert_eq!(
        ask(&service, "PATCH", "/orders/held", &[], "{}").await.unwrap().body["code"],
        "order_inactive"
    );
    let ledger = service.settled().await;
    let counted = |change| ledger.of(change).len();
    use Change::*;
    for change in
        [OrderCreated, PaymentMade, Captured, RefundCreated, RefundCancelled, LinkCreated, LinkCancelled]
    {
        assert_eq!(counted(change), 1, "{change:?}");
    }
    for change in [PlanCreated, SubscriptionCreated] {
        assert_eq!(counted(change), 1, "{change:?}");
    }
    for change in [Transferred, Adjusted, Split] {
        assert_eq!(counted(change), 2, "{change:?}: only a key protects it");
    }
    assert_eq!((counted(Voided), counted(OrderTerminated)), (0, 0));
    assert_eq!(ledger.of(Captured)[0].merchant, "m");
}

#[tokio::test]
async fn a_key_returns_the_stored_response_and_refuses_another_body() {
    let service = start(|_| {}).await;
    let first = create(&service, "k", ORDER).await.unwrap();
    let again = create(&service, "k", ORDER).await.unwrap();
    assert_eq!((first.body, 200), (again.body, again.status));
    assert!(again.head.contains("x-idempotency-replayed: true") && again.head.contains("x-request-id: k"));
    let other = create(&service, "k", &ORDER.replace("o1", "o2")).await.unwrap();
    assert_eq!((other.status, &other.body["type"]), (422, &json!("idempotency_error")));
    assert_eq!(service.settled().await.entries().len(), 1);
    assert_eq!(service.arrivals().len(), 3);
}

#[tokio::test]
async fn two_requests_in_flight_do_what_the_rule_says() {
    let nameless = ORDER.replace(r#""order_id":"o1","#, "");
    for (rule, statuses, orders) in
        [(InFlight::Wait, [200, 200], 1), (InFlight::Act, [200, 200], 2), (InFlight::Refuse, [200, 409], 1)]
    {
        let service = start(|profile| {
            profile.keys.in_flight = rule;
            profile.latency = Duration::from_millis(50);
        })
        .await;
        let second = async {
            tokio::time::sleep(Duration::from_millis(15)).await;
            create(&service, "k", &nameless).await.unwrap().status
        };
        let (first, second) = tokio::join!(create(&service, "k", &nameless), second);
        assert_eq!([first.unwrap().status, second], statuses, "{rule:?}");
        assert_eq!(service.settled().await.entries().len(), orders, "{rule:?}");
    }
}

#[tokio::test]
async fn keys_are_forgotten_and_ignored_as_the_rules_say() {
    let transfer = "/easy-split/vendors/v/transfer";
    let key = ("x-idempotency-key", "k");
    let rules = |keys: KeyRules, lifetime, ignored| KeyRules { lifetime, ignored, ..keys };
    for (lifetime, ignored, transfers) in [
        (Lifetime::Forever, vec![], 1),
        (Lifetime::Requests(0), vec![], 2),
        (Lifetime::Requests(9), vec![], 1),
        (Lifetime::Time(Duration::ZERO), vec![], 2),
        (Lifetime::Forever, vec![Requests::Method("PATCH")], 1),
        (Lifetime::Forever, vec![Requests::Method("POST")], 2),
        (Lifetime::Forever, vec![Requests::Scheme(Scheme::Secret)], 2),
        (Lifetime::Forever, vec![Requests::Scheme(Scheme::Partner)], 1),
        (Lifetime::Forever, vec![Requests::Endpoint("transfer")], 2),
        (Lifetime::Forever, vec![Requests::Merchant("m".to_owned())], 2),
        (Lifetime::Forever, vec![Requests::Merchant("n".to_owned())], 1),
    ] {
        let shown = format!("{lifetime:?} {ignored:?}");
        let service = start(|profile| profile.keys = rules(profile.keys.clone(), lifetime, ignored)).await;
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            assert_eq!(ask(&service, "POST", transfer, &[key], "{}").await.unwrap().status, 200);
        }
        assert_eq!(service.settled().await.of(Change::Transferred).len(), transfers, "{shown}");
    }
}

#[tokio::test]
async fn a_key_may_reach_beyond_its_operation() {
    let service = start(|profile| {
        profile.keys.scope = Scope::Merchant;
        profile.keys.compares_bodies = false;
    })
    .await;
    paid(&service, "o1", false).await;
    let refund = r#"{"refund_id":"r1","refund_amount":1}"#;
    // `paid` uses the id of the order as its key.
    let got =
        ask(&service, "POST", "/orders/o1/refunds", &[("x-idempotency-key", "o1")], refund).await.unwrap();
    assert_eq!((got.status, &got.body["entity"]), (200, &json!("order")));
    assert_eq!(service.settled().await.of(Change::RefundCreated).len(), 0);
}

#[tokio::test]
async fn failures_are_stored_if_the_service_says_so() {
    for (stores, status, orders) in [(true, 500, 0), (false, 200, 1)] {
        let service = start(|profile| profile.keys.stores_failures = stores).await;
        let failure = Failure::json(500, "api_error", "internal_error");
        service.script("POST", "orders", Fault::Fail(failure, Commit::Never), 1);
        assert_eq!(create(&service, "k", ORDER).await.unwrap().status, 500);
        assert_eq!(create(&service, "k", ORDER).await.unwrap().status, status);
        assert_eq!(service.settled().await.entries().len(), orders);
    }
}

#[tokio::test]
async fn effects_come_when_the_fault_says() {
    let late = Duration::from_millis(60);
    for (commit, at_once, in_the_end) in [
        (Commit::Never, 0, 0),
        (Commit::Now, 1, 1),
        (Commit::Later(late), 0, 1),
        (Commit::AfterRefusal, 0, 1),
    ] {
        for fault in [
            Fault::Close(commit),
            Fault::Hang(commit),
            Fault::Fail(Failure::html(504), commit),
            Fault::Foreign(Foreign::Empty, commit),
        ] {
            let shown = format!("{fault:?}");
            let service = start(|profile| profile.patience = Duration::from_millis(150)).await;
            service.script("POST", "orders", fault.clone(), 1);
            let got = tokio::time::timeout(Duration::from_millis(30), create(&service, "k", ORDER)).await;
            match fault {
                Fault::Close(_) => assert!(matches!(got, Ok(None)), "{shown}"),
                Fault::Hang(_) => assert!(got.is_err(), "{shown}"),
                Fault::Foreign(..) => assert_eq!(got.unwrap().unwrap().body, json!({}), "{shown}"),
                _ => assert_eq!(got.unwrap().unwrap().status, 504, "{shown}"),
            }
            assert_eq!(service.ledger().entries().len(), at_once, "{shown}");
            assert_eq!(service.settled().await.entries().len(), in_the_end, "{shown}");
        }
    }
}

#[tokio::test]
async fn a_parked_request_takes_effect_after_the_next_attempt_was_turned_away() {
    let service = start(|profile| profile.patience = Duration::from_secs(10)).await;
    service.script("POST", "orders", Fault::Close(Commit::AfterRefusal), 1);
    assert!(create(&service, "k", ORDER).await.is_none());
    let second = create(&service, "k", ORDER).await.unwrap();
    assert!(matches!(second.status, 409 | 429 | 500 | 503), "{second:?}");
    let began = Instant::now();
    let ledger = service.settled().await;
    assert_eq!(ledger.count(Change::OrderCreated, "o1"), 1);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(create(&service, "k", ORDER).await.unwrap().status, 200);
    assert_eq!(service.settled().await.entries().len(), 1);
}

#[tokio::test]
async fn reads_lag_behind_and_show_what_was() {
    let service =
        start(|profile| profile.reads = ReadRules { late: 1.0, delay: Duration::from_millis(400) }).await;
    create(&service, "k", ORDER).await.unwrap();
    assert_eq!(ask(&service, "GET", "/orders/o1", &[], "").await.unwrap().status, 404);
    assert_eq!(ask(&service, "GET", "/orders/o1/payments", &[], "").await.unwrap().body, json!([]));
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(ask(&service, "GET", "/orders/o1", &[], "").await.unwrap().body["order_status"], "ACTIVE");
    let ended = ask(&service, "PATCH", "/orders/o1", &[], "{}").await.unwrap();
    assert_eq!(ended.body["order_status"], "TERMINATED");
    assert_eq!(ask(&service, "GET", "/orders/o1", &[], "").await.unwrap().body["order_status"], "ACTIVE");
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(ask(&service, "GET", "/orders/o1", &[], "").await.unwrap().body["order_status"], "TERMINATED");
}

#[tokio::test]
async fn values_are_shown_in_other_ways() {
    let calm = Profile::calm(1).values;
    for (values, amount, customer) in [
        (ValueRules { whole: true, ..calm }, json!(499.0), "cust_42"),
        (ValueRules { paise: true, ..calm }, json!(49910), "cust_42"),
        (ValueRules { masked: true, ..calm }, json!(499.1), "MAXX_2"),
    ] {
        let service = start(|profile| profile.values = ValueRules { altered: 1.0, ..values }).await;
        let got = create(&service, "k", ORDER).await.unwrap();
        assert_eq!(got.body["order_amount"], amount);
        assert_eq!(got.body["customer_details"]["customer_id"], customer);
    }
    let service =
        start(|profile| profile.values = ValueRules { altered: 1.0, zeros: true, splits: true, ..calm })
            .await;
    let link = r#"{"link_id":"l","link_amount":5,"link_minimum_partial_amount":2}"#;
    let got = ask(&service, "POST", "/links", &[], link).await.unwrap();
    assert_eq!((&got.body["link_minimum_partial_amount"], &got.body["link_amount"]), (&json!(0), &json!(5)));
    let mut unasked = 0;
    for nth in 0..20 {
        let order = ORDER.replace("o1", &format!("s{nth}"));
        let got = create(&service, &format!("s{nth}"), &order).await.unwrap();
        unasked += usize::from(got.body["order_splits"][0]["vendor_id"] == "unasked");
    }
    assert!(unasked > 0);
}

#[tokio::test]
async fn foreign_and_stray_responses_are_none_of_the_service() {
    for foreign in Foreign::ALL {
        let service = start(|_| {}).await;
        create(&service, "k1", ORDER).await.unwrap();
        service.script("POST", "orders", Fault::Foreign(foreign, Commit::Never), 1);
        let got = create(&service, "k2", &ORDER.replace("o1", "o2")).await.unwrap();
        assert_eq!(got.status, 200, "{foreign:?}");
        assert_ne!(got.body["order_id"], "o2", "{foreign:?}");
        assert_eq!(got.body["order_id"] == "o1", foreign == Foreign::OtherBody);
        assert!(!got.head.contains("x-request-id: k2"), "{foreign:?}: {}", got.head);
        assert_eq!(service.settled().await.entries().len(), 1);
    }
    let service = start(|_| {}).await;
    let mut kept = Raw::open(&service).await;
    let headers = |id| [SECRET[0], SECRET[1], ("x-request-id", id)];
    let first = kept.ask("POST", "/orders", &headers("a"), ORDER).await.unwrap();
    service.script("POST", "orders", Fault::Stray(Commit::Never), 1);
    let second = kept.ask("POST", "/orders", &headers("b"), &ORDER.replace("o1", "o2")).await.unwrap();
    assert_eq!((second.body, second.head), (first.body, first.head));
    assert_eq!(service.settled().await.entries().len(), 1);
}

#[tokio::test]
async fn half_of_a_response_arrives_though_the_work_is_done() {
    let service = start(|_| {}).await;
    service.script("POST", "", Fault::CutShort, 1);
    let got = create(&service, "k", ORDER).await.unwrap();
    assert!(got.status == 200 && !got.complete, "{got:?}");
    assert_eq!(service.settled().await.entries().len(), 1);
}

#[tokio::test]
async fn waits_are_spelled_in_every_way() {
    let service = start(|_| {}).await;
    for wait in Wait::ALL {
        service.script("POST", "orders", Fault::Fail(Failure::limited(wait), Commit::Never), 1);
        let got = create(&service, "k", ORDER).await.unwrap();
        let said = ["retry-after: ", "x-ratelimit-re"].iter().any(|name| got.head.contains(name));
        assert_eq!((got.status, said), (429, wait != Wait::None), "{wait:?}: {}", got.head);
    }
    assert!(service.settled().await.entries().is_empty());
    assert_eq!(create(&service, "k", ORDER).await.unwrap().status, 200);
}

#[tokio::test]
async fn outages_strike_everybody_or_one_merchant() {
    let outages = |kind, merchants| Outages {
        period: Duration::from_secs(3600),
        length: Duration::from_secs(3600),
        kind,
        merchants,
    };
    for kind in [Outage::Refused, Outage::Reset, Outage::Hang, Outage::Unavailable] {
        let service = start(|profile| profile.outages = Some(outages(kind, None))).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        let connected = TcpStream::connect(host(&service)).await;
        assert_eq!(connected.is_err(), kind == Outage::Refused, "{kind:?}");
        if kind != Outage::Refused {
            let got = create(&service, "k", ORDER).await;
            let status = got.map(|got| got.status);
            assert_eq!(status, (kind == Outage::Unavailable).then_some(503), "{kind:?}");
        }
        assert!(service.settled().await.entries().is_empty());
    }
    let service =
        start(|profile| profile.outages = Some(outages(Outage::Reset, Some(vec!["m".to_owned()])))).await;
    assert!(create(&service, "k", ORDER).await.is_none());
    let other = [("x-client-id", "n"), ("x-client-secret", "s")];
    let got = Raw::open(&service).await.ask("POST", "/orders", &other, ORDER).await.unwrap();
    assert_eq!(got.status, 200);
    assert_eq!(service.settled().await.entries()[0].merchant, "n");
}

#[tokio::test]
async fn an_outage_ends_and_the_port_is_open_again() {
    let service = start(|profile| {
        profile.outages = Some(Outages {
            period: Duration::from_millis(400),
            length: Duration::from_millis(200),
            kind: Outage::Refused,
            merchants: None,
        });
    })
    .await;
    let (mut refused, mut served) = (0, 0);
    for nth in 0..60 {
        match TcpStream::connect(host(&service)).await {
            Ok(_) => served += 1,
            Err(_) => refused += 1,
        }
        if served > 0 && refused > 0 && nth > 40 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(refused > 0 && served > 0, "{refused} {served}");
}

#[tokio::test]
async fn an_id_may_belong_to_another_system() {
    let service = start(|profile| profile.taken_ids = 1.0).await;
    let got = create(&service, "k", ORDER).await.unwrap();
    assert_eq!((got.status, &got.body["code"]), (409, &json!("order_already_exists")));
    let found = ask(&service, "GET", "/orders/o1", &[], "").await.unwrap();
    assert_eq!(found.body["order_amount"], 4711);
    assert!(service.settled().await.entries().is_empty());
}

#[tokio::test]
async fn faults_follow_from_the_seed_and_every_profile_has_them() {
    for name in Profile::NAMES {
        let profile = Profile::named(name, 7).unwrap();
        assert!(profile.faults > 0.0 && !profile.mix.is_empty(), "{name}");
        assert_eq!(profile.name, name);
    }
    assert!(Profile::named("no-such-profile", 1).is_none());
    let statuses = async |seed| {
        let mut profile = Profile::calm(seed);
        profile.faults = 0.5;
        profile.mix = vec![(1, Fault::Fail(Failure::html(504), Commit::Never))];
        let service = Adversary::start(profile).await.unwrap();
        let mut out = Vec::new();
        for nth in 0..40 {
            let order = ORDER.replace("o1", &format!("o{nth}"));
            out.push(create(&service, &format!("k{nth}"), &order).await.unwrap().status);
        }
        let failed = out.iter().filter(|status| **status == 504).count();
        assert_eq!(service.settled().await.entries().len(), 40 - failed);
        assert!((8..32).contains(&failed), "{failed}");
        out
    };
    assert_eq!(statuses(1).await, statuses(1).await);
    assert_ne!(statuses(1).await, statuses(2).await);
}

#[tokio::test]
async fn without_credentials_nothing_happens() {
    let service = start(|_| {}).await;
    let got = Raw::open(&service).await.ask("POST", "/orders", &[], ORDER).await.unwrap();
    assert_eq!((got.status, &got.body["type"]), (401, &json!("authentication_error")));
    assert!(service.settled().await.entries().is_empty());
}
