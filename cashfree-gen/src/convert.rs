//! Conversions to and from the types of other crates, each behind a feature of that crate's name.

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod moments;
#[cfg(feature = "rust_decimal")]
mod numbers;

#[cfg(feature = "rust_decimal")]
pub use numbers::TooManyDigits;
