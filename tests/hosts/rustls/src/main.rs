//! A program that uses rustls with its default features and leaves the choice of the provider to it.

use anyhow::{Result, ensure};
use rustls::{ClientConfig, RootCertStore};

fn main() -> Result<()> {
    shared::run(|| async {
        let config =
            ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        ensure!(!config.crypto_provider().cipher_suites.is_empty(), "no cipher suites");
        Ok(())
    })
}
