//! Addresses of http and https, taken apart. Nothing is guessed: what other readers of the same text may see
//! differently (a backslash, a space, letters beyond ASCII, `127.1`) is no address here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};

/// An absolute address, spelled as everybody spells it: scheme and host in lower case, no default port, no
/// segments that climb.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    secure: bool,
    host: String,
    port: Option<u16>,
    /// It begins with a slash.
    path: String,
    query: Option<String>,
    has_fragment: bool,
    user: Option<String>,
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not written like one.
    Malformed,
    /// It is one of another scheme.
    Scheme,
    /// It names no host.
    Host,
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let odd = |byte: u8| !(0x21..0x7f).contains(&byte) || br#""<>\^`{|}"#.contains(&byte);
        if text.bytes().any(odd) {
            return Err(Fault::Malformed);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Fault::Malformed)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            word if is_scheme(word) => return Err(Fault::Scheme),
            _ => return Err(Fault::Malformed),
        };
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (rest, fragment) = cut(rest, '#');
        let (path, query) = cut(rest, '?');
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => {
                let (inner, behind) = bracketed.split_once(']').ok_or(Fault::Malformed)?;
                let inner: Ipv6Addr = inner.parse().map_err(|_| Fault::Malformed)?;
                let port = if behind.is_empty() { None } else { behind.strip_prefix(':') };
                if port.is_none() && !behind.is_empty() {
                    return Err(Fault::Malformed);
                }
                (format!("[{inner}]"), port)
            }
            None => {
                let (host, port) = cut(place, ':');
                (named(host)?, port)
            }
        };
        let port = port.filter(|digits| !digits.is_empty()).map(number).transpose()?;
        Ok(Self {
            secure,
            host,
            port: port.filter(|port| *port != if secure { 443 } else { 80 }),
            path: without_dots(path),
            query: query.map(str::to_owned),
            has_fragment: fragment.is_some(),
            user,
        })
    }

    /// The address that a reference leads to from here, as a `location` may hold one.
    pub(crate) fn join(&self, reference: &str) -> Result<Self, Fault> {
        let first = reference.split(['/', '?', '#']).next().unwrap_or_default();
        if first.contains(':') {
            return Self::parse(reference);
        }
        let here = match reference.as_bytes() {
            [b'/', b'/', ..] => {
                return Self::parse(&format!("{}:{reference}", if self.secure { "https" } else { "http" }));
            }
            [b'/', ..] => String::new(),
            [b'?', ..] => self.path.clone(),
            [b'#', ..] | [] => format!("{}{}", self.path, self.query_with_mark()),
            _ => self.path.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default(),
        };
        Self::parse(&format!("{}{here}{reference}", self.origin()))
    }

    pub(crate) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether the host is this machine, by address or as `localhost`.
    pub(crate) fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// What stands before the `@`, as it stands there.
    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) const fn has_query(&self) -> bool {
        self.query.is_some()
    }

    pub(crate) const fn has_fragment(&self) -> bool {
        self.has_fragment
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }

    fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    fn query_with_mark(&self) -> String {
        self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default()
    }

    /// What is asked for: without user and fragment, which are not sent.
    pub(crate) fn uri(&self) -> Option<Uri> {
        format!("{}{}{}", self.origin(), self.path, self.query_with_mark()).parse().ok()
    }
}

/// Shows neither user nor query, which may hold keys.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

/// The text before a mark, and what is behind it if the mark is there.
fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

fn is_scheme(word: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.bytes().all(inner)
}

/// A host by its name or by its IPv4 address.
fn named(host: &str) -> Result<String, Fault> {
    if host.is_empty() {
        return Err(Fault::Host);
    }
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        return Err(Fault::Malformed);
    }
    // A resolver takes `127.1`, `0x7f000001` and `2130706433` for addresses; so does nobody who reads them.
    let host = host.to_ascii_lowercase();
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err(Fault::Malformed);
    }
    Ok(host)
}

fn number(digits: &str) -> Result<u16, Fault> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).ok_or(Fault::Malformed)
}

/// A path from its root, `.` and `..` resolved, also where they are percent-encoded.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        match dots.as_str() {
            "." | ".." => {
                if dots == ".." {
                    kept.pop();
                }
                if segments.peek().is_none() {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Where all calls of a client go, ready to be put before their paths.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
    /// Before each path; without a slash at its end.
    prefix: String,
}

impl Origin {
    /// Of a base URL that has been checked.
    pub(crate) fn of(base: &str) -> Option<Self> {
        let address = Address::parse(base).ok()?;
        let authority = address.authority();
        Some(Self {
            scheme: if address.secure { Scheme::HTTPS } else { Scheme::HTTP },
            host: HeaderValue::from_str(&authority).ok()?,
            authority: authority.parse().ok()?,
            prefix: address.path.trim_end_matches('/').to_owned(),
        })
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The `host` header of a request to this address; `None` for another.
    pub(crate) fn host_of(&self, uri: &Uri) -> Option<HeaderValue> {
        // Letter by letter, and both are ours: in another case it would only be made anew.
        let same = uri.authority().is_some_and(|authority| authority.as_str() == self.authority.as_str());
        same.then(|| self.host.clone())
    }

    /// The address of a path below the base URL, with its query.
    pub(crate) fn uri(&self, path: &str) -> Result<Uri, http::Error> {
        let path = [&self.prefix, path].concat();
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_maybe_shared(bytes::Bytes::from(path))?);
        Ok(Uri::from_parts(parts)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Address::parse(text).ok()?.uri().map(|uri| uri.to_string())
    }

    #[test]
    fn an_address_is_spelled_as_everybody_spells_it() {
        for (text, spelled) in [
            ("HTTPS://PG.Example", "https://pg.example/"),
            ("https://pg.example:443/a", "https://pg.example/a"),
            ("http://pg.example:443/a", "http://pg.example:443/a"),
            ("http://pg.example:080", "http://pg.example/"),
            ("https://pg.example:/a", "https://pg.example/a"),
            ("https://pg.example?x=1#part", "https://pg.example/?x=1"),
            ("https://[0:0:0:0:0:0:0:1]:8443/a", "https://[::1]:8443/a"),
            ("https://[::FFFF:7f00:1]", "https://[::ffff:127.0.0.1]/"),
            ("https://pg.example/a/./b/../c", "https://pg.example/a/c"),
            ("https://pg.example/a/%2E%2e/..", "https://pg.example/"),
            ("https://pg.example/a/..", "https://pg.example/"),
            ("https://pg.example//a//", "https://pg.example//a//"),
            ("https://user:word@pg.example/a@b", "https://pg.example/a@b"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(spelled), "{text}");
        }
    }

    #[test]
    fn what_two_readers_may_see_differently_is_no_address() {
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
            "http://evil.example\\@127.0.0.1",
            "https://pg.example\\path",
            " https://pg.example",
            "https://pg.example ",
            "https://pg example",
            "https://pg.example/a b",
            "https://pg.example\n",
            "https://pg.example\0",
            "https://bücher.example",
            "https://pg.example/ü",
            "https://%70g.example",
            "https://pg.example:99999",
            "https://pg.example:+80",
            "https://pg.example:80:80",
            "https://pg.example:8o",
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
            assert!(Address::parse(text).is_err(), "{text:?}: {:?}", Address::parse(text));
        }
        assert_eq!(Address::parse("ftp://pg.example"), Err(Fault::Scheme));
        assert_eq!(Address::parse("socks5h://pg.example"), Err(Fault::Scheme));
        assert_eq!(Address::parse("https://"), Err(Fault::Host));
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        for (text, here) in [
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
            assert_eq!(Address::parse(text).unwrap().is_loopback(), here, "{text}");
        }
    }

    #[test]
    fn a_reference_leads_on_from_where_it_stands() {
        let here = Address::parse("https://u@docs.example/a/b?x=1").unwrap();
        for (reference, to) in [
            ("3", "https://docs.example/a/3"),
            ("3/./4?y", "https://docs.example/a/3/4?y"),
            ("../3", "https://docs.example/3"),
            ("../../../3", "https://docs.example/3"),
            ("/3", "https://docs.example/3"),
            ("?y=2", "https://docs.example/a/b?y=2"),
            ("", "https://docs.example/a/b?x=1"),
            ("#end", "https://docs.example/a/b?x=1"),
            ("//store.example/2", "https://store.example/2"),
            ("http://store.example/2", "http://store.example/2"),
            ("3/a:b", "https://docs.example/a/3/a:b"),
        ] {
            let joined = here.join(reference).unwrap();
            assert_eq!(joined.uri().unwrap().to_string(), to, "{reference}");
        }
        assert_eq!(here.join("ftp://store.example"), Err(Fault::Scheme));
        assert_eq!(here.join("mailto:a@b"), Err(Fault::Malformed));
        assert_eq!(here.join("//"), Err(Fault::Host));
    }

    #[test]
    fn a_path_goes_below_the_base() {
        for (base, uri) in [
            ("https://api.cashfree.com/pg", "https://api.cashfree.com/pg/orders?x=1"),
            ("http://[::1]:8090", "http://[::1]:8090/orders?x=1"),
        ] {
            let origin = Origin::of(base).unwrap();
            let made = origin.uri("/orders?x=1").unwrap();
            assert_eq!(made.to_string(), uri);
            assert_eq!(origin.host_of(&made).unwrap().to_str().ok(), made.authority().map(Authority::as_str));
            assert_eq!(origin.host_of(&Uri::from_static("https://store.example/")), None);
        }
    }

    #[test]
    fn neither_user_nor_query_is_shown() {
        let address = Address::parse("https://marked:word@pg.example/a?key=marked").unwrap();
        assert_eq!(format!("{address:?}"), "https://pg.example/a");
        assert_eq!(address.user(), Some("marked:word"));
    }
}
