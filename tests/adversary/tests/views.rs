//! What reads and responses show.

use std::time::Duration;

use adversary::{Profile, ReadRules, ValueRules};
use serde_json::json;

use crate::raw::{ORDER, ask, create, start};

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
async fn an_id_may_belong_to_another_system() {
    let service = start(|profile| profile.taken_ids = 1.0).await;
    let got = create(&service, "k", ORDER).await.unwrap();
    assert_eq!((got.status, &got.body["code"]), (409, &json!("order_already_exists")));
    let found = ask(&service, "GET", "/orders/o1", &[], "").await.unwrap();
    assert_eq!(found.body["order_amount"], 4711);
    assert!(service.settled().await.entries().is_empty());
}
