//! JSON Schemas by the name of an operation or event (feature `schemars`). Each type has its own by
//! `schemars::JsonSchema`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Returns the schema of the JSON body of an operation's request. `None` if the document has no such operation, or
/// the operation takes no JSON.
///
/// ```
/// use schemars::generate::SchemaSettings;
/// let schema = cashfree_gen::request_schema("PGCreateOrder", SchemaSettings::draft2020_12().for_serialize());
/// assert_eq!(schema.and_then(|schema| schema.get("title").cloned()), Some("CreateOrder".into()));
/// ```
pub fn request_schema(operation: &str, settings: SchemaSettings) -> Option<Schema> {
    let (_, request, _) = crate::generated::schema::BODIES.iter().find(|(id, ..)| *id == operation)?;
    Some((*request)?(settings))
}

/// Returns the schema of the body of an operation's successful response, as its type is serialized. `None` if the
/// document has no such operation.
///
/// ```
/// use schemars::generate::SchemaSettings;
/// let schema = cashfree_gen::response_schema("PGFetchOrder", SchemaSettings::draft2020_12());
/// assert_eq!(schema.and_then(|schema| schema.get("title").cloned()), Some("Order".into()));
/// ```
pub fn response_schema(operation: &str, settings: SchemaSettings) -> Option<Schema> {
    let (_, _, response) = crate::generated::schema::BODIES.iter().find(|(id, ..)| *id == operation)?;
    Some(response(settings))
}

/// Returns the schema of the data of an event of this type, as its type is serialized. `None` if the document has no
/// such event.
///
/// ```
/// use schemars::generate::SchemaSettings;
/// let schema = cashfree_gen::event_schema("PAYMENT_SUCCESS_WEBHOOK", SchemaSettings::draft2020_12());
/// assert_eq!(schema.and_then(|schema| schema.get("title").cloned()), Some("PaymentEvent".into()));
/// ```
#[cfg(feature = "webhook")]
pub fn event_schema(kind: &str, settings: SchemaSettings) -> Option<Schema> {
    let (_, _, data) = crate::generated::webhooks::schema::BODIES.iter().find(|(id, ..)| *id == kind)?;
    Some(data(settings))
}

/// Makes the schema of a whole body.
pub(crate) type MakeSchema = fn(SchemaSettings) -> Schema;

pub(crate) fn of<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    let generator: SchemaGenerator = settings.into_generator();
    generator.into_root_schema_for::<T>()
}
