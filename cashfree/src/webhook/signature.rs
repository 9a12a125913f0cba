//! The webhook signature: base64 of the HMAC-SHA256 of the timestamp header and the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Secret;

/// HMAC state with the secret already mixed in. Overwritten on drop.
pub(super) type Key = Hmac<Sha256>;

/// Creates the signing key of a secret. HMAC takes secrets of any length, so the result is never `None`.
pub(crate) fn key(secret: &Secret) -> Option<Key> {
    Key::new_from_slice(secret.expose().as_bytes()).ok()
}

/// Feeds the signed message to a key: timestamp and body, with nothing between them.
pub(crate) fn signed(key: &Key, timestamp: &str, body: &[u8]) -> Key {
    key.clone().chain_update(timestamp).chain_update(body)
}

/// Encodes a signature as Cashfree sends it.
#[cfg(feature = "testing")]
pub(crate) fn encode(signed: Key) -> String {
    STANDARD.encode(signed.finalize().into_bytes())
}

/// Decodes the 32 bytes of a signature. `None` for anything but standard base64 with padding.
pub(super) fn decode(signature: &str) -> Option<[u8; 32]> {
    // 44 base64 characters can decode to 33 bytes.
    let mut bytes = [0; 33];
    match STANDARD.decode_slice(signature, &mut bytes).ok()? {
        32 => bytes.first_chunk().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_state_is_wiped_on_drop() {
        // `Hmac` carries no marker of its own; everything that it holds is part of two `Sha256`.
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<Sha256>();
    }

    #[test]
    fn signatures_of_another_length_or_form_are_refused() {
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
