//! The table of JSON Schemas by operation. The schemas themselves are derived by `schemars`.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Kind, Model, Operation};

pub(super) fn render(model: &Model) -> Result<TokenStream> {
    let bodies = model.operations.iter().map(bodies).collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        #![doc = " JSON Schemas by operation."]
        use crate::schema::{MakeSchema, of};

        #[doc = " Id of an operation, schema of its request, schema of its response."]
        pub(crate) static BODIES: &[(&str, Option<MakeSchema>, MakeSchema)] = &[#(#bodies),*];
    })
}

fn bodies(operation: &Operation) -> Result<TokenStream> {
    let id = &operation.id;
    let request = match &operation.body {
        Some(kind) => {
            let ty: syn::Type = syn::parse_str(&kind.rust())?;
            quote!(Some(of::<#ty>))
        }
        None => quote!(None),
    };
    let response: syn::Type = match &operation.response_body {
        Some(Kind::List(item)) => syn::parse_str(&format!("Vec<{}>", item.rust()))?,
        Some(kind) => syn::parse_str(&kind.rust())?,
        None => syn::parse_str("serde_json::Value")?,
    };
    Ok(quote!((#id, #request, of::<#response>)))
}
