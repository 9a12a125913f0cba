//! JSON paths of values, as errors and unparsed fields show them: `payments[3].payment_method.card`. Names that no
//! type declares are the sender's text, and may be anything; `*` stands for them, as in `order_tags.*`.

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Maximum length of a path that is shown, in characters.
const MAX_SHOWN: usize = 200;

/// A step from a value to one within it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Field(Arc<str>),
    /// To a field that no type declares.
    Unknown,
    Item(usize),
}

/// The steps to a value, the last one first.
pub(crate) type Steps = Vec<Step>;

/// Shows steps as a path; no step is `.`, the whole.
pub(crate) fn shown(steps: &[Step]) -> String {
    if steps.is_empty() { ".".to_owned() } else { truncated(Path(steps)) }
}

struct Path<'a>(&'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().rev().enumerate() {
            let name = match step {
                Step::Field(name) => name,
                Step::Unknown => "*",
                Step::Item(index) => {
                    write!(f, "[{index}]")?;
                    continue;
                }
            };
            f.write_str(if index == 0 { "" } else { "." })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// Returns a name that looks like a field of an API: at most 40 letters, `_`, `-` and `.`, and 3 digits. Returns `*`
/// for another.
pub(crate) fn word(name: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if digits <= 3 && (1..=40).contains(&name.len()) && name.bytes().all(is_plain) { name } else { "*" }
}

/// Joins a path to the path of the value that holds it.
pub(crate) fn joined(parent: &str, path: &str) -> String {
    match (parent, path) {
        ("" | ".", path) => path.to_owned(),
        (parent, ".") => parent.to_owned(),
        (parent, path) if path.starts_with('[') => format!("{parent}{path}"),
        (parent, path) => format!("{parent}.{path}"),
    }
}

/// Formats a path on one line and truncates it, marked with `…`.
pub(crate) fn truncated(path: impl fmt::Display) -> String {
    struct Truncated {
        text: String,
        room: usize,
    }

    impl fmt::Write for Truncated {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for character in text.chars() {
                if self.room == 0 {
                    self.text.push('…');
                    return Err(fmt::Error);
                }
                self.room -= 1;
                self.text.push(if character.is_control() { ' ' } else { character });
            }
            Ok(())
        }
    }

    let mut truncated = Truncated { text: String::new(), room: MAX_SHOWN };
    // The error says that the room is used up.
    let _ = write!(truncated, "{path}");
    truncated.text
}
