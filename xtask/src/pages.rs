//! Figures of the document in pages that people write: `<!-- operations -->89<!-- end -->`.
//!
//! A page marks each place by a comment with the name of the figure; [`fill`] writes the figure of the current
//! document there. So a new version of the API leaves no page with the number of the old one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::model::Model;
use crate::render::File;

/// The pages, from the root of the workspace.
pub const PAGES: [&str; 2] = ["README.md", "cashfree/README.md"];

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
        files.push(File { name, text });
    }
    Ok(files)
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
        Ok(())
    }
}
