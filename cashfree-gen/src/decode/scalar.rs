//! Scalars: numbers, booleans, texts, identifiers, times. Each is decoded from the other's form as well, by the
//! text that stands for it, so that no digit passes through a float.

use std::borrow::Cow;

use super::decoder::Decoder;
use super::error::DecodeError;
use super::free::float_may_have_lost_digits;
use super::serde::impl_deserialize;
use super::traits::{Decode, required};
use crate::scalar::is_nothing;
use crate::{
    Amount, CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, CfTerminalId, Currency,
    CustomerId, Decimal, DisputeId, IncidentId, InstrumentId, LinkId, OfferId, OrderId, PaymentId,
    PaymentSessionId, PlanId, RefundId, Sensitive, SensitiveDigits, SettlementId, SimulationId,
    SubscriptionId, SubscriptionSessionId, Timestamp, VendorId,
};

const TEXT: &str = "text, or a number that stands for it";

/// A value by its text.
enum Token<'a> {
    Null,
    Bool(bool),
    /// The digits as received.
    Number(&'a str),
    /// Text without its escapes.
    Text(Cow<'a, str>),
    /// An object or a list, as JSON.
    Structure(&'a str),
}

/// Returns the next value by its text. Text must be exact where it is not for people to read.
#[inline]
fn token<'a>(decoder: &mut Decoder<'a>, is_exact: bool) -> Result<Token<'a>, DecodeError> {
    match decoder.peek() {
        Some(b'"') if is_exact => decoder.exact_string().map(Token::Text),
        Some(b'"') => decoder.string().map(Token::Text),
        Some(b'n') => decoder.keyword("null").map(|()| Token::Null),
        Some(b't') => decoder.keyword("true").map(|()| Token::Bool(true)),
        Some(b'f') => decoder.keyword("false").map(|()| Token::Bool(false)),
        Some(b'-' | b'0'..=b'9') => digits(decoder).map(Token::Number),
        Some(b'{' | b'[') => decoder.raw().map(Token::Structure),
        _ => Err(decoder.unexpected("a value")),
    }
}

/// Returns a number none of whose digits was lost on the way.
#[inline]
fn digits<'a>(decoder: &mut Decoder<'a>) -> Result<&'a str, DecodeError> {
    let text = decoder.number()?;
    if decoder.from_floats && float_may_have_lost_digits(text) {
        return Err(decoder.error("a number that passed through a float and may have lost digits"));
    }
    Ok(text)
}

/// The error that a value of another kind was found; it names the kind.
#[cold]
fn mismatch(decoder: &Decoder<'_>, token: &Token<'_>, expected: &str) -> DecodeError {
    let kind = match token {
        Token::Null => "null",
        Token::Bool(_) => "a boolean",
        Token::Number(_) => "a number",
        Token::Text(_) => "text",
        Token::Structure(_) => "an object or a list",
    };
    let reason = format!("invalid type: {kind}, expected {expected}");
    decoder.located(DecodeError::new(reason.into(), None))
}

fn decimal(decoder: &mut Decoder<'_>) -> Result<Option<Decimal>, DecodeError> {
    let token = token(decoder, true)?;
    let number = match &token {
        Token::Null => return Ok(None),
        Token::Number(text) => Decimal::from_json_number(text),
        Token::Text(text) => match text.trim() {
            text if is_nothing(text) => return Ok(None),
            text => text.parse(),
        },
        _ => return Err(mismatch(decoder, &token, "a number, or a number as text")),
    };
    // The error must not repeat the text.
    number.map(Some).map_err(|error| {
        let reason = format!("expected {}", error.expected());
        decoder.located(DecodeError::new(reason.into(), None))
    })
}

fn whole(decoder: &mut Decoder<'_>) -> Result<Option<i64>, DecodeError> {
    decimal(decoder)?
        .map(|number| number.to_scaled(0).ok_or_else(|| decoder.error("not a whole number of 64 bits")))
        .transpose()
}

/// Numbers: whatever is wrong with one fails the whole, so that no response shows less money than it has.
macro_rules! numbers {
    ($($name:ty: $read:expr;)*) => { $(
        impl Decode for $name {
            fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
                let read: fn(&mut Decoder<'_>) -> Result<Option<Self>, DecodeError> = $read;
                read(decoder).map_err(DecodeError::into_final)
            }
        }
    )* };
}

numbers! {
    Decimal: decimal;
    Amount: |decoder| Ok(decimal(decoder)?.map(Amount::from));
    i64: whole;
}

impl Decode for bool {
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        let token = token(decoder, true)?;
        let text = match &token {
            Token::Null => return Ok(None),
            Token::Bool(value) => return Ok(Some(*value)),
            Token::Number(text) => text.trim(),
            Token::Text(text) => text.trim(),
            Token::Structure(_) => return Err(mismatch(decoder, &token, "true or false")),
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "y" => Ok(Some(true)),
            "false" | "0" | "no" | "n" => Ok(Some(false)),
            _ if is_nothing(text) => Ok(None),
            _ => Err(decoder.error("neither true nor false")),
        }
    }
}

impl Decode for String {
    /// Structure where text is declared is kept whole, as JSON.
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        // Nearly always.
        if decoder.peek() == Some(b'"') {
            return decoder.string().map(|text| Some(text.into_owned()));
        }
        Ok(match token(decoder, false)? {
            Token::Null => None,
            Token::Bool(value) => Some(value.to_string()),
            Token::Structure(json) if is_empty_list(json) => None,
            Token::Number(text) | Token::Structure(text) => Some(text.to_owned()),
            Token::Text(text) => Some(text.into_owned()),
        })
    }
}

fn is_empty_list(json: &str) -> bool {
    json.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inner| inner.trim().is_empty())
}

/// Decodes text, or a number or boolean that stands for it. Digits are not grouped, rounded or stripped.
#[inline]
pub(crate) fn text<'a>(
    decoder: &mut Decoder<'a>,
    is_exact: bool,
) -> Result<Option<Cow<'a, str>>, DecodeError> {
    match token(decoder, is_exact)? {
        Token::Null => Ok(None),
        Token::Text(text) => Ok(Some(text)),
        Token::Number(text) => Ok(Some(text.into())),
        Token::Bool(value) => Ok(Some(if value { "true" } else { "false" }.into())),
        other => Err(mismatch(decoder, &other, TEXT)),
    }
}

/// Decodes what must be text, or stand for it.
pub(crate) fn required_text<T: Decode>(decoder: &mut Decoder<'_>) -> Result<T, DecodeError> {
    required(decoder, TEXT)
}

/// Implements decoding of a type that is made of text. `exact` types identify something, so that text which is
/// not valid Unicode is never replaced in them.
macro_rules! impl_decode_text {
    (exact $($name:ty),* $(,)?) => { $( $crate::decode::scalar::impl_decode_text!(@ $name, true); )* };
    ($($name:ty),* $(,)?) => { $( $crate::decode::scalar::impl_decode_text!(@ $name, false); )* };
    (or_default $name:ty) => {
        $crate::decode::scalar::impl_decode_text!(@decode $name, false);
        $crate::decode::serde::impl_deserialize!(or_default $name);
    };
    (@ $name:ty, $is_exact:literal) => {
        $crate::decode::scalar::impl_decode_text!(@decode $name, $is_exact);
        $crate::decode::serde::impl_deserialize!($name);
    };
    (@decode $name:ty, $is_exact:literal) => {
        impl $crate::decode::traits::Decode for $name {
            fn item(
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<Option<Self>, $crate::decode::error::DecodeError> {
                Ok($crate::decode::scalar::text(decoder, $is_exact)?.map(|text| Self::from(text.as_ref())))
            }
        }

        impl $crate::decode::traits::DecodeStrict for $name {
            fn strict(
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<Self, $crate::decode::error::DecodeError> {
                $crate::decode::scalar::required_text(decoder)
            }
        }
    };
}

pub(crate) use impl_decode_text;

impl_decode_text!(Timestamp);
impl_decode_text!(
    exact Currency, Sensitive, SensitiveDigits, OrderId, CfOrderId, CfPaymentId, PaymentSessionId, RefundId,
    CfRefundId, CustomerId, InstrumentId, LinkId, CfLinkId, OfferId, SubscriptionId, CfSubscriptionId,
    SubscriptionSessionId, PlanId, PaymentId, VendorId, CfTerminalId, DisputeId, SettlementId, SimulationId,
    IncidentId,
);

// Through a format that has only floats, a number is refused when it has more than fifteen digits, since they
// may not be the digits that were sent. A long number that was rounded to a short one can't be detected.
impl_deserialize!(Decimal);
impl_deserialize!(Amount);

/// Decodes an optional time of an event: one that says nothing is absent, and outer spaces are dropped.
pub(crate) fn event_time(decoder: &mut Decoder<'_>) -> Result<Option<Timestamp>, DecodeError> {
    let text = String::field(decoder)?;
    // Nearly always.
    if let Some([b'0'..=b'9', .., b'0'..=b'9' | b'Z']) = text.as_deref().map(str::as_bytes) {
        return Ok(text.map(Timestamp::from));
    }
    Ok(text.filter(|text| !is_nothing(text.trim())).map(|text| match text.trim() {
        trimmed if trimmed.len() < text.len() => Timestamp::from(trimmed),
        _ => Timestamp::from(text),
    }))
}

/// Skips a text that says nothing, if it is next.
pub(super) fn eat_nothing(
    decoder: &mut Decoder<'_>,
    is_nothing: fn(&str) -> bool,
) -> Result<bool, DecodeError> {
    if decoder.peek() != Some(b'"') {
        return decoder.eat_null();
    }
    let start = decoder.position();
    if is_nothing(decoder.string()?.trim()) {
        return Ok(true);
    }
    decoder.rewind(start);
    Ok(false)
}
