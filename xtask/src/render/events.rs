//! The events: one enum over all of them, the choice of a payload by an event's type, and the samples.

use anyhow::{Result, bail};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use super::docs::{doc, with_summary};
use crate::model::{Kind, Model, Operation};

pub(super) fn ident(event: &Operation) -> Ident {
    format_ident!("{}", event.variant())
}

pub(super) fn module(model: &Model) -> TokenStream {
    let version = &model.version;
    quote! {
        #![doc = " Events: what `cargo xtask regen` wrote."]

        mod conversions;
        pub(crate) mod enums;
        pub(crate) mod event;
        pub(crate) mod identities;
        #[cfg(feature = "samples")]
        pub(crate) mod samples;
        #[cfg(feature = "schemars")]
        pub(crate) mod schema;
        pub(crate) mod types;
        pub(crate) mod unions;

        #[doc = " Webhook version that the document describes."]
        pub const WEBHOOK_VERSION: &str = #version;
    }
}

pub(super) fn render(model: &Model) -> Result<TokenStream> {
    let mut rows = Vec::new();
    for event in &model.operations {
        let Some(Kind::Object(payload)) = &event.response_body else {
            bail!("{}: the data is no object with a name", event.id);
        };
        let (variant, payload) = (ident(event), format_ident!("{payload}"));
        let docs = doc(&format!("{}\n\nType: `{}`.", with_summary(&event.description), event.id));
        rows.push((variant, payload, docs));
    }
    let variants = rows.iter().map(|(variant, payload, docs)| {
        quote! { #docs #variant(Box<super::types::#payload>), }
    });
    let kinds = rows.iter().map(|(variant, ..)| quote!(Self::#variant(_) => &EventKind::#variant,));
    let times = rows.iter().map(|(variant, ..)| quote!(Self::#variant(data) => data.event_time.as_ref(),));
    let datas =
        rows.iter().map(|(variant, ..)| quote!(Self::#variant(data) => serde_json::to_value(data).ok(),));
    let slots = rows.iter().map(|(variant, ..)| quote!(Self::#variant(data) => Some(&mut data.event_time),));
    let reads = rows
        .iter()
        .map(|(variant, ..)| quote!(EventKind::#variant => Decode::field(decoder)?.map(Self::#variant),));
    Ok(quote! {
        #![doc = " One enum over all events."]
        use crate::Timestamp;
        use crate::decode::decoder::Decoder;
        use crate::decode::error::DecodeError;
        use crate::decode::traits::Decode;
        use crate::webhook::{EventKind, RawEvent};

        #[doc = " An event of a webhook, with its data."]
        #[doc = ""]
        #[doc = " `event_time` of the data is the time of the event. An event of a type without a variant is"]
        #[doc = " [`Other`](Event::Other); a later version may have one."]
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum Event {
            #(#variants)*
            #[doc = " Any other event, also of a type that this version does not know: its data is JSON."]
            Other(RawEvent),
        }

        impl Event {
            #[doc = " Returns the kind of the event."]
            pub fn kind(&self) -> &EventKind {
                match self {
                    #(#kinds)*
                    Self::Other(raw) => raw.kind(),
                }
            }

            #[doc = " Returns the time of the event, as received."]
            pub fn event_time(&self) -> Option<&Timestamp> {
                match self {
                    #(#times)*
                    Self::Other(raw) => raw.event_time(),
                }
            }

            #[doc = " Returns the data as JSON: the known fields of a known event, all fields of"]
            #[doc = " [`Other`](Event::Other). `None` if the data is not valid JSON."]
            #[inline]
            pub fn data(&self) -> Option<serde_json::Value> {
                match self {
                    #(#datas)*
                    Self::Other(raw) => serde_json::from_str(raw.data()).ok(),
                }
            }
        }

        impl Event {
            #[doc = " Reads the data of an event of a known type; of any other, nothing is read."]
            #[inline]
            pub(crate) fn typed(kind: &EventKind, decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
                let event = match kind {
                    #(#reads)*
                    _ => return Ok(None),
                };
                match event {
                    Some(event) => Ok(Some(event)),
                    None => Err(decoder.error("null where an object is expected")),
                }
            }

            #[doc = " Where the data has the time."]
            pub(crate) fn time_slot(&mut self) -> Option<&mut Option<Timestamp>> {
                match self {
                    #(#slots)*
                    Self::Other(_) => None,
                }
            }
        }
    })
}

pub(super) fn samples(model: &Model, samples: &Value) -> TokenStream {
    let rows = model.operations.iter().flat_map(|event| {
        let variant = ident(event);
        samples.get(&event.id).and_then(Value::as_object).into_iter().flat_map(Map::iter).map(
            move |(name, body)| {
                let body = body.to_string();
                quote!((EventKind::#variant, #name, #body))
            },
        )
    });
    quote! {
        #![doc = " The document's sample of each event."]
        use crate::webhook::EventKind;

        #[doc = " Kind, name and body; the first of a kind is its usual one."]
        pub static SAMPLES: &[(EventKind, &str, &str)] = &[#(#rows),*];
    }
}
