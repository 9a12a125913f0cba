//! Documents as other editions may write them: those that say the same in other words change nothing and keep every
//! correction; those that say something else are reported, with the safer reading, or refused with the place and the
//! remedy.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{SAME, Workspace, at, current, push, remove, schema, vendored};

pub(crate) type Change = fn(&mut Value) -> Result<()>;

/// Every object of a document.
pub(crate) fn objects(value: &mut Value, change: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            change(fields);
            fields.values_mut().for_each(|field| objects(field, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| objects(item, change)),
        _ => {}
    }
}

fn with_new_base(document: &mut Value, servers: Value) -> Result<()> {
    document["servers"] = servers;
    let paths = document["paths"].as_object_mut().context("paths")?;
    *paths = std::mem::take(paths).into_iter().map(|(path, item)| (format!("/pg{path}"), item)).collect();
    Ok(())
}

/// The same facts, written otherwise.
const SAME_FACTS: [(&str, Change); 13] = [
    ("a schema behind an allOf with more than a reference", |document| {
        let status = schema(document, "RefundEntity/properties/refund_status")?.take();
        schema(document, "RefundEntity/properties")?["refund_status"] = json!({ "allOf": [{ "$ref": "#/components/schemas/States" }, { "nullable": true, "title": "A state." }] });
        at(document, "/components/schemas")?["States"] = status;
        Ok(())
    }),
    ("a schema in parts", |document| {
        let whole = schema(document, "RefundEntity")?.take();
        at(document, "/components/schemas")?["RefundBase"] = whole;
        *schema(document, "RefundEntity")? = json!({ "allOf": [
            { "$ref": "#/components/schemas/RefundBase" }, { "type": "object", "properties": {} },
        ] });
        Ok(())
    }),
    ("a type or null, as OpenAPI 3.1 has it", |document| {
        document["openapi"] = json!("3.1.0");
        objects(at(document, "/components/schemas")?, &mut |fields| {
            for field in fields.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
                if let Some(kind) = field.1.get("type").filter(|kind| kind.is_string()).cloned() {
                    field.1["type"] = json!([kind, "null"]);
                }
            }
        });
        Ok(())
    }),
    ("an alternative to null", |document| {
        document["openapi"] = json!("3.1.1");
        for place in ["RefundEntity/properties/refund_status", "PaymentEntity/properties/payment_status"] {
            let field = schema(document, place)?;
            *field = json!({ "anyOf": [field.take(), { "type": "null" }] });
        }
        Ok(())
    }),
    ("examples as a list, as OpenAPI 3.1 has them", |document| {
        document["openapi"] = json!("3.1.0");
        schema(document, "OrderEntity/properties/order_id")?["examples"] = json!(["order_1"]);
        Ok(())
    }),
    ("parameters of the path", |document| {
        for pointer in ["/paths/~1orders~1{order_id}~1refunds", "/paths/~1customers"] {
            let parameters = remove(document, &format!("{pointer}/post/parameters"))?;
            at(document, pointer)?["parameters"] = parameters;
        }
        Ok(())
    }),
    ("another name for a parameter of the path", |document| {
        let text = document.to_string().replace("{order_id}", "{orderId}");
        *document = serde_json::from_str(&text)?;
        objects(document, &mut |fields| {
            if fields.get("in") == Some(&json!("path")) && fields["name"] == "order_id" {
                fields["name"] = json!("orderId");
            }
        });
        Ok(())
    }),
    ("servers with variables", |document| {
        let variables = json!({ "host": { "default": "sandbox" }, "base": { "default": "pg" } });
        with_new_base(document, json!([{ "url": "https://{host}.example/{base}", "variables": variables }]))
    }),
    ("servers without the base", |document| {
        with_new_base(document, json!([{ "url": "https://sandbox.example" }]))
    }),
    ("a server relative to the document", |document| {
        document["servers"] = json!([{ "url": "/pg" }]);
        Ok(())
    }),
    ("headers in capitals", |document| {
        objects(document, &mut |fields| {
            if fields.get("in") == Some(&json!("header"))
                && let Some(Value::String(name)) = fields.get_mut("name")
            {
                name.make_ascii_uppercase();
            }
        });
        Ok(())
    }),
    ("media types with a parameter", |document| {
        let text =
            document.to_string().replace("\"application/json\"", "\"application/json; charset=utf-8\"");
        *document = serde_json::from_str(&text)?;
        Ok(())
    }),
    ("a status by its class", |document| {
        let responses = at(document, "/paths/~1orders/post/responses")?;
        let success = responses["200"].take();
        *responses = json!({ "2XX": success });
        Ok(())
    }),
];

#[test]
fn the_same_in_other_words_changes_nothing() -> Result<()> {
    let workspace = Workspace::new()?;
    for (name, change) in SAME_FACTS {
        let mut document = vendored()?;
        change(&mut document)?;
        let run = workspace.vendor(&document.to_string(), &["--dry-run", "--keep-names"])?;
        ensure!(run.success && run.stdout.contains(SAME), "{name}: {}{}", run.stdout, run.stderr);
        ensure!(run.stdout.contains("\n8 of 8 apply.\n"), "{name}: {}", run.stdout);
    }
    Ok(())
}

#[test]
fn the_same_in_another_notation_changes_nothing() -> Result<()> {
    let workspace = Workspace::new()?;
    let yaml = workspace.read(&current()?.document)?;
    let anchored = yaml
        .replacen("order_note: { type: string }", "order_note: &text { type: string }", 1)
        .replacen("order_status: { type: string }", "order_status: *text", 1);
    ensure!(anchored.contains("order_status: *text"), "the document has no place for an anchor");
    for text in [
        yaml.replace('\n', "\r\n"),
        format!("\u{feff}{yaml}"),
        format!("---\n{yaml}...\n"),
        anchored,
        format!("{:#}", vendored()?),
        format!("{:#}", vendored()?).replace("\"openapi\":", "openapi:"),
        format!("\u{feff}{}", vendored()?),
    ] {
        let run = workspace.vendor(&text, &["--dry-run"])?;
        let start: String = text.chars().take(40).collect();
        ensure!(run.success && run.stdout.contains(SAME), "{start:?}: {}{}", run.stdout, run.stderr);
    }
    Ok(())
}

/// Another fact, and what the report says of it.
const OTHER_FACTS: [(&str, Change); 15] = [
    ("`Order`; moves from `orders` to `everything_more` (compile)", |document| {
        objects(document, &mut |fields| {
            if fields.contains_key("operationId") {
                fields.insert("tags".to_owned(), json!(["Everything & more"]));
            }
        });
        Ok(())
    }),
    ("- `servers`: servers: https://sandbox.example/pg → https://other.example/pg (wire)", |document| {
        document["servers"] = json!([{ "url": "https://other.example/pg/" }]);
        Ok(())
    }),
    ("servers: https://sandbox.example/pg → https://other.example/pg (wire)", |document| {
        with_new_base(document, json!([{ "url": "https://other.example" }]))
    }),
    ("- `PGFetchOrder`: servers: none → https://other.example/pg (wire)", |document| {
        at(document, "/paths/~1orders~1{order_id}")?["servers"] =
            json!([{ "url": "https://other.example/pg" }]);
        Ok(())
    }),
    ("`PGCreateOrder`: expected response: ; cart_id = body cart_id; (wire)", |document| {
        schema(document, "CreateOrderRequest/properties")?["cart_id"] = json!({ "type": "string" });
        push(document, "/components/schemas/CreateOrderRequest/required", json!("cart_id"))?;
        schema(document, "OrderEntity/properties")?["cart_id"] = json!({ "type": "string" });
        Ok(())
    }),
    ("`shipping_address`: Option<AddressDetails> → Option<Box<AddressDetails>> (compile)", |document| {
        let fields = schema(document, "AddressDetails/properties")?;
        fields["address_line_two"] = json!({ "type": "string" });
        fields["country_code"] = json!({ "type": "string" });
        Ok(())
    }),
    ("`PGFetchOrder`; GET /orders/{order_id} → GET /orders/{order_id}:v2", |document| {
        let moved = remove(document, "/paths/~1orders~1{order_id}")?;
        document["paths"]["/orders/{order_id}:v2"] = moved;
        Ok(())
    }),
    ("`CreateOrder.store_pass`", |document| {
        schema(document, "CreateOrderRequest/properties")?["store_pass"] = json!({ "type": "integer" });
        Ok(())
    }),
    ("retry class keyed → never", |document| {
        // What protects a write is known by its name.
        at(document, "/components/parameters/xIdempotencyKeyHeader")?["name"] = json!("Idempotency-Key");
        Ok(())
    }),
    ("credentials x-client-id+x-client-secret → open; retry class keyed → never", |document| {
        at(document, "/paths/~1orders/post")?["security"] = json!([]);
        Ok(())
    }),
    ("`customer_details`: CustomerDetails → SensitiveJson", |document| {
        // Alternatives that nothing distinguishes, one of which holds a secret.
        let details = json!({ "oneOf": [
            { "$ref": "#/components/schemas/CustomerDetails" },
            { "type": "object", "properties": { "name": { "type": "string" }, "card_number": { "type": "string" } } },
        ] });
        schema(document, "CreateOrderRequest/properties")?["customer_details"] = details;
        Ok(())
    }),
    ("`customer_details`: CustomerDetails → Value", |document| {
        let details = json!({ "oneOf": [
            { "$ref": "#/components/schemas/CustomerDetails" },
            { "type": "object", "properties": { "name": { "type": "string" }, "city": { "type": "string" } } },
        ] });
        schema(document, "CreateOrderRequest/properties")?["customer_details"] = details;
        Ok(())
    }),
    ("`SLOW` removed", |document| {
        let values = schema(document, "OrderCreateRefundRequest/properties/refund_speed/enum")?;
        values.as_array_mut().context("values")?.pop();
        Ok(())
    }),
    ("required header `x-store-id` added", |document| {
        let parameters = at(document, "/paths/~1orders/post/parameters")?.as_array_mut().context("a list")?;
        parameters.push(
            json!({ "name": "x-store-id", "in": "header", "required": true, "schema": { "type": "string" } }),
        );
        Ok(())
    }),
    ("GET /orders/{order_id} → POST /orders/{order_id}; retry class safe → never", |document| {
        let read = remove(document, "/paths/~1orders~1{order_id}/get")?;
        at(document, "/paths/~1orders~1{order_id}")?["post"] = read;
        Ok(())
    }),
];

#[test]
fn another_fact_is_reported_and_read_with_care() -> Result<()> {
    let workspace = Workspace::new()?;
    for (expected, change) in OTHER_FACTS {
        let mut document = vendored()?;
        change(&mut document)?;
        let run = workspace.vendor(&document.to_string(), &["--dry-run", "--keep-names"])?;
        let is_reported = expected.split("; ").all(|part| run.stdout.contains(part));
        ensure!(run.success && is_reported, "{expected}: {}{}", run.stdout, run.stderr);
    }
    Ok(())
}

#[test]
fn a_correction_that_says_more_than_facts_stays() -> Result<()> {
    let workspace = Workspace::new()?;
    let mut document = vendored()?;
    // What the correction lists, but not the name that it gives.
    push(&mut document, "/components/schemas/RefundEntity/properties/refund_status/enum", json!("FAILED"))?;
    let overlay = workspace.read(&current()?.overlay)?;
    let run = workspace.vendor(&document.to_string(), &["--drop-corrections"])?;
    ensure!(run.success && run.stdout.contains(SAME), "{}{}", run.stdout, run.stderr);
    ensure!(workspace.read(&current()?.overlay)? == overlay, "{}", workspace.read(&current()?.overlay)?);
    Ok(())
}

#[test]
fn a_correction_that_stops_the_generator_is_named_with_its_line() -> Result<()> {
    let workspace = Workspace::new()?;
    let read_back = "- target: $.paths['/orders'].post\n  description: \"It is read by its id.\"\n  update: { x-cashfree-read-back: PGFetchOrder }\n";
    let overlay = workspace.read(&current()?.overlay)?;
    let line = overlay.lines().count() + 1;
    std::fs::write(workspace.folder.path().join(current()?.overlay), format!("{overlay}{read_back}"))?;
    let mut document = vendored()?;
    let read = remove(&mut document, "/paths/~1orders~1{order_id}/get")?;
    at(&mut document, "/paths/~1orders~1{order_id}")?["post"] = read;
    let run = workspace.vendor(&document.to_string(), &[])?;
    let expected = format!("- line {line}: $.paths['/orders'].post sets `x-cashfree-read-back`");
    ensure!(!run.success && run.stdout.contains(&expected), "{}{}", run.stdout, run.stderr);
    Ok(())
}

#[test]
fn what_is_no_edition_is_refused_with_the_reason() -> Result<()> {
    let workspace = Workspace::new()?;
    for (text, expected) in [
        ("<!DOCTYPE html><html><body>404</body></html>", "is no OpenAPI document"),
        ("version: https://git-lfs.example/spec/v1\noid: 1\n", "is no OpenAPI document"),
        ("openapi: 3.0.3\ninfo: { version: \"2023-08-01\" }\npaths: {}\n", "has no operation"),
        ("openapi: 3.0.3\nopenapi: 3.0.3\n", "line 2 column 1: duplicate"),
        ("{ \"openapi\": \"3.0.3\", \"paths\": { ", "line 1"),
    ] {
        let run = workspace.vendor(text, &["--merge"])?;
        ensure!(!run.success && run.stderr.contains(expected), "{text}: {}{}", run.stdout, run.stderr);
    }
    Ok(())
}

#[test]
fn an_operation_that_is_kept_keeps_its_credentials() -> Result<()> {
    let workspace = Workspace::new()?;
    let mut document = vendored()?;
    remove(&mut document, "/paths/~1customers")?;
    document = serde_json::from_str(&document.to_string().replace("\"XClientSecret\"", "\"SecretKey\""))?;
    let run = workspace.vendor(&document.to_string(), &["--merge", "--dry-run"])?;
    ensure!(run.success && run.stdout.contains(SAME), "{}{}", run.stdout, run.stderr);
    Ok(())
}
