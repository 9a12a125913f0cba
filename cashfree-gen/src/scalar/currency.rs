//! Currencies by their code.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::error::ParseError;

/// A currency by its ISO 4217 code, such as `INR`. Other text that the service sends is kept as received.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "ISO 4217 code of a currency, such as `INR`.")
)]
pub struct Currency(#[cfg_attr(feature = "schemars", schemars(with = "String"))] Code);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Code {
    Iso([u8; 3]),
    Other(Box<str>),
}

impl Currency {
    /// Indian rupee.
    pub const INR: Self = Self(Code::Iso(*b"INR"));
    /// US dollar.
    pub const USD: Self = Self(Code::Iso(*b"USD"));
    /// Euro.
    pub const EUR: Self = Self(Code::Iso(*b"EUR"));
    /// Pound sterling.
    pub const GBP: Self = Self(Code::Iso(*b"GBP"));
    /// UAE dirham.
    pub const AED: Self = Self(Code::Iso(*b"AED"));
    /// Singapore dollar.
    pub const SGD: Self = Self(Code::Iso(*b"SGD"));

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // Made of ASCII letters only.
            Code::Iso(letters) => std::str::from_utf8(letters).unwrap_or_default(),
            Code::Other(text) => text,
        }
    }
}

impl From<&str> for Currency {
    fn from(text: &str) -> Self {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_uppercase) => Self(Code::Iso(letters)),
            _ => Self(Code::Other(text.into())),
        }
    }
}

impl From<String> for Currency {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// Parses a code of three capital letters. The conversions by `From` accept any text.
impl FromStr for Currency {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match Self::from(text) {
            currency @ Self(Code::Iso(_)) => Ok(currency),
            _ => Err(ParseError::quoting("currency", "three capital letters such as INR", text)),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<str> for Currency {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Currency {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_kept_as_received() {
        assert_eq!(Currency::from("INR"), Currency::INR);
        for text in ["INR", "inr", "XYZ", "", "RUPEES", "₹", "IN1"] {
            let currency = Currency::from(text);
            assert_eq!(currency, text);
            let json = serde_json::to_string(&currency).unwrap();
            assert_eq!(serde_json::from_str::<Currency>(&json).unwrap(), currency);
        }
        assert_eq!(serde_json::from_str::<Currency>("356").unwrap(), "356");
        assert!(serde_json::from_str::<Currency>("null").is_err());
        for text in ["", "inr", "RUPEES", "IN1"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
        assert_eq!("INR".parse::<Currency>().unwrap(), Currency::INR);
        assert_eq!(format!("{:>5}|{:?}", Currency::INR, Currency::INR), "  INR|INR");
    }
}
