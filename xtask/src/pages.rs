//! Figures of the document in pages that people write: `<!-- operations -->89<!-- end -->`.
//!
//! A page marks each place by a comment with the name of the figure; `fill` writes the figure of the current
//! document there, and the version into the headers that examples show. So a new version of the API leaves no page with the number of the old one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::model::Model;
use crate::render::File;
use crate::versions::is_version;

/// The pages, from the root of the workspace.
pub const PAGES: [&str; 3] = ["README.md", "cashfree/README.md", "tests/sandbox/README.md"];

const END: &str = "<!-- end -->";

/// The pages of the workspace at `root` with the figures of a model. A page that does not exist is left out.
///
/// # Errors
/// When a page can't be read, or marks a place without an end.
pub fn filled(root: &Path, model: &Model) -> Result<Vec<File>> {
    let figures =
        [("api version", model.version.clone()), ("operations", model.operations.len().to_string())];
    let mut files = Vec::new();
    for name in PAGES.into_iter().filter(|name| root.join(name).is_file()) {
        let mut text = fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"))?;
        for (figure, value) in &figures {
            text = fill(&text, figure, value).with_context(|| name.to_owned())?;
        }
        let text = fill_header(&text, &model.version);
        files.push(File { name, text });
    }
    Ok(files)
}

/// The header of requests in examples, where a mark would be shown.
const HEADER: &str = "x-api-version: ";

/// A text with the version in the headers that it shows.
fn fill_header(text: &str, version: &str) -> String {
    let mut parts = text.split(HEADER);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_at_checked(version.len()).filter(|(shown, _)| is_version(shown));
        match rest {
            Some((_, rest)) => filled.push_str(&format!("{HEADER}{version}{rest}")),
            None => filled.push_str(&format!("{HEADER}{part}")),
        }
    }
    filled
}

/// A text with a value in the places of a figure.
fn fill(text: &str, figure: &str, value: &str) -> Result<String> {
    let mark = format!("<!-- {figure} -->");
    let mut parts = text.split(&mark);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(END).with_context(|| format!("`{mark}` without `{END}`"))?;
        filled.push_str(&format!("{mark}{value}{END}{rest}"));
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_gets_the_figure() -> Result<()> {
        let text = "a <!-- n -->1<!-- end --> b <!-- m -->1<!-- end --> <!-- n --><!-- end -->\n";
        let filled = fill(text, "n", "20")?;
        assert_eq!(filled, "a <!-- n -->20<!-- end --> b <!-- m -->1<!-- end --> <!-- n -->20<!-- end -->\n");
        assert_eq!(fill(&filled, "n", "20")?, filled);
        assert!(fill("<!-- n -->1", "n", "2").is_err());
        let shown = "-H 'x-api-version: 2023-08-01' x-api-version: a";
        assert_eq!(fill_header(shown, "2024-01-08"), "-H 'x-api-version: 2024-01-08' x-api-version: a");
        Ok(())
    }
}
