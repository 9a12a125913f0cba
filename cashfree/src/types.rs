//! Requests, answers, enums and unions of the API.
//!
//! A request type is made by `new`, which takes what the API requires, and takes the rest by chained
//! setters; it serializes, so that it can be stored and sent again later with the same key. An answer
//! type requires nothing: each member may be absent.
#![cfg_attr(
    feature = "schemars",
    doc = r#"
# JSON Schemas

With the feature `schemars` each type implements `schemars::JsonSchema`. Under the contract `Deserialize`, which
is what `schema_for!` takes, the schema admits all that the type is read from: numbers as text, nulls, values
and members that are not known. Under `Serialize` it admits only what the type is written as, and a request
only within the limits that the service sets to it: lengths, bounds, patterns.

```
use cashfree::types::CreateOrder;
use schemars::generate::SchemaSettings;

let read = schemars::schema_for!(CreateOrder);
assert_eq!(read.pointer("/$defs/Amount/type"), Some(&serde_json::json!(["number", "string"])));
let written = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<CreateOrder>();
assert_eq!(written.pointer("/$defs/Amount/type"), Some(&serde_json::json!("number")));
```
"#
)]

#[doc(inline)]
pub use cashfree_gen::types::*;
