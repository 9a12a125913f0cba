//! The tolerant reader of JSON: how responses and events become typed values.

// A document may have no enum, no union, or no object of some kind.
#[allow(unused_imports, unused_macros)]
#[macro_use]
pub(crate) mod open_enum;
#[allow(unused_imports, unused_macros)]
#[macro_use]
pub(crate) mod union;
#[allow(unused_imports, unused_macros)]
#[macro_use]
pub(crate) mod object;

pub(crate) mod error;
pub(crate) mod foreign;
// Which of the readers are needed depends on the document.
#[allow(dead_code)]
pub(crate) mod lenient;
pub(crate) mod lexer;
pub(crate) mod scalar;
pub(crate) mod strict;
pub(crate) mod unparsed;
pub(crate) mod wire;
