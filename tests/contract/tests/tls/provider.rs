//! The provider that the program installs: another one than the client's, and not to be mistaken for it.

use anyhow::{Result, anyhow};
use rustls::CipherSuite;
use rustls::crypto::{CryptoProvider, ring};

/// Its only suite, which is nobody else's first choice.
pub(crate) const SUITE: CipherSuite = CipherSuite::TLS13_CHACHA20_POLY1305_SHA256;

pub(crate) fn install() -> Result<()> {
    let suite = ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256;
    let provider = CryptoProvider { cipher_suites: vec![suite], ..ring::default_provider() };
    provider.install_default().map_err(|_| anyhow!("a provider was installed already"))
}
