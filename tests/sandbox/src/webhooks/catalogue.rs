//! The document of webhooks: the form of every event, which the sandbox's own are held against before they
//! leave, and the samples that `trigger` sends. `cargo xtask regen` writes it to `documents/webhooks.json`,
//! which is part of the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::document::to_json_schema;
use crate::http::validate;

/// A sample of an event, from the document of webhooks.
#[derive(Clone, Debug)]
pub struct WebhookSample {
    /// The `type` of the event.
    pub event_type: String,
    /// What the event says.
    pub about: String,
    /// The sample's name, as `upi`.
    pub name: String,
    /// The whole body.
    pub body: Value,
}

/// One type of event.
struct Kind {
    samples: Vec<WebhookSample>,
    rule: Validator,
    /// The JSON types that the samples have at each place.
    forms: BTreeMap<String, BTreeSet<&'static str>>,
}

/// All types of events, in the order of the document.
pub(crate) struct Catalogue {
    /// The version of the webhooks.
    pub(crate) version: String,
    kinds: Vec<(String, Kind)>,
}

impl Catalogue {
    /// That of the embedded document, read once per process.
    pub(crate) fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Catalogue, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::read().map_err(|error| format!("{error:#}")));
        shared.as_ref().map_err(|error| anyhow!("{error}"))
    }

    fn read() -> Result<Self> {
        let root: Value = serde_json::from_str(include_str!("../../documents/webhooks.json"))?;
        let mut schemas = Map::new();
        for (name, schema) in root["components"]["schemas"].as_object().into_iter().flatten() {
            schemas.insert(name.clone(), as_sent(&to_json_schema(schema)));
        }
        let mut kinds = Vec::new();
        for (name, event) in root["x-webhooks"].as_object().context("the document has no events")? {
            let about = event["post"]["summary"].as_str().unwrap_or_default();
            let content = &event["post"]["requestBody"]["content"]["application/json"];
            let schema = json!({
                "allOf": [as_sent(&to_json_schema(&content["schema"]))],
                "components": { "schemas": schemas },
            });
            let rule = validate::build(&schema).with_context(|| name.clone())?;
            let mut samples = Vec::new();
            let mut forms = BTreeMap::new();
            for (sample, example) in content["examples"].as_object().into_iter().flatten() {
                note_forms("", &example["value"], &mut forms);
                samples.push(WebhookSample {
                    event_type: name.clone(),
                    about: about.to_owned(),
                    name: sample.clone(),
                    body: example["value"].clone(),
                });
            }
            kinds.push((name.clone(), Kind { samples, rule, forms }));
        }
        let version = root["info"]["version"].as_str().context("the document has no version")?.to_owned();
        Ok(Self { version, kinds })
    }

    pub(crate) fn samples(&self) -> impl Iterator<Item = &WebhookSample> {
        self.kinds.iter().flat_map(|(_, kind)| &kind.samples)
    }

    /// Holds an event against the document. Its schemas say `string` of ids and `number` of amounts whichever
    /// of the two is sent; which it is, the samples show.
    pub(crate) fn check(&self, event: &Value) -> Result<(), String> {
        let name = event["type"].as_str().unwrap_or_default();
        let found = self.kinds.iter().find(|(known, _)| known == name);
        let (_, kind) = found.ok_or_else(|| format!("the document has no event `{name}`"))?;
        let broken = kind.rule.iter_errors(event);
        let mut flaws: Vec<String> = broken
            .map(|error| format!("{} breaks `{}`", error.instance_path(), error.kind().keyword()))
            .collect();
        let mut forms = BTreeMap::new();
        note_forms("", event, &mut forms);
        for (place, sent) in &forms {
            let sampled = kind.forms.get(place).filter(|forms| forms.iter().any(|form| *form != "null"));
            let odd = |form: &&&str| **form != "null" && sampled.is_some_and(|forms| !forms.contains(**form));
            if let Some(form) = sent.iter().find(odd) {
                flaws.push(format!("{place} is a {form}, which no sample has there"));
            }
        }
        if flaws.is_empty() { Ok(()) } else { Err(format!("{name}: {}", flaws.join("; "))) }
    }
}

/// Notes the JSON type at each place: `/data/payment/cf_payment_id`, with `*` for the items of a list.
fn note_forms(place: &str, value: &Value, forms: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    let form = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            items.iter().for_each(|item| note_forms(&format!("{place}/*"), item, forms));
            "list"
        }
        Value::Object(fields) => {
            // What merchants send along is theirs.
            let own = ["order_tags", "subscription_tags", "link_notes", "metadata", "test_object"];
            if !own.iter().any(|name| place.ends_with(name)) {
                for (name, field) in fields {
                    note_forms(&format!("{place}/{name}"), field, forms);
                }
            }
            "object"
        }
    };
    forms.entry(place.to_owned()).or_default().insert(form);
}

/// A schema as strict as what is sent: no fields but the named ones; a number may be a text and the other way
/// round; and for an object there may be null, or the empty text of the older forms.
fn as_sent(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) if fields.contains_key("$ref") => {
            json!({ "anyOf": [schema, { "type": "null" }, { "enum": [""] }] })
        }
        Value::Object(fields) => {
            let mut out: Map<String, Value> =
                fields.iter().map(|(name, field)| (name.clone(), as_sent(field))).collect();
            match fields.get("type").and_then(Value::as_str) {
                Some("string") if !fields.contains_key("enum") => {
                    out.insert("type".to_owned(), json!(["string", "number"]));
                }
                Some("number" | "integer") => {
                    out.insert("type".to_owned(), json!(["number", "string"]));
                }
                Some("object") if fields.contains_key("properties") => {
                    out.insert("additionalProperties".to_owned(), json!(false));
                }
                _ => {}
            }
            Value::Object(out)
        }
        Value::Array(items) => items.iter().map(as_sent).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(event: &str) -> Result<Value> {
        let mut samples = Catalogue::shared()?.samples();
        let found = samples.find(|sample| sample.event_type == event);
        Ok(found.context("no sample")?.body.clone())
    }

    #[test]
    fn every_sample_passes() -> Result<()> {
        let catalogue = Catalogue::shared()?;
        for sample in catalogue.samples() {
            assert_eq!(catalogue.check(&sample.body), Ok(()), "{} {}", sample.event_type, sample.name);
        }
        assert!(catalogue.samples().count() > 38);
        Ok(())
    }

    #[test]
    fn what_the_service_would_not_send_is_found() -> Result<()> {
        let catalogue = Catalogue::shared()?;
        for (event, place, wrong, flaw) in [
            ("PAYMENT_SUCCESS_WEBHOOK", "/data/payment/cf_payment_id", json!(1), "is a number"),
            ("PAYMENT_SUCCESS_WEBHOOK", "/data/payment/payment_status", json!("DONE"), "breaks"),
            ("PAYMENT_SUCCESS_WEBHOOK", "/data/payment/payment_method", json!({ "paylater": {} }), "breaks"),
            ("PAYMENT_SUCCESS_WEBHOOK", "/data/order/order_id", Value::Null, "breaks"),
            ("REFUND_STATUS_WEBHOOK", "/data/refund/cf_refund_id", json!("11325632"), "is a string"),
            ("PAYMENT_LINK_EVENT", "/data/link_amount", json!(200.12), "is a number"),
            ("DISPUTE_CREATED", "/data/dispute", json!({ "disputed": true }), "breaks"),
            ("SETTLEMENT_SUCCESS", "/type", json!("SETTLEMENT_LOST"), "no event"),
        ] {
            let mut body = sample(event)?;
            *body.pointer_mut(place).context("no such place")? = wrong;
            let found = catalogue.check(&body).err().unwrap_or_default();
            assert!(found.contains(flaw), "{event} {place}: {found}");
        }
        Ok(())
    }
}
