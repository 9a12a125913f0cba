//! Renders Rust from the normalised document and its model.
//!
//! Progenitor writes method signatures and structs. `client` puts the methods on the crate's transport;
//! `types` adds decoding, constructors and setters to the structs. Enums, unions, the operation table
//! and the events come from the model alone. prettyplease formats every file.

mod areas;
mod client;
mod conversions;
mod docs;
mod enums;
mod events;
mod file;
mod identities;
mod operations;
mod progenitor;
mod schema;
mod types;
mod unions;

use std::collections::BTreeSet;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::builtins::{SENSITIVE_NAMES, is_redacted};
use crate::identity::Identity;
use crate::model::{Direction, Field, Kind, Model, Shape, Type};
use crate::private::is_private;

pub(crate) use areas::area_of_types;
pub(crate) use enums::variants;
pub use file::{File, Provenance};
use file::{file, header};
use progenitor::types_module;
pub use progenitor::{Generated, PROGENITOR, generate};

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
        file("areas.rs", header(model, provenance), areas::render(model)?)?,
        file("operations.rs", header(model, provenance), operations::render(model))?,
        file("schema.rs", header(model, provenance), schema::render(model)?)?,
    ])
}

/// Renders the files of the events, in a folder of their own.
///
/// # Errors
/// As [`render_generated`].
pub fn render_events(
    generated: &Generated,
    model: &Model,
    api: &Model,
    samples: &Value,
    identities: &[Identity],
    provenance: &Provenance,
) -> Result<Vec<File>> {
    let structs = types_module(&generated.file)?;
    let header = || header(model, provenance);
    Ok(vec![
        file("webhooks/mod.rs", header(), events::module(model))?,
        file("webhooks/types.rs", header(), types::render(structs, model)?)?,
        file("webhooks/unions.rs", header(), unions::render(model)?)?,
        file("webhooks/enums.rs", header(), enums::render(model))?,
        file("webhooks/conversions.rs", header(), conversions::render(api, model)?)?,
        file("webhooks/event.rs", header(), events::render(model)?)?,
        file("webhooks/identities.rs", header(), identities::render(model, identities)?)?,
        file("webhooks/samples.rs", header(), events::samples(model, samples))?,
        file("webhooks/schema.rs", header(), schema::render(model)?)?,
    ])
}

/// Hand-written methods of generated types: the file, and the types without which it does not compile. They are part of
/// the generated module, so that a document without these types goes without them.
const EXTRAS: [(&str, &[&str]); 2] = [
    ("order", &["Order", "OrderStatus"]),
    (
        "recon",
        &[
            "PaymentReconEntry",
            "ReconEventType",
            "SaleType",
            "SettlementReconEntry",
            "SettlementReconEntryEventDetails",
            "SplitOrderReconEntry",
            "VendorReconEntry",
        ],
    ),
];

fn module(model: &Model, provenance: &Provenance, with_events: bool) -> TokenStream {
    let events = with_events.then(|| {
        quote! {
            #[cfg(feature = "webhook")]
            pub(crate) mod webhooks;
        }
    });
    let extras = EXTRAS
        .iter()
        .filter(|(_, types)| types.iter().all(|name| model.find(name).is_some()))
        .map(|(file, _)| (format_ident!("{file}"), format!("../extras/{file}.rs")));
    let (extras, paths): (Vec<_>, Vec<_>) = extras.unzip();
    let (version, digest) = (&model.version, &provenance.digest);
    let sensitive = sensitive_fields(model);
    let private = private_fields(model);
    quote! {
        #![doc = " What `cargo xtask regen` wrote."]

        pub(crate) mod areas;
        mod client;
        pub(crate) mod enums;
        #[doc = " Hand-written methods of generated types, and their errors."]
        pub(crate) mod extras {
            #(pub use super::#extras::*;)*
        }
        #(#[path = #paths] mod #extras;)*
        pub mod operations;
        #[cfg(feature = "schemars")]
        pub(crate) mod schema;
        pub(crate) mod types;
        pub(crate) mod unions;
        #events

        #[doc = " Version of the API that the document describes: the [`api_version`](crate::Operation::api_version) of each operation."]
        pub const API_VERSION: &str = #version;
        #[doc = " SHA-256 of the document and its overlay, in hexadecimal."]
        pub const DOCUMENT_DIGEST: &str = #digest;
        #[doc = " Version of progenitor that wrote the methods and types."]
        pub const GENERATOR: &str = #PROGENITOR;
        #[doc = " Names of request fields whose values are redacted wherever they occur: secrets, card data and session tokens."]
        pub const SENSITIVE_FIELDS: &[&str] = &[#(#sensitive),*];
        #[doc = " Fields of requests that `Debug` masks: text about persons, and what merchants note."]
        pub const PRIVATE_FIELDS: &[&str] = &[#(#private),*];
    }
}

/// The fields of requests that are redacted as `***`, and those that the rule would redact: another edition, or
/// a request that is built by hand, may have them.
fn sensitive_fields(model: &Model) -> BTreeSet<&str> {
    let sent = sent_fields(model)
        .filter(|field| matches!(field.kind.innermost(), Kind::BuiltIn(name) if is_redacted(name)))
        .map(|field| field.name.as_str());
    SENSITIVE_NAMES.into_iter().chain(sent).collect()
}

/// The fields of requests that `Debug` masks.
fn private_fields(model: &Model) -> BTreeSet<&str> {
    let private = sent_fields(model).filter(|field| is_private(&field.name, &field.kind));
    private.map(|field| field.name.as_str()).collect()
}

fn sent_fields(model: &Model) -> impl Iterator<Item = &Field> {
    let sent = |found: &&Type| matches!(found.direction, Direction::Request | Direction::Both);
    let fields = model.types.iter().filter(sent).filter_map(|found| match &found.shape {
        Shape::Object(fields) => Some(fields),
        _ => None,
    });
    fields.flatten()
}
