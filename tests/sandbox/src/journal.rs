//! The journal: the latest requests with the responses to them, and the feed of what happens while it happens.
//!
//! The newest entries are kept in a ring ([`Builder::keep`](crate::Builder::keep)). The feed is what the log on the
//! command line, the dashboard and [`Sandbox::subscribe`](crate::Sandbox::subscribe) read.

mod explain;
mod feed;
mod mask;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use tokio::sync::broadcast;

use crate::records::RecordedRequest;

pub(crate) use explain::rule_of;
pub use feed::{Feed, Notice};
pub(crate) use mask::{masked_headers, masked_json};

/// The longest body that is kept, in bytes; of a longer one its beginning is.
const BODY_KEPT: usize = 1 << 20;
/// Notices that a slow reader of the feed may be behind before it misses some.
const BACKLOG: usize = 1024;

/// One request and the response of the sandbox.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Counts from 1, in order of arrival.
    pub id: u64,
    /// When the request arrived.
    pub at: SystemTime,
    /// The request.
    pub request: RecordedRequest,
    /// The response of the sandbox; `None` while it is at work, and where a fault came first.
    pub response: Option<RecordedResponse>,
    /// The order, or another object, that the request is about, by the merchant's id.
    pub subject: Option<String>,
    /// The fault that struck, by its name in [`Fault`](crate::Fault).
    pub fault: Option<String>,
    /// The version of the API that the sandbox spoke, where the request asked for another one.
    pub version: Option<String>,
    /// The time until the response was ready; `None` while the sandbox is at work.
    pub elapsed: Option<Duration>,
}

impl Exchange {
    /// The status of the response, if there is one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }
}

/// The response of the sandbox. A fault on the way may have changed what arrived.
#[derive(Clone, Debug)]
pub struct RecordedResponse {
    /// The status code.
    pub status: u16,
    /// The JSON body; empty for a page.
    pub body: Vec<u8>,
}

impl RecordedResponse {
    /// The body as JSON, `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        crate::records::json(&self.body)
    }
}

/// Ties a response to its request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    id: u64,
    started: Instant,
}

/// Outcome of a request.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) response: Option<RecordedResponse>,
    pub(crate) subject: Option<String>,
    pub(crate) fault: Option<String>,
    pub(crate) version: Option<String>,
}

/// The ring and the feed.
pub(crate) struct Journal {
    keep: usize,
    last: AtomicU64,
    exchanges: Mutex<VecDeque<Exchange>>,
    feed: broadcast::Sender<Notice>,
}

impl Journal {
    pub(crate) fn new(keep: usize) -> Self {
        let (feed, _) = broadcast::channel(BACKLOG);
        Self { keep, last: AtomicU64::new(0), exchanges: Mutex::default(), feed }
    }

    fn exchanges(&self) -> MutexGuard<'_, VecDeque<Exchange>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a request that has arrived.
    pub(crate) fn arrived(&self, mut request: RecordedRequest) -> Ticket {
        request.body.truncate(BODY_KEPT);
        let mut exchanges = self.exchanges();
        // Counted under the lock, so that the ring is in the order of its ids.
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        exchanges.push_back(Exchange {
            id,
            at: SystemTime::now(),
            request,
            response: None,
            subject: None,
            fault: None,
            version: None,
            elapsed: None,
        });
        while exchanges.len() > self.keep {
            exchanges.pop_front();
        }
        Ticket { id, started: Instant::now() }
    }

    /// Adds the outcome of a request, and notifies the readers of the feed.
    pub(crate) fn ended(&self, ticket: Ticket, outcome: Outcome) {
        let mut exchanges = self.exchanges();
        let Ok(at) = exchanges.binary_search_by_key(&ticket.id, |exchange| exchange.id) else {
            return;
        };
        let Some(exchange) = exchanges.get_mut(at) else { return };
        let truncated = |mut response: RecordedResponse| {
            response.body.truncate(BODY_KEPT);
            response
        };
        exchange.response = outcome.response.map(truncated);
        exchange.subject = outcome.subject;
        exchange.fault = outcome.fault;
        exchange.version = outcome.version;
        exchange.elapsed = Some(ticket.started.elapsed());
        if self.feed.receiver_count() > 0 {
            let notice = Notice::Request(Box::new(exchange.clone()));
            drop(exchanges);
            self.notify(notice);
        }
    }

    /// Notifies the readers of the feed, if there are any.
    pub(crate) fn notify(&self, notice: Notice) {
        // Nobody listens: nothing is lost.
        let _ = self.feed.send(notice);
    }

    pub(crate) fn subscribe(&self) -> Feed {
        Feed::new(self.feed.subscribe())
    }

    /// The kept requests, oldest first.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.exchanges().iter().map(|exchange| exchange.request.clone()).collect()
    }

    /// The kept exchanges that fit, oldest first.
    pub(crate) fn select(&self, fits: impl Fn(&Exchange) -> bool) -> Vec<Exchange> {
        self.exchanges().iter().filter(|exchange| fits(exchange)).cloned().collect()
    }

    pub(crate) fn find(&self, id: u64) -> Option<Exchange> {
        let exchanges = self.exchanges();
        let at = exchanges.binary_search_by_key(&id, |exchange| exchange.id).ok()?;
        exchanges.get(at).cloned()
    }

    pub(crate) fn clear(&self) {
        self.exchanges().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> RecordedRequest {
        RecordedRequest {
            operation_id: None,
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: None,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    #[tokio::test]
    async fn the_newest_are_kept_and_reported() {
        let journal = Journal::new(2);
        let mut feed = journal.subscribe();
        let tickets = ["/1", "/2", "/3"].map(|path| journal.arrived(request(path)));
        for ticket in tickets {
            let response = RecordedResponse { status: 200, body: b"{}".to_vec() };
            journal.ended(ticket, Outcome { response: Some(response), ..Outcome::default() });
        }
        let kept: Vec<_> = journal.select(|_| true).iter().map(|exchange| exchange.id).collect();
        assert_eq!(kept, [2, 3]);
        let notice = feed.next().await;
        assert!(matches!(notice, Some(Notice::Request(exchange)) if exchange.id == 2), "the first had gone");
    }

    #[test]
    fn long_bodies_are_cut() {
        let journal = Journal::new(1);
        let body = vec![b' '; BODY_KEPT + 1];
        journal.arrived(RecordedRequest { body, ..request("/") });
        assert_eq!(journal.requests().first().map(|request| request.body.len()), Some(BODY_KEPT));
    }
}
