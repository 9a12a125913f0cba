//! One member of a shape that nobody foresaw does not cost the whole answer: it is set aside as the JSON that
//! it is, reads as absent, and the rest is read.
//!
//! Two things are never set aside, and fail the whole as they would without it: what is declared as a number,
//! so that no answer tells less money than it should; and what the answer consists of, which is the whole, or
//! its `data`. A list is never read short: where an item is at fault, the member that holds the list is set
//! aside. The reader that does it is [`Json`](crate::decode::lexer::Json).

use std::fmt;

/// A member that came in a shape that its type doesn't have. The value that was read has it as absent.
///
/// `Debug` doesn't show what it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SetAside {
    path: String,
    json: Box<str>,
}

impl SetAside {
    pub(crate) fn new(path: String, json: &str) -> Self {
        Self { path, json: json.into() }
    }

    /// The same, as a member of what stands there.
    #[cfg(feature = "webhooks")]
    pub(crate) fn below(mut self, above: &str) -> Self {
        self.path = crate::decode::error::joined(above, &self.path);
        self
    }

    /// Where it stands, as in `order_meta.payment_methods_filters`. A long one ends in `…`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it holds, as the JSON text that came.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetAside").field("path", &self.path).finish_non_exhaustive()
    }
}
