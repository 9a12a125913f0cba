//! Renders the methods of the client. Signature and documentation are progenitor's; the path, the query,
//! the headers and the body come from the model. Nothing inside progenitor's method bodies is read.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, ImplItem, ImplItemFn, Item, Lit, Pat, ReturnType};

use super::docs::{doc, with_summary};
use super::progenitor::PROGENITOR;
use super::types::shorten;
use crate::model::{Model, Operation, Place};
use crate::naming::argument_name;

pub(super) fn render(file: &syn::File, model: &Model) -> Result<TokenStream> {
    let operations: BTreeMap<String, &Operation> =
        model.operations.iter().map(|operation| (argument_name(&operation.id), operation)).collect();
    let mut methods = Vec::new();
    for item in &file.items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_some() {
            continue;
        }
        for item in &block.items {
            if let ImplItem::Fn(method) = item
                && method.sig.asyncness.is_some()
            {
                let name = method.sig.ident.to_string();
                let operation = operations
                    .get(name.trim_matches('_'))
                    .with_context(|| format!("no operation for method {name}"))?;
                methods.push(render_method(method, operation).with_context(|| format!("method {name}"))?);
            }
        }
    }
    if methods.len() != model.operations.len() {
        bail!("progenitor wrote {} methods for {} operations", methods.len(), model.operations.len());
    }
    Ok(quote! {
        #![doc = " One method an operation."]
        #[allow(unused_imports)]
        use super::{enums, operations, types, unions};
        #[allow(unused_imports)]
        use crate::http::{Body, Error, Request, ResponseValue, encode_path};
        use crate::Client;
        #[allow(unused_imports)]
        use bytes::Bytes;

        #[allow(clippy::all)]
        impl Client {
            #(#methods)*
        }
    })
}

fn render_method(method: &ImplItemFn, operation: &Operation) -> Result<TokenStream> {
    let name = &method.sig.ident;
    let generics = &method.sig.generics;
    let constant = format_ident!("{}", operation.constant());
    let docs: Vec<_> = method.attrs.iter().filter_map(doc_text).collect();
    let docs = doc(&method_docs(&without_fragment(&docs.join("\n"), &operation.path)));

    let mut generics = generics.clone();
    let mut inputs = method.sig.inputs.clone();
    let mut output = method.sig.output.clone();
    Adapt.visit_generics_mut(&mut generics);
    for input in &mut inputs {
        Adapt.visit_fn_arg_mut(input);
    }
    Adapt.visit_return_type_mut(&mut output);

    let arguments = Arguments::read(method);
    let taken = inputs.iter().any(|input| input_name(input).as_deref() == Some("path"));
    let local = if taken { format_ident!("path_") } else { format_ident!("path") };
    let path = path(operation, &arguments)?;
    let queries = queries(operation, &arguments, method)?;
    let headers = headers(operation, &arguments)?;
    let body = body(operation, &arguments, method)?;
    let decode_as = decode_as(&mut output)?;
    Ok(quote! {
        #docs
        pub async fn #name #generics(#inputs) #output {
            let #local = #path;
            let request = Request::new(&operations::#constant, #local) #(#queries)* #(#headers)* #body;
            self.#decode_as(request).await
        }
    })
}

/// The docs of a method: its description begins with a sentence of its own, and replaces the summary, which has the
/// same content as a heading.
fn method_docs(docs: &str) -> String {
    const REQUEST: &str = "Sends a `";
    let lines: Vec<&str> = docs.lines().map(str::trim).collect();
    let text = lines.join("\n");
    let mut paragraphs: Vec<String> =
        text.split("\n\n").map(|paragraph| paragraph.trim().to_owned()).filter(|p| !p.is_empty()).collect();
    if paragraphs
        .get(1)
        .is_some_and(|second| !second.starts_with(REQUEST) && !second.starts_with("Arguments:"))
    {
        paragraphs.remove(0);
    }
    if let Some(summary) = paragraphs.first_mut() {
        *summary = with_summary(summary);
        if !summary.ends_with(['.', ':', '!', '?']) {
            summary.push('.');
        }
    }
    for request in paragraphs.iter_mut().filter(|text| text.starts_with(REQUEST) && !text.ends_with('.')) {
        request.push('.');
    }
    paragraphs.join("\n\n")
}

/// Removes the `#…` that distinguishes operations at one path and is not sent.
fn without_fragment(docs: &str, path: &str) -> String {
    let key = format!("`{path}#");
    match docs.split_once(&key).and_then(|(before, after)| Some((before, after.split_once('`')?.1))) {
        Some((before, after)) => format!("{before}`{path}`{after}"),
        None => docs.to_owned(),
    }
}

/// The method that sends the request and decodes the response. A byte stream becomes `Bytes`.
fn decode_as(output: &mut ReturnType) -> Result<TokenStream> {
    let ReturnType::Type(_, ty) = output else { bail!("a method without a response") };
    let text = ty.to_token_stream().to_string().replace(' ', "");
    Ok(if text.starts_with("Result<ResponseValue<ByteStream>") {
        *ty = syn::parse_quote!(Result<ResponseValue<Bytes>, Error>);
        quote!(call_raw)
    } else if text.starts_with("Result<ResponseValue<()>") {
        quote!(call_empty)
    } else if text.starts_with("Result<ResponseValue<serde_json::") {
        quote!(call_free)
    } else {
        quote!(call)
    })
}

fn doc_text(attribute: &syn::Attribute) -> Option<String> {
    let value = &attribute.meta.require_name_value().ok()?.value;
    match value {
        Expr::Lit(literal) if attribute.path().is_ident("doc") => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn input_name(input: &FnArg) -> Option<String> {
    match input {
        FnArg::Typed(typed) => local_name(&typed.pat),
        FnArg::Receiver(_) => None,
    }
}

/// Scalars are passed by value and text as a slice; both are serialised by reference.
fn json_body(method: &ImplItemFn) -> TokenStream {
    let by_reference = method.sig.inputs.iter().any(|input| match input {
        FnArg::Typed(typed) if local_name(&typed.pat).as_deref() == Some("body") => match typed.ty.as_ref() {
            syn::Type::Reference(reference) => reference.elem.to_token_stream().to_string() != "str",
            _ => false,
        },
        _ => false,
    });
    if by_reference { quote!(.json(body)?) } else { quote!(.json(&body)?) }
}

fn local_name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => local_name(&typed.pat),
        _ => None,
    }
}

/// The arguments of a method, by name, without the underscore that keeps one from being a keyword.
struct Arguments(BTreeMap<String, (Ident, bool)>);

impl Arguments {
    fn read(method: &ImplItemFn) -> Self {
        let named = method.sig.inputs.iter().filter_map(|input| {
            let FnArg::Typed(typed) = input else { return None };
            let Pat::Ident(name) = typed.pat.as_ref() else { return None };
            let optional = typed.ty.to_token_stream().to_string().contains("Option");
            Some((name.ident.to_string().trim_matches('_').to_owned(), (name.ident.clone(), optional)))
        });
        Self(named.collect())
    }

    fn find(&self, name: &str) -> Result<&(Ident, bool)> {
        let argument = argument_name(name);
        self.0.get(argument.trim_matches('_')).with_context(|| {
            format!("progenitor {PROGENITOR} wrote no argument `{argument}` for `{name}`; its signatures have changed")
        })
    }
}

/// The path with its arguments. A parameter may share its segment with text that follows.
fn path(operation: &Operation, arguments: &Arguments) -> Result<TokenStream> {
    let mut template = String::new();
    let mut values = Vec::new();
    let mut rest = operation.path.as_str();
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').context("a brace of the path is not closed")?;
        let (argument, _) = arguments.find(name)?;
        template.push_str(text);
        template.push_str("{}");
        values.push(quote!(encode_path(#argument)));
        rest = after;
    }
    template.push_str(rest);
    Ok(match values.as_slice() {
        [] => quote!(String::from(#template)),
        values => quote!(format!(#template, #(#values),*)),
    })
}

/// The query parameters, in the order of the arguments.
fn queries(operation: &Operation, arguments: &Arguments, method: &ImplItemFn) -> Result<Vec<TokenStream>> {
    let order: Vec<String> = method.sig.inputs.iter().filter_map(input_name).collect();
    let mut found = Vec::new();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
        let (argument, _) = arguments.find(&parameter.name)?;
        let wire = &parameter.wire;
        let at = order.iter().position(|name| argument == name);
        found.push((at, quote!(.query(#wire, &#argument)?)));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, query)| query).collect())
}

/// The header parameters that are the operation's own.
fn headers(operation: &Operation, arguments: &Arguments) -> Result<Vec<TokenStream>> {
    let own = operation.parameters.iter().filter(|parameter| parameter.place == Place::Header);
    own.map(|parameter| {
        let (argument, optional) = arguments.find(&parameter.name)?;
        let wire = parameter.wire.to_ascii_lowercase();
        Ok(if *optional {
            quote!(.header(#wire, #argument)?)
        } else {
            quote!(.header(#wire, Some(#argument))?)
        })
    })
    .collect()
}

/// The body, as JSON or as bytes.
fn body(operation: &Operation, arguments: &Arguments, method: &ImplItemFn) -> Result<TokenStream> {
    if operation.body.is_some() {
        arguments.find("body")?;
        return Ok(json_body(method));
    }
    if operation.request.is_some() {
        arguments.find("body")?;
        return Ok(quote!(.body(body)));
    }
    Ok(TokenStream::new())
}

/// Progenitor's types become those of the crate.
struct Adapt;

impl VisitMut for Adapt {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        shorten(path);
        let text: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let text: Vec<&str> = text.iter().map(String::as_str).collect();
        match text.as_slice() {
            ["Error"] => {
                if let Some(segment) = path.segments.last_mut() {
                    segment.arguments = syn::PathArguments::None;
                }
            }
            ["reqwest", "Body"] => *path = syn::parse_quote!(Body),
            ["super", ..] => {
                path.segments = path.segments.iter().skip(1).cloned().collect();
            }
            _ => {}
        }
    }
}
