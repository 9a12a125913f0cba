//! Secret text, numbers and JSON, redacted in `Debug`.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A card number, a security code, a one-time password, a UPI address, an account number: sent and read
/// like any text, shown as `***`.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::Sensitive;
/// let number = Sensitive::from("4111111111111111");
/// assert_eq!(format!("{number:?}"), "***");
/// assert_eq!(number.expose(), "4111111111111111");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(description = "Sensitive text.", extend("format" = "password")))]
pub struct Sensitive(String);

impl Sensitive {
    /// Returns the text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A number of a person that is sent as a number, the Aadhaar number for instance, and shown as `***`. It is
/// read from text too, since it may come masked.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::SensitiveDigits;
/// let number = SensitiveDigits::from("753624181019");
/// assert_eq!(format!("{number:?}"), "***");
/// assert_eq!(number.expose(), "753624181019");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "Sensitive digits, a number unless they start with 0.", extend("type" = ["integer", "string"]))
)]
pub struct SensitiveDigits(String);

impl SensitiveDigits {
    /// Returns the digits.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SensitiveDigits {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for SensitiveDigits {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SensitiveDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Written as a JSON number; as text if it would not be the same characters.
impl Serialize for SensitiveDigits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.parse::<u64>() {
            Ok(number) if number.to_string() == self.0 => serializer.serialize_u64(number),
            _ => serializer.serialize_str(&self.0),
        }
    }
}

/// Secret JSON of any form, redacted: the data of a network about a token, or the links and form fields that continue a
/// payment. Sent and read unchanged, shown as `***`.
///
/// ```
/// # use cashfree_gen as cashfree;
/// use cashfree::SensitiveJson;
/// let links = SensitiveJson::from(serde_json::json!({ "gpay": "tez://upi/pay?pa=name@okbank" }));
/// assert_eq!(format!("{links:?}"), "***");
/// assert_eq!(links.expose()["gpay"], "tez://upi/pay?pa=name@okbank");
/// ```
#[derive(Clone, Default, PartialEq)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(description = "Sensitive JSON of any form.")
)]
pub struct SensitiveJson(Value);

impl SensitiveJson {
    /// Returns the JSON.
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl From<Value> for SensitiveJson {
    fn from(json: Value) -> Self {
        Self(json)
    }
}

impl fmt::Debug for SensitiveJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for SensitiveJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sent_and_read_but_not_shown() {
        for json in [r#""4111111111111111""#, "4111111111111111", r#""name@okbank""#] {
            let secret: Sensitive = serde_json::from_str(json).unwrap();
            assert_eq!(secret.expose(), json.trim_matches('"'));
            assert_eq!(format!("{secret:?} {:?} {secret:#?}", Some(&secret)), "*** Some(***) ***");
            assert_eq!(serde_json::to_string(&secret).unwrap(), format!("\"{}\"", secret.expose()));
        }
        for json in [r#"{"x":"4111"}"#, r#"["4111"]"#, "null"] {
            let error = serde_json::from_str::<Sensitive>(json).unwrap_err().to_string();
            assert!(!error.contains("4111"), "{error}");
        }
    }

    #[test]
    fn digits_are_written_as_the_number_that_they_are() {
        for (json, written) in [
            ("753624181019", "753624181019"),
            (r#""753624181019""#, "753624181019"),
            (r#""053624181019""#, r#""053624181019""#),
            (r#""XXXXXXXX1019""#, r#""XXXXXXXX1019""#),
            (r#""""#, r#""""#),
        ] {
            let digits: SensitiveDigits = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&digits).unwrap(), written);
            assert_eq!(format!("{digits:?}"), "***");
        }
    }

    #[test]
    fn json_of_any_form_is_kept_and_not_shown() {
        for json in [r#"{"expiry":["12",23],"par":"4111"}"#, r#""4111""#, "4111", "[]", "true"] {
            let hidden: SensitiveJson = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&hidden).unwrap(), json);
            assert_eq!(format!("{hidden:?} {:?} {hidden:#?}", Some(&hidden)), "*** Some(***) ***");
        }
        assert_eq!(serde_json::from_str::<Option<SensitiveJson>>("null").unwrap(), None);
    }
}
