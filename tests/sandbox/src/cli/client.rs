//! What the commands share that talk to a sandbox which runs already.

use anyhow::{Context, Result, bail};
use clap::Args;
use reqwest::{Client, Method, Response};
use serde_json::Value;

/// Which sandbox.
#[derive(Clone, Debug, Args)]
pub(crate) struct Running {
    /// Where the sandbox is.
    #[arg(long, value_name = "ORIGIN", default_value = "http://127.0.0.1:8090", env = "CASHFREE_SANDBOX")]
    sandbox: String,
}

impl Running {
    /// Asks the control interface.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let origin = self.sandbox.trim_end_matches('/');
        let http = Client::builder().no_proxy().build()?;
        let mut request = http.request(method, format!("{origin}/sandbox{path}"));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        request.send().await.with_context(|| format!("no sandbox listens at {origin}"))
    }

    /// Asks, and reads the JSON of a success; a refusal is an error with its message.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let response = self.send(method, path, body).await?;
        let status = response.status();
        let text = response.text().await?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if !status.is_success() {
            bail!("{}", value["message"].as_str().unwrap_or(status.as_str()));
        }
        Ok(value)
    }
}
