//! Blocking pagination.

use super::pages::{State, is_page};
use super::{Items, Page, Paged, Pages};
use crate::{Error, Response};

impl<T: Send + 'static> Paged<T> {
    /// Reads one page as [`send`](Paged::send) does, and blocks the thread
    /// ([`Call::send_blocking`](crate::Call::send_blocking)). Feature `blocking`.
    ///
    /// # Examples
    /// ```no_run
    /// # fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::SettlementFilter;
    ///
    /// let filter = SettlementFilter::new().settlement_utrs(vec!["UTR7".to_owned()]);
    /// println!("{} settlements", client.settlements().list(filter).send_blocking()?.items.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Call::send_blocking`](crate::Call::send_blocking).
    pub fn send_blocking(self) -> Result<Response<Page<T>>, Error> {
        let operation = self.operation;
        is_page(operation, self.call().send_blocking()?)
    }
}

impl<T: Send + 'static> Pages<T> {
    /// Reads the next page as [`next`](Pages::next) does, and blocks the thread
    /// ([`Call::send_blocking`](crate::Call::send_blocking)). A page whose future was dropped is requested anew. Feature
    /// `blocking`.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub fn next_blocking(&mut self) -> Option<Result<Response<Page<T>>, Error>> {
        match self.state {
            State::Idle | State::Waiting(_) => {
                let response = self.next.call().send_blocking();
                Some(self.advance(response))
            }
            State::Unmarked(_) => self.unmarked().map(Err),
            State::Complete | State::Failed => None,
        }
    }
}

impl<T: Send + 'static> Items<T> {
    /// Reads the next item as [`next`](Items::next) does, and blocks the thread
    /// ([`Call::send_blocking`](crate::Call::send_blocking)). Feature `blocking`.
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
    ///     println!("{:?}", entry?.signed_amount());
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
                Ok(page) => self.take_page(page, began),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
