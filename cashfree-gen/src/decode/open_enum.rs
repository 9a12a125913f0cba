//! Enums that stay open: a value that is not known yet is kept and written back as it came.

use std::fmt;

/// A value that this version of the crate does not know. Its text is
/// [`as_str`](UnknownValue::as_str); a later version may have a variant for it, so don't build logic on
/// meeting it here.
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

    /// The value as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

macro_rules! open_enum {
    ($(#[$docs:meta])* pub enum $name:ident { $($(#[$variant_docs:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_docs])* #[cfg_attr(feature = "schemars", schemars(rename = $text))] $variant,)*
            /// A value that this version does not know.
            #[cfg_attr(feature = "schemars", schemars(untagged))]
            Unknown($crate::UnknownValue),
        }

        impl $name {
            /// The values that this version knows.
            pub const KNOWN: &'static [&'static str] = &[$($text),*];

            /// The value as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
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
                serializer.serialize_str(self.as_str())
            }
        }

        $crate::decode::scalar::impl_decode_text!($name);
    };
}

pub(crate) use open_enum;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::types::PaymentStatus;

    #[test]
    fn a_known_value_is_its_variant_and_any_other_is_kept() {
        for known in PaymentStatus::KNOWN {
            let status = PaymentStatus::from(*known);
            assert!(!matches!(status, PaymentStatus::Unknown(_)), "{known}");
            assert_eq!(status, *known);
        }
        for (json, text) in [
            (r#""ON_THE_MOON""#, "ON_THE_MOON"),
            (r#""success""#, "success"),
            (r#""""#, ""),
            ("7", "7"),
            ("true", "true"),
        ] {
            let status: PaymentStatus = serde_json::from_str(json).unwrap();
            assert!(matches!(status, PaymentStatus::Unknown(_)), "{json}");
            assert_eq!(status.to_string(), text);
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{text}\""));
        }
        for json in ["null", "{}", "[]"] {
            assert!(serde_json::from_str::<PaymentStatus>(json).is_err(), "{json}");
        }
    }
}
