//! A service behind TLS on a port of this machine, and what was agreed with those who called it.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use cashfree::{Client, Credentials, Environment, RetryPolicy};
use rcgen::{Certificate, CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::{CipherSuite, ProtocolVersion, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a handshake came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    pub(crate) version: ProtocolVersion,
    pub(crate) suite: CipherSuite,
}

/// It accepts until the runtime ends.
pub(crate) struct Server {
    pub(crate) url: String,
    /// Its certificate, as PEM.
    pub(crate) certificate: String,
    agreed: Arc<Mutex<Vec<Agreed>>>,
}

/// A response to each request: a status line, headers, body.
pub(crate) const ORDER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 83\r\n\r\n{\"order_id\":\"order_1\",\"cf_order_id\":\"1\",\"order_amount\":5.00,\"order_currency\":\"INR\"}";

impl Server {
    /// One whose certificate is for this name, which speaks these versions and gives this response.
    pub(crate) async fn start(
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
        response: String,
    ) -> Result<Self> {
        let (acceptor, certificate) = acceptor(name, versions)?;
        Self::serve(acceptor, certificate, response).await
    }

    async fn serve(acceptor: TlsAcceptor, certificate: String, response: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("https://{}", listener.local_addr()?);
        let agreed = Arc::default();
        let (recorded, response) = (Arc::clone(&agreed), Arc::new(response));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, recorded, response) =
                    (acceptor.clone(), Arc::clone(&recorded), Arc::clone(&response));
                tokio::spawn(async move {
                    // A caller who refuses the certificate hangs up here.
                    let stream = acceptor.accept(stream).await?;
                    serve(stream, &recorded, &response).await
                });
            }
        });
        Ok(Self { url, certificate, agreed })
    }

    /// The usual one.
    pub(crate) async fn usual() -> Result<Self> {
        Self::start("127.0.0.1", rustls::ALL_VERSIONS, ORDER.to_owned()).await
    }

    /// The handshakes that were completed.
    pub(crate) fn agreed(&self) -> Vec<Agreed> {
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A client that trusts the certificate.
    pub(crate) fn client(&self) -> Result<Client> {
        client(&self.url, &[&self.certificate])
    }
}

/// The server of handshakes for this name in these versions, and its certificate as PEM.
pub(crate) fn acceptor(
    name: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<(TlsAcceptor, String)> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()])?;
    acceptor_of(&cert, &signing_key, versions)
}

/// A service with this certificate, which speaks all versions.
#[allow(dead_code, reason = "not every test binary needs it")]
pub(crate) async fn with_certificate(certificate: Certificate, key: &KeyPair) -> Result<Server> {
    let (acceptor, certificate) = acceptor_of(&certificate, key, rustls::ALL_VERSIONS)?;
    Server::serve(acceptor, certificate, ORDER.to_owned()).await
}

fn acceptor_of(
    cert: &Certificate,
    signing_key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<(TlsAcceptor, String)> {
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
    // Not by the provider of the process: the tests change it.
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)?;
    Ok((TlsAcceptor::from(Arc::new(config)), cert.pem()))
}

/// A client that trusts these certificates beside the system's.
pub(crate) fn client(url: &str, certificates: &[&str]) -> Result<Client> {
    let credentials = Credentials::client_secret("app_1", "secret_1");
    let mut builder = Client::builder(Environment::custom(url)?, credentials).retry(RetryPolicy::none());
    for certificate in certificates {
        builder = builder.root_certificates(*certificate);
    }
    Ok(builder.build()?)
}

async fn serve(
    mut stream: TlsStream<TcpStream>,
    recorded: &Mutex<Vec<Agreed>>,
    response: &str,
) -> Result<()> {
    let session = stream.get_ref().1;
    let agreed = Agreed {
        version: session.protocol_version().context("a version")?,
        suite: session.negotiated_cipher_suite().context("a suite")?.suite(),
    };
    recorded.lock().unwrap_or_else(PoisonError::into_inner).push(agreed);
    let mut read = Vec::new();
    loop {
        while !read.windows(4).any(|four| four == b"\r\n\r\n") {
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        }
        read.clear();
        stream.write_all(response.as_bytes()).await?;
        stream.flush().await?;
    }
}
