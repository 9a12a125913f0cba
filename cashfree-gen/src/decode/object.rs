//! How objects are read: their members by name, in whatever order they come.

use std::collections::BTreeMap;

use serde::de;

use crate::decode::lenient::Read;
use crate::decode::lexer::{Fault, Json, Names};

/// An object that is being read.
pub(crate) trait Object {
    /// What its members are called.
    fn names(&self) -> &'static Names;

    /// Reads the member of the name at this position.
    fn member(&mut self, position: usize, json: &mut Json<'_>) -> Result<(), Fault>;
}

/// What becomes of a member that is there twice.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Twice {
    /// It is not for this crate to choose between two: the whole is refused.
    Refused,
    /// The last one that says something counts, so that no event is lost.
    #[cfg_attr(not(feature = "webhooks"), allow(dead_code, reason = "only events are read so"))]
    Last,
}

/// Reads what stands between the braces into an object that has nothing yet.
pub(crate) fn fill(object: &mut dyn Object, twice: Twice, json: &mut Json<'_>) -> Result<(), Fault> {
    let names = object.names();
    let mut seen = Seen::default();
    json.members(names, |json, position| {
        let Some(position) = position else { return json.skip() };
        if twice == Twice::Refused && seen.again(position) {
            return Err(duplicate(names, position, json));
        }
        object.member(position, json)
    })
}

/// Reads an object where it is to stay, rather than moving it there.
#[inline]
pub(crate) fn fill_in<T: Object + Read + Default>(
    place: &mut Option<T>,
    twice: Twice,
    json: &mut Json<'_>,
) -> Result<(), Fault> {
    // One that is there already, as of another name, stays unless another is told.
    if place.is_some() || json.peek() != Some(b'{') {
        return place.read_by(json, T::read);
    }
    let filled = fill(place.insert(T::default()), twice, json);
    if filled.is_err() {
        *place = None;
    }
    filled
}

#[cold]
fn duplicate(names: &'static Names, position: usize, json: &Json<'_>) -> Fault {
    json.located(de::Error::duplicate_field(names.name(position))).for_good()
}

/// Which members were there.
#[derive(Default)]
struct Seen {
    first: u128,
    rest: Vec<usize>,
}

impl Seen {
    fn again(&mut self, position: usize) -> bool {
        if position < 128 {
            let bit = 1 << position;
            let again = self.first & bit != 0;
            self.first |= bit;
            return again;
        }
        let again = self.rest.contains(&position);
        self.rest.push(position);
        again
    }
}

/// A member that need not be there: absent as long as nothing is said.
pub(crate) trait Member {
    /// What it holds if it is there.
    type Told;

    /// Reads it; what says nothing leaves it as it is.
    fn read(&mut self, json: &mut Json<'_>) -> Result<(), Fault>
    where
        Self::Told: Read,
    {
        self.read_by(json, Self::Told::read)
    }

    fn read_by(
        &mut self,
        json: &mut Json<'_>,
        read: impl Fn(&mut Json<'_>) -> Result<Option<Self::Told>, Fault>,
    ) -> Result<(), Fault>;

    fn is_absent(&self) -> bool;
}

impl<T> Member for Option<T> {
    type Told = T;

    #[inline]
    fn read(&mut self, json: &mut Json<'_>) -> Result<(), Fault>
    where
        T: Read,
    {
        T::read_into(self, json)
    }

    #[inline]
    fn read_by(
        &mut self,
        json: &mut Json<'_>,
        read: impl Fn(&mut Json<'_>) -> Result<Self, Fault>,
    ) -> Result<(), Fault> {
        if let Some(told) = read(json)? {
            *self = Some(told);
        }
        Ok(())
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// Lists and maps.
macro_rules! collections {
    ($($name:ty: $of:ident;)*) => { $(
        impl<$of> Member for $name {
            type Told = Self;

            #[inline]
            fn read_by(
                &mut self,
                json: &mut Json<'_>,
                read: impl Fn(&mut Json<'_>) -> Result<Option<Self>, Fault>,
            ) -> Result<(), Fault> {
                match read(json)? {
                    Some(told) if !told.is_empty() => *self = told,
                    _ => {}
                }
                Ok(())
            }

            fn is_absent(&self) -> bool {
                self.is_empty()
            }
        }
    )* };
}

collections! {
    Vec<T>: T;
    BTreeMap<String, T>: T;
}

/// The fault that a required member is missing.
#[cold]
pub(crate) fn missing(name: &'static str, json: &Json<'_>) -> Fault {
    json.located(de::Error::missing_field(name))
}

/// A struct that is read in an answer or an event, with its readers; it requires nothing. `#[members(Refused)]` or
/// `#[members(Last)]` says what becomes of one that is there [`Twice`]; `#[read(names)]` at each
/// what it may be called, of which the first is written, and after `by` the function of
/// [`lenient`](crate::decode::lenient) that reads it, where that is not its type's own.
macro_rules! object {
    (
        $(#[doc = $docs:literal])*
        #[members($twice:ident)]
        #[derive($($derived:ident),*)]
        #[non_exhaustive]
        pub struct $name:ident { $(
            $(#[doc = $member_docs:literal])*
            #[read($written:literal $(or $other:literal)? $(by $read:ident)?)]
            pub $member:ident: $ty:ty,
        )* }
    ) => {
        $(#[doc = $docs])*
        #[derive($($derived,)* serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(default))]
        #[non_exhaustive]
        pub struct $name { $(
            $(#[doc = $member_docs])*
            #[serde(rename = $written, skip_serializing_if = "crate::decode::object::Member::is_absent")]
            pub $member: $ty,
        )* }

        $crate::decode::object::object! { @members $name { $(
            #[read($written $(or $other)? $(by $read)?)] $member: $ty,
        )* } }

        impl $crate::decode::lenient::Read for $name {
            #[inline]
            fn item(json: &mut $crate::decode::lexer::Json<'_>) -> Result<Option<Self>, $crate::decode::lexer::Fault> {
                if json.eat_null()? {
                    return Ok(None);
                }
                let mut object = <Self as Default>::default();
                $crate::decode::object::fill(&mut object, $crate::decode::object::Twice::$twice, json)?;
                Ok(Some(object))
            }

            #[inline]
            fn read(json: &mut $crate::decode::lexer::Json<'_>) -> Result<Option<Self>, $crate::decode::lexer::Fault> {
                $crate::decode::lenient::object(json, <Self as $crate::decode::lenient::Read>::item)
            }

            #[inline]
            fn read_into(
                place: &mut Option<Self>,
                json: &mut $crate::decode::lexer::Json<'_>,
            ) -> Result<(), $crate::decode::lexer::Fault> {
                $crate::decode::object::fill_in(place, $crate::decode::object::Twice::$twice, json)
            }
        }

        $crate::decode::object::object! { @deserialize $name }
    };
    (@members $name:ident { $(
        #[read($written:literal $(or $other:literal)? $(by $read:ident)?)] $member:ident: $ty:ty,
    )* }) => {
        const _: () = {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as the members")]
            enum Place { $($member),* }

            const ALL: &[(&str, usize)] = &[
                $(($crate::decode::lexer::written!($written), Place::$member as usize),)*
                $($(($crate::decode::lexer::written!($other), Place::$member as usize),)?)*
            ];

            static NAMES: $crate::decode::lexer::Names = $crate::decode::lexer::Names {
                all: ALL,
                table: &$crate::decode::lexer::Names::table::<{ $crate::decode::lexer::Names::room(ALL.len()) }>(ALL),
            };

            impl $crate::decode::object::Object for $name {
                #[inline]
                fn names(&self) -> &'static $crate::decode::lexer::Names {
                    &NAMES
                }

                #[allow(non_upper_case_globals, unused_variables, reason = "named as the members, but for what is underlined")]
                #[inline]
                fn member(
                    &mut self,
                    __position: usize,
                    __json: &mut $crate::decode::lexer::Json<'_>,
                ) -> Result<(), $crate::decode::lexer::Fault> {
                    $(const $member: usize = Place::$member as usize;)*
                    match __position {
                        $($member => $crate::decode::object::object!(@read self.$member, __json $(, $read)?),)*
                        _ => Ok(()),
                    }
                }
            }
        };
    };
    (@read $object:ident.$member:ident, $json:ident) => {
        $crate::decode::object::Member::read(&mut $object.$member, $json)
    };
    (@read $object:ident.$member:ident, $json:ident, $read:ident) => {
        $crate::decode::object::Member::read_by(&mut $object.$member, $json, $crate::decode::lenient::$read)
    };
    (@deserialize $name:ident) => {
        impl $crate::decode::strict::Strict for $name {
            #[inline]
            fn strict(json: &mut $crate::decode::lexer::Json<'_>) -> Result<Self, $crate::decode::lexer::Fault> {
                $crate::decode::strict::must(json, "an object")
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::decode::wire::through(deserializer)
            }
        }
    };
}

/// The same for what is only sent, which is read as strictly as it is written: `#[required(name)]` is at each
/// member that must be there.
macro_rules! strict_object {
    (
        $(#[doc = $docs:literal])*
        #[derive($($derived:ident),*)]
        #[non_exhaustive]
        pub struct $name:ident { $(
            $(#[doc = $member_docs:literal])*
            $(#[read($written:literal)])?
            $(#[required($required:literal)])?
            $(#[limits($($limit:literal = $bound:literal),*)])?
            pub $member:ident: $ty:ty,
        )* }
    ) => {
        $(#[doc = $docs])*
        #[derive($($derived,)* serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
        #[non_exhaustive]
        pub struct $name { $(
            $(#[doc = $member_docs])*
            $(#[cfg_attr(feature = "schemars", schemars(extend($($limit = $bound),*)))])?
            $(#[cfg_attr(feature = "schemars", schemars(default))]
            #[serde(rename = $written, skip_serializing_if = "crate::decode::object::Member::is_absent")])?
            $(#[serde(rename = $required)])?
            pub $member: $ty,
        )* }

        const _: () = {
            /// What is known of it while it is read.
            #[derive(Default)]
            struct Draft { $($member: Option<$ty>,)* }

            $crate::decode::object::object! { @members Draft { $(
                #[read($($written)? $($required)? by told)] $member: Option<$ty>,
            )* } }

            impl $crate::decode::lenient::Read for $name {
                #[inline]
                fn item(json: &mut $crate::decode::lexer::Json<'_>) -> Result<Option<Self>, $crate::decode::lexer::Fault> {
                    if json.eat_null()? {
                        return Ok(None);
                    }
                    let mut draft = Draft::default();
                    $crate::decode::object::fill(&mut draft, $crate::decode::object::Twice::Refused, json)?;
                    Ok(Some(Self { $(
                        $member: match draft.$member {
                            Some(told) => told,
                            None => $crate::decode::object::strict_object!(@absent json $(, $required)?),
                        },
                    )* }))
                }

                #[inline]
                fn read(json: &mut $crate::decode::lexer::Json<'_>) -> Result<Option<Self>, $crate::decode::lexer::Fault> {
                    $crate::decode::lenient::object(json, <Self as $crate::decode::lenient::Read>::item)
                }
            }
        };

        $crate::decode::object::object! { @deserialize $name }
    };
    (@absent $json:ident) => { Default::default() };
    (@absent $json:ident, $required:literal) => {
        return Err($crate::decode::object::missing($required, $json))
    };
}

pub(crate) use {object, strict_object};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use crate::webhooks::Event;

    fn payment(data: &str) -> Option<String> {
        let body = format!(r#"{{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{{"payment":{{{data}}}}}}}"#);
        let Event::PaymentSuccess(event) = Event::read(body.as_bytes()).unwrap() else { return None };
        event.payment?.bank_reference
    }

    #[test]
    fn of_a_member_that_is_there_twice_the_last_that_says_something_counts() {
        for (data, told) in [
            (r#""bank_reference":"1""#, Some("1")),
            (r#""bankReference":"1""#, Some("1")),
            (r#""bankReference":"1","bank_reference":"2""#, Some("2")),
            (r#""bank_reference":"2","bankReference":"1""#, Some("1")),
            (r#""bank_reference":"2","bankReference":null"#, Some("2")),
            (r#""bank_reference":null,"bankReference":"1""#, Some("1")),
            (r#""bank_reference":"1","bank_reference":"2""#, Some("2")),
            (r#""bank_reference":"1","bank_reference":null,"x":1,"x":2"#, Some("1")),
            (r#""bank\u005freference":"1","bank_reference":null"#, Some("1")),
            (r#""bankreference":"1""#, None),
        ] {
            assert_eq!(payment(data).as_deref(), told, "{data}");
        }
    }

    #[test]
    fn so_it_does_for_lists_and_for_whole_objects() {
        let body = r#"{"type":"PAYMENT_SUCCESS_WEBHOOK","data":{
            "payment_offers":[{"offer_id":"a"}],"paymentOffers":[],
            "customerDetails":{"customer_id":"1"},"customer_details":{"customer_id":"2"},
            "order":{"order_id":"o"},"order":""}}"#;
        let Event::PaymentSuccess(event) = Event::read(body.as_bytes()).unwrap() else { panic!("another") };
        assert_eq!(event.payment_offers.len(), 1);
        assert_eq!(event.customer_details.unwrap().customer_id.unwrap().as_str(), "2");
        assert_eq!(event.order.unwrap().order_id.unwrap().as_str(), "o");
    }
}
