//! The workers that post events, one for each address that has something due: signed, counted, recorded, and again
//! if the response was not 200.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::redirect::Policy;
use tokio::task::JoinSet;

use super::catalogue::Catalogue;
use super::outbox::Outbox;
use super::queues::{Later, Next, Parcel};
use super::record::{WebhookDelivery, WebhookOutcome};
use super::{WebhookFault, endpoint, fault, sign};
use crate::app::App;
use crate::domain::refunds;
use crate::journal::{Journal, Notice};

/// A receiver that takes longer has not acknowledged.
const PATIENCE: Duration = Duration::from_secs(10);

/// Deliveries at a time, each to another address.
const AT_A_TIME: usize = 256;

/// Empties the outbox for as long as the sandbox runs.
pub(crate) async fn deliver_all(app: Arc<App>, outbox: Outbox) {
    let Ok(http) = client() else {
        return;
    };
    let mut changes = outbox.watch();
    let mut workers = JoinSet::new();
    loop {
        changes.mark_unchanged();
        while workers.try_join_next().is_some() {}
        if workers.len() >= AT_A_TIME {
            workers.join_next().await;
            continue;
        }
        match outbox.next() {
            Next::Send(parcel) => {
                workers.spawn(work(Arc::clone(&app), http.clone(), outbox.clone(), *parcel));
            }
            Next::Happen(Later::Event(event), moment) => {
                let _written_together = app.state();
                outbox.post(&event);
                outbox.done(moment);
            }
            Next::Happen(Later::Refund(due), moment) => {
                refunds::mature(&mut app.state(), &due.order_id);
                outbox.done(moment);
            }
            Next::Wait(None) => {
                if changes.changed().await.is_err() {
                    return;
                }
            }
            Next::Wait(Some(time)) => {
                // Whichever comes first: the look at the outbox is the same.
                let _ = tokio::time::timeout(time, changes.changed()).await;
            }
        }
    }
}

/// Delivers a parcel, and then all that is due at the same address.
async fn work(app: Arc<App>, http: reqwest::Client, outbox: Outbox, parcel: Parcel) {
    let url = parcel.endpoint.url.clone();
    let mut next = Some(parcel);
    while let Some(parcel) = next {
        let place = parcel.place;
        let again = deliver(&app.journal, &http, &outbox, parcel).await;
        let _written_together = app.state();
        if let Some((parcel, wait)) = again {
            outbox.repeat(parcel, wait);
        }
        next = outbox.finish(&url, place);
    }
}

/// A client that stays on this machine: no proxy, no redirects, no look-up of `localhost`.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    let local = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .resolve_to_addrs("localhost", &local)
        .build()
}

/// Posts a parcel once; returns it with the delay before the next attempt, if there is to be one.
async fn deliver(
    journal: &Journal,
    http: &reqwest::Client,
    outbox: &Outbox,
    mut parcel: Parcel,
) -> Option<(Parcel, Duration)> {
    let fault = parcel.fault.take();
    let at = SystemTime::now();
    let timestamp = milliseconds(at);
    let signature = match (&fault, &parcel.endpoint.secret) {
        (Some(WebhookFault::WrongSignature), _) => sign::signature("nobody's", &timestamp, &parcel.body),
        (_, Some(secret)) => sign::signature(secret, &timestamp, &parcel.body),
        (_, None) => sign::signature(&outbox.secret(), &timestamp, &parcel.body),
    };
    let mut body = parcel.body.to_vec();
    if fault == Some(WebhookFault::TamperedBody) {
        fault::tamper(&mut body);
    }
    let headers = headers(&timestamp, &signature, parcel.attempt, &parcel.key);
    let outcome = match &parcel.flaw {
        Some(flaw) => WebhookOutcome::Refused(flaw.clone()),
        None => post(http, &parcel.endpoint.url, &outbox.allowed_hosts(), &headers, body.clone()).await,
    };
    let delivery = WebhookDelivery {
        id: parcel.id,
        at,
        event_type: parcel.kind.to_owned(),
        url: parcel.endpoint.url.clone(),
        attempt: parcel.attempt,
        wait: parcel.wait,
        outcome: outcome.clone(),
        headers,
        body,
    };
    outbox.record(delivery.clone(), parcel.clone());
    journal.notify(Notice::Webhook(Box::new(delivery)));
    match outcome {
        WebhookOutcome::Refused(_) => None,
        WebhookOutcome::Responded(200) => {
            (fault == Some(WebhookFault::Duplicate)).then_some((parcel, Duration::ZERO))
        }
        _ if parcel.resent => None,
        _ => {
            let wait = parcel.endpoint.schedule.after(parcel.attempt)?;
            // Only an acknowledged delivery can be a duplicate.
            parcel.fault = fault.filter(|fault| *fault == WebhookFault::Duplicate);
            Some((parcel, wait))
        }
    }
}

/// Thirteen digits: the milliseconds since 1970. Each attempt has its own.
pub(crate) fn milliseconds(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}

/// The version of the webhooks. Without a catalogue no event gets this far.
pub(crate) fn version() -> &'static str {
    Catalogue::shared().map_or("", |catalogue| catalogue.version.as_str())
}

pub(crate) fn headers(timestamp: &str, signature: &str, attempt: u32, key: &str) -> Vec<(String, String)> {
    let attempt = attempt.to_string();
    [
        ("content-type", "application/json"),
        ("x-webhook-timestamp", timestamp),
        ("x-webhook-signature", signature),
        ("x-webhook-version", version()),
        ("x-webhook-attempt", &attempt),
        ("x-idempotency-key", key),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// Posts a body, if the address is one of this machine or of these hosts.
pub(crate) async fn post(
    http: &reqwest::Client,
    url: &str,
    hosts: &[String],
    headers: &[(String, String)],
    body: Vec<u8>,
) -> WebhookOutcome {
    let url = match endpoint::allowed(url, hosts) {
        Ok(url) => url,
        Err(reason) => return WebhookOutcome::Refused(reason),
    };
    let mut request = http.post(url).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    match request.send().await {
        Ok(response) => WebhookOutcome::Responded(response.status().as_u16()),
        Err(error) if error.is_connect() => {
            WebhookOutcome::Failed(format!("nothing takes a connection there: {}", root(&error)))
        }
        Err(error) if error.is_timeout() => {
            WebhookOutcome::Failed(format!("the receiver takes longer than {} s", PATIENCE.as_secs()))
        }
        Err(error) => WebhookOutcome::Failed(because(&error)),
    }
}

/// What is at the bottom of an error.
fn root(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}

/// An error with what it came from.
fn because(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
