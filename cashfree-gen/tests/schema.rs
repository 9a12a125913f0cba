//! The JSON Schemas are held against what the types are serialized as: for every example of the document, and for
//! what can become of it on the way, what is written validates. What is read in other forms (numbers as text, nulls,
//! lists of one) is the decoder's concern, and no schema reports it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod document;

use std::collections::{BTreeMap, BTreeSet};

use cashfree_gen::{operations, request_schema, response_schema, types};
use document::Document;
use jsonschema::Validator;
use recode::{Recoded, recode, recode_request};
use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// At least this many changed bodies are compared.
const MUTATIONS: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Request,
    Response,
}

impl Side {
    fn schema(self, operation: &str, settings: SchemaSettings) -> Option<Schema> {
        match self {
            Self::Request => request_schema(operation, settings),
            Self::Response => response_schema(operation, settings),
        }
    }

    fn recode(self, operation: &str, body: &Value) -> Recoded {
        let body = serde_json::to_vec(body).unwrap();
        match self {
            Self::Request => recode_request(operation, &body).unwrap(),
            Self::Response => recode(operation, &body).unwrap(),
        }
    }
}

fn compile(schema: &Schema) -> Validator {
    jsonschema::draft202012::meta::validate(schema.as_value()).unwrap();
    jsonschema::draft202012::new(schema.as_value()).unwrap()
}

/// The schemas of a body.
struct Contracts {
    written: Validator,
    /// Without the documented limits of requests.
    unlimited: Validator,
}

/// A schema without the limits of fields; nothing else that is written has such words.
fn unlimited(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let limits = |name: &str| name == "pattern" || name.starts_with("min") || name.starts_with("max");
            fields
                .iter()
                .filter(|(name, field)| field.is_object() || !limits(name))
                .map(|(name, field)| (name.clone(), unlimited(field)))
                .collect()
        }
        Value::Array(items) => items.iter().map(unlimited).collect(),
        scalar => scalar.clone(),
    }
}

type AllContracts = BTreeMap<(Side, &'static str), Contracts>;

fn contracts() -> AllContracts {
    let mut all = BTreeMap::new();
    for operation in operations::ALL {
        for side in [Side::Request, Side::Response] {
            let Some(written) = side.schema(operation.id, SchemaSettings::draft2020_12()) else { continue };
            let contracts = Contracts {
                written: compile(&written),
                unlimited: compile(&Schema::try_from(unlimited(written.as_value())).unwrap()),
            };
            all.insert((side, operation.id), contracts);
        }
    }
    all
}

/// Every example that the document has of a body.
fn examples(document: &Document) -> Vec<(Side, String, Value)> {
    let mut found = Vec::new();
    for (operation, example) in document.requests() {
        found.push((Side::Request, operation.to_owned(), example));
    }
    for media in document.responses() {
        for example in document.examples(&media) {
            found.push((Side::Response, media.operation.to_owned(), example));
        }
    }
    found
}

fn faults(validator: &Validator, body: &Value) -> Vec<String> {
    validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Whether a body is read, and what its schema has against what is written; limits count only if `limited`.
fn hold(
    contracts: &AllContracts,
    (side, operation): (Side, &str),
    body: &Value,
    limited: bool,
) -> (bool, Vec<String>) {
    let Contracts { written: strict, unlimited } = &contracts[&(side, operation)];
    let strict = if limited { strict } else { unlimited };
    let Ok(written) = side.recode(operation, body) else { return (false, Vec::new()) };
    let written: Value = serde_json::from_str(&written).unwrap();
    let faults = faults(strict, &written).into_iter();
    (true, faults.map(|fault| format!("{operation} {side:?}: {fault}")).collect())
}

#[test]
fn every_example_validates_as_it_is_written() {
    let (document, contracts) = (Document::open(), contracts());
    let mut counts: BTreeMap<Side, usize> = BTreeMap::new();
    // The operations of which the document shows a body that contradicts what it declares: a number for a text, a
    // field that is required and missing.
    let (mut faults, mut contradicted) = (BTreeSet::new(), BTreeSet::new());
    for (side, operation, example) in examples(&document) {
        let (read, found) = hold(&contracts, (side, &operation), &example, true);
        faults.extend(found);
        if read {
            *counts.entry(side).or_default() += 1;
        } else {
            let is_valid = contracts[&(side, &*operation)].written.is_valid(&example);
            assert!(side == Side::Response || !is_valid, "{operation}");
            contradicted.insert(format!("{operation} {side:?}"));
        }
    }
    println!("{counts:?} examples");
    insta::assert_snapshot!(
        "contradictions",
        Vec::from_iter(faults.into_iter().chain(contradicted)).join("\n")
    );
    let least = operations::ALL.len() / 2;
    assert!(counts[&Side::Response] >= least && counts[&Side::Request] >= least, "{counts:?}");
}

// ---- what becomes of them on the way ----

fn pointers(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(field, format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(pointer);
}

/// What may stand in a value's place; `None` where it is dropped.
fn changes(value: &Value) -> Vec<Option<Value>> {
    let mut changes = vec![None];
    let words = ["", " ", "NA", "7", "7.50", "1e2", "YES", "false", "{}", "A_WORD_OF_TOMORROW"];
    changes.extend(words.map(|word| Some(json!(word))));
    changes.extend([json!(null), json!(0), json!(7), json!(7.5), json!(-7), json!(true)].map(Some));
    changes.extend([json!({}), json!([]), json!([null]), json!({"of_tomorrow": [1]}), json!([[]])].map(Some));
    changes.push(Some(json!([value])));
    changes.push(Some(json!([value, null])));
    changes.push(Some(json!([value, value])));
    match value {
        Value::Number(number) => changes.push(Some(number.to_string().into())),
        Value::Array(items) => changes.extend(items.first().cloned().map(Some)),
        Value::Object(fields) => {
            let mut more = fields.clone();
            more.insert("of_tomorrow".to_owned(), json!({ "a": [1.5] }));
            changes.push(Some(more.into()));
        }
        _ => {}
    }
    changes
}

fn apply(body: &mut Value, pointer: &str, change: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    match (change, body.pointer_mut(parent)) {
        (Some(change), _) => drop(body.pointer_mut(pointer).map(|place| *place = change)),
        (None, Some(Value::Object(fields))) => {
            drop(fields.remove(&name.replace("~1", "/").replace("~0", "~")));
        }
        (None, Some(Value::Array(items))) => {
            drop(name.parse().ok().filter(|at| *at < items.len()).map(|at: usize| items.remove(at)));
        }
        _ => {}
    }
}

/// Numbers that follow one another without order, the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }
}

/// One body or another in which one or two places are changed.
fn mutations(document: &Document) -> impl Iterator<Item = (Side, String, Value, String)> {
    let examples = examples(document);
    let mut draw = Draw(20_250_101);
    std::iter::repeat_with(move || {
        let (side, operation, mut body) = examples[draw.below(examples.len())].clone();
        let mut applied = Vec::new();
        for _ in 0..=draw.below(2) {
            let mut found = Vec::new();
            pointers(&body, String::new(), &mut found);
            let pointer = found.swap_remove(draw.below(found.len()));
            let mut changes = changes(body.pointer(&pointer).unwrap());
            let change = changes.swap_remove(draw.below(changes.len()));
            applied.push(format!("{pointer} = {change:?}"));
            apply(&mut body, &pointer, change);
        }
        (side, operation, body, applied.join(", "))
    })
}

#[test]
fn whatever_is_read_validates_as_it_is_written() {
    let (document, contracts) = (Document::open(), contracts());
    let mut read = 0;
    let mut faults = BTreeSet::new();
    for (side, operation, body, applied) in mutations(&document).take(MUTATIONS) {
        let (was_read, found) = hold(&contracts, (side, &operation), &body, false);
        read += usize::from(was_read);
        faults.extend(found.into_iter().map(|fault| format!("{fault} after {applied}")));
    }
    println!("{read} of {MUTATIONS} read");
    let shown: Vec<&str> = faults.iter().take(20).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults, such as:\n{}", faults.len(), shown.join("\n"));
    assert!(read * 3 > MUTATIONS, "{read}");
}

// ---- what they look like ----

fn shown<T: schemars::JsonSchema>(settings: SchemaSettings) -> String {
    let schema = settings.into_generator().into_root_schema_for::<T>();
    serde_json::to_string_pretty(&Schema::try_from(sorted(schema.to_value())).unwrap()).unwrap()
}

/// By name, also where some crate of the build makes `serde_json` keep the order of insertion.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            Value::Object(fields.into_iter().map(|(name, field)| (name, sorted(field))).collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        scalar => scalar,
    }
}

#[test]
fn a_request_a_union_and_a_response() {
    insta::assert_snapshot!("a_request", shown::<types::CreateRefund>(SchemaSettings::draft2020_12()));
    insta::assert_snapshot!("a_union", shown::<types::OfferPaymentMethod>(SchemaSettings::draft2020_12()));
    insta::assert_snapshot!("a_response", shown::<types::Refund>(SchemaSettings::draft2020_12()));
}

/// `schema_for!` takes the one contract, code generators the other.
#[test]
fn both_contracts_are_the_schema_of_what_is_serialized() {
    for operation in operations::ALL {
        for side in [Side::Request, Side::Response] {
            let settings = SchemaSettings::draft2020_12;
            let one = side.schema(operation.id, settings().for_deserialize());
            let other = side.schema(operation.id, settings().for_serialize());
            assert_eq!(one, other, "{}", operation.id);
        }
    }
}

/// No two types share a name, so that none stands as `Name2` where another refers to it.
#[test]
fn every_type_has_its_own_name() {
    for operation in operations::ALL {
        for side in [Side::Request, Side::Response] {
            let Some(schema) = side.schema(operation.id, SchemaSettings::draft2020_12()) else { continue };
            let names: BTreeSet<&String> = schema
                .get("$defs")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, _)| name)
                .collect();
            for name in &names {
                let plain = name.trim_end_matches(|end: char| end.is_ascii_digit()).to_owned();
                assert!(plain == **name || !names.contains(&plain), "{} {name}", operation.id);
            }
        }
    }
}

// ---- that they say something ----

#[test]
fn what_is_never_written_does_not_validate() {
    let contracts = contracts();
    let refused = |side: Side, operation: &str, body: &Value| {
        let found = operations::ALL.iter().find(|known| known.id == operation).unwrap();
        assert!(!contracts[&(side, found.id)].written.is_valid(body), "{operation} {body} validates");
    };
    let order = json!({
        "order_id": "order_1",
        "order_amount": 10.34,
        "order_currency": "INR",
        "customer_details": { "customer_id": "cust_1", "customer_phone": "9999999999" },
    });
    assert!(contracts[&(Side::Request, "PGCreateOrder")].written.is_valid(&order));
    for (pointer, changes) in [
        ("", vec![json!(7), json!("order"), json!([]), json!(null)]),
        ("/order_id", vec![json!({}), json!([]), json!(7)]),
        ("/order_amount", vec![json!("ten"), json!("10.34"), json!(null), json!(true)]),
        ("/order_currency", vec![json!(null), json!(["INR"])]),
        ("/customer_details", vec![json!(null), json!("c1"), json!({}), json!([])]),
        ("/customer_details/customer_phone", vec![json!(9_999_999_999_i64), json!(null)]),
        ("/of_tomorrow", vec![json!(1)]),
    ] {
        for change in changes {
            let mut order = order.clone();
            match order.as_object_mut() {
                Some(fields) if pointer == "/of_tomorrow" => {
                    drop(fields.insert("of_tomorrow".into(), change))
                }
                _ => apply(&mut order, pointer, Some(change)),
            }
            refused(Side::Request, "PGCreateOrder", &order);
        }
        if !matches!(pointer, "" | "/order_id" | "/of_tomorrow") {
            let mut order = order.clone();
            apply(&mut order, pointer, None);
            refused(Side::Request, "PGCreateOrder", &order);
        }
    }
    for body in [
        json!(null),
        json!("order"),
        json!([{}]),
        json!({ "order_amount": "10.34" }),
        json!({ "order_id": 7 }),
        json!({ "order_status": 7 }),
        json!({ "order_splits": [7] }),
        json!({ "customer_details": [{}] }),
        json!({ "order_tags": "a" }),
    ] {
        refused(Side::Response, "PGFetchOrder", &body);
    }
    for body in [json!({}), json!([{ "is_captured": "maybe" }]), json!([{ "payment_method": "upi" }])] {
        refused(Side::Response, "PGOrderFetchPayments", &body);
    }
}

/// Responses are not held to the limits of requests.
#[test]
fn a_request_has_the_documented_limits() {
    let contracts = contracts();
    let (request, response_contract) =
        (&contracts[&(Side::Request, "PGCreateOrder")], &contracts[&(Side::Response, "PGCreateOrder")]);
    let order = |id: &str, amount: i64| {
        json!({
            "order_id": id,
            "order_amount": amount,
            "order_currency": "INR",
            "customer_details": { "customer_id": "c_1", "customer_phone": "9999999999" },
        })
    };
    assert!(request.written.is_valid(&order("order_1", 1)));
    for beyond in [order("o1", 1), order(&"o".repeat(46), 1), order("order_1", 0)] {
        assert!(!request.written.is_valid(&beyond) && request.unlimited.is_valid(&beyond), "{beyond}");
        let mut response = beyond.clone();
        response["cf_order_id"] = json!("1");
        assert!(response_contract.written.is_valid(&response), "{response}");
    }
}

/// Only where the document says nothing of a field may a schema say nothing.
#[test]
fn no_schema_admits_everything_but_that_of_free_json() {
    let mut seen = 0;
    let mut vacuous = BTreeSet::new();
    for operation in operations::ALL {
        for side in [Side::Request, Side::Response] {
            let Some(schema) = side.schema(operation.id, SchemaSettings::draft2020_12().for_serialize())
            else {
                continue;
            };
            let none = serde_json::Map::new();
            let types = schema.get("$defs").and_then(Value::as_object).unwrap_or(&none).iter();
            let root = schema.get("title").and_then(Value::as_str).unwrap().to_owned();
            for (name, found) in types.chain([(&root, schema.as_value())]) {
                seen += 1;
                if !says_something(found) {
                    vacuous.insert(name.clone());
                }
                for (field, found) in found["properties"].as_object().unwrap_or(&none) {
                    if !says_something(found) {
                        vacuous.insert(format!("{name}.{field}"));
                    }
                }
            }
        }
    }
    assert!(seen > 300, "{seen}");
    insta::assert_snapshot!(vacuous.into_iter().collect::<Vec<_>>().join("\n"));
}

fn says_something(schema: &Value) -> bool {
    ["type", "$ref", "anyOf", "allOf"].iter().any(|key| schema.get(key).is_some())
}
