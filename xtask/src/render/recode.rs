//! Decoding by the name of an operation: what a payload checker needs, and nobody else.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Kind, Model};

pub(super) fn render(model: &Model) -> Result<TokenStream> {
    let mut arms = Vec::new();
    let mut sent = Vec::new();
    for operation in &model.operations {
        let id = &operation.id;
        let answer = operation.answer.as_ref().map_or_else(|| "serde_json::Value".to_owned(), Kind::rust);
        let answer: syn::Type = syn::parse_str(&answer)?;
        arms.push(quote!(#id => response::<#answer>(body, mode)));
        if let Some(body) = &operation.body {
            let body: syn::Type = syn::parse_str(&body.rust())?;
            sent.push(quote!(#id => request::<#body>(body)));
        }
    }
    let requests = (!sent.is_empty()).then(|| {
        quote! {
            /// Reads a body as the request of this operation and writes it again; `None` where there is none.
            pub(crate) fn recode_request(operation: &str, body: &[u8]) -> Option<AnyDecoded> {
                Some(match operation {
                    #(#sent,)*
                    _ => return None,
                })
            }
        }
    });
    Ok(quote! {
        #![doc = " Decoding by the name of an operation."]
        use crate::recode::*;

        /// Reads a body as the answer of this operation and writes it again; `None` for an unknown one.
        pub(crate) fn recode(operation: &str, body: &[u8], mode: Mode) -> Option<AnyDecoded> {
            Some(match operation {
                #(#arms,)*
                _ => return None,
            })
        }

        #requests
    })
}
