//! Words of documentation, comments, pages and messages.

use anyhow::Result;

use crate::files;

/// Words that are not used, and what is written instead. A word counts in any case, as a whole word.
const WORDS: [(&[&str], &str); 14] = [
    (
        &["answer", "answers", "answered", "answering", "reply", "replies", "replied"],
        "response, respond, return",
    ),
    (&["member", "members"], "field, property"),
    (&["wish", "wishes"], "operation, request"),
    (&["mend", "mends", "mended", "mending"], "fix, correct"),
    (&["stand-in", "stand-ins"], "local sandbox, test server"),
    (&["misread", "misreads"], "parse error"),
    (&["set aside", "unforeseen", "foresaw"], "unparsed field, unknown value"),
    (&["what came", "as it came", "as they came", "what had left"], "as received, what was sent"),
    (&["unless set", "unless told"], "default"),
    (&["tell", "tells", "told", "telling"], "say, show, report, distinguish"),
    (&["bring", "brings", "brought"], "return, give, add"),
    (&["whoever", "whomever"], "a noun"),
    (&["turned away", "given up", "gives up", "gave up", "give up"], "refused, cancelled, ended"),
    (&["asked for again", "sent again", "tried again", "made again", "all the same"], "retried, resent"),
];

/// Folders and files whose text is held to the list.
const PLACES: [&str; 8] =
    ["cashfree", "cashfree-gen", "openapi", "xtask", "tests", ".github", "README.md", "CHANGELOG.md"];

/// Folders whose messages are held to the list, tests aside.
const MESSAGES: [&str; 3] = ["cashfree/", "cashfree-gen/", "tests/"];

/// The prose of a line: of Markdown, YAML and HTML all but code, of Rust, TOML and JavaScript the comments and the
/// messages.
fn prose(path: &str, line: &str) -> Option<String> {
    let line = line.trim_start();
    let comment = |start: &str| {
        let [after_statement, after_item] = [format!("; {start} "), format!(", {start} ")];
        let trailing = line.split_once(&after_statement).or_else(|| line.split_once(&after_item));
        line.strip_prefix(start).or_else(|| trailing.map(|(_, text)| text)).map(str::to_owned)
    };
    let is_test = path.contains("/tests/") || path.ends_with("tests.rs");
    let text = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("rs") => comment("//").or_else(|| {
            (!is_test && MESSAGES.iter().any(|folder| path.starts_with(folder))).then(|| messages(line))
        })?,
        Some("js") => comment("//")?,
        Some("toml") if line.starts_with("description = ") => line.to_owned(),
        Some("toml") => comment("#")?,
        _ => line.to_owned(),
    };
    // Code is not prose.
    Some(text.split('`').step_by(2).collect::<Vec<_>>().join("\u{0}").to_lowercase())
}

/// The string literals of a line of code that hold several words, in quotes.
fn messages(line: &str) -> String {
    let literals = line.split('"').skip(1).step_by(2).filter(|text| text.contains(' '));
    literals.fold("\"".to_owned(), |texts, text| texts + text + "\"")
}

/// Whether a YAML file holds sentences of this project.
fn has_wording(path: &str) -> bool {
    path.ends_with(".wording.yaml") || path.ends_with(".overlay.yaml") || path.starts_with("openapi/webhooks")
}

fn has(text: &str, phrase: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[test]
fn documentation_and_comments_use_the_terms_of_the_field() -> Result<()> {
    let mut found = Vec::new();
    for place in PLACES {
        for file in files(place, &["rs", "md", "yaml", "toml", "js", "html"])? {
            let is_document = file.path.ends_with(".yaml") && !has_wording(&file.path);
            // The list itself, and documents of others.
            if is_document || file.path.ends_with("tree/words.rs") {
                continue;
            }
            let mut is_code = false;
            for (number, line) in file.text.lines().enumerate() {
                let Some(text) = prose(&file.path, line) else { continue };
                if text.trim_start_matches(['/', '!', ' ']).starts_with('\u{0}') && line.contains("```") {
                    is_code = !is_code;
                    continue;
                }
                for (words, instead) in WORDS {
                    for word in words.iter().filter(|word| !is_code && has(&text, word)) {
                        let place = format!("{}:{}", file.path, number + 1);
                        found.push(format!("{place}: {word:?}; say {instead}"));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
    Ok(())
}
