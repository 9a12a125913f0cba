//! The type of a field, a parameter or a body.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::builtins::BUILT_IN;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Text without further meaning.
    Text,
    /// A whole number.
    Whole,
    /// A truth value.
    Flag,
    /// A hand-written scalar, by its name in Rust.
    BuiltIn(&'static str),
    /// A generated enum.
    Enum(String),
    /// A generated object.
    Object(String),
    /// A generated union.
    Union(String),
    /// A list.
    List(Box<Kind>),
    /// A map from text.
    Map(Box<Kind>),
    /// Anything.
    Free,
}

impl Kind {
    /// The type in Rust, as seen from within a file of the generated folder.
    pub fn rust(&self) -> String {
        match self {
            Self::Text => "String".to_owned(),
            Self::Whole => "i64".to_owned(),
            Self::Flag => "bool".to_owned(),
            Self::BuiltIn(name) => format!("crate::{name}"),
            Self::Enum(name) => format!("super::enums::{name}"),
            Self::Object(name) => format!("super::types::{name}"),
            Self::Union(name) => format!("super::unions::{name}"),
            Self::List(item) => format!("Vec<{}>", item.rust()),
            Self::Map(value) => format!("std::collections::BTreeMap<String, {}>", value.rust()),
            Self::Free => "serde_json::Value".to_owned(),
        }
    }

    /// What lists and maps hold at last.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.innermost(),
            kind => kind,
        }
    }

    /// The name of the generated type that it is, or holds at last.
    pub fn named(&self) -> Option<&str> {
        match self.innermost() {
            Self::Enum(name) | Self::Object(name) | Self::Union(name) => Some(name),
            _ => None,
        }
    }

    /// Whether any text can be turned into it. An enum is left out: its values are named.
    pub fn takes_text(&self) -> bool {
        match self {
            Self::Text => true,
            Self::BuiltIn(name) => !matches!(*name, "Amount" | "Decimal" | "SensitiveJson"),
            _ => false,
        }
    }

    /// The type as a reviewer reads it: without paths.
    pub fn short(&self) -> String {
        match self {
            Self::BuiltIn(name) => (*name).to_owned(),
            Self::Enum(name) | Self::Object(name) | Self::Union(name) => name.clone(),
            Self::List(item) => format!("Vec<{}>", item.short()),
            Self::Map(value) => format!("Map<String, {}>", value.short()),
            Self::Free => "Value".to_owned(),
            _ => self.rust(),
        }
    }
}

/// Reads the type of a schema in its normal form. `kinds` distinguishes enums, unions and objects.
pub(super) fn kind(schema: &Value, kinds: &BTreeMap<&str, &str>) -> Result<Kind> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        if let Some(built_in) = BUILT_IN.iter().find(|built_in| built_in.schema_name() == name) {
            return Ok(Kind::BuiltIn(built_in.rust));
        }
        return Ok(match kinds.get(name) {
            Some(&"enum") => Kind::Enum(name.to_owned()),
            Some(&"union") => Kind::Union(name.to_owned()),
            Some(_) => Kind::Object(name.to_owned()),
            None => bail!("refers to {target}, which is no type"),
        });
    }
    Ok(match schema.get("type").and_then(Value::as_str) {
        Some("string") => Kind::Text,
        Some("integer" | "number") => Kind::Whole,
        Some("boolean") => Kind::Flag,
        Some("array") => Kind::List(Box::new(kind(&schema["items"], kinds)?)),
        Some("object") => Kind::Map(Box::new(match schema.get("additionalProperties") {
            Some(values) if values.is_object() => kind(values, kinds)?,
            _ => Kind::Free,
        })),
        _ => Kind::Free,
    })
}
