//! API versions.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

use crate::{ConfigError, ParseError};

/// Version of the API: the date that is sent as `x-api-version`.
///
/// ```
/// use cashfree::ApiVersion;
/// let older: ApiVersion = "2023-08-01".parse()?;
/// assert_eq!(older.as_str(), "2023-08-01");
/// assert_ne!(older, ApiVersion::default());
/// # Ok::<(), cashfree::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ApiVersion(HeaderValue);

impl ApiVersion {
    /// Creates a version from its date, such as `2023-08-01`.
    ///
    /// # Errors
    /// [`ConfigError::ApiVersion`] if the text is not a date of that form.
    pub fn new(date: &str) -> Result<Self, ConfigError> {
        let parts = match date.as_bytes() {
            [year @ .., b'-', m, n, b'-', d, e] if year.len() == 4 => Some((year, [*m, *n], [*d, *e])),
            _ => None,
        };
        let dated = parts.is_some_and(|(year, month, day)| {
            year.iter().all(u8::is_ascii_digit)
                && (*b"01"..=*b"12").contains(&month)
                && (*b"01"..=*b"31").contains(&day)
                && month.iter().chain(&day).all(u8::is_ascii_digit)
        });
        let header = HeaderValue::from_str(date).ok().filter(|_| dated);
        header.map(Self).ok_or(ConfigError::ApiVersion)
    }

    /// Returns the date.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl FromStr for ApiVersion {
    type Err = ParseError;

    fn from_str(date: &str) -> Result<Self, ParseError> {
        Self::new(date).map_err(|_| ParseError::new("API version", "a date such as `2023-08-01`"))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Default for ApiVersion {
    /// Returns the version that the types were generated from.
    fn default() -> Self {
        Self(HeaderValue::from_static(cashfree_gen::API_VERSION))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_version_is_a_date() {
        assert_eq!(ApiVersion::new(cashfree_gen::API_VERSION), Ok(ApiVersion::default()));
        for bad in [
            "",
            "2025-1-1",
            "v2025-01-0",
            "2025/01/01",
            "2023-08-01\n",
            "2025-13-01",
            "2025-00-01",
            "2025-01-32",
            "2025-1:-01",
        ] {
            assert!(ApiVersion::new(bad).is_err(), "{bad}");
        }
    }
}
