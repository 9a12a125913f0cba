//! Open enums: one variant a known value, and one that keeps what is not known yet.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{doc, with_summary};
use crate::model::{Model, Shape};
use crate::naming::is_identifier_char;

pub(super) fn render(model: &Model) -> TokenStream {
    let enums = model.types.iter().filter_map(|found| {
        let Shape::Enum(values) = &found.shape else { return None };
        let name = format_ident!("{}", found.name);
        let docs = doc(&with_summary(&found.description));
        let known = &values.known;
        let variants = variants(known, values.has_absent).into_iter().zip(known).map(|(variant, value)| {
            let variant = format_ident!("{variant}");
            let docs = doc(&format!("The value `{}`.", value.replace('`', "'")));
            quote! { #docs #variant = #value, }
        });
        let wrap = match values.has_absent {
            true => quote!(#[wrap(decode::open_enum::open_enum_or_absent)]),
            false => quote!(#[wrap(decode::open_enum::open_enum)]),
        };
        Some(quote! {
            #docs
            #wrap
            pub enum #name { #(#variants)* }
        })
    });
    let shared = (!model.shared.is_empty()).then(|| {
        let names = model.shared.iter().map(|name| format_ident!("{name}"));
        quote!(pub use super::super::enums::{#(#names),*};)
    });
    quote! {
        #![doc = " Enums of the API; each keeps values that it does not know."]
        #shared
        #(#enums)*
    }
}

/// A distinct variant name for each value, in Rust's spelling.
pub(crate) fn variants(values: &[String], has_absent: bool) -> Vec<String> {
    let mut taken: BTreeSet<String> = ["Unknown".to_owned(), "Self".to_owned()].into();
    taken.extend(has_absent.then(|| "Absent".to_owned()));
    values
        .iter()
        .map(|value| {
            let words: String = value.chars().map(|c| if is_identifier_char(c) { c } else { ' ' }).collect();
            let mut name = words.to_upper_camel_case();
            if name.is_empty() {
                name = "Empty".to_owned();
            }
            if syn::parse_str::<syn::Ident>(&format!("{name}_")).is_err() {
                name.insert(0, 'N');
            }
            let spelled = name.clone();
            let mut number = 2;
            while !taken.insert(name.clone()) {
                name = format!("{spelled}{number}");
                number += 1;
            }
            name
        })
        .collect()
}
