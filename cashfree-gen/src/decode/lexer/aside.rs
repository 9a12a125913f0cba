//! Members that can't be read, set aside while the rest is read: see [`SetAside`].

use super::{DEPTH, Fault, Json, Place, Step};
use crate::decode::error::cut;
use crate::decode::unparsed::SetAside;

/// A member that is set aside, as it stands.
pub(super) struct Aside<'a> {
    /// The steps to it, the last one first.
    path: Vec<Step>,
    json: &'a str,
}

/// Where the value of a member begins, and what was set aside before.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    place: Place,
    pub(super) aside: usize,
}

impl<'a> Json<'a> {
    /// Reads by `read` as [`whole`](Json::whole) does, and sets aside what can't be read and may be missed.
    pub(crate) fn whole_setting_aside<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<(T, Vec<SetAside>), Fault> {
        self.sets_aside = true;
        let value = self.all(read)?;
        let told = |aside: Aside<'_>| SetAside::new(cut(super::fault::Path(&aside.path)), aside.json);
        Ok((value, self.aside.into_iter().map(told).collect()))
    }

    #[inline]
    pub(super) const fn begun(&self) -> Begun {
        Begun { place: Place { at: self.at, depth: self.depth }, aside: self.aside.len() }
    }

    /// What was set aside since then stands within this step.
    #[cold]
    pub(super) fn within(&mut self, known: usize, step: &Step) {
        for aside in self.aside.iter_mut().skip(known) {
            aside.path.push(step.clone());
        }
    }

    /// After a member whose name stands at `start`: what was set aside of it stands within it; and where it
    /// can't be read, it is set aside itself, if that may be.
    #[cold]
    pub(super) fn settle(
        &mut self,
        outcome: Result<(), Fault>,
        start: usize,
        begun: Begun,
    ) -> Result<(), Fault> {
        let name = Step::Member(self.name_at(start)?);
        let Err(fault) = outcome else {
            self.within(begun.aside, &name);
            return Ok(());
        };
        // Of the outermost object, which a list of one may hold.
        let is_listed = self.bytes.trim_ascii_start().first() == Some(&b'[');
        let is_content =
            begun.place.depth == DEPTH - 1 - u8::from(is_listed) && name == Step::Member("data".to_owned());
        let fault = fault.within(name.clone());
        if !self.sets_aside || fault.is_final() || is_content {
            return Err(fault.for_good());
        }
        self.back_to(begun.place);
        if self.skip().is_err() {
            // No JSON, which is read no further.
            return Err(fault.for_good());
        }
        self.aside.truncate(begun.aside);
        let json = self.since(begun.place)?.trim();
        self.aside.push(Aside { path: vec![name], json });
        Ok(())
    }
}
