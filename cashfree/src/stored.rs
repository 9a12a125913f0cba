//! Calls as data: stored now, sent later or by another process.

mod form;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use cashfree_gen::{FromJson, Request, SENSITIVE_FIELDS};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::{Call, Options};
use crate::headers::RESERVED;
use crate::idempotency::takes_key;
use crate::{
    BoxError, BoxFuture, Client, Credentials, Environment, IdempotencyKey, Operation, Protection, operations,
};

use form::{Form, Headers};

/// A call as data: serialize it, store it with the business row that it belongs to, and send it later, in this
/// process or another one.
///
/// [`Call::to_stored`] makes it and [`Client::resume`] sends it. It holds the operation, the request as it will be
/// sent, the idempotency key, the API version, the environment, and the call's own timeout, retry policy, request id
/// and headers. It holds the *name* of credentials at most, never a secret.
///
/// Resuming sends the same request with the same key, however often, and by two workers at once: the service recognises
/// it. [`is_protected`] says whether the service enforces that beyond the key. Each resumed call is taken for one that
/// may have been sent before: after an ambiguous outcome, or a conflict with what an earlier attempt created, the client
/// reads back what exists and returns that. The next step after any other refusal is a read
/// ([`Error::next_step`](crate::Error::next_step)), since the earlier sending can be its reason.
///
/// Its serialized form is a JSON object with `"v": 1`. A later release reads the forms of earlier ones, or refuses them
/// with a reason. The request may hold names, phone numbers and addresses of customers: protect the table as the rest
/// of the customer data. `Debug` shows none of that.
///
/// What can't be stored:
///
/// | call | instead |
/// |---|---|
/// | upload of a file | store where the file is kept and the key ([`Call::prepared_key`]), and make a new call with it |
/// | request with a sensitive field: card number, security code, one-time password, session, bank account, UPI id | [`StoreOptions::allow_sensitive`], if the store may hold it |
/// | header that is marked as sensitive, `authorization`, `cookie` | set it in the HTTP transport |
/// | raw call to a path that no [operation](operations) has | |
/// | download ([`Download`](crate::Download)) and report in pages ([`Paged`](crate::Paged)) | these read only; make them anew |
///
/// ```
/// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use cashfree::types::{CreateRefund, Refund};
/// use cashfree::{Amount, StoredCall};
///
/// let refund = CreateRefund::new(Amount::rupees(100), "refund_1");
/// let stored = client.refunds().create("order_1", refund).to_stored()?;
/// let row = serde_json::to_string(&stored)?;
/// // ... commit the row; then, in a worker ...
/// let stored: StoredCall = serde_json::from_str(&row)?;
/// let refund = client.resume::<Refund>(&stored)?.await?;
/// println!("{:?}", refund.refund_status);
/// # Ok(())
/// # }
/// ```
///
/// [`is_protected`]: StoredCall::is_protected
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "form::Versioned", into = "form::Versioned")]
pub struct StoredCall(Form);

/// Options of [`Call::to_stored_with`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct StoreOptions {
    credentials: Option<String>,
    sensitive: bool,
}

impl StoreOptions {
    /// Creates the default options: for the credentials of the client that resumes the call, without sensitive fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name under which the program keeps the credentials, such as the merchant's id in its own database.
    /// The call is then resumed by [`Client::resume_as`] only.
    pub fn credentials_name(mut self, name: impl Into<String>) -> Self {
        self.credentials = Some(name.into());
        self
    }

    /// Allows fields that `Debug` shows as `***`. Card data may be stored only where PCI DSS allows it, and security
    /// codes never after authorization.
    pub fn allow_sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

/// Reason why a call can't be stored or resumed. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredCallError {
    /// The request has this sensitive field or header.
    Sensitive(String),
    /// The request has a file.
    Upload,
    /// The operation is not in the table of this release.
    UnknownOperation(String),
    /// The call takes an idempotency key and has none, because the client makes none.
    NoKey,
    /// The call, or a client of [`Client::with_credentials`], has credentials of its own: give their
    /// [name](StoreOptions::credentials_name).
    UnnamedCredentials,
    /// The call is stored for the credentials of this name: use [`Client::resume_as`].
    OtherCredentials(String),
    /// The call was made for this API version, and the client uses another one.
    OtherApiVersion(String),
    /// The call was made for this environment, and the client uses another one.
    OtherEnvironment(String),
    /// The call can't get another key: the service does not refuse to carry it out twice.
    OnlyKeyProtects,
    /// The request is not valid, as this text says.
    Invalid(String),
}

impl fmt::Display for StoredCallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sensitive(name) => write!(f, "the request holds `{name}`, which must not be stored"),
            Self::Upload => f.write_str(
                "a file is not stored: store its path and the idempotency key, and make a new call",
            ),
            Self::UnknownOperation(id) => write!(f, "this release has no operation {id:?}"),
            Self::NoKey => f.write_str("the call has no idempotency key, and the client makes none"),
            Self::UnnamedCredentials => {
                f.write_str("the call has its own credentials: store it with their name")
            }
            Self::OtherCredentials(name) => write!(f, "the call is stored for the credentials {name:?}"),
            Self::OtherApiVersion(version) => write!(f, "the call was made for API version {version}"),
            Self::OtherEnvironment(name) => write!(f, "the call was made for the environment {name}"),
            Self::OnlyKeyProtects => {
                f.write_str("only its idempotency key prevents a second effect, so the key is not replaced")
            }
            Self::Invalid(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for StoredCallError {}

impl StoredCall {
    /// Returns the id of the operation, such as `PGOrderCreateRefund`.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Returns the idempotency key. `None` for an operation that takes none.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.0.key.as_ref()
    }

    /// Returns the name of the credentials to resume the call with, or `None` for those of the client.
    pub fn credentials_name(&self) -> Option<&str> {
        self.0.credentials.as_deref()
    }

    /// Returns the API version that the call was made for.
    pub fn api_version(&self) -> &str {
        &self.0.api_version
    }

    /// Returns whether a second sending can't act twice, beyond what the idempotency key does: the operation reads,
    /// or the service refuses a second object under its identifier, or the state of the object refuses a second
    /// action ([`Operation::protected_by`]).
    ///
    /// If `false`, only the key protects the write. How long the service remembers a key is not published. A worker
    /// that finds such a call interrupted leaves the decision to a person, or
    /// [trusts keys](crate::RetryPolicy::trust_keys).
    pub fn is_protected(&self) -> bool {
        let Ok(request) = self.request() else { return false };
        request.operation.protected_by == Protection::Read || crate::call::is_protected(&request)
    }

    /// Returns the call with a new idempotency key, for a service that has stored a failure under the first one
    /// ([`JobStep::NewKey`](crate::JobStep)). Store it in place of the first before it is sent, in one transaction
    /// with the job of its next run.
    ///
    /// ```
    /// # fn run(stored: cashfree::StoredCall) -> Result<(), cashfree::StoredCallError> {
    /// let renewed = stored.with_new_key()?;
    /// assert_ne!(renewed.idempotency_key(), stored.idempotency_key());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`StoredCallError::OnlyKeyProtects`]: a second sending could act twice, as [`is_protected`](Self::is_protected)
    /// says.
    pub fn with_new_key(&self) -> Result<Self, StoredCallError> {
        let request = self.request()?;
        if self.0.key.is_none() || !crate::call::is_protected(&request) {
            return Err(StoredCallError::OnlyKeyProtects);
        }
        let mut form = self.0.clone();
        form.key = Some(IdempotencyKey::random());
        Ok(Self(form))
    }

    /// The request, once it is known to fit its operation.
    fn request(&self) -> Result<Request, StoredCallError> {
        let id = &self.0.operation;
        let operation = known(id).ok_or_else(|| StoredCallError::UnknownOperation(id.clone()))?;
        let mut request = Request::new(operation, self.0.path.clone());
        request.body = self.0.body.clone().into_bytes().into();
        if !self.0.body.is_empty() {
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in pairs(&self.0.request_headers)? {
            request.headers.append(name, value);
        }
        Ok(request)
    }
}

/// Shows no request: it may hold text about customers.
impl fmt::Debug for StoredCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCall")
            .field("operation", &self.0.operation)
            .field("idempotency_key", &self.0.key)
            .field("credentials_name", &self.0.credentials)
            .field("api_version", &self.0.api_version)
            .field("environment", &self.0.environment)
            .finish_non_exhaustive()
    }
}

fn known(id: &str) -> Option<&'static Operation> {
    operations::ALL.iter().copied().find(|operation| operation.id == id)
}

/// Reads stored headers. None may stand for one that the client sets.
fn pairs(headers: &Headers) -> Result<Vec<(HeaderName, HeaderValue)>, StoredCallError> {
    let invalid = |name: &str| StoredCallError::Invalid(format!("the stored header {name:?} is not valid"));
    let read = |(name, value): &(String, String)| {
        let header = HeaderName::try_from(name.as_str()).map_err(|_| invalid(name))?;
        let value = HeaderValue::try_from(value.as_str()).map_err(|_| invalid(name))?;
        if RESERVED.contains(&header) { Err(invalid(name)) } else { Ok((header, value)) }
    };
    headers.iter().map(read).collect()
}

/// Writes headers as text, unless one is a secret.
fn texts<'a>(
    headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) -> Result<Headers, StoredCallError> {
    headers
        .map(|(name, value)| {
            if value.is_sensitive() || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name) {
                return Err(StoredCallError::Sensitive(name.to_string()));
            }
            let text = value.to_str().map_err(|_| {
                StoredCallError::Invalid(format!("the header {name} holds characters that are not ASCII"))
            })?;
            Ok((name.to_string(), text.to_owned()))
        })
        .collect()
}

/// The word for an environment that a stored call is not moved out of.
fn word(environment: &Environment) -> &'static str {
    match environment {
        Environment::Sandbox => "sandbox",
        Environment::Production => "production",
        Environment::Custom(_) => "custom",
    }
}

/// Finds a sensitive field with a value in JSON.
fn sensitive_field(json: &Value) -> Option<&'static str> {
    // Not by recursion: a raw body may be deep.
    let mut rest = vec![json];
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(items) => rest.extend(items),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let known = SENSITIVE_FIELDS.iter().find(|known| known.eq_ignore_ascii_case(name));
                    if let Some(known) = known.filter(|_| !value.is_null()) {
                        return Some(known);
                    }
                    rest.push(value);
                }
            }
            _ => {}
        }
    }
    None
}

/// Finds a sensitive parameter in the path or query of a request.
fn sensitive_parameter(request: &Request) -> Option<&'static str> {
    let (_, query) = request.path.split_once('?').unwrap_or_default();
    let mut names = query.split('&').filter_map(|pair| pair.split('=').next());
    let in_query = names.find_map(|name| {
        SENSITIVE_FIELDS.iter().find(|known| percent_decode_str(name).eq(known.bytes())).copied()
    });
    in_query.or_else(|| {
        let names = request.operation.path.split('/');
        let mut names = names.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        names.find_map(|name| SENSITIVE_FIELDS.iter().find(|known| **known == name).copied())
    })
}

/// Takes the request that a call makes, and sends nothing.
#[derive(Debug, Default)]
struct Capture(Mutex<Option<Request>>);

impl cashfree_gen::Transport for Capture {
    fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<cashfree_gen::Response, BoxError>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        Box::pin(std::future::ready(Err("not sent".into())))
    }
}

impl<T> Call<T> {
    /// Returns the call as data, with the idempotency key that it has or gets now. Sending this call afterwards uses
    /// the same key.
    ///
    /// # Errors
    /// [`StoredCallError`]: a sensitive field, a file, a raw call that is no operation, a missing key, or credentials
    /// of the call's own, or of [`Client::with_credentials`](crate::Client::with_credentials), without a name.
    pub fn to_stored(&mut self) -> Result<StoredCall, StoredCallError> {
        self.to_stored_with(StoreOptions::new())
    }

    /// Returns the call as data, for named credentials or with sensitive fields.
    ///
    /// ```
    /// # fn run(client: cashfree::Client, merchant: cashfree::Credentials) -> Result<(), cashfree::StoredCallError> {
    /// use cashfree::StoreOptions;
    ///
    /// let options = StoreOptions::new().credentials_name("merchant_7");
    /// let stored = client.orders().terminate("order_1").credentials(merchant).to_stored_with(options)?;
    /// assert_eq!(stored.credentials_name(), Some("merchant_7"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`to_stored`](Call::to_stored).
    pub fn to_stored_with(&mut self, options: StoreOptions) -> Result<StoredCall, StoredCallError> {
        let is_default = !self.has_credentials() && !self.client().has_replaced_credentials();
        if !is_default && options.credentials.is_none() {
            return Err(StoredCallError::UnnamedCredentials);
        }
        let request = self.request()?;
        let operation = request.operation;
        known(operation.id).ok_or_else(|| StoredCallError::UnknownOperation(operation.id.to_owned()))?;
        let mut headers = request.headers.clone();
        let content_type = headers.remove(CONTENT_TYPE);
        if content_type.is_some_and(|kind| kind != "application/json") {
            return Err(StoredCallError::Upload);
        }
        if !options.sensitive {
            let body = serde_json::from_slice(&request.body).unwrap_or_default();
            let name = sensitive_field(&body).or_else(|| sensitive_parameter(&request));
            name.map_or(Ok(()), |name| Err(StoredCallError::Sensitive(name.to_owned())))?;
        }
        let key = self.prepared_key().cloned();
        if key.is_none() && takes_key(operation) {
            return Err(StoredCallError::NoKey);
        }
        let client = self.client();
        let version = client.api_version(operation);
        let set = self.options();
        Ok(StoredCall(Form {
            operation: operation.id.to_owned(),
            path: request.path,
            body: String::from_utf8(request.body.to_vec())
                .map_err(|_| StoredCallError::Invalid("the body is not UTF-8".to_owned()))?,
            request_headers: texts(headers.iter())?,
            key,
            api_version: version.to_str().unwrap_or_default().to_owned(),
            environment: word(client.environment()).to_owned(),
            credentials: options.credentials,
            request_id: set.request_id.clone(),
            timeout_ms: set.timeout.map(form::millis),
            retry: set.retry.clone(),
            headers: texts(set.headers.iter().map(|(name, value)| (name, value)))?,
        }))
    }

    /// The request that the call sends.
    fn request(&self) -> Result<Request, StoredCallError> {
        let capture = Arc::new(Capture::default());
        let transport: Arc<dyn cashfree_gen::Transport> = capture.clone();
        let mut invocation = self.invocation(transport.into());
        // Generated methods await nothing before they hand on the request.
        let outcome = invocation.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let captured = capture.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        captured.ok_or_else(|| match outcome {
            Poll::Ready(Err(error)) => StoredCallError::Invalid(error.to_string()),
            _ => StoredCallError::Upload,
        })
    }
}

impl Client {
    /// Returns the stored call, ready to be sent with the credentials of this client.
    ///
    /// `T` is the type that the operation's method returns, or [`serde_json::Value`] for any operation; amounts in a
    /// `Value` are not exact, those in [`Response::body`](crate::Response) are.
    ///
    /// # Errors
    /// [`StoredCallError`]: the call is stored for named credentials, another API version or another environment
    /// (sandbox, production or a custom URL), or its operation or headers are not those of this release.
    pub fn resume<T>(&self, stored: &StoredCall) -> Result<Call<T>, StoredCallError>
    where
        T: FromJson + Send + 'static,
    {
        match stored.credentials_name() {
            None => self.resumed(stored, None),
            Some(name) => Err(StoredCallError::OtherCredentials(name.to_owned())),
        }
    }

    /// Returns the stored call, ready to be sent with these credentials: those that
    /// [`StoredCall::credentials_name`] names. The idempotency key belongs to the account: with credentials of another
    /// account, the call acts there.
    ///
    /// ```
    /// # fn credentials_of(merchant: &str) -> cashfree::Credentials { cashfree::Credentials::client_secret(merchant, "s") }
    /// # async fn run(client: cashfree::Client, stored: cashfree::StoredCall) -> Result<(), Box<dyn std::error::Error>> {
    /// let merchant = stored.credentials_name().ok_or("no merchant")?;
    /// let response = client.resume_as::<serde_json::Value>(&stored, credentials_of(merchant))?.await?;
    /// println!("{}", response.meta().request_id());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`resume`](Client::resume), for any credentials.
    pub fn resume_as<T>(
        &self,
        stored: &StoredCall,
        credentials: Credentials,
    ) -> Result<Call<T>, StoredCallError>
    where
        T: FromJson + Send + 'static,
    {
        self.resumed(stored, Some(credentials))
    }

    fn resumed<T>(
        &self,
        stored: &StoredCall,
        credentials: Option<Credentials>,
    ) -> Result<Call<T>, StoredCallError>
    where
        T: FromJson + Send + 'static,
    {
        let form = &stored.0;
        let request = stored.request()?;
        let operation = request.operation;
        if self.api_version(operation) != form.api_version.as_str() {
            return Err(StoredCallError::OtherApiVersion(form.api_version.clone()));
        }
        if word(self.environment()) != form.environment {
            return Err(StoredCallError::OtherEnvironment(form.environment.clone()));
        }
        if takes_key(operation) && form.key.is_none() {
            return Err(StoredCallError::NoKey);
        }
        let options = Options {
            key: form.key.clone(),
            key_is_new: false,
            resumed: true,
            request_id: form.request_id.clone(),
            timeout: form.timeout_ms.map(std::time::Duration::from_millis),
            retry: form.retry.clone(),
            credentials,
            headers: pairs(&form.headers)?,
        };
        let call = Call::new(self.clone(), operation, move |api| {
            let request = request.clone();
            Box::pin(async move { api.resend(request).await })
        });
        Ok(call.with_options(options))
    }
}
