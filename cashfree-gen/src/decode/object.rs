//! Objects: their fields by name, in whatever order they come.

use std::collections::BTreeMap;

use super::decoder::Decoder;
use super::error::DecodeError;
use super::names::Names;
use super::traits::Decode;
use crate::{
    Amount, CfLinkId, CfOrderId, CfPaymentId, CfRefundId, CfSubscriptionId, Currency, LinkId, OrderId,
    PaymentId, RefundId, SubscriptionId,
};

/// A struct that is being decoded, field by field.
pub(crate) trait Object {
    /// A struct without values; those of required fields are placeholders.
    fn empty() -> Self
    where
        Self: Sized;

    /// The fields without which it can't be decoded: a bit for each, by its position.
    fn required(&self) -> u128 {
        0
    }

    /// The names of its fields.
    fn names(&self) -> &'static Names;

    /// What becomes of a field that is there twice.
    fn duplicates(&self) -> Duplicates;

    /// Decodes the field whose name is at this position.
    fn decode_field(&mut self, position: usize, decoder: &mut Decoder<'_>) -> Result<(), DecodeError>;
}

/// What becomes of a field that is there twice.
#[allow(non_camel_case_types, reason = "words of `impl_decode!`")]
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Duplicates {
    /// The whole is refused: the client does not choose between two values.
    refused,
    /// The last value that is not absent counts, so that no event is lost.
    #[cfg_attr(not(feature = "webhook"), allow(dead_code, reason = "only events are decoded so"))]
    last,
}

/// Decodes an object into a struct that has nothing yet.
pub(crate) fn fill(object: &mut dyn Object, decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
    let names = object.names();
    let refuses = object.duplicates() == Duplicates::refused;
    let mut seen = Seen::default();
    let mut missing = object.required();
    decoder.fields(names, |decoder, position| {
        let Some(position) = position else { return decoder.skip() };
        if refuses && seen.insert(position) {
            return Err(duplicate(names, position, decoder));
        }
        let outcome = object.decode_field(position, decoder);
        if missing != 0
            && let Some(bit) = 1_u128.checked_shl(position as u32).filter(|bit| missing & bit != 0)
        {
            // Its error is that of the object, and says more than that there is no value.
            outcome.map_err(DecodeError::into_final)?;
            missing &= !bit;
            return Ok(());
        }
        outcome
    })?;
    match missing {
        0 => Ok(()),
        _ => Err(self::missing(names, missing.trailing_zeros() as usize, decoder)),
    }
}

/// Decodes a request, whose fields are each there once.
pub(crate) fn fields_once<'a>(
    names: &'static Names,
    decoder: &mut Decoder<'a>,
    read: &mut dyn FnMut(usize, &mut Decoder<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut seen = Seen::default();
    decoder.fields(names, |decoder, position| {
        let Some(position) = position else { return decoder.skip() };
        if seen.insert(position) {
            return Err(duplicate(names, position, decoder));
        }
        read(position, decoder)
    })
}

/// Decodes an object where it is to stay, rather than moving it there.
#[inline]
pub(crate) fn fill_in<T: Object + Decode>(
    place: &mut Option<T>,
    decoder: &mut Decoder<'_>,
) -> Result<(), DecodeError> {
    // An earlier one, as of another name, stays unless the next is not absent.
    if place.is_some() || decoder.peek() != Some(b'{') {
        return place.decode_by(decoder, T::field);
    }
    let filled = fill(place.insert(T::empty()), decoder);
    if filled.is_err() {
        *place = None;
    }
    filled
}

#[cold]
fn duplicate(names: &'static Names, position: usize, decoder: &Decoder<'_>) -> DecodeError {
    let reason = format!("duplicate field `{}`", names.name(position));
    decoder.located(DecodeError::new(reason.into(), None)).into_final()
}

/// The error that a required field is missing.
#[cold]
pub(crate) fn missing(names: &'static Names, position: usize, decoder: &Decoder<'_>) -> DecodeError {
    let reason = format!("missing field `{}`", names.name(position));
    decoder.located(DecodeError::new(reason.into(), None))
}

/// The fields that were there.
#[derive(Default)]
struct Seen {
    /// One bit for each of the first fields.
    first: [u64; 2],
    rest: Vec<usize>,
}

impl Seen {
    /// Returns whether it was there before.
    #[inline]
    fn insert(&mut self, position: usize) -> bool {
        if let Some(bits) = self.first.get_mut(position / 64) {
            let bit = 1 << (position % 64);
            let known = *bits & bit != 0;
            *bits |= bit;
            return known;
        }
        let known = self.rest.contains(&position);
        self.rest.push(position);
        known
    }
}

/// A field of a response or an event.
pub(crate) trait Field {
    /// What it holds if it is there.
    type Value;

    /// Its value in a struct that has nothing yet.
    fn empty() -> Self
    where
        Self: Sized;

    /// Decodes it; an absent value leaves it as it is.
    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Result<(), DecodeError>
    where
        Self::Value: Decode,
    {
        self.decode_by(decoder, Self::Value::field)
    }

    fn decode_by(
        &mut self,
        decoder: &mut Decoder<'_>,
        decode: impl Fn(&mut Decoder<'_>) -> Result<Option<Self::Value>, DecodeError>,
    ) -> Result<(), DecodeError>;
}

impl<T> Field for Option<T> {
    type Value = T;

    #[inline]
    fn empty() -> Self {
        None
    }

    #[inline]
    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Result<(), DecodeError>
    where
        T: Decode,
    {
        T::field_into(self, decoder)
    }

    #[inline]
    fn decode_by(
        &mut self,
        decoder: &mut Decoder<'_>,
        decode: impl Fn(&mut Decoder<'_>) -> Result<Self, DecodeError>,
    ) -> Result<(), DecodeError> {
        if let Some(value) = decode(decoder)? {
            *self = Some(value);
        }
        Ok(())
    }
}

/// Lists and maps, which are empty when absent.
macro_rules! impl_field {
    ($($name:ty: $of:ident;)*) => { $(
        impl<$of> Field for $name {
            type Value = Self;

            #[inline]
            fn empty() -> Self {
                Self::new()
            }

            #[inline]
            fn decode_by(
                &mut self,
                decoder: &mut Decoder<'_>,
                decode: impl Fn(&mut Decoder<'_>) -> Result<Option<Self>, DecodeError>,
            ) -> Result<(), DecodeError> {
                match decode(decoder)? {
                    Some(value) if !value.is_empty() => *self = value,
                    _ => {}
                }
                Ok(())
            }
        }
    )* };
}

impl_field! {
    Vec<T>: T;
    BTreeMap<String, T>: T;
}

/// Fields that stand in each response: an absent value is an error. The placeholder never leaves the decoder.
macro_rules! impl_field_present {
    ($($name:ty: $empty:expr, $is_empty:expr;)*) => { $(
        impl Field for $name {
            type Value = Self;

            #[inline]
            fn empty() -> Self {
                $empty
            }

            #[inline]
            fn decode_by(
                &mut self,
                decoder: &mut Decoder<'_>,
                decode: impl Fn(&mut Decoder<'_>) -> Result<Option<Self>, DecodeError>,
            ) -> Result<(), DecodeError> {
                let is_empty: fn(&Self) -> bool = $is_empty;
                match decode(decoder)? {
                    Some(value) if !is_empty(&value) => {
                        *self = value;
                        Ok(())
                    }
                    _ => Err(decoder.error("no value where one is expected")),
                }
            }
        }
    )* };
    (text $($name:ty),* $(,)?) => {
        impl_field_present! { $($name: Self::from(""), |value| value.as_str().is_empty();)* }
    };
}

impl_field_present! { Amount: Self::default(), |_| false; }
impl_field_present!(
    text Currency, OrderId, CfOrderId, CfPaymentId, RefundId, CfRefundId, LinkId, CfLinkId, SubscriptionId,
    CfSubscriptionId, PaymentId,
);

/// Makes a constant `$names` of the names of fields.
macro_rules! names {
    ($names:ident, $position:ident: $($field:ident $($written:literal)? $(or $other:literal)?,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as the fields")]
        enum $position { $($field),* }

        const ALL: &[(&str, usize)] = &[
            $(($crate::decode::names::quoted!($field $($written)?), $position::$field as usize),)*
            $($(($crate::decode::names::quoted!($field $other), $position::$field as usize),)?)*
        ];

        static $names: $crate::decode::names::Names = $crate::decode::names::Names {
            all: ALL,
            table: &$crate::decode::names::Names::table::<{ $crate::decode::names::Names::room(ALL.len()) }>(ALL),
        };
    };
}

/// Implements tolerant decoding of a struct of a response or an event, whose fields may be absent, but for those
/// that `present` lists.
///
/// `duplicates` says what becomes of a field that is there twice ([`Duplicates`]). A field is called as it is
/// in the struct, unless `= "name"` says otherwise; `or "name"` is another spelling that is accepted, and
/// `with function` decodes a field that is not decoded as its type is.
macro_rules! impl_decode {
    ($name:ident, duplicates: $duplicates:ident, $(present: { $($present:ident),* $(,)? },)? {
        $($field:ident $(= $written:literal)? $(or $other:literal)? $(with $decode:path)?),* $(,)?
    }) => {
        const _: () = {
            $crate::decode::object::names! {
                NAMES, Position: $($field $($written)? $(or $other)?,)*
            }

            impl $crate::decode::object::Object for $name {
                #[inline]
                fn empty() -> Self {
                    Self { $($field: $crate::decode::object::Field::empty(),)* }
                }

                $(
                    #[inline]
                    fn required(&self) -> u128 {
                        const REQUIRED: u128 = 0 $(| 1 << Position::$present as u32)*;
                        REQUIRED
                    }
                )?

                #[inline]
                fn names(&self) -> &'static $crate::decode::names::Names {
                    &NAMES
                }

                #[inline]
                fn duplicates(&self) -> $crate::decode::object::Duplicates {
                    $crate::decode::object::Duplicates::$duplicates
                }

                #[allow(non_upper_case_globals, unused_variables, reason = "named as the fields")]
                #[inline]
                fn decode_field(
                    &mut self,
                    position: usize,
                    decoder: &mut $crate::decode::decoder::Decoder<'_>,
                ) -> Result<(), $crate::decode::error::DecodeError> {
                    $(const $field: usize = Position::$field as usize;)*
                    match position {
                        $($field => $crate::decode::object::impl_decode!(
                            @field self.$field, decoder $(, $decode)?
                        ),)*
                        _ => Ok(()),
                    }
                }
            }
        };

        impl $crate::decode::traits::Decode for $name {
            #[inline]
            fn item(
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<Option<Self>, $crate::decode::error::DecodeError> {
                if decoder.eat_null()? {
                    return Ok(None);
                }
                let mut object = <Self as $crate::decode::object::Object>::empty();
                $crate::decode::object::fill(&mut object, decoder)?;
                Ok(Some(object))
            }

            #[inline]
            fn field(
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<Option<Self>, $crate::decode::error::DecodeError> {
                $crate::decode::collections::object(decoder, <Self as $crate::decode::traits::Decode>::item)
            }

            #[inline]
            fn field_into(
                place: &mut Option<Self>,
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<(), $crate::decode::error::DecodeError> {
                $crate::decode::object::fill_in(place, decoder)
            }
        }

        $crate::decode::object::impl_decode_strict!($name);
        $crate::decode::serde::impl_deserialize!($name);
    };
    (@field $object:ident.$field:ident, $decoder:ident) => {
        $crate::decode::object::Field::decode(&mut $object.$field, $decoder)
    };
    (@field $object:ident.$field:ident, $decoder:ident, $decode:path) => {
        $crate::decode::object::Field::decode_by(&mut $object.$field, $decoder, $decode)
    };
}

/// Implements strict decoding of the struct of a request, as it is written.
macro_rules! impl_decode_request {
    ($name:ident, required: { $($required:ident $(= $required_name:literal)?),* $(,)? }, optional: {
        $($optional:ident $(= $optional_name:literal)?),* $(,)?
    }) => {
        const _: () = {
            $crate::decode::object::names! {
                NAMES, Position: $($required $($required_name)?,)* $($optional $($optional_name)?,)*
            }

            impl $crate::decode::traits::Decode for $name {
                #[allow(unused_variables, unused_mut, reason = "a request may have no field")]
                fn item(
                    decoder: &mut $crate::decode::decoder::Decoder<'_>,
                ) -> Result<Option<Self>, $crate::decode::error::DecodeError> {
                    if decoder.eat_null()? {
                        return Ok(None);
                    }
                    $(let mut $required = None;)*
                    $(let mut $optional = None;)*
                    $crate::decode::object::fields_once(&NAMES, decoder, &mut |position, decoder| {
                        $(if position == Position::$required as usize {
                            $required = Some($crate::decode::traits::DecodeStrict::strict(decoder)?);
                        })*
                        $(if position == Position::$optional as usize {
                            $optional = Some($crate::decode::traits::DecodeStrict::strict(decoder)?);
                        })*
                        Ok(())
                    })?;
                    Ok(Some(Self {
                        $($required: match $required {
                            Some(value) => value,
                            None => {
                                let position = Position::$required as usize;
                                return Err($crate::decode::object::missing(&NAMES, position, decoder));
                            }
                        },)*
                        $($optional: $optional.unwrap_or_default(),)*
                    }))
                }

                fn field(
                    decoder: &mut $crate::decode::decoder::Decoder<'_>,
                ) -> Result<Option<Self>, $crate::decode::error::DecodeError> {
                    $crate::decode::collections::object(decoder, <Self as $crate::decode::traits::Decode>::item)
                }
            }
        };

        $crate::decode::object::impl_decode_strict!($name);
        $crate::decode::serde::impl_deserialize!($name);
    };
}

/// Implements strict decoding of an object or a union by its tolerant one.
macro_rules! impl_decode_strict {
    ($name:ident) => {
        impl $crate::decode::traits::DecodeStrict for $name {
            #[inline]
            fn strict(
                decoder: &mut $crate::decode::decoder::Decoder<'_>,
            ) -> Result<Self, $crate::decode::error::DecodeError> {
                $crate::decode::traits::required(decoder, "an object")
            }
        }
    };
}

pub(crate) use {impl_decode, impl_decode_request, impl_decode_strict, names};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
