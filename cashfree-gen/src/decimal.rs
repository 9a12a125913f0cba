//! Exact decimal numbers.
//!
//! A JSON number is read by its text and written by its text, so that no digit passes through a float
//! on the way: `10.10` stays `10.10`, and a number of thirty digits stays whole.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// Digits that fit: those of a 128-bit integer.
const MAX_DIGITS: u32 = 38;

/// An exact decimal number of up to 38 digits, for rates and percentages; money is an
/// [`Amount`](crate::Amount).
///
/// Equality and order go by value (`1.5` equals `1.50`); the text keeps the digits that were given.
///
/// ```
/// use cashfree_gen::Decimal;
/// let rate: Decimal = "84.5100".parse()?;
/// assert_eq!(rate, "84.51".parse()?);
/// assert_eq!(rate.to_string(), "84.5100");
/// # Ok::<(), cashfree_gen::InvalidDecimal>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// The text is no decimal number, or has more than 38 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidDecimal;

impl fmt::Display for InvalidDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number of at most 38 digits")
    }
}

impl std::error::Error for InvalidDecimal {}

impl Decimal {
    /// `mantissa` divided by ten to the power of `scale`: `new(1234, 2)` is 12.34.
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        let scale = if scale as u32 > MAX_DIGITS { MAX_DIGITS as u8 } else { scale };
        Self { mantissa: mantissa as i128, scale }
    }

    /// The sum, unless it has more digits than fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self { mantissa: left.checked_add(right)?, scale })
    }

    /// The difference, unless it has more digits than fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self { mantissa: left.checked_sub(right)?, scale })
    }

    /// The number times ten to the power of `scale`, if that is whole and fits: `12.30` at scale 2 is
    /// 1230.
    pub fn to_scaled(self, scale: u8) -> Option<i64> {
        let plain = self.normalized();
        let mantissa = if plain.scale <= scale {
            plain.mantissa.checked_mul(power(u32::from(scale - plain.scale))?)?
        } else {
            return None;
        };
        i64::try_from(mantissa).ok()
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        let lift = |number: Self| number.mantissa.checked_mul(power(u32::from(scale - number.scale))?);
        Some((lift(self)?, lift(other)?, scale))
    }

    /// Without trailing zeros after the point: one form a value.
    fn normalized(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole parts first, then fractions at a common scale: neither can overflow.
        let split = |number: &Self| {
            let unit = power(u32::from(number.scale)).unwrap_or(i128::MAX);
            let lift = power(MAX_DIGITS - u32::from(number.scale)).unwrap_or(1);
            (number.mantissa / unit, (number.mantissa % unit).saturating_mul(lift))
        };
        split(self).cmp(&split(other))
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let plain = self.normalized();
        plain.mantissa.hash(state);
        plain.scale.hash(state);
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    /// Reads `12`, `-0.50`, `1.5e3`: what JSON calls a number, and a leading `+`.
    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| InvalidDecimal)?),
            None => (text, 0),
        };
        let (negative, number) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        if whole.is_empty() || fraction.is_empty() {
            return Err(InvalidDecimal);
        }
        let fraction = if number.contains('.') { fraction } else { "" };
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return Err(InvalidDecimal);
            }
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|shifted| shifted.checked_add(i128::from(digit - b'0')))
                .filter(|mantissa| *mantissa < 10_i128.pow(MAX_DIGITS))
                .ok_or(InvalidDecimal)?;
        }
        let mut scale = i32::try_from(fraction.len())
            .map_err(|_| InvalidDecimal)?
            .checked_sub(exponent)
            .ok_or(InvalidDecimal)?;
        if mantissa == 0 {
            scale = scale.clamp(0, MAX_DIGITS as i32);
        }
        if scale < 0 {
            mantissa = power(scale.unsigned_abs())
                .and_then(|lift| mantissa.checked_mul(lift))
                .filter(|mantissa| *mantissa < 10_i128.pow(MAX_DIGITS))
                .ok_or(InvalidDecimal)?;
            scale = 0;
        }
        let scale =
            u8::try_from(scale).ok().filter(|scale| u32::from(*scale) <= MAX_DIGITS).ok_or(InvalidDecimal)?;
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let text = if scale == 0 {
            digits
        } else if digits.len() > scale {
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            format!("{whole}.{fraction}")
        } else {
            format!("0.{digits:0>scale$}")
        };
        f.pad_integral(self.mantissa >= 0, "", &text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Written as a JSON number with exactly these digits.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// Read from a number or from numeric text.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)?.ok_or_else(|| de::Error::custom("a number is missing"))
    }
}

/// The name by which `serde_json` hands a value over as its text. It is the name that
/// `serde_json::value::RawValue` uses; asking under it directly lets other formats, and values that
/// serde holds in a buffer, be read too. A test fails if the name ever changes.
const RAW: &str = "$serde_json::private::RawValue";

/// A number, numeric text, or nothing: null, empty text and the words that stand for nothing.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    struct Read;

    impl<'de> Visitor<'de> for Read {
        type Value = Option<Decimal>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, or a number as text")
        }

        /// From `serde_json`: one entry, whose value is the text on the wire.
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let Some(RawKey) = map.next_key()? else { return Err(de::Error::custom("expected a number")) };
            let text = map.next_value_seed(RawText)?;
            number(&text)
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            deserializer: D,
        ) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
            Ok(Some(Decimal { mantissa: value.into(), scale: 0 }))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
            Ok(Some(Decimal { mantissa: value.into(), scale: 0 }))
        }

        /// A float that came through another format; fifteen digits survive it, more are not certain.
        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
            let text = value.to_string();
            if text.bytes().filter(u8::is_ascii_digit).count() > 16 {
                return Err(E::custom(format_args!(
                    "{text} passed through a float and may have lost digits"
                )));
            }
            number(&text)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            number(text)
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    deserializer.deserialize_newtype_struct(RAW, Read)
}

fn number<E: de::Error>(text: &str) -> Result<Option<Decimal>, E> {
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).trim();
    if crate::lenient::is_nothing(bare) {
        return Ok(None);
    }
    bare.parse()
        .map(Some)
        .map_err(|invalid| E::custom(format_args!("{}: {invalid}", crate::lenient::shown(bare))))
}

struct RawKey;

impl<'de> Deserialize<'de> for RawKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;
        impl Visitor<'_> for Key {
            type Value = RawKey;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a number as text")
            }
            fn visit_str<E: de::Error>(self, key: &str) -> Result<RawKey, E> {
                if key == RAW { Ok(RawKey) } else { Err(E::custom("expected a number, found an object")) }
            }
        }
        deserializer.deserialize_identifier(Key)
    }
}

struct RawText;

impl<'de> DeserializeSeed<'de> for RawText {
    type Value = std::borrow::Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = std::borrow::Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of a value")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(text.into())
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.to_owned().into())
            }
            fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_str(Text)
    }
}
