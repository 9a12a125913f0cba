//! Objects, enums and unions that are written in place move to a name of their own, made of the type
//! and the field that hold them: `Payment.payment_status` is `PaymentStatus`, `PayOrder.payment_method`
//! is `PayOrderPaymentMethod`. The same shape under the same field name is one type.
//!
//! A union is chosen by its wrapper key: each alternative is an object with one field, and the
//! field's name says which it is. Where the alternatives cannot be distinguished that way the place
//! becomes free JSON, since a guess would read one thing as another. Where a field of an alternative is a secret, so is
//! the whole of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::schemas::{
    children, operation_schemas_mut, operations_mut, reference, referred, schemas_mut, shape, visit_schemas,
};
use crate::builtins::is_sensitive;
use crate::extensions::SENSITIVE;
use crate::naming::{is_reserved_type, type_name};

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let named = std::mem::take(schemas_mut(document)?);
    let mut hoist = Hoist { named, known: BTreeMap::new(), given: BTreeMap::new(), log };

    // Alternatives come last: a union names what they wrap after itself.
    let alternatives = alternatives(&hoist.named);
    let mut order: Vec<String> = hoist.named.keys().cloned().collect();
    order.sort_by_key(|name| alternatives.contains(name));
    for name in order {
        let Some(mut schema) = hoist.named.get(&name).cloned() else { continue };
        if schema.get("oneOf").is_some() {
            schema = match hoist.union(&name, &schema) {
                Some(union) => union,
                None => json!({ "x-kind": "free", (SENSITIVE): hoist.holds_secret(&schema) }),
            };
        } else if schema.get("enum").is_some() {
            schema["x-kind"] = json!("enum");
        } else {
            schema["x-kind"] = json!("object");
            hoist.fields(&name, &mut schema);
        }
        hoist.named.insert(name, schema);
    }
    for (_, operation) in operations_mut(document) {
        for (place, schema) in operation_schemas_mut(operation) {
            if let Some((id, name)) = place.trim_end_matches(')').split_once('(')
                && schema.get("description").is_none()
                && schema.is_object()
            {
                schema["description"] = json!(format!("Parameter `{name}` of `{id}`."));
            }
            let holder = type_name(&place.replace([':', '(', ')'], "_"));
            hoist.place(&holder, "", schema);
        }
    }
    let (free, named) = hoist.named.into_iter().partition(|(_, schema)| schema["x-kind"] == "free");
    *schemas_mut(document)? = named;
    let free: Map<String, Value> = free;
    visit_schemas(document, &mut |_, schema| {
        if let Some(named) = referred(schema).and_then(|name| free.get(name)) {
            *schema = free_json(schema, named[SENSITIVE] == true);
        }
        Ok(())
    })
}

/// The named schemas that are alternatives of some union.
fn alternatives(named: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = named.values().collect();
    while let Some(schema) = open.pop() {
        let alternatives = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        found.extend(alternatives.filter_map(referred).map(str::to_owned));
        open.extend(children(schema));
    }
    found
}

/// The same place as free JSON, its description kept. One that may hold a secret is marked as one.
fn free_json(schema: &Value, is_secret: bool) -> Value {
    let mut free = Map::new();
    if let Some(description) = schema.get("description") {
        free.insert("description".to_owned(), description.clone());
    }
    if is_secret {
        free.insert(SENSITIVE.to_owned(), true.into());
    }
    free.into()
}

struct Hoist<'log> {
    named: Map<String, Value>,
    /// Shapes that have a name already, by field name and shape.
    known: BTreeMap<(String, String), String>,
    /// Shapes that the overlay names, by that name and the shape.
    given: BTreeMap<(String, String), String>,
    log: &'log mut Log,
}

impl Hoist<'_> {
    fn fields(&mut self, holder: &str, schema: &mut Value) {
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
        for (field, child) in properties {
            self.place(holder, field, child);
        }
    }

    /// Gives the schema at one field (or the items or values of it) a name if it needs one.
    fn place(&mut self, holder: &str, field: &str, schema: &mut Value) {
        if let Some(items) = schema.get_mut("items") {
            self.place(holder, &singular(field), items);
            return;
        }
        if let Some(values) = schema.get_mut("additionalProperties").filter(|values| values.is_object()) {
            self.place(holder, &singular(field), values);
            return;
        }
        let kind = if schema.get("oneOf").is_some() {
            "union"
        } else if schema.get("enum").is_some() {
            "enum"
        } else if schema.get("properties").is_some() {
            "object"
        } else {
            return;
        };
        let description = schema.get("description").cloned();
        let shape = shape_of(field, schema);
        let given =
            schema.get("x-rust-name").and_then(Value::as_str).map(|name| (name.to_owned(), shape.1.clone()));
        let known = self.known.get(&shape).or(given.as_ref().and_then(|given| self.given.get(given)));
        let named = || given.as_ref().and_then(|(name, _)| self.same_named(name, schema));
        let name = match known.cloned().or_else(named) {
            Some(name) => name,
            None => {
                let name = self.free_name(holder, field, schema);
                self.known.insert(shape, name.clone());
                if let Some(given) = given {
                    self.given.insert(given, name.clone());
                }
                let hoisted = match kind {
                    "union" => match self.union(&name, schema) {
                        Some(union) => union,
                        None => {
                            self.known.remove(&shape_of(field, schema));
                            *schema = free_json(schema, self.holds_secret(schema));
                            return;
                        }
                    },
                    _ => {
                        let mut hoisted = schema.clone();
                        hoisted["x-kind"] = json!(kind);
                        if description.is_none() {
                            hoisted["description"] = json!(match field {
                                "" => format!("One value of `{holder}`."),
                                field => format!("Field `{field}` of `{holder}`."),
                            });
                        }
                        // The name is spoken for before the fields look for theirs.
                        self.named.insert(name.clone(), json!({}));
                        self.fields(&name, &mut hoisted);
                        hoisted
                    }
                };
                self.named.insert(name.clone(), hoisted);
                self.log.note(format!("{kind} {name}"));
                name
            }
        };
        let mut target = reference(&name);
        if let (Some(description), Some(keywords)) = (description, target.as_object_mut()) {
            keywords.insert("description".to_owned(), description);
        }
        *schema = target;
    }

    /// The name that the overlay gives, if a component has it and the same shape.
    fn same_named(&self, name: &str, schema: &Value) -> Option<String> {
        let mut found = self.named.get(name)?.clone();
        found.as_object_mut()?.shift_remove("x-kind");
        (found.as_object().is_some_and(|found| !found.is_empty()) && shape(&found) == shape(schema))
            .then(|| name.to_owned())
    }

    /// The union of these alternatives, or `None` where no key distinguishes them.
    fn union(&mut self, name: &str, schema: &Value) -> Option<Value> {
        let mut keys: Vec<String> = Vec::new();
        let mut payloads = Vec::new();
        for alternative in schema.get("oneOf")?.as_array().filter(|alternatives| !alternatives.is_empty())? {
            let resolved = referred(alternative).and_then(|name| self.named.get(name)).unwrap_or(alternative);
            let fields = resolved.get("properties").and_then(Value::as_object);
            let only = fields.filter(|fields| fields.len() == 1).and_then(|fields| fields.iter().next());
            let Some((key, payload)) = only.filter(|(key, _)| !keys.contains(key)) else {
                self.log.note(format!("{name}: alternatives without a key of their own; free JSON"));
                return None;
            };
            let mut payload = payload.clone();
            if payload.get("description").is_none()
                && let (Some(text), Some(fields)) =
                    (resolved.get("description").cloned(), payload.as_object_mut())
            {
                fields.insert("description".to_owned(), text);
            }
            keys.push(key.clone());
            payloads.push(payload);
        }
        self.named.insert(name.to_owned(), json!({}));
        for (key, payload) in keys.iter().zip(&mut payloads) {
            self.place(name, key, payload);
        }
        let mut union = json!({ "x-kind": "union", "x-keys": keys, "oneOf": payloads });
        for key in ["description", "x-source"] {
            if let Some(value) = schema.get(key) {
                union[key] = value.clone();
            }
        }
        Some(union)
    }

    /// Whether a schema, or one that it refers to, has a field that is a secret.
    fn holds_secret(&self, schema: &Value) -> bool {
        let (mut open, mut seen) = (vec![schema], BTreeSet::new());
        while let Some(schema) = open.pop() {
            if let Some(name) = referred(schema).filter(|name| seen.insert(*name)) {
                open.extend(self.named.get(name));
            }
            let fields = schema.get("properties").and_then(Value::as_object);
            let is_secret = |(name, field): (&String, &Value)| {
                is_sensitive(&name.to_ascii_lowercase()) || field[SENSITIVE] == true
            };
            if fields.into_iter().flatten().any(is_secret) {
                return true;
            }
            open.extend(children(schema));
        }
        false
    }

    /// The overlay's name, or holder and field joined without saying a word twice, and a number if
    /// that is taken.
    fn free_name(&self, holder: &str, field: &str, schema: &Value) -> String {
        let field = type_name(field);
        let joined = match schema.get("x-rust-name").and_then(Value::as_str) {
            Some(given) => given.to_owned(),
            None if field == "Unnamed" => holder.to_owned(),
            None => type_name(&join(holder, &field)),
        };
        let mut name = joined.clone();
        let mut number = 2;
        while self.named.contains_key(&name) || is_reserved_type(&name) {
            name = format!("{joined}{number}");
            number += 1;
        }
        name
    }
}

/// `Payment` and `PaymentStatus` are `PaymentStatus`, `CreateRefund` and `RefundSpeed` are
/// `CreateRefundSpeed`: words that end the one and begin the other are said once.
fn join(holder: &str, field: &str) -> String {
    let begins_word = |at: usize| field[at..].starts_with(|c: char| c.is_ascii_uppercase());
    let shared = (1..field.len())
        .rev()
        .filter(|at| field.is_char_boundary(*at) && begins_word(*at))
        .find(|at| holder.ends_with(&field[..*at]));
    format!("{holder}{}", &field[shared.unwrap_or(0)..])
}

fn singular(word: &str) -> String {
    let plain = word.strip_suffix('s').filter(|rest| rest.len() > 2 && !rest.ends_with(['s', 'u', 'i']));
    plain.unwrap_or(word).to_owned()
}

/// What makes two places one type: the field's name and the shape.
fn shape_of(field: &str, schema: &Value) -> (String, String) {
    (field.to_owned(), shape(schema))
}
