//! Lists, maps, and the forms that stand for an object.

use std::collections::BTreeMap;

use super::decoder::{Decoder, ReadItem};
use super::error::DecodeError;
use super::scalar::eat_nothing;
use super::traits::Decode;
use crate::scalar::is_nothing;

/// Decodes an optional object or union by `item`, which accepts nothing else. A list of one stands for what it
/// holds.
#[inline]
pub(crate) fn object<'a, T>(
    decoder: &mut Decoder<'a>,
    item: impl Fn(&mut Decoder<'a>) -> Result<Option<T>, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    if decoder.peek() == Some(b'{') {
        return item(decoder);
    }
    let mut found = None;
    in_other_form(decoder, &mut |decoder| {
        if let Some(another) = item(decoder)?
            && found.replace(another).is_some()
        {
            return Err(decoder.error("several objects where one is expected"));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Reads what may stand for an object: a list of one, in which null does not count, or nothing.
fn in_other_form<'a>(decoder: &mut Decoder<'a>, item: ReadItem<'_, 'a>) -> Result<(), DecodeError> {
    match decoder.peek() {
        Some(b'[') => decoder.items(item),
        _ if eat_nothing(decoder, is_nothing)? => Ok(()),
        _ => Err(decoder.unexpected("an object")),
    }
}

/// Decodes a list. Null items are left out; a single item is a list of one.
impl<T: Decode> Decode for Vec<T> {
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        if decoder.eat_null()? {
            return Ok(None);
        }
        let mut list = Self::new();
        each(decoder, &mut |decoder| {
            if let Some(item) = T::item(decoder)? {
                decoder.charge(size_of::<T>())?;
                // Most lists hold one item, and room for four is more than an allocator has at hand.
                if list.is_empty() {
                    list.reserve_exact(1);
                }
                list.push(item);
            }
            Ok(())
        })?;
        Ok(Some(list))
    }

    /// Nothing is an empty list.
    fn body(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(Self::field(decoder)?.unwrap_or_default())
    }
}

/// Reads the items of a list, or a single one.
fn each<'a>(decoder: &mut Decoder<'a>, item: ReadItem<'_, 'a>) -> Result<(), DecodeError> {
    match decoder.peek() {
        Some(b'[') => decoder.items(item),
        _ if eat_nothing(decoder, is_nothing)? => Ok(()),
        _ => item(decoder),
    }
}

/// Decodes a map. Null, an empty list, empty text and the text `{}` are an empty map, and a list of one is the
/// map that it holds. Values that are null are left out.
impl<T: Decode> Decode for BTreeMap<String, T> {
    fn item(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        if decoder.eat_null()? {
            return Ok(None);
        }
        let mut entries = Self::new();
        decoder.entries(&mut |decoder, name| {
            if let Some(value) = T::item(decoder)? {
                decoder.charge(size_of::<(String, T)>())?;
                entries.insert(name.into_owned(), value);
            }
            Ok(())
        })?;
        Ok(Some(entries))
    }

    fn field(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
        if eat_nothing(decoder, |text| text == "{}")? { Ok(None) } else { object(decoder, Self::item) }
    }
}
