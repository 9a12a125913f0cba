//! The log on stdout: a line for each request and each attempt to deliver a webhook.

use std::io::Write;

use cashfree_sandbox::{Exchange, Feed, Notice, Sandbox, WebhookDelivery, WebhookOutcome};
use serde_json::{Value, json};

use super::settings::LogForm;

/// Writes the notices of the feed for as long as the sandbox runs; without a form it reads and writes nothing.
pub(crate) async fn write(mut feed: Feed, form: Option<LogForm>) {
    while let Some(notice) = feed.next().await {
        let line = match form {
            None => continue,
            Some(LogForm::Text) => text(&notice),
            Some(LogForm::Json) => object(&notice).to_string(),
        };
        // The reader of the output may have gone; the server stays.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

/// The first line of a log in JSON: where the sandbox is.
pub(crate) fn started(sandbox: &Sandbox) -> Value {
    json!({
        "time": jiff::Timestamp::now().to_string(),
        "kind": "started",
        "version": env!("CARGO_PKG_VERSION"),
        "base_url": sandbox.base_url(),
        "client_id": sandbox.client_id(),
        "api_version": sandbox.api_version(),
    })
}

fn text(notice: &Notice) -> String {
    match notice {
        Notice::Request(exchange) => {
            let request = &exchange.request;
            let mut parts = vec![
                jiff::Timestamp::now().strftime("%H:%M:%S%.3f").to_string(),
                format!("{:6} {}", request.method, request.path),
            ];
            parts.extend(request.operation_id.clone());
            parts.push(status(exchange));
            parts.extend(exchange.subject.clone());
            parts.extend(code(exchange));
            parts.extend(exchange.version.as_ref().map(|version| format!("as of {version}")));
            parts.extend(exchange.elapsed.map(|time| format!("{:.1} ms", time.as_secs_f64() * 1e3)));
            parts.join("  ")
        }
        Notice::Webhook(delivery) => format!(
            "{}  webhook {}  {}  {}  attempt {}",
            jiff::Timestamp::now().strftime("%H:%M:%S%.3f"),
            delivery.event_type,
            delivery.url,
            outcome(delivery),
            delivery.attempt
        ),
        Notice::Control { method, path, status } => {
            format!("{}  {method:6} {path}  {status}", jiff::Timestamp::now().strftime("%H:%M:%S%.3f"))
        }
        Notice::Missed(count) => format!("({count} lines are missing: the reader of this log is slow)"),
        other => format!("{other:?}"),
    }
}

fn object(notice: &Notice) -> Value {
    let now = jiff::Timestamp::now().to_string();
    match notice {
        Notice::Request(exchange) => json!({
            "time": now,
            "kind": "request",
            "id": exchange.id,
            "method": exchange.request.method,
            "path": exchange.request.path,
            "operation": exchange.request.operation_id,
            "status": exchange.response.as_ref().map(|response| response.status),
            "code": code(exchange),
            "subject": exchange.subject,
            "fault": exchange.fault,
            "version": exchange.version,
            "milliseconds": exchange.elapsed.map(|time| time.as_secs_f64() * 1e3),
        }),
        Notice::Webhook(delivery) => json!({
            "time": now,
            "kind": "webhook",
            "event": delivery.event_type,
            "url": delivery.url,
            "outcome": outcome(delivery),
            "attempt": delivery.attempt,
        }),
        Notice::Control { method, path, status } => {
            json!({ "time": now, "kind": "control", "method": method, "path": path, "status": status })
        }
        Notice::Missed(count) => json!({ "time": now, "kind": "missed", "count": count }),
        other => json!({ "time": now, "kind": format!("{other:?}") }),
    }
}

/// The status, and the fault that struck.
fn status(exchange: &Exchange) -> String {
    let status = exchange.response.as_ref().map(|response| response.status.to_string());
    match (status, &exchange.fault) {
        (Some(status), None) => status,
        (Some(status), Some(fault)) => format!("{status}, fault {fault}"),
        (None, Some(fault)) => format!("fault {fault}"),
        (None, None) => "no response".to_owned(),
    }
}

/// The `code` of a refusal.
fn code(exchange: &Exchange) -> Option<String> {
    let refused = exchange.response.as_ref().filter(|response| response.status >= 400)?;
    refused.json()["code"].as_str().map(str::to_owned)
}

fn outcome(delivery: &WebhookDelivery) -> String {
    match &delivery.outcome {
        WebhookOutcome::Responded(status) => status.to_string(),
        WebhookOutcome::Failed(reason) => format!("no response: {reason}"),
        WebhookOutcome::Refused(reason) => format!("not sent: {reason}"),
        other => format!("{other:?}"),
    }
}
