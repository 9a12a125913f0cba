//! Stream of pages.

use std::collections::HashSet;
use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::end::End;
use super::{Cursor, Page, Paged};
use crate::call::trace;
use crate::error::Parts;
use crate::{CallFuture, Effect, Error, ErrorKind, Operation, Response, ResponseMeta};

pub(super) enum State<T> {
    /// The next page was not requested yet.
    Idle,
    Waiting(CallFuture<Page<T>>),
    /// The last page was read.
    Complete,
    Failed,
    /// The last page neither ended the report nor had a cursor that can be read.
    Unmarked(Box<ResponseMeta>),
}

/// Stream of pages: by [`next`](Pages::next), or as a `Stream`.
///
/// It ends where the service says so, or with the first error:
///
/// | Response | |
/// |---|---|
/// | rows, and a cursor that is null or empty | the last page |
/// | fewer rows than a page holds, and no cursor | the last page |
/// | as many rows as a page holds, and no cursor | the page, then an error: rows may be missing |
/// | a cursor that is no text or number, `has_more` without a cursor, or a field that is there twice | the same |
/// | neither rows (`data` is not a list) nor a cursor, on a page that a cursor promised | an error |
/// | the same on the first page | an error, unless the cursor is null and the headers are those of the service: then an empty report |
/// | an empty list of rows and a cursor | a page like any other |
/// | a cursor of an earlier page | an error: the pages form a cycle |
///
/// The errors are of kind [`ErrorKind::Decode`]. Earlier pages stay valid, [`cursor`](Pages::cursor) is the last valid one,
/// and [`Error::body`] has the response.
///
/// ```no_run
/// # async fn run(client: cashfree::Client, stored: Option<cashfree::Cursor>) -> Result<(), cashfree::Error> {
/// use cashfree::types::{DateRange, DateRangeParts};
///
/// let day = DateRange::new(DateRangeParts {
///     start_date: "2025-07-20T00:00:00+05:30".into(),
///     end_date: "2025-07-20T23:59:59+05:30".into(),
/// });
/// let mut pages = client.recon().payments(day).from_cursor(stored).pages();
/// while let Some(page) = pages.next().await {
///     println!("{} entries", page?.items.len());
///     // Store it: another run starts there.
///     println!("next: {:?}", pages.cursor());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until `next` is awaited or the stream is polled"]
pub struct Pages<T> {
    /// The read of the next page.
    pub(super) next: Paged<T>,
    seen: HashSet<Cursor>,
    pub(super) state: State<T>,
}

impl<T> Pages<T> {
    pub(super) fn new(next: Paged<T>) -> Self {
        let seen = next.position.cursor.iter().cloned().collect();
        Self { next, seen, state: State::Idle }
    }

    /// Returns the cursor of the next page, for [`from_cursor`](Paged::from_cursor). After an error that is the page that
    /// failed. `None` before the first page and after the last one ([`is_complete`](Pages::is_complete)).
    pub fn cursor(&self) -> Option<&Cursor> {
        self.next.position.cursor.as_ref()
    }

    /// Returns whether the last page was read.
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }
}

impl<T: Send + 'static> Pages<T> {
    /// Reads the next page. `None` at the end, and after an error. Dropping the future loses nothing: the next call
    /// continues.
    ///
    /// # Errors
    /// As [`Call::send`](crate::Call::send), and the errors of the table above.
    pub async fn next(&mut self) -> Option<Result<Response<Page<T>>, Error>> {
        poll_fn(|cx| self.poll_page(cx)).await
    }

    pub(super) fn poll_page(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Response<Page<T>>, Error>>> {
        loop {
            match &mut self.state {
                State::Idle => self.state = State::Waiting(self.next.call().into_future()),
                State::Waiting(response) => {
                    let response = ready!(response.as_mut().poll(cx));
                    return Poll::Ready(Some(self.advance(response)));
                }
                State::Unmarked(_) => return Poll::Ready(self.unmarked().map(Err)),
                State::Complete | State::Failed => return Poll::Ready(None),
            }
        }
    }

    /// Error after a page that neither ends the report nor leads on.
    pub(super) fn unmarked(&mut self) -> Option<Error> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Unmarked(meta) => {
                let detail = "the page does not end the report and has no cursor that can be read, so rows may be missing";
                Some(unreadable(self.next.operation, *meta, detail))
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Takes a page, and moves to the next one.
    pub(super) fn advance(
        &mut self,
        response: Result<Response<Page<T>>, Error>,
    ) -> Result<Response<Page<T>>, Error> {
        self.state = State::Failed;
        // As a last page, it would truncate a report unnoticed.
        let page = is_page(self.next.operation, response?)?;
        match page.next.clone() {
            Some(next) if !self.seen.insert(next.clone()) => {
                let detail = "the cursor of the next page occurred before: the pages form a cycle";
                return Err(unreadable(self.next.operation, page.into_parts().1, detail));
            }
            Some(next) => {
                self.next.position.cursor = Some(next);
                self.state = State::Idle;
            }
            // The cursor stays: resuming there skips nothing.
            None if page.end == End::Unmarked => self.state = State::Unmarked(Box::new(page.meta().clone())),
            None => {
                self.next.position.cursor = None;
                self.state = State::Complete;
            }
        }
        Ok(page)
    }
}

/// Returns the page, or an error if the response is not one.
pub(super) fn is_page<T>(
    operation: &'static Operation,
    page: Response<Page<T>>,
) -> Result<Response<Page<T>>, Error> {
    if page.end == End::Nothing {
        let detail = "the page has neither rows nor a cursor";
        return Err(unreadable(operation, page.into_parts().1, detail));
    }
    Ok(page)
}

fn unreadable(operation: &'static Operation, meta: ResponseMeta, detail: &str) -> Error {
    let error = Error::new(Parts {
        key: meta.key.clone(),
        sent_request_id: Some(meta.request_id().to_owned()),
        attempts: meta.attempts,
        elapsed: meta.elapsed,
        meta: Some(meta),
        ..Parts::new(ErrorKind::Decode, operation, Effect::ReadOnly, detail)
    });
    trace::failed(&error);
    error
}

impl<T: Send + 'static> Stream for Pages<T> {
    type Item = Result<Response<Page<T>>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(cx)
    }
}

impl<T> Unpin for Pages<T> {}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &self.next.operation.id)
            .field("cursor", &self.cursor())
            .field("complete", &self.is_complete())
            .finish_non_exhaustive()
    }
}
