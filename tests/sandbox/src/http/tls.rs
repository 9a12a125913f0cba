//! TLS on the sandbox's port: the certificate, made at start or given, and the handshake.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::http::stream::CuttableStream;

/// The hosts that SDKs have built in: a program is redirected to the sandbox under these names.
const HOSTS: [&str; 2] = ["sandbox.cashfree.com", "api.cashfree.com"];

/// Time that a client has for its handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// The first byte of a TLS handshake. No HTTP request begins with it.
const HANDSHAKE: u8 = 0x16;

/// Certificate of a sandbox that serves TLS: see [`Builder::tls`](crate::Builder::tls).
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use cashfree_sandbox::{Sandbox, Tls};
///
/// let sandbox = Sandbox::builder().tls(Tls::self_signed(["shop.test"])?).start().await?;
/// println!("{} is trusted by\n{}", sandbox.base_url(), sandbox.certificate().unwrap_or_default());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Tls {
    config: Arc<ServerConfig>,
    pub(crate) certificate: String,
    /// Names, beside those of this machine, under which the sandbox is called.
    pub(crate) names: Vec<String>,
    handshake_time: Duration,
}

impl Tls {
    /// Makes a certificate that signs itself, for `localhost`, the loopback addresses, `sandbox.cashfree.com`,
    /// `api.cashfree.com` and these further names. Its key stays in memory.
    ///
    /// # Errors
    /// If a name is no host name.
    pub fn self_signed<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut hosts = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        hosts.extend(HOSTS.map(str::to_owned));
        hosts.extend(names.iter().cloned());
        let made = rcgen::generate_simple_self_signed(hosts).context("making a certificate")?;
        Self::from_pem(&made.cert.pem(), &made.signing_key.serialize_pem(), names)
    }

    /// Takes a certificate chain and its private key, both as PEM. Requests may name these hosts, beside
    /// those of [`Tls::self_signed`].
    ///
    /// # Errors
    /// If either is no PEM, or the key does not belong to the certificate.
    pub fn from_pem<N: Into<String>>(
        certificate: &str,
        key: &str,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self> {
        let chain = CertificateDer::pem_slice_iter(certificate.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .context("reading the certificate")?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).context("reading the key")?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("the certificate and its key")?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let names = HOSTS.map(str::to_owned).into_iter().chain(names.into_iter().map(Into::into)).collect();
        Ok(Self {
            config: Arc::new(config),
            certificate: certificate.to_owned(),
            names,
            handshake_time: HANDSHAKE_TIME,
        })
    }

    #[cfg(test)]
    pub(crate) fn handshake_time(self, handshake_time: Duration) -> Self {
        Self { handshake_time, ..self }
    }

    /// Completes the handshake of a client, or leaves a connection with plain HTTP as it is: the sandbox's own commands use
    /// that.
    ///
    /// # Errors
    /// If the client hangs up, does not complete the handshake in time, or refuses the certificate.
    pub(crate) async fn accept(&self, stream: CuttableStream) -> io::Result<Accepted> {
        let handshake = async {
            let mut first = [0];
            stream.peek(&mut first).await?;
            if first != [HANDSHAKE] {
                return Ok(Accepted::Plain(stream));
            }
            let stream = TlsAcceptor::from(Arc::clone(&self.config)).accept(stream).await?;
            Ok(Accepted::Tls(Box::new(stream)))
        };
        timeout(self.handshake_time, handshake).await?
    }
}

/// A connection whose protocol is known.
pub(crate) enum Accepted {
    Plain(CuttableStream),
    Tls(Box<TlsStream<CuttableStream>>),
}
