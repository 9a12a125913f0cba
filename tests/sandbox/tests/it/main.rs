//! The sandbox by plain HTTP: what a client without any SDK would see.

mod browsers;
mod clock;
mod command_line;
mod control;
mod data;
mod disputes;
mod easy_split;
mod faults;
mod flow;
mod gate;
mod links;
mod methods;
mod offers;
mod preauth;
mod refunds;
mod refusals;
mod settlements;
mod simulation;
mod subscriptions;
mod terminals;
mod tls;
mod vault;
mod webhooks;

use anyhow::{Context, Result, ensure};
use cashfree_sandbox::Sandbox;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A sandbox and a client that knows its credentials.
struct Shop {
    sandbox: Sandbox,
    http: Client,
}

impl Drop for Shop {
    /// Holds the statuses of every test against the document.
    fn drop(&mut self) {
        let mut undeclared = self.sandbox.undeclared();
        for statuses in undeclared.values_mut() {
            // Sent for a body that is larger than any operation takes, whatever it is for.
            statuses.remove(&413);
        }
        undeclared.retain(|_, statuses| !statuses.is_empty());
        // A test that fails already says why.
        assert!(undeclared.is_empty() || std::thread::panicking(), "not declared: {undeclared:?}");
    }
}

impl Shop {
    async fn open() -> Result<Self> {
        Self::with(Sandbox::start().await?)
    }

    fn with(sandbox: Sandbox) -> Result<Self> {
        Ok(Self { sandbox, http: Client::builder().no_proxy().build()? })
    }

    /// A request without credentials.
    fn bare(&self, method: &str, path: &str) -> Result<RequestBuilder> {
        let url = format!("{}{path}", self.sandbox.base_url());
        let method = Method::from_bytes(method.as_bytes())?;
        Ok(self.http.request(method, url).header("x-api-version", self.sandbox.api_version()))
    }

    /// A request of the merchant.
    fn signed(&self, method: &str, path: &str) -> Result<RequestBuilder> {
        let request = self.bare(method, path)?;
        Ok(request
            .header("x-client-id", self.sandbox.client_id())
            .header("x-client-secret", self.sandbox.client_secret()))
    }

    async fn post(&self, path: &str, body: Value) -> Result<(u16, Value)> {
        read(self.signed("POST", path)?.json(&body).send().await?).await
    }

    /// Posts under another version of the API.
    async fn post_as(&self, version: &'static str, path: &str, body: Value) -> Result<(u16, Value)> {
        let version = HeaderMap::from_iter([(HeaderName::from_static("x-api-version"), version.parse()?)]);
        read(self.signed("POST", path)?.headers(version).json(&body).send().await?).await
    }

    async fn get(&self, path: &str) -> Result<(u16, Value)> {
        read(self.signed("GET", path)?.send().await?).await
    }

    /// Hands in a file of four bytes.
    async fn document(&self, path: &str, name: &str, doc_type: &str) -> Result<(u16, Value)> {
        let form = format!(
            "--x\r\nContent-Disposition: form-data; name=\"doc_type\"\r\n\r\n{doc_type}\r\n--x\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n%PDF\r\n--x--\r\n"
        );
        let request = self.signed("POST", path)?.header("content-type", "multipart/form-data; boundary=x");
        read(request.body(form).send().await?).await
    }

    /// Creates an order and returns its payment session.
    async fn order(&self, order_id: &str, amount: &str, note: Option<&str>) -> Result<String> {
        let mut body = order_body(order_id, amount)?;
        if let Some(note) = note {
            body["order_note"] = json!(note);
        }
        let (status, order) = self.post("/orders", body).await?;
        ensure!(status == 200, "{order}");
        Ok(order["payment_session_id"].as_str().context("no session")?.to_owned())
    }

    /// Pays as a browser would: without credentials.
    async fn pay(&self, session: &str, method: Value) -> Result<Value> {
        let body = json!({ "payment_session_id": session, "payment_method": method });
        let (status, response) =
            read(self.bare("POST", "/orders/sessions")?.json(&body).send().await?).await?;
        ensure!(status == 200, "{response}");
        Ok(response)
    }

    /// Pays on the page that a payer was sent to.
    async fn visit(&self, response: &Value) -> Result<()> {
        let data = &response["data"];
        let url = data["url"].as_str().or_else(|| data["payload"]["web"].as_str()).context("no page")?;
        ensure!(self.decide(url, "").await? == 200, "{url}");
        Ok(())
    }

    /// Submits the form of a payer's page, and returns the status.
    async fn decide(&self, url: &str, form: &str) -> Result<u16> {
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        Ok(request.body(form.to_owned()).send().await?.status().as_u16())
    }

    /// An order paid in full.
    async fn paid(&self, order_id: &str, amount: &str) -> Result<()> {
        let session = self.order(order_id, amount, None).await?;
        self.pay(&session, collect("testsuccess")).await.map(|_| ())
    }

    async fn payment(&self, order_id: &str) -> Result<Value> {
        let (_, payments) = self.get(&format!("/orders/{order_id}/payments")).await?;
        payments.as_array().and_then(|list| list.last()).cloned().context("no payment")
    }

    async fn order_status(&self, order_id: &str) -> Result<Value> {
        let (_, order) = self.get(&format!("/orders/{order_id}")).await?;
        Ok(order["order_status"].clone())
    }
}

async fn read(response: Response) -> Result<(u16, Value)> {
    let status = response.status().as_u16();
    Ok((status, response.json().await?))
}

fn order_body(order_id: &str, amount: &str) -> Result<Value> {
    Ok(json!({
        "order_id": order_id,
        "order_amount": serde_json::from_str::<Value>(amount)?,
        "order_currency": "INR",
        "customer_details": { "customer_id": "cust_1", "customer_phone": "9999999999" },
    }))
}

fn collect(word: &str) -> Value {
    json!({ "upi": { "channel": "collect", "upi_id": format!("{word}@gocash") } })
}

fn card(channel: &str) -> Value {
    json!({ "card": {
        "channel": channel,
        "card_number": "4706131211212123",
        "card_expiry_mm": "03",
        "card_expiry_yy": "28",
        "card_cvv": "123",
    } })
}
