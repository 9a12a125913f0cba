//! The constructors and setters of what is sent. A constructor takes its arguments by position where none can be
//! taken for another, and else a struct that names them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::super::docs::{doc, first_sentence};
use super::{RustField, inner_of_option};
use crate::model::{Direction, Field, Kind, Model, Shape, Type};
use crate::private::is_private;

/// An argument of a constructor: one required field, or an amount together with its currency.
struct Argument<'a> {
    name: Ident,
    field: &'a Field,
    ty: TokenStream,
}

/// The constructor and the setters of what is sent.
pub(super) fn render_constructor(model: &Model, found: &Type, rust_fields: &[RustField<'_>]) -> TokenStream {
    let name = format_ident!("{}", found.name);
    let required: Vec<&RustField<'_>> =
        rust_fields.iter().filter(|rust_field| rust_field.field.required).collect();
    let optional = rust_fields.iter().filter(|rust_field| !rust_field.field.required);
    let empty = optional.clone().map(|rust_field| {
        let ident = &rust_field.ident;
        quote!(#ident: Default::default())
    });
    let setters = optional.clone().map(render_setter);
    let parts = parts_name(model, found);
    let fields_of: Vec<&Field> = required.iter().map(|rust_field| rust_field.field).collect();
    let takes_text = required.iter().any(|rust_field| rust_field.field.kind.takes_text());
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    let mut before = Vec::new();
    for rust_field in &required {
        let RustField { field, ident, ty } = rust_field;
        match money(&fields_of, field) {
            Some(Part::Amount { currency }) => {
                let currency =
                    required.iter().find(|other| other.field.name == currency).map(|other| &other.ident);
                before.push(quote!(let (#ident, #currency) = #ident.into_parts();));
                values.push(quote!(#ident));
                arguments.push(Argument { name: ident.clone(), field, ty: quote!(crate::Money) });
            }
            Some(Part::Currency) => values.push(quote!(#ident)),
            None => {
                // Beside text, an enum is taken as itself: text would be taken for it.
                let is_exact = matches!(field.kind, Kind::Enum(_)) && takes_text;
                let (ty, value) = match is_exact || parts.is_some() {
                    true => (ty.clone(), quote!(#ident)),
                    false => argument(&field.kind, ident, ty),
                };
                values.push(set(ident, &value));
                arguments.push(Argument { name: ident.clone(), field, ty });
            }
        }
    }
    let line = |argument: &Argument<'_>| {
        let name = argument.name.to_string();
        let name = if name.ends_with('_') { &argument.field.name } else { &name };
        format!("- `{name}`: {}", first_sentence(&argument.field.description))
    };
    let (docs, new, parts) = match parts {
        _ if required.is_empty() => {
            let new = quote!(
                pub fn new() -> Self {
                    Default::default()
                }
            );
            (doc("Creates an empty value. Every field is optional."), new, None)
        }
        None => {
            let lines: Vec<_> = arguments.iter().map(line).collect();
            let docs = doc(&format!("Creates a value with the required fields:\n\n{}", lines.join("\n")));
            let taken = arguments.iter().map(|Argument { name, ty, .. }| quote!(#name: #ty));
            let new =
                quote!(pub fn new(#(#taken),*) -> Self { #(#before)* Self { #(#values,)* #(#empty,)* } });
            (docs, new, None)
        }
        Some(parts) => {
            let docs = doc("Creates a value with the required fields, given by name.");
            let names = arguments.iter().map(|argument| &argument.name);
            let new = quote!(
                pub fn new(parts: #parts) -> Self {
                    let #parts { #(#names),* } = parts;
                    #(#before)*
                    Self { #(#values,)* #(#empty,)* }
                }
            );
            (docs, new, Some(render_parts(&name, &parts, &arguments)))
        }
    };
    quote! {
        #parts
        #[allow(clippy::too_many_arguments)]
        impl #name {
            #docs
            #new
            #(#setters)*
        }
    }
}

/// The struct that names the required fields of a request, where a constructor could take one for another.
fn render_parts(name: &Ident, parts: &Ident, arguments: &[Argument<'_>]) -> TokenStream {
    let docs = format!(" Required fields of [`{name}`], taken by [`{name}::new`].");
    let fields = arguments.iter().map(|argument| {
        let Argument { name, field, ty } = argument;
        let docs = doc(&field.description);
        quote!(#docs pub #name: #ty)
    });
    let is_private = |argument: &Argument<'_>| is_private(&argument.field.name, &argument.field.kind);
    let (derived, debug) = if arguments.iter().any(is_private) {
        let fields = arguments.iter().map(|argument| {
            let name = &argument.name;
            let private = is_private(argument).then(|| quote!(: private));
            quote!(#name #private,)
        });
        (None, Some(quote!(crate::scalar::private::impl_debug!(#parts { #(#fields)* });)))
    } else {
        (Some(quote!(Debug,)), None)
    };
    quote! {
        #[doc = #docs]
        #[derive(Clone, #derived PartialEq)]
        #[allow(clippy::exhaustive_structs)]
        pub struct #parts { #(#fields),* }
        #debug
    }
}

/// The name of the struct that holds the required fields of a request, where a constructor with arguments by position
/// would take one for another: two of them are text, or of one type.
pub(crate) fn parts_name(model: &Model, found: &Type) -> Option<Ident> {
    let Shape::Object(fields) = &found.shape else { return None };
    if !matches!(found.direction, Direction::Request | Direction::Both) {
        return None;
    }
    let required: Vec<&Field> = fields.iter().filter(|field| field.required).collect();
    // An amount and its currency are one argument, of a type that nothing else has.
    let kinds: Vec<&Kind> =
        required.iter().filter(|field| money(&required, field).is_none()).map(|field| &field.kind).collect();
    let texts = kinds.iter().filter(|kind| kind.takes_text()).count();
    let alike = kinds.iter().enumerate().any(|(at, kind)| kinds[..at].contains(kind));
    let mut name = format!("{}Parts", found.name);
    while model.find(&name).is_some() {
        name.push('_');
    }
    (texts > 1 || alike).then(|| format_ident!("{name}"))
}

/// A field initialiser, in the short form if the value has the name of the field.
fn set(ident: &Ident, value: &TokenStream) -> TokenStream {
    if *ident == value.to_string() { quote!(#ident) } else { quote!(#ident: #value) }
}

enum Part {
    Amount { currency: String },
    Currency,
}

/// A required amount and its required currency are one argument, named like the amount, so that neither goes without
/// the other.
fn money(required: &[&Field], field: &Field) -> Option<Part> {
    let has = |name: &str, kind: &'static str| {
        required.iter().any(|field| field.name == name && field.kind == Kind::BuiltIn(kind))
    };
    match field.kind {
        Kind::BuiltIn("Amount") => {
            let currency = format!("{}_currency", field.name.strip_suffix("_amount")?);
            has(&currency, "Currency").then_some(Part::Amount { currency })
        }
        Kind::BuiltIn("Currency") => {
            let amount = format!("{}_amount", field.name.strip_suffix("_currency")?);
            has(&amount, "Amount").then_some(Part::Currency)
        }
        _ => None,
    }
}

fn render_setter(rust_field: &RustField<'_>) -> TokenStream {
    let RustField { field, ident, ty, .. } = rust_field;
    let sentence = first_sentence(&field.description);
    let docs = doc(format!("Sets `{}`. {sentence}", field.name).trim_end());
    let (argument, value) = match &field.kind {
        Kind::List(_) => (quote!(impl Into<#ty>), quote!(#ident.into())),
        Kind::Map(values) if **values == Kind::Text => {
            return quote! {
                #docs
                #[must_use]
                pub fn #ident<K: Into<String>, V: Into<String>>(mut self, #ident: impl IntoIterator<Item = (K, V)>) -> Self {
                    self.#ident = #ident.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
                    self
                }
            };
        }
        Kind::Map(_) => (quote!(#ty), quote!(#ident)),
        _ if field.boxed => {
            let inner = inner_of_option(ty);
            (quote!(impl Into<#inner>), quote!(Some(#ident.into())))
        }
        kind => {
            let inner = inner_of_option(ty);
            let (argument, value) = argument(kind, ident, &inner);
            (argument, quote!(Some(#value)))
        }
    };
    quote! {
        #docs
        #[must_use]
        pub fn #ident(mut self, #ident: #argument) -> Self {
            self.#ident = #value;
            self
        }
    }
}

/// The argument's type and the value made of it: text-like things are taken from anything that turns
/// into them, the rest as it is.
fn argument(kind: &Kind, ident: &Ident, ty: &TokenStream) -> (TokenStream, TokenStream) {
    match kind {
        Kind::Whole
        | Kind::Flag
        | Kind::Object(_)
        | Kind::Union(_)
        | Kind::Map(_)
        | Kind::BuiltIn("Amount" | "Decimal") => (ty.clone(), ident.to_token_stream()),
        _ => (quote!(impl Into<#ty>), quote!(#ident.into())),
    }
}
