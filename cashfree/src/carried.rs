//! What a call carries that nobody may print: the service may say it again, and then it is masked.
//!
//! It is gathered where something is about to be shown, from what was sent, and forgotten right after; what is
//! shown of an error is made when the error is. What counts are the credentials of the attempts, headers that
//! the caller marked, and the members of the request that print as `***`, in JSON and in forms.

use std::borrow::Cow;
use std::fmt;

use cashfree_gen::SENSITIVE_MEMBERS;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderName, HeaderValue};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroize;

use crate::redact::shown;

/// A text of at least this length is masked wherever it stands; a shorter one, a security code or the month of
/// an expiry, only where it stands alone, since it may well be part of something else.
const LONG: usize = 8;

/// The beginning of a text that is masked even where the rest of it was cut off.
const PART: usize = 16;

/// The secrets of one call.
#[derive(Default)]
pub(crate) struct Carried<'a>(Vec<Kept<'a>>);

impl<'a> Carried<'a> {
    /// What must not be repeated.
    pub(crate) fn add(&mut self, secret: impl Into<Cow<'a, str>>) {
        let kept = Kept(secret.into());
        // One character says nothing, and masked would only spoil the sentence.
        if kept.bytes().len() > 1 {
            self.0.push(kept);
        }
    }

    /// The headers that are marked, or are known to hold credentials.
    pub(crate) fn add_headers(&mut self, headers: &'a [(HeaderName, HeaderValue)]) {
        for (name, value) in headers {
            let known = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name);
            if let Some(text) = value.to_str().ok().filter(|_| known || value.is_sensitive()) {
                self.add(text);
            }
        }
    }

    /// The members of a body that print as `***`, in JSON at any depth, or in the parts of a form.
    pub(crate) fn add_members(&mut self, content_type: Option<&HeaderValue>, body: &'a [u8]) {
        let content_type = content_type.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if let Some(boundary) = content_type.strip_prefix("multipart/form-data; boundary=") {
            for (name, value) in parts(body, boundary.trim_matches('"')) {
                if is_sensitive(name) {
                    self.add(value);
                }
            }
        } else {
            // What can't be read was no request; what was found before stays.
            let _ = Walk { found: self, secret: false }
                .deserialize(&mut serde_json::Deserializer::from_slice(body));
        }
    }

    /// A text without what the call carried.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut starts = [false; 256];
        // Where an escape may stand for the first character.
        (starts[usize::from(b'%')], starts[usize::from(b'\\')]) = (!self.0.is_empty(), !self.0.is_empty());
        for first in self.0.iter().filter_map(|secret| secret.bytes().first()) {
            starts[usize::from(first.to_ascii_lowercase())] = true;
            starts[usize::from(first.to_ascii_uppercase())] = true;
        }
        let (mut out, mut copied, mut at) = (String::new(), 0, 0);
        while let Some(byte) = text.as_bytes().get(at) {
            let quoted = match starts[usize::from(*byte)] && text.is_char_boundary(at) {
                true => self.0.iter().filter_map(|secret| quoted(secret.bytes(), text.as_bytes(), at)).max(),
                false => None,
            };
            let Some(mut end) = quoted.map(|length| at + length) else {
                at += 1;
                continue;
            };
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            out.push_str(text.get(copied..at).unwrap_or_default());
            out.push_str("***");
            // A character is passed in any case.
            (copied, at) = (end, end.max(at + 1));
        }
        if copied == 0 && out.is_empty() {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// A text of others, fit for a log.
    pub(crate) fn clean(&self, text: &str) -> String {
        shown(&self.hide(text)).into_owned()
    }
}

/// A secret as it was sent; its own copy of it, if there is one, is wiped.
struct Kept<'a>(Cow<'a, str>);

impl Kept<'_> {
    /// Without the space around it, which who quotes it may leave out.
    fn bytes(&self) -> &[u8] {
        self.0.trim().as_bytes()
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.0 {
            text.zeroize();
        }
    }
}

/// How long the quote of a secret is that begins here, if one does: the whole, or a good part of its beginning,
/// in either case, as it is or escaped in whichever way.
fn quoted(secret: &[u8], text: &[u8], at: usize) -> Option<usize> {
    [verbatim, escaped].into_iter().filter_map(|step| quoted_by(step, secret, text, at)).max()
}

/// How many bytes at the front of a text are this byte.
type Step = fn(u8, &[u8]) -> Option<usize>;

fn quoted_by(step: Step, secret: &[u8], text: &[u8], at: usize) -> Option<usize> {
    let (mut read, mut end) = (0, at);
    while let Some(length) = secret.get(read).and_then(|byte| step(*byte, text.get(end..)?)) {
        read += 1;
        end += length;
    }
    let whole = read == secret.len() && (read >= LONG || stands_alone(text, at, end));
    (whole || read >= PART).then_some(end - at)
}

fn verbatim(byte: u8, text: &[u8]) -> Option<usize> {
    text.first().filter(|same| same.eq_ignore_ascii_case(&byte)).map(|_| 1)
}

/// Percent-encoded, or escaped as in JSON; what need not be escaped may stand as it is.
fn escaped(byte: u8, text: &[u8]) -> Option<usize> {
    let is = |digits: &[u8]| {
        std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok())
            == Some(u32::from(byte))
    };
    match text {
        [b'%', high, low, ..] if is(&[*high, *low]) => Some(3),
        [b'\\', b'u', code @ ..] if code.get(..4).is_some_and(is) => Some(6),
        [b'\\', same, ..] if *same == byte => Some(2),
        _ => verbatim(byte, text),
    }
}

/// Whether neither the character before nor the one behind is of the same kind, so that they belong together.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let belong = |left: Option<&u8>, right: Option<&u8>| match (left, right) {
        (Some(left), Some(right)) => {
            left.is_ascii_digit() && right.is_ascii_digit()
                || left.is_ascii_alphabetic() && right.is_ascii_alphabetic()
        }
        _ => false,
    };
    let before = text.get(..start).unwrap_or_default();
    let within = text.get(start..end).unwrap_or_default();
    (ends_with_escape(before) || !belong(before.last(), within.first()))
        && !belong(within.last(), text.get(end))
}

/// Whether the last characters stand for another one, as `%22`, `\u0022` or `\n`.
fn ends_with_escape(text: &[u8]) -> bool {
    match text {
        [.., b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit),
        [.., b'\\', _] => true,
        _ => false,
    }
}

/// Whether a member of this name prints as `***`; a request that is made by hand may spell it in its own way.
fn is_sensitive(name: &str) -> bool {
    let letters = |name: &'static str| name.bytes().filter(|byte| *byte != b'_');
    let told =
        || name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase());
    SENSITIVE_MEMBERS.iter().any(|member| letters(member).eq(told()))
}

/// Goes through JSON, and adds what stands under a sensitive name.
struct Walk<'c, 'a> {
    found: &'c mut Carried<'a>,
    secret: bool,
}

impl<'a> Walk<'_, 'a> {
    fn add<E>(self, text: impl Into<Cow<'a, str>>) -> Result<(), E> {
        if self.secret {
            self.found.add(text);
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let secret = self.secret || is_sensitive(&name);
            members.next_value_seed(Walk { found: &mut *self.found, secret })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Walk { found: &mut *self.found, secret: self.secret })?.is_some() {}
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.add(text)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.add(text.to_owned())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.add(number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.add(number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.add(number.to_string())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The parts of a form that are text, by their names.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<(&'a str, &'a str)> {
    let (delimiter, mut parts, mut rest) = (format!("\r\n--{boundary}"), Vec::new(), body);
    while let Some(head) = find(rest, b"\r\n\r\n") {
        let (head, from) = rest.split_at(head);
        let from = from.get(4..).unwrap_or_default();
        let (value, next) = from.split_at(find(from, delimiter.as_bytes()).unwrap_or(from.len()));
        let name = std::str::from_utf8(head).ok().and_then(|head| head.split_once("; name=\""));
        let name = name.and_then(|(_, name)| Some(name.split_once('"')?.0));
        if let (Some(name), Ok(value)) = (name, std::str::from_utf8(value)) {
            parts.push((name, value));
        }
        rest = next.get(delimiter.len()..).unwrap_or_default();
    }
    parts
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// What the body of a request is, kept for as long as its call.
#[derive(Debug)]
pub(crate) struct Sent {
    content_type: Option<HeaderValue>,
    body: bytes::Bytes,
}

impl Sent {
    pub(crate) fn of(request: &cashfree_gen::Request) -> Self {
        Self { content_type: request.headers.get(CONTENT_TYPE).cloned(), body: request.body.clone() }
    }

    pub(crate) fn tell<'a>(&'a self, carried: &mut Carried<'a>) {
        carried.add_members(self.content_type.as_ref(), &self.body);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use super::*;

    const BODY: &str = r#"{"payment_session_id":"session_abc","payment_method":{"card":{"card_number":"4706131211212123",
        "card_cvv":"123","card_expiry_mm":"03","channel":"post"}},"otp":864209,"note":"visible",
        "customers":[{"upi_id":"a\"b@okbank"}],"cardCvv":"77777","vpa":"50%\\off"}"#;

    fn carried(body: &[u8]) -> Carried<'_> {
        let mut carried = Carried::default();
        carried.add("cfsk_ma_test_0a1b2c3d4e5f");
        carried.add_members(None, body);
        carried
    }

    #[test]
    fn what_was_sent_is_masked_where_it_comes_back() {
        let carried = carried(BODY.as_bytes());
        for (said, shown) in [
            ("secret cfsk_ma_test_0a1b2c3d4e5f is revoked", "secret *** is revoked"),
            ("secret CFSK_MA_TEST_0A1B2C3D4E5F.", "secret ***."),
            ("xcfsk_ma_test_0a1b2c3d4e5fx", "x***x"),
            ("begins with cfsk_ma_test_0a1b", "begins with ***"),
            ("begins with cfsk_ma_test", "begins with cfsk_ma_test"),
            ("cvv 123 is wrong", "cvv *** is wrong"),
            ("cvv=123&mm=03", "cvv=***&mm=***"),
            ("cvv%3D123%26", "cvv%3D***%26"),
            (r"\u0022123\u0022 \n123\n", r"\u0022***\u0022 \n***\n"),
            ("order 41234, 1230, 12, é123é", "order 41234, 1230, 12, é***é"),
            ("otp 864209", "otp ***"),
            ("card 4706131211212123 (03)", "card *** (***)"),
            ("session_abc, session_ab", "***, session_ab"),
            (
                r#"payer a"b@okbank; a\"b@okbank; a%22b%40okbank; a\u0022b\u0040okbank"#,
                "payer ***; ***; ***; ***",
            ),
            (r"50%25\\off 50%\off 50%2525\off", r"*** *** 50%2525\off"),
            ("visible, post and 77777", "visible, post and ***"),
            ("", ""),
            ("%", "%"),
            ("\\", "\\"),
        ] {
            assert_eq!(carried.hide(said), shown);
        }
    }

    #[test]
    fn what_carries_nothing_hides_nothing() {
        let said = r"123 % \ é session_abc";
        assert!(matches!(Carried::default().hide(said), Cow::Borrowed(same) if same == said));
        for body in ["", "null", "[", "{\"otp\":", r#"{"otp":null,"pan":"","vpa":true,"file":" x "}"#] {
            assert!(carried(body.as_bytes()).hide(said) == said, "{body}");
        }
    }

    #[test]
    fn forms_are_read_part_by_part() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"doc_type\"\r\n\r\nPAN\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"doc_value\"\r\n\r\nABCDE1234F\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nmarked content\r\n--x\r\n--b--\r\n";
        let kind = "multipart/form-data; boundary=b".parse().unwrap();
        let mut carried = Carried::default();
        carried.add_members(Some(&kind), form.as_bytes());
        assert_eq!(carried.hide("PAN abcde1234f; marked content\r\n--x"), "PAN ***; ***");
        for broken in ["", "--b", "--b\r\n\r\n", "--b\r\n; name=\"otp\"\r\n\r\n12", "\r\n\r\n\r\n--b\r\n\r\n"]
        {
            Carried::default().add_members(Some(&kind), broken.as_bytes());
        }
    }

    /// A quote is looked for at each place; none may cost more than its own length.
    #[test]
    fn a_long_text_takes_no_long_time() {
        let secret = "ab".repeat(20_000);
        let mut carried = Carried::default();
        carried.add(secret.as_str());
        assert_eq!(carried.hide(&secret.repeat(10)), "***".repeat(10));
        let said = "ab".repeat(7) + "c";
        assert_eq!(carried.hide(&said.repeat(20_000)), said.repeat(20_000));
    }
}
