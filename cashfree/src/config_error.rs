//! Why there is no client.

use std::fmt;

/// Why there is no client.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Variables that are not set, or empty.
    Missing(Vec<&'static str>),
    /// Variables that are set and can't go together.
    Ambiguous(Vec<&'static str>),
    /// A variable whose value is no text.
    NotText(&'static str),
    /// Neither `sandbox` nor `production` nor an address.
    Environment(String),
    /// An address that credentials must not be sent to.
    BaseUrl {
        /// The address; empty where it may hold a password.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not a date.
    ApiVersion(String),
    /// What is wrong with the credentials.
    Credentials(&'static str),
    /// The transport can't be set up.
    Transport(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(names) => write!(f, "not set: {}", names.join(", ")),
            Self::Ambiguous(names) => {
                write!(f, "set together, where only one can be meant: {}", names.join(", "))
            }
            Self::NotText(name) => write!(f, "not UTF-8: {name}"),
            Self::Environment(word) => {
                write!(f, "`{word}` is no environment: it is `sandbox`, `production` or an address")
            }
            Self::BaseUrl { url, reason } => write!(f, "the base URL `{url}` can't be used: {reason}"),
            Self::ApiVersion(date) => {
                write!(f, "`{date}` is no API version: it is a date such as 2023-08-01")
            }
            Self::Credentials(fault) => f.write_str(fault),
            Self::Transport(reason) => write!(f, "the transport can't be set up: {reason}"),
        }
    }
}

impl std::error::Error for ConfigError {}
