//! The operation table: what the client must know of each operation before it sends it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::doc;
use crate::model::{Model, Repeat};

pub(super) fn render(model: &Model) -> TokenStream {
    let rows = model.operations.iter().map(|operation| {
        let name = format_ident!("{}", operation.constant());
        let (id, path, tag, keyed) = (&operation.id, &operation.path, &operation.tag, operation.keyed);
        let method = format_ident!("{}", operation.method);
        let repeat = format_ident!(
            "{}",
            match operation.repeat {
                Repeat::Safe => "Safe",
                Repeat::Keyed => "Keyed",
                Repeat::Never => "Never",
            }
        );
        let auth = operation.auth.iter().map(|headers| quote! { &[#(#headers),*] });
        let read_back =
            match model.operations.iter().find(|read| Some(&read.id) == operation.read_back.as_ref()) {
                Some(read) => {
                    let read = format_ident!("{}", read.constant());
                    quote! { Some(&#read) }
                }
                None => quote! { None },
            };
        let docs = doc(&format!("`{} {path}`", operation.method));
        quote! {
            #docs
            pub static #name: Operation = Operation {
                id: #id,
                method: Method::#method,
                path: #path,
                tag: #tag,
                auth: &[#(#auth),*],
                idempotency_key: #keyed,
                repeat: Repeat::#repeat,
                read_back: #read_back,
            };
        }
    });
    let names = model.operations.iter().map(|operation| format_ident!("{}", operation.constant()));
    quote! {
        #![doc = " The operation table."]
        use http::Method;

        use crate::http::{Operation, Repeat};

        #(#rows)*

        #[doc = " Every operation of the document, in its order."]
        pub static ALL: &[&Operation] = &[#(&#names),*];
    }
}
