//! The request of an attempt.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::delivery::Delivery;
use super::undelivered::Undelivered;
use crate::headers::{API_VERSION, CLIENT_SIGNATURE, IDEMPOTENCY_KEY, REQUEST_ID};
use crate::transport::Head;
use crate::{BoxFuture, ErrorKind, RetryClass, TransportError};

/// The response of an attempt that has not been awaited yet.
pub(super) type PendingResponse<'a> = BoxFuture<'a, Result<http::Response<Bytes>, TransportError>>;

impl Delivery {
    /// Prepares an attempt, with current credentials and the remaining time. It is sent when the
    /// response is awaited.
    #[expect(clippy::result_large_err, reason = "it is made once, when the call fails")]
    pub(super) fn prepare(
        &self,
        request: &cashfree_gen::Request,
    ) -> Result<PendingResponse<'_>, Undelivered> {
        // Those below, and the two that the transport adds.
        let mut headers = HeaderMap::with_capacity(9 + request.headers.len() + self.headers.len());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(API_VERSION, self.client.api_version(request.operation));
        headers.insert(REQUEST_ID, self.request_id.clone());
        if !request.operation.is_open() {
            self.credentials.apply(&mut headers).map_err(|source| {
                let detail = format!("the credentials can't be applied: {source}");
                Undelivered::local(ErrorKind::Auth, detail, Some(source))
            })?;
            self.progress().signatures.extend(headers.get(CLIENT_SIGNATURE).cloned());
        }
        // A read-back has no key, although the call has one.
        if let Some(key) = self.key.as_ref().filter(|_| request.operation.retry_class != RetryClass::Safe) {
            let value = key
                .header()
                .ok_or_else(|| Undelivered::local(ErrorKind::Request, crate::InvalidKey.to_string(), None))?;
            headers.insert(IDEMPOTENCY_KEY, value);
        }
        let own = |name: &HeaderName| self.headers.iter().any(|(own, _)| own == name);
        if !own(&header::ACCEPT_ENCODING) {
            // Without it, the service may choose any coding.
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        for (name, value) in request.headers.iter().filter(|(name, _)| !own(name)) {
            headers.insert(name, value.clone());
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        let head = Head { method: request.operation.method.clone(), headers, body: request.body.clone() };
        self.client
            .network()
            .send(self.client.base(), &request.path, head, self.timeout.min(self.time_left()))
            .map_err(|reason| Undelivered::local(ErrorKind::Request, reason, None))
    }
}
