//! Which requests of browsers are refused: a page of another site must not reach the sandbox through a developer's
//! browser.
//!
//! - `Host` must name this machine: `localhost`, a loopback address, or a host of the sandbox's certificate. A site whose name was rebound to
//!   `127.0.0.1` still sends its own name.
//! - `Origin`, where a browser sends one, must be a page of this machine. Browsers send it with every `POST`.
//! - `Sec-Fetch-Site: cross-site` without an `Origin` may only come with a navigation: no image or script of another
//!   site loads anything but the checkout script, the picture of a QR code, and payers' pages in a frame, whose
//!   policy admits pages of this machine alone.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use crate::http::respond::json_response;
use crate::web;

/// Which names of hosts are the sandbox's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// It listens for other machines: IP addresses and single-label names are admitted, as those of a compose
    /// network. A page cannot be served under either, so that none can be rebound to them.
    network: bool,
    /// The hosts of its certificate, beside those of this machine.
    names: Arc<[String]>,
}

impl Reach {
    pub(crate) fn of(listening: IpAddr, names: impl IntoIterator<Item = String>) -> Self {
        Self { network: !listening.is_loopback(), names: names.into_iter().collect() }
    }

    fn admits(&self, authority: &str) -> bool {
        let named = || {
            let authority = authority.parse::<Authority>().ok().filter(|a| !a.as_str().contains('@'));
            authority.is_some_and(|a| self.names.iter().any(|name| name.eq_ignore_ascii_case(a.host())))
        };
        is_loopback(authority) || self.network && is_local_name(authority) || named()
    }
}

/// Returns 403 in place of the route where one of the rules is broken.
pub(crate) async fn refuse_foreign(State(reach): State<Reach>, request: Request, next: Next) -> Response {
    match violation(&request, &reach) {
        None => next.run(request).await,
        Some(message) => json_response(
            403,
            &json!({ "type": "invalid_request_error", "code": "origin_not_allowed", "message": message }),
        ),
    }
}

/// The rule that a request breaks.
fn violation(request: &Request, reach: &Reach) -> Option<String> {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    if headers.get_all(header::HOST).iter().count() > 1 {
        return Some("there is more than one Host header".to_owned());
    }
    // HTTP/1.0 has none; browsers always send one.
    if let Some(host) = text("host").filter(|host| !reach.admits(host)) {
        return Some(format!("the Host header `{host}` does not name this machine"));
    }
    if let Some(origin) =
        text("origin").filter(|origin| !authority_of(origin).is_some_and(|authority| reach.admits(authority)))
    {
        return Some(format!("pages of `{origin}` may not call the sandbox"));
    }
    let is = |name: &str, value: &str| text(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
    // The checks above have vouched for an origin that is named.
    if !is("sec-fetch-site", "cross-site") || headers.contains_key(header::ORIGIN) {
        return None;
    }
    let is_link = is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document");
    let destination = text("sec-fetch-dest").unwrap_or_default();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_link || is_read && web::is_embeddable(request.uri().path(), &destination) {
        return None;
    }
    Some("a page of another site may only link to the sandbox".to_owned())
}

/// Whether a page of this origin is served by this machine.
pub(crate) fn is_loopback_origin(origin: &str) -> bool {
    authority_of(origin).is_some_and(is_loopback)
}

fn authority_of(origin: &str) -> Option<&str> {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
}

/// Whether the host is an IP address or a name of one label.
fn is_local_name(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let host = authority.host();
    let is_address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    !authority.as_str().contains('@') && !host.is_empty() && (is_address || !host.contains('.'))
}

/// Whether `host` or `host:port` names this machine.
fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    // Nothing may stand before the host.
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // Browsers resolve every name under `localhost` to this machine, without asking anyone.
    let host_name = host.to_ascii_lowercase();
    let is_name = host_name == "localhost" || host_name.ends_with(".localhost");
    host.parse().map_or(is_name, |address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_this_machine() {
        for host in [
            "localhost",
            "LOCALHOST:8090",
            "127.0.0.1:1",
            "127.8.8.8",
            "shop.localhost:3000",
            "[::1]:8090",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil@localhost",
            "[::2]",
            "10.0.0.1",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
        let network = Reach::of([0, 0, 0, 0].into(), None);
        let loopback = Reach::of([127, 0, 0, 1].into(), None);
        let named = Reach::of([127, 0, 0, 1].into(), ["api.cashfree.com".to_owned()]);
        for (host, admitted) in [
            ("sandbox:8090", true),
            ("10.0.0.2", true),
            ("evil.example", false),
            ("a@sandbox", false),
            ("", false),
        ] {
            assert_eq!(network.admits(host), admitted, "{host}");
            assert!(!loopback.admits(host), "{host}");
        }
        for (host, admitted) in
            [("api.cashfree.com", true), ("API.cashfree.com:443", true), ("a@api.cashfree.com", false)]
        {
            assert_eq!(named.admits(host), admitted, "{host}");
            assert!(!network.admits(host), "{host}");
        }
        assert!(is_loopback_origin("http://localhost:3000"));
        for origin in ["null", "http://evil.example", "localhost", "file://"] {
            assert!(!is_loopback_origin(origin), "{origin}");
        }
    }
}
