//! What a failure of reqwest means for the call: whether the request may have been sent, whether another attempt
//! would fail again, and the cause in a few words.

use std::error::Error;
use std::io;

use tokio::time::error::Elapsed;

use super::error::{Permanent, sources};
use super::{Sent, TransportError};

/// The time limit of the attempt ran out.
pub(super) fn expired(elapsed: Elapsed) -> TransportError {
    TransportError::new(Sent::Maybe, elapsed).timed_out()
}

/// There is no response, or its body broke off. The URL is dropped from the error: it holds identifiers.
pub(super) fn broken(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let (permanent, cause) =
        if error.is_connect() { connect_cause(&error) } else { (None, innermost(&error).to_string()) };
    let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Maybe };
    let timed_out = error.is_timeout();
    let failure = TransportError::new(sent, error).permanent(permanent).because(cause);
    if timed_out { failure.timed_out() } else { failure }
}

/// Why there is no connection. rustls has no public type here: its errors are known by their text.
fn connect_cause(error: &reqwest::Error) -> (Option<Permanent>, String) {
    let root = innermost(error);
    let io = io_error(root);
    let text = root.to_string();
    if error.is_dns() {
        return (None, format!("host not found: {}", without_code(&text)));
    }
    if sources(error).iter().any(|text| text.contains("proxy authorization required")) {
        return (Some(Permanent::Configuration), "the proxy refused its credentials".to_owned());
    }
    if text == "tunnel error: unsuccessful" {
        return (None, "the proxy refused to connect".to_owned());
    }
    // What the TLS library says; the connection itself has other kinds.
    if io.is_some_and(|io| io.kind() == io::ErrorKind::InvalidData) || is_native_tls(io, &text) {
        return (Some(Permanent::Tls), tls_cause(&text));
    }
    let cause = match io.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused",
        Some(io::ErrorKind::ConnectionReset) => "connection reset",
        Some(io::ErrorKind::UnexpectedEof) => "connection closed in the handshake",
        _ => without_code(&text),
    };
    (None, cause.to_owned())
}

/// Whether a text is of the system's TLS library, whose errors are no I/O errors.
fn is_native_tls(io: Option<&io::Error>, text: &str) -> bool {
    cfg!(feature = "native-tls")
        && io.is_none_or(|io| io.raw_os_error().is_none())
        && ["SSL routines", "certificate"].iter().any(|part| text.contains(part))
}

/// The text of rustls, in the words of people who have not read its source.
fn tls_cause(text: &str) -> String {
    if text.contains("InvalidContentType") || text.contains("wrong version number") {
        return "TLS handshake failed: the server does not speak TLS on this port".to_owned();
    }
    let Some(reason) = text.strip_prefix("invalid peer certificate: ") else {
        return format!("TLS handshake failed: {text}");
    };
    match reason {
        "UnknownIssuer" => "certificate not trusted: unknown issuer".to_owned(),
        "Revoked" => "certificate revoked".to_owned(),
        _ if reason.starts_with("Expired") || reason.starts_with("certificate expired") => {
            "certificate expired".to_owned()
        }
        _ if reason.starts_with("NotValidYet") || reason.starts_with("certificate not valid yet") => {
            "certificate not valid yet".to_owned()
        }
        _ if reason.starts_with("NotValidForName")
            || reason.starts_with("certificate not valid for name") =>
        {
            "certificate not valid for this host".to_owned()
        }
        _ => format!("certificate not valid: {reason}"),
    }
}

fn innermost<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

/// The I/O error that others wrap.
fn io_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut io = error.downcast_ref::<io::Error>()?;
    while let Some(inner) = io.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        io = inner;
    }
    Some(io)
}

/// The text of the operating system without its number.
fn without_code(text: &str) -> &str {
    text.split(" (os error").next().unwrap_or(text)
}
