//! Identifiers as types: text that is kept exactly, whether it came as text or as a number, and that
//! can't be given where another kind of identifier is meant.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! ids {
    ($($(#[doc = $docs:literal])* $name:ident $(shown as $mask:literal)?;)*) => { $(
        $(#[doc = $docs])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        pub struct $name(String);

        impl $name {
            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self(text.clone())
            }
        }

        impl From<&Self> for $name {
            fn from(id: &Self) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        ids!(@display $name $($mask)?);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(return f.write_str($mask);)?
                #[allow(unreachable_code, reason = "of an identifier that is not shown")]
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )* };
    (@display $name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
    // Whoever has it can act: it is shown by nobody who doesn't ask for its text.
    (@display $name:ident $mask:literal) => {};
}

ids! {
    /// The merchant's id of an order: 3 to 45 letters, digits, `_` or `-`, unique in the account.
    OrderId;
    /// Cashfree's own id of an order.
    CfOrderId;
    /// Cashfree's id of one payment attempt.
    CfPaymentId;
    /// What a checkout or a direct payment is opened with; issued with the order. Who has it can pay, so
    /// `Debug` does not show it, and there is no `Display`.
    PaymentSessionId shown as "***";
    /// The merchant's id of a refund: 3 to 40 letters and digits, unique in the account.
    RefundId;
    /// Cashfree's own id of a refund.
    CfRefundId;
    /// The merchant's id of a customer: 3 to 50 letters and digits.
    CustomerId;
    /// Cashfree's id of a saved card.
    InstrumentId;
    /// The merchant's id of a payment link, at most 50 characters.
    LinkId;
    /// Cashfree's own id of a payment link.
    CfLinkId;
    /// Cashfree's id of an offer.
    OfferId;
    /// The merchant's id of a subscription.
    SubscriptionId;
    /// Cashfree's own id of a subscription.
    CfSubscriptionId;
    /// What the authorisation of a subscription is opened with. As with a payment session, there is no `Display`.
    SubscriptionSessionId shown as "***";
    /// The merchant's id of a subscription plan.
    PlanId;
    /// The merchant's id of a subscription payment.
    PaymentId;
    /// The merchant's id of an Easy Split vendor.
    VendorId;
    /// Cashfree's id of a terminal.
    CfTerminalId;
    /// Cashfree's id of a dispute.
    DisputeId;
    /// Cashfree's id of a settlement.
    SettlementId;
    /// The id of a simulation.
    SimulationId;
    /// The id of an incident that affects payments.
    IncidentId;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn text_and_numbers_are_kept_digit_for_digit() {
        for (json, expected) in [
            (r#""016381""#, "016381"),
            ("1234567890123456", "1234567890123456"),
            ("18446744073709551616", "18446744073709551616"),
            ("1234567890123456789012", "1234567890123456789012"),
            ("-7", "-7"),
            ("10.10", "10.10"),
            ("1e400", "1e400"),
            ("true", "true"),
            (r#""""#, ""),
            (r#""a\"b\u00e9\n""#, "a\"bé\n"),
            (r#""\ud83d\ude00""#, "😀"),
        ] {
            let id: CfOrderId = serde_json::from_str(json).unwrap();
            assert_eq!(id, expected, "{json}");
            let written = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<CfOrderId>(&written).unwrap(), id);
        }
    }

    #[test]
    fn ids_read_from_trees_and_other_sources() {
        for value in [serde_json::json!("016381"), serde_json::json!(1_234_567_890_123_456_u64)] {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(CfOrderId::deserialize(&value).unwrap(), text.as_str());
            assert_eq!(serde_json::from_value::<CfOrderId>(value).unwrap(), text.as_str());
        }
        assert_eq!(serde_json::from_reader::<_, CfOrderId>(&b"\"x\\u0031\""[..]).unwrap(), "x1");
        // The digits are gone before anything can be done about it: better refused than changed.
        let rounded: serde_json::Value = serde_json::from_str("1234567890123456789012").unwrap();
        assert!(serde_json::from_value::<CfOrderId>(rounded).is_err());
    }

    #[test]
    fn what_is_no_scalar_is_refused() {
        for json in ["null", "{}", "[]", r#"["a"]"#, r#"{"id":"a"}"#, r#""\ud800""#, "\"a\nb\"", "\"a"] {
            assert!(serde_json::from_str::<OrderId>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn ids_are_shown_as_text() {
        let id = OrderId::from("a\"b");
        assert_eq!(format!("{id} {id:?} {id:>5}"), r#"a"b "a\"b"   a"b"#);
        assert_eq!(String::from(id.clone()), id.as_str());
    }
}
