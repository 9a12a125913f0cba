//! Renders the conversions from the data of events to the objects that the API returns for the same thing: each
//! field that both have, by its name. What only the API has stays absent. An object that always has some fields is
//! made by `TryFrom`, and only of events that can carry these fields.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use heck::ToSnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::enums::variants;
use super::types::has_present;
use crate::model::{Direction, Field, Kind, Model, Presence, Shape};

/// Where the conversions begin: types of events, and the types of the API that say the same.
const ROOTS: [(&str, &str); 5] = [
    ("EventPayment", "Payment"),
    ("EventRefund", "Refund"),
    ("EventAutoRefund", "Refund"),
    ("EventDispute", "Dispute"),
    ("EventInstrument", "Instrument"),
];

/// Events whose data spread over several fields: the event, the field that holds the root, the type of the API.
const SPREAD: [(&str, &str, &str); 2] =
    [("PaymentEvent", "payment", "Payment"), ("DisputeEvent", "dispute", "Dispute")];

/// Alternatives of unions that the API calls otherwise.
const ALTERNATIVES: [(&str, &str); 1] = [("vba_transfer", "banktransfer")];

/// Fields that have another name or form in an event: the type of the event, the field of the API with its type,
/// and the value, written over `event`.
const GIVEN: [(&str, &str, &str, &str); 10] = [
    ("EventCard", "emi_tenure", "i64", "event.emi_details.as_ref().and_then(|emi| emi.emi_tenure)"),
    // The channel of a wallet is its name, which the API has as the provider.
    ("EventApp", "provider", "String", "event.provider.clone().or_else(|| event.channel.clone())"),
    (
        "EventBankTransfer",
        "banktransfer_bank_name",
        "String",
        "event.banktransfer_bank_name.clone().or_else(|| event.bank.clone())",
    ),
    ("EventVbaTransfer", "banktransfer_ifsc", "String", "event.remitter_ifsc.clone()"),
    (
        "EventVbaTransfer",
        "banktransfer_account_number",
        "Sensitive",
        "event.remitter_account.clone().map(crate::Sensitive::from)",
    ),
    (
        "EventRefund",
        "entity",
        "RefundMarker",
        "event.entity.as_ref().map(|entity| entity.to_ascii_lowercase().as_str().into())",
    ),
    ("EventRefund", "refund_speed", "RefundSpeed", "speed(&event)"),
    (
        "EventRefundSplit",
        "vendor_id",
        "VendorId",
        "event.merchant_vendor_id.clone().map(crate::VendorId::from)",
    ),
    (
        "EventInstrument",
        "instrument_type",
        "InstrumentType",
        "event.instrument_type.as_deref().map(Into::into)",
    ),
    ("EventInstrument", "created_at", "Timestamp", "event.added_at.clone()"),
];

pub(super) fn render(api: &Model, events: &Model) -> Result<TokenStream> {
    let mut writer =
        Writer { api, events, open: Vec::new(), known: BTreeSet::new(), items: Vec::new(), has_speed: false };
    for (event, target) in ROOTS {
        if writer.both(event, target) {
            writer.want(event, target);
        }
    }
    for (event, holder, target) in SPREAD {
        writer.spread(event, holder, target)?;
    }
    while let Some((event, target)) = writer.open.pop() {
        writer.conversion(&event, &target).with_context(|| format!("{event} as {target}"))?;
    }
    writer.items.sort_by_key(ToString::to_string);
    let (items, speed) = (&writer.items, writer.has_speed.then(speed));
    Ok(quote! {
        #![doc = " Data of events as the objects that the API returns for the same thing."]
        #![allow(clippy::all)]
        #[allow(unused_imports)]
        use crate::generated::{types, unions};
        #[allow(unused_imports)]
        use super::{types as events, unions as event_unions};

        #(#items)*
        #speed
    })
}

/// The requested and the processed speed, which the API has as one object.
fn speed() -> TokenStream {
    quote! {
        fn speed(refund: &events::EventRefund) -> Option<types::RefundSpeed> {
            let (requested, processed) = (refund.requested_speed.clone(), refund.processed_speed.clone());
            (requested.is_some() || processed.is_some()).then(|| types::RefundSpeed {
                requested: requested.map(Into::into),
                processed: processed.map(Into::into),
                ..types::RefundSpeed::default()
            })
        }
    }
}

struct Writer<'a> {
    api: &'a Model,
    events: &'a Model,
    open: Vec<(String, String)>,
    known: BTreeSet<(String, String)>,
    items: Vec<TokenStream>,
    has_speed: bool,
}

impl Writer<'_> {
    /// As `spread`, where the object always has some fields: each field is of the event itself, else of the root,
    /// else of another object of the event.
    fn spread_present(
        &mut self,
        (event, from): (&str, &[Field]),
        root: &Field,
        (target, to): (&str, &[Field]),
    ) -> Result<()> {
        let others = from.iter().filter(|field| field.name != root.name);
        let mut holders = Vec::new();
        for field in std::iter::once(root).chain(others.clone()) {
            let (Kind::Object(inner), Some(own)) = (&field.kind, ident(field)) else { continue };
            let Some(Shape::Object(parts)) = self.events.find(inner).map(|found| &found.shape) else {
                continue;
            };
            holders.push((own, parts.clone()));
        }
        let (mut sets, mut used) = (Vec::new(), BTreeSet::new());
        for field in to {
            let Some(name) = ident(field) else { continue };
            if let Some(same) = others.clone().find(|other| other.name == field.name)
                && let (Some(own), Some(value)) = (ident(same), self.value_of(same, field))
            {
                sets.push(Set { value: held(field, quote!(event.#own #value)), name });
                continue;
            }
            let found = holders.iter().find_map(|(holder, parts)| {
                let same = parts.iter().find(|part| part.name == field.name)?;
                let (own, value) = (ident(same)?, self.value_of(same, field)?);
                Some((holder, quote!(#holder.#own #value)))
            });
            if let Some((holder, value)) = found {
                used.insert(holder.to_string());
                sets.push(Set { value: held(field, value), name });
            }
        }
        let holders =
            holders.iter().map(|(own, _)| own).filter(|own| used.contains(own.to_string().as_str()));
        let sets = complete(to, sets).with_context(|| format!("{event} has no {target}"))?;
        let (event, target) = (format_ident!("{event}"), format_ident!("{target}"));
        self.items.push(quote! {
            impl TryFrom<events::#event> for types::#target {
                type Error = crate::EventError;

                fn try_from(event: events::#event) -> Result<Self, Self::Error> {
                    #(let #holders = event.#holders.unwrap_or_default();)*
                    Ok(Self { #(#sets,)* })
                }
            }
        });
        Ok(())
    }

    /// Whether both types exist, and the one of the API is returned.
    fn both(&self, event: &str, target: &str) -> bool {
        let is_read = |name| {
            self.api.find(name).is_some_and(|found| {
                matches!(found.direction, Direction::Response | Direction::Both)
                    && !matches!(found.shape, Shape::Enum(_))
            })
        };
        self.events.find(event).is_some() && is_read(target)
    }

    fn want(&mut self, event: &str, target: &str) {
        let pair = (event.to_owned(), target.to_owned());
        if self.known.insert(pair.clone()) {
            self.open.push(pair);
        }
    }

    fn conversion(&mut self, event: &str, target: &str) -> Result<()> {
        let (from, to) =
            (self.events.find(event).context("no event")?, self.api.find(target).context("no type")?);
        let (from_name, to_name) = (format_ident!("{event}"), format_ident!("{target}"));
        let item = match (&from.shape, &to.shape) {
            (Shape::Object(from), Shape::Object(to)) if has_present(to) => {
                let fields = self.fields(event, from, to)?;
                let Some(sets) = complete(to, fields.sets) else { return Ok(()) };
                let given = fields.given;
                quote! {
                    impl TryFrom<events::#from_name> for types::#to_name {
                        type Error = crate::EventError;

                        fn try_from(event: events::#from_name) -> Result<Self, Self::Error> {
                            #(#given)*
                            Ok(Self { #(#sets,)* })
                        }
                    }
                }
            }
            (Shape::Object(from), Shape::Object(to)) => {
                let fields = self.fields(event, from, to)?;
                let given = fields.given;
                let sets: Vec<_> = fields.sets.into_iter().map(Set::into_tokens).collect();
                let unused = sets.is_empty() && given.is_empty();
                let event = if unused { format_ident!("_event") } else { format_ident!("event") };
                quote! {
                    impl From<events::#from_name> for types::#to_name {
                        fn from(#event: events::#from_name) -> Self {
                            #(#given)*
                            Self { #(#sets,)* ..Self::default() }
                        }
                    }
                }
            }
            (Shape::Union(from), Shape::Union(to)) => {
                let arms = self.arms(&from_name, from, to)?;
                quote! {
                    impl From<event_unions::#from_name> for unions::#to_name {
                        fn from(event: event_unions::#from_name) -> Self {
                            match event { #(#arms)* }
                        }
                    }
                }
            }
            _ => return Ok(()),
        };
        self.items.push(item);
        Ok(())
    }

    /// The given values, and the fields of the new object.
    fn fields(&mut self, event: &str, from: &[Field], to: &[Field]) -> Result<Fields> {
        let mut fields = Fields { given: Vec::new(), sets: Vec::new() };
        for target in to {
            let Some(name) = ident(target) else { continue };
            let is_this = |row: &&(&str, &str, &str, &str)| {
                row.0 == event && row.1 == target.name && row.2 == target.kind.short()
            };
            if let Some((.., value)) = GIVEN.iter().find(is_this) {
                let value: syn::Expr = syn::parse_str(value)?;
                self.has_speed |= target.name == "refund_speed";
                let boxed = target.boxed.then(|| quote!(.map(Box::new)));
                fields.given.push(quote!(let #name = #value #boxed;));
                fields.sets.push(Set { value: held(target, quote!(#name)), name });
                continue;
            }
            let Some(source) = from.iter().find(|source| source.name == target.name) else { continue };
            let (Some(own), Some(value)) = (ident(source), self.value_of(source, target)) else {
                continue;
            };
            fields.sets.push(Set { value: held(target, quote!(event.#own #value)), name });
        }
        Ok(fields)
    }

    /// What turns one field into the other; `None` if nothing does.
    fn value_of(&mut self, from: &Field, to: &Field) -> Option<TokenStream> {
        let value = self.value(&from.kind, &to.kind)?;
        Some(match (from.boxed, to.boxed) {
            (false, false) => value,
            (true, false) => quote!(.map(|value| (*value).into())),
            (false, true) => quote!(.map(|value| Box::new(value.into()))),
            (true, true) => quote!(.map(|value| Box::new((*value).into()))),
        })
    }

    /// What turns a field of one type into one of the other; `None` if nothing does.
    fn value(&mut self, from: &Kind, to: &Kind) -> Option<TokenStream> {
        Some(match (from, to) {
            (Kind::Object(one), Kind::Object(other)) | (Kind::Union(one), Kind::Union(other)) => {
                let is_fallible = self.api.find(other).is_some_and(|found| match &found.shape {
                    Shape::Object(fields) => has_present(fields),
                    _ => false,
                });
                if is_fallible || !self.both(one, other) {
                    return None;
                }
                self.want(one, other);
                quote!(.map(Into::into))
            }
            (Kind::List(one), Kind::List(other)) => match (one.as_ref(), other.as_ref()) {
                (Kind::Object(_), Kind::Object(_)) => {
                    self.value(one, other)?;
                    quote!(.into_iter().map(Into::into).collect())
                }
                (one, other) if one == other => TokenStream::new(),
                _ => return None,
            },
            (Kind::Enum(one), Kind::Enum(other)) if one == other && self.events.find(one).is_none() => {
                TokenStream::new()
            }
            (Kind::Enum(_), Kind::Enum(_)) => quote!(.map(|value| value.as_str().into())),
            (Kind::Enum(_), Kind::Text) => quote!(.map(|value| value.as_str().to_owned())),
            (Kind::Map(one), Kind::Map(other)) if one == other && is_plain(one) => TokenStream::new(),
            (one, other) if one == other && is_plain(one) => TokenStream::new(),
            (Kind::Text, Kind::Enum(_) | Kind::BuiltIn("Sensitive" | "Timestamp" | "Currency")) => {
                quote!(.map(Into::into))
            }
            (Kind::Text, Kind::BuiltIn(name)) if name.ends_with("Id") => quote!(.map(Into::into)),
            (Kind::BuiltIn(name), Kind::Text) if name.ends_with("Id") || *name == "Timestamp" => {
                quote!(.map(Into::into))
            }
            (Kind::BuiltIn("Decimal"), Kind::BuiltIn("Amount")) => quote!(.map(Into::into)),
            _ => return None,
        })
    }

    fn arms(
        &mut self,
        event: &Ident,
        from: &[(String, Kind, String)],
        to: &[(String, Kind, String)],
    ) -> Result<Vec<TokenStream>> {
        let names = |variants_of: &[(String, Kind, String)]| {
            variants(&variants_of.iter().map(|(key, ..)| key.clone()).collect::<Vec<_>>(), false)
        };
        let plain = |key: &str| key.replace('_', "");
        let (from_names, to_names) = (names(from), names(to));
        let mut arms = Vec::new();
        let mut is_whole = true;
        for ((key, kind, _), variant) in from.iter().zip(&from_names) {
            let variant = format_ident!("{variant}");
            let known =
                ALTERNATIVES.iter().find(|(event, _)| event == key).map_or(key.as_str(), |(_, api)| api);
            let mut arm = |target: &str, guard: TokenStream| -> bool {
                let found = to.iter().zip(&to_names).find(|((other, ..), _)| plain(other) == plain(target));
                let Some(((_, other, _), name)) = found else { return false };
                if !matches!((kind, other), (Kind::Object(_), Kind::Object(_)))
                    || self.value(kind, other).is_none()
                {
                    return false;
                }
                let name = format_ident!("{name}");
                arms.push(quote! {
                    event_unions::#event::#variant(payload) #guard => Self::#name(Box::new((*payload).into())),
                });
                true
            };
            // An EMI is a card with its details.
            if key == "card" {
                arm("emi", quote!(if payload.emi_details.is_some()));
            }
            is_whole &= arm(known, TokenStream::new());
        }
        arms.push(quote!(event_unions::#event::Unknown(unknown) => Self::Unknown(unknown),));
        if !is_whole {
            arms.push(quote! {
                other => Self::Unknown(match serde_json::to_value(&other) {
                    Ok(serde_json::Value::Object(fields)) => fields.into(),
                    _ => serde_json::Map::new().into(),
                }),
            });
        }
        Ok(arms)
    }

    /// An event whose data spread over several fields: the root, then fields of the same name, then the fields
    /// of the other objects.
    fn spread(&mut self, event: &str, holder: &str, target: &str) -> Result<()> {
        if !self.both(event, target) {
            return Ok(());
        }
        let object = |model: &Model, name: &str| -> Vec<Field> {
            match model.find(name).map(|found| &found.shape) {
                Some(Shape::Object(fields)) => fields.clone(),
                _ => Vec::new(),
            }
        };
        let (from, to) = (object(self.events, event), object(self.api, target));
        let Some(root) = from.iter().find(|field| field.name == holder) else { return Ok(()) };
        if has_present(&to) {
            return self.spread_present((event, &from), root, (target, &to));
        }
        let root_kind = Kind::Object(target.to_owned());
        let (Some(root_name), Some(root_value)) = (ident(root), self.value(&root.kind, &root_kind)) else {
            return Ok(());
        };
        let root_value = if root.boxed { quote!(.map(|value| (*value).into())) } else { root_value };
        let mut sets = Vec::new();
        for field in from.iter().filter(|field| field.name != holder) {
            let Some(own) = ident(field) else { continue };
            if let Some(same) = to.iter().find(|other| other.name == field.name) {
                if let (Some(name), Some(value)) = (ident(same), self.value_of(field, same)) {
                    sets.push(quote!(object.#name = event.#own #value;));
                }
                continue;
            }
            let Kind::Object(inner) = &field.kind else { continue };
            let mut inner_sets = Vec::new();
            for part in object(self.events, inner) {
                let Some(same) = to.iter().find(|other| other.name == part.name) else { continue };
                let is_roots = matches!(&root.kind, Kind::Object(name) if object(self.events, name).iter().any(|own| own.name == part.name));
                if let (false, Some(name), Some(own), Some(value)) =
                    (is_roots, ident(same), ident(&part), self.value_of(&part, same))
                {
                    inner_sets.push(quote!(object.#name = inner.#own #value;));
                }
            }
            if !inner_sets.is_empty() {
                sets.push(quote!(if let Some(inner) = event.#own { #(#inner_sets)* }));
            }
        }
        let (event, target) = (format_ident!("{event}"), format_ident!("{target}"));
        self.items.push(quote! {
            impl From<events::#event> for types::#target {
                fn from(event: events::#event) -> Self {
                    let mut object: Self = event.#root_name #root_value.unwrap_or_default();
                    #(#sets)*
                    object
                }
            }
        });
        Ok(())
    }
}

struct Fields {
    given: Vec<TokenStream>,
    sets: Vec<Set>,
}

/// A field of the new object and its value.
struct Set {
    name: Ident,
    value: TokenStream,
}

impl Set {
    fn into_tokens(self) -> TokenStream {
        let Self { name, value } = self;
        if name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
    }
}

/// The value of an optional field as the field of the API holds it.
fn held(target: &Field, value: TokenStream) -> TokenStream {
    let name = &target.name;
    match target.presence {
        Presence::Optional => value,
        Presence::Valued => quote!(#value.unwrap_or_default()),
        Presence::Present => quote!(#value.ok_or_else(|| crate::EventError::missing(#name))?),
    }
}

/// All fields of an object, the others absent; `None` where a field has no value that must have one.
fn complete(to: &[Field], mut sets: Vec<Set>) -> Option<Vec<TokenStream>> {
    for field in to {
        let name = ident(field)?;
        if sets.iter().any(|set| set.name == name) {
            continue;
        }
        if field.presence == Presence::Present {
            return None;
        }
        sets.push(Set { name, value: quote!(Default::default()) });
    }
    Some(sets.into_iter().map(Set::into_tokens).collect())
}

/// Whether values of this kind are of one type in both folders.
fn is_plain(kind: &Kind) -> bool {
    match kind {
        Kind::Object(_) | Kind::Union(_) | Kind::Enum(_) => false,
        Kind::List(inner) | Kind::Map(inner) => is_plain(inner),
        _ => true,
    }
}

/// The name of a field in Rust; `None` for one that needs more than its spelling.
fn ident(field: &Field) -> Option<Ident> {
    let name = field.given.clone().unwrap_or_else(|| field.name.to_snake_case());
    syn::parse_str(&name).ok()
}
