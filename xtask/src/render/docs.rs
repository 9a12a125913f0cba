//! Descriptions as doc comments: Markdown that rustdoc takes without a warning.

use proc_macro2::TokenStream;
use quote::quote;

/// Doc attributes for a description; nothing for an empty one.
pub(super) fn doc(text: &str) -> TokenStream {
    let text = clean(text);
    if text.is_empty() {
        return TokenStream::new();
    }
    let lines = wrapped(&text);
    let lines = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote! { #(#[doc = #lines])* }
}

/// The longest line of a comment, without its indentation and slashes.
const WIDTH: usize = 108;

/// The lines, cut at spaces. Code in fences, headings and rows of tables stay as they are, and so does a line of which
/// a part would begin a list, a heading or a quote.
fn wrapped(text: &str) -> Vec<String> {
    let mut in_fence = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        in_fence ^= fence(line).is_some();
        let is_item = line.starts_with("- ");
        let options = textwrap::Options::new(WIDTH)
            .subsequent_indent(if is_item { "  " } else { "" })
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let parts = textwrap::wrap(line, options);
        if in_fence || line.starts_with(['#', '|']) || parts.iter().skip(1).any(|part| begins_a_block(part)) {
            lines.push(line.to_owned());
        } else {
            lines.extend(parts.into_iter().map(|part| part.into_owned()));
        }
    }
    lines
}

/// Whether Markdown takes a line for more than a continued paragraph.
fn begins_a_block(line: &str) -> bool {
    let line = line.trim_start();
    let is_number = |head: &str| !head.is_empty() && head.bytes().all(|byte| byte.is_ascii_digit());
    line.starts_with(['#', '>', '|', '-', '*', '+', '=', '~'])
        || line.split_once(['.', ')']).is_some_and(|(head, _)| is_number(head))
}

/// The first sentence, for the comment of a setter.
pub(super) fn first_sentence(text: &str) -> String {
    let text = text.trim().lines().next().unwrap_or_default();
    let end = text.match_indices(". ").map(|(at, _)| at + 1).find(|at| {
        let head = &text[..*at];
        head.matches('`').count().is_multiple_of(2) && !head.ends_with("e.g.") && !head.ends_with("i.e.")
    });
    text[..end.unwrap_or(text.len())].to_owned()
}

/// The text with its first sentence as a paragraph, which rustdoc shows in lists.
pub(super) fn with_summary(text: &str) -> String {
    let text = text.trim();
    let summary = first_sentence(text);
    let rest = text.get(summary.len()..).unwrap_or_default();
    if summary.ends_with('.') && rest.starts_with(' ') {
        format!("{summary}\n\n{}", rest.trim_start())
    } else {
        text.to_owned()
    }
}

/// The text without what no comment takes: control characters, odd carriage returns among them, and those that
/// turn the direction of the text, which the compiler refuses.
pub(super) fn legible(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|&c| matches!(c, '\n' | '\t') || !(c.is_control() || turns(c))).collect()
}

/// A fence around code: its marks, at least three of a kind.
fn fence(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let (marks, info) = line.split_at(line.len() - line.trim_start_matches(mark).len());
    (marks.len() >= 3 && !(mark == '`' && info.contains('`'))).then_some(marks)
}

/// Lines trimmed; outside of code, brackets that are no links and angle brackets are escaped, and bare
/// addresses become links. Fenced code stays as it is, but is called text, lest it be tested as Rust; a
/// fence that is left open is closed.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<String> = None;
    for line in legible(text.trim()).lines() {
        if let Some(marks) = &open {
            let ends =
                fence(line.trim()).is_some_and(|end| end == line.trim() && end.starts_with(marks.as_str()));
            out.push_str(if ends { marks } else { line.trim_end() });
            out.push('\n');
            if ends {
                open = None;
            }
            continue;
        }
        let line = line.trim();
        if let Some(marks) = fence(line) {
            out.push_str(&format!("{marks}text\n"));
            open = Some(marks.to_owned());
            continue;
        }
        let mut code = false;
        let mut rest = line;
        while let Some(next) = rest.chars().next() {
            let width = next.len_utf8();
            match next {
                '`' => {
                    code = !code;
                    out.push('`');
                }
                '[' if !code && !is_link(rest) => out.push_str("\\["),
                '<' if !code && !rest.starts_with("<http") => out.push_str("\\<"),
                'h' if !code
                    && (rest.starts_with("http://") || rest.starts_with("https://"))
                    && !out.ends_with(['<', '(']) =>
                {
                    let end = rest
                        .find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | '"' | '\'' | ','))
                        .unwrap_or(rest.len());
                    let address = rest[..end].trim_end_matches('.');
                    out.push_str(&format!("<{address}>"));
                    rest = &rest[address.len()..];
                    continue;
                }
                other => out.push(other),
            }
            rest = &rest[width..];
        }
        if code {
            // An unbalanced code span would swallow the rest of the comment.
            out.push('`');
        }
        out.push('\n');
    }
    out.extend(open);
    out.trim_end().to_owned()
}

/// A link leads to an address: what leads elsewhere means a page that is not here.
fn is_link(rest: &str) -> bool {
    rest.find("](").is_some_and(|at| {
        let leads = rest.get(at + 2..).is_some_and(|target| target.starts_with("http"));
        leads && rest.get(1..at).is_some_and(|text| !text.contains(['[', ']']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_at_spaces() {
        let long = "word ".repeat(50);
        let item = format!("- {long}");
        for text in [long.trim(), item.trim()] {
            let lines = wrapped(text);
            assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
            let joined: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
            assert_eq!(joined.join(" "), text);
        }
        assert!(wrapped(&item)[1].starts_with("  word"));
        let (dashes, address) = ("ab - ".repeat(60), format!("https://example.com/{}", "a".repeat(200)));
        let (row, code) = (format!("| {long}|"), format!("```text\n{long}\n```"));
        for whole in [dashes.trim_end(), address.as_str(), row.as_str(), code.as_str()] {
            assert_eq!(wrapped(whole).join("\n"), whole);
        }
    }

    #[test]
    fn the_first_sentence_is_a_paragraph() {
        assert_eq!(with_summary("Reads a plan. `a. b` stays."), "Reads a plan.\n\n`a. b` stays.");
        assert_eq!(
            with_summary("Uses `a. b` as a key, e.g. here. More."),
            "Uses `a. b` as a key, e.g. here.\n\nMore."
        );
        for whole in ["One sentence.", "No full stop", "Two lines\nof one sentence. More.", ""] {
            assert_eq!(with_summary(whole), whole);
        }
    }
}
