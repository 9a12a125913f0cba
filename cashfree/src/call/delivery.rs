//! The state of one call: constants of its attempts, and their findings.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, header};
use uuid::Uuid;

use super::options::Options;
use crate::budget::Budget;
use crate::echo::RequestSecrets;
use crate::headers::{RESERVED, is_printable};
use crate::idempotency::takes_key;
use crate::{
    BoxFuture, Client, Credentials, Error, ErrorKind, Idempotency, IdempotencyKey, Operation, ResponseMeta,
    RetryClass, RetryPolicy,
};

/// One logical call: constants of its attempts, and their findings.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(super) client: Client,
    pub(super) operation: &'static Operation,
    pub(super) credentials: Credentials,
    pub(super) key: Option<IdempotencyKey>,
    /// The key was set by the caller, so another call may use it, before or at the same time.
    pub(super) continues: bool,
    /// The call was stored, and may have been sent before.
    pub(super) resumed: bool,
    pub(super) request_id: HeaderValue,
    pub(super) timeout: Duration,
    pub(super) policy: RetryPolicy,
    /// Headers of the caller.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    started: Instant,
    pub(super) budget: Budget,
    /// The request as it is sent, once it is known.
    pub(super) request: OnceLock<cashfree_gen::Request>,
    progress: Mutex<Progress>,
}

/// Findings of the attempts so far.
#[derive(Debug, Default, Clone)]
pub(super) struct Progress {
    pub(super) attempts: u32,
    /// The wait before the next attempt.
    pub(super) waited: Duration,
    /// An attempt may have been applied.
    pub(super) uncertain: bool,
    /// An attempt was applied: its response identified itself, but could not be decoded.
    pub(super) applied: bool,
    /// An attempt may have reached the service.
    pub(super) sent: bool,
    /// The response was read back by the identifier.
    pub(super) read_back: bool,
    /// The fields in which the existing object differs from the request.
    pub(super) differing: Vec<String>,
    /// The status field and status of the existing object, if it has ended since.
    pub(super) ended: Option<(String, String)>,
    /// The signatures that attempts were sent with.
    pub(super) signatures: Vec<HeaderValue>,
}

impl Progress {
    /// Whether the write may have been applied.
    pub(super) fn is_open(&self) -> bool {
        self.uncertain || self.applied
    }
}

impl Delivery {
    /// Validates the call before anything is sent.
    ///
    /// # Errors
    /// If the operation does not accept the credentials, or the caller's key, headers or request id are not valid.
    pub(super) fn new(
        client: Client,
        operation: &'static Operation,
        options: Options,
    ) -> Result<Self, Error> {
        let started = client.clock().now();
        let mut key = options.key.filter(|_| takes_key(operation));
        let continues = key.is_some() && !options.key_is_new;
        let explicit = client.idempotency() == Idempotency::Explicit;
        if key.is_none() && takes_key(operation) && client.makes_keys() {
            key = Some(IdempotencyKey::random());
        }
        let budget = match &options.credentials {
            Some(credentials) => client.budget_of(credentials),
            None => client.budget().clone(),
        };
        let mut delivery = Self {
            budget,
            credentials: options.credentials.unwrap_or_else(|| client.credentials().clone()),
            timeout: options.timeout.unwrap_or(client.timeout()),
            policy: options.retry.unwrap_or_else(|| client.retry_policy().clone()),
            request_id: HeaderValue::from_static(""),
            client,
            operation,
            key,
            continues,
            resumed: options.resumed,
            headers: options.headers,
            started,
            request: OnceLock::new(),
            progress: Mutex::default(),
        };
        if explicit && takes_key(operation) && delivery.key.is_none() {
            return Err(delivery.local(
                ErrorKind::Request,
                "a write needs an idempotency key here".to_owned(),
                None,
            ));
        }
        if !delivery.credentials.satisfy(operation) {
            let accepted: Vec<String> = operation.auth.iter().map(|headers| headers.join(" with ")).collect();
            let scheme = delivery.credentials.scheme();
            let detail = format!("does not accept {scheme:?} credentials, but {}", accepted.join(", or "));
            return Err(delivery.local(ErrorKind::Auth, detail, None));
        }
        let own = delivery.headers.iter().find(|(name, _)| RESERVED.contains(name));
        if let Some((name, _)) = own {
            let detail = format!("the header {name} is the client's own");
            return Err(delivery.local(ErrorKind::Request, detail, None));
        }
        delivery.request_id = match options.request_id {
            None => random_request_id(),
            Some(id) => {
                let fine = !id.is_empty() && is_printable(&id);
                let value = HeaderValue::try_from(id).ok().filter(|_| fine);
                let detail = "the request id is empty, holds a space at an end, or characters that are not \
                              printable ASCII";
                value.ok_or_else(|| delivery.local(ErrorKind::Request, detail.to_owned(), None))?
            }
        };
        Ok(delivery)
    }

    pub(super) fn request_id(&self) -> &str {
        self.request_id.to_str().unwrap_or_default()
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.client.clock().now().saturating_duration_since(self.started)
    }

    /// Waits. Returns `false` at once where that is impossible: outside of a Tokio runtime.
    pub(super) fn sleep(&self, time: Duration) -> BoxFuture<'_, bool> {
        self.client.clock().sleep(time)
    }

    /// The remaining time of the call.
    pub(super) fn time_left(&self) -> Duration {
        self.policy.time_limit().saturating_sub(self.elapsed())
    }

    /// Records the findings of an attempt. Reads are never ambiguous.
    pub(super) fn update(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress();
        change(&mut progress);
        if self.reads() {
            (progress.uncertain, progress.applied) = (false, false);
        }
    }

    /// The secrets of the attempts, which no shown text may repeat.
    pub(super) fn secrets(&self) -> RequestSecrets {
        let mut secrets = RequestSecrets::default();
        secrets.add_headers(&self.headers);
        let progress = self.progress();
        let credentials = self.credentials.secret().into_iter().chain(&progress.signatures);
        credentials.filter_map(|value| value.to_str().ok()).for_each(|text| secrets.add(text));
        if let Some(request) = self.request.get() {
            secrets.add_body(request.headers.get(header::CONTENT_TYPE), &request.body);
        }
        secrets
    }

    /// Metadata of the response.
    pub(super) fn meta(&self, response: cashfree_gen::Response) -> ResponseMeta {
        let (attempts, read_back) = {
            let progress = self.progress();
            (progress.attempts, progress.read_back)
        };
        ResponseMeta {
            status: response.status,
            headers: response.headers,
            body: response.body,
            sent_request_id: self.request_id.clone(),
            key: self.key.clone(),
            attempts,
            elapsed: self.elapsed(),
            read_back,
            unparsed: Vec::new(),
            replaced_text: Vec::new(),
        }
    }

    /// Whether the operation only reads.
    pub(super) fn reads(&self) -> bool {
        self.operation.retry_class == RetryClass::Safe
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if self.progress().attempts > 0 {
            self.budget.end(self.policy.extra_load());
        }
    }
}

/// Creates a unique request id. It is not a secret: unlike an idempotency key it needs no random bytes of the operating
/// system.
fn random_request_id() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let random = uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid();
    let text = random.hyphenated().encode_lower(&mut text);
    // Digits and dashes are always valid.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
