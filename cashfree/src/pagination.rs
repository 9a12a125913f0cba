//! Pagination: one page, a stream of pages, or a stream of items, from the start or from a cursor.

#[cfg(feature = "blocking")]
mod blocking;
mod end;
mod items;
mod pages;

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use cashfree_gen::ResponseValue;
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::call::Options;
use crate::transport::BoxFuture;
use crate::{Call, CallFuture, Client, Credentials, Error, Operation, Response, RetryPolicy, types};

pub use items::Items;
pub use pages::Pages;

use end::{End, Marks};
use pages::is_page;

/// Cursor: the position of a page, as opaque text of the service.
///
/// It can be stored and used by another process. How long the service accepts it is not documented.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the cursor of a response. `None` if it is absent, empty or a word such as `NA`.
    fn of_response(text: Option<String>) -> Option<Self> {
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

/// One page of items.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items. An empty page need not be the last one.
    pub items: Vec<T>,
    /// Cursor of the next page: `cursor` or `next_cursor` of the response, also within `pagination`. `None` on the last page
    /// ([`is_last`](Self::is_last)), and if the response has no cursor.
    pub next: Option<Cursor>,
    /// Page size as the service reports it, which may differ from the requested one.
    pub limit: Option<i64>,
    end: End,
}

impl<T> Page<T> {
    pub(crate) fn new(items: Vec<T>, cursor: Option<String>, limit: Option<i64>) -> Self {
        Self { items, next: Cursor::of_response(cursor), limit, end: End::Open }
    }

    /// Returns whether the service says that this is the last page: its cursor is null or empty, or it is not full.
    ///
    /// A full page without a cursor, or one whose cursor cannot be read, is not known to be the last one, though
    /// [`next`](Self::next) is `None`.
    pub fn is_last(&self) -> bool {
        self.end == End::Marked
    }

    /// Reads from the response whether a page follows.
    fn ended(mut self, position: &Position, response: &cashfree_gen::Response) -> Self {
        if self.next.is_some() {
            return self;
        }
        let Some(marks) = Marks::read(&response.body) else {
            // What cannot be read, such as a field that is there twice, ends no report.
            self.end = End::Unmarked;
            return self;
        };
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

/// Size and cursor of a requested page.
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

    /// The form of most paginated operations.
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

/// Valid for each paginated operation: some accept at most 100.
const PAGE_SIZE: u32 = 100;

/// Prepared paginated read: one page by [`send`](Paged::send) or `.await`, a stream of pages by [`pages`](Paged::pages), or
/// a stream of items by [`items`](Paged::items).
///
/// Each page is a [`Call`] with its own attempts and timeouts. Settings apply to all pages.
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
///     println!("{:?}", entry?.signed_amount());
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
    /// Creates a paginated read by a generated method. All pages share the filters.
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
    /// Sets the page size. Default: 100. The service accepts 10 to 1000, for vendors and split orders 10 to 100, and responds
    /// with 400 otherwise.
    pub fn page_size(mut self, items: u32) -> Self {
        self.position.size = items;
        self
    }

    /// Starts at a cursor of an earlier run ([`Pages::cursor`], [`Items::cursor`], [`Page::next`]) with the same filters.
    /// Default: the first page.
    pub fn from_cursor(mut self, cursor: impl Into<Option<Cursor>>) -> Self {
        self.position.cursor = cursor.into().filter(|cursor| !cursor.is_blank());
        self
    }

    /// Sets the timeout of one attempt, for each page.
    pub fn timeout(mut self, per_attempt: Duration) -> Self {
        self.options.timeout = Some(per_attempt);
        self
    }

    /// Sets the retry policy, for each page.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sets credentials for all pages, over the same connections.
    pub fn credentials(mut self, for_all_pages: Credentials) -> Self {
        self.options.credentials = Some(for_all_pages);
        self
    }

    /// Adds a header to each page, as [`Call::header`].
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.push((name, value));
        self
    }
}

impl<T: Send + 'static> Paged<T> {
    /// Returns the call of the current page, for settings of one call, such as its request id.
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

    /// Reads one page.
    ///
    /// # Errors
    /// As [`Call::send`]. [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the response is not a page: it has neither rows nor a cursor.
    pub async fn send(self) -> Result<Response<Page<T>>, Error> {
        let operation = self.operation;
        is_page(operation, self.call().send().await?)
    }

    /// Returns a stream of pages. Each is read when it is needed.
    pub fn pages(self) -> Pages<T> {
        Pages::new(self)
    }

    /// Returns a stream of the items of all pages.
    pub fn items(self) -> Items<T> {
        Items::new(self.pages())
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
