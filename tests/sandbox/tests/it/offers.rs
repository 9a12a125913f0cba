//! Offers, and what a payer is eligible for.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::Shop;

fn offer(kind: &str, details: Value, least: f64) -> Value {
    let mut offer_details = details;
    offer_details["offer_type"] = json!(kind);
    json!({
        "offer_meta": {
            "offer_title": "Ten off", "offer_description": "Ten off every ticket", "offer_code": "TEN",
            "offer_start_time": "2023-03-21T08:09:51Z", "offer_end_time": "2099-03-21T08:09:51Z",
        },
        "offer_tnc": { "offer_tnc_type": "text", "offer_tnc_value": "While tickets last" },
        "offer_details": offer_details,
        "offer_validations": {
            "min_amount": least, "max_allowed": 100,
            "payment_method": { "netbanking": { "bank_name": "all" } },
        },
    })
}

fn discount(kind: &str, value: f64, most: f64) -> Value {
    json!({ "discount_details": {
        "discount_type": kind, "discount_value": value, "max_discount_amount": most,
    } })
}

#[tokio::test]
async fn an_offer_applies_from_an_amount_on() -> Result<()> {
    let shop = Shop::open().await?;
    let flat = offer("DISCOUNT", discount("flat", 10.5, 10.5), 15.0);
    let (status, made) = shop.post("/offers", flat).await?;
    assert_eq!((status, &made["offer_status"]), (200, &json!("active")));
    let path = format!("/offers/{}", made["offer_id"].as_str().context("no id")?);
    assert_eq!(shop.get(&path).await?, (200, made.clone()));
    shop.post("/offers", offer("DISCOUNT", discount("percentage", 12.5, 20.0), 100.0)).await?;
    shop.post("/offers", offer("NO_COST_EMI", json!({}), 1.0)).await?;
    let mut over = offer("NO_COST_EMI", json!({}), 1.0);
    over["offer_meta"]["offer_end_time"] = json!("2024-03-21T08:09:51Z");
    assert_eq!(shop.post("/offers", over).await?.1["offer_status"], "inactive");

    for (amount, left) in [(14.99, &[14.99][..]), (99.99, &[89.49, 99.99]), (100.0, &[89.5, 87.5, 100.0])] {
        let (_, listed) =
            shop.post("/eligibility/offers", json!({ "queries": { "amount": amount } })).await?;
        let payable: Vec<f64> =
            listed.as_array().into_iter().flatten().filter_map(|o| o["payable_amount"].as_f64()).collect();
        assert_eq!(payable, left, "{amount}");
    }
    // A discount has a ceiling, and an order stands for its amount.
    shop.order("order_1", "1000", None).await?;
    let asked = json!({ "queries": { "order_id": "order_1" }, "filters": { "offer_type": ["DISCOUNT"] } });
    let (_, listed) = shop.post("/eligibility/offers", asked).await?;
    assert_eq!((&listed[1]["payable_amount"], listed.as_array().map(Vec::len)), (&json!(980), Some(2)));
    Ok(())
}

#[tokio::test]
async fn what_no_offer_can_be() -> Result<()> {
    let shop = Shop::open().await?;
    let mut backwards = offer("NO_COST_EMI", json!({}), 1.0);
    backwards["offer_meta"]["offer_end_time"] = json!("2022-03-21T08:09:51Z");
    let refused = [
        (offer("DISCOUNT", json!({}), 1.0), "offer_details.discount_details_missing"),
        (
            offer("DISCOUNT_AND_CASHBACK", discount("flat", 1.0, 1.0), 1.0),
            "offer_details.cashback_details_missing",
        ),
        (backwards, "offer_meta.offer_end_time_invalid"),
    ];
    for (body, code) in refused {
        let (status, error) = shop.post("/offers", body).await?;
        assert_eq!((status, &error["code"]), (400, &json!(code)));
    }
    let (status, error) = shop.get("/offers/none").await?;
    assert_eq!((status, &error["code"]), (404, &json!("offer_not_found")));
    Ok(())
}

#[tokio::test]
async fn credit_is_given_to_a_phone_number() -> Result<()> {
    let shop = Shop::open().await?;
    let asked = |amount: f64, phone: &str| json!({ "queries": { "amount": amount, "customer_details": { "customer_phone": phone } } });
    for (amount, phone, eligible) in
        [(1000.0, "8714268343", true), (999.99, "8714268343", false), (1000.0, "9999999999", false)]
    {
        let (_, listed) = shop.post("/eligibility/cardlessemi", asked(amount, phone)).await?;
        assert_eq!(listed[0]["eligibility"], eligible, "{amount} {phone}");
    }
    let (_, listed) = shop.post("/eligibility/cardlessemi", asked(1000.0, "8714268343")).await?;
    let plan = &listed[0]["entity_details"]["emi_plans"][0];
    assert_eq!(
        (&plan["tenure"], &plan["total_interest"], &plan["total_amount"], &plan["emi"]),
        (&json!(3), &json!(30), &json!(1030), &json!(344)),
    );
    let (_, listed) = shop.post("/eligibility/paylater", asked(10.0, "8714268343")).await?;
    assert_eq!((&listed[0]["entity_value"], &listed[0]["eligibility"]), (&json!("lazypay"), &json!(true)));
    // The payer is the order's customer.
    shop.order("order_1", "1000", None).await?;
    let of_order = json!({ "queries": { "order_id": "order_1" } });
    let (status, listed) = shop.post("/eligibility/paylater", of_order).await?;
    assert_eq!((status, &listed[0]["eligibility"]), (200, &json!(false)));
    let nobody = json!({ "queries": { "amount": 10 } });
    let (status, error) = shop.post("/eligibility/paylater", nobody).await?;
    assert_eq!((status, &error["code"]), (400, &json!("queries.customer_details.customer_phone_missing")));
    Ok(())
}

#[tokio::test]
async fn methods_are_those_that_the_sandbox_takes() -> Result<()> {
    let shop = Shop::open().await?;
    let asked = |queries: Value, methods: Value| json!({ "queries": queries, "filters": { "payment_methods": methods } });
    let few = asked(json!({ "amount": 100 }), json!(["netbanking", "cardless_emi", "paypal"]));
    let (_, listed) = shop.post("/eligibility/payment_methods", few).await?;
    let eligible: Vec<(&str, bool)> = listed
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entity| Some((entity["entity_value"].as_str()?, entity["eligibility"].as_bool()?)))
        .collect();
    assert_eq!(eligible, [("netbanking", true), ("cardless_emi", false), ("paypal", false)]);
    assert_eq!(listed[0]["entity_details"]["payment_method_details"][0]["code"], 3333);
    let (status, _) =
        shop.post("/eligibility/payment_methods", json!({ "queries": { "amount": 1 } })).await?;
    assert_eq!(status, 200);
    for (queries, methods, status, code) in [
        (json!({}), json!([]), 400, "queries.amount_missing"),
        (json!({ "order_id": "none" }), json!([]), 404, "order_not_found"),
        (json!({ "amount": 1 }), json!(["barter"]), 400, "filters.payment_methods_invalid"),
    ] {
        let (received, error) = shop.post("/eligibility/payment_methods", asked(queries, methods)).await?;
        assert_eq!((received, &error["code"]), (status, &json!(code)));
    }
    Ok(())
}
