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
    /// The environment is neither `sandbox` nor `production` nor an address. The text is not repeated: it may be a
    /// secret that was set in the wrong variable.
    Environment,
    /// An address that credentials must not be sent to.
    BaseUrl {
        /// The address; empty where it may hold a password.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The API version is not a date. The text is not repeated.
    ApiVersion,
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
