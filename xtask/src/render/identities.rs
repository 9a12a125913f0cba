//! Renders the table of event identities.

use std::fmt::Write;

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::quote;

use super::docs::doc;
use super::events::ident;
use crate::identity::{Identity, Part};
use crate::model::Model;

pub(super) fn render(model: &Model, identities: &[Identity]) -> Result<TokenStream> {
    let mut rows = Vec::new();
    for identity in identities {
        let event = model.operations.iter().find(|event| event.id == identity.event);
        let variant = ident(event.with_context(|| format!("there is no event {}", identity.event))?);
        let (reported_as, parts) = (&identity.reported_as, identity.parts.iter().map(part));
        rows.push(quote!((EventKind::#variant, IdentityRule::new(#reported_as, &[#(#parts),*]))));
    }
    let docs = doc(&format!(
        "Fields that identify the events of each type.\n\n{}\n\nOf several paths the first with a value counts. An \
         event that lacks an id, a status or a time of its row, or whose type is not listed, has no identity.",
        table(identities)
    ));
    Ok(quote! {
        #![doc = " Fields that identify an event, by its type."]
        use crate::webhook::{EventKind, IdentityPart, IdentityRole, IdentityRule};

        #docs
        pub static IDENTITIES: &[(EventKind, IdentityRule)] = &[#(#rows),*];
    })
}

fn part(part: &Part) -> TokenStream {
    let role = match part.role {
        "id" => quote!(Id),
        "status" => quote!(Status),
        "time" => quote!(Time),
        _ => quote!(Also),
    };
    let paths = &part.paths;
    quote!(IdentityPart::new(IdentityRole::#role, &[#(#paths),*]))
}

/// The identities as a Markdown table; types with the same fields share a row.
fn table(identities: &[Identity]) -> String {
    let mut rows: Vec<(Vec<String>, &[Part])> = Vec::new();
    for identity in identities {
        let event = match identity.reported_as == identity.event {
            true => format!("`{}`", identity.event),
            false => format!("`{}` (as `{}`)", identity.event, identity.reported_as),
        };
        match rows.iter_mut().find(|(_, parts)| *parts == identity.parts) {
            Some((events, _)) => events.push(event),
            None => rows.push((vec![event], &identity.parts)),
        }
    }
    let mut text = "| event type | ids | status | time | if present |\n|---|---|---|---|---|".to_owned();
    for (events, parts) in rows {
        let cell = |role: &str| {
            let fields = parts.iter().filter(|part| part.role == role);
            let fields = fields.map(|part| {
                part.paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" or ")
            });
            fields.collect::<Vec<_>>().join(", ")
        };
        let cells = ["id", "status", "time", "also"].map(cell).join(" | ");
        // Writing to a text never fails.
        let _ = write!(text, "\n| {} | {cells} |", events.join(", "));
    }
    text
}
