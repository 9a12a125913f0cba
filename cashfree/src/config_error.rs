//! Errors of client configuration.

use std::fmt;

/// Invalid client configuration.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// These variables are not set, or empty.
    Missing(Vec<&'static str>),
    /// These variables are set, but exclude each other.
    Ambiguous(Vec<&'static str>),
    /// The value of this variable is not UTF-8.
    NotText(&'static str),
    /// The environment is not `sandbox`, `production` or a URL. The text is not shown: it may be a secret in the wrong
    /// variable.
    Environment,
    /// Credentials must not be sent to this URL.
    BaseUrl {
        /// The URL; empty if it may hold a password.
        url: String,
        /// What is invalid.
        reason: &'static str,
    },
    /// The API version is not a date. The text is not shown.
    ApiVersion,
    /// The credentials are invalid: how.
    Credentials(&'static str),
    /// The HTTP transport cannot be set up.
    Transport(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(names) => write!(f, "not set: {}", names.join(", ")),
            Self::Ambiguous(names) => {
                write!(f, "settings that exclude each other: {}", names.join(", "))
            }
            Self::NotText(name) => write!(f, "not UTF-8: {name}"),
            Self::Environment => {
                f.write_str("the environment is neither `sandbox` nor `production` nor an address")
            }
            Self::BaseUrl { url, reason } => write!(f, "the base URL `{url}` can't be used: {reason}"),
            Self::ApiVersion => f.write_str("the API version is not a date such as 2023-08-01"),
            Self::Credentials(fault) => f.write_str(fault),
            Self::Transport(reason) => write!(f, "the transport can't be set up: {reason}"),
        }
    }
}

impl std::error::Error for ConfigError {}
