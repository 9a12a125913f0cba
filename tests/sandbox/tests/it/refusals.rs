//! What the service refuses although its document's schemas let it through: the rules that its documentation states.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{Shop, order_body, read};

/// A request body with one property changed, by its path.
fn with(mut body: Value, path: &str, value: Value) -> Result<Value> {
    let pointer = format!("/{}", path.replace('.', "/"));
    match body.pointer_mut(&pointer) {
        Some(found) => *found = value,
        None => {
            let (parent, name) = pointer.rsplit_once('/').context("no path")?;
            let parent = if parent.is_empty() { Some(&mut body) } else { body.pointer_mut(parent) };
            parent.context("no such parent")?[name] = value;
        }
    }
    Ok(body)
}

#[tokio::test]
async fn each_rule_is_named_by_its_refusal() -> Result<()> {
    const IDENTIFIER: &str = "only letters, digits and `_`, `-` are allowed";
    const PLAN: &str = "only letters, digits and `_`, `-`, `.` are allowed";
    const CURRENCY: &str = "a currency is a three-letter code of ISO 4217, such as INR";
    const PHONE: &str = "a phone number is 8 to 15 digits, with a `+` before a country code";
    /// Where the document's schema has a pattern of its own for it.
    const PHONE_PATTERN: &str = "breaks the documented `pattern`, which is ^([0-9]{10}|\\+[0-9]{8,15})$";
    const ADDRESS: &str = "an http or https address of at most 250 characters is expected";

    let shop = Shop::open().await?;
    shop.paid("order_paid", "5").await?;
    let order = || order_body("order_1", "5");
    let link = || {
        json!({
            "link_id": "link_1", "link_amount": 5, "link_currency": "INR", "link_purpose": "socks",
            "customer_details": { "customer_phone": "9999999999" }, "link_meta": {},
        })
    };
    let plan = || {
        json!({
            "plan_id": "plan_1", "plan_name": "Monthly", "plan_type": "PERIODIC", "plan_currency": "INR",
            "plan_max_amount": 100, "plan_recurring_amount": 50, "plan_intervals": 1, "plan_interval_type": "MONTH",
        })
    };
    let subscription = || {
        json!({
            "subscription_id": "subscription_1", "plan_details": plan(),
            "customer_details": { "customer_name": "A", "customer_email": "a@shop.example", "customer_phone": "9999999999" },
            "subscription_meta": {},
        })
    };
    let refund = || json!({ "refund_id": "refund_1", "refund_amount": 1 });
    let customer = || json!({ "customer_phone": "9999999999", "customer_name": "A. Payer" });
    // Path, request body, property, values, rule.
    let cases: [(&str, Value, &str, &[&str], &str); 15] = [
        (
            "/orders",
            order()?,
            "order_id",
            &["a b c", "a/b", "<script>", "a\0b", "a.b", "\u{e4}bc"],
            IDENTIFIER,
        ),
        (
            "/orders",
            order()?,
            "customer_details.customer_id",
            &["a b c", "a/b", "<script>", "a\0b"],
            IDENTIFIER,
        ),
        ("/orders", order()?, "order_currency", &["XYZ", "inr"], CURRENCY),
        ("/orders", order()?, "customer_details.customer_phone", &["abcdefghij", "99999 9999"], PHONE),
        (
            "/orders",
            with(order()?, "order_meta", json!({}))?,
            "order_meta.return_url",
            &["nope", "/back"],
            ADDRESS,
        ),
        ("/orders", with(order()?, "order_meta", json!({}))?, "order_meta.notify_url", &["nope"], ADDRESS),
        (
            "/orders/order_paid/refunds",
            refund(),
            "refund_id",
            &["a b c", "a/b", "<script>", "a\0b"],
            IDENTIFIER,
        ),
        ("/customers", customer(), "customer_phone", &["abcdefghij"], PHONE),
        ("/links", link(), "link_id", &["a b", "a/b"], IDENTIFIER),
        ("/links", link(), "link_currency", &["XYZ"], CURRENCY),
        ("/links", link(), "link_meta.return_url", &["nope"], ADDRESS),
        ("/plans", plan(), "plan_id", &["a b", "a/b", "<script>", "a\0b"], PLAN),
        ("/plans", plan(), "plan_currency", &["XYZ"], CURRENCY),
        ("/subscriptions", subscription(), "customer_details.customer_phone", &["abcdefghij"], PHONE),
        ("/subscriptions", subscription(), "subscription_meta.return_url", &["nope"], ADDRESS),
    ];
    for (path, body, property, values, rule) in cases {
        for value in values {
            let (status, error) = shop.post(path, with(body.clone(), property, json!(value))?).await?;
            let code = json!(format!("{property}_invalid"));
            assert_eq!((status, &error["code"]), (400, &code), "{path} {property} {value:?}: {error}");
            assert_eq!(error["type"], "invalid_request_error");
            let named = [rule, PHONE_PATTERN].map(|rule| json!(format!("{property}: {rule}")));
            assert!(named.contains(&error["message"]), "{path} {value:?}: {error}");
        }
        // The same request without the fault is taken.
        let (status, response) = shop.post(path, body).await?;
        assert!(
            status == 200 || response["code"].as_str().is_some_and(|code| code.ends_with("_already_exists")),
            "{path}: {response}"
        );
    }
    let nothing = shop.signed("PUT", "/orders/order_paid/extended")?.json(&json!({})).send().await?;
    let (status, error) = read(nothing).await?;
    assert_eq!((status, &error["code"]), (400, &json!("shipment_details_missing")), "{error}");
    assert_eq!(error["message"], "shipment_details or order_delivery_status is required");
    // None of it left anything behind.
    assert_eq!(shop.get("/orders/a.b").await?.0, 404);
    Ok(())
}

/// The operations of the document, each with its method and a path with this identifier.
fn operations<'a>(document: &'a Value, id: &str) -> Result<Vec<(reqwest::Method, String, &'a Value)>> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().context("no paths")? {
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { id } else { segment });
        let path = segments.collect::<Vec<_>>().join("/");
        for (method, operation) in item.as_object().context("no operations")? {
            if operation["operationId"].is_string() {
                let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes())?;
                found.push((method, path.clone(), operation));
            }
        }
    }
    assert!(!found.is_empty(), "no operation was found");
    Ok(found)
}

/// Each operation refuses a request without credentials, and one without a version, with a status of the document.
#[tokio::test]
async fn each_operation_declares_its_refusals() -> Result<()> {
    let shop = Shop::open().await?;
    let document: Value = serde_json::from_str(include_str!("../../documents/payments.json"))?;
    for (method, path, operation) in operations(&document, "id_1")? {
        let id = &operation["operationId"];
        let url = format!("{}{path}", shop.sandbox.base_url());
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        let takes_key = method != reqwest::Method::GET
            && parameters.any(|parameter| parameter["name"] == "x-idempotency-key");
        assert!(
            !takes_key || operation["responses"]["422"].is_object(),
            "{id} with a key of another request"
        );
        let open = operation["security"].as_array().is_some_and(Vec::is_empty);
        let status = shop.http.request(method.clone(), &url).send().await?.status();
        assert_eq!(status, 400, "{id} without a version");
        if !open {
            let request = shop.bare(method.as_str(), &path)?;
            assert_eq!(request.send().await?.status(), 401, "{id} without credentials");
        }
    }
    assert_eq!(shop.sandbox.undeclared(), std::collections::BTreeMap::new());
    Ok(())
}

/// The document calls some bodies optional whose fields are required: a request without one is refused, too.
#[tokio::test]
async fn a_request_without_a_body_is_refused_where_fields_are_required() -> Result<()> {
    let shop = Shop::open().await?;
    let document: Value = serde_json::from_str(include_str!("../../documents/payments.json"))?;
    let mut optional = 0;
    for (method, path, operation) in operations(&document, "1")? {
        let body = &operation["requestBody"];
        let Some(media) = body["content"].as_object().and_then(|all| all.values().next()) else { continue };
        let schema = &media["schema"];
        let named = schema["$ref"].as_str().and_then(|name| document.pointer(name.trim_start_matches('#')));
        if named.unwrap_or(schema)["required"].as_array().is_none_or(Vec::is_empty) {
            continue;
        }
        optional += usize::from(body["required"] != true);
        let response = shop.signed(method.as_str(), &path)?.send().await?;
        assert_eq!(response.status(), 400, "{method} {path}");
    }
    assert!(optional > 0, "the document calls no such body optional any more");
    Ok(())
}
