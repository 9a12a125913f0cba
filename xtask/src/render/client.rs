//! The methods: progenitor's signatures, paths, queries and bodies, over the transport of the crate.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprMethodCall, FnArg, ImplItem, ImplItemFn, Item, Lit, LitStr, Pat, ReturnType, Stmt, Token,
};

use super::docs::doc;
use super::types::shorten;
use crate::model::{Model, Operation};
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
    let docs = doc(&without_fragment(&docs.join("\n"), &operation.path));

    let mut generics = generics.clone();
    let mut inputs = method.sig.inputs.clone();
    let mut output = method.sig.output.clone();
    Adapt.visit_generics_mut(&mut generics);
    for input in &mut inputs {
        Adapt.visit_fn_arg_mut(input);
    }
    Adapt.visit_return_type_mut(&mut output);

    let parts = Parts::find(method, operation)?;
    let taken = inputs.iter().any(|input| input_name(input).as_deref() == Some("path"));
    let local = if taken { format_ident!("path_") } else { format_ident!("path") };
    let path = parts.path;
    let (queries, body, headers) = (parts.queries, parts.body, parts.headers);
    let answer = answer(&mut output)?;
    Ok(quote! {
        #docs
        pub async fn #name #generics(#inputs) #output {
            let #local = #path;
            let request = Request::new(&operations::#constant, #local) #(#queries)* #(#headers)* #body;
            self.#answer(request).await
        }
    })
}

/// The key of a second operation at one path ends in what is not sent; nobody should read it either.
fn without_fragment(docs: &str, path: &str) -> String {
    let key = format!("`{path}#");
    match docs.split_once(&key).and_then(|(before, after)| Some((before, after.split_once('`')?.1))) {
        Some((before, after)) => format!("{before}`{path}`{after}"),
        None => docs.to_owned(),
    }
}

/// How the answer is read; raw bytes are `Bytes`, whatever progenitor calls them.
fn answer(output: &mut ReturnType) -> Result<TokenStream> {
    let ReturnType::Type(_, ty) = output else { bail!("a method without an answer") };
    let text = ty.to_token_stream().to_string().replace(' ', "");
    Ok(if text.starts_with("Result<ResponseValue<ByteStream>") {
        *ty = syn::parse_quote!(Result<ResponseValue<Bytes>, Error>);
        quote!(call_raw)
    } else if text.starts_with("Result<ResponseValue<()>") {
        quote!(call_empty)
    } else if text.starts_with("Result<ResponseValue<Vec<") {
        quote!(call_list)
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

/// What progenitor's method body says that the signature doesn't.
struct Parts {
    path: TokenStream,
    queries: Vec<TokenStream>,
    headers: Vec<TokenStream>,
    body: TokenStream,
}

impl Parts {
    fn find(method: &ImplItemFn, operation: &Operation) -> Result<Self> {
        let mut path = None;
        let mut queries = Vec::new();
        let mut body = TokenStream::new();
        for statement in &method.block.stmts {
            let Stmt::Local(local) = statement else { continue };
            let Some(init) = &local.init else { continue };
            match (local_name(&local.pat).as_deref(), init.expr.as_ref()) {
                (Some("url" | "_url"), Expr::Macro(format)) => path = Some(path_of(&format.mac)?),
                (Some("request" | "_request"), expression) => {
                    for call in chain(expression) {
                        match call.method.to_string().as_str() {
                            "json" => body = json_body(method),
                            "body" => body = quote!(.body(body)),
                            "query" => queries.push(query_of(call, operation)?),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(Self { path: path.context("no path")?, queries, headers: headers_of(method, operation)?, body })
    }
}

fn input_name(input: &FnArg) -> Option<String> {
    match input {
        FnArg::Typed(typed) => local_name(&typed.pat),
        FnArg::Receiver(_) => None,
    }
}

/// Scalars are handed over by value, text as a slice: a reference to either is what can be written.
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

/// `format!("{}/orders/{}", self.baseurl, encode_path(..))` without the base, which the transport knows.
fn path_of(format: &syn::Macro) -> Result<TokenStream> {
    let arguments = format.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
    let mut arguments = arguments.into_iter();
    let Some(Expr::Lit(literal)) = arguments.next() else { bail!("a path without a format") };
    let Lit::Str(text) = &literal.lit else { bail!("a path that is no text") };
    let template = text.value();
    let Some(template) = template.strip_prefix("{}") else {
        bail!("path {template} does not begin with the base")
    };
    let values: Vec<TokenStream> = arguments.skip(1).map(segment_of).collect();
    // What follows `#` in the key of a path is not sent.
    let template = template.split_once('#').map_or(template, |(sent, _)| sent);
    let template = LitStr::new(template, text.span());
    Ok(if values.is_empty() {
        quote!(String::from(#template))
    } else {
        quote!(format!(#template, #(#values),*))
    })
}

/// `encode_path(&value.to_string())` without the text in between: what is encoded is written where it belongs.
fn segment_of(value: Expr) -> TokenStream {
    if let Expr::Call(call) = &value
        && let Some(Expr::Reference(reference)) = call.args.first()
        && let Expr::MethodCall(text) = reference.expr.as_ref()
        && text.method == "to_string"
    {
        let (function, argument) = (&call.func, &text.receiver);
        return quote!(#function(#argument));
    }
    value.to_token_stream()
}

fn chain(expression: &Expr) -> Vec<&ExprMethodCall> {
    let mut calls = Vec::new();
    let mut next = expression;
    loop {
        next = match next {
            Expr::MethodCall(call) => {
                calls.push(call);
                &call.receiver
            }
            Expr::Try(inner) => &inner.expr,
            _ => break,
        };
    }
    calls.reverse();
    calls
}

/// `.query(&progenitor_client::QueryParam::new("name", &value))` as a call of ours.
fn query_of(call: &ExprMethodCall, operation: &Operation) -> Result<TokenStream> {
    let Some(Expr::Reference(reference)) = call.args.first() else { bail!("a query that is no reference") };
    let Expr::Call(new) = reference.expr.as_ref() else { bail!("a query that is no parameter") };
    let (Some(Expr::Lit(name)), Some(value)) = (new.args.first(), new.args.last()) else {
        bail!("a query without a name")
    };
    let Lit::Str(name) = &name.lit else { bail!("a query whose name is no text") };
    let name = sent(operation, &name.value());
    Ok(quote!(.query(#name, #value)?))
}

/// The name under which a parameter is sent: its argument may be called otherwise.
fn sent(operation: &Operation, name: &str) -> String {
    operation.wire.get(name).map_or(name, String::as_str).to_owned()
}

/// The header parameters that are the operation's own.
fn headers_of(method: &ImplItemFn, operation: &Operation) -> Result<Vec<TokenStream>> {
    struct Appends(Vec<(String, Expr)>);
    impl<'ast> syn::visit::Visit<'ast> for Appends {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            if call.method == "append"
                && let Some(Expr::Lit(literal)) = call.args.first()
                && let Lit::Str(name) = &literal.lit
                && let Some(value) = call.args.last()
            {
                self.0.push((name.value(), value.clone()));
            }
            syn::visit::visit_expr_method_call(self, call);
        }
    }
    let mut appends = Appends(Vec::new());
    syn::visit::Visit::visit_impl_item_fn(&mut appends, method);
    appends
        .0
        .into_iter()
        .map(|(header, _)| {
            let named = |input: &&FnArg| {
                input_name(input).is_some_and(|name| name.trim_end_matches('_') == argument_name(&header))
            };
            let input = method.sig.inputs.iter().find(named);
            let input = input.with_context(|| format!("no argument for header {header}"))?;
            let argument = format_ident!("{}", input_name(input).unwrap_or_default());
            let header = sent(operation, &header).to_ascii_lowercase();
            let optional = input.to_token_stream().to_string().contains("Option");
            Ok(if optional {
                quote!(.header(#header, #argument)?)
            } else {
                quote!(.header(#header, Some(#argument))?)
            })
        })
        .collect()
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
