//! What is looked at before any work: version, credentials, limits, the document, the key.

use std::time::Duration;

use anyhow::Result;
use cashfree_sandbox::{Change, Fault, LATER_API_VERSION, Sandbox};
use reqwest::Response;
use serde_json::{Value, json};

use crate::{Shop, collect, order_body, read};

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

#[tokio::test]
async fn every_response_carries_the_headers() -> Result<()> {
    let shop = Shop::open().await?;
    let response = shop.signed("GET", "/orders/none")?.header("x-request-id", "my id").send().await?;
    assert_eq!(response.status(), 404);
    assert_eq!(header(&response, "x-request-id"), Some("my id"));
    assert_eq!(header(&response, "x-api-version"), Some(shop.sandbox.api_version()));
    assert_eq!(header(&response, "x-ratelimit-limit"), Some("400"));
    assert_eq!(header(&response, "x-ratelimit-remaining"), Some("399"));
    assert_eq!(header(&response, "x-ratelimit-retry"), Some("0"));
    assert_eq!(header(&response, "x-ratelimit-type"), Some("app_id"));
    assert_eq!(header(&response, "x-idempotency-key"), None);

    let open = shop.bare("POST", "/orders/sessions")?.header("x-idempotency-key", "k").send().await?;
    assert_eq!(open.status(), 400);
    assert_eq!(header(&open, "x-request-id"), Some(""));
    assert_eq!(header(&open, "x-ratelimit-type"), Some("ip"));
    assert_eq!(header(&open, "x-idempotency-replayed"), Some("false"));
    Ok(())
}

#[tokio::test]
async fn the_version_is_required() -> Result<()> {
    let shop = Shop::open().await?;
    let url = format!("{}/orders/x", shop.sandbox.base_url());
    let (status, error) = read(shop.http.get(&url).send().await?).await?;
    assert_eq!((status, &error["code"]), (400, &json!("version_missing")));
    let (status, error) =
        read(shop.http.get(&url).header("x-api-version", "2024-02-30").send().await?).await?;
    assert_eq!((status, &error["code"]), (400, &json!("version_invalid")));
    Ok(())
}

/// The document says ten characters; production takes numbers of other countries.
#[tokio::test]
async fn a_phone_number_of_another_country_is_taken() -> Result<()> {
    let shop = Shop::open().await?;
    for (nth, phone) in
        ["+971585123456", "+97158512", "+123456789012345", "9999999999"].into_iter().enumerate()
    {
        let mut order = order_body(&format!("order_{nth}"), "5")?;
        order["customer_details"]["customer_phone"] = json!(phone);
        assert_eq!(shop.post("/orders", order).await?.0, 200, "{phone}");
        let customer = json!({ "customer_phone": phone, "customer_name": "A. Payer" });
        assert_eq!(shop.post("/customers", customer).await?.0, 200, "{phone}");
    }
    Ok(())
}

#[tokio::test]
async fn four_sets_of_credentials() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_auth", "5", None).await?;
    let id = ("x-client-id", shop.sandbox.client_id());
    let secret = ("x-client-secret", shop.sandbox.client_secret());
    let signature = ("x-client-signature", shop.sandbox.client_signature());
    let partner = ("x-partner-apikey", shop.sandbox.partner_api_key());
    let merchant = ("x-partner-merchantid", shop.sandbox.merchant_id());
    let accepted: [&[_]; 4] = [&[id, secret], &[id, partner], &[id, signature], &[merchant, partner]];
    let refused: [&[_]; 8] = [
        &[],
        &[id],
        &[secret],
        &[partner],
        &[id, secret, partner],
        &[id, merchant, partner],
        &[id, ("x-client-secret", "wrong")],
        &[("x-client-id", "wrong"), secret],
    ];
    let status = async |headers: &[(&str, &str)]| -> Result<(u16, Value)> {
        let mut request = shop.bare("GET", "/orders/order_auth")?;
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await?).await
    };
    for headers in accepted {
        assert_eq!(status(headers).await?.0, 200, "{headers:?}");
    }
    for headers in refused {
        let (code, error) = status(headers).await?;
        assert_eq!(code, 401, "{headers:?}");
        assert_eq!(error["type"], "authentication_error");
        assert!(error.get("help").is_none());
    }
    Ok(())
}

#[tokio::test]
async fn credentials_where_none_belong_are_noted() -> Result<()> {
    let shop = Shop::open().await?;
    let session = shop.order("order_leak", "5", None).await?;
    shop.pay(&session, collect("testfailure")).await?;
    assert!(shop.sandbox.credentials_leaked().is_empty());
    let body = json!({ "payment_session_id": session, "payment_method": collect("testsuccess") });
    let response = shop.signed("POST", "/orders/sessions")?.json(&body).send().await?;
    assert_eq!(response.status(), 200);
    assert_eq!(shop.sandbox.credentials_leaked().len(), 1);
    Ok(())
}

#[tokio::test]
async fn requests_are_held_against_the_document() -> Result<()> {
    let shop = Shop::open().await?;
    let order = |field: &str, value: Value| -> Result<Value> {
        let mut body = order_body("order_valid", "5")?;
        match (field.strip_prefix("customer_details."), value.is_null()) {
            (Some(inner), true) => drop(body["customer_details"].as_object_mut().map(|m| m.remove(inner))),
            (Some(inner), false) => body["customer_details"][inner] = value,
            (None, true) => drop(body.as_object_mut().map(|m| m.remove(field))),
            (None, false) => body[field] = value,
        }
        Ok(body)
    };
    let cases = [
        ("order_amount", Value::Null, "order_amount_missing"),
        ("order_amount", json!("5"), "order_amount_invalid"),
        ("order_amount", json!(0.99), "order_amount_invalid"),
        ("order_currency", Value::Null, "order_currency_missing"),
        ("order_currency", json!("rupee"), "order_currency_invalid"),
        ("order_id", json!("ab"), "order_id_invalid"),
        ("customer_details", Value::Null, "customer_details_missing"),
        ("customer_details.customer_phone", Value::Null, "customer_details.customer_phone_missing"),
        ("customer_details.customer_phone", json!("12"), "customer_details.customer_phone_invalid"),
        ("customer_details.customer_phone", json!("97158512345"), "customer_details.customer_phone_invalid"),
        ("customer_details.customer_phone", json!("+9715851"), "customer_details.customer_phone_invalid"),
        (
            "customer_details.customer_phone",
            json!("+1234567890123456"),
            "customer_details.customer_phone_invalid",
        ),
    ];
    for (field, value, code) in cases {
        let (status, error) = shop.post("/orders", order(field, value)?).await?;
        assert_eq!((status, &error["code"]), (400, &json!(code)));
        assert_eq!(error["type"], "invalid_request_error");
        assert!(error["help"].is_string() && error["message"].is_string());
    }
    let (status, _) = shop.post("/orders", order("not_in_the_document", json!(true))?).await?;
    assert_eq!(status, 200);
    for (method, code) in [
        (json!({ "card": { "card_number": "4706131211212123" } }), "payment_method.card.channel_missing"),
        (json!({ "card": { "channel": "fax" } }), "payment_method.card.channel_invalid"),
        (
            json!({ "card": { "channel": "link", "card_number": "4706131211212123", "card_expiry_mm": "03", "card_expiry_yy": "28" } }),
            "card_cvv_missing",
        ),
        (json!({}), "payment_method_invalid"),
        (json!({ "barter": { "goods": "eggs" } }), "payment_method_invalid"),
    ] {
        let session = shop.order(&format!("order_{}", shop.sandbox.requests().len()), "5", None).await?;
        let body = json!({ "payment_session_id": session, "payment_method": method });
        let (status, error) = read(shop.bare("POST", "/orders/sessions")?.json(&body).send().await?).await?;
        assert_eq!((status, &error["code"]), (400, &json!(code)), "{error}");
    }
    let text = shop.signed("POST", "/orders")?.header("content-type", "text/plain").body("{}").send().await?;
    assert_eq!(read(text).await?.1["code"], "content_type_invalid");
    let broken =
        shop.signed("POST", "/orders")?.header("content-type", "application/json").body("{").send().await?;
    assert_eq!(read(broken).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn nulls_pass_where_they_are_published() -> Result<()> {
    let shop = Shop::open().await?;
    let mut order = order_body("order_null", "5")?;
    order["order_meta"] = json!({ "payment_methods": null, "return_url": "https://shop.example" });
    let terminal = json!({
        "terminal_id": "t_1", "terminal_phone_no": "9876543210", "terminal_name": "Counter",
        "terminal_email": "c@shop.example", "terminal_type": "STOREFRONT", "terminal_meta": null,
    });
    let methods = json!({ "queries": { "amount": 100 }, "filters": { "payment_methods": null } });
    for (path, body) in
        [("/orders", order), ("/terminal", terminal), ("/eligibility/payment_methods", methods)]
    {
        let (status, response) = shop.post(path, body).await?;
        assert_eq!(status, 200, "{path}: {response}");
    }
    let mut order = order_body("order_null", "5")?;
    order["order_note"] = Value::Null;
    assert_eq!(shop.post("/orders", order).await?.1["code"], "order_note_invalid");
    Ok(())
}

#[tokio::test]
async fn what_the_document_lacks_is_not_found() -> Result<()> {
    let shop = Shop::open().await?;
    let (status, error) = shop.get("/orders//payments").await?;
    assert_eq!((status, &error["code"]), (400, &json!("order_id_missing")));
    let lacks = "the document has no operation for";
    for (method, path, message) in [
        ("GET", "/nowhere", format!("{lacks} GET /pg/nowhere")),
        ("DELETE", "/orders/x", format!("{lacks} DELETE /pg/orders/x: this address takes GET, PATCH")),
        ("GET", "/orders/", format!("{lacks} GET /pg/orders/")),
    ] {
        let response = shop.signed(method, path)?.header("x-request-id", "r_1").send().await?;
        assert_eq!(header(&response, "x-request-id"), Some("r_1"));
        let (status, error) = read(response).await?;
        assert_eq!((status, &error["message"]), (404, &json!(message)));
    }
    let outside = format!("http://{}/orders/x", shop.sandbox.address());
    let (_, error) = read(shop.http.get(outside).send().await?).await?;
    assert_eq!(error["message"], format!("{lacks} GET /orders/x: addresses begin with /pg"));
    assert!(shop.sandbox.requests().last().is_some_and(|request| request.operation_id.is_none()));
    Ok(())
}

#[tokio::test]
async fn a_refusal_says_what_is_allowed() -> Result<()> {
    let shop = Shop::open().await?;
    let cases = [
        ("order_amount", json!("5"), "order_amount: breaks the documented `type`, which is number"),
        ("order_amount", json!(0.5), "order_amount: breaks the documented `minimum` of 1"),
        ("order_id", json!("x".repeat(46)), "order_id: breaks the documented `maxLength` of 45"),
    ];
    for (field, value, message) in cases {
        let mut body = order_body("order_1", "5")?;
        body[field] = value;
        assert_eq!(shop.post("/orders", body).await?.1["message"], message);
    }
    shop.order("order_1", "5", None).await?;
    let request = shop.signed("PATCH", "/orders/order_1")?.json(&json!({ "order_status": "PAID" }));
    let (_, error) = read(request.send().await?).await?;
    assert_eq!(error["message"], r#"order_status: breaks the documented `enum`, which is ["TERMINATED"]"#);
    Ok(())
}

#[tokio::test]
async fn a_body_is_too_large() -> Result<()> {
    let shop = Shop::open().await?;
    let body = vec![b' '; (64 << 20) + 1];
    let request = shop.signed("POST", "/orders")?.header("content-type", "application/json").body(body);
    let response = request.send().await?;
    assert_eq!(header(&response, "x-ratelimit-limit"), Some("200"));
    let (status, error) = read(response).await?;
    assert_eq!((status, &error["message"]), (413, &json!("the body is larger than 64 MB")));
    Ok(())
}

#[tokio::test]
async fn a_key_repeats_its_response() -> Result<()> {
    let shop = Shop::open().await?;
    let send = async |key: &str, body: Value| -> Result<(Option<String>, u16, Value)> {
        let response =
            shop.signed("POST", "/orders")?.header("x-idempotency-key", key).json(&body).send().await?;
        assert_eq!(header(&response, "x-idempotency-key"), Some(key));
        let replayed = header(&response, "x-idempotency-replayed").map(str::to_owned);
        let (status, body) = read(response).await?;
        Ok((replayed, status, body))
    };
    let body = order_body("order_key", "5")?;
    let first = send("k1", body.clone()).await?;
    let second = send("k1", body.clone()).await?;
    assert_eq!((first.0.as_deref(), first.1), (Some("false"), 200));
    assert_eq!((second.0.as_deref(), second.1), (Some("true"), 200));
    assert_eq!(first.2, second.2);
    let (replayed, status, error) = send("k1", order_body("order_key", "6")?).await?;
    assert_eq!(
        (replayed.as_deref(), status, &error["type"]),
        (Some("false"), 422, &json!("idempotency_error"))
    );
    // Validation comes before the key; a failure is stored like a success.
    assert_eq!(send("k1", json!({})).await?.1, 400);
    assert_eq!(send("k2", body.clone()).await?.1, 409);
    assert_eq!(send("k2", body).await?.0.as_deref(), Some("true"));
    assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_is_carried_out_once_at_a_time() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sandbox.script(Fault::Delay(Duration::from_millis(60)), "PGCreateOrder", 2);
    let mut body = order_body("x", "5")?;
    body.as_object_mut().map(|fields| fields.remove("order_id"));
    let send = || -> Result<_> {
        Ok(shop.signed("POST", "/orders")?.header("x-idempotency-key", "same").json(&body).send())
    };
    let (first, second) = tokio::join!(send()?, send()?);
    let (first, second) = (read(first?).await?, read(second?).await?);
    assert_eq!(first, second);
    assert_eq!(shop.sandbox.committed().len(), 1);
    Ok(())
}

#[tokio::test]
async fn limits_are_kept() -> Result<()> {
    let sandbox = Sandbox::builder().rate_limit("PGFetchOrder", 2).rate_window(Duration::from_secs(1));
    let shop = Shop::with(sandbox.start().await?)?;
    let send = || -> Result<_> { Ok(shop.signed("GET", "/orders/x")?.send()) };
    assert_eq!(header(&send()?.await?, "x-ratelimit-remaining"), Some("1"));
    assert_eq!(header(&send()?.await?, "x-ratelimit-remaining"), Some("0"));
    let refused = send()?.await?;
    assert_eq!((refused.status().as_u16(), header(&refused, "x-ratelimit-retry")), (429, Some("1")));
    let (_, error) = read(refused).await?;
    assert_eq!((&error["type"], &error["code"]), (&json!("rate_limit_error"), &json!("request_failed")));
    tokio::time::sleep(Duration::from_millis(1050)).await;
    assert_eq!(send()?.await?.status(), 404);
    Ok(())
}

#[tokio::test]
async fn a_broken_chunk_is_a_bad_request() -> Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let shop = Shop::open().await?;
    let mut stream = tokio::net::TcpStream::connect(shop.sandbox.address()).await?;
    let head = format!(
        "POST /pg/orders HTTP/1.1\r\nhost: {}\r\nx-api-version: {}\r\nx-client-id: {}\r\nx-client-secret: {}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{{  }}\r\nzz\r\n",
        shop.sandbox.address(),
        shop.sandbox.api_version(),
        shop.sandbox.client_id(),
        shop.sandbox.client_secret(),
    );
    stream.write_all(head.as_bytes()).await?;
    let mut response = vec![0; 12];
    stream.read_exact(&mut response).await?;
    assert_eq!(String::from_utf8_lossy(&response), "HTTP/1.1 400");
    Ok(())
}

#[tokio::test]
async fn the_header_says_which_version_is_spoken() -> Result<()> {
    let shop = Shop::open().await?;
    let asked = async |version: &str, path: &str, body: Value| -> Result<(String, u16, Value)> {
        let url = format!("{}{path}", shop.sandbox.base_url());
        let request = shop.http.post(url).header("x-api-version", version);
        let request = request.header("x-client-id", shop.sandbox.client_id());
        let response =
            request.header("x-client-secret", shop.sandbox.client_secret()).json(&body).send().await?;
        let spoken = header(&response, "x-api-version").unwrap_or_default().to_owned();
        let (status, body) = read(response).await?;
        Ok((spoken, status, body))
    };
    let own = shop.sandbox.api_version();
    for (nth, (version, spoken)) in
        [(own, own), ("2023-08-01", own), (LATER_API_VERSION, LATER_API_VERSION)].into_iter().enumerate()
    {
        let order = order_body(&format!("order_{nth}"), "5")?;
        let (found, status, _) = asked(version, "/orders", order).await?;
        assert_eq!((found.as_str(), status), (spoken, 200), "{version}");
        let noted = shop.sandbox.exchanges().last().and_then(|exchange| exchange.version.clone());
        assert_eq!(noted.as_deref(), (version != spoken).then_some(spoken));
    }
    // Rows of a report are nested in the later version.
    let recon = json!({ "pagination": { "limit": 10 }, "filters": { "start_date": "2025-01-01T00:00:00Z", "end_date": "2025-01-02T00:00:00Z" } });
    assert_eq!(asked(LATER_API_VERSION, "/recon", recon).await?.0, LATER_API_VERSION);
    Ok(())
}

#[tokio::test]
async fn the_later_version_authorises_by_token() -> Result<()> {
    let shop = Shop::open().await?;
    let pay = async |version: &str, session: &str, number: &str| -> Result<(u16, Value)> {
        let url = format!("{}/orders/sessions/authorize", shop.sandbox.base_url());
        let token = json!({
            "token_number": number, "token_expiry_month": "03", "token_expiry_year": "2028",
            "token_cryptogram": "AgAAAAAABk4DWZ4C28yUQAAAAAA=", "transaction_type": "TOKEN", "eci": "05",
        });
        let body = json!({ "payment_session_id": session, "authorization_data": token });
        read(shop.http.post(url).header("x-api-version", version).json(&body).send().await?).await
    };
    let session = shop.order("order_1", "5", None).await?;
    let own = shop.sandbox.api_version();
    if own != LATER_API_VERSION {
        let (status, error) = pay(own, &session, "4706131211212123").await?;
        assert_eq!((status, &error["code"]), (404, &json!("operation_not_found")));
    }
    let (status, payment) = pay(LATER_API_VERSION, &session, "4706131211212123").await?;
    assert_eq!((status, &payment["payment_status"]), (200, &json!("SUCCESS")), "{payment}");
    assert_eq!((&payment["is_captured"], &payment["order_id"]), (&json!(false), &json!("order_1")));
    let capture = json!({ "action": "CAPTURE", "amount": 5 });
    assert_eq!(shop.post("/orders/order_1/authorization", capture).await?.0, 200);
    let (status, error) = pay(LATER_API_VERSION, "session_none", "4706131211212123").await?;
    assert_eq!((status, &error["code"]), (400, &json!("payment_session_id_invalid")));
    let session = shop.order("order_2", "5", None).await?;
    let (_, payment) = pay(LATER_API_VERSION, &session, "4111111111111111").await?;
    assert_eq!(payment["payment_status"], "FAILED", "no test card");
    Ok(())
}

#[tokio::test]
async fn a_strict_sandbox_responds_as_declared() -> Result<()> {
    let shop = Shop::with(Sandbox::builder().strict_document(true).start().await?)?;
    let session = shop.order("order_1", "5", None).await?;
    shop.pay(&session, collect("testfailure")).await?;
    let (_, payments) = shop.get("/orders/order_1/payments").await?;
    assert_eq!(payments[0]["is_captured"], false);
    assert!(!payments.to_string().contains(":null"), "{payments}");
    let like_examples = Shop::open().await?;
    let session = like_examples.order("order_1", "5", None).await?;
    like_examples.pay(&session, collect("testfailure")).await?;
    let (_, payments) = like_examples.get("/orders/order_1/payments").await?;
    assert_eq!(payments[0]["is_captured"], true);
    assert!(payments.to_string().contains(":null"));
    Ok(())
}
