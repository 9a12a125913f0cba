//! File length: one idea per file.

use anyhow::Result;

use crate::files;

const LIMIT: usize = 500;

/// Files that may be longer, and why.
const LONGER: [(&str, &str); 1] = [("tests/sandbox/assets/cashfree.js", "one script that a page loads")];

#[test]
fn no_file_is_longer_than_the_limit_without_a_reason() -> Result<()> {
    let files = files("", &["rs", "js", "css", "html"])?;
    let long: Vec<String> = files
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(file, lines)| *lines > LIMIT && !LONGER.iter().any(|(path, _)| *path == file.path))
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect();
    assert!(long.is_empty(), "split by idea, or add a reason:\n{}", long.join("\n"));

    let stale = LONGER.iter().filter(|(path, _)| {
        !files.iter().any(|file| file.path == *path && file.text.lines().count() > LIMIT)
    });
    assert_eq!(stale.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<&&str>::new(), "no longer needed");
    Ok(())
}
