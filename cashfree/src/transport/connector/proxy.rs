//! The way through a proxy: a tunnel that is asked for with `CONNECT`, so that a proxy sees where calls go and
//! nothing of what they say.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Uri, header};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use percent_encoding::percent_decode_str;

use crate::ConfigError;
use crate::address::{Address, Fault};

/// A tunnel through the proxy at this address, which is `http://host:port` or `https://host:port`, with
/// `user:password@` before the host if it wants to know who comes.
pub(super) fn tunnel<C>(
    address: &str,
    user_agent: &HeaderValue,
    connector: C,
) -> Result<Tunnel<C>, ConfigError> {
    // The address is not repeated: it may hold a password.
    let refuse = |reason: &str| ConfigError::Transport(format!("the proxy's address {reason}"));
    let whole = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let address = Address::parse(&whole).map_err(|fault| match fault {
        Fault::Scheme => refuse("is neither http nor https"),
        Fault::Malformed | Fault::Host => refuse("is no address"),
    })?;
    if address.path() != "/" || address.has_query() || address.has_fragment() {
        return Err(refuse("has more than a host and a port"));
    }
    let place = address.uri().ok_or_else(|| refuse("is no address"))?;
    let tunnel = Tunnel::new(with_port(place), connector)
        .with_headers(HeaderMap::from_iter([(header::USER_AGENT, user_agent.clone())]));
    Ok(match address.user() {
        Some(user) => tunnel.with_auth(basic(user).ok_or_else(|| refuse("has credentials of no use"))?),
        None => tunnel,
    })
}

/// The header's value for `user:password` as an address has it.
fn basic(user: &str) -> Option<HeaderValue> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut said: Vec<u8> = percent_decode_str(name).collect();
    // What is behind the first colon is the password.
    if said.contains(&b':') {
        return None;
    }
    said.push(b':');
    said.extend(percent_decode_str(password));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(said))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The address with its port, which a tunnel takes for 443 where none is named.
pub(super) fn with_port(to: Uri) -> Uri {
    let port = if to.scheme() == Some(&Scheme::HTTP) { 80 } else { 443 };
    let named = to
        .authority()
        .filter(|authority| authority.port().is_none())
        .and_then(|authority| Authority::try_from(format!("{authority}:{port}")).ok());
    let Some(authority) = named else { return to };
    let mut parts = to.clone().into_parts();
    parts.authority = Some(authority);
    Uri::from_parts(parts).unwrap_or(to)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use super::*;

    fn refused(address: &str) -> Option<String> {
        tunnel(address, &HeaderValue::from_static("test"), ()).err().map(|error| error.to_string())
    }

    #[test]
    fn a_proxy_is_http_or_https_and_nothing_else() {
        for fine in [
            "http://127.0.0.1:3128",
            "http://user:word@proxy.example:3128/",
            "https://proxy.example",
            "proxy.example:3128",
            "user@proxy.example:3128",
        ] {
            assert_eq!(refused(fine), None, "{fine}");
        }
        for (bad, part) in [
            ("socks5://marked@proxy.example", "neither http nor https"),
            ("ftp://marked@proxy.example", "neither http nor https"),
            ("http://marked@proxy.example/path", "more than a host"),
            ("http://proxy.example?marked", "more than a host"),
            ("http://marked proxy.example", "no address"),
            ("http://marked@", "no address"),
            ("", "no address"),
            ("http://marked%3aword@proxy.example", "credentials"),
        ] {
            let told = refused(bad).unwrap();
            assert!(told.contains(part) && !told.contains("marked"), "{bad}: {told}");
        }
    }

    #[test]
    fn credentials_are_said_as_the_proxy_reads_them() {
        for (user, said) in [
            ("user:word", "user:word"),
            ("user", "user:"),
            ("us%65r:w%3Ard%40", "user:w:rd@"),
            ("user:a:b", "user:a:b"),
        ] {
            let value = basic(user).unwrap();
            assert_eq!(value, format!("Basic {}", STANDARD.encode(said)));
            assert!(value.is_sensitive());
        }
    }

    #[test]
    fn a_port_is_always_named() {
        for (to, with) in [
            ("http://localhost/a?b", "http://localhost:80/a?b"),
            ("https://pg.example/", "https://pg.example:443/"),
            ("https://[::1]/", "https://[::1]:443/"),
            ("https://pg.example:8443/", "https://pg.example:8443/"),
        ] {
            assert_eq!(with_port(to.parse().unwrap()).to_string(), with);
        }
    }
}
