//! The surface of the API: what the vendored document is, and what the generator makes of it.
//!
//! [`document`] holds the document to what a document must be, whatever is generated from it; [`curated`] keeps how
//! far this one is described.
//! [`committed`] holds the committed code to what the generator writes today, from any place and in
//! either notation. [`snapshots`] keeps the parts that a person reads in a review: the operation table,
//! the enums, the types of each tag, and what the overlay and the passes changed; [`public`] the interface of
//! the crate that is written by hand.

mod committed;
mod curated;
mod document;
mod limits;
mod public;
mod snapshots;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Result, anyhow};
use xtask::regen::{Outcome, Regen};
use xtask::versions::{Files, Versions};

/// The run over the vendored document, made once for all tests.
fn outcome() -> Result<&'static Outcome> {
    static OUTCOME: OnceLock<Result<Outcome>> = OnceLock::new();
    OUTCOME
        .get_or_init(|| Regen::new(None, None, None)?.outcome())
        .as_ref()
        .map_err(|error| anyhow!("{error:#}"))
}

/// A file of the workspace.
fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The files of the current version.
fn files() -> Result<Files> {
    Ok(Versions::read(&workspace("."))?.current())
}
