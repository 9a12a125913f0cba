//! Numbers, money and times by their text: two texts, one a line.
//!
//! - What is read is written so that it reads as the same, digit for digit.
//! - Comparison, sums and differences are those of an arithmetic without limits.
//! - The same text as JSON, as a number or as text, is the same number.
//! - A time that can be read is the same moment in every library, and after being written again.

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};

use bigdecimal::BigDecimal;
use cashfree_gen::{Amount, Currency, Decimal, FromJson, Json, Timestamp};
use serde_json::Value;

use crate::Steer;

/// Reads both texts, and compares.
///
/// # Panics
/// When the property does not hold.
pub fn holds(data: &[u8]) {
    let mut steer = Steer(data);
    let (Ok(one), Ok(other)) = (std::str::from_utf8(steer.line()), std::str::from_utf8(steer.line())) else {
        return;
    };
    for text in [one, other] {
        number(text);
        moment(text);
        currency(text);
    }
    if let (Ok(one), Ok(other)) = (one.parse(), other.parse()) {
        pair(one, other);
    }
}

fn number(text: &str) {
    let read = text.parse::<Decimal>().ok();
    let is_json_number = text.bytes().next().is_some_and(|first| first == b'-' || first.is_ascii_digit())
        && matches!(json(text), Some(Json::Number(number)) if number.len() == text.len());
    if is_json_number {
        let decoded = Amount::from_json(text.as_bytes()).ok();
        assert_eq!(decoded.map(Amount::as_decimal), read, "{text} as a number of JSON");
        // A tree of values may have rounded; it says so, or is right.
        if let (Ok(value), Some(read)) = (serde_json::from_str::<Value>(text), read)
            && let Ok(decoded) = serde_json::from_value::<Amount>(value)
            && read.to_string().len() <= 15
        {
            assert_eq!(decoded.as_decimal(), read, "{text} by way of a tree");
        }
    }
    let Some(read) = read else { return };
    let written = read.to_string();
    assert_eq!(written.parse::<Decimal>().map(|again| again.to_string()), Ok(written.clone()), "{text}");
    match serde_json::to_string(&Amount::from(read)) {
        Ok(json) => assert_eq!(Decimal::from_json(json.as_bytes()).ok(), Some(read), "{text} as {json}"),
        Err(_) => {
            let digits =
                big(&written).map(|number| number.normalized().to_plain_string()).unwrap_or_default();
            let significant = digits.replace(['-', '.'], "").trim_start_matches('0').len();
            assert!(significant > 15 && digits.contains('.'), "{text} can be written");
        }
    }
    let quoted = serde_json::from_str::<Amount>(&format!("\"{text}\""));
    assert_eq!(quoted.ok().map(|amount| amount.to_string()), Some(written.clone()), "{text} as text");
    assert!(json(&written).is_some(), "{text} is written as {written}");
    if !read.is_zero() {
        assert_eq!(big(text), big(&written), "{text} is written as {written}");
    }
    assert_eq!(format!("{read:>60}").trim_start(), written);
    assert_eq!(Amount::from(read).is_negative(), written.starts_with('-'), "{written}");
    for scale in [0, 2, 3, 28, u8::MAX] {
        let expected = big(&written).map(|number| number * big(&format!("1e{scale}")).unwrap_or_default());
        let scaled = read.to_scaled(scale).map(|whole| big(&whole.to_string()));
        let whole = expected.filter(BigDecimal::is_integer).map(|number| number.with_scale(0));
        let fits = |number: &BigDecimal| number.to_plain_string().parse::<i64>().is_ok();
        assert_eq!(scaled.flatten(), whole.filter(fits), "{written} at scale {scale}");
    }
}

fn pair(one: Decimal, other: Decimal) {
    let (Some(left), Some(right)) = (big(&one.to_string()), big(&other.to_string())) else {
        panic!("{one} or {other} is no number elsewhere")
    };
    assert_eq!(one.cmp(&other), left.cmp(&right), "{one} and {other}");
    assert_eq!(other.cmp(&one), right.cmp(&left), "{other} and {one}");
    let state = RandomState::new();
    if one.cmp(&other) == Ordering::Equal {
        assert_eq!(state.hash_one(one), state.hash_one(other), "{one} and {other}");
    }
    for (result, expected) in
        [(one.checked_add(other), &left + &right), (one.checked_sub(other), &left - &right)]
    {
        match result {
            Some(result) => assert_eq!(big(&result.to_string()), Some(expected), "{one} and {other}"),
            None => {
                let (mantissa, scale) = expected.normalized().into_bigint_and_exponent();
                assert!(mantissa.bits() > 96 || scale > 28, "{expected} fits, of {one} and {other}");
            }
        }
    }
}

fn big(text: &str) -> Option<BigDecimal> {
    text.parse().ok()
}

fn json(text: &str) -> Option<Json> {
    Json::parse(text.as_bytes()).ok()
}

fn moment(text: &str) {
    let stamp = Timestamp::from(text);
    assert_eq!(stamp.as_str(), text);
    let kept = serde_json::to_string(&stamp).and_then(|json| serde_json::from_str::<Timestamp>(&json));
    assert_eq!(kept.ok().as_ref(), Some(&stamp));
    let Ok(moment) = stamp.to_system_time() else {
        assert!(chrono::DateTime::<chrono::FixedOffset>::try_from(&stamp).is_err(), "{text} in chrono only");
        return;
    };
    assert!(!stamp.is_blank(), "{text} is nothing and a time");
    let with_chrono = chrono::DateTime::<chrono::FixedOffset>::try_from(&stamp).map(Timestamp::from);
    let with_jiff = jiff::Timestamp::try_from(&stamp).map(Timestamp::from);
    let with_time = time::OffsetDateTime::try_from(&stamp).map(Timestamp::from);
    // At either end of four digits of a year the zones disagree on it.
    let is_common = !text.trim().starts_with("0000") && !text.trim().starts_with("9999-12-3");
    for again in [with_chrono, with_jiff, with_time] {
        match again {
            Ok(again) if is_common => {
                assert_eq!(again.to_system_time(), Ok(moment), "{text} is written as {again}");
            }
            Ok(_) => {}
            Err(_) => assert!(!is_common, "{text} is a time here and not elsewhere"),
        }
    }
}

fn currency(text: &str) {
    let currency = Currency::from(text);
    assert_eq!(currency.as_str(), text);
    let kept = serde_json::to_string(&currency).and_then(|json| serde_json::from_str::<Currency>(&json));
    assert_eq!(kept.ok(), Some(currency));
}
