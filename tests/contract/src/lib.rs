//! What the tests and the payload checker share; and the README, so that its code blocks are compiled
//! with the documentation tests.

pub mod events;
pub mod json;
pub mod payloads;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
