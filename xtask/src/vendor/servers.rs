//! Where requests are sent: the hosts and base paths of both documents. The client has its own URLs, so a server that the
//! edition changes calls for a change of the client.

use serde_json::Value;

use super::compare::{Breaks, Change, Part};
use crate::document::operations;
use crate::normalize::server_url;

/// The servers that `new` has otherwise, of the document, of a path or of an operation.
pub fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    let mut compare = |subject: &str, before: &Value, now: &Value| {
        let (before, now) = (urls(before), urls(now));
        let is_same = before.len() == now.len()
            && now.iter().all(|url| before.iter().any(|known| leads_to(url, known)));
        if !is_same {
            let shown = |urls: &[String]| if urls.is_empty() { "none".to_owned() } else { urls.join(", ") };
            found.push(Change {
                part: Part::Operations,
                subject: subject.to_owned(),
                what: format!("servers: {} → {}", shown(&before), shown(&now)),
                breaks: Breaks::Wire,
            });
        }
    };
    compare("servers", &old["servers"], &new["servers"]);
    for (place, operation) in operations(new) {
        let item = place.rsplit_once('/').map_or("", |(item, _)| item);
        let of = |document: &Value| {
            let own = document.pointer(&format!("{place}/servers"));
            own.or_else(|| document.pointer(&format!("{item}/servers"))).cloned().unwrap_or_default()
        };
        compare(operation["operationId"].as_str().unwrap_or(&place), &of(old), &of(new));
    }
    found
}

/// The URLs of a list of servers, sorted.
fn urls(servers: &Value) -> Vec<String> {
    let servers = servers.as_array().into_iter().flatten();
    let mut urls: Vec<String> = servers.filter_map(server_url).collect();
    urls.iter_mut().for_each(|url| url.truncate(url.trim_end_matches('/').len()));
    urls.sort();
    urls.dedup();
    urls
}

/// Whether a URL is the known one; a relative one is on the same host.
fn leads_to(url: &str, known: &str) -> bool {
    let path =
        known.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    url == known || url.strip_prefix('/').is_some_and(|relative| relative == path)
}
