//! Requests, answers, enums and unions of the API.
//!
//! A request type is made by `new`, which takes what the API requires, and takes the rest by chained
//! setters; it serializes, so that it can be stored and sent again later with the same key. An answer
//! type requires nothing: each member may be absent.
#![cfg_attr(
    feature = "schemars",
    doc = r#"
# JSON Schemas

With the feature `schemars` each type implements `schemars::JsonSchema`: the schema of what it is serialized as,
under either contract of `schemars`.

- A request's schema has the documented limits (lengths, bounds, patterns) and admits no other properties.
- An optional field is never serialized as null, although its schema admits null.
- Deserialization reads more than the schema admits: numbers as text, unknown enum values and fields, and other
  forms that the service is known to send.

```
use cashfree::types::CreateOrder;

let schema = schemars::schema_for!(CreateOrder);
assert_eq!(schema.pointer("/properties/order_amount/minimum"), Some(&serde_json::json!(1)));
assert_eq!(schema.pointer("/$defs/OrderId/type"), Some(&serde_json::json!("string")));
```
"#
)]

#[doc(inline)]
pub use cashfree_gen::types::*;
