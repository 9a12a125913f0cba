//! The signature: base64 of the HMAC-SHA256 of the timestamp's text and the body, nothing between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The code of a delivery under a secret; HMAC takes a key of any length.
fn code(secret: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    code.update(timestamp.as_bytes());
    code.update(body);
    Some(code)
}

/// The 32 bytes of a signature; `None` for anything but standard base64 with its padding.
pub(super) fn decode(signature: &str) -> Option<[u8; 32]> {
    STANDARD.decode(signature).ok()?.try_into().ok()
}

/// Compares in constant time.
pub(super) fn fits(secret: &str, timestamp: &str, body: &[u8], signature: &[u8; 32]) -> bool {
    code(secret, timestamp, body).is_some_and(|code| code.verify_slice(signature).is_ok())
}

/// The signature that Cashfree would send.
#[cfg(feature = "testing")]
pub(crate) fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    code(secret, timestamp, body)
        .map(|code| STANDARD.encode(code.finalize().into_bytes()))
        .unwrap_or_default()
}
