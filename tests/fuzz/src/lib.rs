//! What must hold for any bytes that come in. Each module is one property: a function that takes bytes and
//! panics when they break it. `Cargo.toml` says how to run them.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod amount;
pub mod decode;
pub mod errors;
pub mod headers;
pub mod webhook;

mod json;
mod service;

/// A property, and the name of its target.
pub type Property = (&'static str, fn(&[u8]));

/// All of them.
pub const PROPERTIES: &[Property] = &[
    ("amount", amount::holds),
    ("decode", decode::holds),
    ("errors", errors::holds),
    ("headers", headers::holds),
    ("webhook", webhook::holds),
];

/// Bytes that steer a property, taken from the front of its input; zeros when there are none left.
struct Steer<'a>(&'a [u8]);

impl<'a> Steer<'a> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// One of these; there is at least one.
    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Up to the next line feed, which is left out.
    fn line(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == b'\n').unwrap_or(self.0.len());
        let (line, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        line
    }
}
