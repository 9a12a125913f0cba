//! Unions with a wrapper key for each alternative, and a variant that keeps an unknown one.

use anyhow::Result;
use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{doc, with_summary};
use super::enums::variants;
use crate::model::{Direction, Kind, Model, Shape, Type};

pub(super) fn render(model: &Model) -> Result<TokenStream> {
    let mut unions = Vec::new();
    for found in &model.types {
        let Shape::Union(alternatives) = &found.shape else { continue };
        let name = format_ident!("{}", found.name);
        let docs = doc(&with_summary(&found.description));
        let keys: Vec<String> = alternatives.iter().map(|(key, _, _)| key.clone()).collect();
        let mut arms = Vec::new();
        for ((key, kind, description), variant) in alternatives.iter().zip(variants(&keys, false)) {
            let variant = format_ident!("{variant}");
            let payload: syn::Type = syn::parse_str(&payload(kind))?;
            let text = if description.is_empty() {
                format!("Value under the key `{key}`.")
            } else {
                description.clone()
            };
            let docs = doc(&text);
            arms.push(quote! { #docs #variant(#payload) = #key, });
        }
        let constructors = constructors(found, alternatives)?;
        unions.push(quote! {
            #docs
            #[wrap(decode::union::keyed_union)]
            pub enum #name { #(#arms)* }
            #constructors
        });
    }
    Ok(quote! {
        #![doc = " Unions of the API. One key wraps each alternative and distinguishes it."]
        #(#unions)*
    })
}

/// What is sent is made by the caller, who needs no box for it.
fn constructors(found: &Type, alternatives: &[(String, Kind, String)]) -> Result<TokenStream> {
    if matches!(found.direction, Direction::Response | Direction::Event) {
        return Ok(TokenStream::new());
    }
    let name = format_ident!("{}", found.name);
    let keys: Vec<String> = alternatives.iter().map(|(key, _, _)| key.clone()).collect();
    let mut constructors = Vec::new();
    for ((key, kind, _), variant) in alternatives.iter().zip(variants(&keys, false)) {
        let spelled = variant.to_snake_case();
        let constructor: syn::Ident = syn::parse_str(&spelled)
            .ok()
            .filter(|_| !matches!(spelled.as_str(), "key" | "into_json"))
            .unwrap_or_else(|| format_ident!("{spelled}_"));
        let variant = format_ident!("{variant}");
        let docs = doc(&format!("Creates the variant that is sent under the key `{key}`."));
        let (argument, value) = match kind {
            Kind::Object(inner) => (format!("super::types::{inner}"), quote!(Box::new(payload))),
            Kind::Union(inner) => (inner.clone(), quote!(Box::new(payload))),
            other => (payload(other), quote!(payload)),
        };
        let argument: syn::Type = syn::parse_str(&argument)?;
        constructors.push(quote! {
            #docs
            pub fn #constructor(payload: #argument) -> Self {
                Self::#variant(#value)
            }
        });
    }
    Ok(quote! { impl #name { #(#constructors)* } })
}

/// A large payload would make every value of the union as large, and a union within itself endless;
/// objects and unions are boxed.
fn payload(kind: &Kind) -> String {
    match kind {
        Kind::Object(name) => format!("Box<super::types::{name}>"),
        Kind::Union(name) => format!("Box<{name}>"),
        other => other.rust(),
    }
}
