//! The specification extensions (`x-…`) that the overlay writes or the passes leave for the model.

/// Overlay: a text or free JSON field that is a secret.
pub(crate) const SENSITIVE: &str = "x-cashfree-sensitive";
/// Overlay: the retry class of an operation: `safe`, `keyed` or `never`.
pub(crate) const RETRY_CLASS: &str = "x-cashfree-retry-class";
/// Overlay: what the service enforces against a second write without its key.
pub(crate) const PROTECTED_BY: &str = "x-cashfree-protected-by";
/// Overlay: corrections to the derived identity of a response.
pub(crate) const IDENTITY: &str = "x-cashfree-identity";
/// Overlay: the operation that shows what a write did, whose response is of another type.
pub(crate) const LOOK_UP: &str = "x-cashfree-look-up";
/// Overlay: a field that stands in each response, so that a response without it can't be decoded.
pub(crate) const PRESENT: &str = "x-cashfree-present";
/// Overlay: an enum of responses with a value for *absent*, so that fields that hold it are never optional.
pub(crate) const ABSENT: &str = "x-cashfree-absent";
/// Overlay: that the limits of a value are those that the service was seen to keep, not those of the document.
pub(crate) const OBSERVED_LIMITS: &str = "x-cashfree-limits";
/// Overlay: the operation that reads what a write creates.
pub(crate) const READ_BACK: &str = "x-cashfree-read-back";
/// Events: the fields that distinguish occurrences of an event.
pub(crate) const EVENT_IDENTITY: &str = "x-cashfree-event-identity";
/// Overlay: the Rust name of a type or an event.
pub(crate) const RUST_NAME: &str = "x-rust-name";
/// Overlay: the Rust name of a field.
pub(crate) const RUST_FIELD: &str = "x-rust-field";
/// Pass: the Rust names of an object's fields, by their wire names.
pub(crate) const FIELD_NAMES: &str = "x-fields";
/// Pass: the fields of an object that stand in each response.
pub(crate) const PRESENT_FIELDS: &str = "x-present";
/// Pass: the limits and the default of a value, in the words of JSON Schema.
pub(crate) const LIMITS: &str = "x-limits";
/// Pass: the wire names of parameters whose arguments have another name.
pub(crate) const WIRE: &str = "x-wire";
/// Pass: whether a schema is an `object`, an `enum` or a `union`.
pub(crate) const KIND: &str = "x-kind";
/// Pass: whether a schema is sent, received, or both.
pub(crate) const DIRECTION: &str = "x-direction";
/// Pass: the name of a schema in the document.
pub(crate) const SOURCE: &str = "x-source";
/// Pass: whether the operation declares an idempotency key.
pub(crate) const IDEMPOTENCY_KEY: &str = "x-idempotency-key";
/// Pass: the declared multipart body of an upload.
pub(crate) const MULTIPART: &str = "x-multipart";
/// Pass: whether a schema is an object that holds nothing.
pub(crate) const EMPTY: &str = "x-empty";
/// Pass: the keys of a union.
pub(crate) const KEYS: &str = "x-keys";
/// Vendor: the edition from which an operation or a component is kept that a later edition lacks.
pub const KEPT_FROM: &str = "x-kept-from";
