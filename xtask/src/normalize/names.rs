//! Types get the names that an engineer would guess: `x-rust-name` from the overlay where a schema
//! has one, else the schema's own name in Rust's spelling, without the suffixes `Entity`,
//! `RequestBody` and `Request` as long as that leaves it unique.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use heck::ToUpperCamelCase;
use serde_json::Value;

use super::{BUILT_IN, Log, reference, referred, schemas, schemas_mut, visit_schemas};

/// Names that a generated type can't take, since the generated code uses them.
const TAKEN: [&str; 46] = [
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

/// Whether the generated code uses this name for something else.
pub(super) fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    visit_schemas(document, &mut |place, schema| {
        let Some(given) = schema.get("x-rust-name") else { return Ok(()) };
        match given.as_str() {
            Some(given) if is_taken(given) => bail!("{place}: x-rust-name {given} is taken"),
            Some(given) if identifier(given) == given => Ok(()),
            _ => bail!("{place}: x-rust-name {given} is not written like a type"),
        }
    })?;

    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    taken.extend(BUILT_IN.iter().map(|built_in| built_in.schema_name()));

    for (name, schema) in schemas(document) {
        let Some(given) = schema.get("x-rust-name").and_then(Value::as_str) else { continue };
        if !taken.insert(given.to_owned()) {
            bail!("{name}: x-rust-name {given} is taken");
        }
        chosen.insert(name.clone(), given.to_owned());
    }
    let open: Vec<&String> =
        schemas(document).map(|(name, _)| name).filter(|name| !chosen.contains_key(*name)).collect();
    let whole: BTreeMap<&String, String> = open.iter().map(|name| (*name, identifier(name))).collect();
    for name in open {
        let spelled = &whole[name];
        let short = ["RequestBody", "Request", "Entity"]
            .iter()
            .find_map(|suffix| spelled.strip_suffix(suffix))
            .filter(|short| !short.is_empty() && !taken.contains(*short))
            .filter(|short| !whole.iter().any(|(other, spelled)| *other != name && spelled == short));
        let mut rust = short.unwrap_or(spelled).to_owned();
        let mut number = 2;
        while !taken.insert(rust.clone()) {
            rust = format!("{spelled}{number}");
            number += 1;
        }
        chosen.insert(name.clone(), rust);
    }

    visit_schemas(document, &mut |_, schema| {
        if let Some(rust) = referred(schema).and_then(|name| chosen.get(name)).cloned()
            && let Some(members) = schema.as_object_mut()
        {
            members.insert("$ref".to_owned(), reference(&rust)["$ref"].clone());
        }
        Ok(())
    })?;
    let named = schemas_mut(document)?;
    for (name, mut schema) in std::mem::take(named) {
        let rust = &chosen[&name];
        if *rust != name {
            log.note(format!("{name}: {rust}"));
        }
        if let Some(members) = schema.as_object_mut() {
            members.shift_remove("x-rust-name");
            members.insert("x-source".to_owned(), Value::String(name));
        }
        named.insert(rust.clone(), schema);
    }
    Ok(())
}

/// Whether a name in Rust may go on with this letter or digit.
pub(crate) fn is_spelled(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_alphanumeric() && syn::parse_str::<syn::Ident>(&format!("a{c}")).is_ok()
}

/// A name in Rust's spelling for types; never empty, never beginning with a digit. It is spelled
/// twice, as progenitor will spell it again: `a_b_c` is `ABC`, and that is `Abc`.
pub(super) fn identifier(name: &str) -> String {
    let plain: String = name.chars().map(|c| if is_spelled(c) { c } else { ' ' }).collect();
    let spelled = plain.to_upper_camel_case().to_upper_camel_case();
    match spelled.chars().next() {
        None => "Unnamed".to_owned(),
        Some(_) if syn::parse_str::<syn::Ident>(&format!("{spelled}_")).is_err() => format!("N{spelled}"),
        Some(_) => spelled,
    }
}
