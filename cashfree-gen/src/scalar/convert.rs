//! Conversions from and to types of the standard library and of other crates, those behind features of their names.

#[cfg(feature = "rust_decimal")]
mod rust_decimal;
mod time;
