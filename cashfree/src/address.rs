//! URLs of http and https, parsed strictly: text that two parsers may read differently (a backslash, a space,
//! characters beyond ASCII, `127.1`) is refused.

use std::fmt;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use url::{Host, Position, Url};

/// Why a text is not an http or https URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlError {
    /// The text is not a URL, or parsers disagree about it.
    Malformed,
    /// The scheme is neither http nor https.
    Scheme,
    /// The URL has no host.
    Host,
}

/// Parses an absolute http or https URL.
pub(crate) fn parse(text: &str) -> Result<Url, UrlError> {
    if text.bytes().any(is_ambiguous) {
        return Err(UrlError::Malformed);
    }
    let (scheme, rest) = text.split_once("://").ok_or(UrlError::Malformed)?;
    let url = Url::parse(text);
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(if url.is_ok() { UrlError::Scheme } else { UrlError::Malformed });
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host_and_port) = authority.rsplit_once('@').map_or((None, authority), |(u, h)| (Some(u), h));
    let host = match host_and_port.split_once(']') {
        Some((address, _)) => address,
        None => host_and_port.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() {
        return Err(UrlError::Host);
    }
    let url = url.map_err(|_| UrlError::Malformed)?;
    // A host in brackets has one reading. Any other host must be what the parser made of it: it takes `127.1`
    // and `0x7f000001` for addresses and decodes `%70g`, and other software does not.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let as_written = host.starts_with('[')
        || host.bytes().all(is_plain) && url.host_str().is_some_and(|read| read.eq_ignore_ascii_case(host));
    if as_written && user != Some("") { Ok(url) } else { Err(UrlError::Malformed) }
}

/// Resolves a reference, such as the value of a `location` header, against a URL.
pub(crate) fn join(base: &Url, reference: &str) -> Result<Url, UrlError> {
    let first = reference.split(['/', '?', '#']).next().unwrap_or_default();
    if first.contains(':') {
        return parse(reference);
    }
    if reference.starts_with("//") {
        return parse(&format!("{}:{reference}", base.scheme()));
    }
    if reference.bytes().any(is_ambiguous) {
        return Err(UrlError::Malformed);
    }
    base.join(reference).map_err(|_| UrlError::Malformed)
}

/// Bytes that no valid URL holds, and that parsers drop, encode or convert.
fn is_ambiguous(byte: u8) -> bool {
    !(0x21..0x7f).contains(&byte) || br#""<>\^`{|}"#.contains(&byte)
}

/// Whether the host is this machine: `localhost` or a loopback address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the scheme is https.
pub(crate) fn is_https(url: &Url) -> bool {
    url.scheme() == "https"
}

/// Scheme, host and, unless it is the default, port: what may be shown of a URL.
pub(crate) fn origin(url: &Url) -> String {
    format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::AfterPort])
}

/// Whether a user name or password stands before the host.
pub(crate) fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// The longest URL that [`http::Uri`] holds, which reqwest sends by.
const MAX_LENGTH: usize = u16::MAX as usize - 1;

/// The base URL of a client, in the forms that transports need.
#[derive(Clone)]
pub(crate) struct Base {
    url: Url,
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
}

impl Base {
    /// Takes a base URL as [`BaseUrl`](crate::BaseUrl) writes it.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let url = parse(text).ok()?;
        let authority = url.authority();
        Some(Self {
            scheme: if is_https(&url) { Scheme::HTTPS } else { Scheme::HTTP },
            host: HeaderValue::from_str(authority).ok()?,
            authority: authority.parse().ok()?,
            url,
        })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The `host` header of requests below this URL.
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// The URL of a path with its query below the base; `None` where the path does not begin with a slash, is
    /// too long, or would be changed by the parser, as `..` or a space is.
    pub(crate) fn join(&self, path: &str) -> Option<Url> {
        if !path.starts_with('/') {
            return None;
        }
        // Resolved against the base, whose host need not be parsed again.
        let whole = self.below(path);
        let url = self.url.join(&whole).ok()?;
        let is_unchanged = url[..Position::BeforePath] == self.url[..Position::BeforePath]
            && url[Position::BeforePath..] == whole;
        (is_unchanged && url.as_str().len() <= MAX_LENGTH).then_some(url)
    }

    /// A path below the one of the base.
    fn below(&self, path: &str) -> String {
        [self.url.path().trim_end_matches('/'), path].concat()
    }

    /// As [`join`](Self::join), for transports that take an [`http::Request`].
    pub(crate) fn uri(&self, path: &str) -> Result<Uri, http::Error> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_maybe_shared(bytes::Bytes::from(self.below(path)))?);
        Ok(Uri::from_parts(parts)?)
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.url.as_str(), f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn urls_are_normalized() {
        for (text, normalized) in [
            ("HTTPS://PG.Example", "https://pg.example/"),
            ("https://pg.example:443/a", "https://pg.example/a"),
            ("http://pg.example:443/a", "http://pg.example:443/a"),
            ("http://pg.example:080", "http://pg.example/"),
            ("https://pg.example:/a", "https://pg.example/a"),
            ("https://pg.example?x=1", "https://pg.example/?x=1"),
            ("https://[0:0:0:0:0:0:0:1]:8443/a", "https://[::1]:8443/a"),
            ("https://[::FFFF:7f00:1]", "https://[::ffff:7f00:1]/"),
            ("https://pg.example/a/./b/../c", "https://pg.example/a/c"),
            ("https://pg.example/a/%2E%2e/..", "https://pg.example/"),
            ("https://pg.example/a/..", "https://pg.example/"),
            ("https://pg.example//a//", "https://pg.example//a//"),
            ("https://user:word@pg.example/a@b", "https://user:word@pg.example/a@b"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), normalized, "{text}");
        }
    }

    #[test]
    fn text_that_parsers_read_differently_is_refused() {
        for text in [
            "",
            "pg.example",
            "//pg.example",
            "https:pg.example",
            "https:/pg.example",
            "https://",
            "https:///path",
            "https://:80",
            "https://user@",
            "https://@pg.example",
            "http://evil.example\\@127.0.0.1",
            "https://pg.example\\path",
            " https://pg.example",
            "https://pg.example ",
            "https://pg example",
            "https://pg.example/a b",
            "https://pg.example\n",
            "https://pg.ex\tample",
            "https://pg.example\0",
            "https://bücher.example",
            "https://pg.example/ü",
            "https://%70g.example",
            "https://pg.example:99999",
            "https://pg.example:+80",
            "https://pg.example:80:80",
            "https://pg.example:8o",
            "https://pg!.example",
            "https://[::1",
            "https://[::1]80",
            "https://[::1%25eth0]",
            "https://[pg.example]",
            "https://::1",
            "https://[127.0.0.1]",
            "http://127.1",
            "http://127.0.0.01",
            "http://127.0.0.1.",
            "http://127.0.0.256",
            "http://0x7f000001",
            "http://0x7f.1",
            "http://2130706433",
            "http://pg.0",
            "ht tp://pg.example",
            "1https://pg.example",
        ] {
            assert!(parse(text).is_err(), "{text:?}: {:?}", parse(text));
        }
        assert_eq!(parse("ftp://pg.example"), Err(UrlError::Scheme));
        assert_eq!(parse("socks5h://pg.example"), Err(UrlError::Scheme));
        assert_eq!(parse("https://"), Err(UrlError::Host));
    }

    #[test]
    fn only_loopback_hosts_are_this_machine() {
        for (text, loopback) in [
            ("http://127.0.0.1:8090", true),
            ("http://127.9.9.9", true),
            ("http://LOCALHOST", true),
            ("http://[::1]", true),
            ("http://localhost.evil.example", false),
            ("http://127.0.0.1.evil.example", false),
            ("http://127.0.0.1@evil.example", false),
            ("http://127.0.0.1:80@evil.example", false),
            ("http://evil.example#@127.0.0.1", false),
            ("http://evil.example?@127.0.0.1", false),
            ("http://evil.example/@127.0.0.1", false),
            ("http://localhost.", false),
            ("http://0.0.0.0", false),
            ("http://128.0.0.1", false),
            ("http://[::]", false),
            ("http://[::ffff:127.0.0.1]", false),
        ] {
            assert_eq!(is_loopback(&parse(text).unwrap()), loopback, "{text}");
        }
    }

    #[test]
    fn references_are_resolved() {
        let base = parse("https://docs.example/a/b?x=1").unwrap();
        for (reference, resolved) in [
            ("3", "https://docs.example/a/3"),
            ("3/./4?y", "https://docs.example/a/3/4?y"),
            ("../3", "https://docs.example/3"),
            ("../../../3", "https://docs.example/3"),
            ("/3", "https://docs.example/3"),
            ("?y=2", "https://docs.example/a/b?y=2"),
            ("", "https://docs.example/a/b?x=1"),
            ("//store.example/2", "https://store.example/2"),
            ("http://store.example/2", "http://store.example/2"),
            ("3/a:b", "https://docs.example/a/3/a:b"),
        ] {
            assert_eq!(join(&base, reference).unwrap().as_str(), resolved, "{reference}");
        }
        assert_eq!(join(&base, "ftp://store.example"), Err(UrlError::Scheme));
        assert_eq!(join(&base, "mailto:a@b"), Err(UrlError::Malformed));
        assert_eq!(join(&base, "a b"), Err(UrlError::Malformed));
        assert_eq!(join(&base, "\\\\evil.example"), Err(UrlError::Malformed));
        assert_eq!(join(&base, "//127.1/"), Err(UrlError::Malformed));
        assert_eq!(join(&base, "//"), Err(UrlError::Host));
    }

    #[test]
    fn a_path_is_appended_to_the_base_unchanged() {
        for (base, url) in [
            ("https://api.cashfree.com/pg", "https://api.cashfree.com/pg/orders/a%2Fb?x=1"),
            ("http://[::1]:8090", "http://[::1]:8090/orders/a%2Fb?x=1"),
        ] {
            let base = Base::new(base).unwrap();
            assert_eq!(base.join("/orders/a%2Fb?x=1").unwrap().as_str(), url);
            assert_eq!(base.uri("/orders/a%2Fb?x=1").unwrap().to_string(), url);
            assert_eq!(base.host().to_str().ok(), Some(base.url().authority()));
            for path in [
                "/orders/..",
                "/%2e%2E/x",
                "/a b",
                "/a\\b",
                "/a\tb",
                "@evil.example/",
                ":1/",
                "/a{b}",
                "/a#b\n",
                "/\\evil.example/",
            ] {
                assert_eq!(base.join(path), None, "{path}");
            }
        }
    }
}
