//! The signature: base64 of HMAC-SHA256, keyed with the client secret, over the text of the timestamp with the
//! bytes of the body right behind it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub(crate) fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    // A key of any length will do; an error there would be one of the algorithm.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(timestamp.as_bytes());
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// `x-idempotency-key`: a hash of the event, the same at every attempt. The serial distinguishes what happened
/// twice in the same words.
pub(crate) fn event_key(serial: u64, body: &[u8]) -> String {
    STANDARD.encode(Sha256::new().chain_update(serial.to_be_bytes()).chain_update(body).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test_secret_key";
    const TIMESTAMP: &str = "1746427759733";
    const BODY: &str =
        r#"{"data":{},"event_time":"2025-01-15T12:20:29+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}"#;

    #[test]
    fn signs_as_the_service_does() {
        let order = r#"{"data":{"order":{"order_id":"o_1","order_amount":1.00,"order_currency":"INR","order_tags":null},"note":"₹ é"},"type":"X"}"#;
        for (timestamp, body, expected) in [
            (TIMESTAMP, BODY, "Wdb6H1hkvaW4rsB5uR4ga+Q+Cw9Uhl2b8ZpcFaTC/N8="),
            (TIMESTAMP, order, "CFizHnOQ0xckw1o4YMCPloVA7Sf/NOLGt6fpMY6hbGc="),
            (TIMESTAMP, "", "4Qoi9EOahZ/XswijYgANSPrZTkmfs+mIHsS7ShkfoTQ="),
            ("", "{}", "XvcIOG8nFWDt7em908qMy3qjutRcuCIanacuUBx1sD8="),
        ] {
            assert_eq!(signature(SECRET, timestamp, body.as_bytes()), expected, "{timestamp} {body}");
        }
    }

    #[test]
    fn nothing_stands_between_timestamp_and_body() {
        let dotted = format!(".{BODY}");
        assert_eq!(
            signature(SECRET, TIMESTAMP, dotted.as_bytes()),
            "D7shkFlBfVq8YIyu876wHxiBh113KIkM9HHqnUCTs8o="
        );
    }

    #[test]
    fn an_event_that_repeats_another_has_a_key_of_its_own() {
        assert_eq!(event_key(1, b"{}"), event_key(1, b"{}"));
        assert_ne!(event_key(1, b"{}"), event_key(2, b"{}"));
        assert_eq!(event_key(1, b"{}").len(), 44);
    }
}
