//! The README, so that its code blocks are compiled with the documentation tests.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
