//! Which type belongs to which operation. `cargo xtask regen` writes the rows.

/// Makes a list of rows, and a function that finds a row's type by its name.
macro_rules! table {
    ($(#[$about:meta])* $list:ident, $find:ident, $types:ident: $($name:ident => $type:ty,)*) => {
        $(#[$about])*
        pub const $list: &[(&str, &str)] = &[$((stringify!($name), stringify!($type))),*];

        pub(crate) fn $find(name: &str) -> Option<Decoder> {
            use cashfree_gen::$types::*;
            Some(match name {
                $(stringify!($name) => decode::<$type>,)*
                _ => return None,
            })
        }
    };
}

mod rows;

pub use rows::{EVENTS, REQUESTS, RESPONSES};
pub(crate) use rows::{event, request, response};
