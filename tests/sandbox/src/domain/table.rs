//! Maps and groups that remember what was lent for change, so that it can be written to the data file.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use ecow::EcoString;
use serde::{Deserialize, Deserializer, Serialize};

use crate::data::Rows;

/// A map whose rows are written one by one. Rows are boxed: the nodes of the map are never full.
pub(crate) struct Table<V> {
    rows: BTreeMap<EcoString, Box<V>>,
    touched: BTreeSet<EcoString>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), touched: BTreeSet::new() }
    }
}

impl<V> Table<V> {
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.rows.get(key).map(|row| &**row)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        let row = self.rows.get_mut(key)?;
        if !self.touched.contains(key) {
            self.touched.insert(key.into());
        }
        Some(row)
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    pub(crate) fn insert(&mut self, key: impl Into<EcoString>, row: V) {
        let key = key.into();
        self.rows.insert(key.clone(), Box::new(row));
        self.touched.insert(key);
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values().map(|row| &**row)
    }

    /// Takes in what a file held.
    pub(crate) fn restore(&mut self, rows: Vec<(String, V)>) {
        self.rows.extend(rows.into_iter().map(|(key, row)| (key.into(), Box::new(row))));
    }
}

impl<V: Serialize> Table<V> {
    pub(crate) fn changes(&mut self, name: &str, rows: &mut Rows) {
        for key in mem::take(&mut self.touched) {
            match self.rows.get(key.as_str()) {
                Some(row) => rows.put(name, &key, &**row),
                None => rows.remove(name, &key),
            }
        }
    }
}

impl<V> Table<V> {
    /// Forgets what was touched, where nothing is written.
    pub(crate) fn forget_changes(&mut self) {
        self.touched.clear();
    }
}

/// A group that is written as a whole once it was lent for change.
#[derive(Default)]
pub(crate) struct Group<T> {
    value: T,
    touched: bool,
}

impl<T> Deref for Group<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Group<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.touched = true;
        &mut self.value
    }
}

impl<T> Group<T> {
    pub(crate) fn restore(&mut self, value: Option<T>) {
        if let Some(value) = value {
            self.value = value;
        }
    }
}

impl<T: Serialize> Group<T> {
    pub(crate) fn changes(&mut self, name: &str, rows: &mut Rows) {
        if mem::take(&mut self.touched) {
            rows.put("groups", name, &self.value);
        }
    }
}

/// A word of the sandbox's own. By this name, so that nothing tries to borrow it from what it is read from.
pub(crate) type Word = &'static str;

/// Reads a word of the state, which are few, into text that lives as long as the program.
pub(crate) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let word = String::deserialize(from)?;
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = words.get(word.as_str()) {
        return Ok(known);
    }
    let word: &'static str = word.leak();
    words.insert(word);
    Ok(word)
}

/// Bytes as base64.
pub(crate) mod bytes {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &impl AsRef<[u8]>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D, B>(from: D) -> Result<B, D::Error>
    where
        D: Deserializer<'de>,
        B: From<Vec<u8>>,
    {
        let text = String::deserialize(from)?;
        BASE64_STANDARD.decode(text).map(B::from).map_err(Error::custom)
    }
}

/// A map as a list of pairs, for keys that are no texts.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S, K, V>(map: &BTreeMap<K, V>, to: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
        K: Serialize,
        V: Serialize,
    {
        to.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, D, K, V>(from: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        D: Deserializer<'de>,
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}

/// Bytes that may be missing, as base64.
pub(crate) mod some_bytes {
    use axum::body::Bytes;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Encoded(#[serde(with = "super::bytes")] Bytes);

    pub(crate) fn serialize<S: Serializer>(bytes: &Option<Bytes>, to: S) -> Result<S::Ok, S::Error> {
        bytes.clone().map(Encoded).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Bytes>, D::Error> {
        Ok(Option::<Encoded>::deserialize(from)?.map(|encoded| encoded.0))
    }
}
