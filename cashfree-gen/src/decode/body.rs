//! Whole bodies: of responses, decoded into the types of this crate or into those of the caller.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::decoder::{Decoder, text_of};
use super::error::DecodeError;
use super::foreign;
use super::traits::Decode;
use super::unparsed::Decoded;

/// A type that a response body is decoded into: the responses of the API, lists of them, and what they consist of.
///
/// The client decodes its responses in this way. `serde` decodes the same types, within others and from other
/// formats, but more slowly.
///
/// ```
/// use cashfree_gen::FromJson;
/// use cashfree_gen::types::Order;
///
/// let body = br#"{"cf_order_id":1,"order_id":7,"order_amount":"499.00","order_currency":"INR"}"#;
/// let order = Order::from_json(body)?;
/// assert_eq!(order.order_id, "7");
/// let error = Order::from_json(br#"{"order_id":7}"#).unwrap_err();
/// assert!(error.reason().starts_with("missing field `cf_order_id`"));
/// let error = Order::from_json(br#"{"order_amount":{}}"#).unwrap_err();
/// assert_eq!(error.path(), "order_amount");
/// # Ok::<(), cashfree_gen::DecodeError>(())
/// ```
pub trait FromJson: sealed::Sealed + Sized {
    /// Decodes a whole body: an object, or a list of one, for an object; a list, or a single item, for a list.
    /// A field that can't be decoded is an error.
    ///
    /// # Errors
    /// [`DecodeError`] with the JSON path.
    fn from_json(json: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes a whole body as the client does: a field that can't be decoded is absent in the value and kept as
    /// JSON.
    ///
    /// # Errors
    /// [`DecodeError`] with the JSON path, for a number, and for the content of the body as a whole.
    fn from_json_tolerant(json: &[u8]) -> Result<Decoded<Self>, DecodeError>;
}

impl<T: Decode> FromJson for T {
    fn from_json(json: &[u8]) -> Result<Self, DecodeError> {
        let text = text_of(json);
        Decoder::of(&text).whole(T::body).map_err(|error| error.located_in(&text))
    }

    fn from_json_tolerant(json: &[u8]) -> Result<Decoded<Self>, DecodeError> {
        let text = text_of(json);
        Decoder::of(&text).whole_with_notes(T::body).map_err(|error| error.located_in(&text))
    }
}

mod sealed {
    #[allow(unnameable_types, reason = "so that only types of this crate implement the trait")]
    pub trait Sealed {}

    impl<T: super::Decode> Sealed for T {}
}

/// Returns a body as text that JSON parsers accept: without a byte order mark, and with U+FFFD for bytes that are
/// not UTF-8 and for halves of surrogate pairs. The client reads responses, errors and events so.
pub fn json_text(body: &[u8]) -> Cow<'_, str> {
    foreign::valid_text(body).0
}

/// Decodes one object into a type of the caller, from an object or a list of one. Bytes that are not UTF-8 read
/// as U+FFFD.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// struct Order {
///     order_id: String,
/// }
/// let order: Order = cashfree_gen::decode_object(br#"{"order_id":"order_1"}"#)?;
/// assert_eq!(order.order_id, "order_1");
/// let error = cashfree_gen::decode_object::<Order>(br#"{"order_id":{}}"#).unwrap_err();
/// assert_eq!(error.path(), "order_id");
/// # Ok::<(), cashfree_gen::DecodeError>(())
/// ```
///
/// # Errors
/// [`DecodeError`] with the JSON path.
pub fn decode_object<T: DeserializeOwned>(json: &[u8]) -> Result<T, DecodeError> {
    foreign::decode_object(json).map(|decoded| decoded.value)
}
