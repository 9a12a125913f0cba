//! From the normalised document to Rust: progenitor writes the methods and the structs, the modules
//! below add what it doesn't, and prettyplease formats the lot.
//!
//! Progenitor's methods are kept for what they know (names, arguments, paths, bodies, answers) and
//! lose what the transport decides (headers, hooks, its own error type); its structs get tolerant
//! readers, constructors and setters. Enums and unions are ours throughout: progenitor closes the
//! former and guesses at the latter.

mod client;
mod docs;
mod enums;
mod events;
mod operations;
mod recode;
mod schema;
mod types;
mod unions;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use anyhow::{Context, Result, bail};
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use serde_json::{Map, Value, json};
use syn::{Item, ItemMod};

use crate::model::{Direction, Kind, Model, Shape};
use crate::normalize::{BUILT_IN, BuiltIn, SENSITIVE_NAMES};

pub(crate) use client::argument_name;
pub(crate) use events::variant as event_variant;

/// The version of progenitor whose output this is; `Cargo.toml` pins the same.
pub const PROGENITOR: &str = "0.15.1";

/// A file of the generated folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name within the folder.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

/// What progenitor made of the document, parsed.
#[derive(Debug)]
pub struct Generated {
    file: syn::File,
}

/// Lets progenitor generate.
///
/// # Errors
/// When progenitor refuses the document; that is a form that a pass should have mended.
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
    // Progenitor asserts where it could return an error; the message is all there is to show.
    let tokens = silently(|| Generator::new(&settings).generate_tokens(&spec))
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

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Catches a panic of this call and keeps its report, which means nothing to the reader, off the
/// terminal. Panics of other threads are reported as ever.
fn silently<T>(call: impl FnOnce() -> T) -> std::thread::Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !SILENT.get() {
                before(info);
            }
        }));
    });
    SILENT.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    SILENT.set(false);
    result
}

/// Where the generated code comes from; written into its first file.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The document's file name.
    pub document: String,
    /// SHA-256 of the document and its overlay, in hexadecimal.
    pub digest: String,
}

/// Renders the files that hold what progenitor wrote.
///
/// # Errors
/// When progenitor's output lacks what the model says, which means that the two disagree.
pub fn render_generated(generated: &Generated, model: &Model, provenance: &Provenance) -> Result<Vec<File>> {
    let structs = types_module(&generated.file)?;
    Ok(vec![
        file("client.rs", header(model, provenance), client::render(&generated.file, model)?)?,
        file("types.rs", header(model, provenance), types::render(structs, model)?)?,
    ])
}

/// Renders the files that the model alone makes.
///
/// # Errors
/// When a name is no identifier, which the passes see to.
pub fn render_model(model: &Model, provenance: &Provenance, with_events: bool) -> Result<Vec<File>> {
    Ok(vec![
        file("mod.rs", header(model, provenance), module(model, provenance, with_events))?,
        file("unions.rs", header(model, provenance), unions::render(model)?)?,
        file("enums.rs", header(model, provenance), enums::render(model))?,
        file("operations.rs", header(model, provenance), operations::render(model))?,
        file("recode.rs", header(model, provenance), recode::render(model)?)?,
        schema::one_line_each(file("schema.rs", header(model, provenance), schema::render(model)?)?),
    ])
}

/// Renders the files of the events, in a folder of their own.
///
/// # Errors
/// As [`render_generated`].
pub fn render_events(
    generated: &Generated,
    model: &Model,
    samples: &Value,
    provenance: &Provenance,
) -> Result<Vec<File>> {
    let structs = types_module(&generated.file)?;
    let header = || header(model, provenance);
    Ok(vec![
        file("webhooks/mod.rs", header(), events::module(model))?,
        file("webhooks/types.rs", header(), types::render(structs, model)?)?,
        file("webhooks/unions.rs", header(), unions::render(model)?)?,
        file("webhooks/enums.rs", header(), enums::render(model))?,
        file("webhooks/event.rs", header(), events::render(model)?)?,
        file("webhooks/samples.rs", header(), events::samples(model, samples))?,
        file("webhooks/recode.rs", header(), recode::render(model)?)?,
        schema::one_line_each(file("webhooks/schema.rs", header(), schema::render(model)?)?),
    ])
}

fn types_module(file: &syn::File) -> Result<&ItemMod> {
    let found = file.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => Some(module),
        _ => None,
    });
    match found {
        Some(module) => Ok(module),
        None => bail!("progenitor wrote no module `types`"),
    }
}

fn header(model: &Model, provenance: &Provenance) -> String {
    let title = docs::legible(&format!("{} {}", model.title, model.version));
    let title: Vec<&str> = title.split_whitespace().collect();
    format!(
        "// @generated by `cargo xtask regen` from {}\n\
         // ({}). Not edited by hand:\n\
         // change the document's overlay or a pass of the generator, and run it again.\n\n",
        provenance.document,
        title.join(" "),
    )
}

fn file(name: &'static str, header: String, tokens: TokenStream) -> Result<File> {
    let parsed = syn::parse2(tokens).with_context(|| format!("{name} does not parse"))?;
    let mut text = header;
    // An empty line between items, which the formatter leaves out.
    let mut item_ended = false;
    for line in unwrap_macros(&prettyplease::unparse(&parsed)).lines() {
        if item_ended && !line.is_empty() {
            text.push('\n');
        }
        item_ended = matches!(line, "}" | "];" | "};");
        text.push_str(line);
        text.push('\n');
    }
    Ok(File { name, text })
}

/// The formatter leaves the inside of a macro as it is. An enum that a macro will take is therefore
/// formatted as an item that carries the macro's name, and wrapped afterwards.
fn unwrap_macros(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut docs: Vec<&str> = Vec::new();
    let mut wrapped = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("#[wrap(").and_then(|rest| rest.strip_suffix(")]")) {
            wrapped = true;
            out.push_str(&format!("crate::{name}! {{\n"));
            for doc in docs.drain(..) {
                out.push_str(&format!("    {doc}\n"));
            }
            continue;
        }
        if line.starts_with("///") {
            docs.push(line);
            continue;
        }
        for doc in docs.drain(..) {
            out.push_str(&format!("{doc}\n"));
        }
        if wrapped && !line.is_empty() {
            out.push_str("    ");
        }
        out.push_str(line);
        out.push('\n');
        if wrapped && line == "}" {
            out.push_str("}\n");
            wrapped = false;
        }
    }
    out
}

fn module(model: &Model, provenance: &Provenance, with_events: bool) -> TokenStream {
    let events = with_events.then(|| {
        quote! {
            #[cfg(feature = "webhooks")]
            pub(crate) mod webhooks;
        }
    });
    let (version, digest) = (&model.version, &provenance.digest);
    let sensitive = sensitive_members(model);
    quote! {
        #![doc = " What `cargo xtask regen` wrote."]

        mod client;
        pub(crate) mod enums;
        pub mod operations;
        #[cfg(feature = "recode")]
        pub(crate) mod recode;
        #[cfg(feature = "schemars")]
        pub(crate) mod schema;
        pub(crate) mod types;
        pub(crate) mod unions;
        #events

        #[doc = " Version of the API that the document describes; sent as `x-api-version`."]
        pub const API_VERSION: &str = #version;
        #[doc = " SHA-256 of the document and its overlay, in hexadecimal."]
        pub const DOCUMENT_DIGEST: &str = #digest;
        #[doc = " Version of progenitor that wrote the methods and types."]
        pub const GENERATOR: &str = #PROGENITOR;
        #[doc = " Members of requests whose values must not be printed, wherever they are met again."]
        pub const SENSITIVE_MEMBERS: &[&str] = &[#(#sensitive),*];
    }
}

/// The members that are sent and print as `***`, and those that the rule would make so: another edition, or
/// a request that is made by hand, may have them.
fn sensitive_members(model: &Model) -> BTreeSet<&str> {
    let sent = model
        .types
        .iter()
        .filter(|found| matches!(found.direction, Direction::Request | Direction::Both))
        .filter_map(|found| match &found.shape {
            Shape::Object(fields) => Some(fields),
            _ => None,
        })
        .flatten()
        .filter(|field| {
            let mut kind = &field.kind;
            while let Kind::List(inner) | Kind::Map(inner) = kind {
                kind = inner;
            }
            matches!(kind, Kind::BuiltIn(name) if BuiltIn::hides(name))
        })
        .map(|field| field.name.as_str());
    SENSITIVE_NAMES.into_iter().chain(sent).collect()
}
