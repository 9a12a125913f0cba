//! Strict readers: what is sent is read, by tests and from files, as it is written. A member that need not be
//! there may be null, but a text is no number and a list is never null.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::decode::lenient::{Read, free};
use crate::decode::lexer::{Fault, Json};
use crate::decode::scalar::Scalar;
use crate::decode::wire::Wire;
use crate::{Amount, Decimal};

/// What can be read as it is sent.
pub(crate) trait Strict: Sized {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault>;
}

/// Reads a member that is there.
#[inline]
pub(crate) fn told<T: Strict>(json: &mut Json<'_>) -> Result<Option<T>, Fault> {
    T::strict(json).map(Some)
}

/// Reads what must be there.
pub(crate) fn must<T: Read>(json: &mut Json<'_>, expected: &str) -> Result<T, Fault> {
    let start = json.place();
    match T::item(json)? {
        Some(value) => Ok(value),
        None => {
            json.back_to(start);
            Err(json.unexpected(expected))
        }
    }
}

impl Strict for String {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        match json.peek() {
            Some(b'"') => json.text().map(std::borrow::Cow::into_owned),
            _ => Err(json.unexpected("text")),
        }
    }
}

impl Strict for bool {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        match json.peek() {
            Some(b't' | b'f') => must(json, "true or false"),
            _ => Err(json.unexpected("true or false")),
        }
    }
}

impl Strict for i64 {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        match json.peek() {
            Some(b'-' | b'0'..=b'9') => {
                json.number()?.parse().map_err(|_| json.fault("not a whole number of 64 bits"))
            }
            _ => Err(json.unexpected("a whole number")),
        }
    }
}

impl Strict for Decimal {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        match json.wire()? {
            Wire::Nothing => Err(json.fault("a number is missing")),
            wire => Self::of_wire(wire)
                .map_err(|fault: Fault| json.located(fault))?
                .ok_or_else(|| json.fault("a number is missing")),
        }
    }
}

impl Strict for Amount {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        Decimal::strict(json).map(Self::from)
    }
}

impl Strict for Value {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        free(json)
    }
}

impl<T: Strict> Strict for Box<T> {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        T::strict(json).map(Self::new)
    }
}

impl<T: Strict> Strict for Option<T> {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        if json.eat_null()? { Ok(None) } else { T::strict(json).map(Some) }
    }
}

impl<T: Strict> Strict for Vec<T> {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        let mut list = Self::new();
        json.items(&mut |json| {
            list.push(T::strict(json)?);
            Ok(())
        })?;
        Ok(list)
    }
}

impl<T: Strict> Strict for BTreeMap<String, T> {
    fn strict(json: &mut Json<'_>) -> Result<Self, Fault> {
        let mut entries = Self::new();
        json.entries(&mut |json, name| {
            entries.insert(name.into_owned(), T::strict(json)?);
            Ok(())
        })?;
        Ok(entries)
    }
}
