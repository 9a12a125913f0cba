//! Who is calling: exactly one of the documented credential sets, all of one account.
//!
//! The sets come from the document's `security`, so an operation that takes none (paying by session,
//! submitting an OTP) is open. A mixture of two sets is refused: the service documents four
//! alternatives, not a superset.

use std::collections::BTreeSet;

use crate::document::{Document, Operation};
use crate::http::errors::Refusal;

/// The app id every sandbox accepts.
pub(crate) const CLIENT_ID: &str = "TEST_sandbox_client_id";
/// The secret that belongs to it.
pub(crate) const CLIENT_SECRET: &str = "TEST_sandbox_client_secret";
/// The one signature that is accepted in place of the secret; how real ones are made is not published.
pub(crate) const CLIENT_SIGNATURE: &str = "TEST_sandbox_client_signature";
/// The key of the partner who calls for the merchant.
pub(crate) const PARTNER_API_KEY: &str = "TEST_sandbox_partner_api_key";
/// The merchant a partner names when there is no app id.
pub(crate) const MERCHANT_ID: &str = "TEST_sandbox_merchant_id";

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
    if carried.iter().all(|name| header(name).as_deref() == expected(name)) {
        Ok(Caller::Account)
    } else {
        Err(Refusal::unauthorized("the credentials are not those of this sandbox"))
    }
}

fn expected(header: &str) -> Option<&'static str> {
    match header {
        "x-client-id" => Some(CLIENT_ID),
        "x-client-secret" => Some(CLIENT_SECRET),
        "x-client-signature" => Some(CLIENT_SIGNATURE),
        "x-partner-apikey" => Some(PARTNER_API_KEY),
        "x-partner-merchantid" => Some(MERCHANT_ID),
        _ => None,
    }
}
