//! Pages and items for programs without an async runtime of their own.

use super::{Items, Page, Paged, Pages, State, is_page};
use crate::{Error, Response};

impl<T: Send + 'static> Paged<T> {
    /// As [`send`](Paged::send), waiting here: see [`Call::send_blocking`](crate::Call::send_blocking). Feature
    /// `blocking`.
    ///
    /// # Errors
    /// As [`Call::send_blocking`](crate::Call::send_blocking).
    pub fn send_blocking(self) -> Result<Response<Page<T>>, Error> {
        let operation = self.operation;
        is_page(operation, self.call().send_blocking()?)
    }
}

impl<T: Send + 'static> Pages<T> {
    /// As [`next`](Pages::next), waiting here: see [`Call::send_blocking`](crate::Call::send_blocking). A page
    /// that was asked for by a future that was dropped is asked for again. Feature `blocking`.
    ///
    /// # Errors
    /// As [`Call::send_blocking`](crate::Call::send_blocking), for the page; or a cursor came a second time.
    pub fn next_blocking(&mut self) -> Option<Result<Response<Page<T>>, Error>> {
        match self.state {
            State::Idle | State::Waiting(_) => {
                let answer = self.next.call().send_blocking();
                Some(self.turn(answer))
            }
            State::Unmarked(_) => self.unmarked().map(Err),
            State::Complete | State::Failed => None,
        }
    }
}

impl<T: Send + 'static> Items<T> {
    /// As [`next`](Items::next), waiting here: see [`Call::send_blocking`](crate::Call::send_blocking). Feature
    /// `blocking`.
    ///
    /// ```no_run
    /// # fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{DateRange, DateRangeParts};
    ///
    /// let day = DateRange::new(DateRangeParts {
    ///     start_date: "2025-07-20T00:00:00+05:30".into(),
    ///     end_date: "2025-07-20T23:59:59+05:30".into(),
    /// });
    /// let mut entries = client.recon().payments(day).items();
    /// while let Some(entry) = entries.next_blocking() {
    ///     println!("{:?}", entry?.event_amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Pages::next_blocking`].
    pub fn next_blocking(&mut self) -> Option<Result<T, Error>> {
        loop {
            if let Some(item) = self.page.next() {
                return Some(Ok(item));
            }
            let began = self.pages.cursor().cloned();
            match self.pages.next_blocking()? {
                Ok(page) => self.turn(page, began),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
