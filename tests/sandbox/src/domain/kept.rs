//! JSON that is kept as text, which takes less memory than a tree.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON value as text, read anew each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept(Box<str>);

impl From<&Value> for Kept {
    fn from(value: &Value) -> Self {
        Self(value.to_string().into_boxed_str())
    }
}

impl Kept {
    pub(crate) fn read(&self) -> Value {
        // It was written from a value.
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_comes_back_as_it_was() {
        for value in [
            json!(null),
            json!({ "z": 1, "a": [499.5, 0.1, 999_999_999_999_999.9, "₹\u{0}\""], "m": { "k": true } }),
            json!(10.10),
        ] {
            assert_eq!(Kept::from(&value).read().to_string(), value.to_string());
        }
    }
}
