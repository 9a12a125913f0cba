//! The names of an object's fields, and which of them a name is.

use super::lexer::is_same;

/// The names of an object's fields. Made at compile time, by the macros of [`object`](crate::decode::object).
pub(crate) struct Names {
    /// Each name, [quoted](quoted), then other spellings; each with the position of its field.
    pub(crate) all: &'static [(&'static str, usize)],
    /// A hash table of indices into `all`; empty slots are [`Self::NONE`]. Its length is a power of two.
    pub(crate) table: &'static [u16],
}

/// A name as it mostly stands in JSON, in its quotes and with the colon behind, so that one comparison finds it.
macro_rules! quoted {
    ($field:ident) => {
        concat!("\"", stringify!($field), "\":")
    };
    ($field:ident $name:literal) => {
        concat!("\"", $name, "\":")
    };
}

pub(crate) use quoted;

impl Names {
    const NONE: u16 = u16::MAX;

    /// The length of a table of so many names: at most half full, so that few names collide.
    pub(crate) const fn room(names: usize) -> usize {
        (names * 2 + 1).next_power_of_two()
    }

    /// Makes the table for these names.
    pub(crate) const fn table<const ROOM: usize>(all: &[(&str, usize)]) -> [u16; ROOM] {
        assert!(all.len() < Self::NONE as usize && ROOM > all.len());
        let mut table = [Self::NONE; ROOM];
        let mut index = 0;
        while index < all.len() {
            let mut slot = hash(unquoted(all[index].0)) & (ROOM - 1);
            while table[slot] != Self::NONE {
                slot = (slot + 1) & (ROOM - 1);
            }
            table[slot] = index as u16;
            index += 1;
        }
        table
    }

    /// Returns the position of the field of this name.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        let mut slot = hash(name);
        loop {
            slot &= self.table.len().wrapping_sub(1);
            // An empty slot ends the search, and every table has one.
            let (known, position) = self.all.get(usize::from(*self.table.get(slot)?))?;
            if is_same(unquoted(known), name) {
                return Some(*position);
            }
            slot += 1;
        }
    }

    /// Returns the name of the field at this position.
    pub(crate) fn name(&self, position: usize) -> &'static str {
        self.all.get(position).map_or("", |(name, _)| name.trim_matches(['"', ':']))
    }
}

/// The name itself.
const fn unquoted(quoted: &str) -> &[u8] {
    match quoted.as_bytes() {
        [_, name @ .., _, _] => name,
        _ => &[],
    }
}

/// A hash of the length and three letters, which hardly two names of one object share.
const fn hash(name: &[u8]) -> usize {
    let (first, middle, last) = match name {
        [] => (0, 0, 0),
        [first, .., last] => (*first, name[name.len() / 2], *last),
        [only] => (*only, *only, *only),
    };
    let letters = u32::from_le_bytes([name.len() as u8, first, middle, last]);
    (letters.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_the_same_hash_are_distinguished() {
        // All of one hash.
        static ALL: [(&str, usize); 4] =
            [(quoted!(abxcd), 0), (quoted!(aaxdd), 1), (quoted!(acxbd), 2), (quoted!(adxad), 1)];
        static TABLE: [u16; Names::room(4)] = Names::table(&ALL);
        let names = Names { all: &ALL, table: &TABLE };
        for (name, position) in ALL {
            assert_eq!(names.find(unquoted(name)), Some(position));
        }
        for other in ["", "a", "abxdd", "abxc", "name"] {
            assert_eq!(names.find(other.as_bytes()), None, "{other}");
        }
        let none = Names { all: &[], table: &[u16::MAX] };
        assert_eq!(none.find(b"a"), None);
    }
}
