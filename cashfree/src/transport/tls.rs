//! TLS by the library that the features choose. Trust is the system's, with the caller's certificates added.

use std::error::Error;

use reqwest::ClientBuilder;

use crate::ConfigError;

/// Chooses the library where reqwest is built with two: rustls. The caller may choose another one.
pub(super) fn preferred(builder: ClientBuilder) -> ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    let builder = builder.tls_backend_rustls();
    builder
}

/// Sets the lowest version and whom to trust.
#[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
pub(super) fn configured(
    builder: ClientBuilder,
    root_certificates: &[Vec<u8>],
    needed: bool,
) -> Result<ClientBuilder, ConfigError> {
    use reqwest::Certificate;
    use reqwest::tls::Version;

    let refuse =
        || ConfigError::Transport("a root certificate is not PEM, or holds no certificate".to_owned());
    let mut certificates = Vec::new();
    for pem in root_certificates {
        let parsed = Certificate::from_pem_bundle(pem).map_err(|_| refuse())?;
        if parsed.is_empty() {
            return Err(refuse());
        }
        certificates.extend(parsed);
    }
    let builder = builder
        .tls_version_min(Version::TLS_1_2)
        .tls_danger_accept_invalid_certs(false)
        .tls_danger_accept_invalid_hostnames(false);
    Ok(if needed {
        builder.tls_certs_merge(certificates)
    } else {
        // Nobody is trusted, so the system's certificates are not read: a machine may have none.
        builder.tls_certs_only([])
    })
}

/// Refuses what needs TLS.
#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
pub(super) fn configured(
    builder: ClientBuilder,
    root_certificates: &[Vec<u8>],
    needed: bool,
) -> Result<ClientBuilder, ConfigError> {
    if needed || !root_certificates.is_empty() {
        return Err(ConfigError::Transport("https needs the feature `rustls` or `native-tls`".to_owned()));
    }
    Ok(builder)
}

/// Builds the client.
pub(super) fn build(builder: ClientBuilder) -> Result<reqwest::Client, ConfigError> {
    // reqwest panics without one.
    #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
    if tokio_rustls::rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(ConfigError::Transport(
            "rustls has no crypto provider: install one, as in \
             `rustls::crypto::ring::default_provider().install_default()`, before the client is built, or use \
             the feature `rustls`"
                .to_owned(),
        ));
    }
    builder.build().map_err(|error| {
        let mut cause: &dyn Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let mut reason = cause.to_string();
        if reason.contains("No CA certificates") {
            reason.push_str(
                "; install the package `ca-certificates`, or set SSL_CERT_FILE, or give certificates with \
                 `ClientBuilder::root_certificates`",
            );
        }
        ConfigError::Transport(reason)
    })
}
