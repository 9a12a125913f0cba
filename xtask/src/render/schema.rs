//! Tables from which the types' JSON Schemas are made, and those of an operation's bodies.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::file::File;
use super::types::reader;
use crate::model::{Direction, Field, Kind, Model, Operation, Shape, Type};

pub(super) fn render(model: &Model) -> Result<TokenStream> {
    let tables = model.types.iter().map(table).collect::<Result<Vec<_>>>()?;
    let bodies = model.operations.iter().map(bodies).collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        #![doc = " JSON Schemas of the types, member by member."]
        use super::{enums, types, unions};
        #[allow(unused_imports, reason = "a document may answer with no list, or no free JSON")]
        use crate::decode::lenient::{ListOf, ObjectOf};
        use crate::schema::*;
        #[allow(unused_imports, reason = "a document may answer with no list, or no free JSON")]
        use crate::decode::wire::Free;

        #[doc = " The schemas of what an operation is sent, if that is JSON, and of what it answers; `None` for an unknown one."]
        pub(crate) fn bodies(operation: &str) -> Option<(Option<Whole>, Whole)> {
            Some(match operation {
                #(#bodies,)*
                _ => return None,
            })
        }

        #(#tables)*
    })
}

fn bodies(operation: &Operation) -> Result<TokenStream> {
    let id = &operation.id;
    let request = match &operation.body {
        Some(kind) => {
            let ty = ty(kind)?;
            quote!(Some(whole::<#ty>))
        }
        None => quote!(None),
    };
    let answer = match &operation.answer {
        Some(Kind::List(item)) => {
            let item = ty(item)?;
            quote!(ListOf<#item>)
        }
        Some(Kind::Free) | None => quote!(Free),
        Some(kind) => {
            let object = ty(kind)?;
            quote!(ObjectOf<#object>)
        }
    };
    Ok(quote!(#id => (#request, whole::<#answer>)))
}

fn table(found: &Type) -> Result<TokenStream> {
    let (name, docs) = (&found.name, &found.description);
    let ident = format_ident!("{name}");
    let (ty, table) = match &found.shape {
        Shape::Object(fields) => {
            let members =
                fields.iter().map(|field| member(field, found.direction)).collect::<Result<Vec<_>>>()?;
            (quote!(types::#ident), quote!(Object(&[#(#members),*])))
        }
        Shape::Enum(_) => (quote!(enums::#ident), quote!(Enum(enums::#ident::KNOWN))),
        Shape::Union(alternatives) => {
            let members = alternatives
                .iter()
                .map(|(key, kind, docs)| {
                    let part = tolerant(kind, found.direction)?;
                    Ok(quote!(may(#key, #part, #docs)))
                })
                .collect::<Result<Vec<_>>>()?;
            (quote!(unions::#ident), quote!(Union(&[#(#members),*])))
        }
    };
    Ok(quote! {
        impl Described for #ty {
            const NAME: &'static str = #name;
            const DOCS: &'static str = #docs;
            const TABLE: Table = Table::#table;
        }
        described!(#ty);
    })
}

fn member(field: &Field, direction: Direction) -> Result<TokenStream> {
    let (name, docs) = (&field.name, &field.description);
    let part = match &field.kind {
        kind if !field.required && direction != Direction::Request => tolerant(kind, direction)?,
        // Lists and maps that are sent are empty rather than null.
        kind if field.required || matches!(kind, Kind::List(_) | Kind::Map(_)) => {
            let ty = ty(kind)?;
            quote!(own::<#ty>)
        }
        kind => {
            let ty = ty(kind)?;
            quote!(optional::<#ty>)
        }
    };
    // What is read may come from before a limit, or from beyond it.
    let limits = (direction == Direction::Request && !field.limits.is_empty()).then(|| {
        let limits = Value::Object(field.limits.clone()).to_string();
        quote!(.limited(#limits))
    });
    let word = if field.required { quote!(must) } else { quote!(may) };
    Ok(quote!(#word(#name, #part, #docs)#limits))
}

/// The schema of a member that is read.
fn tolerant(kind: &Kind, direction: Direction) -> Result<TokenStream> {
    let form = form(kind, direction);
    let ident = format_ident!("{form}");
    if matches!(form, "free" | "free_list" | "text_map") {
        return Ok(quote!(#ident));
    }
    let ty = match kind {
        Kind::List(inner) | Kind::Map(inner) => ty(inner)?,
        kind => ty(kind)?,
    };
    Ok(quote!(#ident::<#ty>))
}

/// The forms in which a member may come, by the name of the function that describes them.
fn form(kind: &Kind, direction: Direction) -> &'static str {
    match kind {
        Kind::Text | Kind::Whole | Kind::Flag | Kind::BuiltIn("Amount" | "Decimal") => "scalar",
        Kind::Free => "free",
        Kind::List(item) => match item.as_ref() {
            Kind::Text | Kind::Whole | Kind::Flag | Kind::BuiltIn("Amount" | "Decimal") => "scalars",
            Kind::Free => "free_list",
            _ => "list",
        },
        Kind::Map(value) if **value == Kind::Text => "text_map",
        Kind::Map(_) => "map",
        kind => match reader(kind, direction) {
            Some(reader) => reader,
            None if matches!(kind, Kind::Object(_) | Kind::Union(_)) => "object",
            None => "optional",
        },
    }
}

fn ty(kind: &Kind) -> Result<syn::Type> {
    Ok(syn::parse_str(&kind.rust().replace("super::", ""))?)
}

/// A member is a row, however long its description; the formatter would give it five lines.
pub(super) fn one_line_each(file: File) -> File {
    let mut text = String::with_capacity(file.text.len());
    let mut row: Option<String> = None;
    for line in file.text.lines() {
        match (line.trim(), &mut row) {
            ("may(" | "must(", None) => row = Some(line.to_owned()),
            (end, Some(start)) if end.starts_with([')', '.']) => {
                start.truncate(start.trim_end_matches([',', ' ']).len());
                start.push_str(end);
                if end.ends_with(',') {
                    text.push_str(&format!("{start}\n"));
                    row = None;
                }
            }
            (part, Some(start)) => start.push_str(&format!("{part} ")),
            (_, None) => text.push_str(&format!("{line}\n")),
        }
    }
    File { text, ..file }
}
