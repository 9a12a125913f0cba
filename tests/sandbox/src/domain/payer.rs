//! What a payer decides on a payment page.

/// The payer's decision. Reading a page is none: only a submitted form carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Pays; test data may still make the payment fail.
    Success,
    /// Declines, as a bank would.
    Failed,
    /// Leaves the page without paying.
    UserDropped,
    /// Leaves the attempt as it is.
    Pending,
}

impl Decision {
    /// Every decision with its word in forms and queries.
    pub(crate) const ALL: [(&str, Self); 4] = [
        ("success", Self::Success),
        ("failed", Self::Failed),
        ("user_dropped", Self::UserDropped),
        ("pending", Self::Pending),
    ];

    /// Parses `outcome`; empty means success. An unknown word is `None`, and must change nothing.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        if word.is_empty() {
            return Some(Self::Success);
        }
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, decision)| *decision)
    }
}
