//! Who is calling: exactly one of the documented credential sets, all of one account.
//!
//! The sets come from the document's `security`, so an operation that takes none (paying by session,
//! submitting an OTP) is open. A mixture of two sets is refused: the service documents four
//! alternatives, not a superset.

use std::collections::BTreeSet;

use crate::document::{Document, Operation};
use crate::http::errors::Refusal;

/// The account's credentials.
#[derive(Clone)]
pub(crate) struct Account {
    /// `x-client-id`.
    pub(crate) client_id: String,
    /// `x-client-secret`, which signs webhooks, too.
    pub(crate) client_secret: String,
    /// The one signature that is accepted in place of the secret; how real ones are made is not published.
    pub(crate) client_signature: &'static str,
    /// The key of the partner who calls for the merchant.
    pub(crate) partner_api_key: &'static str,
    /// The merchant a partner names when there is no app id.
    pub(crate) merchant_id: &'static str,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Default for Account {
    fn default() -> Self {
        Self {
            client_id: "TEST_sandbox_client_id".to_owned(),
            client_secret: "TEST_sandbox_client_secret".to_owned(),
            client_signature: "TEST_sandbox_client_signature",
            partner_api_key: "TEST_sandbox_partner_api_key",
            merchant_id: "TEST_sandbox_merchant_id",
        }
    }
}

impl Account {
    fn expected(&self, header: &str) -> Option<&str> {
        match header {
            "x-client-id" => Some(&self.client_id),
            "x-client-secret" => Some(&self.client_secret),
            "x-client-signature" => Some(self.client_signature),
            "x-partner-apikey" => Some(self.partner_api_key),
            "x-partner-merchantid" => Some(self.merchant_id),
            _ => None,
        }
    }
}

/// On whose account calls are counted and idempotency keys are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// The one account of the sandbox, however it proved itself.
    Account,
    /// Somebody at an address: open operations know no more.
    Address,
}

impl Caller {
    /// What `x-ratelimit-type` says.
    pub(crate) fn scope(&self) -> &'static str {
        match self {
            Self::Account => "app_id",
            Self::Address => "ip",
        }
    }
}

/// Which credential headers a request carries.
pub(crate) fn carried(document: &Document, header: &dyn Fn(&str) -> Option<String>) -> BTreeSet<String> {
    document.credential_headers.iter().filter(|name| header(name).is_some()).cloned().collect()
}

/// Finds the caller, or refuses with the 401 form.
pub(crate) fn check(
    document: &Document,
    account: &Account,
    operation: &Operation,
    header: &dyn Fn(&str) -> Option<String>,
) -> Result<Caller, Refusal> {
    if operation.is_open() {
        return Ok(Caller::Address);
    }
    let carried = carried(document, header);
    if carried.is_empty() {
        return Err(Refusal::unauthorized("the request carries no credentials"));
    }
    if !operation.credentials.contains(&carried) {
        let names: Vec<&str> = carried.iter().map(String::as_str).collect();
        let message = format!("{} is not an accepted set of credential headers", names.join(" + "));
        return Err(Refusal::unauthorized(&message));
    }
    if carried.iter().all(|name| header(name).as_deref() == account.expected(name)) {
        Ok(Caller::Account)
    } else {
        Err(Refusal::unauthorized("the credentials are not those of this sandbox"))
    }
}
