//! TLS by rustls, trusting whom the system trusts.

use std::sync::Arc;

use hyper_rustls::HttpsConnector;
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::ConfigError;

pub(super) use hyper_rustls::MaybeHttpsStream as Line;
pub(super) type Https<C> = HttpsConnector<C>;

#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    pub(super) fn new(roots: &[Vec<u8>], _secure: bool) -> Result<Self, ConfigError> {
        // Named, not looked up by rustls, which panics when a program has two and chose none.
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
        let refuse = |error: rustls::Error| ConfigError::Transport(error.to_string());
        let verifier = verifier(certificates(roots)?, Arc::clone(&provider)).map_err(refuse)?;
        let mut config = ClientConfig::builder_with_provider(provider)
            // 1.2 and 1.3; it has no others.
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .map_err(refuse)?
            // Not dangerous: it is the system's own.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Secures the connections of another connector, where the address is https.
    pub(super) fn over<C>(&self, connector: C) -> Https<C> {
        HttpsConnector::from((connector, Arc::clone(&self.0)))
    }
}

fn certificates(roots: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let mut certificates = Vec::new();
    for pem in roots {
        let before = certificates.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificates.push(certificate.map_err(|_| super::unreadable())?);
        }
        if certificates.len() == before {
            return Err(super::unreadable());
        }
    }
    Ok(certificates)
}

#[cfg(not(target_os = "android"))]
fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier, rustls::Error> {
    Verifier::new_with_extra_roots(roots, provider)
}

#[cfg(target_os = "android")]
fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier, rustls::Error> {
    if roots.is_empty() {
        return Verifier::new(provider);
    }
    Err(rustls::Error::General("Android trusts no certificates beside its own".to_owned()))
}
