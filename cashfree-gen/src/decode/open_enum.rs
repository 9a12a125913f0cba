//! Enums that stay open: a value that is not known yet is kept and written back as received.

use std::fmt;

use crate::scalar::private::Private;

/// A value that this version of the crate does not know. Its text is
/// [`as_str`](UnknownValue::as_str); a later version may have a variant for it, so don't build logic on
/// meeting it here.
///
/// `Debug` shows a text of the form `[A-Z][A-Z0-9_]{0,39}` and masks any other, since the service may send any text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "A value that this version does not know.")
)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the value as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows a value that has the form of one: up to 40 capital letters, digits and underscores, of which the first is a
/// letter. Anything else is masked like private text, since the service may put any text there.
impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if has_form_of_value(&self.0) {
            fmt::Debug::fmt(&self.0, f)
        } else {
            fmt::Debug::fmt(&Private(&*self.0), f)
        }
    }
}

fn has_form_of_value(text: &str) -> bool {
    const LONGEST: usize = 40;
    text.len() <= LONGEST
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

macro_rules! open_enum {
    ($(#[$docs:meta])* pub enum $($rest:tt)*) => {
        $crate::decode::open_enum::open_enum!(@ ; $(#[$docs])* pub enum $($rest)*);
    };
    (@ $($absent:ident)?; $(#[$docs:meta])* pub enum $name:ident {
        $($(#[$variant_docs:meta])* $variant:ident = $text:literal,)*
    }) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_docs])* #[cfg_attr(feature = "schemars", schemars(rename = $text))] $variant,)*
            $(
                /// No value: the field is absent, null or empty. It is serialized by leaving the field out.
                #[cfg_attr(feature = "schemars", schemars(skip))]
                $absent,
            )?
            /// A value that this version does not know.
            #[cfg_attr(feature = "schemars", schemars(untagged))]
            Unknown($crate::UnknownValue),
        }

        impl $name {
            /// The values that this version knows.
            pub const KNOWN: &'static [&'static str] = &[$($text),*];

            /// Returns the value as sent and received.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    $(Self::$absent => "",)?
                    Self::Unknown(value) => value.as_str(),
                }
            }

            $(
                /// Returns whether there is no value.
                pub const fn is_absent(&self) -> bool {
                    matches!(self, Self::$absent)
                }
            )?
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    $("" => Self::$absent,)?
                    other => Self::Unknown($crate::UnknownValue::new(other)),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                text.as_str().into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $(
                    if *self == Self::$absent {
                        return serializer.serialize_none();
                    }
                )?
                serializer.serialize_str(self.as_str())
            }
        }

        $crate::decode::open_enum::decode_open_enum!($name $($absent)?);
    };
}

/// An open enum with a value for *absent*.
#[allow(unused_macros, reason = "a document may have no such enum")]
macro_rules! open_enum_or_absent {
    ($($enum:tt)*) => {
        $crate::decode::open_enum::open_enum!(@ Absent; $($enum)*);
    };
}

macro_rules! decode_open_enum {
    ($name:ident) => {
        $crate::decode::scalar::impl_decode_text!($name);
    };
    ($name:ident $absent:ident) => {
        $crate::decode::scalar::impl_decode_text!(or_default $name);

        impl Default for $name {
            fn default() -> Self {
                Self::$absent
            }
        }

        impl $crate::decode::object::Field for $name {
            type Value = Self;

            #[inline]
            fn empty() -> Self {
                Self::$absent
            }

            #[inline]
            fn decode_by(
                &mut self,
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
                decode: impl Fn(
                    &mut $crate::decode::decoder::Decoder<'_>,
                ) -> Result<Option<Self>, $crate::decode::error::DecodeError>,
            ) -> Result<(), $crate::decode::error::DecodeError> {
                if let Some(value) = decode(decoder)? {
                    *self = value;
                }
                Ok(())
            }
        }
    };
}

#[allow(unused_imports, reason = "a document may have no such enum")]
pub(crate) use open_enum_or_absent;
pub(crate) use {decode_open_enum, open_enum};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::UnknownValue;
    use crate::types::{
        CreateSubscriptionPaymentResponse, InstrumentStatus, OrderStatus, PaymentStatus,
        SubscriptionPaymentStatus,
    };

    #[test]
    fn an_absent_status_is_a_value() {
        for body in ["{}", r#"{"payment_status":null}"#, r#"{"payment_status":""}"#] {
            let response: CreateSubscriptionPaymentResponse = serde_json::from_str(body).unwrap();
            assert_eq!(response.payment_status, SubscriptionPaymentStatus::Absent, "{body}");
            assert!(response.payment_status.is_absent() && response == Default::default(), "{body}");
            assert_eq!(serde_json::to_string(&response).unwrap(), "{}");
        }
        assert_eq!(serde_json::from_str::<OrderStatus>("null").unwrap(), OrderStatus::default());
        assert_eq!(serde_json::to_string(&OrderStatus::Absent).unwrap(), "null");
        let response: CreateSubscriptionPaymentResponse =
            serde_json::from_str(r#"{"payment_status":"SUCCESS"}"#).unwrap();
        assert_eq!(response.payment_status, SubscriptionPaymentStatus::Success);
        assert!(!OrderStatus::KNOWN.contains(&""));
    }

    #[test]
    fn a_known_value_is_its_variant_and_any_other_is_kept() {
        for known in PaymentStatus::KNOWN {
            let status = PaymentStatus::from(*known);
            assert!(!matches!(status, PaymentStatus::Unknown(_)), "{known}");
            assert_eq!(status, *known);
        }
        for (json, text) in
            [(r#""ON_THE_MOON""#, "ON_THE_MOON"), (r#""success""#, "success"), ("7", "7"), ("true", "true")]
        {
            let status: PaymentStatus = serde_json::from_str(json).unwrap();
            assert!(matches!(status, PaymentStatus::Unknown(_)), "{json}");
            assert_eq!(status.to_string(), text);
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{text}\""));
        }
        let empty: InstrumentStatus = serde_json::from_str(r#""""#).unwrap();
        assert!(matches!(empty, InstrumentStatus::Unknown(_)));
        for json in ["null", "{}", "[]"] {
            assert!(serde_json::from_str::<InstrumentStatus>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_unknown_value_is_shown_only_in_the_form_of_a_value() {
        for (text, shown) in [
            ("ON_HOLD_2", r#""ON_HOLD_2""#),
            ("V", r#""V""#),
            ("", "***"),
            ("9000012345", "***45"),
            ("on hold", "***"),
            ("Ravi Kumar", "***ar"),
            ("RAVI KUMAR", "***AR"),
            ("ravi@example.com", "***om"),
            ("https://shop.example/a?b", "https://shop.example/***"),
            ("ZUSTÄNDIG", "***IG"),
        ] {
            assert_eq!(format!("{:?}", UnknownValue::new(text)), shown, "{text}");
        }
        let long = "A".repeat(40);
        assert_eq!(format!("{:?}", UnknownValue::new(&long)), format!("{long:?}"));
        assert_eq!(format!("{:?}", UnknownValue::new(&format!("{long}A"))), "***AA");
    }
}
