//! What the commands share that talk to a sandbox which runs already.

use anyhow::{Context, Result, bail};
use clap::Args;
use reqwest::{Client, Method, Response, Url};
use serde_json::Value;

/// Which sandbox.
#[derive(Clone, Debug, Args)]
pub(crate) struct Running {
    /// Where the sandbox is.
    #[arg(long, value_name = "ORIGIN", default_value = "http://127.0.0.1:8090", env = "CASHFREE_SANDBOX")]
    sandbox: String,
}

impl Running {
    /// Asks the control interface. A refusal is an error with its message.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let origin = self.origin();
        let url = Url::parse(&format!("{origin}/sandbox{path}"))
            .with_context(|| format!("`{origin}` is no address such as http://127.0.0.1:8090"))?;
        let http = Client::builder().no_proxy().build()?;
        let mut request = http.request(method, url);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        // The address is said once.
        let response = request.send().await.map_err(reqwest::Error::without_url);
        let response = response.with_context(|| format!("no sandbox listens at {origin}"))?;
        if !response.status().is_success() {
            let status = response.status();
            let value: Value = serde_json::from_str(&response.text().await?).unwrap_or_default();
            match value["message"].as_str() {
                Some(message) => bail!("{message}"),
                None => bail!("{}, with the status {status}", self.no_sandbox()),
            }
        }
        Ok(response)
    }

    fn origin(&self) -> &str {
        self.sandbox.trim_end_matches('/')
    }

    pub(crate) fn no_sandbox(&self) -> String {
        format!("a server that is no sandbox responds at {}", self.origin())
    }

    /// Asks, and reads the JSON of a success.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let text = self.send(method, path, body).await?.text().await?;
        serde_json::from_str(&text).with_context(|| self.no_sandbox())
    }
}
