//! Renders the types a second time, grouped by the area of the API that uses them: one module for each, as the methods of
//! the client are grouped. What several areas use is in `common`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use heck::ToSnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::doc;
use super::types::parts_name;
use crate::model::{Model, Operation, Shape, Type};
use crate::naming::type_name;
use crate::outline::reach;

/// Tags that the client's methods have another word for.
const AREAS: [(&str, &str); 7] = [
    ("Downtime", "downtimes"),
    ("Intellisense", "downtimes"),
    ("PG Reconciliation", "recon"),
    ("Reconciliation", "recon"),
    ("Settlement Reconciliation", "recon"),
    ("softPOS", "terminals"),
    ("Subscription", "subscriptions"),
];

/// The area of types that several areas use.
const COMMON: &str = "common";

/// The area of each type.
pub(crate) fn area_of_types(model: &Model) -> BTreeMap<&str, String> {
    let mut used: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for operation in &model.operations {
        let reached = used.entry(area(&operation.tag)).or_default();
        for name in names(operation) {
            reach(model, &name, reached);
        }
    }
    let area = |found: &Type| {
        let mut of = used.iter().filter(|(_, types)| types.contains(found.name.as_str()));
        let only = of.next().filter(|_| of.next().is_none());
        only.map_or(COMMON, |(area, _)| area).to_owned()
    };
    model.types.iter().map(|found| (found.name.as_str(), area(found))).collect()
}

pub(super) fn render(model: &Model) -> Result<TokenStream> {
    let area_of_types = area_of_types(model);
    let mut areas: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for found in &model.types {
        let area = area_of_types.get(found.name.as_str()).map_or(COMMON, String::as_str);
        areas.entry(area).or_default().push(&found.name);
    }
    let modules = areas.iter().map(|(area, types)| {
        let module: Ident =
            syn::parse_str(area).with_context(|| format!("the area {area} names no module"))?;
        let of = |wanted: fn(&Shape) -> bool| -> Vec<Ident> {
            let types =
                types.iter().filter(|name| model.find(name).is_some_and(|found| wanted(&found.shape)));
            types.map(|name| format_ident!("{name}")).collect()
        };
        let mut objects = of(|shape| matches!(shape, Shape::Object(_)));
        let found = types.iter().filter_map(|name| model.find(name));
        objects.extend(found.filter_map(|found| parts_name(model, found)));
        let groups = [
            (quote!(enums), of(|shape| matches!(shape, Shape::Enum(_)))),
            (quote!(types), objects),
            (quote!(unions), of(|shape| matches!(shape, Shape::Union(_)))),
        ];
        let uses = groups
            .iter()
            .filter(|(_, types)| !types.is_empty())
            .map(|(file, types)| quote!(pub use crate::generated::#file::{#(#types),*};));
        let docs = doc(&match *area {
            COMMON => "Types that several areas of the API use.".to_owned(),
            area => format!("Types of {}.", area.replace('_', " ")),
        });
        Ok(quote!(#docs pub mod #module { #(#uses)* }))
    });
    let modules = modules.collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        #![doc = " The types by the area of the API that uses them."]
        #(#modules)*
    })
}

fn area(tag: &str) -> String {
    let known = AREAS.iter().find(|(of, _)| *of == tag).map(|(_, area)| (*area).to_owned());
    let area = known.unwrap_or_else(|| type_name(tag).to_snake_case());
    // A tag that names no module, such as none at all.
    if syn::parse_str::<Ident>(&area).is_ok() { area } else { COMMON.to_owned() }
}

/// The types that an operation names.
fn names(operation: &Operation) -> Vec<String> {
    let kinds = [&operation.body, &operation.response_body].into_iter().flatten();
    let kinds = kinds.chain(operation.parameters.iter().map(|parameter| &parameter.kind));
    kinds.filter_map(|kind| Some(kind.named()?.to_owned())).collect()
}
