//! Raw calls: paths that the API has and this crate does not have yet.

mod operation;

use bytes::Bytes;
use cashfree_gen::{Error as ApiFailure, Request};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Call, Client, operations};

use operation::operation_at;

/// Raw calls to any path below the base URL, with all that other calls have: credentials, key, attempts,
/// errors, metadata.
///
/// A path that one of the [operations](crate::operations) has is called as that operation: an open one
/// gets no credentials, and one that must not be repeated isn't. For any other path the client has no
/// row, so it takes the method's word: `GET` reads and is repeated at will; everything else writes, takes
/// an idempotency key, and is not repeated once it may have arrived, unless the caller knows that the service
/// honours the key there ([`RetryPolicy::trust_keys`](crate::RetryPolicy::trust_keys)). A look-up by another method is
/// marked by [`reads`](Raw::reads).
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
    reads: bool,
}

impl Raw {
    pub(super) fn new(client: Client) -> Self {
        Self { client, reads: false }
    }

    /// Takes the calls for reads, whatever their method says: they get no key and are repeated at will.
    /// Only with evidence that nothing is created, reserved or moved.
    #[must_use]
    pub fn reads(mut self) -> Self {
        self.reads = true;
        self
    }

    /// Calls a path without a body.
    ///
    /// The path is below the base URL and begins with `/`; it may have a query, and what needs it must be
    /// percent-encoded. The answer is read by `T` as it stands: tolerance of nulls and spellings is up to
    /// it. Money is exact in an [`Amount`](crate::Amount), not in a `serde_json::Value`. An empty body
    /// reads as null.
    ///
    /// # Errors
    /// [`ErrorKind::Request`](crate::ErrorKind::Request), before anything is sent:
    ///
    /// - for a path that does not begin with `/`, or has an empty segment or a dot segment (`.`, `..`);
    /// - for a path that holds a `;`, characters that must be percent-encoded, or an encoded slash, backslash, dot,
    ///   percent sign, semicolon or control character. Proxies and servers read these differently. In the query
    ///   they are sent as given;
    /// - for a method other than GET, POST, PUT, PATCH and DELETE.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Method;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Balance {
    ///     available: Option<cashfree::Amount>,
    /// }
    ///
    /// let balance = client.raw().call::<Balance>(Method::GET, "/new/balance?currency=INR").await?;
    /// println!("{:?}, request {}", balance.available, balance.meta().request_id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn call<T: DeserializeOwned + 'static>(&self, method: Method, path: &str) -> Call<T> {
        self.prepare(method, path, Ok((HeaderMap::new(), Bytes::new())))
    }

    /// Calls a path with a JSON body; otherwise as [`call`](Raw::call).
    ///
    /// The body is written once: each attempt sends the same bytes.
    ///
    /// # Errors
    /// As [`call`](Raw::call), and when the body can't be written as JSON.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::{IdempotencyKey, Method};
    /// use serde_json::{Value, json};
    ///
    /// let made = client
    ///     .raw()
    ///     .call_with::<Value, _>(Method::POST, "/new/things", &json!({ "thing_id": "thing_1" }))
    ///     .idempotency_key(IdempotencyKey::derive("thing", &["thing_1"]))
    ///     .await?;
    /// println!("{}", *made);
    ///
    /// let query = json!({ "thing_ids": ["thing_1"] });
    /// let found = client.raw().reads().call_with::<Value, _>(Method::POST, "/new/search", &query).await?;
    /// println!("{}", *found);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_with<T, B>(&self, method: Method, path: &str, body: &B) -> Call<T>
    where
        T: DeserializeOwned + 'static,
        B: Serialize + ?Sized,
    {
        let json = HeaderValue::from_static("application/json");
        let content = serde_json::to_vec(body)
            .map(|body| (HeaderMap::from_iter([(header::CONTENT_TYPE, json)]), Bytes::from(body)))
            .map_err(|error| format!("the body can't be written: {error}"));
        self.prepare(method, path, content)
    }

    /// What is wrong with the request is said when it is sent, like any other error.
    fn prepare<T: DeserializeOwned + 'static>(
        &self,
        method: Method,
        path: &str,
        content: Result<(HeaderMap, Bytes), String>,
    ) -> Call<T> {
        let known = operation_at(&method, path, self.reads);
        let request = match known {
            Some(operation) => {
                content.map(|(headers, body)| Request { operation, path: path.to_owned(), headers, body })
            }
            None => Err(format!("the API has no method {method}")),
        };
        // A request that can't be made still needs a name for its error.
        let operation = known.or_else(|| operation_at(&Method::GET, "", true));
        let operation = operation.unwrap_or(&operations::PG_FETCH_ORDER);
        Call::new(self.client.clone(), operation, move |api| {
            let request = request.clone();
            Box::pin(async move { api.send(request.map_err(ApiFailure::InvalidRequest)?).await })
        })
    }
}
