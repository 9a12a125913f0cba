//! Rules of the source tree.
//!
//! - [`imports`]: no circles between the files of a crate.
//! - [`lengths`]: no file longer than 500 lines without a reason.
//! - [`words`]: documentation and comments use the terms of the field.
//! - [`names`]: identifiers use the terms of the field.
//! - [`docs`]: each method of the API has an example and its retry rule, and the guide names each operation.
//! - [`readme`]: each row about the official SDKs names a test that exists.

mod docs;
mod imports;
mod lengths;
mod names;
mod readme;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// Folders that hold no hand-written text.
const SKIPPED: [&str; 9] =
    ["target", "generated", "snapshots", ".git", "documents", "seeds", "corpus", "node_modules", "fixtures"];

/// A hand-written file.
struct File {
    /// Path from the root of the workspace, with `/` between folders.
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads the hand-written files below a folder of the workspace that have one of these extensions, in order of path.
fn files(folder: &str, extensions: &[&str]) -> Result<Vec<File>> {
    let root = root();
    let is_kept = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !SKIPPED.contains(&entry.file_name().to_str().unwrap_or_default())
    };
    let mut found = Vec::new();
    for entry in WalkDir::new(root.join(folder)).sort_by_file_name().into_iter().filter_entry(is_kept) {
        let entry = entry?;
        let extension = entry.path().extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !entry.file_type().is_file() || !extensions.contains(&extension) {
            continue;
        }
        let path = entry.path().strip_prefix(&root)?.to_str().context("a path that is not UTF-8")?;
        let path = path.replace('\\', "/").trim_start_matches("./").to_owned();
        found.push(File { text: fs::read_to_string(entry.path()).context(path.clone())?, path });
    }
    anyhow::ensure!(!found.is_empty(), "no files below {folder:?}");
    Ok(found)
}
