//! The README's table about the official SDKs.

use std::fs;

use anyhow::{Context, Result};

use crate::root;

const TITLE: &str = "## What the official SDKs lack";

/// Whether a function of this name is a test of the file.
fn is_test(source: &str, name: &str) -> Result<bool> {
    let file = syn::parse_file(source)?;
    let mut items: Vec<&syn::Item> = file.items.iter().collect();
    while let Some(item) = items.pop() {
        match item {
            syn::Item::Mod(module) => {
                items.extend(module.content.iter().flat_map(|(_, items)| items));
            }
            syn::Item::Fn(function) if function.sig.ident == name => {
                // `#[test]`, `#[tokio::test]`, with or without arguments.
                return Ok(function.attrs.iter().any(|attribute| {
                    attribute.path().segments.last().is_some_and(|last| last.ident == "test")
                }));
            }
            _ => {}
        }
    }
    Ok(false)
}

#[test]
fn each_row_about_the_official_sdks_names_a_test_that_exists() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let (_, section) = readme.split_once(TITLE).context("the section is missing")?;
    let rows =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let mut checked = 0;
    for row in rows.skip(2) {
        let cell = row.trim_end_matches('|').rsplit('|').next().context("an empty row")?;
        let (path, name) = cell.split_once(':').with_context(|| format!("no `file`: `test` in {row}"))?;
        let [path, name] = [path, name].map(|text| text.trim().trim_matches('`'));
        let source = fs::read_to_string(root().join(path)).with_context(|| path.to_owned())?;
        assert!(is_test(&source, name)?, "{path} has no test {name}");
        checked += 1;
    }
    assert!(checked >= 10, "{checked} rows");
    Ok(())
}
