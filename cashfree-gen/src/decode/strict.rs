//! Strict decoding of requests, which are read from files and queues as they are written. An optional field may
//! be null, but text is no number and a list is never null.

use std::collections::BTreeMap;

use super::decoder::Decoder;
use super::error::DecodeError;
use super::traits::{Decode, DecodeStrict, required};
use crate::{Amount, Decimal};

impl DecodeStrict for String {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match decoder.peek() {
            Some(b'"') => decoder.exact_string().map(std::borrow::Cow::into_owned),
            _ => Err(decoder.unexpected("text")),
        }
    }
}

impl DecodeStrict for bool {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match decoder.peek() {
            Some(b't' | b'f') => required(decoder, "true or false"),
            _ => Err(decoder.unexpected("true or false")),
        }
    }
}

impl DecodeStrict for i64 {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match decoder.peek() {
            Some(b'-' | b'0'..=b'9') => {
                decoder.number()?.parse().map_err(|_| decoder.error("not a whole number of 64 bits"))
            }
            _ => Err(decoder.unexpected("a whole number")),
        }
    }
}

impl DecodeStrict for Decimal {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Self::item(decoder)?.ok_or_else(|| decoder.error("a number is missing"))
    }
}

impl DecodeStrict for Amount {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Decimal::strict(decoder).map(Self::from)
    }
}

impl<T: DecodeStrict> DecodeStrict for Box<T> {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::strict(decoder).map(Self::new)
    }
}

impl<T: DecodeStrict> DecodeStrict for Option<T> {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.eat_null()? { Ok(None) } else { T::strict(decoder).map(Some) }
    }
}

impl<T: DecodeStrict> DecodeStrict for Vec<T> {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut list = Self::new();
        decoder.items(&mut |decoder| {
            decoder.charge(size_of::<T>())?;
            list.push(T::strict(decoder)?);
            Ok(())
        })?;
        Ok(list)
    }
}

impl<T: DecodeStrict> DecodeStrict for BTreeMap<String, T> {
    fn strict(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut entries = Self::new();
        decoder.entries(&mut |decoder, name| {
            decoder.charge(size_of::<(String, T)>())?;
            entries.insert(name.into_owned(), T::strict(decoder)?);
            Ok(())
        })?;
        Ok(entries)
    }
}
