//! Text that opens doors.

use std::fmt;

use zeroize::Zeroizing;

/// A secret: never printed, and wiped from memory when it is dropped, also where it was made a header of. What
/// a request writes to its connection is not wiped, nor is what the hash of a webhook is at while it is checked:
/// both pass through memory that is not this crate's.
///
/// ```
/// use cashfree::Secret;
/// let secret = Secret::from("cfsk_ma_test_123");
/// assert_eq!(format!("{secret:?}"), "***");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself, for a signature provider of one's own. Take care where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_the_text_wipes_it() {
        fn wipes<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let Secret(text) = Secret::from("marked");
        wipes(&text);
    }
}
