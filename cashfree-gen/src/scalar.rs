//! Scalar values: amounts, money, currencies, timestamps, identifiers and sensitive text.
//!
//! Each type has its text form, its arithmetic and its serialization. How responses are decoded into them
//! belongs to the decoder.

pub(crate) mod amount;
pub(crate) mod convert;
pub(crate) mod currency;
pub(crate) mod decimal;
pub(crate) mod error;
pub(crate) mod ids;
pub(crate) mod money;
pub(crate) mod private;
pub(crate) mod sensitive;
pub(crate) mod timestamp;

/// Whether the text stands for an absent value, such as `null` or `NA`.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "null" | "NULL" | "None" | "NA" | "N/A" | "-")
}
