//! JSON paths of values, as errors and unparsed fields show them: `payments[3].payment_method.card`.

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Maximum length of a path that is shown, in characters. Names in a path are the sender's text.
const MAX_SHOWN: usize = 200;

/// A step from a value to one within it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Field(Arc<str>),
    Item(usize),
}

impl Step {
    /// The step to a field. Of a name as long as no path shows it, only the beginning is kept: the name is the
    /// sender's and may be in the path of each field of a large object.
    pub(crate) fn field(name: &str) -> Self {
        match name.char_indices().nth(MAX_SHOWN + 1) {
            Some((end, _)) => Self::Field(name.get(..end).unwrap_or_default().into()),
            None => Self::Field(name.into()),
        }
    }
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
            match step {
                Step::Field(name) if index == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
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
