//! What a page of another site can do to the sandbox through a developer's browser: nothing.

use anyhow::{Context, Result};
use serde_json::json;

use crate::{Shop, card};

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_everywhere() -> Result<()> {
    let shop = Shop::open().await?;
    let address = shop.sandbox.address();
    for path in ["/pg/orders/order_1", "/sandbox", "/pg/view/links/x", "/"] {
        for (name, value) in [
            ("host", "rebound.example"),
            ("origin", "https://shop.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1.shop.example"),
        ] {
            let request = shop.http.get(format!("http://{address}{path}")).header(name, value);
            assert_eq!(request.send().await?.status(), 403, "{path} {name}: {value}");
        }
    }
    let request =
        shop.http.post(format!("http://{address}/sandbox/settle")).header("origin", "https://a.example");
    assert_eq!(request.send().await?.status(), 403);
    Ok(())
}

#[tokio::test]
async fn pages_of_this_machine_may_call() -> Result<()> {
    let shop = Shop::open().await?;
    let address = shop.sandbox.address();
    let menu = shop.http.get(format!("http://{address}/sandbox")).header("origin", "http://localhost:3000");
    assert_eq!(menu.send().await?.status(), 200);
    let by_name = shop.http.get(format!("http://{address}/sandbox")).header("host", "localhost:8090");
    assert_eq!(by_name.send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn browsers_may_call_the_operations_without_credentials() -> Result<()> {
    let shop = Shop::open().await?;
    let url = |path: &str| format!("{}{path}", shop.sandbox.base_url());
    let preflight = async |path: &str, origin: &str| -> Result<_> {
        let request = shop
            .http
            .request(reqwest::Method::OPTIONS, url(path))
            .header("origin", origin)
            .header("sec-fetch-site", "cross-site")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,x-api-version");
        Ok(request.send().await?)
    };
    for path in ["/orders/sessions", "/orders/pay/authenticate/1"] {
        let response = preflight(path, "http://localhost:3000").await?;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["access-control-allow-origin"], "http://localhost:3000", "{path}");
        assert!(
            response.headers()["access-control-allow-headers"].to_str()?.contains("x-api-version"),
            "{path}"
        );
        assert_eq!(preflight(path, "https://shop.example").await?.status(), 403, "{path}");
    }
    // Only a backend creates orders: no page may read the response.
    let response = preflight("/orders", "http://localhost:3000").await?;
    assert_eq!(response.status(), 404);
    assert!(!response.headers().contains_key("access-control-allow-origin"));

    let body = json!({ "payment_session_id": "session_unknown", "payment_method": { "upi": { "channel": "link" } } });
    let response =
        shop.bare("POST", "/orders/sessions")?.header("origin", "http://localhost:3000").json(&body);
    let response = response.send().await?;
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["access-control-allow-origin"], "http://localhost:3000");
    Ok(())
}

#[tokio::test]
async fn the_script_and_frames_are_for_pages_of_this_machine() -> Result<()> {
    let shop = Shop::open().await?;
    let address = shop.sandbox.address();
    let session = shop.order("order_1", "5", None).await?;
    let page = format!("http://{address}/pg/view/checkout/{session}");
    let load = async |url: &str, destination: &str| -> Result<_> {
        let request =
            shop.http.get(url).header("sec-fetch-site", "cross-site").header("sec-fetch-dest", destination);
        Ok(request.header("sec-fetch-mode", "no-cors").send().await?)
    };
    let script = load(&format!("http://{address}/js/v3/cashfree.js"), "script").await?;
    assert_eq!(script.status(), 200);
    assert!(script.headers()["content-type"].to_str()?.starts_with("text/javascript"));
    assert!(script.text().await?.contains("window.Cashfree"));
    let framed = load(&page, "iframe").await?;
    assert_eq!(framed.status(), 200);
    assert!(
        framed.headers()["content-security-policy"]
            .to_str()?
            .contains("frame-ancestors 'self' http://localhost:*")
    );
    for destination in ["image", "script", "object", "empty"] {
        assert_eq!(load(&page, destination).await?.status(), 403, "{destination}");
    }
    Ok(())
}

#[tokio::test]
async fn only_a_submitted_form_pays() -> Result<()> {
    let shop = Shop::open().await?;
    let session = shop.order("order_1", "5", None).await?;
    let started = shop.pay(&session, card("link")).await?;
    let page = started["data"]["url"].as_str().context("no page")?;
    let status = async || -> Result<_> { Ok(shop.payment("order_1").await?["payment_status"].clone()) };

    // A link, a preview, an image of another site.
    assert_eq!(shop.http.get(page).send().await?.status(), 200);
    assert_eq!(shop.http.head(page).send().await?.status(), 200);
    assert_eq!(shop.http.get(format!("{page}?outcome=success")).send().await?.status(), 200);
    let image = shop.http.get(page).header("sec-fetch-site", "cross-site").header("sec-fetch-dest", "image");
    assert_eq!(image.send().await?.status(), 403);
    let form = shop.http.post(page).header("origin", "https://shop.example");
    assert_eq!(form.send().await?.status(), 403);
    // A word that is none.
    assert_eq!(shop.decide(page, "outcome=maybe").await?, 400);
    assert_eq!(shop.decide(page, "outcome=pending").await?, 200);
    assert_eq!(status().await?, "PENDING");

    assert_eq!(shop.decide(page, "outcome=success").await?, 200);
    assert_eq!(status().await?, "SUCCESS");
    Ok(())
}

#[tokio::test]
async fn a_body_needs_its_content_type() -> Result<()> {
    let shop = Shop::open().await?;
    let body = json!({ "order_amount": 5, "order_currency": "INR",
        "customer_details": { "customer_id": "cust_1", "customer_phone": "9999999999" } });
    let created = async |content_type: &str| -> Result<u16> {
        let request = shop.signed("POST", "/orders")?.header("content-type", content_type);
        Ok(request.body(body.to_string()).send().await?.status().as_u16())
    };
    // What a form of another site can send without asking first.
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    {
        assert_eq!(created(content_type).await?, 400, "{content_type}");
    }
    for content_type in ["application/json", "Application/JSON", "application/json; charset=utf-8"] {
        assert_eq!(created(content_type).await?, 200, "{content_type}");
    }
    Ok(())
}
