//! The operation table: what the client must know of each operation before it sends it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{doc, first_sentence};
use crate::model::{Body, Expected, Model, Protection, RetryClass, Source};

pub(super) fn render(model: &Model) -> TokenStream {
    let rows = model.operations.iter().map(|operation| {
        let name = format_ident!("{}", operation.constant());
        let (id, path, tag, keyed) = (&operation.id, &operation.path, &operation.tag, operation.keyed);
        let method = format_ident!("{}", operation.method);
        let retry_class = format_ident!(
            "{}",
            match operation.retry_class {
                RetryClass::Safe => "Safe",
                RetryClass::Keyed => "Keyed",
                RetryClass::Never => "Never",
            }
        );
        let auth = operation.auth.iter().map(|headers| quote! { &[#(#headers),*] });
        let read_back = reference(model, operation.read_back.as_deref());
        let look_up = reference(model, operation.look_up.as_deref());
        let protected_by = protection(&operation.protected_by);
        let response = expected(&operation.expected);
        let docs =
            doc(&format!("{}\n\n`{} {path}`", first_sentence(&operation.description), operation.method));
        quote! {
            #docs
            pub static #name: Operation = Operation {
                id: #id,
                api_version: API_VERSION,
                method: Method::#method,
                path: #path,
                tag: #tag,
                auth: &[#(#auth),*],
                idempotency_key: #keyed,
                retry_class: RetryClass::#retry_class,
                read_back: #read_back,
                look_up: #look_up,
                protected_by: #protected_by,
                response: #response,
            };
        }
    });
    let names = model.operations.iter().map(|operation| format_ident!("{}", operation.constant()));
    quote! {
        #![doc = " The operation table."]
        use http::Method;

        use super::API_VERSION;

        #[allow(unused_imports)]
        use crate::http::expected::{Expected, Identity, Shape, Source};
        use crate::http::{Operation, Protection, RetryClass};

        #(#rows)*

        #[doc = " Every operation of the document, in its order."]
        pub static ALL: &[&Operation] = &[#(&#names),*];
    }
}

/// A reference to the row of an operation.
fn reference(model: &Model, id: Option<&str>) -> TokenStream {
    match model.operations.iter().find(|operation| Some(operation.id.as_str()) == id) {
        Some(operation) => {
            let row = format_ident!("{}", operation.constant());
            quote! { Some(&#row) }
        }
        None => quote! { None },
    }
}

fn protection(protection: &Protection) -> TokenStream {
    match protection {
        Protection::Read => quote! { Protection::Read },
        Protection::Identity(found) => {
            let source = source(found);
            quote! { Protection::Identity(#source) }
        }
        Protection::Lifecycle => quote! { Protection::Lifecycle },
        Protection::Key => quote! { Protection::Key },
        Protection::Nothing => quote! { Protection::Nothing },
    }
}

fn expected(expected: &Expected) -> TokenStream {
    let shape = match expected.shape {
        Body::Object => quote! { Shape::Object },
        Body::List => quote! { Shape::List },
        Body::Empty => quote! { Shape::Empty },
        Body::Any => quote! { Shape::Any },
    };
    let identity = expected.identity.iter().map(|identity| {
        let (field, always, source) = (&identity.field, identity.always, source(&identity.source));
        quote! { Identity { field: #field, source: #source, always: #always } }
    });
    let fields = &expected.fields;
    quote! { Expected { shape: #shape, identity: &[#(#identity),*], fields: &[#(#fields),*] } }
}

fn source(source: &Source) -> TokenStream {
    match source {
        Source::Path(name) => quote! { Source::Path(#name) },
        Source::Body(name) => quote! { Source::Body(#name) },
    }
}
