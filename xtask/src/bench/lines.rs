//! Hand-written lines of the three crates: without tests, comments, blank lines and generated code.

use std::fs;
use std::path::Path;

use super::goals::Goals;
use super::table::Table;
use anyhow::{Context, Result};

/// The counted folders, with their lines before reqwest carried the calls.
const FOLDERS: [(&str, usize); 3] =
    [("cashfree-gen/src", BEFORE_GEN), ("cashfree/src", BEFORE_CASHFREE), ("xtask/src", BEFORE_XTASK)];
const BEFORE_GEN: usize = 6_292;
const BEFORE_CASHFREE: usize = 8_024;
const BEFORE_XTASK: usize = 8_333;

pub(super) fn run(root: &Path, goals: &mut Goals) -> Result<String> {
    let mut table = Table::new(
        "Hand-written lines",
        "Lines with code, without `#[cfg(test)]` items, comments, documentation and generated files.",
        &["folder", "before", "now", "difference"],
    );
    let (mut before, mut now) = (0, 0);
    for (folder, then) in FOLDERS {
        let found = count(&root.join(folder))?;
        table.row(&[folder.to_owned(), then.to_string(), found.to_string(), signed(found, then)]);
        (before, now) = (before + then, now + found);
    }
    table.row(&["all".to_owned(), before.to_string(), now.to_string(), signed(now, before)]);
    goals.add("hand-written lines, now − before", now as f64 - before as f64, -3_000.0, -5_000.0);
    Ok(table.finish())
}

fn signed(now: usize, before: usize) -> String {
    format!("{:+}", now as i64 - before as i64)
}

/// Lines with code of all files under a folder.
fn count(folder: &Path) -> Result<usize> {
    let mut lines = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let is_generated = path.ends_with("cashfree-gen/src/generated");
        if is_of_tests(&path) {
            continue;
        }
        if path.is_dir() && !is_generated {
            lines += count(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            lines += code_lines(&text);
        }
    }
    Ok(lines)
}

/// Whether a file or a folder holds tests only.
fn is_of_tests(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem == "tests" || stem.ends_with("_tests")
}

/// Lines that are neither blank nor comments, up to the tests at the end of the file.
fn code_lines(text: &str) -> usize {
    let end = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    text.get(..end).unwrap_or(text).lines().map(str::trim).filter(code).count()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{code_lines, is_of_tests};

    #[test]
    fn files_of_tests_are_left_out() {
        for (path, is_left_out) in [
            ("a/tests", true),
            ("a/tests.rs", true),
            ("a/retry_tests.rs", true),
            ("a/latests.rs", false),
            ("a/retry.rs", false),
        ] {
            assert_eq!(is_of_tests(Path::new(path)), is_left_out, "{path}");
        }
    }

    #[test]
    fn counts_code_only() {
        let text =
            "//! A.\n\n/// B.\n// C.\nfn f() {\n    // D.\n    g();\n}\n\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(code_lines(text), 3);
    }
}
