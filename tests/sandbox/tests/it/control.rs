//! The bank, the payer and the next day, for programs that have nothing but HTTP.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{Shop, read};

/// Asks the sandbox itself: outside the API, without credentials.
async fn ask(shop: &Shop, method: &str, path: &str) -> Result<(u16, Value)> {
    let url = format!("http://{}/sandbox{path}", shop.sandbox.address());
    read(shop.http.request(method.parse()?, url).send().await?).await
}

#[tokio::test]
async fn a_day_ends_and_a_payer_disputes() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "100").await?;
    let (status, response) = ask(&shop, "POST", "/orders/order_1/dispute").await?;
    assert_eq!(status, 200);
    let dispute = format!("/disputes/{}", response["dispute_id"]);
    assert_eq!(shop.get(&dispute).await?.1["dispute_status"], "DISPUTE_CREATED");
    assert_eq!(
        ask(&shop, "POST", &format!("{dispute}/merchant_wins")).await?.0,
        409,
        "nothing was handed in"
    );
    shop.document(&format!("{dispute}/documents"), "a.pdf", "proof").await?;
    assert_eq!(ask(&shop, "POST", &format!("{dispute}/review")).await?.0, 200);
    assert_eq!(ask(&shop, "POST", &format!("{dispute}/merchant_wins")).await?.0, 200);
    assert_eq!(shop.get(&dispute).await?.1["dispute_status"], "DISPUTE_MERCHANT_WON");
    let (_, settled) = ask(&shop, "POST", "/settle").await?;
    assert_eq!(settled["settlement_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(ask(&shop, "POST", "/orders/none/dispute").await?.0, 409);
    assert!(shop.sandbox.requests().iter().all(|request| !request.path.starts_with("/sandbox")));
    Ok(())
}

/// The values of a path parameter: those of its schema, or any id.
fn values(document: &Value, parameter: &Value) -> Vec<String> {
    let schema = &parameter["schema"];
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => schema,
    };
    match schema["enum"].as_array() {
        Some(words) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => vec!["7".to_owned()],
    }
}

/// Each path of the OpenAPI document responds with a status that is declared for it.
#[tokio::test]
async fn the_description_is_what_there_is() -> Result<()> {
    let shop = Shop::open().await?;
    let (_, document) = ask(&shop, "GET", "/openapi.json").await?;
    let mut asked = 0;
    for (template, operations) in document["paths"].as_object().context("no paths")? {
        for (method, operation) in operations.as_object().context("no operations")? {
            assert!(operation["summary"].is_string(), "{method} {template}");
            let mut paths = vec![template.trim_start_matches("/sandbox").to_owned()];
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "path" {
                    let name = format!("{{{}}}", parameter["name"].as_str().unwrap_or_default());
                    let values = values(&document, parameter);
                    paths = paths
                        .iter()
                        .flat_map(|path| values.iter().map(|value| path.replace(&name, value)))
                        .collect();
                }
            }
            for path in paths.iter().filter(|path| *path != "/events" && *path != "/wait") {
                let request = shop.http.request(
                    method.to_uppercase().parse()?,
                    format!("http://{}/sandbox{path}", shop.sandbox.address()),
                );
                let status = request.send().await?.status().as_u16();
                // A body that is left out is refused by its content type.
                let described = operation["responses"].get(status.to_string()).is_some() || status == 415;
                assert!(described, "{method} {path}: {status}");
                asked += 1;
            }
        }
    }
    assert!(asked > 40, "{asked}");
    for (method, path) in [("POST", "/disputes/1/burn"), ("POST", "/tea")] {
        let (status, body) = ask(&shop, method, path).await?;
        assert!(
            matches!(status, 400 | 404) && body["message"].is_string(),
            "{method} {path}: {status} {body}"
        );
    }
    Ok(())
}

async fn send(shop: &Shop, method: &str, path: &str, body: Value) -> Result<(u16, Value)> {
    let url = format!("http://{}/sandbox{path}", shop.sandbox.address());
    read(shop.http.request(method.parse()?, url).json(&body).send().await?).await
}

#[tokio::test]
async fn a_customer_pays_without_a_browser() -> Result<()> {
    let shop = Shop::open().await?;
    for (order_id, payment, paid, order) in [
        ("o_1", json!({}), "SUCCESS", "PAID"),
        ("o_2", json!({ "method": "card" }), "SUCCESS", "PAID"),
        ("o_3", json!({ "method": "netbanking", "outcome": "failed" }), "FAILED", "ACTIVE"),
        ("o_4", json!({ "method": "wallet", "outcome": "user_dropped" }), "USER_DROPPED", "ACTIVE"),
        ("o_5", json!({ "outcome": "pending" }), "PENDING", "ACTIVE"),
    ] {
        shop.order(order_id, "10", None).await?;
        let (status, response) = send(&shop, "POST", &format!("/orders/{order_id}/pay"), payment).await?;
        assert_eq!((status, &response["payment_status"]), (200, &json!(paid)), "{response}");
        assert_eq!(shop.order_status(order_id).await?, order);
    }
    assert_eq!(send(&shop, "POST", "/orders/none/pay", json!({})).await?.0, 404);
    let (status, refused) = send(&shop, "POST", "/orders/o_1/pay", json!({})).await?;
    assert_eq!((status, &refused["code"]), (409, &json!("order_already_paid")));
    assert_eq!(send(&shop, "POST", "/orders/o_5/pay", json!({ "outcome": "cash" })).await?.0, 422);

    let (_, seen) = ask(&shop, "GET", "/orders/o_3").await?;
    let changes: Vec<_> =
        seen["timeline"].as_array().into_iter().flatten().map(|entry| &entry["change"]).collect();
    assert_eq!(changes, ["OrderCreated", "PaymentStarted", "PaymentFailed"]);
    assert_eq!(
        (&seen["order"]["order_id"], &seen["payments"][0]["payment_status"]),
        (&json!("o_3"), &json!("FAILED"))
    );
    let (_, orders) = ask(&shop, "GET", "/orders?limit=2").await?;
    let ids: Vec<_> = orders.as_array().into_iter().flatten().map(|order| &order["order_id"]).collect();
    assert_eq!(ids, ["o_5", "o_4"]);
    Ok(())
}

#[tokio::test]
async fn requests_are_shown_with_the_rule_that_they_broke() -> Result<()> {
    let shop = Shop::open().await?;
    let session = shop.order("o_1", "10", None).await?;
    let card = json!({ "card": {
        "channel": "link", "card_number": "4706131211212123", "card_expiry_mm": "03", "card_expiry_yy": "28",
        "card_cvv": "123",
    } });
    shop.pay(&session, card).await?;
    let mut wrong = crate::order_body("o_2", "10")?;
    wrong["order_amount"] = json!("ten");
    shop.post("/orders", wrong).await?;
    let (_, requests) = ask(&shop, "GET", "/requests").await?;
    let text = requests.to_string();
    for secret in ["4706131211212123", shop.sandbox.client_secret(), "\"123\""] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(requests[0]["rule"]["type"], "number", "{}", requests[0]);
    assert_eq!(
        (&requests[0]["status"], &requests[0]["operation_id"]),
        (&json!(400), &json!("PGCreateOrder"))
    );
    let (_, paid) = ask(&shop, "GET", "/requests?operation_id=PGPayOrder").await?;
    assert_eq!((paid.as_array().map(Vec::len), &paid[0]["status"]), (Some(1), &json!(200)));
    let (_, one) = ask(&shop, "GET", &format!("/requests/{}", paid[0]["id"])).await?;
    assert_eq!(one, paid[0]);
    assert_eq!(ask(&shop, "GET", "/requests/999").await?.0, 404);
    assert_eq!(ask(&shop, "GET", "/requests?colour=red").await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn webhooks_are_awaited_and_resent() -> Result<()> {
    let shop = Shop::open().await?;
    // Nothing listens there: the failed delivery is recorded.
    let endpoint = json!({ "url": "http://127.0.0.1:9/hooks" });
    assert_eq!(
        send(&shop, "POST", "/webhooks/endpoints", json!({ "url": "http://192.0.2.1/" })).await?.0,
        422
    );
    assert_eq!(send(&shop, "POST", "/webhooks/endpoints", endpoint.clone()).await?.0, 200);
    let waiting = ask(&shop, "GET", "/wait?event=PAYMENT_SUCCESS_WEBHOOK&subject=o_1&timeout=20");
    let paying = async {
        shop.order("o_1", "10", None).await?;
        send(&shop, "POST", "/orders/o_1/pay", json!({})).await
    };
    let ((status, delivery), paid) = tokio::try_join!(waiting, paying)?;
    assert_eq!((status, paid.0), (200, 200), "{delivery}");
    assert_eq!((&delivery["attempt"], &delivery["status"]), (&json!(1), &Value::Null));
    assert_eq!(delivery["body"]["data"]["order"]["order_id"], "o_1");
    assert_eq!(ask(&shop, "POST", &format!("/webhooks/{}/resend", delivery["id"])).await?.0, 200);
    let again = format!("/wait?event=PAYMENT_SUCCESS_WEBHOOK&after={}&timeout=20", delivery["id"]);
    assert_eq!(ask(&shop, "GET", &again).await?.1["attempt"], 2);
    assert_eq!(ask(&shop, "GET", "/wait?event=NEVER&timeout=0.05").await?.0, 408);
    for (timeout, status) in [("-inf", 408), ("-1", 408), ("nan", 422), ("x", 400)] {
        assert_eq!(ask(&shop, "GET", &format!("/wait?event=NEVER&timeout={timeout}")).await?.0, status);
    }
    assert_eq!(send(&shop, "DELETE", "/webhooks/endpoints", endpoint.clone()).await?.0, 200);
    assert_eq!(send(&shop, "DELETE", "/webhooks/endpoints", endpoint).await?.0, 404);
    assert_eq!(ask(&shop, "POST", "/webhooks/999/resend").await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn faults_are_scripted_and_dropped() -> Result<()> {
    let shop = Shop::open().await?;
    let fault = json!({ "kind": "status", "status": 503, "body": "busy", "content_type": "text/plain" });
    let script = json!({ "fault": fault, "operation_id": "PGFetchOrder", "times": 2 });
    assert_eq!(send(&shop, "POST", "/faults", script).await?.0, 200);
    assert_eq!(shop.signed("GET", "/orders/o_1")?.send().await?.status().as_u16(), 503);
    let (_, pending) = ask(&shop, "GET", "/faults").await?;
    assert_eq!(pending, json!([{ "fault": "Status", "operation_id": "PGFetchOrder", "times": 1 }]));
    assert_eq!(ask(&shop, "DELETE", "/faults").await?.0, 200);
    assert_eq!(shop.get("/orders/o_1").await?.0, 404);
    let (_, seen) = ask(&shop, "GET", "/requests?limit=2").await?;
    assert_eq!((&seen[1]["fault"], &seen[1]["status"]), (&json!("Status"), &Value::Null));
    // As many as can be said, twice.
    for (path, kind) in [("/faults", "stall"), ("/webhooks/faults", "duplicate")].repeat(2) {
        let script = json!({ "fault": { "kind": kind }, "times": u32::MAX });
        assert_eq!(send(&shop, "POST", path, script).await?.0, 200);
    }
    assert_eq!(shop.sandbox.faults_left(), u32::MAX);
    assert_eq!(ask(&shop, "DELETE", "/faults").await?.0, 200);
    assert_eq!(shop.sandbox.faults_left(), 0);
    let unknown = json!({ "fault": { "kind": "stall" }, "operation_id": "PGTea" });
    assert_eq!(send(&shop, "POST", "/faults", unknown).await?.0, 422);
    for (rate, status) in [(1.0, 200), (2.0, 422)] {
        assert_eq!(send(&shop, "PUT", "/faults/random", json!({ "rate": rate })).await?.0, status);
    }
    assert_eq!(send(&shop, "PUT", "/faults/random", json!({ "rate": 0.0 })).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn the_account_is_filled_and_emptied_and_its_clock_moved() -> Result<()> {
    let shop = Shop::open().await?;
    let (status, planted) = send(&shop, "POST", "/seed", json!({ "orders": 8 })).await?;
    assert_eq!((status, planted["order_ids"].as_array().map(Vec::len)), (200, Some(8)), "{planted}");
    let text = |name: &str| planted[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(shop.get(&format!("/links/{}", text("link_id"))).await?.0, 200);
    assert_eq!(shop.get(&format!("/subscriptions/{}", text("subscription_id"))).await?.0, 200);

    shop.order("o_1", "10", None).await?;
    assert_eq!(send(&shop, "POST", "/clock", json!({ "seconds": 31 * 86_400 })).await?.0, 200);
    assert_eq!(shop.order_status("o_1").await?, "EXPIRED");
    assert_eq!(send(&shop, "POST", "/clock", json!({ "seconds": -1 })).await?.0, 422);
    // It stops after a century, without a look at the days beyond.
    let (status, now) = send(&shop, "POST", "/clock", json!({ "seconds": 1e18 })).await?;
    assert_eq!((status, send(&shop, "POST", "/clock", json!({ "seconds": 60 })).await?.1), (200, now));

    assert_eq!(ask(&shop, "POST", "/reset").await?.0, 200);
    assert_eq!(shop.get("/orders/o_1").await?.0, 404);
    assert_eq!(ask(&shop, "GET", "/orders").await?.1, json!([]));
    assert_eq!(shop.sandbox.committed(), []);
    Ok(())
}

/// Every refusal is JSON, that of an identifier that is no text included.
#[tokio::test]
async fn identifiers_that_are_no_text_are_refused() -> Result<()> {
    let shop = Shop::open().await?;
    for path in ["/orders/%ff/pay", "/orders/%ff/expire", "/orders/%ff/dispute", "/links/%ff/expire"] {
        let (status, problem) = send(&shop, "POST", path, json!({})).await?;
        assert!(status == 404 && problem["message"].is_string(), "{path}: {status} {problem}");
    }
    let (status, problem) = ask(&shop, "GET", "/orders/%ff").await?;
    assert!(status == 404 && problem["message"].is_string(), "{status} {problem}");
    let (status, problem) = send(&shop, "POST", "/downtimes/%ff/resolve", json!({})).await?;
    assert!(status == 404 && problem["message"].is_string(), "{status} {problem}");
    Ok(())
}

#[tokio::test]
async fn a_path_names_its_methods() -> Result<()> {
    let shop = Shop::open().await?;
    let url = |path: &str| format!("http://{}/sandbox{path}", shop.sandbox.address());
    for (method, path, allowed) in
        [("PUT", "/clock", "GET,HEAD,POST"), ("GET", "/reset", "POST"), ("POST", "/openapi.json", "GET,HEAD")]
    {
        let response = shop.http.request(method.parse()?, url(path)).send().await?;
        assert_eq!(response.status(), 405, "{method} {path}");
        assert_eq!(response.headers()["allow"], allowed, "{method} {path}");
        let (_, problem) = read(response).await?;
        assert!(problem["message"].is_string(), "{problem}");
    }
    Ok(())
}

/// A form of another site can't send JSON's content type, and a page of another site is refused by its origin.
#[tokio::test]
async fn foreign_pages_cannot_control_the_sandbox() -> Result<()> {
    let shop = Shop::open().await?;
    let url = format!("http://{}/sandbox/faults/random", shop.sandbox.address());
    let form = shop.http.put(&url).header("content-type", "text/plain").body("{\"rate\":1}");
    assert_eq!(form.send().await?.status().as_u16(), 415);
    let foreign = shop.http.put(&url).header("origin", "http://evil.example").json(&json!({ "rate": 1 }));
    assert_eq!(foreign.send().await?.status().as_u16(), 403);
    Ok(())
}

#[tokio::test]
async fn the_dashboard_shows_what_happened() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("o_1", "100").await?;
    let page = |path: &str| {
        let request = shop.http.get(format!("http://{}{path}", shop.sandbox.address()));
        async move { anyhow::Ok(request.send().await?.text().await?) }
    };
    for (path, shown) in [
        ("/", "o_1"),
        ("/dashboard/orders/o_1", "PaymentMade"),
        ("/dashboard/requests", "PGPayOrder"),
        ("/dashboard/requests/1", "PGCreateOrder"),
        ("/dashboard/webhooks", "No deliveries yet"),
        ("/dashboard/connect", shop.sandbox.client_secret()),
    ] {
        let text = page(path).await?;
        assert!(text.contains(shown), "{path}: {text}");
    }
    assert!(!page("/dashboard/requests/1").await?.contains(shop.sandbox.client_secret()));
    assert!(page("/dashboard/requests/99").await?.contains("no such request"));
    let act = format!("http://{}/dashboard/act", shop.sandbox.address());
    shop.order("<b>", "10", None).await.err();
    shop.order("o_2", "10", None).await?;
    let form = "act=pay&id=o_2&page=%2F%2Fevil.example";
    let request = shop.http.post(&act).header("content-type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(request.send().await?.url().path(), "/", "only pages of the dashboard are returned to");
    assert_eq!(shop.order_status("o_2").await?, "PAID");
    Ok(())
}
