//! Conversions to and from the types of the standard library, and of other crates, each of those behind a
//! feature of that crate's name.

mod moments;
#[cfg(feature = "rust_decimal")]
mod numbers;

#[cfg(feature = "rust_decimal")]
pub use numbers::TooManyDigits;
