//! Raw HTTP requests, so that no client takes part in what the tests see.

use std::time::Duration;

use adversary::{Adversary, Profile};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response as raw text, with the parsed body.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
    /// As many bytes of body arrived as the head announces.
    pub(crate) complete: bool,
}

pub(crate) struct Raw(TcpStream);

pub(crate) const ORDER: &str = r#"{"order_id":"o1","order_amount":499.10,"order_currency":"INR","customer_details":{"customer_id":"cust_42","customer_phone":"9999999999"}}"#;

pub(crate) fn host(service: &Adversary) -> String {
    service.url().trim_start_matches("http://").trim_end_matches("/pg").to_owned()
}

impl Raw {
    pub(crate) async fn open(service: &Adversary) -> Self {
        Self(TcpStream::connect(host(service)).await.unwrap())
    }

    /// Sends a request and reads its response; `None` if the connection ends or nothing arrives in time.
    pub(crate) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Got> {
        let mut text =
            format!("{method} /pg{path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(body);
        self.0.write_all(text.as_bytes()).await.ok()?;
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length =
                    head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse::<usize>().ok()?;
                let status = head.split(' ').nth(1)?.parse().ok()?;
                let got = |complete| Got {
                    status,
                    head: head.to_owned(),
                    body: serde_json::from_str(body).unwrap_or(Value::Null),
                    complete,
                };
                if body.len() >= length {
                    return Some(got(true));
                }
                match tokio::time::timeout(Duration::from_secs(1), self.0.read(&mut part)).await {
                    Ok(Ok(count)) if count > 0 => bytes.extend_from_slice(&part[..count]),
                    _ => return Some(got(false)),
                }
                continue;
            }
            match tokio::time::timeout(Duration::from_secs(1), self.0.read(&mut part)).await {
                Ok(Ok(count)) if count > 0 => bytes.extend_from_slice(&part[..count]),
                _ => return None,
            }
        }
    }
}

pub(crate) const SECRET: [(&str, &str); 2] = [("x-client-id", "m"), ("x-client-secret", "s")];

/// Sends one request over a connection of its own.
pub(crate) async fn ask(
    service: &Adversary,
    method: &str,
    path: &str,
    more: &[(&str, &str)],
    body: &str,
) -> Option<Got> {
    let headers = [&SECRET[..], more].concat();
    Raw::open(service).await.ask(method, path, &headers, body).await
}

pub(crate) async fn create(service: &Adversary, key: &str, body: &str) -> Option<Got> {
    ask(service, "POST", "/orders", &[("x-idempotency-key", key), ("x-request-id", key)], body).await
}

pub(crate) async fn start(change: impl FnOnce(&mut Profile)) -> Adversary {
    let mut profile = Profile::calm(1);
    profile.patience = Duration::from_millis(100);
    change(&mut profile);
    Adversary::start(profile).await.unwrap()
}

/// An order that is paid; held if asked for.
pub(crate) async fn paid(service: &Adversary, id: &str, held: bool) {
    let mut order: Value = serde_json::from_str(ORDER).unwrap();
    order["order_id"] = json!(id);
    order["order_note"] = json!(if held { "preauth_transaction" } else { "" });
    let made = create(service, id, &order.to_string()).await.unwrap();
    let pay =
        json!({ "payment_session_id": made.body["payment_session_id"], "payment_method": { "card": {} } });
    let begun = ask(service, "POST", "/orders/sessions", &[], &pay.to_string()).await.unwrap();
    let path = format!("/orders/pay/authenticate/{}", begun.body["cf_payment_id"].as_str().unwrap());
    let otp = json!({ "action": "SUBMIT_OTP", "otp": service.otp() }).to_string();
    assert_eq!(ask(service, "POST", &path, &[], &otp).await.unwrap().status, 200);
}
