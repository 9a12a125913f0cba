//! Whether a success response belongs to its request.
//!
//! A proxy, a captive portal, a response that belongs to another request, and an error can carry the status 200, too.
//! A success identifies itself: its body has the shape of the operation's responses, and its identifying fields equal
//! the ids of the request. Anything else is no statement about the call.

use std::borrow::Cow;
use std::fmt;

use cashfree_gen::expected::{Expected, Shape, Source};
use cashfree_gen::{Request, Response};
use percent_encoding::percent_decode_str;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ApiError;
use crate::headers::{IDEMPOTENCY_KEY, REQUEST_ID};

/// Why a success response is not taken for the response to its request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// An error of the API: its code, else its message.
    Error(String),
    /// The body of something else.
    Foreign(String),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(code) => write!(f, "the body is an error: {code}"),
            Self::Foreign(reason) => write!(f, "the response is not that of this request: {reason}"),
        }
    }
}

/// Checks that a success response identifies itself. A body that is no JSON is left to the decoder.
pub(super) fn check(request: &Request, response: &Response) -> Result<(), Mismatch> {
    let expected = &request.operation.response;
    if expected.shape == Shape::Any || expected.fields.is_empty() {
        // Nothing is known of the fields, or the pages judge them. Only a body with nothing but the fields of errors is
        // one.
        return error_of(&response.body).map_or(Ok(()), |code| Err(Mismatch::Error(code)));
    }
    let text = String::from_utf8_lossy(&response.body);
    let wanted = expected.identity.iter().map(|identity| Wanted::of(request, identity.source)).collect();
    let body = Body { expected, wanted };
    let mut deserializer = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let Ok(verdict) =
        (&body).deserialize(&mut deserializer).and_then(|verdict| deserializer.end().map(|()| verdict))
    else {
        return Ok(());
    };
    verdict.map_err(|reason| {
        let error = ApiError::parse(&response.body).and_then(|error| error.code.or(error.message));
        // An error has none of the fields of a success; a field that differs is no sign of one.
        match error.filter(|_| reason.is_without_fields) {
            Some(code) => Mismatch::Error(code),
            None => Mismatch::Foreign(reason.text),
        }
    })
}

/// Returns whether a response carries the request id or the idempotency key of another request.
pub(super) fn is_stray(response: &http::HeaderMap, request_id: &str, key: Option<&str>) -> bool {
    let differs = |name, own: &str| {
        let echoes = response.get_all(name).iter().filter_map(|echo| echo.to_str().ok()).map(str::trim);
        let mut echoes = echoes.filter(|echo| !echo.is_empty()).peekable();
        echoes.peek().is_some() && !echoes.any(|echo| echo.eq_ignore_ascii_case(own))
    };
    differs(REQUEST_ID, request_id) || key.is_some_and(|key| differs(IDEMPOTENCY_KEY, key))
}

/// Returns the code of a body with the fields that every error has, and no others.
fn error_of(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bare {
        code: String,
        #[serde(rename = "type")]
        _type: String,
        #[serde(rename = "message")]
        _message: String,
        #[serde(rename = "help")]
        _help: Option<IgnoredAny>,
        #[serde(rename = "status")]
        _status: Option<IgnoredAny>,
    }

    serde_json::from_slice(body).ok().map(|Bare { code, .. }| code)
}

/// A value of the request that the response repeats.
enum Wanted<'r> {
    /// As it stands in the path, percent-encoded.
    Path(&'r str),
    Body(String),
    /// The request leaves it to the service.
    Nothing,
}

impl<'r> Wanted<'r> {
    fn of(request: &'r Request, source: Source) -> Self {
        match source {
            Source::Path(name) => request.path_parameter(name).map_or(Self::Nothing, Self::Path),
            _ => request.value(source).map_or(Self::Nothing, Self::Body),
        }
    }

    fn is(&self, shown: &str) -> bool {
        match self {
            Self::Path(encoded) => percent_decode_str(encoded).eq(shown.bytes()),
            Self::Body(text) => text == shown,
            Self::Nothing => true,
        }
    }
}

/// What is wrong with a body.
struct Fault {
    text: String,
    /// It has none of the fields of a success.
    is_without_fields: bool,
}

type Verdict = Result<(), Fault>;

fn fault(text: impl Into<String>) -> Verdict {
    Err(Fault { text: text.into(), is_without_fields: false })
}

fn without_fields(text: impl Into<String>) -> Verdict {
    Err(Fault { text: text.into(), is_without_fields: true })
}

/// Checks a body in one pass, without building it.
struct Body<'r> {
    expected: &'static Expected,
    wanted: Vec<Wanted<'r>>,
}

impl<'de> DeserializeSeed<'de> for &Body<'_> {
    type Value = Verdict;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Verdict, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Body<'_> {
    type Value = Verdict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a response body")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Verdict, A::Error> {
        let Expected { identity, fields: known, .. } = self.expected;
        let mut shown: Vec<Scalar<'de>> = identity.iter().map(|_| Scalar::Absent).collect();
        let mut is_known = known.is_empty();
        while let Some(name) = fields.next_key::<Name<'de>>()? {
            let value = fields.next_value::<Scalar<'de>>()?;
            is_known |= known.contains(&&*name.0) && is_mark(known, &value);
            if let Some(place) = identity.iter().position(|identity| identity.field == name.0)
                && let Some(slot) = shown.get_mut(place)
            {
                *slot = value;
            }
        }
        if !is_known {
            return Ok(without_fields(match known {
                [field] => format!("it has no `{field}`"),
                _ => "it has none of the fields that identify it".to_owned(),
            }));
        }
        for ((identity, wanted), shown) in identity.iter().zip(&self.wanted).zip(shown) {
            let field = identity.field;
            match shown {
                _ if matches!(wanted, Wanted::Nothing) => {}
                Scalar::Absent if identity.always => return Ok(fault(format!("it has no `{field}`"))),
                Scalar::Absent => {}
                Scalar::Text(text) if wanted.is(&text) => {}
                _ => return Ok(fault(format!("its `{field}` is another one"))),
            }
        }
        Ok(Ok(()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Verdict, A::Error> {
        let (mut verdict, mut count) = (Ok(()), 0);
        while let Some(item) = items.next_element_seed(self)? {
            count += 1;
            verdict = verdict.and(item);
        }
        // Some examples show an object as a list of one.
        if self.expected.shape == Shape::Object && count != 1 {
            return Ok(without_fields("it is a list"));
        }
        Ok(verdict)
    }

    fn visit_unit<E: Error>(self) -> Result<Verdict, E> {
        Ok(without_fields("it is null"))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Verdict, E> {
        Ok(without_fields("it is a text"))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Verdict, E> {
        Ok(without_fields("it is no object"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Verdict, E> {
        Ok(without_fields("it is a number"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Verdict, E> {
        Ok(without_fields("it is a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Verdict, E> {
        Ok(without_fields("it is a number"))
    }
}

/// Returns whether a known field marks a body as the operation's own. An acknowledgement has `status` alone, which
/// bodies of others have, too; the service says `OK` in it.
fn is_mark(known: &[&str], value: &Scalar<'_>) -> bool {
    match value {
        Scalar::Absent => false,
        Scalar::Text(text) if known == ["status"] => text == "OK",
        _ => known != ["status"],
    }
}

/// The name of a field, borrowed where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(ScalarVisitor)? {
            Scalar::Text(name) => Ok(Self(name)),
            _ => Ok(Self(Cow::Borrowed(""))),
        }
    }
}

/// The value of a field, as far as it can be an id.
#[derive(PartialEq)]
enum Scalar<'de> {
    /// Absent, null or empty.
    Absent,
    /// Text, or the digits of a whole number.
    Text(Cow<'de, str>),
    Other,
}

impl<'de> serde::Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(if text.is_empty() { Scalar::Absent } else { Scalar::Text(Cow::Borrowed(text)) })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(if text.is_empty() { Scalar::Absent } else { Scalar::Text(Cow::Owned(text.to_owned())) })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(number.to_string().into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(number.to_string().into()))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Scalar<'de>, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]
mod tests {
    use cashfree_gen::operations;
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::Operation;

    fn checked(
        operation: &'static Operation,
        path: &str,
        request: &'static str,
        response: &'static str,
    ) -> Result<(), Mismatch> {
        let mut sent = Request::new(operation, path.to_owned());
        sent.body = request.into();
        let received =
            Response { status: StatusCode::OK, headers: HeaderMap::new(), body: response.as_bytes().into() };
        check(&sent, &received)
    }

    #[test]
    fn rule_1_an_acknowledgement_says_ok() {
        let split = |body| {
            checked(&operations::PG_ORDER_SPLIT_AFTER_PAYMENT, "/easy-split/orders/o/split", "{}", body)
        };
        assert_eq!(split(r#"{"status":"OK","message":"Order split created"}"#), Ok(()));
        for body in
            [r#"{"status":1,"portal":"wifi"}"#, r#"{"status":"ok","portal":"wifi"}"#, r#"{"status":null}"#]
        {
            assert!(matches!(split(body), Err(Mismatch::Foreign(_))), "{body}");
        }
    }

    #[test]
    fn rule_1_a_success_identifies_itself() {
        let create = |body| checked(&operations::PG_CREATE_ORDER, "/orders", r#"{"order_id":"o_1"}"#, body);
        let nameless = |body| checked(&operations::PG_CREATE_ORDER, "/orders", r#"{"order_amount":1}"#, body);
        let list = |body| checked(&operations::PG_ORDER_FETCH_PAYMENTS, "/orders/o%5F1/payments", "", body);
        for body in [
            r#"{"order_id":"o_1"}"#,
            r#"{"new":[[{}]],"order_id":"o\u005f1","order_status":"ACTIVE"}"#,
            r#"[{"order_id":"o_1"}]"#,
            "{\"order_id\":\"o_1\"",
            "<p>",
            "",
        ] {
            assert_eq!(create(body), Ok(()), "{body}: what is no JSON is left to the decoder");
        }
        assert_eq!(nameless(r#"{"cf_order_id":7,"order_id":"any"}"#), Ok(()));
        for body in ["[]", r#"[{"cf_payment_id":"1","order_id":"o_1"}]"#] {
            assert_eq!(list(body), Ok(()), "{body}");
        }
        for body in [
            "{}",
            "[]",
            "null",
            "[{}]",
            r#""ok""#,
            r#"{"order_id":null}"#,
            r#"{"order_id":"o_2"}"#,
            r#"{"order_id":"O_1"}"#,
            r#"{"order_id":["o_1"]}"#,
            r#"{"cf_order_id":"1"}"#,
            r#"{"error":{"code":"x"}}"#,
            r#"{"status":"ok","portal":"Welcome to the hotel"}"#,
            r#"{"refund_id":"r_1","order_amount":1}"#,
        ] {
            assert!(matches!(create(body), Err(Mismatch::Foreign(_))), "{body}: {:?}", create(body));
        }
        for body in [
            r#"{"message":"no","code":"order_failed"}"#,
            r#"{"message":"no","code":"order_failed","trace":"1"}"#,
            r#"[{"message":"no","code":"order_failed","type":"api_error"}]"#,
        ] {
            assert_eq!(create(body), Err(Mismatch::Error("order_failed".to_owned())), "{body}");
            assert_eq!(list(body), Err(Mismatch::Error("order_failed".to_owned())), "{body}");
        }
        for body in
            ["null", "{}", r#"[{"cf_payment_id":"1","order_id":"o_2"}]"#, r#"[{"order_id":"o_1"},{"x":1}]"#]
        {
            assert!(list(body).is_err(), "{body}");
        }
        assert!(nameless("{}").is_err());
        let raw = |body| checked(&operations::MARK_FOR_SETTLEMENT, "/orders/settlements", "{}", body);
        assert_eq!(raw("{}"), Ok(()));
        assert!(raw(r#"{"message":"no","code":"x","type":"api_error","help":null}"#).is_err());
    }

    #[test]
    fn rule_1_echoes_equal_what_was_sent() {
        let stray = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            is_stray(&headers, "request-1", Some("key-1"))
        };
        assert!(stray("x-request-id", "request-2") && stray("x-idempotency-key", "key-2"));
        assert!(!stray("x-request-id", "REQUEST-1 ") && !stray("x-idempotency-key", "key-1"));
        assert!(!stray("x-other", "request-2") && !is_stray(&HeaderMap::new(), "request-1", None));
    }
}
