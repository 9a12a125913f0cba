//! Names in Rust for what the document names: methods, arguments, types and variants.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Methods that the hand-written part of the crate has already.
const RESERVED_METHODS: [&str; 9] =
    ["all", "call", "call_empty", "call_free", "call_raw", "clone", "exec", "new", "send"];

/// Names that a generated type can't take, because the generated code uses them.
pub(crate) const RESERVED_TYPES: [&str; 46] = [
    "AsMut",
    "AsRef",
    "BTreeMap",
    "Box",
    "Bytes",
    "Client",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Deserialize",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "Error",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Operation",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Serialize",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "Value",
    "Vec",
];

/// The name of a method or an argument, before the underscore that keeps it from being a keyword.
pub(crate) fn argument_name(name: &str) -> String {
    name.replace('\'', "").to_snake_case()
}

/// Whether a word can name an argument, with an underscore at its end if it is a keyword.
pub(crate) fn is_argument(name: &str) -> bool {
    name.starts_with(char::is_alphabetic) && syn::parse_str::<syn::Ident>(&format!("{name}_")).is_ok()
}

/// An argument that no other takes: called by a word, where this makes a name, else `parameter`; numbered from 2 where
/// the name is taken.
pub(crate) fn free_argument(word: &str, taken: &mut BTreeSet<String>) -> String {
    let stem = if is_argument(&argument_name(word)) { word } else { "parameter" };
    let mut chosen = stem.to_owned();
    let mut number = 2;
    while !taken.insert(argument_name(&chosen)) {
        chosen = format!("{stem}_{number}");
        number += 1;
    }
    chosen
}

/// Whether a word can name a method of the client.
pub(crate) fn is_method(name: &str) -> bool {
    is_argument(name) && !is_reserved_method(name)
}

/// Whether the hand-written client has a method of this name.
pub(crate) fn is_reserved_method(name: &str) -> bool {
    RESERVED_METHODS.contains(&name)
}

/// Whether the generated code uses this name for something else than a generated type.
pub(crate) fn is_reserved_type(name: &str) -> bool {
    RESERVED_TYPES.contains(&name)
}

/// Whether a character may continue a Rust identifier.
pub(crate) fn is_identifier_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_alphanumeric() && syn::parse_str::<syn::Ident>(&format!("a{c}")).is_ok()
}

/// The name of a type; never empty, never beginning with a digit. The conversion runs twice because
/// progenitor converts the name a second time: `a_b_c` becomes `ABC`, and `ABC` becomes `Abc`.
pub(crate) fn type_name(name: &str) -> String {
    let plain: String = name.chars().map(|c| if is_identifier_char(c) { c } else { ' ' }).collect();
    let spelled = plain.to_upper_camel_case().to_upper_camel_case();
    match spelled.chars().next() {
        None => "Unnamed".to_owned(),
        Some(_) if syn::parse_str::<syn::Ident>(&format!("{spelled}_")).is_err() => format!("N{spelled}"),
        Some(_) => spelled,
    }
}
