//! What the overlay says of a field is kept with the object, since what the field holds is dissolved, hoisted and
//! renamed by the passes that follow: its name in Rust (`x-rust-field`), and that it stands in each response
//! (`x-cashfree-present`).

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use heck::ToSnakeCase;
use serde_json::{Map, Value};

use super::log::Log;
use super::schemas::visit_schemas;
use crate::extensions;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    visit_schemas(document, &mut |place, schema| {
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            return Ok(());
        };
        let mut present = Vec::new();
        for (wire, property) in properties.iter_mut() {
            match property.as_object_mut().and_then(|word| word.shift_remove(extensions::PRESENT)) {
                None => {}
                Some(Value::Bool(true)) => present.push(Value::String(wire.clone())),
                Some(other) => bail!("{place}.{wire}: {} is {other}, not true", extensions::PRESENT),
            }
        }
        let mut given = Map::new();
        let mut spelled: BTreeMap<String, String> = BTreeMap::new();
        for (wire, property) in properties.iter_mut() {
            let Some(name) =
                property.as_object_mut().and_then(|word| word.shift_remove(extensions::RUST_FIELD))
            else {
                continue;
            };
            let Some(name) = name.as_str().filter(|name| is_field_name(name)) else {
                bail!("{place}.{wire}: x-rust-field {name} is not a valid field name");
            };
            if let Some(other) = spelled.insert(name.to_owned(), wire.clone()) {
                bail!("{place}: {other} and {wire} are both called {name}");
            }
            given.insert(wire.clone(), name.into());
        }
        for wire in properties.keys().filter(|wire| !given.contains_key(*wire)) {
            if spelled.contains_key(&wire.to_snake_case()) {
                bail!("{place}.{wire}: its name is given to another field");
            }
        }
        let mut alike: BTreeMap<String, &String> = BTreeMap::new();
        for wire in properties.keys().filter(|wire| !given.contains_key(*wire)) {
            if let Some(other) = alike.insert(wire.to_snake_case(), wire) {
                log.note(format!("{place}: {other} and {wire} are spelled alike; numbers tell them apart"));
            }
        }
        for (wire, name) in &given {
            log.note(format!("{place}.{wire}: {}", name.as_str().unwrap_or_default()));
        }
        let Some(object) = schema.as_object_mut() else { return Ok(()) };
        if !given.is_empty() {
            object.insert(extensions::FIELD_NAMES.to_owned(), Value::Object(given));
        }
        if !present.is_empty() {
            object.insert(extensions::PRESENT_FIELDS.to_owned(), Value::Array(present));
        }
        Ok(())
    })
}

/// Whether a word can name a field: written as Rust writes one, and no word of the language.
fn is_field_name(name: &str) -> bool {
    name.to_snake_case() == name
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && syn::parse_str::<syn::Ident>(name).is_ok()
}
