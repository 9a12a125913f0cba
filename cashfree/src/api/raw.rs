//! Raw calls: any path below the base URL.

mod operation;

use bytes::Bytes;
use cashfree_gen::{Error as ApiFailure, Request};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Call, Client};

use operation::{INVALID, operation_at};

/// Raw calls: any path below the base URL, with credentials, idempotency key, retries, errors and metadata as in other
/// calls.
///
/// - A path of one of the [operations](crate::operations) is called as that operation, with its credentials and retry
///   rule.
/// - Any other `GET` is a read, and is retried.
/// - Any other method is a write with an idempotency key. It is not retried once it may have arrived, unless the policy
///   [trusts keys](crate::RetryPolicy::trust_keys). Mark a read by another method with [`reads`](Raw::reads).
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
    reads: bool,
}

impl Raw {
    pub(super) fn new(client: Client) -> Self {
        Self { client, reads: false }
    }

    /// Treats the calls as reads, whatever their method: they get no key and are retried. Use it only for paths that
    /// create, reserve and move nothing.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Method;
    /// use serde_json::{Value, json};
    ///
    /// let query = json!({ "thing_ids": ["thing_1"] });
    /// let found = client.raw().reads().call_with::<Value, _>(Method::POST, "/new/search", &query).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn reads(mut self) -> Self {
        self.reads = true;
        self
    }

    /// Calls a path without a body.
    ///
    /// - The path is below the base URL and begins with `/`. It may have a query, and must be percent-encoded.
    /// - The response is deserialized into `T` by serde; the tolerance of the crate's own types does not apply. Use
    ///   [`Amount`](crate::Amount) for amounts: a `serde_json::Value` does not keep them exact.
    /// - An empty body is deserialized as null. For a path of an operation whose response has content, it is an error:
    ///   [`ErrorKind::Decode`](crate::ErrorKind::Decode).
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

    /// Calls a path with a JSON body. Otherwise as [`call`](Raw::call).
    ///
    /// The body is serialized once: each attempt sends the same bytes.
    ///
    /// # Errors
    /// As [`call`](Raw::call), and [`ErrorKind::Request`](crate::ErrorKind::Request) if the body cannot be serialized.
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

    /// Prepares a call. An invalid request is an error of the sent call.
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
        let operation = known.unwrap_or(&INVALID);
        Call::new(self.client.clone(), operation, move |api| {
            let request = request.clone();
            Box::pin(async move { api.send(request.map_err(ApiFailure::InvalidRequest)?).await })
        })
    }
}
