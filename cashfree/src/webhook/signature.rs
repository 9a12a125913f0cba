//! The signature: base64 of the HMAC-SHA256 of the timestamp's text and the body, nothing between them.

use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{Context, HMAC_SHA256, Key as HmacKey, Tag};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Secret;

/// What a secret signs by: two blocks of the hash are done with it once and for all, and the secret itself is
/// not needed any more.
#[derive(Clone)]
pub(super) struct Key(HmacKey);

impl Key {
    /// HMAC takes a secret of any length.
    pub(super) fn new(secret: &Secret) -> Self {
        Self(HmacKey::new(HMAC_SHA256, secret.expose().as_bytes()))
    }

    fn code(&self, timestamp: &str, body: &[u8]) -> Tag {
        let mut code = Context::with_key(&self.0);
        code.update(timestamp.as_bytes());
        code.update(body);
        code.sign()
    }

    /// Compares in constant time.
    pub(super) fn signed(&self, timestamp: &str, body: &[u8], signature: &[u8; 32]) -> bool {
        self.code(timestamp, body).as_ref().ct_eq(signature).into()
    }
}

impl Zeroize for Key {
    /// Puts the key of no secret in its place: ring has no other way to wipe one.
    fn zeroize(&mut self) {
        self.0 = HmacKey::new(HMAC_SHA256, &[]);
        // Or it would be left out, as nobody seems to read it.
        black_box(&self.0);
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Key {}

/// The signature that Cashfree would send.
#[cfg(feature = "testing")]
pub(crate) fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    STANDARD.encode(Key::new(secret).code(timestamp, body))
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_signs_is_wiped() {
        fn wipes<T: ZeroizeOnDrop>() {}
        wipes::<Key>();

        let mut key = Key::new(&"cfsk_1".into());
        let signature = decode(&sign_with(&key)).unwrap();
        assert!(key.signed("1", b"{}", &signature));
        key.zeroize();
        assert!(!key.signed("1", b"{}", &signature));
        assert_eq!(sign_with(&key), sign_with(&Key::new(&"".into())));
    }

    fn sign_with(key: &Key) -> String {
        STANDARD.encode(key.code("1", b"{}"))
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
