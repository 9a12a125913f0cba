//! Reads `x-cashfree-event-identity` of the events: which fields distinguish occurrences of an event.
//!
//! ```yaml
//! x-cashfree-event-identity:
//!   as: SUBSCRIPTION_STATUS_CHANGED       # only where another type spells the same event
//!   id: subscription_details.cf_subscription_id
//!   status: subscription_details.subscription_status
//!   time: dispute.updated_at | event_time # the first that has a value
//!   also: [link_amount_paid, order.transaction_id]
//! ```

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::extensions::EVENT_IDENTITY;

/// The whole event's time, which stands beside the data.
const EVENT_TIME: &str = "event_time";

/// How a field is compared, by its word in the document.
const ROLES: [&str; 4] = ["id", "status", "time", "also"];

/// Fields that identify the events of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Event type.
    pub event: String,
    /// Type that the identity is reported under; another one where two types spell one event.
    pub reported_as: String,
    /// The fields, in order.
    pub parts: Vec<Part>,
}

/// One field of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `id`, `status`, `time` or `also`.
    pub role: &'static str,
    /// Paths below `data`, the first with a value counts.
    pub paths: Vec<String>,
}

/// Reads the identities of all events.
///
/// # Errors
/// Lists every event whose identity is missing, names a field that its data does not have, or shares a type with
/// other fields.
pub fn read(document: &Value) -> Result<Vec<Identity>> {
    let events = ["webhooks", "x-webhooks"];
    let events = events.iter().filter_map(|word| document.get(word)?.as_object()).flatten();
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (event, item) in events {
        match identity(document, event, item) {
            Ok(identity) => found.push(identity),
            Err(error) => faults.push(format!("{event}: {error:#}")),
        }
    }
    for one in &found {
        match found.iter().find(|other| other.event == one.reported_as) {
            Some(other) if other.parts == one.parts => {}
            Some(other) => faults.push(format!("{}: its fields are not those of {}", one.event, other.event)),
            None => faults.push(format!("{}: there is no event {}", one.event, one.reported_as)),
        }
    }
    ensure!(faults.is_empty(), "{EVENT_IDENTITY}:\n{}", faults.join("\n"));
    Ok(found)
}

fn identity(document: &Value, event: &str, item: &Value) -> Result<Identity> {
    let words =
        item.pointer(&format!("/post/{EVENT_IDENTITY}")).and_then(Value::as_object).context("missing")?;
    if let Some(odd) = words.keys().find(|word| *word != "as" && !ROLES.contains(&word.as_str())) {
        bail!("{odd} is none of as, {}", ROLES.join(", "));
    }
    let reported_as = words.get("as").map_or(Some(event), Value::as_str).context("as is not a text")?;
    let data = item
        .pointer("/post/requestBody/content/application~1json/schema/properties/data")
        .context("the body has no field data")?;
    let mut parts = Vec::new();
    for role in ROLES {
        let fields = match words.get(role) {
            None => continue,
            Some(Value::Array(fields)) => fields.as_slice(),
            Some(field) => std::slice::from_ref(field),
        };
        for field in fields {
            let field = field.as_str().with_context(|| format!("{role} is not a text"))?;
            let paths: Vec<String> = field.split('|').map(|path| path.trim().to_owned()).collect();
            // Alternatives are spellings of older versions, which the schema may not have.
            let first = paths.first().map(String::as_str).unwrap_or_default();
            ensure!(first == EVENT_TIME || has(document, data, first), "the data has no field {first}");
            parts.push(Part { role, paths });
        }
    }
    let is_distinct = |part: &Part| matches!(part.role, "id" | "time");
    ensure!(parts.iter().any(is_distinct), "neither an id nor a time");
    Ok(Identity { event: event.to_owned(), reported_as: reported_as.to_owned(), parts })
}

/// Whether a schema has a field at a path.
fn has(document: &Value, schema: &Value, path: &str) -> bool {
    let (name, below) = path.split_once('.').map_or((path, None), |(name, below)| (name, Some(below)));
    match (fields(document, schema).and_then(|fields| fields.get(name)), below) {
        (Some(field), Some(below)) => has(document, field, below),
        (field, _) => field.is_some(),
    }
}

/// Fields of a schema, behind its references.
fn fields<'a>(document: &'a Value, mut schema: &'a Value) -> Option<&'a Map<String, Value>> {
    while let Some(reference) = schema.get("$ref") {
        schema = document.pointer(reference.as_str()?.strip_prefix('#')?)?;
    }
    schema.get("properties")?.as_object()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(identity: &Value) -> Value {
        json!({
            "x-webhooks": { "PAID": { "post": {
                "x-cashfree-event-identity": identity,
                "requestBody": { "content": { "application/json": { "schema": { "properties": {
                    "data": { "$ref": "#/components/schemas/Paid" },
                } } } } },
            } } },
            "components": { "schemas": {
                "Paid": { "properties": { "payment": { "$ref": "#/components/schemas/Payment" } } },
                "Payment": { "properties": { "id": { "type": "string" }, "status": { "type": "string" } } },
            } },
        })
    }

    #[test]
    fn fields_are_read_in_the_order_of_their_roles() -> Result<()> {
        let identity =
            json!({ "status": "payment.status", "id": ["payment.id", "payment | p"], "time": "event_time" });
        let found = read(&document(&identity))?;
        let parts: Vec<(&str, String)> =
            found.iter().flat_map(|one| &one.parts).map(|part| (part.role, part.paths.join("|"))).collect();
        let parts: Vec<(&str, &str)> = parts.iter().map(|(role, paths)| (*role, paths.as_str())).collect();
        let expected =
            [("id", "payment.id"), ("id", "payment|p"), ("status", "payment.status"), ("time", "event_time")];
        assert_eq!(parts, expected);
        Ok(())
    }

    #[test]
    fn faults_are_refused_with_their_event() {
        for (identity, fault) in [
            (Value::Null, "PAID: missing"),
            (json!({}), "neither an id nor a time"),
            (json!({ "status": "payment.status" }), "neither an id nor a time"),
            (json!({ "id": "payment.cf_id" }), "the data has no field payment.cf_id"),
            (json!({ "id": 7 }), "id is not a text"),
            (json!({ "id": "payment.id", "key": "x" }), "key is none of"),
            (json!({ "id": "payment.id", "as": "OTHER" }), "there is no event OTHER"),
        ] {
            let message =
                read(&document(&identity)).map_or_else(|error| format!("{error:#}"), |_| String::new());
            assert!(message.contains(fault), "{identity}: {message}");
        }
    }
}
