//! The normalised document read as operations and types: what the renderers and the outline look at.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use heck::{ToShoutySnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value};

use crate::builtins::BUILT_IN;
use crate::document;
use crate::extensions;
use crate::naming::argument_name;

mod expected;

pub use expected::{Body, Expected, Identity, Protection, Source};

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

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// The operation id as the document spells it.
    pub id: String,
    /// The HTTP method in capitals.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// The first tag.
    pub tag: String,
    /// The alternatives of credentials: header names.
    pub auth: Vec<Vec<String>>,
    /// Names that are sent, by the arguments that could not be called so.
    pub wire: BTreeMap<String, String>,
    /// Whether the document declares an idempotency key.
    pub keyed: bool,
    /// What a repeat may do.
    pub repeat: Repeat,
    /// The operation that reads what this one makes, if its identifiers are the caller's.
    pub read_back: Option<String>,
    /// What protects a write besides its key.
    pub protected_by: Protection,
    /// What a success response holds.
    pub expected: Expected,
    /// The overlay's corrections to that.
    identity_words: expected::Words,
    /// The declared body of an upload.
    pub multipart: bool,
    /// What the body holds, if it is JSON.
    pub body: Option<Kind>,
    /// The type of the body and of the answer, for the outline.
    pub request: Option<String>,
    /// The type of the answer.
    pub response: Option<String>,
    /// What the answer holds, if it is JSON.
    pub answer: Option<Kind>,
    /// The name that the document gives it in Rust; only events have one.
    pub given: Option<String>,
}

/// What it means to send an operation again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It reads.
    Safe,
    /// It writes, and an idempotency key names the write.
    Keyed,
    /// It writes, and nothing protects against doing so twice.
    Never,
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
    /// Read in an event: under either spelling of its members, and a time that names none is absent.
    Event,
}

/// The shape of a type.
#[derive(Debug)]
pub enum Shape {
    /// Members.
    Object(Vec<Field>),
    /// Known values.
    Enum(Vec<String>),
    /// Wrapper keys with what they wrap.
    Union(Vec<(String, Kind, String)>),
}

/// A member of an object.
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
    /// What the service limits it to in requests, in the words of JSON Schema.
    pub limits: Map<String, Value>,
    /// What it holds.
    pub kind: Kind,
}

/// What a member holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Text without further meaning.
    Text,
    /// A whole number.
    Whole,
    /// A truth value.
    Flag,
    /// A hand-written scalar, by its name in Rust.
    BuiltIn(&'static str),
    /// A generated enum.
    Enum(String),
    /// A generated object.
    Object(String),
    /// A generated union.
    Union(String),
    /// A list.
    List(Box<Kind>),
    /// A map from text.
    Map(Box<Kind>),
    /// Anything.
    Free,
}

impl Kind {
    /// The type in Rust, as seen from within a file of the generated folder.
    pub fn rust(&self) -> String {
        match self {
            Self::Text => "String".to_owned(),
            Self::Whole => "i64".to_owned(),
            Self::Flag => "bool".to_owned(),
            Self::BuiltIn(name) => format!("crate::{name}"),
            Self::Enum(name) => format!("super::enums::{name}"),
            Self::Object(name) => format!("super::types::{name}"),
            Self::Union(name) => format!("super::unions::{name}"),
            Self::List(item) => format!("Vec<{}>", item.rust()),
            Self::Map(value) => format!("std::collections::BTreeMap<String, {}>", value.rust()),
            Self::Free => "serde_json::Value".to_owned(),
        }
    }

    /// The type as a reviewer reads it: without paths.
    pub fn short(&self) -> String {
        match self {
            Self::BuiltIn(name) => (*name).to_owned(),
            Self::Enum(name) | Self::Object(name) | Self::Union(name) => name.clone(),
            Self::List(item) => format!("Vec<{}>", item.short()),
            Self::Map(value) => format!("Map<String, {}>", value.short()),
            Self::Free => "Value".to_owned(),
            _ => self.rust(),
        }
    }
}

impl Operation {
    /// The name of its constant in the operation table.
    pub fn constant(&self) -> String {
        argument_name(&self.id).to_shouty_snake_case()
    }

    /// The variant of an event: `PAYMENT_SUCCESS_WEBHOOK` becomes `PaymentSuccess`.
    pub fn variant(&self) -> String {
        let plain = ["_WEBHOOK", "_EVENT"].iter().find_map(|end| self.id.strip_suffix(end));
        self.given.clone().unwrap_or_else(|| plain.unwrap_or(&self.id).to_upper_camel_case())
    }
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
        tell_members_what_they_are(&mut types);
        tell_names(&mut types);
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
        }
        let expect = |operation: &Operation| {
            expected::expected(&model, operation, &operation.identity_words)
                .with_context(|| operation.id.clone())
        };
        let all = model.operations.iter().map(expect).collect::<Result<Vec<_>>>()?;
        for (operation, expected) in model.operations.iter_mut().zip(all) {
            operation.expected = expected;
        }
        Ok(model)
    }

    /// What is read back stands in for the answer of the write, so it must be of its type; and the path of
    /// the read must be known from the write.
    fn check_read_back(&self, write: &Operation) -> Result<()> {
        let Some(id) = &write.read_back else { return Ok(()) };
        let Some(read) = self.operations.iter().find(|operation| operation.id == *id) else {
            bail!("x-cashfree-read-back: there is no operation {id}");
        };
        if read.method != "GET" || write.answer.is_none() || read.answer != write.answer {
            bail!("x-cashfree-read-back: {id} is no GET with the same answer");
        }
        let sent = write.request.as_deref().and_then(|name| self.find(name)).map(|found| &found.shape);
        let members = match sent {
            Some(Shape::Object(fields)) => fields.as_slice(),
            _ => &[],
        };
        for segment in read.path.split('/').filter(|segment| segment.starts_with('{')) {
            let name = segment.trim_matches(['{', '}']);
            if !write.path.split('/').any(|found| found == segment)
                && !members.iter().any(|member| member.name == name)
            {
                bail!("x-cashfree-read-back: nothing tells the {name} of {id}");
            }
        }
        Ok(())
    }

    /// The enums that are those of the API: of the same name, and without a value that it does not list.
    pub fn share_enums(&mut self, api: &Self) {
        let (shared, own) = std::mem::take(&mut self.types).into_iter().partition(|found| {
            let Shape::Enum(values) = &found.shape else { return false };
            api.find(&found.name).is_some_and(|other| match &other.shape {
                Shape::Enum(known) => values.iter().all(|value| known.contains(value)),
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

/// A member that refers to a type can't carry a description of its own in OpenAPI 3.0; it gets the
/// first paragraph of the type's.
fn tell_members_what_they_are(types: &mut [Type]) {
    let told: BTreeMap<String, String> = types
        .iter()
        .map(|found| (found.name.clone(), found.description.lines().next().unwrap_or_default().to_owned()))
        .collect();
    for found in types {
        let Shape::Object(fields) = &mut found.shape else { continue };
        for field in fields.iter_mut().filter(|field| field.description.is_empty()) {
            let mut kind = &field.kind;
            while let Kind::List(inner) | Kind::Map(inner) = kind {
                kind = inner;
            }
            if let Kind::Object(name) | Kind::Enum(name) | Kind::Union(name) = kind {
                field.description = told.get(name).cloned().unwrap_or_default();
            }
        }
    }
}

/// What the document doesn't describe is told by its name: a public item is never without a word.
fn tell_names(types: &mut [Type]) {
    for found in types {
        let holder = found.source.as_ref().unwrap_or(&found.name).clone();
        if found.description.trim().is_empty() {
            found.description = format!("`{holder}`, which the API document does not describe.");
        }
        if let Shape::Object(fields) = &mut found.shape {
            for field in fields.iter_mut().filter(|field| field.description.trim().is_empty()) {
                field.description = match field.name.trim() {
                    "" => format!("The member of `{holder}` without a name."),
                    name => format!("The `{name}` of `{holder}`."),
                };
            }
        }
    }
}

fn read_operation(
    place: &str,
    operation: &Value,
    default: Option<&Value>,
    schemes: &Map<String, Value>,
    kinds: &BTreeMap<&str, &str>,
) -> Result<Operation> {
    let (method, path) = document::method_and_path(place);
    let method = method.to_uppercase();
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("Other").to_owned();
    let keyed = operation[extensions::IDEMPOTENCY_KEY] == true;

    let mut auth = Vec::new();
    for alternative in operation.get("security").or(default).and_then(Value::as_array).into_iter().flatten() {
        let names = alternative.as_object().into_iter().flat_map(Map::keys);
        let headers = names.map(|name| credential(name, schemes)).collect::<Result<Vec<String>>>()?;
        // One alternative twice, or one that names no credentials beside some that do, says nothing more.
        if !headers.is_empty() && !auth.contains(&headers) {
            auth.push(headers);
        }
    }

    let repeat = match operation.get(extensions::REPEAT).and_then(Value::as_str) {
        Some("safe") => Repeat::Safe,
        Some("never") => Repeat::Never,
        Some(other) => bail!("x-cashfree-repeat: {other} is neither safe nor never"),
        None if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") => Repeat::Safe,
        None if keyed => Repeat::Keyed,
        None => Repeat::Never,
    };
    let body_kind = |pointer: &str| -> Result<Option<String>> {
        match operation.pointer(pointer) {
            Some(schema) => Ok(Some(kind(schema, kinds)?.short())),
            None => Ok(None),
        }
    };
    const BODY: &str = "/requestBody/content/application~1json/schema";
    const ANSWER: &str = "/responses/2XX/content/application~1json/schema";
    let body = operation.pointer(BODY).map(|schema| kind(schema, kinds)).transpose()?;
    let answer = operation.pointer(ANSWER).map(|schema| kind(schema, kinds)).transpose()?;
    let raw = |pointer: &str| operation.pointer(pointer).map(|_| "bytes".to_owned());
    let read_back = operation.get(extensions::READ_BACK).and_then(Value::as_str).map(str::to_owned);
    Ok(Operation {
        id,
        method,
        path,
        tag,
        auth,
        keyed,
        repeat,
        wire: operation
            .get(extensions::WIRE)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(alias, name)| Some((alias.clone(), name.as_str()?.to_owned())))
            .collect(),
        read_back,
        protected_by: expected::protection(operation, repeat, keyed)?,
        expected: Expected::default(),
        identity_words: expected::words(operation)?,
        given: operation.get(extensions::RUST_NAME).and_then(Value::as_str).map(str::to_owned),
        multipart: operation.get(extensions::MULTIPART).is_some(),
        request: body_kind(BODY)?.or_else(|| raw("/requestBody/content/application~1octet-stream")),
        answer,
        body,
        response: body_kind(ANSWER)?.or_else(|| raw("/responses/2XX/content/application~1octet-stream")),
    })
}

/// The header that carries the credentials of a scheme. A scheme that is left out would make its
/// operations look open.
fn credential(name: &str, schemes: &Map<String, Value>) -> Result<String> {
    let Some(scheme) = schemes.get(name) else { bail!("security scheme {name} is not declared") };
    match (scheme["type"].as_str(), scheme["in"].as_str(), scheme["name"].as_str()) {
        (Some("apiKey"), Some("header"), Some(header)) => Ok(header.to_owned()),
        (Some("http" | "oauth2" | "openIdConnect"), ..) => Ok("authorization".to_owned()),
        _ => bail!("security scheme {name} is carried by no header"),
    }
}

fn read_type(name: &str, schema: &Value, kinds: &BTreeMap<&str, &str>) -> Result<Type> {
    let description =
        |schema: &Value| schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    let shape = match schema[extensions::KIND].as_str() {
        Some("enum") => {
            let values = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
            Shape::Enum(values.map(str::to_owned).collect())
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
            let members = schema["properties"].as_object().into_iter().flatten();
            let given = &schema[extensions::FIELD_NAMES];
            let fields = members.map(|(member, schema)| {
                Ok(Field {
                    name: member.clone(),
                    given: given.get(member).and_then(Value::as_str).map(str::to_owned),
                    description: description(schema),
                    required: required.contains(&member.as_str()),
                    limits: schema[extensions::LIMITS].as_object().cloned().unwrap_or_default(),
                    kind: kind(schema, kinds).with_context(|| format!("member {member}"))?,
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

fn kind(schema: &Value, kinds: &BTreeMap<&str, &str>) -> Result<Kind> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        if let Some(built_in) = BUILT_IN.iter().find(|built_in| built_in.schema_name() == name) {
            return Ok(Kind::BuiltIn(built_in.rust));
        }
        return Ok(match kinds.get(name) {
            Some(&"enum") => Kind::Enum(name.to_owned()),
            Some(&"union") => Kind::Union(name.to_owned()),
            Some(_) => Kind::Object(name.to_owned()),
            None => bail!("refers to {target}, which is no type"),
        });
    }
    Ok(match schema.get("type").and_then(Value::as_str) {
        Some("string") => Kind::Text,
        Some("integer" | "number") => Kind::Whole,
        Some("boolean") => Kind::Flag,
        Some("array") => Kind::List(Box::new(kind(&schema["items"], kinds)?)),
        Some("object") => Kind::Map(Box::new(match schema.get("additionalProperties") {
            Some(values) if values.is_object() => kind(values, kinds)?,
            _ => Kind::Free,
        })),
        _ => Kind::Free,
    })
}
