//! The client that the generated methods belong to.

use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Error, Inner, Request, Response, ResponseValue, Transport, path};
use crate::decode::body::FromJson;
use crate::decode::error::DecodeError;
use crate::decode::foreign;
use crate::decode::unparsed::Decoded;

/// The client that the generated methods belong to; cheap to make, one for each call if need be. A transport
/// that is shared already is made one by [`From`].
#[derive(Debug, Clone)]
pub struct Client {
    inner: Inner,
}

impl Client {
    /// Creates a client over this transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self { inner: Inner::new(transport) }
    }

    async fn exec(&self, request: Request) -> Result<Response, Error> {
        request.check_path()?;
        let response = self.inner.transport().execute(request).await.map_err(Error::Transport)?;
        if response.status.is_success() { Ok(response) } else { Err(Error::Status(Box::new(response))) }
    }

    /// Sends a request that was made by hand and decodes the response as it is: how tolerantly is up to `T`. A
    /// body without content decodes as null.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] when the path does not begin with `/`, could leave the base URL or does not
    /// fit its operation; otherwise as any call.
    pub async fn send<T: DeserializeOwned>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        path::check(&request.path).map_err(Error::InvalidRequest)?;
        let response = self.exec(request).await?;
        if is_blank(&response)
            && let Ok(value) = serde_json::from_slice(b"null")
        {
            return Ok(ResponseValue::of_value(value, response));
        }
        with_response(foreign::decode(&response.body), response)
    }

    /// Sends a request that a method made earlier and decodes the response as the method does. A body without content
    /// decodes as null, where `T` has one.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if the path could leave the base URL or does not fit its operation; otherwise as any
    /// call.
    pub async fn resend<T: FromJson>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        path::check(&request.path).map_err(Error::InvalidRequest)?;
        let response = self.exec(request).await?;
        if is_blank(&response)
            && let Ok(value) = T::from_json(b"null")
        {
            return Ok(ResponseValue::of_value(value, response));
        }
        with_response(T::from_json_tolerant(&response.body), response)
    }

    /// Sends a request and decodes the response.
    pub(crate) async fn call<T: FromJson>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        let response = self.exec(request).await?;
        with_response(T::from_json_tolerant(&response.body), response)
    }

    /// Sends a request and decodes whatever JSON comes, or none.
    pub(crate) async fn call_free(&self, request: Request) -> Result<ResponseValue<Value>, Error> {
        let response = self.exec(request).await?;
        if is_blank(&response) {
            return Ok(ResponseValue::of_value(Value::Null, response));
        }
        with_response(Value::from_json_tolerant(&response.body), response)
    }

    /// Sends a request and returns the bytes of the response.
    #[allow(dead_code, reason = "only documents with raw responses call it")]
    pub(crate) async fn call_raw(&self, request: Request) -> Result<ResponseValue<Bytes>, Error> {
        let response = self.exec(request).await?;
        Ok(ResponseValue::of_value(response.body.clone(), response))
    }

    /// Sends a request and expects no body.
    #[allow(dead_code, reason = "only documents with empty responses call it")]
    pub(crate) async fn call_empty(&self, request: Request) -> Result<ResponseValue<()>, Error> {
        let response = self.exec(request).await?;
        Ok(ResponseValue::of_value((), response))
    }
}

/// Whether a response has no content.
fn is_blank(response: &Response) -> bool {
    response.body.iter().all(u8::is_ascii_whitespace)
}

fn with_response<T>(
    decoded: Result<Decoded<T>, DecodeError>,
    response: Response,
) -> Result<ResponseValue<T>, Error> {
    match decoded {
        Ok(decoded) => Ok(ResponseValue::new(decoded, response)),
        Err(error) => Err(Error::Decode { error, response: Box::new(response) }),
    }
}

impl From<Arc<dyn Transport>> for Client {
    fn from(transport: Arc<dyn Transport>) -> Self {
        Self { inner: Inner::from(transport) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::pin::pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};

    use http::{HeaderMap, HeaderValue, StatusCode, header};

    use super::*;
    use crate::types::IncidentStatusFilter as Status;
    use crate::{Body, BoxError, BoxFuture, CfPaymentId, IncidentId, OrderId, Timestamp};

    /// Responds at once, and records the requests.
    #[derive(Debug, Clone)]
    struct Fake {
        status: StatusCode,
        body: &'static str,
        seen: Arc<Mutex<Vec<Request>>>,
    }

    impl Fake {
        fn new(status: u16, body: &'static str) -> Self {
            Self { status: StatusCode::from_u16(status).unwrap(), body, seen: Arc::default() }
        }

        fn paths(&self) -> Vec<String> {
            self.seen.lock().unwrap().iter().map(|request| request.path.clone()).collect()
        }
    }

    impl Transport for Fake {
        fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<Response, BoxError>> {
            self.seen.lock().unwrap().push(request);
            let body = Bytes::from_static(self.body.as_bytes());
            let response = Response { status: self.status, headers: HeaderMap::new(), body };
            Box::pin(async move { if response.status == 599 { Err("no line".into()) } else { Ok(response) } })
        }
    }

    /// Nothing here ever waits.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the fake transport responds at once"),
        }
    }

    const PAYMENT: &str =
        r#"{"cf_payment_id":"7","order_id":"o","payment_amount":1,"payment_currency":"INR"}"#;

    #[test]
    fn a_path_parameter_is_one_segment_or_nothing_is_sent() {
        for (id, segment) in [
            ("order_1-2.3~4", "order_1-2.3~4"),
            ("a/b", "a%2Fb"),
            ("../x", "..%2Fx"),
            ("...", "..."),
            ("%", "%25"),
            ("%2e%2e", "%252e%252e"),
            ("%2f", "%252f"),
            ("a b", "a%20b"),
            (" ", "%20"),
            ("é₹", "%C3%A9%E2%82%B9"),
            ("a?b=c", "a%3Fb%3Dc"),
            ("a#b", "a%23b"),
            ("a\\b", "a%5Cb"),
            ("a;b:c@d", "a%3Bb%3Ac%40d"),
            ("\0\r\n", "%00%0D%0A"),
        ] {
            let fake = Fake::new(200, PAYMENT);
            now(Client::new(fake.clone()).pg_order_fetch_payment(&OrderId::from(id), &CfPaymentId::from("7"))).unwrap();
            assert_eq!(fake.paths(), [format!("/orders/{segment}/payments/7")], "{id}");
        }
        for id in ["", ".", ".."] {
            let fake = Fake::new(200, "{}");
            let client = Client::new(fake.clone());
            for result in [
                now(client.pg_order_fetch_payment(&OrderId::from(id), &CfPaymentId::from("7"))),
                now(client.pg_order_fetch_payment(&OrderId::from("order"), &CfPaymentId::from(id))),
            ] {
                assert!(matches!(result, Err(Error::InvalidRequest(_))), "{id}");
            }
            assert!(fake.paths().is_empty(), "{id} was sent");
        }
    }

    #[test]
    fn a_path_of_another_shape_is_not_sent() {
        for path in ["/orders/a/b", "/orders", "/refunds/a", "orders/a", "/orders/a/", ""] {
            let fake = Fake::new(200, "{}");
            let request = Request::new(&crate::operations::PG_FETCH_ORDER, path.to_owned());
            let result = now(Client::new(fake.clone()).call_free(request));
            assert!(matches!(result, Err(Error::InvalidRequest(_))), "{path}");
            assert!(fake.paths().is_empty(), "{path} was sent");
        }
    }

    #[test]
    fn a_query_leaves_out_what_is_none_and_repeats_lists() {
        let fake = Fake::new(200, "{}");
        let statuses = vec![Status::from("ACTIVE"), Status::from("a&b=c#d")];
        now(Client::new(fake.clone()).fetch_active_ecosystem_downtimes(
            Some(&Timestamp::from("2024-06-02 14:00:00")),
            Some(&IncidentId::from("é")),
            None,
            None,
            Some(&statuses),
            Some(&Vec::new()),
            None,
        ))
        .unwrap();
        let query = "incident_end_time=2024-06-02%2014%3A00%3A00&incident_id=%C3%A9\
                     &incident_status=ACTIVE&incident_status=a%26b%3Dc%23d";
        assert_eq!(fake.paths(), [format!("/incident?{query}")]);

        let amount: crate::Amount = "1234567890123456.00".parse().unwrap();
        let request = Request::new(&crate::operations::PG_FETCH_ORDER, "/x".to_owned())
            .query("a b", &amount)
            .and_then(|request| request.query("n", &None::<i64>))
            .and_then(|request| request.query("t", &[Some(true), None]))
            .unwrap();
        assert_eq!(request.path, "/x?a%20b=1234567890123456&t=true");
    }

    #[test]
    fn responses_become_values_or_errors_that_keep_them() {
        let id = OrderId::from("order_1");
        let fetch = |fake: Fake| now(Client::new(fake).pg_fetch_order(&id));

        let order = fetch(Fake::new(
            200,
            r#"{"cf_order_id":1,"order_id":7,"order_currency":"INR","order_amount":499.00}"#,
        ))
        .unwrap();
        assert_eq!(order.order_amount.to_string(), "499.00");
        assert_eq!(order.response().status, 200);
        assert_eq!(order.unparsed(), []);
        assert_eq!(
            order.into_parts().1.body,
            r#"{"cf_order_id":1,"order_id":7,"order_currency":"INR","order_amount":499.00}"#
        );

        for (body, path) in [
            (r#"{"order_meta":{"x":1},"order_amount":["S3CRET"]}"#, "order_amount"),
            (r#"{"customer_details":4111,"order_amount":true}"#, "order_amount"),
            (r#"{"order_splits":[{},{"amount":"S3CRET"}]}"#, "order_splits[1].amount"),
            (r#"{"order_id":"S3CRET"} trailing"#, "."),
            ("S3CRET", "."),
            ("null", "."),
            ("", "."),
        ] {
            let Err(error) = fetch(Fake::new(200, body)) else { panic!("{body} was read") };
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("S3CRET") && !shown.contains("4111"), "{shown}");
            assert!(std::error::Error::source(&error).is_some());
            let Error::Decode { error, response } = error else { panic!("{error:?}") };
            assert_eq!(error.path(), path, "{body}");
            assert!(!error.reason().is_empty());
            assert_eq!((response.status.as_u16(), response.body), (200, Bytes::from_static(body.as_bytes())));
        }

        let error = fetch(Fake::new(502, "<html>S3CRET</html>")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("S3CRET"));
        let Error::Status(response) = error else { panic!("{error:?}") };
        assert_eq!((response.status.as_u16(), &response.body[..]), (502, &b"<html>S3CRET</html>"[..]));
        assert!(matches!(fetch(Fake::new(599, "")), Err(Error::Transport(_))));
    }

    #[test]
    fn lists_and_free_responses_are_decoded() {
        let id = OrderId::from("order_1");
        const TWO: &str = r#"[{"cf_payment_id":"7","order_id":"o","payment_amount":1,"payment_currency":"INR"},null,
            {"cf_payment_id":"8","order_id":"o","payment_amount":1,"payment_currency":"INR"}]"#;
        for (body, count) in [(TWO, 2), ("null", 0), (PAYMENT, 1), ("[]", 0)] {
            let payments = now(Client::new(Fake::new(200, body)).pg_order_fetch_payments(&id)).unwrap();
            assert_eq!(payments.len(), count, "{body}");
        }
        assert!(now(Client::new(Fake::new(200, "[[1,2]]")).pg_order_fetch_payments(&id)).is_err());
        for body in ["", " \n", "null"] {
            let request = Request::new(&crate::operations::PG_FETCH_ORDER, "/orders/a".to_owned());
            let free = now(Client::new(Fake::new(200, body)).call_free(request)).unwrap();
            assert!(free.is_null(), "{body:?}");
        }
    }

    #[test]
    fn debug_shows_no_body_and_no_header() {
        let secret = "S3CRET";
        let request = Request::new(&crate::operations::PG_FETCH_ORDER, format!("/orders/{secret}"))
            .json(&secret)
            .and_then(|request| request.header("x-secret", Some(secret)))
            .unwrap();
        let mut response =
            Response { status: StatusCode::OK, headers: HeaderMap::new(), body: secret.into() };
        response.headers.insert("x-secret", HeaderValue::from_static("S3CRET"));
        let body = Body::new(secret, HeaderValue::from_static("text/plain"));
        let shown = format!("{request:?} {response:?} {body:?}");
        assert!(shown.contains("PGFetchOrder") && !shown.contains(secret), "{shown}");
        assert_eq!(request.body, "\"S3CRET\"");
        assert_eq!(request.headers[header::CONTENT_TYPE], "application/json");
    }

    #[test]
    fn a_header_that_can_not_be_sent_is_refused() {
        let request = || Request::new(&crate::operations::PG_FETCH_ORDER, String::new());
        assert!(matches!(request().header("x-a", Some("a\r\nb")), Err(Error::InvalidRequest(_))));
        assert!(request().header("x-a", None::<&str>).unwrap().headers.is_empty());
    }
}
