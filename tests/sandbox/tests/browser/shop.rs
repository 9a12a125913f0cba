//! A shop: a page that includes the checkout script, an address to return to, and a receiver of webhooks, on
//! another origin than the sandbox.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use cashfree_sandbox::Sandbox;
use serde_json::{Value, json};
use thirtyfour::error::WebDriverError;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, WebDriver, WebElement};

use crate::browser::{Driver, Settings};

/// Events that a receiver got, oldest first.
type Events = Arc<Mutex<Vec<Value>>>;

/// One payer in front of one shop.
pub(crate) struct Visit {
    pub(crate) browser: WebDriver,
    pub(crate) sandbox: Sandbox,
    http: reqwest::Client,
    /// `http://localhost:PORT`, another site than the sandbox's `http://127.0.0.1:PORT`.
    pub(crate) shop: String,
    events: Events,
    driver: Arc<Driver>,
}

impl Visit {
    pub(crate) async fn begin(driver: &Arc<Driver>) -> Result<Self> {
        let sandbox = Sandbox::builder().webhook_time_scale(0.0).start().await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shop = format!("http://localhost:{}", address.port());
        let events = Events::default();
        let page = page(&format!("http://{}", sandbox.address()));
        let routes = Router::new()
            .route("/", get(move || async move { Html(page) }))
            .route(
                "/done",
                get(|uri: Uri| async move { Html(format!("<title>Back</title><p id=back>{uri}</p>")) }),
            )
            .route("/hooks", post(receive))
            .route("/loader.js", get(loader))
            .with_state(Arc::clone(&events));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        sandbox.add_webhook_endpoint(format!("http://{address}/hooks"));
        let browser = driver.open(Settings::default()).await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { browser, sandbox, http, shop, events, driver: Arc::clone(driver) })
    }

    /// Another browser in place of the first.
    pub(crate) async fn with_browser(mut self, settings: Settings) -> Result<Self> {
        let other = self.driver.open(settings).await?;
        std::mem::replace(&mut self.browser, other).quit().await?;
        Ok(self)
    }

    /// A call of the merchant's backend.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let method = reqwest::Method::from_bytes(method.as_bytes())?;
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.sandbox.base_url()))
            .header("x-api-version", self.sandbox.api_version())
            .header("x-client-id", self.sandbox.client_id())
            .header("x-client-secret", self.sandbox.client_secret());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        let body: Value = response.json().await?;
        ensure!(status.is_success(), "{path}: {body}");
        Ok(body)
    }

    /// Creates an order whose `return_url` is the shop. Returns its payment session.
    pub(crate) async fn order(&self, order_id: &str, amount: u32) -> Result<String> {
        let order = json!({
            "order_id": order_id,
            "order_amount": amount,
            "order_currency": "INR",
            "customer_details": { "customer_id": "cust_1", "customer_phone": "8714268343", "customer_name": "Asha Rao" },
            "order_meta": { "return_url": format!("{}/done?order_id={{order_id}}", self.shop) },
        });
        let order = self.call("POST", "/orders", Some(order)).await?;
        Ok(order["payment_session_id"].as_str().context("no session")?.to_owned())
    }

    pub(crate) async fn order_status(&self, order_id: &str) -> Result<String> {
        let order = self.call("GET", &format!("/orders/{order_id}"), None).await?;
        Ok(order["order_status"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn payment(&self, order_id: &str) -> Result<Value> {
        let payments = self.call("GET", &format!("/orders/{order_id}/payments"), None).await?;
        payments.as_array().and_then(|list| list.last()).cloned().context("there is no payment")
    }

    /// Waits for an event of this type.
    pub(crate) async fn webhook(&self, event_type: &str) -> Result<Value> {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            let events = self.events.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(event) = events.into_iter().find(|event| event["type"] == event_type) {
                return Ok(event);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("no {event_type} arrived")
    }

    /// The payer opens the shop's page.
    pub(crate) async fn open_shop(&self) -> Result<()> {
        self.browser.goto(format!("{}/", self.shop)).await?;
        Ok(())
    }

    /// Runs a script of the shop's page, in which `options` are the first argument. What its promise resolves to
    /// can be waited for with [`Visit::result`].
    pub(crate) async fn start(&self, script: &str, options: Value) -> Result<()> {
        let script = format!(
            "const options = arguments[0]; window.result = null;\
             Promise.resolve((() => {{ {script} }})()).then(\
                 (result) => {{ window.result = JSON.stringify(result); }},\
                 (error) => {{ window.result = JSON.stringify({{ thrown: String(error) }}); }});"
        );
        self.browser.execute(script, vec![options]).await?;
        Ok(())
    }

    /// What the promise of the last script resolved to.
    pub(crate) async fn result(&self) -> Result<Value> {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            let found = self.browser.execute("return window.result || null", Vec::new()).await?;
            if let Some(text) = found.json().as_str() {
                return Ok(serde_json::from_str(text)?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the script's promise is still open")
    }

    /// The element of this selector, once it is there and shown.
    pub(crate) async fn find(&self, selector: &str) -> Result<WebElement> {
        let query = self.browser.query(By::Css(selector)).and_displayed();
        let found = query.wait(Duration::from_secs(20), Duration::from_millis(50)).first().await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => {
                let source = self.browser.source().await.unwrap_or_default();
                let url = self.browser.current_url().await.map(|url| url.to_string()).unwrap_or_default();
                bail!("{selector} is not on {url}: {error}\n{source}")
            }
        }
    }

    pub(crate) async fn click(&self, selector: &str) -> Result<()> {
        let mut tries = 0;
        loop {
            let element = self.find(selector).await?;
            let clicked = match element.scroll_into_view().await {
                Ok(()) => element.click().await,
                Err(error) => Err(error),
            };
            match clicked.map_err(|error| (is_replaced(&error), error)) {
                Ok(()) => return Ok(()),
                Err((true, _)) if tries < 5 => tries += 1,
                Err((_, error)) => return Err(error.into()),
            }
        }
    }

    pub(crate) async fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.find(selector).await?;
        element.clear().await?;
        Ok(element.send_keys(text).await?)
    }

    pub(crate) async fn text(&self, selector: &str) -> Result<String> {
        Ok(self.find(selector).await?.text().await?)
    }

    /// Waits until the browser is back at the shop. Returns the address that it was sent to.
    pub(crate) async fn back(&self) -> Result<String> {
        self.text("#back").await
    }
}

/// Whether the page was replaced between the look for an element and its use.
fn is_replaced(error: &WebDriverError) -> bool {
    let text = error.to_string();
    ["no such element", "stale element", "node with given id"]
        .iter()
        .any(|word| text.to_lowercase().contains(word))
}

/// A page that includes the sandbox's script, as a shop's page includes the real one.
fn page(sandbox: &str) -> String {
    format!(
        "<!doctype html><meta charset=utf-8><title>Shop</title><h1>Shop</h1>\
         <div id=inline style='height:700px'></div><div id=a></div><div id=b></div><div id=c></div><div id=d></div>\
         <script src='{sandbox}/js/v3/cashfree.js'></script>\
         <script>window.cashfree = Cashfree({{ mode: 'sandbox' }});</script>"
    )
}

async fn receive(State(events): State<Events>, body: String) {
    let event = serde_json::from_str(&body).unwrap_or_default();
    events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
}

/// The loader from the registry, where it was fetched.
async fn loader() -> impl IntoResponse {
    let script = crate::loader::script().unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/javascript")], script)
}
