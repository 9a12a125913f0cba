//! TLS by the library of the operating system, trusting whom the system trusts.

use hyper_tls::HttpsConnector;
use native_tls::{Certificate, Protocol, TlsConnector};

use crate::ConfigError;

pub(super) use hyper_tls::MaybeHttpsStream as Line;
pub(super) type Https<C> = HttpsConnector<C>;

#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    pub(super) fn new(roots: &[Vec<u8>], _secure: bool) -> Result<Self, ConfigError> {
        let mut builder = TlsConnector::builder();
        builder.min_protocol_version(Some(Protocol::Tlsv12));
        for pem in roots {
            let certificates = Certificate::stack_from_pem(pem).map_err(|_| super::unreadable())?;
            if certificates.is_empty() {
                return Err(super::unreadable());
            }
            for certificate in certificates {
                builder.add_root_certificate(certificate);
            }
        }
        builder.build().map(Self).map_err(|error| ConfigError::Transport(error.to_string()))
    }

    /// Secures the connections of another connector, where the address is https.
    pub(super) fn over<C>(&self, connector: C) -> Https<C> {
        HttpsConnector::from((connector, self.0.clone().into()))
    }
}
