//! Stream of items.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::{Cursor, Page, Pages};
use crate::{Error, Response, UnparsedField};

/// Stream of the items of all pages: by [`next`](Items::next), or as a `Stream`. It ends as [`Pages`] does.
#[must_use = "nothing is sent until `next` is awaited or the stream is polled"]
pub struct Items<T> {
    pub(super) pages: Pages<T>,
    pub(super) page: std::vec::IntoIter<T>,
    /// Cursor of the current page.
    began: Option<Cursor>,
    /// Fields of the current page that could not be decoded.
    unparsed: Vec<UnparsedField>,
}

impl<T> Items<T> {
    pub(super) fn new(pages: Pages<T>) -> Self {
        Self { pages, page: Vec::new().into_iter(), began: None, unparsed: Vec::new() }
    }

    /// Returns the cursor of the page of the next item, for [`from_cursor`](crate::Paged::from_cursor). Resuming there skips
    /// nothing, but repeats the items of that page that were read already. To store a position after each whole page, use
    /// [`Pages`].
    ///
    /// `None` on the first page, and at the end ([`is_complete`](Items::is_complete)).
    pub fn cursor(&self) -> Option<&Cursor> {
        if self.page.len() > 0 { self.began.as_ref() } else { self.pages.cursor() }
    }

    /// Returns whether the last item was read.
    pub fn is_complete(&self) -> bool {
        self.page.len() == 0 && self.pages.is_complete()
    }

    /// Returns the fields that could not be decoded on the page of the last item. Each is absent in its item and
    /// has its path in the page, such as `data[0].cf_settlement_id`. Usually empty; see
    /// [`ResponseMeta::unparsed_fields`](crate::ResponseMeta::unparsed_fields).
    pub fn unparsed_fields(&self) -> &[UnparsedField] {
        &self.unparsed
    }
}

impl<T: Send + 'static> Items<T> {
    /// Reads the next item. `None` at the end, and after an error. Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Takes the page that starts at this cursor.
    pub(super) fn take_page(&mut self, page: Response<Page<T>>, began: Option<Cursor>) {
        let (page, meta) = page.into_parts();
        self.page = page.items.into_iter();
        self.unparsed = meta.unparsed;
        self.began = began;
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let began = self.pages.cursor().cloned();
            match ready!(self.pages.poll_page(cx)) {
                Some(Ok(page)) => self.take_page(page, began),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

impl<T> Unpin for Items<T> {}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("items_left", &self.page.len()).finish()
    }
}
