//! Requests, answers, enums and unions of the API.
//!
//! A request type is made by `new`, which takes what the API requires, and takes the rest by chained
//! setters; it serializes, so that it can be stored and sent again later with the same key. An answer
//! type requires nothing: each member may be absent.

#[doc(inline)]
pub use cashfree_gen::types::*;
