//! Plans, mandates, debits and their refunds.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cashfree_sandbox::{Change, LATER_API_VERSION, MandateEvent, Sandbox};
use serde_json::{Value, json};

use crate::{Shop, read};

fn plan(plan_id: &str, cycles: u32) -> Value {
    json!({
        "plan_id": plan_id, "plan_name": "Every week", "plan_type": "PERIODIC", "plan_recurring_amount": 10.5,
        "plan_max_amount": 100, "plan_max_cycles": cycles, "plan_intervals": 1, "plan_interval_type": "WEEK",
    })
}

fn on_demand() -> Value {
    json!({ "plan_name": "As needed", "plan_type": "ON_DEMAND", "plan_max_amount": 200.25 })
}

fn subscription(subscription_id: &str, terms: Value) -> Value {
    json!({
        "subscription_id": subscription_id,
        "customer_details": { "customer_email": "payer@shop.example", "customer_phone": "9999999999" },
        "plan_details": terms,
    })
}

fn upi(word: &str) -> Value {
    json!({ "upi": { "channel": "COLLECT", "upi_id": format!("{word}@gocash") } })
}

fn enach() -> Value {
    json!({ "enach": {
        "channel": "link", "auth_mode": "net_banking", "account_holder_name": "A. Payer",
        "account_number": "001518121112", "account_type": "SAVINGS", "account_bank_code": "ICIC",
    } })
}

/// How a subscription is authorised: a word, or in the later version the account under its method, null without one.
fn is_by(details: &Value, word: &str, method: &str) -> bool {
    match details["payment_method"].as_object() {
        Some(account) => account.keys().eq([method]),
        None => details["payment_method"] == word || word.is_empty() && details["payment_method"].is_null(),
    }
}

fn code(response: &(u16, Value)) -> (u16, &str) {
    (response.0, response.1["code"].as_str().unwrap_or_default())
}

/// A subscription and what its payer is asked.
struct Payer<'a> {
    shop: &'a Shop,
    id: &'a str,
    session: Value,
}

impl<'a> Payer<'a> {
    async fn of(shop: &'a Shop, id: &'a str, terms: Value) -> Result<Self> {
        let (status, created) = shop.post("/subscriptions", subscription(id, terms)).await?;
        ensure!(status == 200, "{created}");
        Ok(Self { shop, id, session: created["subscription_session_id"].clone() })
    }

    /// A subscription whose payer consented by UPI.
    async fn active(shop: &'a Shop, id: &'a str, terms: Value) -> Result<Self> {
        let payer = Self::of(shop, id, terms).await?;
        let (status, begun) = payer.authorise(&format!("{id}_auth"), upi("testsuccess")).await?;
        ensure!(status == 200, "{begun}");
        Ok(payer)
    }

    async fn authorise(&self, payment_id: &str, method: Value) -> Result<(u16, Value)> {
        let body = json!({
            "subscription_id": self.id, "payment_id": payment_id, "payment_type": "AUTH",
            "subscription_session_id": self.session, "payment_method": method,
        });
        self.shop.post("/subscriptions/pay", body).await
    }

    async fn charge(&self, payment_id: &str, amount: f64) -> Result<(u16, Value)> {
        let body = json!({
            "subscription_id": self.id, "payment_id": payment_id, "payment_type": "CHARGE",
            "payment_amount": amount,
        });
        self.shop.post("/subscriptions/pay", body).await
    }

    async fn manage(&self, action: &str, details: Value) -> Result<(u16, Value)> {
        let body = json!({ "subscription_id": self.id, "action": action, "action_details": details });
        self.shop.post(&format!("/subscriptions/{}/manage", self.id), body).await
    }

    async fn manage_payment(&self, payment_id: &str, action: &str, at: Option<&str>) -> Result<(u16, Value)> {
        let mut body = json!({ "subscription_id": self.id, "payment_id": payment_id, "action": action });
        if let Some(at) = at {
            body["action_details"] = json!({ "next_scheduled_time": at });
        }
        self.shop.post(&format!("/subscriptions/{}/payments/{payment_id}/manage", self.id), body).await
    }

    async fn refund(&self, refund_id: &str, payment_id: &str, amount: f64) -> Result<(u16, Value)> {
        let body = json!({
            "subscription_id": self.id, "refund_id": refund_id, "payment_id": payment_id,
            "refund_amount": amount,
        });
        self.shop.post(&format!("/subscriptions/{}/refunds", self.id), body).await
    }

    async fn payment(&self, payment_id: &str) -> Result<Value> {
        Ok(self.shop.get(&format!("/subscriptions/{}/payments/{payment_id}", self.id)).await?.1)
    }

    async fn status(&self) -> Result<Value> {
        let (_, found) = self.shop.get(&format!("/subscriptions/{}", self.id)).await?;
        Ok(found["subscription_status"].clone())
    }
}

#[tokio::test]
async fn a_plan_is_kept_once() -> Result<()> {
    let shop = Shop::open().await?;
    let (status, created) = shop.post("/plans", plan("weekly", 4)).await?;
    assert_eq!((status, &created["plan_status"]), (200, &json!("ACTIVE")));
    assert_eq!(shop.get("/plans/weekly").await?, (200, created));
    assert_eq!(code(&shop.post("/plans", plan("weekly", 4)).await?), (409, "plan_already_exists"));
    assert_eq!(code(&shop.get("/plans/yearly").await?), (404, "plan_not_found"));
    for (field, value, expected) in [
        ("plan_recurring_amount", json!(100.01), "plan_recurring_amount_invalid"),
        ("plan_max_amount", json!(0), "plan_max_amount_invalid"),
        ("plan_intervals", Value::Null, "plan_intervals_invalid"),
        ("plan_intervals", json!(0), "plan_intervals_invalid"),
        ("plan_max_cycles", json!(-1), "plan_max_cycles_invalid"),
    ] {
        let mut wrong = plan("other", 4);
        wrong[field] = value;
        assert_eq!(code(&shop.post("/plans", wrong).await?), (400, expected));
    }
    let mut wrong = plan("other", 4);
    wrong.as_object_mut().context("an object")?.remove("plan_interval_type");
    assert_eq!(code(&shop.post("/plans", wrong).await?), (400, "plan_interval_type_missing"));
    Ok(())
}

#[tokio::test]
async fn a_subscription_takes_its_terms_from_a_plan_or_has_its_own() -> Result<()> {
    let shop = Shop::open().await?;
    shop.post("/plans", plan("weekly", 4)).await?;
    let (_, by_plan) =
        shop.post("/subscriptions", subscription("s_1", json!({ "plan_id": "weekly" }))).await?;
    assert_eq!(by_plan["plan_details"]["plan_recurring_amount"], json!(10.5));
    assert_eq!(by_plan["subscription_status"], "INITIALIZED");
    assert_eq!(by_plan["authorisation_details"]["authorization_status"], "INITIALIZED");
    let (_, own) = shop.post("/subscriptions", subscription("s_2", on_demand())).await?;
    assert_eq!(own["plan_details"]["plan_interval_type"], "");
    assert_eq!(own["subscription_expiry_time"], "2100-01-01T05:29:59+05:30");
    assert_eq!((&own["subscription_tags"], &own["subscription_note"]), (&Value::Null, &json!("")));
    let again = shop.post("/subscriptions", subscription("s_2", on_demand())).await?;
    assert_eq!(code(&again), (409, "subscription_already_exists"));
    let nowhere = shop.post("/subscriptions", subscription("s_3", json!({ "plan_id": "yearly" }))).await?;
    assert_eq!(code(&nowhere), (404, "plan_not_found"));
    let bare = shop.post("/subscriptions", subscription("s_3", json!({ "plan_type": "PERIODIC" }))).await?;
    assert_eq!(code(&bare), (400, "plan_details.plan_name_missing"));
    let mut over = subscription("s_3", on_demand());
    over["subscription_expiry_time"] = json!("2024-01-14T23:00:08+05:30");
    assert_eq!(code(&shop.post("/subscriptions", over).await?), (400, "subscription_expiry_time_invalid"));
    assert_eq!(code(&shop.get("/subscriptions/s_3").await?), (404, "subscription_not_found"));
    Ok(())
}

#[tokio::test]
async fn a_payer_who_refused_may_retry() -> Result<()> {
    let shop = Shop::open().await?;
    let payer = Payer::of(&shop, "s_1", on_demand()).await?;
    assert_eq!(code(&payer.charge("c_1", 10.0).await?), (400, "subscription_status_invalid"));
    let (status, begun) = payer.authorise("a_1", upi("testdeclineuser")).await?;
    assert_eq!((status, &begun["payment_status"]), (200, &json!("INITIALIZED")));
    let failed = payer.payment("a_1").await?;
    assert_eq!((&failed["payment_status"], &failed["payment_type"]), (&json!("FAILED"), &json!("AUTH")));
    assert_ne!(failed["failure_details"]["failure_reason"], "");
    assert_eq!(payer.status().await?, "INITIALIZED");
    assert_eq!(code(&payer.authorise("a_1", upi("testsuccess")).await?), (409, "payment_already_exists"));
    payer.authorise("a_2", upi("testsuccess")).await?;
    assert_eq!(payer.status().await?, "ACTIVE");
    let granted = payer.payment("a_2").await?;
    assert_eq!(granted["authorization_details"]["authorization_status"], "ACTIVE");
    assert_eq!(granted["authorization_details"]["payment_id"], "a_2");
    assert_eq!(
        code(&payer.authorise("a_3", upi("testsuccess")).await?),
        (400, "subscription_status_invalid")
    );

    let other = Payer { session: json!("sub_session_x"), ..Payer::of(&shop, "s_2", on_demand()).await? };
    assert_eq!(code(&other.authorise("b_1", upi("testsuccess")).await?), (400, "sub_session_id_invalid"));
    let mut narrow = subscription("s_3", on_demand());
    narrow["authorization_details"] = json!({ "payment_methods": ["enach"] });
    let (_, created) = shop.post("/subscriptions", narrow).await?;
    let narrow = Payer { shop: &shop, id: "s_3", session: created["subscription_session_id"].clone() };
    assert_eq!(code(&narrow.authorise("b_2", upi("testsuccess")).await?), (400, "payment_method_invalid"));
    let query = json!({ "queries": { "subscription_id": "s_3" }, "filters": { "payment_methods": ["upi", "enach"] } });
    let (_, methods) = shop.post("/subscriptions/eligibility/payment_methods", query).await?;
    let eligible = |at: usize| (methods[at]["entity_value"].clone(), methods[at]["eligibility"].clone());
    assert_eq!(eligible(0), (json!("enach"), json!(true)));
    assert_eq!(eligible(1), (json!("upi"), json!(false)));
    assert_eq!(methods.as_array().map(Vec::len), Some(2));
    Ok(())
}

#[tokio::test]
async fn a_bank_approves_what_a_payer_signed() -> Result<()> {
    let shop = Shop::open().await?;
    let payer = Payer::of(&shop, "s_1", on_demand()).await?;
    let mut wrong = enach();
    wrong["enach"]["auth_mode"] = json!("signature");
    let refused = payer.authorise("a_0", wrong).await?;
    assert_eq!(code(&refused), (400, "payment_method.enach.auth_mode_invalid"));
    assert!(!shop.sandbox.mandate("s_1", MandateEvent::Approved), "nobody asked the bank");
    let (_, begun) = payer.authorise("a_1", enach()).await?;
    assert_eq!(payer.payment("a_1").await?["payment_status"], "INITIALIZED");
    shop.visit(&begun).await?;
    assert_eq!(payer.status().await?, "BANK_APPROVAL_PENDING");
    assert_eq!(payer.payment("a_1").await?["payment_status"], "PENDING");
    assert!(shop.sandbox.mandate("s_1", MandateEvent::Rejected));
    assert_eq!(payer.status().await?, "INITIALIZED");
    let (_, begun) = payer.authorise("a_2", enach()).await?;
    shop.visit(&begun).await?;
    assert!(shop.sandbox.mandate("s_1", MandateEvent::Approved));
    let (_, found) = shop.get("/subscriptions/s_1").await?;
    assert_eq!(found["subscription_status"], "ACTIVE");
    assert!(is_by(&found["authorisation_details"], "NPCI_SBC", "enach"), "{found}");
    let payment = payer.payment("a_2").await?;
    assert!(is_by(&payment["authorization_details"], "NPCI_SBC", "enach"), "{payment}");

    let card = json!({ "card": { "channel": "link", "card_number": "4706131211212123",
        "card_expiry_mm": "03", "card_expiry_yy": "28", "card_cvv": "123" } });
    let payer = Payer::of(&shop, "s_2", on_demand()).await?;
    let (_, fresh) = shop.get("/subscriptions/s_2").await?;
    assert!(is_by(&fresh["authorisation_details"], "", ""), "{fresh}");
    let (_, begun) = payer.authorise("b_1", card).await?;
    shop.visit(&begun).await?;
    assert_eq!(payer.status().await?, "ACTIVE");
    assert!(!payer.payment("b_1").await?.to_string().contains("4706131211212123"));
    assert!(shop.sandbox.mandate("s_2", MandateEvent::CardExpired));
    assert_eq!(payer.status().await?, "CARD_EXPIRED");
    Ok(())
}

#[tokio::test]
async fn a_signed_form_goes_to_the_bank() -> Result<()> {
    async fn upload(shop: &Shop, payment_id: &str, action: &str) -> Result<(u16, Value)> {
        let part = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let form = format!(
            "{}{}{}--x--\r\n",
            part("payment_id", payment_id),
            part("action", action),
            part("file", "scan")
        );
        let request = shop.signed("POST", &format!("/subscriptions/pay/documents/{payment_id}"))?;
        read(request.header("content-type", "multipart/form-data; boundary=x").body(form).send().await?).await
    }

    let shop = Shop::open().await?;
    let payer = Payer::of(&shop, "s_1", on_demand()).await?;
    let account = json!({ "pnach": { "account_holder_name": "A. Payer", "account_number": "001518121112" } });
    payer.authorise("a_1", account).await?;
    assert_eq!(code(&upload(&shop, "a_9", "UPLOAD").await?), (404, "payment_not_found"));
    assert_eq!(code(&upload(&shop, "a_1", "DELETE").await?), (400, "action_invalid"));
    let (status, filed) = upload(&shop, "a_1", "UPLOAD").await?;
    assert_eq!((status, &filed["authorization_status"]), (200, &json!("INITIALIZED")));
    assert_eq!(payer.status().await?, "BANK_APPROVAL_PENDING");
    assert_eq!(code(&upload(&shop, "a_1", "UPLOAD").await?), (400, "payment_method_invalid"));
    assert!(shop.sandbox.mandate("s_1", MandateEvent::Approved));
    assert_eq!(payer.status().await?, "ACTIVE");
    assert_eq!(shop.sandbox.committed_of(Change::MandateFormFiled).len(), 1);
    Ok(())
}

#[tokio::test]
async fn debits_keep_to_the_terms() -> Result<()> {
    let shop = Shop::open().await?;
    shop.post("/plans", plan("twice", 2)).await?;
    let payer = Payer::active(&shop, "s_1", json!({ "plan_id": "twice" })).await?;
    for amount in [100.01, 0.0, -1.0, 0.001] {
        assert_eq!(code(&payer.charge("c_1", amount).await?), (400, "payment_amount_invalid"), "{amount}");
    }
    let (status, accepted) = payer.charge("c_1", 100.0).await?;
    assert_eq!((status, &accepted["payment_status"]), (200, &json!("INITIALIZED")));
    let day = payer.payment("c_1").await?["payment_schedule_date"].clone();
    for (when, expected) in
        [(json!("2024-04-18T16:40:00"), 400), (json!("2099-01-01T00:00:00"), 400), (day, 200)]
    {
        let body = json!({
            "subscription_id": "s_1", "payment_id": "c_2", "payment_type": "CHARGE", "payment_amount": 10.5,
            "payment_schedule_date": when,
        });
        let response = shop.post("/subscriptions/pay", body).await?;
        assert_eq!(response.0, expected, "{}", response.1);
        assert!(expected == 200 || response.1["code"] == "payment_schedule_date_invalid");
    }
    assert_eq!(code(&payer.charge("c_3", 1.0).await?), (400, "plan_max_cycles_invalid"));
    // One that is withdrawn makes room.
    assert_eq!(payer.manage_payment("c_2", "CANCEL", None).await?.1["payment_status"], "CANCELLED");
    assert_eq!(code(&payer.manage_payment("c_2", "CANCEL", None).await?), (400, "payment_status_invalid"));
    assert_eq!(payer.charge("c_3", 1.0).await?.0, 200);
    assert!(!shop.sandbox.debit("c_2", true), "it was withdrawn");
    assert!(shop.sandbox.debit("c_1", true));
    assert_eq!(payer.status().await?, "ACTIVE");
    assert!(shop.sandbox.debit("c_3", true));
    assert_eq!(payer.status().await?, "COMPLETED");
    let (_, payments) = shop.get("/subscriptions/s_1/payments").await?;
    let statuses: Vec<&Value> =
        payments.as_array().into_iter().flatten().map(|payment| &payment["payment_status"]).collect();
    assert_eq!(statuses, ["SUCCESS", "SUCCESS", "CANCELLED", "SUCCESS"]);
    Ok(())
}

#[tokio::test]
async fn a_failed_debit_holds_the_subscription_until_the_next_success() -> Result<()> {
    const LATER: &str = "2090-01-10T23:00:08+05:30";
    let shop = Shop::open().await?;
    let payer = Payer::active(&shop, "s_1", on_demand()).await?;
    payer.charge("c_1", 10.0).await?;
    assert_eq!(
        code(&payer.manage_payment("c_1", "RETRY", Some(LATER)).await?),
        (400, "payment_status_invalid")
    );
    for attempt in 1..=3 {
        assert!(shop.sandbox.debit("c_1", false));
        let payment = payer.payment("c_1").await?;
        assert_eq!(payment["payment_status"], "PENDING");
        assert_eq!(payment["retry_attempts"], attempt);
    }
    let early = shop.signed("POST", "/subscriptions/charge/c_1/transaction-return-summary/generate")?;
    assert_eq!(code(&read(early.send().await?).await?), (400, "api_request_failed"));
    assert!(shop.sandbox.debit("c_1", false));
    assert_eq!(payer.payment("c_1").await?["payment_status"], "FAILED");
    assert_eq!(payer.status().await?, "ON_HOLD");
    assert_eq!(code(&payer.charge("c_2", 10.0).await?), (400, "subscription_status_invalid"));
    let untimed = payer.manage_payment("c_1", "RETRY", None).await?;
    assert_eq!(code(&untimed), (400, "action_details.next_scheduled_time_missing"));
    let (status, again) = payer.manage_payment("c_1", "RETRY", Some(LATER)).await?;
    assert_eq!((status, &again["payment_schedule_date"]), (200, &json!(LATER)));
    assert!(shop.sandbox.debit("c_1", true));
    assert_eq!(payer.status().await?, "ACTIVE");
    let summary = shop.signed("POST", "/subscriptions/charge/c_1/transaction-return-summary/generate")?;
    let (status, summary) = read(summary.send().await?).await?;
    assert_eq!((status, &summary["data"]["status"]), (200, &json!("GENERATED")));
    let page = shop.http.get(summary["data"]["link"].as_str().context("no link")?).send().await?;
    assert_eq!(page.text().await?, "c_1,10.0,SUCCESS\n");
    Ok(())
}

#[tokio::test]
async fn merchant_and_payer_manage_it() -> Result<()> {
    let shop = Shop::open().await?;
    shop.post("/plans", plan("weekly", 4)).await?;
    shop.post("/plans", plan("other", 9)).await?;
    let payer = Payer::active(&shop, "s_1", json!({ "plan_id": "weekly" })).await?;
    assert_eq!(payer.manage("PAUSE", json!({})).await?.1["subscription_status"], "PAUSED");
    assert_eq!(code(&payer.manage("PAUSE", json!({})).await?), (400, "subscription_status_invalid"));
    assert_eq!(code(&payer.charge("c_1", 1.0).await?), (400, "subscription_status_invalid"));
    assert_eq!(payer.manage("ACTIVATE", json!({})).await?.1["subscription_status"], "ACTIVE");
    let (_, moved) = payer.manage("CHANGE_PLAN", json!({ "plan_id": "other" })).await?;
    assert_eq!(moved["plan_details"]["plan_max_cycles"], 9);
    assert_eq!(code(&payer.manage("CHANGE_PLAN", json!({})).await?), (400, "action_details.plan_id_missing"));
    let nowhere = payer.manage("CHANGE_PLAN", json!({ "plan_id": "none" })).await?;
    assert_eq!(code(&nowhere), (404, "plan_not_found"));
    assert!(shop.sandbox.mandate("s_1", MandateEvent::PausedByPayer));
    assert_eq!(payer.status().await?, "CUSTOMER_PAUSED");
    assert_eq!(code(&payer.manage("ACTIVATE", json!({})).await?), (400, "subscription_status_invalid"));
    assert!(shop.sandbox.mandate("s_1", MandateEvent::ResumedByPayer));
    payer.charge("c_2", 1.0).await?;
    assert_eq!(payer.manage("CANCEL", json!({})).await?.1["subscription_status"], "CANCELLED");
    assert_eq!(payer.payment("c_2").await?["payment_status"], "CANCELLED");
    assert_eq!(code(&payer.manage("CANCEL", json!({})).await?), (400, "subscription_status_invalid"));
    assert!(!shop.sandbox.mandate("s_1", MandateEvent::CancelledByPayer));

    let payer = Payer::active(&shop, "s_2", on_demand()).await?;
    assert_eq!(code(&payer.manage("PAUSE", json!({})).await?), (400, "action_invalid"));
    assert!(shop.sandbox.mandate("s_2", MandateEvent::CancelledByPayer));
    assert_eq!(payer.status().await?, "CUSTOMER_CANCELLED");
    let payer = Payer::of(&shop, "s_3", on_demand()).await?;
    assert!(shop.sandbox.mandate("s_3", MandateEvent::Lapsed));
    assert_eq!(payer.status().await?, "LINK_EXPIRED");
    let body = json!({ "subscription_id": "s_2", "action": "CANCEL" });
    let astray = shop.post("/subscriptions/s_3/manage", body).await?;
    assert_eq!(code(&astray), (400, "subscription_id_invalid"));
    Ok(())
}

#[tokio::test]
async fn refunds_give_back_at_most_what_was_debited() -> Result<()> {
    let shop = Shop::with(Sandbox::builder().refund_delay(Duration::from_secs(600)).start().await?)?;
    let payer = Payer::active(&shop, "s_1", on_demand()).await?;
    payer.charge("c_1", 10.0).await?;
    assert_eq!(code(&payer.refund("r_1", "c_1", 1.0).await?), (400, "payment_status_invalid"));
    assert!(shop.sandbox.debit("c_1", true));
    let (status, refund) = payer.refund("r_1", "c_1", 6.25).await?;
    assert_eq!((status, &refund["refund_status"]), (200, &json!("INITIATED")));
    assert_eq!(refund["refund_speed"], "NORMAL");
    assert_eq!(shop.get("/subscriptions/s_1/refunds/r_1").await?, (200, refund));
    assert_eq!(code(&payer.refund("r_1", "c_1", 1.0).await?), (409, "refund_already_exists"));
    assert_eq!(code(&payer.refund("r_2", "c_1", 3.76).await?), (400, "refund_amount_invalid"));
    assert_eq!(code(&payer.refund("r_2", "c_9", 1.0).await?), (404, "payment_not_found"));
    assert_eq!(code(&shop.get("/subscriptions/s_1/refunds/r_2").await?), (404, "refund_not_found"));
    let number = payer.payment("c_1").await?["cf_payment_id"].as_str().context("no id")?.parse::<u64>()?;
    let mut rest = json!({
        "subscription_id": "s_1", "refund_id": "r_3", "cf_payment_id": number, "refund_amount": 3.75,
        "refund_speed": "INSTANT",
    });
    if shop.sandbox.api_version() == LATER_API_VERSION {
        rest["payment_id"] = json!("c_1");
    }
    let (status, rest) = shop.post("/subscriptions/s_1/refunds", rest).await?;
    assert_eq!((status, &rest["refund_speed"]), (200, &json!("INSTANT")));

    // What is returned automatically can't be refunded a second time.
    let mut body = subscription("s_2", on_demand());
    body["authorization_details"] = json!({ "authorization_amount": 5, "authorization_amount_refund": true });
    let (_, created) = shop.post("/subscriptions", body).await?;
    let payer = Payer { shop: &shop, id: "s_2", session: created["subscription_session_id"].clone() };
    payer.authorise("a_2", upi("testsuccess")).await?;
    assert_eq!(payer.payment("a_2").await?["payment_amount"], 5);
    assert_eq!(code(&payer.refund("r_9", "a_2", 5.0).await?), (400, "refund_amount_invalid"));
    Ok(())
}

#[tokio::test]
async fn a_debit_is_taken_on_its_day() -> Result<()> {
    let day = Duration::from_secs(86_400);
    let shop = Shop::open().await?;
    let payer = Payer::active(&shop, "sub_1", on_demand()).await?;
    // It names no day: two days are the usual notice.
    let (status, begun) = payer.charge("debit_1", 10.0).await?;
    assert_eq!((status, &begun["payment_status"]), (200, &json!("INITIALIZED")), "{begun}");
    shop.sandbox.advance(day);
    assert_eq!(payer.payment("debit_1").await?["payment_status"], "INITIALIZED");
    shop.sandbox.advance(day);
    assert_eq!(payer.payment("debit_1").await?["payment_status"], "SUCCESS");
    Ok(())
}
