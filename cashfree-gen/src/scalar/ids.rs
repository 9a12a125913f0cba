//! Identifiers, one type for each kind. The text is kept exactly, whether it is received as text or as a number.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::error::ParseError;

/// What an identifier may look like, as far as every source agrees.
struct Form {
    /// Shortest and longest, in characters.
    length: (usize, usize),
    /// Whether it has only letters, digits, `_` and `-`.
    is_plain: bool,
}

impl Form {
    /// An identifier that the service assigns.
    const ASSIGNED: Self = Self { length: (1, 255), is_plain: false };

    fn admits(&self, text: &str) -> bool {
        let is_valid = |byte: u8| match self.is_plain {
            true => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            false => byte.is_ascii_graphic(),
        };
        (self.length.0..=self.length.1).contains(&text.len()) && text.bytes().all(is_valid)
    }
}

macro_rules! ids {
    ($($(#[doc = $docs:literal])* $name:ident $(shown as $mask:literal)?: $kind:literal, $form:expr, $expected:literal;)*) => { $(
        $(#[doc = $docs])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        pub struct $name(String);

        impl $name {
            /// Returns the identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// Parses the identifier, and refuses text that the service never accepts or assigns. The conversions by
        /// `From` accept any text.
        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                const FORM: Form = $form;
                if FORM.admits(text) { Ok(Self(text.to_owned())) } else { Err(ParseError::new($kind, $expected)) }
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
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
    // A session id is shown to nobody who does not ask for its text.
    (@display $name:ident $mask:literal) => {};
}

ids! {
    /// The merchant's id of an order: 3 to 45 letters, digits, `_` or `-`, unique in the account.
    OrderId: "order id", Form { length: (3, 45), is_plain: true }, "3 to 45 letters, digits, `_` or `-`";
    /// Cashfree's own id of an order.
    CfOrderId: "Cashfree order id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Cashfree's id of one payment attempt.
    CfPaymentId: "Cashfree payment id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Opens a checkout or a direct payment; issued with the order. Who has it can pay, so `Debug` does not show it,
    /// and there is no `Display`.
    PaymentSessionId shown as "***": "payment session id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The merchant's id of a refund: 3 to 40 characters, unique in the account.
    RefundId: "refund id", Form { length: (3, 40), is_plain: false }, "3 to 40 printable ASCII characters without spaces";
    /// Cashfree's own id of a refund.
    CfRefundId: "Cashfree refund id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The merchant's id of a customer: 3 to 50 characters.
    CustomerId: "customer id", Form { length: (3, 50), is_plain: false }, "3 to 50 printable ASCII characters without spaces";
    /// Cashfree's id of a saved card.
    InstrumentId: "instrument id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The merchant's id of a payment link, at most 50 characters.
    LinkId: "link id", Form { length: (1, 50), is_plain: false }, "1 to 50 printable ASCII characters without spaces";
    /// Cashfree's own id of a payment link.
    CfLinkId: "Cashfree link id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Cashfree's id of an offer.
    OfferId: "offer id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The merchant's id of a subscription.
    SubscriptionId: "subscription id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Cashfree's own id of a subscription.
    CfSubscriptionId: "Cashfree subscription id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Opens the authorisation of a subscription. As with a payment session, there is no `Display`.
    SubscriptionSessionId shown as "***": "subscription session id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The merchant's id of a subscription plan.
    PlanId: "plan id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The merchant's id of a subscription payment.
    PaymentId: "payment id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The merchant's id of an Easy Split vendor.
    VendorId: "vendor id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Cashfree's id of a terminal.
    CfTerminalId: "Cashfree terminal id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Cashfree's id of a dispute.
    DisputeId: "dispute id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// Cashfree's id of a settlement.
    SettlementId: "settlement id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The id of a simulation.
    SimulationId: "simulation id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
    /// The id of an incident that affects payments.
    IncidentId: "incident id", Form::ASSIGNED, "1 to 255 printable ASCII characters without spaces";
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::FromJson;

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
            let id = CfOrderId::from_json(json.as_bytes()).unwrap();
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
            assert!(OrderId::from_json(json.as_bytes()).is_err(), "{json}");
            assert!(serde_json::from_str::<OrderId>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn what_can_never_be_valid_is_refused_and_not_quoted() {
        for text in ["order_1", "abc", "A-b_9", &"o".repeat(45)] {
            assert_eq!(text.parse::<OrderId>().unwrap(), text);
        }
        for text in ["", "ab", " order_1", "order 1", "order/1", "örder", "order\n1", &"o".repeat(46)] {
            let error = text.parse::<OrderId>().unwrap_err();
            assert_eq!(
                error.to_string(),
                "invalid order id: expected 3 to 45 letters, digits, `_` or `-`",
                "{text}"
            );
        }
        assert!("2149460581".parse::<CfPaymentId>().is_ok() && "".parse::<CfPaymentId>().is_err());
        assert!("ref.1".parse::<RefundId>().is_ok() && "r".repeat(41).parse::<RefundId>().is_err());
        let error = "S3CRET SESSION".parse::<PaymentSessionId>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("S3CRET"), "{error:?}");
    }

    #[test]
    fn a_map_by_id_is_read_by_text() {
        let mut amounts = std::collections::HashMap::new();
        amounts.insert(OrderId::from("order_1"), 1);
        assert_eq!(amounts.get("order_1"), Some(&1));
    }

    #[test]
    fn ids_are_shown_as_text() {
        let id = OrderId::from("a\"b");
        assert_eq!(format!("{id} {id:?} {id:>5}"), r#"a"b "a\"b"   a"b"#);
        assert_eq!(String::from(id.clone()), id.as_str());
    }
}
