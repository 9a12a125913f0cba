//! The parts of the surface that are read in a review. A change of the document or of a pass shows here
//! as what it means, not as thousands of generated lines.

use anyhow::{Context, Result, ensure};
use insta::assert_snapshot;
use xtask::outline;

use crate::outcome;

#[test]
fn operations() -> Result<()> {
    assert_snapshot!("operations", outline::operations(&outcome()?.model));
    Ok(())
}

#[test]
fn enums() -> Result<()> {
    assert_snapshot!("enums", outline::enums(&outcome()?.model));
    Ok(())
}

#[test]
fn types_of_each_tag() -> Result<()> {
    let tags = outline::types(&outcome()?.model);
    let mut slugs: Vec<String> = tags.keys().map(|tag| slug(tag)).collect();
    slugs.sort();
    slugs.dedup();
    ensure!(slugs.len() == tags.len(), "two tags share the name of a snapshot: {:?}", tags.keys());
    for (tag, text) in tags {
        assert_snapshot!(format!("types-{}", slug(&tag)), text);
    }
    Ok(())
}

#[test]
fn normalisation() -> Result<()> {
    assert_snapshot!("normalisation", outcome()?.log.decisions());
    Ok(())
}

#[test]
fn corrections() -> Result<()> {
    let corrections = &outcome()?.corrections;
    let mut lines: Vec<String> = corrections
        .iter()
        .map(|correction| match correction.places {
            1 => correction.target.clone(),
            places => format!("{} ({places} places)", correction.target),
        })
        .collect();
    lines.sort();
    let text = lines.join("\n");
    assert_snapshot!("corrections", text);
    Ok(())
}

#[test]
fn events() -> Result<()> {
    let events = outcome()?.events.as_ref().context("no events are described")?;
    assert_snapshot!("events", outline::events(&events.model));
    assert_snapshot!("events-enums", outline::event_enums(&events.model));
    for text in outline::types(&events.model).values() {
        assert_snapshot!("events-types", text);
    }
    Ok(())
}

/// A tag as part of a file name: `Payment Links` is `payment-links`.
fn slug(tag: &str) -> String {
    let words: Vec<String> = tag
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}
