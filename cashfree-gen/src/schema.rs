//! JSON Schemas of the types (feature `schemars`).
//!
//! Each contract says what is true of it. Under [`Contract::Deserialize`](schemars::generate::Contract) a
//! schema admits what the type is read from, tolerance and all; under `Contract::Serialize` only what it is
//! written as: every member known, numbers as numbers, nothing null, a request within the service's limits.
//! What is particular to a type is a row of its table in `generated/schema.rs`; the functions that those rows
//! name mirror the readers of [`lenient`](crate::decode::lenient), one for one.
//!
//! One thing is read and not told of: serde's code takes the members of a request from a list, by position.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::decode::lenient::{ListOf, ObjectOf};
use crate::decode::scalar::Scalar;
use crate::decode::wire::Free;
use crate::{
    Amount, Currency, Decimal, Sensitive, SensitiveDigits, SensitiveJson, Timestamp, UnknownVariant,
};

/// Text that stands for a number.
const NUMBER: &str = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?";

/// Text that stands for nothing; see [`is_nothing`](crate::scalar::is_nothing).
const NOTHING: &str = "null|NULL|None|NA|N/A|-|";

/// Text that stands for a truth value, in either case.
const FLAG: &str = "[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[yY]([eE][sS])?|[nN][oO]?|1|0";

/// The schema of the success answer of the operation with this id, as a whole body.
///
/// `settings` choose the draft and the contract: [`SchemaSettings::for_deserialize`] is what the answer is
/// read from, [`SchemaSettings::for_serialize`] what it is written as. `None` when the document has no such
/// operation.
///
/// ```
/// use schemars::generate::SchemaSettings;
/// let schema = cashfree_gen::answer_schema("PGFetchOrder", SchemaSettings::draft2020_12());
/// assert!(schema.is_some_and(|schema| schema.pointer("/$defs/Order/properties/order_amount").is_some()));
/// ```
pub fn answer_schema(operation: &str, settings: SchemaSettings) -> Option<Schema> {
    let (_, answer) = crate::generated::schema::bodies(operation)?;
    Some(answer(settings.into_generator()))
}

/// The schema of the member `data` of an event of this type, such as `PAYMENT_SUCCESS_WEBHOOK`.
///
/// `settings` are those of [`answer_schema`]. `None` when the document has no such event.
#[cfg(feature = "webhooks")]
pub fn event_schema(kind: &str, settings: SchemaSettings) -> Option<Schema> {
    let (_, data) = crate::generated::webhooks::schema::bodies(kind)?;
    Some(data(settings.into_generator()))
}

/// The schema of the JSON body of the operation with this id.
///
/// `settings` choose the draft and the contract, as for [`answer_schema`]. `None` when the document has no
/// such operation, or the operation takes no JSON.
///
/// ```
/// use schemars::generate::SchemaSettings;
/// let schema = cashfree_gen::request_schema("PGCreateOrder", SchemaSettings::draft2020_12().for_serialize());
/// assert_eq!(schema.and_then(|schema| schema.get("title").cloned()), Some("CreateOrder".into()));
/// ```
pub fn request_schema(operation: &str, settings: SchemaSettings) -> Option<Schema> {
    let (request, _) = crate::generated::schema::bodies(operation)?;
    Some(request?(settings.into_generator()))
}

/// Makes the schema of a whole body.
pub(crate) type Whole = fn(SchemaGenerator) -> Schema;

pub(crate) fn whole<T: JsonSchema>(generator: SchemaGenerator) -> Schema {
    generator.into_root_schema_for::<T>()
}

/// Makes the schema of what stands in one place.
pub(crate) type Part = fn(&mut SchemaGenerator) -> Schema;

/// A member of an object, or an alternative of a union.
pub(crate) struct Member {
    name: &'static str,
    needed: bool,
    part: Part,
    docs: &'static str,
    limits: &'static str,
}

impl Member {
    /// With limits that the service sets to requests, as JSON. They are told of what is written; what is read
    /// is not held to them.
    #[allow(dead_code, reason = "not every document has one")]
    pub(crate) const fn limited(mut self, limits: &'static str) -> Self {
        self.limits = limits;
        self
    }
}

/// A member that need not be there.
pub(crate) const fn may(name: &'static str, part: Part, docs: &'static str) -> Member {
    Member { name, needed: false, part, docs, limits: "{}" }
}

/// A member that a request must have.
pub(crate) const fn must(name: &'static str, part: Part, docs: &'static str) -> Member {
    Member { name, needed: true, part, docs, limits: "{}" }
}

/// What makes a type's schema.
pub(crate) enum Table {
    /// An object with these members.
    Object(&'static [Member]),
    /// Text, one of these or any other.
    Enum(&'static [&'static str]),
    /// An object whose one key tells what it holds.
    Union(&'static [Member]),
    /// Text that is read from numbers and truth values too.
    Text,
}

/// A type that is described by a table.
pub(crate) trait Described {
    const NAME: &'static str;
    const DOCS: &'static str;
    const TABLE: Table;
}

/// Turns descriptions into schemas; a blanket implementation is not possible for a trait of another crate.
macro_rules! described {
    ($($name:ty),* $(,)?) => { $(
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                <Self as $crate::schema::Described>::NAME.into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!("cashfree::", stringify!($name)).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::schema::describe::<Self>(generator)
            }
        }
    )* };
}
pub(crate) use described;

pub(crate) fn describe<T: Described>(generator: &mut SchemaGenerator) -> Schema {
    let read = generator.contract().is_deserialize();
    let mut schema = match T::TABLE {
        Table::Object(members) => {
            let mut schema = with_members(generator, members);
            let needed: Vec<&str> =
                members.iter().filter(|member| member.needed).map(|member| member.name).collect();
            if !needed.is_empty() {
                schema.insert("required".to_owned(), json!(needed));
            }
            if !read {
                schema.insert("additionalProperties".to_owned(), json!(false));
            }
            schema
        }
        // A union keeps keys that it does not know, in either contract.
        Table::Union(alternatives) => with_members(generator, alternatives),
        Table::Enum(known) => json_schema!({ "anyOf": [{ "enum": known }, text(read)] }),
        Table::Text => text(read),
    };
    tell(&mut schema, T::DOCS);
    schema
}

fn with_members(generator: &mut SchemaGenerator, members: &[Member]) -> Schema {
    let properties: Map<String, Value> = members
        .iter()
        .map(|member| {
            let mut schema = (member.part)(generator);
            tell(&mut schema, member.docs);
            if generator.contract().is_serialize() {
                let limits: Map<String, Value> = serde_json::from_str(member.limits).unwrap_or_default();
                schema.ensure_object().extend(limits);
            }
            (member.name.to_owned(), schema.to_value())
        })
        .collect();
    json_schema!({ "type": "object", "properties": properties })
}

fn tell(schema: &mut Schema, docs: &str) {
    let docs = docs.trim();
    if !docs.is_empty() {
        schema.insert("description".to_owned(), docs.into());
    }
}

/// Text that must be there; see [`wire::text`](crate::decode::wire::text).
fn text(read: bool) -> Schema {
    if read {
        json_schema!({ "type": ["string", "number", "boolean"] })
    } else {
        json_schema!({ "type": "string" })
    }
}

// ---- what a member may be, by its reader ----

/// The type itself.
pub(crate) fn own<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The type itself or, when read, null.
pub(crate) fn optional<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let own = own::<T>(generator);
    if generator.contract().is_serialize() {
        return own;
    }
    json_schema!({ "anyOf": [own, { "type": "null" }] })
}

pub(crate) fn scalar<T: JsonSchema + AsRead>(generator: &mut SchemaGenerator) -> Schema {
    written_or::<T>(generator, own::<Read<T>>)
}

pub(crate) fn scalars<T: JsonSchema + AsRead>(generator: &mut SchemaGenerator) -> Schema {
    written_or::<Vec<T>>(generator, |generator| {
        let item = own::<Read<T>>(generator);
        let nothing = own::<Nothing>(generator);
        json_schema!({ "anyOf": [{ "type": "array", "items": item }, item, nothing] })
    })
}

pub(crate) fn object<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    written_or::<T>(generator, |generator| {
        let object = own::<T>(generator);
        let nothing = own::<Nothing>(generator);
        json_schema!({ "anyOf": [object, at_most_one(&object), nothing] })
    })
}

/// What is read by [`lenient::moment`](crate::decode::lenient::moment).
#[cfg(feature = "webhooks")]
pub(crate) fn moment<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    optional::<T>(generator)
}

/// An object, or the name of the alternative alone.
#[cfg(feature = "webhooks")]
pub(crate) fn named<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    written_or::<T>(generator, |generator| {
        let object = object::<T>(generator);
        json_schema!({ "anyOf": [object, { "type": "string" }] })
    })
}

pub(crate) fn list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    written_or::<Vec<T>>(generator, |generator| {
        let item = own::<T>(generator);
        let nothing = own::<Nothing>(generator);
        json_schema!({ "anyOf": [
            { "type": "array", "items": { "anyOf": [item, { "type": "null" }] } },
            item,
            nothing,
        ] })
    })
}

/// Any JSON.
pub(crate) fn free(_: &mut SchemaGenerator) -> Schema {
    Schema::default()
}

pub(crate) fn free_list(generator: &mut SchemaGenerator) -> Schema {
    written_or::<Vec<Value>>(generator, free)
}

#[allow(dead_code, reason = "not every document has one")]
pub(crate) fn text_map(generator: &mut SchemaGenerator) -> Schema {
    written_or::<BTreeMap<String, String>>(generator, |generator| {
        let value = own::<Read<String>>(generator);
        entries(generator, &value)
    })
}

#[allow(dead_code, reason = "maps of this document hold text")]
pub(crate) fn map<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    written_or::<BTreeMap<String, T>>(generator, |generator| {
        let value = own::<T>(generator);
        entries(generator, &value)
    })
}

fn written_or<T: JsonSchema>(generator: &mut SchemaGenerator, read: Part) -> Schema {
    if generator.contract().is_serialize() { own::<T>(generator) } else { read(generator) }
}

/// A list that holds one object; its other items, if any, are null.
fn at_most_one(object: &Schema) -> Schema {
    json_schema!({
        "type": "array",
        "items": { "anyOf": [object, { "type": "null" }] },
        "contains": { "type": "object" },
        "minContains": 0,
        "maxContains": 1,
    })
}

fn entries(generator: &mut SchemaGenerator, value: &Schema) -> Schema {
    let map = json_schema!({ "type": "object", "additionalProperties": value });
    let nothing = own::<Nothing>(generator);
    json_schema!({ "anyOf": [map, at_most_one(&map), { "type": "string", "pattern": r"^\s*\{\}\s*$" }, nothing] })
}

/// What stands for the absence of a number, flag, object or list.
struct Nothing;

impl JsonSchema for Nothing {
    fn schema_name() -> Cow<'static, str> {
        "Nothing".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "cashfree::Nothing".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Reads as absent: null, or a text that stands for it.",
            "type": ["null", "string"],
            "pattern": format!(r"^\s*({NOTHING})\s*$"),
        })
    }
}

/// A scalar as [`scalar`](crate::decode::scalar::scalar) reads it.
struct Read<T>(PhantomData<T>);

/// What a scalar is read from.
pub(crate) trait AsRead: Scalar {
    const NAME: &'static str;
    fn schema() -> Schema;
}

impl<T: AsRead> JsonSchema for Read<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}AsRead", T::NAME).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("cashfree::{}AsRead", T::NAME).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

impl AsRead for String {
    const NAME: &'static str = "Text";

    fn schema() -> Schema {
        json_schema!({
            "description": "Text. A number or a truth value reads as its text, an object or a list as its JSON, \
                            null as absent.",
            "type": ["string", "number", "boolean", "object", "array", "null"],
        })
    }
}

impl AsRead for i64 {
    const NAME: &'static str = "Whole";

    fn schema() -> Schema {
        json_schema!({
            "description": "A whole number of 64 bits, or one as text. Null and its words read as absent.",
            "type": ["integer", "string", "null"],
            "format": "int64",
            "pattern": format!(r"^\s*({NUMBER}|{NOTHING})\s*$"),
        })
    }
}

impl AsRead for bool {
    const NAME: &'static str = "Flag";

    fn schema() -> Schema {
        json_schema!({
            "description": "A truth value, as such, as 0 or 1, or as a word. Null and its words read as absent.",
            "type": ["boolean", "integer", "string", "null"],
            "minimum": 0,
            "maximum": 1,
            "pattern": format!(r"^\s*({FLAG}|{NOTHING})\s*$"),
        })
    }
}

impl AsRead for Decimal {
    const NAME: &'static str = "Decimal";

    fn schema() -> Schema {
        json_schema!({
            "description": "A decimal number, or one as text. Null and its words read as absent.",
            "type": ["number", "string", "null"],
            "pattern": format!(r"^\s*({NUMBER}|{NOTHING})\s*$"),
        })
    }
}

impl AsRead for Amount {
    const NAME: &'static str = "Amount";

    fn schema() -> Schema {
        let mut schema = Decimal::schema();
        tell(&mut schema, "Money in the major unit, or the same as text. Null and its words read as absent.");
        schema
    }
}

// ---- the hand-written scalars ----

/// Implements the schema of a hand-written scalar: as text that stands for it, or as given.
macro_rules! hand_written {
    ($name:ident, $docs:expr) => {
        impl $crate::schema::Described for $name {
            const NAME: &'static str = stringify!($name);
            const DOCS: &'static str = $docs;
            const TABLE: $crate::schema::Table = $crate::schema::Table::Text;
        }
        $crate::schema::described!($name);
    };
    ($name:ident, $docs:expr, |$read:ident| $schema:expr) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!("cashfree::", stringify!($name)).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let $read = generator.contract().is_deserialize();
                let mut schema = $schema;
                tell(&mut schema, $docs);
                schema
            }
        }
    };
}
pub(crate) use hand_written;

hand_written!(Amount, "An exact amount of money in the major unit: rupees, not paise.", |read| number(read));
hand_written!(Decimal, "An exact decimal number of at most 38 digits.", |read| number(read));
hand_written!(Currency, "A currency by its code, `INR` for instance.");
hand_written!(Timestamp, "A point in time as text; without a zone it is India's.", |read| {
    let mut schema = text(read);
    schema.insert("examples".to_owned(), json!(["2025-07-15T16:40:24+05:30", "2025-07-15"]));
    schema
});
hand_written!(Sensitive, "Text that must not be printed.", |read| {
    let mut schema = text(read);
    schema.insert("format".to_owned(), "password".into());
    schema
});
hand_written!(SensitiveDigits, "Digits that must not be printed, written as a number.", |read| if read {
    text(read)
} else {
    json_schema!({ "type": ["number", "string"] })
});
hand_written!(SensitiveJson, "JSON that must not be printed.", |_read| json_schema!({}));
hand_written!(UnknownVariant, "An alternative that is not known: any object.", |_read| json_schema!({
    "type": "object"
}));

fn number(read: bool) -> Schema {
    if read {
        json_schema!({ "type": ["number", "string"], "pattern": format!(r"^\s*{NUMBER}\s*$") })
    } else {
        json_schema!({ "type": "number" })
    }
}

// ---- whole bodies ----

impl<T: JsonSchema> JsonSchema for ObjectOf<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Body", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}Body", T::schema_id()).into()
    }

    /// As [`object`], but it must be there.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = own::<T>(generator);
        if generator.contract().is_serialize() {
            return json_schema!({ "allOf": [own] });
        }
        let mut one = at_most_one(&own);
        one.insert("minContains".to_owned(), json!(1));
        json_schema!({ "anyOf": [own, one] })
    }
}

impl<T: JsonSchema> JsonSchema for ListOf<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ListBody", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}ListBody", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        list::<T>(generator)
    }
}

impl JsonSchema for Free {
    fn schema_name() -> Cow<'static, str> {
        "AnyValue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        free(generator)
    }
}
