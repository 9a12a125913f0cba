//! Numbers, flags and texts by the text that stands for them: each is read from the other's form, too.

use serde::de::{self, Deserialize, Deserializer};
use serde_json::Value;

use crate::decode::lenient::{Read, of_words};
use crate::decode::lexer::{Fault, Json};
use crate::decode::strict::Strict;
use crate::decode::wire::{Free, Wire};
use crate::scalar::is_nothing;
use crate::{
    Amount, CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, CfTerminalId, Currency,
    CustomerId, Decimal, DisputeId, IncidentId, InstrumentId, LinkId, OfferId, OrderId, ParseError,
    PaymentId, PaymentSessionId, PlanId, RefundId, Sensitive, SensitiveDigits, SensitiveJson, SettlementId,
    SimulationId, SubscriptionId, SubscriptionSessionId, Timestamp, VendorId,
};

of_words!(Currency);
of_words!(Timestamp);
of_words!(Sensitive);
of_words!(SensitiveDigits);
of_words!(OrderId);
of_words!(CfOrderId);
of_words!(CfPaymentId);
of_words!(PaymentSessionId);
of_words!(RefundId);
of_words!(CfRefundId);
of_words!(CustomerId);
of_words!(InstrumentId);
of_words!(LinkId);
of_words!(CfLinkId);
of_words!(OfferId);
of_words!(SubscriptionId);
of_words!(CfSubscriptionId);
of_words!(SubscriptionSessionId);
of_words!(PlanId);
of_words!(PaymentId);
of_words!(VendorId);
of_words!(CfTerminalId);
of_words!(DisputeId);
of_words!(SettlementId);
of_words!(SimulationId);
of_words!(IncidentId);

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
                    // The error must not repeat the text.
                    text => text.parse().map(Some).map_err(|error: ParseError| {
                        E::custom(format_args!("expected {}", error.expected()))
                    }),
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

/// Read from a number or from numeric text.
///
/// A number that some other format, or a tree of JSON values, held as a float is taken if the float has at
/// most fifteen digits and refused beyond them, since they may not be the digits that were sent. (A long
/// number that was rounded to a short one before it came here can't be told from a short one.)
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer)?.ok_or_else(|| de::Error::custom("a number is missing"))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Decimal::deserialize(deserializer).map(Self::from)
    }
}

impl Read for SensitiveJson {
    fn item(json: &mut Json<'_>) -> Result<Option<Self>, Fault> {
        Ok(Value::item(json)?.map(Self::from))
    }
}

impl Strict for SensitiveJson {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        Value::strict(json).map(Self::from)
    }
}

impl<'de> Deserialize<'de> for SensitiveJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Free::deserialize(deserializer).map(|Free(json)| Self::from(json))
    }
}
