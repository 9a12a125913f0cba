//! Generates the crate `cashfree-gen` from the OpenAPI document.
//!
//! Modules from the ground up; imports go down only:
//!
//! 1. `naming`, `builtins`, `extensions`, `json`: names in Rust, hand-written scalars, `x-…` keys, strict JSON.
//! 2. [`document`] loads and checks a document, [`wording`] its descriptions, [`overlay`] its corrections;
//!    [`versions`] names their files.
//! 3. [`normalize`] rewrites the document in named passes, [`refuse`] reports what Rust can't express.
//! 4. [`model`] reads the result as operations and types, [`identity`] what identifies an event, `private` which fields
//!    `Debug` masks.
//! 5. [`render`] writes Rust, [`sandbox`] the documents of the local sandbox, [`pages`] figures in the READMEs, [`recode`]
//!    the table of the tests; [`outline`] prints the public surface for review.
//! 6. [`regen`] writes or compares the generated files.
//! 7. [`vendor`] takes in a new edition of the document and reports what it changes.
//!
//! [`mod@bench`] measures what the client costs, [`supply`] counts the crates it adds.

pub mod bench;
mod builtins;
pub mod document;
pub mod extensions;
pub mod identity;
mod json;
pub mod model;
mod naming;
pub mod normalize;
pub mod outline;
pub mod overlay;
pub mod pages;
mod private;
pub mod recode;
pub mod refuse;
pub mod regen;
pub mod render;
pub mod sandbox;
pub mod supply;
pub mod vendor;
pub mod versions;
pub mod wording;
