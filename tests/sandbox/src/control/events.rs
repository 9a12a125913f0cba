//! The feed of what happens as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde_json::json;

use crate::app::App;
use crate::control::requests::RequestView;
use crate::control::webhooks::DeliveryView;
use crate::document::Document;
use crate::journal::Notice;

/// Streams requests and deliveries while they happen: server-sent events `request`, `webhook` and `control`.
#[utoipa::path(get, path = "/sandbox/events", tag = "what happened",
    responses((status = 200, content_type = "text/event-stream", description = "Data as of the lists, in JSON")))]
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let document = Arc::clone(&app.document);
    // The stream must not keep the account alive after the sandbox has ended.
    let feed = app.subscribe();
    drop(app);
    let events = stream::unfold((feed, document), |(mut feed, document)| async move {
        let notice = feed.next().await?;
        Some((Ok(event(&notice, &document)), (feed, document)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

fn event(notice: &Notice, document: &Document) -> Event {
    let (name, data) = match notice {
        Notice::Request(exchange) => ("request", json!(RequestView::new(exchange, document))),
        Notice::Webhook(delivery) => ("webhook", json!(DeliveryView::new(delivery))),
        Notice::Control { method, path, status } => {
            ("control", json!({ "method": method, "path": path, "status": status }))
        }
        Notice::Missed(count) => ("missed", json!({ "count": count })),
    };
    Event::default().event(name).data(data.to_string())
}
