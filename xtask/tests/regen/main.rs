//! `cargo xtask regen` from outside: what it says to bad input, what `--check` says to a stale folder,
//! and what it makes of documents that were not written for it.
//!
//! Whatever the input, the program ends with one readable message that names the place, or with files
//! that parse; it never panics.

mod bench;
mod check;
mod foreign;
mod names;
mod overlay;
mod unusable;
