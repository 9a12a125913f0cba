//! Secrets.

use std::fmt;

use zeroize::Zeroizing;

/// Secret text. `Debug` prints `***`, and the memory is wiped on drop, that of header values included.
///
/// Not wiped are buffers of other crates: what a request writes to its connection, and the state of a hash while a webhook
/// is verified.
///
/// ```
/// use cashfree::Secret;
/// let secret = Secret::from("cfsk_ma_test_123");
/// assert_eq!(format!("{secret:?}"), "***");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Returns the text, for a signature source of your own. Keep it out of logs.
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
