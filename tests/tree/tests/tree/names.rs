//! Words of identifiers.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{TokenStream, TokenTree};

use crate::files;

/// Words that no name of this project has, and what is written instead.
const WORDS: [(&[&str], &str); 6] = [
    (&["answer", "answers", "answered", "reply", "replies"], "response"),
    (&["member", "members"], "field, property, keyword"),
    (&["wish", "wishes"], "operation, request, capability"),
    (&["mended", "misread"], "corrected, error"),
    (&["tell", "tells", "told"], "report, describe, identify"),
    (&["hear", "heard"], "record"),
];

/// The words of an identifier in snake or camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        if character == '_' || (character.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = character.is_lowercase() || character.is_numeric();
        if let Some(word) = words.last_mut().filter(|_| character != '_') {
            word.extend(character.to_lowercase());
        }
    }
    words
}

/// Adds the identifiers of the code with their lines, those in macros included. Text is left out.
fn identifiers(code: TokenStream, found: &mut BTreeMap<String, usize>) {
    for token in code {
        match token {
            TokenTree::Ident(name) => {
                found.entry(name.to_string()).or_insert(name.span().start().line);
            }
            TokenTree::Group(group) => identifiers(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[test]
fn identifiers_use_the_terms_of_the_field() -> Result<()> {
    let mut faults = Vec::new();
    for place in ["cashfree", "cashfree-gen", "xtask", "tests"] {
        for file in files(place, &["rs"])? {
            let code: TokenStream =
                file.text.parse().map_err(|error| anyhow!("{error}")).context(file.path.clone())?;
            let mut found = BTreeMap::new();
            identifiers(code, &mut found);
            for (name, line) in found {
                let own = words(&name);
                let refused = WORDS
                    .iter()
                    .filter(|(refused, _)| own.iter().any(|word| refused.contains(&word.as_str())));
                faults.extend(
                    refused.map(|(_, instead)| format!("{}:{line}: `{name}`; say {instead}", file.path)),
                );
            }
        }
    }
    assert!(faults.is_empty(), "{} names:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

#[test]
fn words_of_identifiers_are_found() {
    assert_eq!(words("PayOrderReply"), ["pay", "order", "reply"]);
    assert_eq!(words("is_told"), ["is", "told"]);
    assert_eq!(words("FREE_ANSWERS"), ["free", "answers"]);
    assert_eq!(words("smembers"), ["smembers"]);
}
