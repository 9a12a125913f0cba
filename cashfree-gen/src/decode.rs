#![doc = include_str!("decode/rules.md")]

pub(crate) mod body;
// Which of the decoders below are needed depends on the document.
#[allow(dead_code)]
pub(crate) mod collections;
pub(crate) mod decoder;
pub(crate) mod error;
pub(crate) mod foreign;
pub(crate) mod free;
pub(crate) mod json;
pub(crate) mod lexer;
pub(crate) mod names;
#[allow(dead_code, unused_imports, unused_macros)]
pub(crate) mod object;
#[allow(unused_imports, unused_macros)]
pub(crate) mod open_enum;
pub(crate) mod path;
#[allow(dead_code)]
pub(crate) mod scalar;
pub(crate) mod serde;
mod strict;
pub(crate) mod traits;
#[allow(dead_code, unused_imports, unused_macros)]
pub(crate) mod union;
pub(crate) mod unparsed;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]
mod tests;
