//! How an object of an event is read: each member under either of its spellings.

use std::collections::BTreeMap;

/// A member of an event's object: absent as long as nothing is said.
pub(crate) trait Member {
    fn is_absent(&self) -> bool;
}

impl<T> Member for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Member for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Member for BTreeMap<K, V> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// A struct with `#[read(how, names)]` at each member: a function of [`lenient`](crate::lenient), and what
/// the member may be called, of which the first is written. Derived code would refuse an object that has a
/// member twice, or under both names; here the last one that says something counts, and no event is lost.
macro_rules! event_object {
    (
        $(#[doc = $docs:literal])*
        #[derive($($derived:ident),*)]
        #[non_exhaustive]
        pub struct $name:ident { $(
            $(#[doc = $member_docs:literal])*
            #[read($read:ident, $written:literal $(or $other:literal)?)]
            pub $member:ident: $ty:ty,
        )* }
    ) => {
        $(#[doc = $docs])*
        #[derive($($derived),*, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name { $(
            $(#[doc = $member_docs])*
            #[serde(rename = $written, skip_serializing_if = "crate::webhook::Member::is_absent")]
            pub $member: $ty,
        )* }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        let mut object = $name::default();
                        while let Some($crate::wire::Text(name)) = map.next_key()? {
                            match name.as_ref() {
                                $($written $(| $other)? => {
                                    struct Told($ty);

                                    impl<'de> serde::Deserialize<'de> for Told {
                                        fn deserialize<D: serde::Deserializer<'de>>(
                                            deserializer: D,
                                        ) -> Result<Self, D::Error> {
                                            $crate::lenient::$read(deserializer).map(Self)
                                        }
                                    }

                                    let Told(told) = map.next_value()?;
                                    if !$crate::webhook::Member::is_absent(&told) {
                                        object.$member = told;
                                    }
                                })*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(object)
                    }
                }

                $crate::wire::object(deserializer, Members)
            }
        }
    };
}

pub(crate) use event_object;

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
