//! The feed of what happens.

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::journal::Exchange;
use crate::webhooks::WebhookDelivery;

/// Something that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A response was sent, or a fault struck in its place.
    Request(Box<Exchange>),
    /// An attempt to deliver a webhook ended.
    Webhook(Box<WebhookDelivery>),
    /// Somebody acted through the control interface or the dashboard: the method and the path.
    Control {
        /// As `POST`.
        method: String,
        /// As `/sandbox/settle`.
        path: String,
        /// Status of the response.
        status: u16,
    },
    /// The reader was too slow: so many notices are lost.
    Missed(u64),
}

/// Notices, in order, from the subscription on.
#[derive(Debug)]
pub struct Feed(Receiver<Notice>);

impl Feed {
    pub(crate) fn new(receiver: Receiver<Notice>) -> Self {
        Self(receiver)
    }

    /// Waits for the next notice; `None` once the sandbox has ended.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.0.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(missed)) => Some(Notice::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}
