//! The settings of the server: flags, and a file of the same names.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use cashfree_sandbox::{Builder, Sandbox, Tls, WebhookEndpoint};
use clap::{Args, ValueEnum};
use serde::Deserialize;

/// Flags of the server. A setting that is given neither as a flag nor in the file has the default that is named here.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// File of settings in TOML, by the names of these flags (`port = 8090`, `webhook-url = ["…"]`); flags win.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1]. With 0.0.0.0 other machines can reach the sandbox.
    #[arg(long, value_name = "IP")]
    host: Option<IpAddr>,
    /// Port to listen on; 0 takes a free one and prints it [default: 8090].
    #[arg(long)]
    port: Option<u16>,
    /// Origin that links and pages begin with, as http://sandbox:8090 [default: host and port].
    #[arg(long, value_name = "ORIGIN")]
    public_url: Option<String>,
    /// Serves TLS with a certificate made at start, for localhost, sandbox.cashfree.com, api.cashfree.com and the names
    /// of --tls-name: for programs whose API host is built in. The same port serves plain HTTP, too.
    #[arg(long)]
    tls: bool,
    /// File that the certificate is written to, as PEM, for clients to trust; implies --tls.
    #[arg(long, value_name = "FILE")]
    tls_cert_out: Option<PathBuf>,
    /// Certificate chain to serve TLS with, as PEM, in place of one made at start.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of --tls-cert, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Further host that the sandbox is called by over TLS; may be repeated.
    #[arg(long, value_name = "HOST")]
    tls_name: Vec<String>,
    /// Client id of the account [default: TEST_sandbox_client_id].
    #[arg(long, value_name = "ID", requires = "client_secret")]
    client_id: Option<String>,
    /// Client secret of the account, which signs webhooks, too [default: TEST_sandbox_client_secret].
    #[arg(long, value_name = "SECRET", requires = "client_id")]
    client_secret: Option<String>,
    /// Address that is sent every event; may be repeated.
    #[arg(long, value_name = "URL")]
    webhook_url: Vec<String>,
    /// Host beside this machine that webhooks may go to, as a service of a compose network; may be repeated.
    #[arg(long, value_name = "HOST")]
    allow_webhook_host: Vec<String>,
    /// Factor for the delays before an event is resent (2, 10 and 30 minutes): with 0.01 they are seconds
    /// [default: 1].
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    webhook_time_scale: Option<f64>,
    /// Enforces the documented call limits; without this flag, no call is refused for its number.
    #[arg(long)]
    rate_limits: bool,
    /// Calls of each operation that a minute admits, in place of the documented limits.
    #[arg(long, value_name = "CALLS")]
    rate_limit: Option<u32>,
    /// Responds as the document declares, where its examples differ: no nulls, lists where lists are declared. By default
    /// responses are like the examples.
    #[arg(long)]
    strict_document: bool,
    /// Seconds that a standard refund stays pending [default: 1].
    #[arg(long, value_name = "SECONDS")]
    refund_delay: Option<f64>,
    /// Share of all requests that go wrong, from 0.0 to 1.0: lost responses, 502 pages, cut bodies and more
    /// [default: 0].
    #[arg(long, value_name = "SHARE", value_parser = factor)]
    faults: Option<f64>,
    /// The same seed lets the same requests go wrong [default: 1].
    #[arg(long)]
    seed: Option<u64>,
    /// Requests and webhook deliveries that are kept to be looked at, the newest of each [default: 1000].
    #[arg(long, value_name = "ENTRIES")]
    keep: Option<usize>,
    /// File that the account is kept in, made if it isn't there: orders, payments, refunds, idempotency keys and pending
    /// webhooks survive a restart and a kill. The file of another version of the sandbox is refused.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Form of the log of requests and webhooks on stdout [default: text].
    #[arg(long, value_enum)]
    log: Option<LogForm>,
    /// Prints no log and no banner.
    #[arg(long, short)]
    quiet: bool,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogForm {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&factor) { Ok(factor) } else { Err("must be from 0 to 1".to_owned()) }
}

impl Settings {
    /// Adds what the file of `--config` says and no flag does.
    pub(crate) fn with_file(self) -> Result<Self> {
        let Some(path) = &self.config else { return Ok(self) };
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let file: Self = toml::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        Ok(self.over(file))
    }

    /// These settings, and where one is not given, that of `other`.
    fn over(self, other: Self) -> Self {
        let list = |own: Vec<String>, other| if own.is_empty() { other } else { own };
        Self {
            config: self.config,
            host: self.host.or(other.host),
            port: self.port.or(other.port),
            public_url: self.public_url.or(other.public_url),
            client_id: self.client_id.or(other.client_id),
            client_secret: self.client_secret.or(other.client_secret),
            webhook_url: list(self.webhook_url, other.webhook_url),
            allow_webhook_host: list(self.allow_webhook_host, other.allow_webhook_host),
            webhook_time_scale: self.webhook_time_scale.or(other.webhook_time_scale),
            rate_limits: self.rate_limits || other.rate_limits,
            rate_limit: self.rate_limit.or(other.rate_limit),
            refund_delay: self.refund_delay.or(other.refund_delay),
            faults: self.faults.or(other.faults),
            seed: self.seed.or(other.seed),
            keep: self.keep.or(other.keep),
            data: self.data.or(other.data),
            log: self.log.or(other.log),
            quiet: self.quiet || other.quiet,
            strict_document: self.strict_document || other.strict_document,
            tls: self.tls || other.tls,
            tls_cert_out: self.tls_cert_out.or(other.tls_cert_out),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            tls_name: [self.tls_name, other.tls_name].concat(),
        }
    }

    /// The sandbox that they describe.
    pub(crate) fn builder(&self) -> Result<Builder> {
        let delay = Duration::try_from_secs_f64(self.refund_delay.unwrap_or(1.0)).context("refund-delay")?;
        let scale = self.webhook_time_scale.unwrap_or(1.0);
        factor(&scale.to_string()).map_err(anyhow::Error::msg).context("webhook-time-scale")?;
        let faults = self.faults.unwrap_or_default();
        factor(&faults.to_string()).map_err(anyhow::Error::msg).context("faults")?;
        let mut builder = Sandbox::builder()
            .host(self.host.unwrap_or(Ipv4Addr::LOCALHOST.into()))
            .port(self.port.unwrap_or(8090))
            .keep(self.keep.unwrap_or(1000))
            .refund_delay(delay)
            .strict_document(self.strict_document)
            .webhook_time_scale(scale);
        if let Some(origin) = &self.public_url {
            builder = builder.public_url(origin);
        }
        match (&self.client_id, &self.client_secret) {
            (Some(id), Some(secret)) => builder = builder.client(id, secret),
            (None, None) => {}
            _ => anyhow::bail!("client-id and client-secret go together"),
        }
        match self.rate_limit {
            Some(calls) => builder = builder.rate_limits(calls),
            None if self.rate_limits => {}
            None => builder = builder.without_rate_limits(),
        }
        if faults > 0.0 {
            builder = builder.random_faults(self.seed.unwrap_or(1), faults);
        }
        if let Some(tls) = self.certificate()? {
            builder = builder.tls(tls);
        }
        if let Some(file) = &self.data {
            builder = builder.data(file);
        }
        for host in &self.allow_webhook_host {
            builder = builder.allow_webhook_host(host);
        }
        for url in &self.webhook_url {
            let endpoint = WebhookEndpoint::new(url);
            endpoint.check(&self.allow_webhook_host).context("webhook-url")?;
            builder = builder.webhooks(endpoint);
        }
        Ok(builder)
    }

    /// The certificate, if TLS is to be served.
    fn certificate(&self) -> Result<Option<Tls>> {
        let read =
            |file: &PathBuf| fs::read_to_string(file).with_context(|| format!("reading {}", file.display()));
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Tls::from_pem(&read(certificate)?, &read(key)?, self.tls_name.clone()).map(Some)
            }
            (None, None) if self.tls || self.tls_cert_out.is_some() => {
                Tls::self_signed(self.tls_name.clone()).map(Some)
            }
            (None, None) if self.tls_name.is_empty() => Ok(None),
            (None, None) => anyhow::bail!("tls-name needs tls, or tls-cert with tls-key"),
            _ => anyhow::bail!("tls-cert and tls-key go together"),
        }
    }

    /// The file that the certificate is written to.
    pub(crate) fn certificate_file(&self) -> Option<&Path> {
        self.tls_cert_out.as_deref()
    }

    /// What to say of call limits in the banner.
    pub(crate) fn limits(&self) -> String {
        match self.rate_limit {
            Some(calls) => format!("{calls} calls of each operation a minute"),
            None if self.rate_limits => "as documented".to_owned(),
            None => "off (--rate-limits enforces the documented ones)".to_owned(),
        }
    }

    pub(crate) fn webhook_urls(&self) -> &[String] {
        &self.webhook_url
    }

    pub(crate) fn log(&self) -> Option<LogForm> {
        (!self.quiet).then(|| self.log.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file() -> Result<()> {
        let file: Settings =
            toml::from_str("port = 1\nkeep = 5\nwebhook-url = ['http://127.0.0.1:1/']\nrate-limits = true")?;
        let flags = Settings { port: Some(2), ..Settings::default() };
        let settings = flags.over(file);
        assert_eq!((settings.port, settings.keep, settings.rate_limits), (Some(2), Some(5), true));
        assert_eq!(settings.webhook_urls(), ["http://127.0.0.1:1/"]);
        assert!(toml::from_str::<Settings>("prot = 1").is_err());
        Ok(())
    }
}
