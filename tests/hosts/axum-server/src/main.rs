//! A program that serves TLS with axum-server, which asks rustls for its provider at startup.

use std::net::SocketAddr;

use anyhow::Result;
use axum_server::tls_rustls::RustlsConfig;

fn main() -> Result<()> {
    shared::run(|| async {
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let (certificate, key) = (signed.cert.pem(), signed.signing_key.serialize_pem());
        let config = RustlsConfig::from_pem(certificate.into_bytes(), key.into_bytes()).await?;
        drop(axum_server::bind_rustls(SocketAddr::from(([127, 0, 0, 1], 0)), config));
        Ok(())
    })
}
