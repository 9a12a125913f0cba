//! Environments and base URLs.

use std::fmt;
use std::str::FromStr;

use crate::address::{self, UrlError};
use crate::{ConfigError, ParseError};

/// Environment of the API. There is no default: the difference is real money.
///
/// See <https://www.cashfree.com/docs/api-reference/payments/latest/orders/create> for the addresses.
///
/// ```
/// use cashfree::Environment;
/// let environment: Environment = "sandbox".parse()?;
/// assert_eq!(environment, Environment::Sandbox);
/// assert_eq!("http://127.0.0.1:8090/pg/".parse::<Environment>()?.to_string(), "http://127.0.0.1:8090/pg");
/// # Ok::<(), cashfree::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// Test money: `https://sandbox.cashfree.com/pg`.
    Sandbox,
    /// Real money: `https://api.cashfree.com/pg`.
    Production,
    /// Another base URL, for instance that of a local sandbox.
    Custom(BaseUrl),
}

impl Environment {
    /// Returns the base URL of the operations.
    pub fn base_url(&self) -> &str {
        match self {
            Self::Sandbox => "https://sandbox.cashfree.com/pg",
            Self::Production => "https://api.cashfree.com/pg",
            Self::Custom(base) => base.as_str(),
        }
    }

    /// Creates an environment with another base URL.
    ///
    /// # Errors
    /// As [`BaseUrl::parse`].
    pub fn custom(url: &str) -> Result<Self, ConfigError> {
        BaseUrl::parse(url).map(Self::Custom)
    }
}

impl Environment {
    /// Parses as [`FromStr`] does, with the reason why a URL is refused.
    pub(crate) fn read(word: &str) -> Result<Self, ConfigError> {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        match word {
            _ if is("sandbox") => Ok(Self::Sandbox),
            _ if is("production") || is("prod") => Ok(Self::Production),
            url if url.contains("://") => Self::custom(url),
            other => {
                let url = format!("http://{other}");
                let local = address::parse(&url).ok().filter(address::is_loopback);
                match local.filter(|url| url.port().is_some()) {
                    Some(_) => Self::custom(&url),
                    None => Err(ConfigError::Environment),
                }
            }
        }
    }
}

/// Parses `sandbox`, `production` or `prod` in any case, a URL, or host and port of this machine, as in
/// `127.0.0.1:8090`, which are called by http. [`Environment::custom`] says why a URL is refused.
impl FromStr for Environment {
    type Err = ParseError;

    fn from_str(word: &str) -> Result<Self, ParseError> {
        Self::read(word).map_err(|_| {
            ParseError::new(
                "environment",
                "`sandbox`, `production`, an https URL, or a URL or host and port of this machine",
            )
        })
    }
}

/// Displays `sandbox`, `production` or the base URL.
impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
            Self::Custom(base) => base.as_str(),
        })
    }
}

/// A base URL that credentials may be sent to: https, or http on this machine. `localhost` is always this machine:
/// it is not resolved.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Parses a base URL. A trailing slash is removed.
    ///
    /// # Errors
    /// [`ConfigError::BaseUrl`] if the text
    ///
    /// - is not a URL: also with spaces, backslashes, non-ASCII characters, or IP addresses in short or non-decimal form
    ///   (`127.1`);
    /// - is plain http to another machine;
    /// - has a user name, password, query or fragment.
    ///
    /// # Examples
    /// ```
    /// use cashfree::BaseUrl;
    /// assert_eq!(BaseUrl::parse("http://127.0.0.1:8090/pg/")?.as_str(), "http://127.0.0.1:8090/pg");
    /// assert!(BaseUrl::parse("http://shop.example/pg").is_err());
    /// # Ok::<(), cashfree::ConfigError>(())
    /// ```
    pub fn parse(url: &str) -> Result<Self, ConfigError> {
        Self::parse_with(url, false)
    }

    /// Parses as [`parse`](Self::parse), but allows plain http to any host.
    ///
    /// Everyone on the way, proxies included, can read and change credentials, requests and responses. Use it only for a
    /// sandbox in a private network, such as that of containers on one machine, with credentials without value.
    ///
    /// ```
    /// use cashfree::{BaseUrl, Environment};
    /// let base = BaseUrl::parse_sending_credentials_in_clear_text("http://sandbox:8090/pg")?;
    /// let environment = Environment::Custom(base);
    /// # Ok::<(), cashfree::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// As [`parse`](Self::parse), except for the scheme.
    pub fn parse_sending_credentials_in_clear_text(url: &str) -> Result<Self, ConfigError> {
        Self::parse_with(url, true)
    }

    fn parse_with(url: &str, clear_text: bool) -> Result<Self, ConfigError> {
        let hidden = |reason| ConfigError::BaseUrl { url: String::new(), reason };
        // A query or fragment may hold a key, and the part before an `@` a password.
        let shown = url.split(['?', '#']).next().filter(|shown| !shown.contains('@')).unwrap_or_default();
        let refuse = |reason| ConfigError::BaseUrl { url: shown.to_owned(), reason };
        let parsed = address::parse(url).map_err(|error| match error {
            UrlError::Scheme => refuse("it is neither https nor http"),
            UrlError::Host => refuse("it names no host"),
            // It may hold anything.
            UrlError::Malformed => hidden("it is not a URL"),
        })?;
        if address::has_userinfo(&parsed) {
            return Err(hidden("it carries credentials"));
        }
        if !clear_text && !address::is_https(&parsed) && !address::is_loopback(&parsed) {
            return Err(refuse(
                "plain http sends the credentials in clear text to another machine; \
                 `BaseUrl::parse_sending_credentials_in_clear_text` allows it",
            ));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(refuse("it has a query or a fragment"));
        }
        Ok(Self(parsed.as_str().trim_end_matches('/').to_owned()))
    }

    /// Returns the URL, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BaseUrl {
    type Err = ConfigError;

    fn from_str(url: &str) -> Result<Self, ConfigError> {
        Self::parse(url)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for good in [
            "https://pg.example",
            "https://pg.example/pg/",
            "http://127.0.0.1:8090/pg",
            "http://localhost",
            "http://[::1]:1",
        ] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "pg.example",
            "http://pg.example",
            "http://127.0.0.1.evil.example",
            "ftp://127.0.0.1",
            "https://u:p@pg.example",
            "https://pg.example?x=1",
            "https://pg.example#x",
            "http://PG.example@localhost",
            "http://localhost\\@pg.example",
            " http://localhost",
            "http://localhost/pg ä",
            "http://[::1",
            "http://localhost:65536",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_word_that_is_no_environment_is_an_error() {
        for word in
            ["", "sand box", "live", "test", "127.0.0.1", "api.example:8090", "127.1:8090", "localhost:"]
        {
            assert!(matches!(Environment::read(word), Err(ConfigError::Environment)), "{word}");
            let error = word.parse::<Environment>().map_err(|error| error.to_string());
            assert!(error.is_err_and(|error| error.starts_with("invalid environment: expected `sandbox`")));
        }
        for (word, environment) in [
            ("production", Environment::Production),
            ("PROD", Environment::Production),
            ("SANDBOX", Environment::Sandbox),
        ] {
            assert_eq!(word.parse(), Ok(environment), "{word}");
        }
        for (word, base) in [
            ("127.0.0.1:8090", "http://127.0.0.1:8090"),
            ("localhost:8090/pg", "http://localhost:8090/pg"),
            ("[::1]:8090", "http://[::1]:8090"),
        ] {
            assert_eq!(word.parse::<Environment>().map(|it| it.to_string()), Ok(base.to_owned()), "{word}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_needs_its_own_method() {
        let url = "http://sandbox:8090/pg";
        assert!(matches!(BaseUrl::parse(url), Err(ConfigError::BaseUrl { .. })));
        let base = BaseUrl::parse_sending_credentials_in_clear_text(url);
        assert_eq!(base.map(|base| base.to_string()), Ok(url.to_owned()));
        for bad in ["ftp://sandbox", "http://u:p@sandbox", "http://sandbox?x", "http://127.1"] {
            assert!(BaseUrl::parse_sending_credentials_in_clear_text(bad).is_err(), "{bad}");
        }
    }
}
