//! The signature: base64 of the HMAC-SHA256 of the timestamp's text and the body, nothing between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Secret;

/// What a secret signs by: two blocks of the hash are done with it once and for all, and the secret itself is
/// not needed any more. The states of the hash are wiped when they are dropped, as are their copies.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    /// HMAC takes a secret of any length.
    pub(super) fn new(secret: &Secret) -> Option<Self> {
        Hmac::new_from_slice(secret.expose().as_bytes()).ok().map(Self)
    }

    fn code(&self, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut code = self.0.clone();
        code.update(timestamp.as_bytes());
        code.update(body);
        code
    }

    /// Compares in constant time.
    pub(super) fn signed(&self, timestamp: &str, body: &[u8], signature: &[u8; 32]) -> bool {
        self.code(timestamp, body).verify_slice(signature).is_ok()
    }
}

/// The signature that Cashfree would send.
#[cfg(feature = "testing")]
pub(crate) fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    Key::new(secret)
        .map(|key| STANDARD.encode(key.code(timestamp, body).finalize().into_bytes()))
        .unwrap_or_default()
}

/// The 32 bytes of a signature; `None` for anything but standard base64 with its padding.
pub(super) fn decode(signature: &str) -> Option<[u8; 32]> {
    // With room for what 44 letters could hold.
    let mut bytes = [0; 33];
    match STANDARD.decode_slice(signature, &mut bytes).ok()? {
        32 => bytes.first_chunk().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key is made of two states of the hash.
    #[test]
    fn what_signs_is_wiped() {
        fn wipes<T: zeroize::ZeroizeOnDrop>() {}
        wipes::<Sha256>();
    }

    #[test]
    fn what_is_no_signature_is_refused_whatever_its_length() {
        let signature = STANDARD.encode([7; 32]);
        assert_eq!(decode(&signature), Some([7; 32]));
        for bytes in [0, 1, 31, 33, 34, 64, 1_000] {
            assert_eq!(decode(&STANDARD.encode(vec![7; bytes])), None, "{bytes}");
        }
        for text in ["", "=", "====", &signature[..43], &signature.replace('=', ""), &format!("{signature}=")]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
