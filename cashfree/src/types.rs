//! Requests, responses, enums and unions of the API, by the area that uses them.
//!
//! Each type is also in this module itself: `types::Order` is `types::orders::Order`. Types that several areas use are in
//! [`common`].
//!
//! A request type is created by `new` with the required fields; chained setters take the others. It serializes, so that it
//! can be stored and resent later with the same key. In a response most fields are optional. The ids, amount and currency
//! of an object are not, nor is its status: an absent status has the value `Absent`.
//!
//! ```
//! use cashfree::types::{Order, OrderStatus};
//!
//! let order: Order = serde_json::from_str(
//!     r#"{"order_id":"order_1","cf_order_id":"1","order_amount":499.00,"order_currency":"INR"}"#,
//! )?;
//! assert!(order.order_id == "order_1" && order.order_status == OrderStatus::Absent);
//! # Ok::<(), serde_json::Error>(())
//! ```
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
pub use cashfree_gen::areas::*;
#[doc(hidden)]
pub use cashfree_gen::types::*;
