//! Numbers, flags and texts by the text that stands for them: each is read from the other's form, too.

use serde::de::{self, Deserialize, Deserializer};

use crate::wire::Wire;
use crate::{Amount, Decimal};

/// Text that stands for the absence of a number, flag or object.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "null" | "NULL" | "None" | "NA" | "N/A" | "-")
}

/// A scalar that can be read from another kind of scalar.
pub(crate) trait Scalar: Sized {
    fn of_wire<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E>;
}

impl Scalar for Decimal {
    fn of_wire<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        match wire {
            Wire::Nothing => Ok(None),
            Wire::Number(text) | Wire::Text(text) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => match text.trim() {
                    text if is_nothing(text) => Ok(None),
                    text => text.parse().map(Some).map_err(E::custom),
                },
            },
            other => Err(other.refused("a number, or a number as text")),
        }
    }
}

impl Scalar for Amount {
    fn of_wire<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        Ok(Decimal::of_wire(wire)?.map(Self::from))
    }
}

impl Scalar for i64 {
    fn of_wire<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        Decimal::of_wire(wire)?
            .map(|number| number.to_scaled(0).ok_or_else(|| E::custom("not a whole number of 64 bits")))
            .transpose()
    }
}

impl Scalar for bool {
    fn of_wire<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        match wire {
            Wire::Nothing => Ok(None),
            Wire::Flag(flag) => Ok(Some(flag)),
            Wire::Number(text) | Wire::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "y" => Ok(Some(true)),
                "false" | "0" | "no" | "n" => Ok(Some(false)),
                _ if is_nothing(text.trim()) => Ok(None),
                _ => Err(E::custom("neither true nor false")),
            },
            other => Err(other.refused("true or false")),
        }
    }
}

impl Scalar for String {
    /// Structure where text is declared is kept whole, as the JSON that it is.
    fn of_wire<E: de::Error>(wire: Wire<'_>) -> Result<Option<Self>, E> {
        Ok(match wire {
            Wire::Nothing => None,
            Wire::Flag(flag) => Some(flag.to_string()),
            Wire::Structure(json) if is_empty_list(&json) => None,
            Wire::Number(text) | Wire::Text(text) | Wire::Structure(text) => Some(text.into_owned()),
        })
    }
}

fn is_empty_list(json: &str) -> bool {
    json.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inner| inner.trim().is_empty())
}

/// Reads an optional scalar from any source of values.
pub(crate) fn scalar<'de, D: Deserializer<'de>, T: Scalar>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::of_wire(Wire::deserialize(deserializer)?)
}
