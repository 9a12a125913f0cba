//! The parts of the surface that are read in a review. A change of the document or of a pass shows here
//! as what it means, not as thousands of generated lines.

use std::collections::BTreeMap;
use std::fmt::Write;

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

/// What each correction says is read in the overlay. Here stands how many there are of a kind, and how far those
/// reach that apply at several places.
#[test]
fn corrections() -> Result<()> {
    let corrections = &outcome()?.corrections;
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    for correction in corrections {
        let holds_names = [".properties", ".schemas"].iter().any(|end| correction.target.ends_with(end));
        let set: Vec<&str> = match &correction.words[..] {
            [] => vec!["(removal)"],
            _ if holds_names => vec!["(a field or schema more)"],
            words => words.iter().map(String::as_str).collect(),
        };
        for word in set {
            *words.entry(word).or_default() += 1;
        }
    }
    let mut text = String::from("corrections by the word that they set:\n");
    for (word, count) in words {
        writeln!(text, "  {word}: {count}")?;
    }
    let mut several: Vec<String> = corrections
        .iter()
        .filter(|correction| correction.places > 1)
        .map(|correction| format!("  {}: {}\n", correction.target, correction.places))
        .collect();
    several.sort();
    write!(text, "at several places:\n{}", several.concat())?;
    assert_snapshot!("corrections", text);
    Ok(())
}

/// A name that is added here prints in logs: it must be no text about a person.
#[test]
fn plain_text() -> Result<()> {
    assert_snapshot!("plain-text", outline::plain_text(&outcome()?.model));
    let events = outcome()?.events.as_ref().context("no events are described")?;
    assert_snapshot!("events-plain-text", outline::plain_text(&events.model));
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
