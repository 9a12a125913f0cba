//! Withholds text of the service that repeats a secret of the request.
//!
//! A service may quote what it was sent in an error message, and an error message is logged. Before a text of the
//! service is shown, it is compared with the secrets that the call carried:
//!
//! - the credentials of its attempts;
//! - headers that the caller marked as sensitive, and `authorization`, `cookie` and `proxy-authorization`;
//! - the fields of the request that print as `***`, in JSON or in forms. The contents of an uploaded file do not
//!   count.
//!
//! The text is withheld whole if it holds 8 consecutive characters of a secret, verbatim, in upper or lower case. The
//! published prefixes of secrets (`session_`, `cfsk_ma_test_`) do not count. A secret of 2 to 7 characters, such as a
//! security code, counts where it stands alone as a word. The fields of the request that `Debug` masks, such as a phone
//! number, count where the text holds the whole value, of 8 characters or more. Encoded or otherwise changed
//! repetitions are not recognised.
//! The cost is linear in the shown part of the text and in the length of the secrets.

use std::collections::HashSet;

use cashfree_gen::{PRIVATE_FIELDS, SENSITIVE_FIELDS};
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::redact::{redact, visible};

/// Shown in place of a text that repeats a secret of the request.
pub(crate) const WITHHELD: &str = "(withheld: it repeats private text of the request)";

/// The number of consecutive bytes of a secret that no shown text repeats.
const WINDOW: usize = 8;

/// Beginnings of secrets that Cashfree publishes. Messages and codes hold them, as in `payment_session_id_invalid`.
const PUBLIC_PREFIXES: [&str; 4] = ["cfsk_ma_test_", "cfsk_ma_prod_", "sub_session_", "session_"];

/// The secrets and the private text that one call carried, in lower case.
#[derive(Default)]
pub(crate) struct RequestSecrets {
    secrets: Vec<Zeroizing<String>>,
    private: Vec<String>,
}

/// What a field of a request holds.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    Secret,
    Private,
    Other,
}

impl RequestSecrets {
    pub(crate) fn add(&mut self, secret: &str) {
        let mut secret = Zeroizing::new(secret.trim().to_ascii_lowercase());
        if let Some(rest) = PUBLIC_PREFIXES.iter().find_map(|prefix| secret.strip_prefix(prefix)) {
            secret = Zeroizing::new(rest.to_owned());
        }
        // A single character says nothing.
        if secret.len() > 1 {
            self.secrets.push(secret);
        }
    }

    fn add_as(&mut self, text: &str, holds: Holds) {
        match holds {
            Holds::Secret => self.add(text),
            Holds::Private if text.trim().len() >= WINDOW => {
                self.private.push(text.trim().to_ascii_lowercase());
            }
            Holds::Private | Holds::Other => {}
        }
    }

    /// Adds the headers that are marked as sensitive or known to hold credentials.
    pub(crate) fn add_headers(&mut self, headers: &[(HeaderName, HeaderValue)]) {
        for (name, value) in headers {
            let known = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name);
            if let Some(text) = value.to_str().ok().filter(|_| known || value.is_sensitive()) {
                self.add(text);
            }
        }
    }

    /// Adds the sensitive fields of a body: JSON at any depth, or the text parts of a form.
    pub(crate) fn add_body(&mut self, content_type: Option<&HeaderValue>, body: &[u8]) {
        let content_type = content_type.and_then(|kind| kind.to_str().ok());
        match content_type.and_then(|kind| kind.strip_prefix("multipart/form-data; boundary=")) {
            Some(boundary) => self.add_form(body, boundary),
            None => self.add_json(serde_json::from_slice(body).unwrap_or_default(), Holds::Other),
        }
    }

    fn add_json(&mut self, value: Value, holds: Holds) {
        match value {
            Value::Object(fields) => fields.into_iter().for_each(|(name, value)| {
                let own = if holds == Holds::Secret { holds } else { holds_of(&name) };
                self.add_json(value, if own == Holds::Other { holds } else { own });
            }),
            Value::Array(items) => items.into_iter().for_each(|item| self.add_json(item, holds)),
            Value::String(text) => self.add_as(&Zeroizing::new(text), holds),
            Value::Number(number) => self.add_as(&number.to_string(), holds),
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn add_form(&mut self, body: &[u8], boundary: &str) {
        let text = String::from_utf8_lossy(body);
        for part in text.split(&format!("--{boundary}")) {
            let Some((head, value)) = part.split_once("\r\n\r\n") else { continue };
            let name = head.split_once("; name=\"").and_then(|(_, name)| name.split_once('"'));
            if let Some((name, _)) = name.filter(|_| !head.contains("filename=")) {
                self.add_as(value, holds_of(name));
            }
        }
    }

    /// Returns a text of the service as a log may show it: cut, withheld if it repeats a secret, and redacted.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.is_repeated_in(visible(text)) { WITHHELD.to_owned() } else { redact(text).into_owned() }
    }

    fn is_repeated_in(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        let windows: HashSet<&[u8]> = text.as_bytes().windows(WINDOW).collect();
        self.private.iter().any(|private| text.contains(private))
            || self.secrets.iter().any(|secret| match secret.len() < WINDOW {
                true => has_word(&text, secret),
                false => secret.as_bytes().windows(WINDOW).any(|window| windows.contains(window)),
            })
    }
}

/// Returns whether a word stands in the text with neither letter nor digit beside it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text.get(start + word.len()..).and_then(|after| after.chars().next());
        [before, after].into_iter().flatten().all(|c| !c.is_alphanumeric())
    })
}

/// Returns what a field of this name holds. A request made by hand may spell it `cardNumber`.
fn holds_of(name: &str) -> Holds {
    let letters = |name: &str| name.replace(['_', '-'], "").to_ascii_lowercase();
    let name = letters(name);
    let is_of = |names: &[&str]| names.iter().any(|listed| letters(listed) == name);
    if is_of(SENSITIVE_FIELDS) {
        Holds::Secret
    } else if is_of(PRIVATE_FIELDS) {
        Holds::Private
    } else {
        Holds::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"payment_session_id":"session_abcdefghij","payment_method":{"card":{"card_number":"4706131211212123",
        "card_cvv":"123","card_expiry_mm":"03","channel":"post"}},"otp":864209,"note":"visible text",
        "customers":[{"upi_id":"payer.name@okbank"}],"cardCvv":"77777","customer_phone":"9000012345",
        "order_tags":{"buyer":"Ravi Kumar"},"customer_name":"Meera"}"#;

    fn secrets(content_type: &'static str, body: &str) -> RequestSecrets {
        let mut secrets = RequestSecrets::default();
        secrets.add("cfsk_ma_test_0a1b2c3d4e5f_67890abc");
        secrets.add_body(Some(&HeaderValue::from_static(content_type)), body.as_bytes());
        secrets
    }

    #[test]
    fn a_text_with_eight_consecutive_characters_of_a_secret_is_withheld() {
        let secrets = secrets("application/json", BODY);
        for repeating in [
            "secret cfsk_ma_test_0a1b2c3d4e5f_67890abc is revoked",
            "ends with f_67890ABC",
            "begins with 0A1B2C3D",
            "xx2c3d4e5fxx",
            "card 4706131211212123",
            "card 47061312",
            "session_abcdefgh",
            "payer.na",
            "cvv 123 is wrong",
            "cvv=123&mm=4",
            "é123",
            "é 03",
            "otp 864209",
            "not 77777",
            "customer_phone 9000012345 is invalid",
            "tag of RAVI KUMAR",
        ] {
            let shown = secrets.redact(repeating);
            let word = repeating.contains("é123");
            assert_eq!(shown == WITHHELD, !word, "{repeating}: {shown}");
        }
        for other in [
            "payment_session_id_invalid: session_abcdefg",
            "cfsk_ma_test_0a1b2c3 is short",
            "order 41234, 1230, 12, 2030",
            "visible text, post",
            "Meera has 900001234",
            "",
            "%",
        ] {
            assert_eq!(secrets.redact(other), other);
        }
    }

    #[test]
    fn a_call_without_secrets_withholds_nothing() {
        assert_eq!(RequestSecrets::default().redact("123 session_abcdefghij"), "123 session_abcdefghij");
        for body in ["", "null", "[", "{\"otp\":", r#"{"otp":null,"pan":"","vpa":true,"cvv":"x"}"#] {
            assert_eq!(secrets("application/json", body).redact("x 123"), "x 123", "{body}");
        }
    }

    #[test]
    fn the_text_parts_of_a_form_count() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"doc_type\"\r\n\r\nPAN\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"doc_value\"\r\n\r\nABCDE1234F\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\ncontent of a file\r\n--b--\r\n";
        let secrets = secrets("multipart/form-data; boundary=b", form);
        assert_eq!(secrets.redact("PAN abcde1234f is taken"), WITHHELD);
        assert_eq!(secrets.redact("PAN; content of a file"), "PAN; content of a file");
    }

    /// The message is cut before it is compared, and a secret is searched once however often it repeats itself.
    #[test]
    fn the_cost_is_linear() {
        let mut secrets = RequestSecrets::default();
        secrets.add(&"ab".repeat(500_000));
        let started = std::time::Instant::now();
        for text in ["abababaaabab ".repeat(2_000_000), "1 - ".repeat(8_000_000), "a@b ".repeat(8_000_000)] {
            assert!(secrets.redact(&text).len() < 5_000);
        }
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
}
