//! One member of a shape that nobody foresaw does not cost the whole answer: it is set aside as the JSON that
//! it is, reads as absent, and the rest is read.
//!
//! This is the second look at a body that could not be read; the first one, which nearly always suffices,
//! pays nothing for it. Two things are never set aside, and fail the whole as they would without it: what is
//! declared as a number, so that no answer tells less money than it should; and what the answer
//! consists of, which is the whole, or its `data`. A list is never read short: where an item is at fault, the
//! member that holds the list is set aside.

use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::ops::Range;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use crate::misread::cut;
use crate::wire::Text;

/// How often the length of a body may be read before it is given up.
const PATIENCE: usize = 32;

/// What is read in any case, in bytes: a short body is not worth counting.
const FREE_OF_CHARGE: usize = 1 << 20;

/// A member that came in a shape that its type doesn't have. The value that was read has it as absent.
///
/// `Debug` doesn't show what it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SetAside {
    path: String,
    json: Box<str>,
}

impl SetAside {
    /// Where it stands, as in `order_meta.payment_methods_filters`. A long one ends in `…`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it holds, as the JSON text that came.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetAside").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Reads what a first look could not read, less what is set aside; `None` where that can't be done.
pub(crate) fn read<T: DeserializeOwned>(body: &str) -> Option<(T, Vec<SetAside>)> {
    // What is no JSON has no members.
    serde_json::from_str::<&RawValue>(body).ok()?;
    let patience = body.len().saturating_mul(PATIENCE).saturating_add(FREE_OF_CHARGE);
    let mut second = Second::<T> { aside: Vec::new(), patience, of: PhantomData };
    let whole = Region { before: "", after: "", above: &[], shown: "" };
    let mended = second.mend(body.to_owned(), &whole).ok()?;
    Some((serde_json::from_str(&mended).ok()?, second.aside))
}

/// A step from a value to one within it.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
}

/// A piece of the body that is mended by itself: the whole, or an item of a list, which then stands alone in
/// it, so that a long list takes no longer than its items.
struct Region<'a> {
    before: &'a str,
    after: &'a str,
    /// The steps that lead to it.
    above: &'a [Step],
    /// The same as it is told, with the place that the item really has.
    shown: &'a str,
}

/// The second look at a body that should hold a `T`.
struct Second<T> {
    aside: Vec<SetAside>,
    /// How many bytes may still be read.
    patience: usize,
    of: PhantomData<T>,
}

/// Why a region can't be mended.
enum Stuck {
    /// It is itself what can't be read.
    Itself,
    /// Something must not be set aside, or patience is at its end.
    Finally,
}

impl<T: DeserializeOwned> Second<T> {
    /// The text of a region without what can't be read.
    fn mend(&mut self, mut text: String, region: &Region<'_>) -> Result<String, Stuck> {
        while let Some(path) = self.fault(&text, region)? {
            let Some(path) = path.strip_prefix(region.above) else {
                // The region is whole; something behind it is not.
                return Ok(text);
            };
            self.step(&mut text, region, member_of(path).ok_or(Stuck::Itself)?)?;
        }
        Ok(text)
    }

    /// Takes the member at the end of a path out of the way, or mends the first list on the way to it.
    fn step(&mut self, text: &mut String, region: &Region<'_>, path: &[Step]) -> Result<(), Stuck> {
        let (list, items, depth) = match find(text, path).ok_or(Stuck::Finally)? {
            Found::Member(places) => return self.set_aside(text, region, path, places),
            Found::Among { list, items, depth } => (list, items, depth),
        };
        let (to_list, known) = (path.get(..depth).unwrap_or_default(), self.aside.len());
        match self.each(text, region, to_list, &list, items) {
            Ok(mended) if text.get(list.clone()) == Some(mended.as_str()) => Err(Stuck::Finally),
            Ok(mended) => {
                text.replace_range(list, &mended);
                Ok(())
            }
            Err(Stuck::Itself) => {
                self.aside.truncate(known);
                self.step(text, region, member_of(to_list).ok_or(Stuck::Itself)?)
            }
            Err(Stuck::Finally) => Err(Stuck::Finally),
        }
    }

    /// Mends the items of a list one by one.
    fn each(
        &mut self,
        text: &str,
        region: &Region<'_>,
        path: &[Step],
        list: &Range<usize>,
        items: Vec<Range<usize>>,
    ) -> Result<String, Stuck> {
        let part = |range: Range<usize>| text.get(range).ok_or(Stuck::Finally);
        let before = format!("{}{}[", region.before, part(0..list.start)?);
        let after = format!("]{}{}", part(list.end..text.len())?, region.after);
        let above = [region.above, path, &[Step::Item(0)]].concat();
        let shown = tell(region.shown, path);
        let mut mended = String::with_capacity(list.len());
        for (index, item) in items.into_iter().enumerate() {
            mended.push(if index == 0 { '[' } else { ',' });
            let shown = format!("{shown}[{index}]");
            let alone = Region { before: &before, after: &after, above: &above, shown: &shown };
            mended.push_str(&self.mend(part(item)?.to_owned(), &alone)?);
        }
        mended.push(']');
        Ok(mended)
    }

    fn set_aside(
        &mut self,
        text: &mut String,
        region: &Region<'_>,
        path: &[Step],
        places: Vec<Range<usize>>,
    ) -> Result<(), Stuck> {
        let is_content = region.above.is_empty() && *path == [Step::Member("data".to_owned())];
        let last = places.last().ok_or(Stuck::Finally)?;
        if is_content || text.get(last.clone()) == Some("null") || self.is_number(text, region, path, last)? {
            return Err(Stuck::Finally);
        }
        let told = cut(tell(region.shown, path));
        // From the end, so that what stands before stays where it is.
        for place in places.into_iter().rev() {
            let json = text.get(place.clone()).unwrap_or_default();
            if json != "null" {
                self.aside.push(SetAside { path: told.clone(), json: json.into() });
                text.replace_range(place, "null");
            }
        }
        Ok(())
    }

    /// Whether a member is declared as a number or a list of them: it takes one in place of what came, and no
    /// word.
    fn is_number(
        &mut self,
        text: &str,
        region: &Region<'_>,
        path: &[Step],
        place: &Range<usize>,
    ) -> Result<bool, Stuck> {
        let mut takes = |value: &str| -> Result<bool, Stuck> {
            let mut text = text.to_owned();
            text.replace_range(place.clone(), value);
            let fault = self.fault(&text, region)?;
            Ok(fault.is_none_or(|fault| fault.strip_prefix(region.above).and_then(member_of) != Some(path)))
        };
        Ok(takes("7")? && !takes("\"word\"")?)
    }

    /// The path to the first thing that can't be read.
    fn fault(&mut self, text: &str, region: &Region<'_>) -> Result<Option<Vec<Step>>, Stuck> {
        let body = [region.before, text, region.after].concat();
        self.patience = self.patience.checked_sub(body.len()).ok_or(Stuck::Finally)?;
        let mut deserializer = serde_json::Deserializer::from_str(&body);
        let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
            return Ok(None);
        };
        let steps = error.path().iter().map(|segment| match segment {
            Segment::Map { key } => Ok(Step::Member(key.clone())),
            Segment::Seq { index } => Ok(Step::Item(*index)),
            _ => Err(Stuck::Finally),
        });
        steps.collect::<Result<_, _>>().map(Some)
    }
}

/// The member at the end of a path, or the one that holds the item there.
fn member_of(path: &[Step]) -> Option<&[Step]> {
    let last = path.iter().rposition(|step| matches!(step, Step::Member(_)))?;
    path.get(..=last)
}

/// What a path leads to.
enum Found {
    /// A member, once or several times.
    Member(Vec<Range<usize>>),
    /// One of several items, of a list at that depth of the path.
    Among { list: Range<usize>, items: Vec<Range<usize>>, depth: usize },
}

/// Follows a path that ends in a member to the first list of several items, or to its end.
fn find(text: &str, path: &[Step]) -> Option<Found> {
    let mut at = Vec::from([place(text, text)]);
    for (depth, step) in path.iter().enumerate() {
        let value = at.pop()?;
        let json = text.get(value.clone())?;
        let here = value.start + (json.len() - json.trim_start().len());
        at = match step {
            Step::Member(name) => members(json, name)?,
            Step::Item(_) => {
                let items = items(json)?;
                if items.len() > 1 {
                    let items = items.into_iter().map(|item| shift(&item, value.start)).collect();
                    return Some(Found::Among { list: here..here + json.trim().len(), items, depth });
                }
                items
            }
        };
        at.iter_mut().for_each(|found| *found = shift(found, value.start));
    }
    Some(Found::Member(at))
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start + part.len()
}

/// Where the values of the members of this name stand in an object.
fn members(json: &str, name: &str) -> Option<Vec<Range<usize>>> {
    let Members(members) = serde_json::from_str(json).ok()?;
    let named = members.into_iter().filter(|(found, _)| found.0 == name);
    Some(named.map(|(_, value)| place(json, value.get())).collect())
}

/// The members of an object as they stand, one that is there twice included.
struct Members<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Read)
    }
}

/// Where the items of a list stand.
fn items(json: &str) -> Option<Vec<Range<usize>>> {
    let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(items.into_iter().map(|item| place(json, item.get())).collect())
}

/// A path, below one that has been told.
fn tell(above: &str, path: &[Step]) -> String {
    let mut told = above.to_owned();
    for step in path {
        // Writing to text can't fail.
        let _ = match step {
            Step::Member(name) if told.is_empty() => write!(told, "{name}"),
            Step::Member(name) => write!(told, ".{name}"),
            Step::Item(index) => write!(told, "[{index}]"),
        };
    }
    told
}
