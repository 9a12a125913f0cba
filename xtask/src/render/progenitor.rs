//! Progenitor: the settings under which it reads the normalised document, and its output as syntax.

use std::panic::{self, AssertUnwindSafe};

use anyhow::{Context, Result, bail};
use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use serde_json::{Map, Value, json};
use syn::{Item, ItemMod};

use crate::builtins::BUILT_IN;
use crate::model::{Model, Shape};

/// The version of progenitor whose output this is; `Cargo.toml` pins the same.
pub const PROGENITOR: &str = "0.15.1";

/// What progenitor made of the document, parsed.
#[derive(Debug)]
pub struct Generated {
    pub(super) file: syn::File,
}

/// Lets progenitor generate.
///
/// # Errors
/// When progenitor refuses the document: a pass should have corrected that form.
pub fn generate(document: &Value, model: &Model) -> Result<Generated> {
    let spec: OpenAPI =
        serde_json::from_value(bare(document)).context("the normalised document is not OpenAPI 3.0")?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::Inner))
        .with_map_type("::std::collections::BTreeMap");
    for built_in in BUILT_IN {
        settings.with_replacement(
            built_in.schema_name(),
            format!("crate::{}", built_in.rust),
            std::iter::empty(),
        );
    }
    for found in &model.types {
        let module = match found.shape {
            Shape::Enum(_) => "enums",
            Shape::Union(_) => "unions",
            Shape::Object(_) => continue,
        };
        settings.with_replacement(
            &found.name,
            format!("super::{module}::{}", found.name),
            std::iter::empty(),
        );
    }
    // Progenitor asserts where it could return an error.
    let generate = AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&spec));
    let tokens = panic::catch_unwind(generate)
        .map_err(|panic| {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            anyhow::anyhow!("progenitor gave up: {}", text.unwrap_or("no message"))
        })?
        .context("progenitor")?;
    Ok(Generated { file: syn::parse2(tokens).context("progenitor's output does not parse")? })
}

/// The document as far as progenitor needs it: what it would only parse can't fail.
fn bare(document: &Value) -> Value {
    let mut paths = document.get("paths").cloned().unwrap_or_default();
    for item in paths.as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Some(operation) = operation.as_object_mut() {
                operation.retain(|word, _| OPERATION.contains(&word.as_str()));
            }
        }
    }
    let text = |pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
    json!({
        "openapi": "3.0.3",
        "info": { "title": text("/info/title"), "version": text("/info/version") },
        "paths": paths,
        "components": { "schemas": text("/components/schemas") },
    })
}

/// The words of an operation that progenitor reads.
const OPERATION: [&str; 6] =
    ["operationId", "summary", "description", "parameters", "requestBody", "responses"];

pub(super) fn types_module(file: &syn::File) -> Result<&ItemMod> {
    let found = file.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => Some(module),
        _ => None,
    });
    match found {
        Some(module) => Ok(module),
        None => bail!("progenitor wrote no module `types`"),
    }
}
