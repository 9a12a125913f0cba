//! The settings of a sandbox, and how it starts.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::app::App;
use crate::data::Data;
use crate::document::Document;
use crate::domain::state::State;
use crate::faults::random::Chaos;
use crate::http::auth::Account;
use crate::http::limits::Limits;
use crate::http::net::{self, Connections, CuttableListener, Door};
use crate::http::origin::Reach;
use crate::http::tls::Tls;
use crate::http::{API_PREFIX, routes};
use crate::sandbox::Sandbox;
use crate::webhooks::{self, WebhookEndpoint};

/// Settings of a sandbox.
#[derive(Clone, Debug)]
pub struct Builder {
    port: u16,
    limit: Option<u32>,
    limits: HashMap<String, u32>,
    window: Duration,
    refund_delay: Duration,
    forgets_keys: bool,
    chaos: Option<Chaos>,
    webhooks: Vec<WebhookEndpoint>,
    webhook_time_scale: f64,
    keep: usize,
    keep_changes: Option<usize>,
    data: Option<PathBuf>,
    host: IpAddr,
    public_url: Option<String>,
    account: Account,
    webhook_hosts: Vec<String>,
    enforces_limits: bool,
    tls: Option<Tls>,
    strict_document: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            limit: None,
            limits: HashMap::new(),
            window: Duration::from_secs(60),
            refund_delay: Duration::from_secs(1),
            forgets_keys: false,
            chaos: None,
            webhooks: Vec::new(),
            webhook_time_scale: 1.0,
            keep: 100_000,
            keep_changes: None,
            data: None,
            host: Ipv4Addr::LOCALHOST.into(),
            public_url: None,
            account: Account::default(),
            webhook_hosts: Vec::new(),
            enforces_limits: true,
            tls: None,
            strict_document: false,
        }
    }
}

impl Builder {
    /// The port to listen on; 0 (the default) takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the address to listen on. Default: 127.0.0.1. On another one the sandbox can be reached from other
    /// machines, by anyone who knows the address: requests may then name any IP address or single-label name as
    /// their host.
    #[must_use]
    pub fn host(mut self, host: IpAddr) -> Self {
        self.host = host;
        self
    }

    /// Sets the origin that links to the sandbox begin with, as `http://sandbox:8090`. Default: that of
    /// [`Builder::host`] and the port.
    #[must_use]
    pub fn public_url(mut self, origin: impl Into<String>) -> Self {
        self.public_url = Some(origin.into());
        self
    }

    /// Serves TLS, so that a program whose API host is built in can be redirected to the sandbox. Links then begin with
    /// `https`, and requests may name the hosts of the certificate. The same port serves plain HTTP, too.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// The account's client id and secret, in place of the usual ones. The secret signs webhooks, too.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        (self.account.client_id, self.account.client_secret) = (id.into(), secret.into());
        self
    }

    /// Sends webhooks to this host, too, in http or https, beside this machine; may be called several times.
    #[must_use]
    pub fn allow_webhook_host(mut self, host: impl Into<String>) -> Self {
        self.webhook_hosts.push(host.into());
        self
    }

    /// Counts no calls: nothing is refused for its number.
    #[must_use]
    pub fn without_rate_limits(mut self) -> Self {
        self.enforces_limits = false;
        self
    }

    /// How many calls of any operation a window admits, in place of the documented limits.
    #[must_use]
    pub fn rate_limits(mut self, calls: u32) -> Self {
        self.limit = Some(calls);
        self
    }

    /// How many calls of one operation a window admits, in place of the documented limit.
    #[must_use]
    pub fn rate_limit(mut self, operation_id: &str, calls: u32) -> Self {
        self.limits.insert(operation_id.to_owned(), calls);
        self
    }

    /// The length of the window, in place of a minute.
    #[must_use]
    pub fn rate_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// How long a standard refund stays pending, in place of a second.
    #[must_use]
    pub fn refund_delay(mut self, delay: Duration) -> Self {
        self.refund_delay = delay;
        self
    }

    /// Idempotency keys are forgotten at once, as they are by a service after some time.
    #[must_use]
    pub fn forgets_keys(mut self, forgets: bool) -> Self {
        self.forgets_keys = forgets;
        self
    }

    /// Responses are as the document declares them: without nulls, and without what its examples have instead of the
    /// declared form. By default responses are like the examples, which clients have to read.
    #[must_use]
    pub fn strict_document(mut self, strict: bool) -> Self {
        self.strict_document = strict;
        self
    }

    /// Requests go wrong at random, scripted faults first; see [`Chaos`].
    #[must_use]
    pub fn chaos(mut self, chaos: Chaos) -> Self {
        self.chaos = Some(chaos);
        self
    }

    /// [`Chaos::new`] with its usual mixture: this share of all requests goes wrong.
    #[must_use]
    pub fn random_faults(self, seed: u64, rate: f64) -> Self {
        self.chaos(Chaos::new(seed, rate))
    }

    /// Sends every event there; see [`Sandbox::add_webhook_endpoint`]. May be called several times.
    #[must_use]
    pub fn webhooks(mut self, endpoint: impl Into<WebhookEndpoint>) -> Self {
        self.webhooks.push(endpoint.into());
        self
    }

    /// Multiplies the waits between the attempts of a delivery: with 0.001 the two minutes before the second
    /// are 120 milliseconds, with 0 there are none.
    #[must_use]
    pub fn webhook_time_scale(mut self, scale: f64) -> Self {
        self.webhook_time_scale = scale;
        self
    }

    /// Sets how many requests and how many webhook deliveries are kept, the newest of each. Default: 100,000. Of a
    /// body, the first MiB is kept.
    #[must_use]
    pub fn keep(mut self, entries: usize) -> Self {
        self.keep = entries;
        self.keep_changes = Some(entries);
        self
    }

    /// Keeps the account in this file, which is made if it isn't there: it survives a restart and a kill of the
    /// process, with the responses that idempotency keys replay, and with webhooks and refunds that are pending. What a
    /// request changed is on the disk before its response leaves.
    ///
    /// The records of requests, deliveries and changes, faults and the counts of calls are not kept. A file belongs to one
    /// sandbox at a time and to one version of it: that of another version is refused.
    #[must_use]
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// If the OpenAPI document can't be read, the port can't be opened, the data file can't be used, or the
    /// [public URL](Builder::public_url) is no origin.
    pub async fn start(self) -> Result<Sandbox> {
        let document = Document::shared()?;
        let connections = Connections::default();
        let door = Door::default();
        let wanted = SocketAddr::new(self.host, self.port);
        let listener = CuttableListener::open(wanted, connections.clone(), &door)
            .await
            .with_context(|| format!("opening {wanted} (port 0 takes a free one)"))?;
        let address = listener.local_addr();
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let origin = match self.public_url {
            Some(given) => origin_of(&given).with_context(|| format!("the public URL `{given}`"))?,
            None => format!("{scheme}://{}", reachable(address)),
        };
        let base_url = format!("{origin}{API_PREFIX}");
        let mut state = State::new(base_url.clone(), self.refund_delay);
        state.keep = self.keep_changes;
        let opened = self.data.as_deref().map(Data::open).transpose()?;
        let mut limits = Limits::new(self.window, self.limit, self.limits);
        limits.enforced = self.enforces_limits;
        let outbox = state.outbox.clone();
        outbox.keep(self.keep);
        outbox.scale_time(self.webhook_time_scale);
        outbox.sign_with(&self.account.client_secret);
        outbox.allow_hosts(self.webhook_hosts);
        self.webhooks.into_iter().for_each(|endpoint| outbox.add_endpoint(endpoint));
        let mut app = App::new(document, self.account, limits, self.chaos, door, state, self.keep);
        app.forgets_keys = self.forgets_keys;
        app.strict_document = self.strict_document;
        if let Some((data, content)) = opened {
            let path = self.data.as_deref().unwrap_or_else(|| Path::new("")).display();
            app.state().restore(&content).with_context(|| format!("the data file {path}"))?;
            app.keys.restore(&content)?;
            outbox.track();
            app.state().forget_changes();
            app.data = Some(data);
        }
        let app = Arc::new(app);
        let names = self.tls.iter().flat_map(|tls| tls.names.clone());
        let router = routes::router(Arc::clone(&app), Reach::of(address.ip(), names))?;
        let certificate = self.tls.as_ref().map(|tls| tls.certificate.clone());
        let server = tokio::spawn(net::serve(listener, router, net::HEAD_TIME, self.tls));
        let postman = tokio::spawn(webhooks::deliver_all(Arc::clone(&app), outbox.clone()));
        Ok(Sandbox { app, address, base_url, connections, certificate, server, outbox, postman })
    }
}

/// Reads an origin, with or without a slash at its end.
fn origin_of(text: &str) -> Result<String> {
    let url = reqwest::Url::parse(text).context("no origin such as http://sandbox:8090")?;
    let is_web = matches!(url.scheme(), "http" | "https");
    ensure!(is_web && url.path() == "/" && url.query().is_none(), "no origin such as http://sandbox:8090");
    Ok(url.origin().ascii_serialization())
}

/// An address that a program of this machine connects to: of all addresses, the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
        _ => address,
    }
}
