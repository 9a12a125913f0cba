//! The normalised document read as operations and types: what the renderers and the outline look at.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::document;
use crate::extensions;

mod derive;
mod expected;
mod kind;
mod operation;
mod protection;
mod size;

use kind::kind;
use operation::read_operation;

pub use expected::{Body, Expected, Identity, Source};
pub use kind::Kind;
pub use operation::{Operation, Parameter, Place};
pub use protection::{Protection, RetryClass};

/// The API as it will be generated.
#[derive(Debug)]
pub struct Model {
    /// The document's title and version.
    pub title: String,
    /// The API version that the document describes.
    pub version: String,
    /// The operations, in the document's order.
    pub operations: Vec<Operation>,
    /// The types by name, in the document's order.
    pub types: Vec<Type>,
    /// Enums that another document defines.
    pub shared: Vec<String>,
}

/// A generated type.
#[derive(Debug)]
pub struct Type {
    /// Its name in Rust.
    pub name: String,
    /// The name in the document, where it has one.
    pub source: Option<String>,
    /// Its documentation.
    pub description: String,
    /// Whether it is sent, read, or both.
    pub direction: Direction,
    /// Its shape.
    pub shape: Shape,
}

/// Which way a type travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Only sent.
    Request,
    /// Only read.
    Response,
    /// Sent and read; requires nothing.
    Both,
    /// Read in an event: under either spelling of its fields, and a time that names none is absent.
    Event,
}

/// The shape of a type.
#[derive(Debug)]
pub enum Shape {
    /// Fields.
    Object(Vec<Field>),
    /// Known values.
    Enum(Values),
    /// Wrapper keys with what they wrap.
    Union(Vec<(String, Kind, String)>),
}

/// The values of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The values that the document knows.
    pub known: Vec<String>,
    /// Whether there is a value for *absent*, so that fields of responses that hold it are never optional.
    pub has_absent: bool,
}

/// Whether a field of a response may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is an `Option`.
    Optional,
    /// It is an enum with a value for *absent*.
    Valued,
    /// It stands in each response: one without it can't be decoded.
    Present,
}

/// A field of an object.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name on the wire.
    pub name: String,
    /// Its name in Rust, where the overlay gives one.
    pub given: Option<String>,
    /// Its documentation.
    pub description: String,
    /// Whether a request must have it.
    pub required: bool,
    /// Whether a response may leave it out.
    pub presence: Presence,
    /// Whether it is an `Option` of a box, as its object is large.
    pub boxed: bool,
    /// What the service limits it to in requests, in the words of JSON Schema.
    pub limits: Map<String, Value>,
    /// What it holds.
    pub kind: Kind,
}

impl Model {
    /// Reads the model from a normalised document.
    ///
    /// # Errors
    /// When a schema has a form that the passes should not have left.
    pub fn read(document: &Value) -> Result<Self> {
        let empty = Map::new();
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&empty);
        let kinds: BTreeMap<&str, &str> = schemas
            .iter()
            .filter_map(|(name, schema)| Some((name.as_str(), schema.get(extensions::KIND)?.as_str()?)))
            .collect();
        let mut types = schemas
            .iter()
            .filter(|(_, schema)| schema.get(extensions::KIND).is_some())
            .map(|(name, schema)| read_type(name, schema, &kinds).with_context(|| format!("schema {name}")))
            .collect::<Result<Vec<_>>>()?;
        mark_fields_with_a_value_for_absent(&mut types);
        size::box_large_fields(&mut types);
        describe_fields(&mut types);
        describe_undescribed(&mut types);
        let text =
            |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let schemes =
            document.pointer("/components/securitySchemes").and_then(Value::as_object).unwrap_or(&empty);
        let default = document.get("security");
        let mut model = Self {
            title: text("/info/title"),
            version: text("/info/version"),
            operations: document::operations(document)
                .map(|(place, operation)| {
                    read_operation(&place, operation, default, schemes, &kinds).with_context(|| place.clone())
                })
                .collect::<Result<_>>()?,
            types,
            shared: Vec::new(),
        };
        for operation in &model.operations {
            model.check_read_back(operation).with_context(|| operation.id.clone())?;
            model.check_look_up(operation).with_context(|| operation.id.clone())?;
        }
        let expect = |operation: &Operation| {
            derive::expected(&model, operation, &operation.identity_words)
                .with_context(|| operation.id.clone())
        };
        let all = model.operations.iter().map(expect).collect::<Result<Vec<_>>>()?;
        for (operation, expected) in model.operations.iter_mut().zip(all) {
            operation.expected = expected;
        }
        Ok(model)
    }

    /// What is read back stands in for the response of the write, so it must be of its type.
    fn check_read_back(&self, write: &Operation) -> Result<()> {
        let Some(id) = &write.read_back else { return Ok(()) };
        let Some(read) = self.operations.iter().find(|operation| operation.id == *id) else {
            bail!("x-cashfree-read-back: there is no operation {id}");
        };
        if read.method != "GET" || write.response_body.is_none() || read.response_body != write.response_body
        {
            bail!("x-cashfree-read-back: {id} is no GET with the same response");
        }
        Ok(())
    }

    /// The path of the operation that shows what a write did must be known from the write.
    fn check_look_up(&self, write: &Operation) -> Result<()> {
        let Some(id) = &write.look_up else { return Ok(()) };
        let Some(read) = self.operations.iter().find(|operation| operation.id == *id) else {
            bail!("x-cashfree-look-up: there is no operation {id}");
        };
        if read.method != "GET" {
            bail!("x-cashfree-look-up: {id} is no GET");
        }
        let sent = write.request.as_deref().and_then(|name| self.find(name)).map(|found| &found.shape);
        let sent_fields = match sent {
            Some(Shape::Object(fields)) => fields.as_slice(),
            _ => &[],
        };
        for segment in read.path.split('/').filter(|segment| segment.starts_with('{')) {
            let name = segment.trim_matches(['{', '}']);
            if !write.path.split('/').any(|found| found == segment)
                && !sent_fields.iter().any(|field| field.name == name)
            {
                bail!("no field of the request is the {name} of {id}");
            }
        }
        Ok(())
    }

    /// The enums that are those of the API: of the same name, and without a value that it does not list.
    pub fn share_enums(&mut self, api: &Self) {
        let (shared, own) = std::mem::take(&mut self.types).into_iter().partition(|found| {
            let Shape::Enum(values) = &found.shape else { return false };
            api.find(&found.name).is_some_and(|other| match &other.shape {
                Shape::Enum(other) => values.known.iter().all(|value| other.known.contains(value)),
                _ => false,
            })
        });
        self.types = own;
        self.shared = Vec::from_iter(shared).into_iter().map(|found: Type| found.name).collect();
    }

    /// The type of this name.
    pub fn find(&self, name: &str) -> Option<&Type> {
        self.types.iter().find(|found| found.name == name)
    }
}

/// A field of a response that holds an enum with a value for *absent* is not optional. In what is sent, and in events,
/// it is: there absence has a meaning of its own.
fn mark_fields_with_a_value_for_absent(types: &mut [Type]) {
    let with_absent: Vec<String> = types
        .iter()
        .filter(|found| matches!(&found.shape, Shape::Enum(values) if values.has_absent))
        .map(|found| found.name.clone())
        .collect();
    for found in types.iter_mut().filter(|found| found.direction == Direction::Response) {
        let Shape::Object(fields) = &mut found.shape else { continue };
        for field in fields {
            if matches!(&field.kind, Kind::Enum(name) if with_absent.contains(name)) {
                field.presence = Presence::Valued;
            }
        }
    }
}

/// A field that refers to a type can't carry a description of its own in OpenAPI 3.0; it gets the
/// first paragraph of the type's.
fn describe_fields(types: &mut [Type]) {
    let descriptions: BTreeMap<String, String> = types
        .iter()
        .map(|found| (found.name.clone(), found.description.lines().next().unwrap_or_default().to_owned()))
        .collect();
    for found in types {
        let Shape::Object(fields) = &mut found.shape else { continue };
        for field in fields.iter_mut().filter(|field| field.description.is_empty()) {
            if let Some(name) = field.kind.named() {
                field.description = descriptions.get(name).cloned().unwrap_or_default();
            }
        }
    }
}

/// Describes types and fields that the document does not describe, since every public item is documented.
fn describe_undescribed(types: &mut [Type]) {
    for found in types {
        let holder = found.source.as_ref().unwrap_or(&found.name).clone();
        if found.description.trim().is_empty() {
            found.description = format!("`{holder}`, which the API document does not describe.");
        }
        if let Shape::Object(fields) = &mut found.shape {
            for field in fields.iter_mut().filter(|field| field.description.trim().is_empty()) {
                field.description = match field.name.trim() {
                    "" => format!("Field of `{holder}` without a name."),
                    name => format!("Field `{name}` of `{holder}`."),
                };
            }
        }
    }
}

fn read_type(name: &str, schema: &Value, kinds: &BTreeMap<&str, &str>) -> Result<Type> {
    let description =
        |schema: &Value| schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    let shape = match schema[extensions::KIND].as_str() {
        Some("enum") => {
            let values = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
            Shape::Enum(Values {
                known: values.map(str::to_owned).collect(),
                has_absent: schema[extensions::ABSENT] == true,
            })
        }
        Some("union") => {
            let keys = schema[extensions::KEYS].as_array().into_iter().flatten().filter_map(Value::as_str);
            let payloads = schema["oneOf"].as_array().into_iter().flatten();
            let variants = keys.zip(payloads).map(|(key, schema)| {
                Ok((key.to_owned(), payload(kind(schema, kinds)?), description(schema)))
            });
            Shape::Union(variants.collect::<Result<_>>()?)
        }
        _ => {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let properties = schema["properties"].as_object().into_iter().flatten();
            let given = &schema[extensions::FIELD_NAMES];
            let present = schema[extensions::PRESENT_FIELDS].as_array().cloned().unwrap_or_default();
            if !present.is_empty() && schema[extensions::DIRECTION] != "response" {
                bail!("{}: it is not only a response", extensions::PRESENT);
            }
            let fields = properties.map(|(name, schema)| {
                Ok(Field {
                    name: name.clone(),
                    given: given.get(name).and_then(Value::as_str).map(str::to_owned),
                    description: description(schema),
                    required: required.contains(&name.as_str()),
                    presence: match present.iter().any(|listed| listed == name) {
                        true => Presence::Present,
                        false => Presence::Optional,
                    },
                    boxed: false,
                    limits: schema[extensions::LIMITS].as_object().cloned().unwrap_or_default(),
                    kind: kind(schema, kinds).with_context(|| format!("property {name}"))?,
                })
            });
            Shape::Object(fields.collect::<Result<_>>()?)
        }
    };
    Ok(Type {
        name: name.to_owned(),
        source: schema.get(extensions::SOURCE).and_then(Value::as_str).map(str::to_owned),
        description: description(schema),
        direction: match schema[extensions::DIRECTION].as_str() {
            Some("request") => Direction::Request,
            Some("both") => Direction::Both,
            Some("event") => Direction::Event,
            _ => Direction::Response,
        },
        shape,
    })
}

/// What a union can wrap: the tolerant reader of its payload is written for these.
fn payload(kind: Kind) -> Kind {
    match kind {
        Kind::Object(_) | Kind::Union(_) | Kind::List(_) | Kind::Text => kind,
        _ => Kind::Free,
    }
}
