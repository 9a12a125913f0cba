//! Where events go: an address of this machine.

use serde::{Deserialize, Serialize};

use reqwest::Url;

use super::WebhookSchedule;

/// An endpoint as it is set up in the dashboard: it gets every event.
///
/// Made from an address, `http://127.0.0.1:PORT/PATH`. The sandbox sends nothing beyond this machine: events to
/// any other host than a loopback one, or by https, are recorded as refused.
///
/// ```
/// use cashfree_sandbox::{WebhookEndpoint, WebhookSchedule};
///
/// let endpoint = WebhookEndpoint::new("http://127.0.0.1:9000/hooks")
///     .secret("the partner's key")
///     .schedule(WebhookSchedule::fixed(std::time::Duration::from_secs(60), 5));
/// # let _ = endpoint;
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) schedule: WebhookSchedule,
}

impl WebhookEndpoint {
    /// An endpoint with the account's client secret and the usual schedule.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), secret: None, schedule: WebhookSchedule::standard() }
    }

    /// Whether the sandbox would send anything there, with these hosts allowed beside this machine.
    ///
    /// # Errors
    /// The reason if the address is neither one of this machine nor of these hosts.
    pub fn check(&self, allowed_hosts: &[String]) -> anyhow::Result<()> {
        allowed(&self.url, allowed_hosts).map(drop).map_err(anyhow::Error::msg)
    }

    /// Signs with this secret in place of the account's.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Tries again at these times.
    #[must_use]
    pub fn schedule(mut self, schedule: WebhookSchedule) -> Self {
        self.schedule = schedule;
        self
    }
}

impl From<&str> for WebhookEndpoint {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for WebhookEndpoint {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

/// The address, if it is one of this machine or of a host that is allowed beside it; else why nothing is sent there.
pub(crate) fn allowed(url: &str, hosts: &[String]) -> Result<Url, String> {
    let parsed = Url::parse(url)
        .map_err(|error| format!("`{url}` is no address such as http://127.0.0.1:8000/hooks: {error}"))?;
    let host = parsed.host_str().unwrap_or_default();
    if hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
        && matches!(parsed.scheme(), "http" | "https")
    {
        return Ok(parsed);
    }
    if parsed.scheme() != "http" {
        return Err(format!("`{url}` is not plain http, which is all that the sandbox speaks"));
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let loopback =
        host.parse().map_or(host == "localhost", |address: std::net::IpAddr| address.is_loopback());
    if loopback {
        return Ok(parsed);
    }
    Err(format!(
        "`{host}` is not this machine (127.0.0.1, ::1, localhost), and not allowed by --allow-webhook-host"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_sent_to() {
        for url in ["http://127.0.0.1:1/a", "http://127.9.9.9/", "http://[::1]:80/", "http://LocalHost:9000"]
        {
            assert!(allowed(url, &[]).is_ok(), "{url}");
        }
        let hosts = ["shop".to_owned()];
        assert!(allowed("http://shop:8000/hooks", &hosts).is_ok());
        assert!(allowed("http://shop.example/hooks", &hosts).is_err());
        for url in [
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "http://192.168.0.2/",
            "http://0.0.0.0/",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "http://127.0.0.1@shop.example/",
            "file:///etc/hosts",
            "127.0.0.1:80",
            "",
        ] {
            assert!(allowed(url, &[]).is_err(), "{url}");
            assert!(WebhookEndpoint::new(url).check(&[]).is_err(), "{url}");
        }
    }
}
