//! The document's examples of requests and parameters keep to its limits. Where one does not, the limit is wrong, or the
//! example is a slip: a snapshot shows each for review, with its reason where one is known.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use crate::document::{corrected, fields, list, operations, resolve, walk};

/// What limits a value, whatever its type.
const LIMITS: [&str; 7] = ["enum", "maxItems", "maxLength", "maximum", "minLength", "minimum", "pattern"];

/// Place of an example that breaks a limit which other evidence supports, and the reason to think so.
type Slip = (&'static str, &'static str);

const IN_REQUESTS: [Slip; 1] = [(
    "post /orders/sessions pay_ccemi payment_method emi card_bank_name",
    "in capitals; the enums page writes all banks in lower case, as the schema does",
)];

const IN_FIELDS: [Slip; 3] = [
    (
        "components schemas CreateTerminalTransactionRequest payment_method",
        "an email address; the field's own text names the two values",
    ),
    (
        "components schemas SubscriptionEntity plan_details plan_interval_type",
        "empty, of a response: a plan without an interval",
    ),
    ("components schemas SubscriptionEntity plan_details plan_status", "empty, of a response"),
];

#[derive(Debug, Default)]
struct Findings {
    /// Values that a limit was compared with.
    compared: usize,
    faults: Vec<String>,
}

impl Findings {
    /// Compares a value and what it holds with the limits of its schema.
    fn compare(&mut self, document: &Value, schema: &Value, value: &Value, place: &str) -> Result<()> {
        let schema = resolve(document, schema);
        let limits: Map<String, Value> = fields(schema)
            .filter(|(word, _)| LIMITS.contains(&word.as_str()))
            .map(|(word, limit)| (word.clone(), limit.clone()))
            .collect();
        // An example writes null for what is left out.
        if !limits.is_empty() && !value.is_null() {
            let shown = Value::from(limits.clone());
            let validator =
                jsonschema::validator_for(&Value::from(limits)).with_context(|| place.to_owned())?;
            self.compared += 1;
            if !validator.is_valid(value) {
                self.faults.push(format!("{place}: {value} breaks {shown}"));
            }
        }
        for (name, value) in fields(value) {
            if let Some(schema) = schema["properties"].get(name) {
                self.compare(document, schema, value, &format!("{place} {name}"))?;
            }
        }
        for value in list(value) {
            self.compare(document, &schema["items"], value, place)?;
        }
        for part in list(&schema["allOf"]) {
            self.compare(document, part, value, place)?;
        }
        for choice in ["oneOf", "anyOf"] {
            self.compare_with_best(document, &schema[choice], value, place)?;
        }
        Ok(())
    }

    /// Compares a value with the alternative that knows most of its fields.
    fn compare_with_best(
        &mut self,
        document: &Value,
        alternatives: &Value,
        value: &Value,
        place: &str,
    ) -> Result<()> {
        let known = |schema: &&Value| {
            let properties = &resolve(document, schema)["properties"];
            fields(value).filter(|(name, _)| properties.get(name).is_some()).count()
        };
        match list(alternatives).max_by_key(known) {
            Some(best) => self.compare(document, best, value, place),
            None => Ok(()),
        }
    }

    /// The faults, each with the reason to take it for a slip.
    fn close(self, slips: &[Slip]) -> Result<String> {
        ensure!(self.compared > 0, "no example has a limit");
        let reason = |fault: &str| {
            let slip = slips.iter().find(|slip| fault.starts_with(&format!("{}: ", slip.0)));
            slip.map_or("NOT EXPLAINED", |slip| slip.1)
        };
        let faults = self.faults.iter().map(|fault| format!("{fault}\n  {}\n", reason(fault)));
        Ok(faults.collect())
    }
}

#[test]
fn examples_of_requests_keep_to_the_limits() -> Result<()> {
    let document = corrected()?;
    let mut findings = Findings::default();
    for (place, operation) in operations(&document) {
        for (_, media) in fields(&resolve(&document, &operation["requestBody"])["content"]) {
            for (name, example) in fields(&media["examples"]) {
                let value = &resolve(&document, example)["value"];
                findings.compare(&document, &media["schema"], value, &format!("{place} {name}"))?;
            }
        }
    }
    insta::assert_snapshot!("slips-of-requests", findings.close(&IN_REQUESTS)?);
    Ok(())
}

#[test]
fn examples_of_parameters_and_fields_keep_to_the_limits() -> Result<()> {
    let document = corrected()?;
    let (mut findings, mut outcome) = (Findings::default(), Ok(()));
    walk(&document, &mut Vec::new(), &mut |place, value| {
        let is_value = place.last().is_none_or(|step| step != "properties");
        let Some(example) = value.get("example").filter(|_| is_value && outcome.is_ok()) else { return };
        // Of a parameter, the limits are in its schema.
        let schema = value.get("schema").unwrap_or(value);
        outcome = findings.compare(&document, schema, example, &place.join(" "));
    });
    outcome?;
    insta::assert_snapshot!("slips-of-fields", findings.close(&IN_FIELDS)?);
    Ok(())
}

/// A value that breaks a limit is found where it is, in whatever the schema is made of.
#[test]
fn a_broken_limit_is_found() -> Result<()> {
    let document = json!({ "components": { "schemas": { "Name": { "maxLength": 3 } } } });
    let schema = json!({
        "allOf": [{ "properties": { "names": { "items": { "$ref": "#/components/schemas/Name" } } } }],
        "oneOf": [
            { "properties": { "kind": { "enum": ["a"] }, "size": { "maximum": 5 } } },
            { "properties": { "other": { "enum": ["b"] } } },
        ],
    });
    let mut findings = Findings::default();
    findings.compare(&document, &schema, &json!({ "names": ["abc"], "kind": "a", "size": 5 }), "good")?;
    assert_eq!((findings.compared, findings.faults.len()), (3, 0));
    findings.compare(&document, &schema, &json!({ "names": ["abcd"], "kind": "b", "size": 6 }), "bad")?;
    assert_eq!((findings.compared, findings.faults.len()), (6, 3), "{:?}", findings.faults);
    let explained = findings.close(&[("bad kind", "a reason")])?;
    ensure!(explained.matches("NOT EXPLAINED").count() == 2 && explained.contains("a reason"), "{explained}");
    Ok(())
}
