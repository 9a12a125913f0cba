//! Renders structs: progenitor's fields and types in the document's order, tolerant readers for types of responses,
//! constructors and setters for types of requests.

mod constructors;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use heck::{ToLowerCamelCase, ToSnakeCase};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Fields, Item, ItemMod, ItemStruct};

use constructors::render_constructor;

pub(crate) use constructors::parts_name;

use super::docs::{doc, with_summary};
use crate::model::{Direction, Field, Kind, Model, Presence, Shape, Type};
use crate::private::is_private;

pub(super) fn render(module: &ItemMod, model: &Model) -> Result<TokenStream> {
    let items = module.content.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default();
    let mut structs: BTreeMap<String, &ItemStruct> = BTreeMap::new();
    for item in items {
        if let Item::Struct(found) = item {
            structs.insert(found.ident.to_string(), found);
        }
    }
    let mut rendered = Vec::new();
    for found in &model.types {
        let Shape::Object(fields) = &found.shape else { continue };
        let generated =
            structs.get(&found.name).with_context(|| format!("progenitor wrote no type {}", found.name))?;
        rendered.push(render_struct(model, found, fields, generated)?);
    }
    let of_events = model.types.iter().any(|found| found.direction == Direction::Event);
    let docs = if of_events { " Types of webhook events." } else { " Types of requests and responses." };
    Ok(quote! {
        #![doc = #docs]
        #(#rendered)*
    })
}

/// A field of a generated struct.
pub(super) struct RustField<'a> {
    pub(super) field: &'a Field,
    pub(super) ident: Ident,
    pub(super) ty: TokenStream,
}

impl RustField<'_> {
    fn is_private(&self) -> bool {
        is_private(&self.field.name, &self.field.kind)
    }
}

fn render_struct(
    model: &Model,
    found: &Type,
    fields: &[Field],
    generated: &ItemStruct,
) -> Result<TokenStream> {
    let name = format_ident!("{}", found.name);
    let sent = matches!(found.direction, Direction::Request | Direction::Both);
    let rust_fields = rust_fields(fields, generated, sent)?;
    let strict = fields.iter().any(|field| field.required);
    let docs = doc(&with_summary(&found.description));
    let source = found.source.as_ref().filter(|source| **source != found.name).map(|source| {
        let text = format!("\n\nNamed `{source}` in the API document.");
        doc_after(&text)
    });
    let of_request = found.direction == Direction::Request;
    ensure!(!strict || of_request, "{name}: what is read requires nothing");
    let has_present = has_present(fields);
    let default = (!strict && !has_present).then(|| quote!(Default,));
    let fields_of = rust_fields.iter().map(|rust_field| {
        let rendered = render_field(rust_field, found.direction);
        // Without a default of the whole, each field that is left out has its own.
        let is_left_out = matches!(rust_field.field.kind, Kind::List(_) | Kind::Map(_))
            || rust_field.field.presence == Presence::Valued;
        let default = (has_present && is_left_out)
            .then(|| quote!(#[cfg_attr(feature = "schemars", schemars(default))]));
        quote!(#default #rendered)
    });
    let decode =
        if of_request { decode_request(&name, &rust_fields) } else { decode(found, &name, &rust_fields) };
    let constructor = sent.then(|| render_constructor(model, found, &rust_fields));
    let has_private = rust_fields.iter().any(|rust_field| rust_field.is_private());
    let (derived, debug) = match has_private {
        true => (None, Some(masked_debug(&name, &rust_fields))),
        false => (Some(quote!(Debug,)), None),
    };
    let of_schema = match (of_request, has_present) {
        (true, _) => quote!(, schemars(deny_unknown_fields)),
        (false, true) => TokenStream::new(),
        (false, false) => quote!(, schemars(default)),
    };
    Ok(quote! {
        #docs
        #source
        #[derive(Clone, #derived #default PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema) #of_schema)]
        #[non_exhaustive]
        pub struct #name { #(#fields_of)* }
        #debug
        #decode
        #constructor
    })
}

/// The macro that implements `Debug` of a struct with private fields.
fn masked_debug(name: &Ident, rust_fields: &[RustField<'_>]) -> TokenStream {
    let fields = rust_fields.iter().map(|rust_field| {
        let ident = &rust_field.ident;
        let private = rust_field.is_private().then(|| quote!(: private));
        quote!(#ident #private,)
    });
    quote!(crate::scalar::private::impl_debug!(#name { #(#fields)* });)
}

/// Whether a response can't be decoded without some of its fields.
pub(super) fn has_present(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.presence == Presence::Present)
}

/// The macro that implements decoding of a response or an event.
fn decode(found: &Type, name: &Ident, rust_fields: &[RustField<'_>]) -> TokenStream {
    let Shape::Object(all) = &found.shape else { return TokenStream::new() };
    let duplicates = if found.direction == Direction::Event { quote!(last) } else { quote!(refused) };
    let names = rust_fields.iter().map(|rust_field| {
        let ident = &rust_field.ident;
        let name = written_name(rust_field).map(|name| quote!(= #name));
        let other = other_spelling(rust_field.field, all, found.direction).map(|other| quote!(or #other));
        let with = reader(&rust_field.field.kind, found.direction).map(|path| quote!(with #path));
        quote!(#ident #name #other #with,)
    });
    let present: Vec<_> = rust_fields
        .iter()
        .filter(|rust_field| rust_field.field.presence == Presence::Present)
        .map(|rust_field| &rust_field.ident)
        .collect();
    let present = (!present.is_empty()).then(|| quote!(present: { #(#present,)* },));
    quote!(crate::decode::object::impl_decode!(#name, duplicates: #duplicates, #present { #(#names)* });)
}

/// The macro that implements strict decoding of a request.
fn decode_request(name: &Ident, rust_fields: &[RustField<'_>]) -> TokenStream {
    let names = |required: bool| {
        rust_fields.iter().filter(move |rust_field| rust_field.field.required == required).map(|rust_field| {
            let ident = &rust_field.ident;
            let name = written_name(rust_field).map(|name| quote!(= #name));
            quote!(#ident #name,)
        })
    };
    let (required, optional) = (names(true), names(false));
    quote! {
        crate::decode::object::impl_decode_request!(
            #name, required: { #(#required)* }, optional: { #(#optional)* }
        );
    }
}

/// The name of a field in JSON, where it is not that of the struct's field.
fn written_name<'a>(rust_field: &RustField<'a>) -> Option<&'a str> {
    let name = rust_field.field.name.as_str();
    (rust_field.ident != name).then_some(name)
}

/// A paragraph that follows another doc comment.
fn doc_after(text: &str) -> TokenStream {
    let rest = doc(text);
    quote! { #[doc = ""] #rest }
}

/// Fields whose names differ only in spelling (`a-b`, `a_b`) get a number each. Requests
/// have setters, which leave `new` and `default` to the type.
fn rust_fields<'a>(fields: &'a [Field], generated: &ItemStruct, sent: bool) -> Result<Vec<RustField<'a>>> {
    let Fields::Named(named) = &generated.fields else {
        anyhow::bail!("progenitor wrote {} without fields", generated.ident)
    };
    let mut by_name: BTreeMap<String, (&Ident, &syn::Type)> = BTreeMap::new();
    for field in &named.named {
        let Some(ident) = &field.ident else { continue };
        let wire = wire_name(field).unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
        by_name.insert(wire, (ident, &field.ty));
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    if sent {
        taken.extend(["new".to_owned(), "default".to_owned()]);
    }
    fields
        .iter()
        .map(|field| {
            let (ident, ty) = by_name
                .get(&field.name)
                .with_context(|| format!("{} has no field {}", generated.ident, field.name))?;
            let mut ident = match &field.given {
                Some(given) => format_ident!("{given}"),
                None => (*ident).clone(),
            };
            let plain = ident.to_string();
            let mut number = 2;
            while !taken.insert(ident.to_string()) {
                ident = format_ident!("{}_{number}", plain.trim_end_matches('_'));
                number += 1;
            }
            let mut ty = (*ty).clone();
            Shorten.visit_type_mut(&mut ty);
            let mut ty = ty.into_token_stream();
            if field.presence != Presence::Optional {
                ty = inner_of_option(&ty);
            }
            if field.boxed && !is_boxed(&ty) {
                let inner = inner_of_option(&ty);
                ty = quote!(Option<Box<#inner>>);
            }
            Ok(RustField { field, ident, ty })
        })
        .collect()
}

fn wire_name(field: &syn::Field) -> Option<String> {
    let mut name = None;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // Other serde words carry values that are not asked for here.
        let _ = attribute.parse_nested_meta(|meta| {
            if let Ok(value) = meta.value() {
                let text: syn::LitStr = value.parse()?;
                if meta.path.is_ident("rename") {
                    name = Some(text.value());
                }
            }
            Ok(())
        });
    }
    name
}

fn render_field(rust_field: &RustField<'_>, direction: Direction) -> TokenStream {
    let RustField { field, ident, ty } = rust_field;
    let docs = doc(&field.description);
    let rename = written_name(rust_field).map(|name| quote!(rename = #name));
    // A request's field may be left out; of a response, all may.
    let default = (direction == Direction::Request && !field.required).then(|| quote!(default));
    let skip = (!field.required && field.presence != Presence::Present).then(|| {
        let is_absent = match &field.kind {
            Kind::Enum(name) if field.presence == Presence::Valued => {
                let is_absent = format!("super::enums::{name}::is_absent");
                return quote!(skip_serializing_if = #is_absent);
            }
            Kind::List(_) => "Vec::is_empty",
            Kind::Map(_) => "std::collections::BTreeMap::is_empty",
            _ => "Option::is_none",
        };
        quote!(skip_serializing_if = #is_absent)
    });
    let words = [rename, default, skip];
    let words: Vec<_> = words.iter().flatten().collect();
    let serde = (!words.is_empty()).then(|| quote!(#[serde(#(#words),*)]));
    let limits = limits(field, direction);
    quote! { #docs #limits #serde pub #ident: #ty, }
}

/// The documented limits of a field that is only sent, as JSON Schema words them.
fn limits(field: &Field, direction: Direction) -> Option<TokenStream> {
    let is_sent = direction == Direction::Request && !field.limits.is_empty();
    is_sent.then(|| {
        let limits = field.limits.iter().map(|(word, bound)| {
            let bound = match bound {
                Value::String(text) => quote!(#text),
                // A number is a literal as JSON writes it.
                number => number.to_string().parse().unwrap_or_default(),
            };
            quote!(#word = #bound)
        });
        quote!(#[cfg_attr(feature = "schemars", schemars(extend(#(#limits),*)))])
    })
}

/// Events of older versions write `authorizationAmount` for `authorization_amount`, and some of today the
/// other way about.
fn other_spelling(field: &Field, all: &[Field], direction: Direction) -> Option<String> {
    let name = &field.name;
    let other = if name.contains('_') { name.to_lower_camel_case() } else { name.to_snake_case() };
    let is_new = other != *name && !all.iter().any(|field| field.name == other);
    (is_new && direction == Direction::Event).then_some(other)
}

/// The function that decodes a field which is not decoded as its type is.
fn reader(kind: &Kind, direction: Direction) -> Option<TokenStream> {
    match kind {
        Kind::BuiltIn("Timestamp") if direction == Direction::Event => {
            Some(quote!(crate::decode::scalar::event_time))
        }
        Kind::Union(_) if direction == Direction::Event => Some(quote!(crate::decode::union::union_or_name)),
        _ => None,
    }
}

pub(super) fn inner_of_option(ty: &TokenStream) -> TokenStream {
    let parsed: Option<syn::Type> = syn::parse2(ty.clone()).ok();
    let inner = parsed.as_ref().and_then(|ty| argument_of(ty, "Option"));
    inner.map_or_else(|| ty.clone(), ToTokens::to_token_stream)
}

fn is_boxed(ty: &TokenStream) -> bool {
    let inner: Option<syn::Type> = syn::parse2(inner_of_option(ty)).ok();
    inner.is_some_and(|inner| argument_of(&inner, "Box").is_some())
}

struct Shorten;

impl VisitMut for Shorten {
    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        visit_mut::visit_type_mut(self, ty);
        if let Some(inner) = argument_of(ty, "Box").and_then(|inner| argument_of(inner, "Option")) {
            // Progenitor boxes the `Option` of a recursive field. Only an outer `Option` can be recognised as optional.
            *ty = syn::parse_quote!(Option<Box<#inner>>);
        }
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        shorten(path);
    }
}

/// `T` of `name<T>`.
fn argument_of<'a>(ty: &'a syn::Type, name: &str) -> Option<&'a syn::Type> {
    let syn::Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            syn::GenericArgument::Type(argument) => Some(argument),
            _ => None,
        },
        _ => None,
    }
}

/// `::std::option::Option` is `Option`; the long way is for code that may stand anywhere.
pub(super) fn shorten(path: &mut syn::Path) {
    const PRELUDE: [&str; 4] = ["Option", "String", "Vec", "Box"];
    let is_std = path.segments.first().is_some_and(|segment| segment.ident == "std");
    let last = path.segments.last().cloned();
    if let Some(last) = last.filter(|last| is_std && PRELUDE.iter().any(|name| last.ident == name)) {
        path.leading_colon = None;
        path.segments = std::iter::once(last).collect();
    } else if is_std || path.segments.first().is_some_and(|segment| segment.ident == "serde_json") {
        path.leading_colon = None;
    }
    // A map of any JSON is a map like the others.
    if path.segments.iter().map(|segment| segment.ident.to_string()).eq(["serde_json", "Map"]) {
        *path = syn::parse_quote!(std::collections::BTreeMap<String, serde_json::Value>);
    }
}
