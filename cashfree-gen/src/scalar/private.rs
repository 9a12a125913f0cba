//! Private text in `Debug`: names, phone numbers, email and postal addresses, bank codes, links, and what merchants
//! put into notes, tags and free JSON. The types stay what they are; only what `Debug` prints is masked.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};

use serde_json::Value;

/// Texts shorter than this many characters are masked whole.
const SHORTEST_SHOWN: usize = 8;

/// A value whose texts are masked in `Debug`:
///
/// - text: `***` and the last two characters, or `***` alone if it is shorter than 8 characters;
/// - an http or https URL: the scheme and the host;
/// - the values of a map, free JSON and numbers: `***`.
///
/// Absent and empty values print as such.
pub(crate) struct Private<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: Masked + ?Sized> Debug for Private<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt_masked(f)
    }
}

/// What can be masked.
pub(crate) trait Masked {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result;
}

impl Masked for String {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.as_str().fmt_masked(f)
    }
}

impl Masked for str {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(origin) = origin(self) {
            return write!(f, "{origin}/***");
        }
        let shown =
            self.char_indices().rev().nth(1).filter(|_| self.chars().nth(SHORTEST_SHOWN - 1).is_some());
        let end = shown.and_then(|(start, _)| self.get(start..)).unwrap_or_default();
        write!(f, "***{}", end.escape_debug())
    }
}

impl<T: Masked> Masked for Option<T> {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.as_ref().map(Private), f)
    }
}

impl<T: Masked> Masked for Vec<T> {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(Private)).finish()
    }
}

/// The keys are the merchant's, too.
impl<T> Masked for BTreeMap<String, T> {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "{}" } else { "{***}" })
    }
}

impl Masked for Value {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Masked for i64 {
    fn fmt_masked(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The payload of an alternative of a union: text and free JSON are masked, other types show themselves.
pub(crate) struct Payload<'a, T>(pub(crate) &'a T);

impl<T: Debug + 'static> Debug for Payload<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let payload: &dyn Any = self.0;
        match (payload.downcast_ref::<Value>(), payload.downcast_ref::<String>()) {
            (Some(json), _) => json.fmt_masked(f),
            (_, Some(text)) => text.fmt_masked(f),
            _ => self.0.fmt(f),
        }
    }
}

/// Returns scheme and host of an http or https URL, without user name and password.
fn origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_http = ["http", "https"].iter().any(|http| scheme.eq_ignore_ascii_case(http));
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    let port = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or("", |(_, port)| port);
    let is_whole = host.bytes().all(is_host) && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_http && host.contains('.') && is_whole).then(|| format!("{scheme}://{host}"))
}

/// Implements `Debug` of a struct, as the derive does, but for the fields marked as `private`.
macro_rules! impl_debug {
    ($name:ident { $($field:ident $(: $private:ident)?),* $(,)? }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::scalar::private::fields(f, stringify!($name), &[
                    $((stringify!($field), $crate::scalar::private::impl_debug!(@value self.$field $($private)?)),)*
                ])
            }
        }
    };
    (@value $object:ident.$field:ident) => { &$object.$field };
    (@value $object:ident.$field:ident private) => { &$crate::scalar::private::Private(&$object.$field) };
}

pub(crate) use impl_debug;

/// Shows a struct by its fields.
pub(crate) fn fields(f: &mut Formatter<'_>, name: &str, fields: &[(&str, &dyn Debug)]) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for (name, value) in fields {
        shown.field(name.trim_start_matches("r#"), value);
    }
    shown.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_by_its_end_and_a_url_by_its_host() {
        for (text, shown) in [
            ("", "***"),
            ("Ravi", "***"),
            ("9000000", "***"),
            ("9000012345", "***45"),
            ("ravi.kumar@example.com", "***om"),
            ("12345\n\u{1b}\"", "***\\u{1b}\\\""),
            ("रवि कुमार जी", "***जी"),
            ("https://shop.example/return?order=1&mail=a@b.example", "https://shop.example/***"),
            ("https://user:password@shop.example:8443", "https://shop.example:8443/***"),
            ("https://user.name:p/x@shop.example/", "***e/"),
            ("HTTP://[::1.2.3.4]/x", "HTTP://[::1.2.3.4]/***"),
            ("upi://pay?pa=name@okbank", "***nk"),
            ("https://name-only/x", "***/x"),
            ("https://a b.example/x", "***/x"),
        ] {
            assert_eq!(format!("{:?}", Private(&text.to_owned())), shown, "{text}");
        }
    }

    #[test]
    fn absent_and_empty_values_are_distinguished_from_present_ones() {
        let (some, none) = (Some("9000012345".to_owned()), None::<String>);
        assert_eq!(format!("{:?} {:?}", Private(&some), Private(&none)), "Some(***45) None");
        assert_eq!(format!("{:?}", Private(&vec![String::new()])), "[***]");
        let mut tags = BTreeMap::new();
        assert_eq!(format!("{:?}", Private(&tags)), "{}");
        tags.insert("9000012345".to_owned(), serde_json::json!("Ravi Kumar"));
        assert_eq!(format!("{:?} {:?}", Private(&tags), Private(&tags["9000012345"])), "{***} ***");
        assert_eq!(format!("{:?}", Private(&9_000_012_345_i64)), "***");
    }

    #[test]
    fn a_payload_is_masked_by_its_type() {
        assert_eq!(format!("{:?}", Payload(&serde_json::json!({ "a": 1 }))), "***");
        assert_eq!(format!("{:?} {:?}", Payload(&"9000012345".to_owned()), Payload(&Box::new(1))), "***45 1");
    }
}
