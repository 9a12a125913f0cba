//! `events`, `resend` and `listen`: the webhooks of a sandbox that runs already.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::client::Running;

#[derive(Debug, Args)]
pub(crate) struct EventsArguments {
    /// At most so many, the newest.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Only events of this type, as PAYMENT_SUCCESS_WEBHOOK.
    #[arg(long)]
    event: Option<String>,
    /// Prints each delivery as a JSON object with its body.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sandbox: Running,
}

/// Lists the newest deliveries, the oldest of them first.
pub(crate) async fn list(arguments: EventsArguments) -> Result<ExitCode> {
    let mut path = format!("/webhooks?limit={}", arguments.limit);
    if let Some(event) = &arguments.event {
        path.push_str(&format!("&event={}", utf8_percent_encode(event, NON_ALPHANUMERIC)));
    }
    let deliveries = arguments.sandbox.ask(Method::GET, &path, None).await?;
    for delivery in deliveries.as_array().into_iter().flatten().rev() {
        if arguments.json { println!("{delivery}") } else { println!("{}", line(delivery)) }
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Args)]
pub(crate) struct ResendArguments {
    /// Number of the delivery, as `events` prints it.
    id: u64,
    #[command(flatten)]
    sandbox: Running,
}

/// Sends the event of a delivery again.
pub(crate) async fn resend(arguments: ResendArguments) -> Result<ExitCode> {
    let path = format!("/webhooks/{}/resend", arguments.id);
    arguments.sandbox.ask(Method::POST, &path, None).await?;
    println!("resent");
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Args)]
pub(crate) struct ListenArguments {
    /// Receiver that is sent every event while this command runs.
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    #[command(flatten)]
    sandbox: Running,
}

/// Prints deliveries while they happen, until Ctrl-C; and sends every event to a receiver as long.
pub(crate) async fn listen(arguments: ListenArguments) -> Result<ExitCode> {
    let endpoint = arguments.forward_to.map(|url| json!({ "url": url }));
    let sandbox = arguments.sandbox;
    // The stream first: nothing that the endpoint gets is missing in it.
    let stream = sandbox.send(Method::GET, "/events", None).await?;
    let kind = stream.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    ensure!(kind.is_some_and(|kind| kind.starts_with("text/event-stream")), "{}", sandbox.no_sandbox());
    if let Some(endpoint) = &endpoint {
        sandbox.ask(Method::POST, "/webhooks/endpoints", Some(endpoint)).await?;
        println!("every event goes to {}", endpoint["url"].as_str().unwrap_or_default());
    }
    let outcome = tokio::select! {
        read = print(stream) => read,
        stopped = tokio::signal::ctrl_c() => stopped.map_err(Into::into),
    };
    if let Some(endpoint) = &endpoint {
        sandbox.ask(Method::DELETE, "/webhooks/endpoints", Some(endpoint)).await?;
    }
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Prints the deliveries of a stream of server-sent events.
async fn print(mut stream: Response) -> Result<()> {
    let mut pending = Vec::new();
    while let Some(bytes) = stream.chunk().await? {
        pending.extend_from_slice(&bytes);
        // An event ends with an empty line.
        while let Some(end) = pending.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = pending.drain(..end + 2).collect();
            if let Some(delivery) = delivery(&String::from_utf8_lossy(&event)) {
                writeln!(std::io::stdout(), "{}", line(&delivery))?;
            }
        }
    }
    Ok(())
}

/// The delivery of an event, if it is one of a webhook.
fn delivery(event: &str) -> Option<Value> {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let data = field("data").filter(|_| field("event") == Some("webhook"))?;
    serde_json::from_str(data).ok()
}

fn line(delivery: &Value) -> String {
    let text = |name: &str| delivery[name].as_str().unwrap_or_default();
    let outcome = match delivery["status"].as_u64() {
        Some(status) => status.to_string(),
        None => text("failure").to_owned(),
    };
    format!(
        "{}  {}  {}  {}  attempt {}  {outcome}",
        delivery["id"],
        text("at"),
        text("event"),
        text("url"),
        delivery["attempt"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_webhooks_are_printed() {
        let data = r#"{"id":7,"at":"now","event":"WEBHOOK","url":"http://a/","attempt":2,"status":200}"#;
        let found = delivery(&format!("event: webhook\ndata: {data}\n\n")).map(|found| line(&found));
        assert_eq!(found.as_deref(), Some("7  now  WEBHOOK  http://a/  attempt 2  200"));
        assert_eq!(delivery("event: request\ndata: {}\n\n"), None);
        assert_eq!(delivery(": keep-alive\n\n"), None);
    }
}
