//! How the OpenAPI document becomes the crate `cashfree-gen`.
//!
//! The story runs in one direction, a module a chapter: [`document`] loads the vendored document and
//! applies its overlay, [`normalize`] bends it in named passes until a generator can read it,
//! [`refuse`] names what still can't be written in Rust, [`model`] reads the result as operations and
//! types, [`render`] lets progenitor write the client and the types and adds what it doesn't write,
//! [`regen`] puts the files in place or compares them, and [`outline`] prints the surface as a person
//! reviews it. [`vendor`] takes in a new edition of the document and tells what it changes.
//!
//! Two stand apart: [`mod@bench`] measures what the client costs, [`supply`] counts what it brings in.

pub mod bench;
pub mod document;
mod json;
pub mod model;
pub mod normalize;
pub mod outline;
pub mod refuse;
pub mod regen;
pub mod render;
pub mod supply;
pub mod vendor;
