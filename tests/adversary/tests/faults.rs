//! When requests take effect, what arrives instead of the response, and outages.

use std::time::{Duration, Instant};

use adversary::{Adversary, Change, Commit, Failure, Fault, Foreign, Outage, Outages, Profile, Wait};
use serde_json::json;
use tokio::net::TcpStream;

use crate::raw::{ORDER, Raw, SECRET, create, host, start};

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
async fn an_outage_ends_and_the_port_reopens() {
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
