//! Credentials: the combinations of headers that the API accepts.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::headers::{
    CLIENT_ID, CLIENT_SECRET, CLIENT_SIGNATURE, PARTNER_API_KEY, PARTNER_MERCHANT_ID, is_printable,
};
use crate::redact::mask_text;
use crate::{Environment, Operation, Secret};

/// Boxed error that can cross threads.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Credentials of a caller. `Debug` shows the scheme and masked ids, never a secret.
///
/// Each operation lists the combinations that it accepts. A call with another one fails before anything is sent ([`Error::is_auth_unsupported`](crate::Error::is_auth_unsupported)). See
/// <https://www.cashfree.com/docs/api-reference/payments/api-best-practices>.
#[derive(Clone)]
pub struct Credentials(Kind);

#[derive(Clone)]
enum Kind {
    ClientSecret { client_id: HeaderText, secret: HeaderText },
    ClientSignature { client_id: HeaderText, signature: Arc<dyn SignatureProvider> },
    PartnerClient { api_key: HeaderText, client_id: HeaderText },
    PartnerMerchant { api_key: HeaderText, merchant_id: HeaderText },
    Unauthenticated,
}

/// Header value of the caller, created once and shared by attempts.
#[derive(Clone)]
enum HeaderText {
    Valid(HeaderValue),
    Empty,
    /// The text is not a valid header value. Its masked form.
    Invalid(Arc<str>),
}

impl HeaderText {
    fn name(text: String) -> Self {
        if text.is_empty() {
            return Self::Empty;
        }
        if !is_printable(&text) {
            return Self::Invalid(text.into());
        }
        Self::of(text.into())
    }

    fn secret(secret: Secret) -> Self {
        if secret.is_empty() {
            return Self::Empty;
        }
        if !is_printable(secret.expose()) {
            return Self::Invalid("***".into());
        }
        Self::of(Bytes::from_owner(Wiped(secret)))
    }

    /// Marked so that nothing prints it.
    fn of(text: Bytes) -> Self {
        HeaderValue::from_maybe_shared(text).map_or_else(
            |_| Self::Invalid("***".into()),
            |mut value| {
                value.set_sensitive(true);
                Self::Valid(value)
            },
        )
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Valid(value) => value.to_str().unwrap_or_default(),
            Self::Empty => "",
            Self::Invalid(text) => text,
        }
    }

    fn value(&self, name: &HeaderName) -> Result<HeaderValue, BoxError> {
        match self {
            Self::Valid(value) => Ok(value.clone()),
            Self::Empty => Err(format!("{name} is empty").into()),
            Self::Invalid(_) => Err(format!("{name} {UNFIT}").into()),
        }
    }

    /// The first of two sentences that applies.
    fn fault(&self, empty: &'static str, unfit: &'static str) -> Option<&'static str> {
        match self {
            Self::Valid(_) => None,
            Self::Empty => Some(empty),
            Self::Invalid(_) => Some(unfit),
        }
    }
}

/// Bytes of a header value, wiped when the last request that uses them is dropped.
struct Wiped(Secret);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

const UNFIT: &str = "holds a space at an end, or characters that are not printable ASCII";

/// Combination of headers that credentials are sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthScheme {
    /// `x-client-id` and `x-client-secret`: a merchant's own keys.
    ClientSecret,
    /// `x-client-id` and `x-client-signature`: a signature in place of the secret.
    ClientSignature,
    /// `x-partner-apikey` and `x-client-id`: a partner for a merchant known by app id.
    PartnerClient,
    /// `x-partner-apikey` and `x-partner-merchantid`: a partner for a merchant known by merchant id.
    PartnerMerchant,
    /// No headers: for the operations that are keyed by a payment session or a payment.
    Unauthenticated,
}

/// Source of `x-client-signature`.
///
/// - What has to be signed is not published, so the caller supplies the signature.
/// - It is called for each attempt, since a signature may be short-lived.
/// - It is called on the thread that sends the call and must not block: fetch signatures beforehand.
/// - A [`Secret`] is a source that always returns itself. Functions, and an `Arc` of a source, are sources.
///
/// ```
/// use cashfree::{BoxError, Credentials, Secret};
/// # fn signed(_: &str) -> Result<String, BoxError> { Ok("signature".to_owned()) }
/// let credentials = Credentials::client_signature("app_1", |client_id: &str| signed(client_id).map(Secret::from));
/// ```
pub trait SignatureProvider: Send + Sync + 'static {
    /// Returns the signature for this client id, for the attempt that is about to be sent.
    ///
    /// # Errors
    /// If it cannot sign. The call then fails without being sent ([`is_auth`](crate::Error::is_auth)).
    fn sign(&self, client_id: &str) -> Result<Secret, BoxError>;
}

impl SignatureProvider for Secret {
    fn sign(&self, _client_id: &str) -> Result<Secret, BoxError> {
        Ok(self.clone())
    }
}

impl<F> SignatureProvider for F
where
    F: Fn(&str) -> Result<Secret, BoxError> + Send + Sync + 'static,
{
    fn sign(&self, client_id: &str) -> Result<Secret, BoxError> {
        self(client_id)
    }
}

impl<P: SignatureProvider + ?Sized> SignatureProvider for Arc<P> {
    fn sign(&self, client_id: &str) -> Result<Secret, BoxError> {
        self.as_ref().sign(client_id)
    }
}

impl Credentials {
    /// Creates credentials of a merchant's client id and client secret, from the dashboard.
    pub fn client_secret(client_id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self(Kind::ClientSecret {
            client_id: HeaderText::name(client_id.into()),
            secret: HeaderText::secret(secret.into()),
        })
    }

    /// Creates credentials of a merchant's client id and a source of signatures.
    pub fn client_signature(client_id: impl Into<String>, signature: impl SignatureProvider) -> Self {
        Self(Kind::ClientSignature {
            client_id: HeaderText::name(client_id.into()),
            signature: Arc::new(signature),
        })
    }

    /// Creates credentials of a partner for the merchant with this app id.
    pub fn partner_for_client(partner_api_key: impl Into<Secret>, client_id: impl Into<String>) -> Self {
        Self(Kind::PartnerClient {
            api_key: HeaderText::secret(partner_api_key.into()),
            client_id: HeaderText::name(client_id.into()),
        })
    }

    /// Creates credentials of a partner for the merchant with this merchant id.
    pub fn partner_for_merchant(partner_api_key: impl Into<Secret>, merchant_id: impl Into<String>) -> Self {
        Self(Kind::PartnerMerchant {
            api_key: HeaderText::secret(partner_api_key.into()),
            merchant_id: HeaderText::name(merchant_id.into()),
        })
    }

    /// Creates empty credentials, for a program that calls only the two operations without credentials.
    pub const fn unauthenticated() -> Self {
        Self(Kind::Unauthenticated)
    }

    /// Returns the combination of headers that they are sent as.
    pub const fn scheme(&self) -> AuthScheme {
        match self.0 {
            Kind::ClientSecret { .. } => AuthScheme::ClientSecret,
            Kind::ClientSignature { .. } => AuthScheme::ClientSignature,
            Kind::PartnerClient { .. } => AuthScheme::PartnerClient,
            Kind::PartnerMerchant { .. } => AuthScheme::PartnerMerchant,
            Kind::Unauthenticated => AuthScheme::Unauthenticated,
        }
    }

    /// Returns the name of these credentials: the scheme and the ids.
    pub(crate) fn name(&self) -> (AuthScheme, &str) {
        let named = match &self.0 {
            Kind::ClientSecret { client_id, .. }
            | Kind::ClientSignature { client_id, .. }
            | Kind::PartnerClient { client_id, .. } => client_id.as_str(),
            Kind::PartnerMerchant { merchant_id, .. } => merchant_id.as_str(),
            Kind::Unauthenticated => "",
        };
        (self.scheme(), named)
    }

    /// Whether the operation accepts them. An operation without credentials accepts any and gets none.
    pub(crate) fn satisfy(&self, operation: &Operation) -> bool {
        let names = self.scheme().headers();
        operation.is_open()
            || operation.auth.iter().any(|alternative| {
                alternative.len() == names.len() && names.iter().all(|name| alternative.contains(name))
            })
    }

    /// Adds the headers for one attempt, marked so that nothing prints them.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) -> Result<(), BoxError> {
        let mut add = |name: HeaderName, said: &HeaderText| -> Result<(), BoxError> {
            let value = said.value(&name)?;
            headers.insert(name, value);
            Ok(())
        };
        match &self.0 {
            Kind::ClientSecret { client_id, secret } => {
                add(CLIENT_ID, client_id)?;
                add(CLIENT_SECRET, secret)
            }
            Kind::ClientSignature { client_id, signature } => {
                add(CLIENT_ID, client_id)?;
                add(CLIENT_SIGNATURE, &HeaderText::secret(signature.sign(client_id.as_str())?))
            }
            Kind::PartnerClient { api_key, client_id } => {
                add(PARTNER_API_KEY, api_key)?;
                add(CLIENT_ID, client_id)
            }
            Kind::PartnerMerchant { api_key, merchant_id } => {
                add(PARTNER_API_KEY, api_key)?;
                add(PARTNER_MERCHANT_ID, merchant_id)
            }
            Kind::Unauthenticated => Ok(()),
        }
    }

    /// The secrets among them; a signature is known only from its header.
    pub(crate) fn secret(&self) -> Option<&HeaderValue> {
        let (Kind::ClientSecret { secret: said, .. }
        | Kind::PartnerClient { api_key: said, .. }
        | Kind::PartnerMerchant { api_key: said, .. }) = &self.0
        else {
            return None;
        };
        match said {
            HeaderText::Valid(value) => Some(value),
            HeaderText::Empty | HeaderText::Invalid(_) => None,
        }
    }

    /// Returns why the service may refuse these credentials in this environment. By convention, a client id of the
    /// sandbox begins with `TEST`, and a secret names its environment (`cfsk_ma_test_…`, `cfsk_ma_prod_…`). A
    /// convention is no rule, so this is said only after a refusal.
    pub(crate) fn hint(&self, environment: &Environment) -> Option<&'static str> {
        let client_id = match &self.0 {
            Kind::ClientSecret { client_id, .. }
            | Kind::ClientSignature { client_id, .. }
            | Kind::PartnerClient { client_id, .. } => Some(client_id.as_str()),
            Kind::PartnerMerchant { .. } | Kind::Unauthenticated => None,
        };
        let secret = self.secret().and_then(|secret| secret.to_str().ok()).unwrap_or_default();
        let (is_test_id, is_test_secret) =
            (client_id.map(|id| id.starts_with("TEST")), secret.contains("_test_"));
        // The URL decides, not how it was given.
        let calls = |known: Environment| environment.base_url() == known.base_url();
        let (production, sandbox) = (calls(Environment::Production), calls(Environment::Sandbox));
        if production && is_test_id == Some(true) {
            Some(
                "the client id begins with TEST, as those of the sandbox do, and the environment is production",
            )
        } else if production && is_test_secret {
            Some("the secret contains _test_, as those of the sandbox do, and the environment is production")
        } else if sandbox && secret.contains("_prod_") {
            Some("the secret contains _prod_, as those of production do, and the environment is the sandbox")
        } else if sandbox && is_test_id == Some(false) && !is_test_secret {
            Some(
                "the client id does not begin with TEST, as those of the sandbox do, and the environment is the sandbox",
            )
        } else {
            None
        }
    }

    /// What is invalid about them, before they are used.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let client = |id: &HeaderText| {
            id.fault(
                "the client id is empty",
                "the client id holds a space at an end, or characters that are not printable ASCII",
            )
            .or_else(|| {
                let is_secret = id.as_str().starts_with("cfsk_");
                is_secret.then_some("the client id is a client secret: the two are swapped")
            })
        };
        let key = |key: &HeaderText| {
            key.fault(
                "the partner API key is empty",
                "the partner API key holds a space at an end, or characters that are not printable ASCII",
            )
        };
        match &self.0 {
            Kind::ClientSecret { client_id, secret } => secret
                .fault(
                    "the client secret is empty",
                    "the client secret holds a space at an end, or characters that are not printable ASCII",
                )
                .or_else(|| client(client_id)),
            Kind::ClientSignature { client_id, .. } => client(client_id),
            Kind::PartnerClient { api_key, client_id } => key(api_key).or_else(|| client(client_id)),
            Kind::PartnerMerchant { api_key, merchant_id } => key(api_key).or_else(|| {
                merchant_id.fault(
                    "the merchant id is empty",
                    "the merchant id holds a space at an end, or characters that are not printable ASCII",
                )
            }),
            Kind::Unauthenticated => None,
        }
    }
}

impl AuthScheme {
    const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::ClientSecret => &["x-client-id", "x-client-secret"],
            Self::ClientSignature => &["x-client-id", "x-client-signature"],
            Self::PartnerClient => &["x-partner-apikey", "x-client-id"],
            Self::PartnerMerchant => &["x-partner-apikey", "x-partner-merchantid"],
            Self::Unauthenticated => &[],
        }
    }
}

/// Shows an id by its last two characters: it may be the secret, if a program swaps them.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Credentials");
        shown.field("scheme", &self.scheme());
        match &self.0 {
            Kind::ClientSecret { client_id, .. }
            | Kind::ClientSignature { client_id, .. }
            | Kind::PartnerClient { client_id, .. } => {
                shown.field("client_id", &format_args!("{}", mask_text(client_id.as_str())))
            }
            Kind::PartnerMerchant { merchant_id, .. } => {
                shown.field("merchant_id", &format_args!("{}", mask_text(merchant_id.as_str())))
            }
            Kind::Unauthenticated => &mut shown,
        };
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_the_other_environment_are_hinted_at() {
        use Environment::{Production, Sandbox};
        let client = |id: &str, secret: &str| Credentials::client_secret(id, secret);
        let partner = |key: &str, id: &str| Credentials::partner_for_client(key, id);
        let merchant = |key: &str| Credentials::partner_for_merchant(key, "TEST_merchant");
        for (environment, credentials, hint) in [
            (Production, client("TEST123", "s"), Some("begins with TEST")),
            (Production, client("123", "cfsk_ma_test_456"), Some("contains _test_")),
            (Production, partner("k", "TEST123"), Some("begins with TEST")),
            (Production, merchant("partner_test_1"), Some("contains _test_")),
            (Production, Credentials::client_signature("TEST1", Secret::from("g")), Some("begins with TEST")),
            (Production, client("123", "cfsk_ma_prod_456"), None),
            (Production, client("testing", "s"), None),
            (Production, merchant("k"), None),
            (Production, Credentials::unauthenticated(), None),
            (Sandbox, client("TEST123", "cfsk_ma_test_456"), None),
            (Sandbox, client("123", "cfsk_ma_test_456"), None),
            (Sandbox, client("TEST123", "s"), None),
            (Sandbox, client("123", "s"), Some("does not begin with TEST")),
            (Sandbox, client("TEST123", "cfsk_ma_prod_456"), Some("contains _prod_")),
            (Sandbox, merchant("k"), None),
            (Sandbox, Credentials::unauthenticated(), None),
        ] {
            let found = credentials.hint(&environment);
            assert_eq!(found.is_some(), hint.is_some(), "{environment} {credentials:?}: {found:?}");
            assert!(found.unwrap_or_default().contains(hint.unwrap_or_default()), "{found:?}");
        }
        let custom =
            |url: &str| Environment::custom(url).map(|at| client("TEST1", "_prod_").hint(&at).is_some());
        assert_eq!(
            custom("http://127.0.0.1:8090"),
            Ok(false),
            "any credentials may belong to another address"
        );
        assert_eq!(custom("https://api.cashfree.com/pg"), Ok(true), "the address counts");
    }
}
