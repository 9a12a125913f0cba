//! Answers in pages: one at a time, all pages, or all items, from the beginning or from where an earlier
//! run got to.

#[cfg(feature = "blocking")]
mod blocking;
mod end;

use std::collections::HashSet;
use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use cashfree_gen::ResponseValue;
use futures_core::Stream;
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use end::{End, Marks};

use crate::call::{Options, trace};
use crate::error::Parts;
use crate::transport::BoxFuture;
use crate::{
    Call, CallFuture, Client, Credentials, Effect, Error, ErrorKind, Operation, Response, ResponseMeta,
    RetryPolicy, UnparsedField, types,
};

/// Where a page begins: text that only the service understands, to be given back as it came.
///
/// It can be stored and used by another process. How long the service honours it is not documented.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The cursor of an answer; absent, empty or a word for nothing, there is none.
    fn of_answer(text: Option<String>) -> Option<Self> {
        text.map(Self).filter(|cursor| !cursor.is_blank())
    }

    fn is_blank(&self) -> bool {
        matches!(self.0.trim(), "" | "null" | "NULL" | "N/A" | "NA")
    }
}

impl From<&str> for Cursor {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

impl AsRef<str> for Cursor {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One page of an answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What it holds; it may be empty and yet not the last one.
    pub items: Vec<T>,
    /// Where the next page begins. `None` on the last one ([`is_last`](Self::is_last)), and where the response has no
    /// cursor. It is read from `cursor` or `next_cursor`, also within `pagination`.
    pub next: Option<Cursor>,
    /// The page size as the service reports it, which need not be the one that was asked for.
    pub limit: Option<i64>,
    end: End,
}

impl<T> Page<T> {
    pub(crate) fn new(items: Vec<T>, cursor: Option<String>, limit: Option<i64>) -> Self {
        Self { items, next: Cursor::of_answer(cursor), limit, end: End::Open }
    }

    /// Returns whether the service says that this is the last page: its cursor is null or empty, or it is not full.
    ///
    /// A full page without a cursor is not known to be the last one, though [`next`](Self::next) is `None`.
    pub fn is_last(&self) -> bool {
        self.end == End::Marked
    }

    /// Reads from the response what follows the page.
    fn ended(mut self, position: &Position, response: &cashfree_gen::Response) -> Self {
        if self.next.is_some() {
            return self;
        }
        let Some(marks) = Marks::read(&response.body) else { return self };
        self.limit = self.limit.or(marks.limit);
        let size = self.limit.and_then(|limit| u64::try_from(limit).ok()).filter(|limit| *limit > 0);
        self.end = marks.end(
            self.items.len(),
            size.unwrap_or(position.size.into()),
            position.cursor.is_some(),
            &response.headers,
        );
        self.next = marks.cursor;
        if self.next.is_some() {
            self.end = End::Open;
        }
        self
    }
}

/// Size and beginning of a page that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    size: u32,
    cursor: Option<Cursor>,
}

impl Position {
    pub(crate) fn size(&self) -> i64 {
        self.size.into()
    }

    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_ref().map(Cursor::as_str)
    }

    /// As most of the paged operations take it.
    pub(crate) fn to_wire(&self) -> types::Pagination {
        let pagination = types::Pagination::new(self.size());
        match self.cursor() {
            Some(cursor) => pagination.cursor(cursor),
            None => pagination,
        }
    }
}

type PageFuture<T> = BoxFuture<'static, Result<ResponseValue<Page<T>>, cashfree_gen::Error>>;
type Fetch<T> = dyn Fn(cashfree_gen::Client, Position) -> PageFuture<T> + Send + Sync;

/// Good for every paged operation: some take at most 100.
const PAGE_SIZE: u32 = 100;

/// A look-up whose answer comes in pages, ready to be sent: one page by [`send`](Paged::send) (or by
/// awaiting it), all of them by [`pages`](Paged::pages), or their items one by one by
/// [`items`](Paged::items).
///
/// Each page is a [`Call`] of its own, with its own attempts and time limits. What is set here about
/// delivery goes for all of them.
///
/// ```no_run
/// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
/// use cashfree::types::{DateRange, DateRangeParts};
///
/// let day = DateRange::new(DateRangeParts {
///     start_date: "2025-07-20T00:00:00+05:30".into(),
///     end_date: "2025-07-20T23:59:59+05:30".into(),
/// });
/// let mut entries = client.recon().payments(day).page_size(1000).items();
/// while let Some(entry) = entries.next().await {
///     let entry = entry?;
///     println!("{:?} {:?}", entry.event_type, entry.event_amount);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until `.send()`, `.pages()` or `.items()` is driven"]
pub struct Paged<T> {
    client: Client,
    operation: &'static Operation,
    fetch: Arc<Fetch<T>>,
    position: Position,
    options: Options,
}

impl<T: 'static> Paged<T> {
    /// A look-up by this generated method; the filters are shared by all pages.
    pub(crate) fn new<F: Send + Sync + 'static>(
        client: Client,
        operation: &'static Operation,
        filters: F,
        fetch: fn(cashfree_gen::Client, Arc<F>, Position) -> PageFuture<T>,
    ) -> Self {
        let filters = Arc::new(filters);
        Self {
            client,
            operation,
            fetch: Arc::new(move |api, position| fetch(api, Arc::clone(&filters), position)),
            position: Position { size: PAGE_SIZE, cursor: None },
            options: Options::default(),
        }
    }
}

impl<T> Paged<T> {
    /// How many items to ask for in a page; 100 unless told. The service takes 10 to 1000, for vendors and
    /// split orders 10 to 100, and answers 400 to anything else.
    pub fn page_size(mut self, items: u32) -> Self {
        self.position.size = items;
        self
    }

    /// Begins at this cursor instead of at the first page: where an earlier run got to
    /// ([`Pages::cursor`], [`Items::cursor`], [`Page::next`]). The filters must be the same ones.
    pub fn from_cursor(mut self, cursor: impl Into<Option<Cursor>>) -> Self {
        self.position.cursor = cursor.into().filter(|cursor| !cursor.is_blank());
        self
    }

    /// The time limit of one attempt, on each page.
    pub fn timeout(mut self, per_attempt: Duration) -> Self {
        self.options.timeout = Some(per_attempt);
        self
    }

    /// When a page is asked for again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Credentials for all pages, over the same connections.
    pub fn credentials(mut self, for_all_pages: Credentials) -> Self {
        self.options.credentials = Some(for_all_pages);
        self
    }

    /// A header of the caller's own, on each page; see [`Call::header`].
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.push((name, value));
        self
    }
}

impl<T: Send + 'static> Paged<T> {
    /// The call for the page that it stands at, for what concerns one call alone, such as its request id.
    pub fn call(&self) -> Call<Page<T>> {
        let (fetch, position) = (Arc::clone(&self.fetch), self.position.clone());
        let call = Call::new(self.client.clone(), self.operation, move |api| {
            let (page, position) = (fetch(api, position.clone()), position.clone());
            Box::pin(
                async move { Ok(page.await?.map_with(|page, response| page.ended(&position, response))) },
            )
        });
        call.with_options(self.options.clone())
    }

    /// Asks for one page.
    ///
    /// # Errors
    /// As [`Call::send`]; [`ErrorKind::Decode`] where the response is no page: it has neither rows nor a cursor.
    pub async fn send(self) -> Result<Response<Page<T>>, Error> {
        let operation = self.operation;
        is_page(operation, self.call().send().await?)
    }

    /// All pages, asked for one after the other as they are taken.
    pub fn pages(self) -> Pages<T> {
        let seen = self.position.cursor.iter().cloned().collect();
        Pages { next: self, seen, state: State::Idle }
    }

    /// The items of all pages.
    pub fn items(self) -> Items<T> {
        Items { pages: self.pages(), page: Vec::new().into_iter(), began: None, unparsed: Vec::new() }
    }
}

impl<T: Send + 'static> IntoFuture for Paged<T> {
    type Output = Result<Response<Page<T>>, Error>;
    type IntoFuture = CallFuture<Page<T>>;

    fn into_future(self) -> CallFuture<Page<T>> {
        Box::pin(self.send())
    }
}

impl<T> Clone for Paged<T> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            operation: self.operation,
            fetch: Arc::clone(&self.fetch),
            position: self.position.clone(),
            options: self.options.clone(),
        }
    }
}

impl<T> fmt::Debug for Paged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged")
            .field("operation", &self.operation.id)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

enum State<T> {
    /// The next page has not been asked for.
    Idle,
    Waiting(CallFuture<Page<T>>),
    /// The last page was had.
    Complete,
    Failed,
    /// The last page was full, and had no cursor.
    Unmarked(Box<ResponseMeta>),
}

/// The pages of an answer, one after the other: by [`next`](Pages::next), or as a `Stream`.
///
/// It ends where the service says so, or with the first error:
///
/// | Response | |
/// |---|---|
/// | rows, and a cursor that is null or empty | the last page |
/// | fewer rows than a page holds, and no cursor | the last page |
/// | as many rows as a page holds, and no cursor | the page, then an error: rows may be missing |
/// | neither rows (`data` is not a list) nor a cursor, on a page that a cursor promised | an error |
/// | the same on the first page | an error, unless the cursor is null and the headers are those of the service: then an empty report |
/// | an empty list of rows and a cursor | a page like any other |
/// | a cursor that came before | an error: the pages lead round in a circle |
///
/// The errors are of kind [`ErrorKind::Decode`]. Pages that were handed over before stay good, [`cursor`](Pages::cursor)
/// is the last good one, and [`Error::body`] has the response.
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
///     // Stored now, another run begins after what was had.
///     println!("next: {:?}", pages.cursor());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until `next` is awaited or the stream is polled"]
pub struct Pages<T> {
    /// The look-up, set to the next page.
    next: Paged<T>,
    seen: HashSet<Cursor>,
    state: State<T>,
}

impl<T> Pages<T> {
    /// Where the next page begins: after an error, the page that failed, so that
    /// [`from_cursor`](Paged::from_cursor) goes on there. `None` before the first page, and when all were
    /// had ([`is_complete`](Pages::is_complete) tells which).
    pub fn cursor(&self) -> Option<&Cursor> {
        self.next.position.cursor.as_ref()
    }

    /// Whether the last page was had.
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }
}

impl<T: Send + 'static> Pages<T> {
    /// The next page; `None` at the end, and after an error. Dropping the future loses nothing: the next
    /// one goes on where it stood.
    ///
    /// # Errors
    /// As [`Call::send`], for the page; or a cursor came a second time.
    pub async fn next(&mut self) -> Option<Result<Response<Page<T>>, Error>> {
        poll_fn(|cx| self.poll_page(cx)).await
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Response<Page<T>>, Error>>> {
        loop {
            match &mut self.state {
                State::Idle => self.state = State::Waiting(self.next.call().into_future()),
                State::Waiting(answer) => {
                    let answer = ready!(answer.as_mut().poll(cx));
                    return Poll::Ready(Some(self.turn(answer)));
                }
                State::Unmarked(_) => return Poll::Ready(self.unmarked().map(Err)),
                State::Complete | State::Failed => return Poll::Ready(None),
            }
        }
    }

    /// The error that follows a full page without a cursor.
    fn unmarked(&mut self) -> Option<Error> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Unmarked(meta) => {
                let detail = "the page is full and has no cursor, so rows may be missing";
                Some(unreadable(self.next.operation, *meta, detail))
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Takes a page in, and turns to the next one.
    fn turn(&mut self, answer: Result<Response<Page<T>>, Error>) -> Result<Response<Page<T>>, Error> {
        self.state = State::Failed;
        // Taken for the last page, it would cut a report short, and nobody would know.
        let page = is_page(self.next.operation, answer?)?;
        match page.next.clone() {
            Some(next) if !self.seen.insert(next.clone()) => {
                let detail = "the cursor of the next page came before: the pages lead round in a circle";
                return Err(unreadable(self.next.operation, page.into_parts().1, detail));
            }
            Some(next) => {
                self.next.position.cursor = Some(next);
                self.state = State::Idle;
            }
            // The cursor stays: going on there leaves nothing out.
            None if page.end == End::Unmarked => self.state = State::Unmarked(Box::new(page.meta().clone())),
            None => {
                self.next.position.cursor = None;
                self.state = State::Complete;
            }
        }
        Ok(page)
    }
}

/// Returns the page, unless the response is none.
fn is_page<T>(operation: &'static Operation, page: Response<Page<T>>) -> Result<Response<Page<T>>, Error> {
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

/// The items of all pages, one after the other: by [`next`](Items::next), or as a `Stream`. It ends as
/// [`Pages`] does.
#[must_use = "nothing is sent until `next` is awaited or the stream is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    page: std::vec::IntoIter<T>,
    /// Where the page that is being handed over begins.
    began: Option<Cursor>,
    /// Fields of that page that could not be decoded.
    unparsed: Vec<UnparsedField>,
}

impl<T> Items<T> {
    /// Where the page of the next item begins. Going on there by [`from_cursor`](Paged::from_cursor)
    /// leaves nothing out, but those items of that page come again that were had before. To store a
    /// position after each whole page, take [`Pages`].
    ///
    /// `None` is the first page, or the end ([`is_complete`](Items::is_complete) tells which).
    pub fn cursor(&self) -> Option<&Cursor> {
        if self.page.len() > 0 { self.began.as_ref() } else { self.pages.cursor() }
    }

    /// Whether the last item was had.
    pub fn is_complete(&self) -> bool {
        self.page.len() == 0 && self.pages.is_complete()
    }

    /// Returns the fields that could not be decoded on the page of the last item. Each is absent in its item and
    /// has its path in the page, such as `data[0].cf_settlement_id`. Mostly there are none; see
    /// [`ResponseMeta::unparsed_fields`](crate::ResponseMeta::unparsed_fields).
    pub fn unparsed_fields(&self) -> &[UnparsedField] {
        &self.unparsed
    }
}

impl<T: Send + 'static> Items<T> {
    /// The next item; `None` at the end, and after an error. Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Takes up a page that begins there.
    fn turn(&mut self, page: Response<Page<T>>, began: Option<Cursor>) {
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
                Some(Ok(page)) => self.turn(page, began),
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
        f.debug_struct("Items").field("pages", &self.pages).field("at_hand", &self.page.len()).finish()
    }
}
