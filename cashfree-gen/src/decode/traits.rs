//! The traits of what can be decoded: [`Decode`] from responses and events, tolerantly; [`DecodeStrict`] from
//! what was sent, as it is written.

use super::decoder::Decoder;
use super::error::DecodeError;

/// A value that can be decoded from a response or an event.
pub(crate) trait Decode: Sized {
    /// Decodes an item of a list or a value of a map; `None` for null.
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError>;

    /// Decodes a field, which may be absent in more ways, or an object within a list.
    fn field(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        Self::item(decoder)
    }

    /// Decodes a field into its place, which an absent value leaves as it is.
    #[inline]
    fn field_into(place: &mut Option<Self>, decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        if let Some(value) = Self::field(decoder)? {
            *place = Some(value);
        }
        Ok(())
    }

    /// Decodes the content of a whole body.
    fn body(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match Self::field(decoder)? {
            Some(value) => Ok(value),
            None => Err(decoder.error("null where a value is expected")),
        }
    }
}

impl<T: Decode> Decode for Box<T> {
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        let Some(value) = T::item(decoder)? else { return Ok(None) };
        decoder.charge(size_of::<T>())?;
        Ok(Some(Self::new(value)))
    }

    fn field(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        let Some(value) = T::field(decoder)? else { return Ok(None) };
        decoder.charge(size_of::<T>())?;
        Ok(Some(Self::new(value)))
    }
}

/// A value that can be decoded from a request.
pub(crate) trait DecodeStrict: Sized {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError>;
}

/// Decodes a value that must be there.
pub(crate) fn required<T: Decode>(decoder: &mut Decoder<'_>, expected: &str) -> Result<T, DecodeError> {
    let start = decoder.position();
    match T::item(decoder)? {
        Some(value) => Ok(value),
        None => {
            decoder.rewind(start);
            Err(decoder.unexpected(expected))
        }
    }
}
