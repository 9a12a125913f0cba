//! The URL of a proxy.

use percent_encoding::percent_decode_str;
use reqwest::{NoProxy, Proxy};
use url::Url;

use crate::ConfigError;
use crate::address::{self, UrlError};

/// Schemes of SOCKS, which reqwest speaks with its feature `socks`.
const SOCKS: [&str; 4] = ["socks4", "socks4a", "socks5", "socks5h"];

/// Sends everything but requests to this machine through the proxy at this URL.
pub(super) fn proxy(text: &str) -> Result<Proxy, ConfigError> {
    let proxy = Proxy::all(parse(text)?).map_err(|_| refuse("is not a URL"))?;
    Ok(proxy.no_proxy(NoProxy::from_string("localhost, 127.0.0.0/8, ::1")))
}

fn refuse(reason: &str) -> ConfigError {
    ConfigError::Transport(format!("the URL of the proxy {reason}"))
}

/// Parses the URL of a proxy. An error does not show the URL, which may hold a password.
pub(super) fn parse(text: &str) -> Result<Url, ConfigError> {
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let (scheme, rest) = text.split_once("://").unwrap_or(("", &text));
    let scheme = scheme.to_ascii_lowercase();
    let is_socks = SOCKS.contains(&scheme.as_str());
    // The rules for the rest are those of http.
    let checked = if is_socks { format!("http://{rest}") } else { text.clone() };
    let url = address::parse(&checked).map_err(|error| match error {
        UrlError::Scheme => refuse("is neither http, https nor socks"),
        UrlError::Malformed | UrlError::Host => refuse("is not a URL"),
    })?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has more than a host and a port"));
    }
    // In the header, the first colon ends the name.
    if percent_decode_str(url.username()).any(|byte| byte == b':') {
        return Err(refuse("has a colon in the user name"));
    }
    if is_socks { Url::parse(&text).map_err(|_| refuse("is not a URL")) } else { Ok(url) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_and_a_port() {
        for fine in [
            "http://127.0.0.1:3128",
            "http://user:word@proxy.example:3128/",
            "https://proxy.example",
            "proxy.example:3128",
            "user@proxy.example:3128",
            "socks5://proxy.example:1080",
            "socks5h://user:word@proxy.example",
        ] {
            assert!(proxy(fine).is_ok(), "{fine}");
        }
        for (bad, part) in [
            ("socks6://marked@proxy.example", "neither http, https nor socks"),
            ("ftp://marked@proxy.example", "neither http, https nor socks"),
            ("http://marked@proxy.example/path", "more than a host"),
            ("socks5://marked@proxy.example/path", "more than a host"),
            ("http://proxy.example?marked", "more than a host"),
            ("http://marked proxy.example", "not a URL"),
            ("http://marked@", "not a URL"),
            ("", "not a URL"),
            ("http://marked%3aword@proxy.example", "a colon"),
        ] {
            let message = parse(bad).err().unwrap().to_string();
            assert!(message.contains(part) && !message.contains("marked"), "{bad}: {message}");
        }
    }
}
