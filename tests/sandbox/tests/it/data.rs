//! The data file: what survives a kill of the process.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cashfree_sandbox::{MandateEvent, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::{Shop, collect, order_body, read};

/// A file that is removed with this value.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("cashfree-sandbox-{}-{name}.redb", std::process::id())))
    }

    fn text(&self) -> Result<&str> {
        self.0.to_str().context("no text")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The binary with a data file.
struct Server {
    process: Child,
    base_url: String,
    version: String,
}

impl Server {
    async fn start(file: &File, hooks: &str) -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"))
            .args(["--port", "0", "--log", "json", "--data", file.text()?])
            .args(["--webhook-url", hooks, "--webhook-time-scale", "0.02", "--refund-delay", "3"])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("no stdout")?).lines();
        let started: Value = serde_json::from_str(&lines.next_line().await?.context("no line")?)?;
        // The log is read along, so that writing it never blocks.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let text = |name: &str| started[name].as_str().map(str::to_owned).context("not in the first line");
        Ok(Self { process, base_url: text("base_url")?, version: text("api_version")? })
    }

    async fn call(&self, method: &str, path: &str, body: Value, key: Option<&str>) -> Result<(u16, Value)> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut request = http
            .request(method.parse()?, format!("{}{path}", self.base_url))
            .header("x-api-version", &self.version);
        if path != "/orders/sessions" {
            request = request
                .header("x-client-id", "TEST_sandbox_client_id")
                .header("x-client-secret", "TEST_sandbox_client_secret");
        }
        if let Some(key) = key {
            request = request.header("x-idempotency-key", key);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        read(request.send().await?).await
    }

    async fn get(&self, path: &str) -> Result<Value> {
        Ok(self.call("GET", path, Value::Null, None).await?.1)
    }
}

/// Responds to the next request with 200. Returns the body of the request.
async fn receive(listener: &TcpListener) -> Result<Value> {
    let (mut stream, _) = listener.accept().await?;
    let mut received = Vec::new();
    let body = loop {
        ensure!(stream.read_buf(&mut received).await? > 0, "it broke off");
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_lowercase().lines().find_map(|line| {
            line.strip_prefix("content-length: ").and_then(|length| length.parse::<usize>().ok())
        });
        if length.is_some_and(|length| body.len() >= length) {
            break serde_json::from_str::<Value>(body)?;
        }
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await?;
    Ok(body)
}

#[tokio::test]
async fn everything_survives_a_kill() -> Result<()> {
    let file = File::new("kill");
    // The port is reserved and closed: deliveries to it fail and are retried.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let hooks = listener.local_addr()?;
    drop(listener);
    let url = format!("http://{hooks}/");
    let mut server = Server::start(&file, &url).await?;
    let body = order_body("order_1", "499.5")?;
    let created = server.call("POST", "/orders", body.clone(), Some("key_1")).await?;
    let session = created.1["payment_session_id"].clone();
    let pay = json!({ "payment_session_id": session, "payment_method": collect("testsuccess") });
    assert_eq!(server.call("POST", "/orders/sessions", pay, None).await?.0, 200);
    let (_, open) = server.call("POST", "/orders", order_body("order_2", "10")?, None).await?;
    let refund = json!({ "refund_id": "refund_1", "refund_amount": 20 });
    let refund = server.call("POST", "/orders/order_1/refunds", refund, Some("key_2")).await?;
    assert_eq!(refund.1["refund_status"], "PENDING");
    let payments = server.get("/orders/order_1/payments").await?;
    // SIGKILL.
    server.process.kill().await?;

    let server = Server::start(&file, &url).await?;
    assert_eq!(server.get("/orders/order_1").await?["order_status"], "PAID");
    assert_eq!(server.get("/orders/order_1/payments").await?, payments);
    assert_eq!(server.call("POST", "/orders", body, Some("key_1")).await?, created);
    let other = order_body("order_1", "1")?;
    assert_eq!(server.call("POST", "/orders", other, Some("key_1")).await?.0, 422);
    let again = json!({ "refund_id": "refund_1", "refund_amount": 20 });
    assert_eq!(server.call("POST", "/orders/order_1/refunds", again, Some("key_2")).await?, refund);
    let session = json!({
        "payment_session_id": open["payment_session_id"], "payment_method": collect("testsuccess"),
    });
    let (status, paid) = server.call("POST", "/orders/sessions", session, None).await?;
    assert_eq!(status, 200, "{paid}");
    assert_ne!(paid["cf_payment_id"], payments[0]["cf_payment_id"], "numbers go on");

    // What was pending goes on, too: the event of the payment before the kill, and the refund.
    let listener = TcpListener::bind(hooks).await?;
    // In any order: each event waits for an attempt of its own, of which the last is 51 s after the first.
    let mut open = vec!["PAYMENT_SUCCESS_WEBHOOK", "REFUND_STATUS_WEBHOOK"];
    while !open.is_empty() {
        let event = tokio::time::timeout(Duration::from_secs(120), receive(&listener)).await??;
        if [&event["data"]["order"]["order_id"], &event["data"]["refund"]["order_id"]]
            .contains(&&json!("order_1"))
        {
            open.retain(|event_type| event["type"] != *event_type);
        }
    }
    assert_eq!(server.get("/orders/order_1/refunds/refund_1").await?["refund_status"], "SUCCESS");
    Ok(())
}

/// A sandbox with a data file.
async fn open(file: &Path) -> Result<Shop> {
    // The last one may be closing it still.
    for _ in 0..1_000 {
        if let Ok(sandbox) = Sandbox::builder().data(file).refund_delay(Duration::ZERO).start().await {
            return Shop::with(sandbox);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Shop::with(Sandbox::builder().data(file).refund_delay(Duration::ZERO).start().await?)
}

#[tokio::test]
async fn every_group_comes_back() -> Result<()> {
    const PATHS: [&str; 11] = [
        "/orders/order_1",
        "/orders/order_1/payments",
        "/orders/order_1/refunds",
        "/orders/order_1/settlements",
        "/orders/order_1/disputes",
        "/orders/held/payments",
        "/links/link_1",
        "/links/link_1/orders?status=ALL",
        "/subscriptions/sub_1",
        "/subscriptions/sub_1/payments",
        "/customers/cust_1/instruments?instrument_type=card",
    ];
    let file = File::new("groups");
    let shop = open(&file.0).await?;
    shop.paid("order_1", "100").await?;
    let refund = json!({ "refund_id": "refund_1", "refund_amount": 20 });
    assert_eq!(shop.post("/orders/order_1/refunds", refund).await?.0, 200);
    let held = shop.order("held", "100", Some("preauth_transaction")).await?;
    shop.visit(&shop.pay(&held, crate::card("link")).await?).await?;
    assert_eq!(
        shop.post("/orders/held/authorization", json!({ "action": "CAPTURE", "amount": 60.5 })).await?.0,
        200
    );
    let link = json!({
        "link_id": "link_1", "link_amount": 10, "link_currency": "INR", "link_purpose": "socks",
        "customer_details": { "customer_phone": "9999999999" },
    });
    assert_eq!(shop.post("/links", link).await?.0, 200);
    assert!(shop.sandbox.open_link("link_1", None).is_some());
    let subscription = json!({
        "subscription_id": "sub_1",
        "customer_details": { "customer_email": "payer@shop.example", "customer_phone": "9999999999" },
        "plan_details": { "plan_name": "As needed", "plan_type": "ON_DEMAND", "plan_max_amount": 200 },
    });
    let (_, created) = shop.post("/subscriptions", subscription).await?;
    let authorise = json!({
        "subscription_id": "sub_1", "payment_id": "auth_1", "payment_type": "AUTH",
        "subscription_session_id": created["subscription_session_id"],
        "payment_method": { "upi": { "channel": "COLLECT", "upi_id": "testsuccess@gocash" } },
    });
    assert_eq!(shop.post("/subscriptions/pay", authorise).await?.0, 200);
    assert!(shop.sandbox.mandate("sub_1", MandateEvent::PausedByPayer));
    assert!(shop.sandbox.save_card("cust_1", "instrument_1", "4706131211212123"));
    shop.sandbox.settle();
    assert!(shop.sandbox.raise_dispute("order_1").is_some());
    shop.sandbox.advance(Duration::from_secs(3_600));
    let all = async |shop: &Shop| -> Result<Vec<(u16, Value)>> {
        let mut found = Vec::new();
        for path in PATHS {
            let (status, mut response) = shop.get(path).await?;
            // They lead back to the sandbox, whose port is another one.
            if let Some(fields) = response.as_object_mut() {
                fields.retain(|name, _| name != "link_url" && name != "link_qrcode");
            }
            found.push((status, response));
        }
        let books = json!({
            "pagination": { "limit": 100 },
            "filters": { "start_date": "2020-01-01T00:00:00Z", "end_date": "2099-01-01T00:00:00Z" },
        });
        found.push(shop.post("/recon", books).await?);
        Ok(found)
    };
    let before = all(&shop).await?;
    for ((status, response), path) in before.iter().zip(PATHS) {
        assert!(*status == 200, "{path}: {response}");
    }
    let now = shop.sandbox.now();
    drop(shop);
    let shop = open(&file.0).await?;
    assert_eq!(all(&shop).await?, before);
    assert!(shop.sandbox.now() >= now, "the clock stays ahead");
    // The books go on where they were: this makes up for the dispute.
    shop.paid("order_2", "500").await?;
    assert_eq!(shop.sandbox.settle().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_file_has_one_sandbox() -> Result<()> {
    let file = File::new("one");
    let _first = Sandbox::builder().data(&file.0).start().await?;
    let second = Sandbox::builder().data(&file.0).start().await;
    let why = format!("{:#}", second.err().context("it started")?);
    assert!(why.contains("another sandbox is using it"), "{why}");
    Ok(())
}
