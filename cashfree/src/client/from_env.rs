//! Clients from environment variables.

use std::env::{VarError, var};

use super::Client;
use crate::{BaseUrl, ConfigError, Credentials, Environment, Secret};

const ENVIRONMENT: &str = "CASHFREE_ENVIRONMENT";
const CLIENT_ID: &str = "CASHFREE_CLIENT_ID";
const CLIENT_SECRET: &str = "CASHFREE_CLIENT_SECRET";
const SIGNATURE: &str = "CASHFREE_CLIENT_SIGNATURE";
const API_KEY: &str = "CASHFREE_PARTNER_API_KEY";
const MERCHANT_ID: &str = "CASHFREE_PARTNER_MERCHANT_ID";

const CLEAR_TEXT: &str = "CASHFREE_ALLOW_CREDENTIALS_IN_CLEAR_TEXT";

const ALL: [&str; 7] = [ENVIRONMENT, CLIENT_ID, CLIENT_SECRET, SIGNATURE, API_KEY, MERCHANT_ID, CLEAR_TEXT];

impl Client {
    /// Creates a client from environment variables.
    ///
    /// `CASHFREE_ENVIRONMENT` is `sandbox`, `production`, or the base URL of a local sandbox. Credentials are one of
    ///
    /// - `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SECRET`,
    /// - `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SIGNATURE`,
    /// - `CASHFREE_PARTNER_API_KEY` and `CASHFREE_CLIENT_ID`,
    /// - `CASHFREE_PARTNER_API_KEY` and `CASHFREE_PARTNER_MERCHANT_ID`.
    ///
    /// `CASHFREE_ALLOW_CREDENTIALS_IN_CLEAR_TEXT=true` allows plain http to another machine, as
    /// [`BaseUrl::parse_sending_credentials_in_clear_text`](crate::BaseUrl::parse_sending_credentials_in_clear_text)
    /// does.
    ///
    /// # Errors
    /// - [`ConfigError::Missing`]: names all missing variables.
    /// - [`ConfigError::Ambiguous`]: variables that exclude each other are set.
    /// - [`ConfigError::NotText`]: a value is not UTF-8.
    /// - Otherwise as [`Client::new`].
    ///
    /// # Examples
    /// ```no_run
    /// let client = cashfree::Client::from_env()?;
    /// # Ok::<(), cashfree::ConfigError>(())
    /// ```
    pub fn from_env() -> Result<Self, ConfigError> {
        // One that is no text would pass for one that is not set.
        let is_text = |name: &&str| !matches!(var(name), Err(VarError::NotUnicode(_)));
        if let Some(name) = ALL.into_iter().find(|name| !is_text(name)) {
            return Err(ConfigError::NotText(name));
        }
        Self::from_lookup(&|name| var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from_lookup(lookup: &dyn Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let environment = lookup(ENVIRONMENT);
        let mut missing = Vec::new();
        if environment.is_none() {
            missing.push(ENVIRONMENT);
        }
        let proofs: Vec<&'static str> =
            [CLIENT_SECRET, SIGNATURE, API_KEY].into_iter().filter(|name| lookup(name).is_some()).collect();
        if proofs.len() > 1 {
            return Err(ConfigError::Ambiguous(proofs));
        }
        // Only a partner's key can be for a merchant id; beside anything else it would be passed over.
        if let [own @ (CLIENT_SECRET | SIGNATURE)] = proofs[..]
            && lookup(MERCHANT_ID).is_some()
        {
            return Err(ConfigError::Ambiguous(vec![own, MERCHANT_ID]));
        }
        let client_id = lookup(CLIENT_ID);
        let credentials =
            match (client_id, lookup(CLIENT_SECRET), lookup(SIGNATURE), lookup(API_KEY), lookup(MERCHANT_ID))
            {
                (Some(_), _, _, Some(_), Some(_)) => {
                    return Err(ConfigError::Ambiguous(vec![CLIENT_ID, MERCHANT_ID]));
                }
                (Some(id), Some(secret), ..) => Some(Credentials::client_secret(id, secret)),
                (Some(id), _, Some(signature), ..) => {
                    Some(Credentials::client_signature(id, Secret::from(signature)))
                }
                (Some(id), _, _, Some(key), _) => Some(Credentials::partner_for_client(key, id)),
                (None, _, _, Some(key), Some(merchant)) => {
                    Some(Credentials::partner_for_merchant(key, merchant))
                }
                (None, _, _, Some(_), None) => {
                    missing.extend([CLIENT_ID, MERCHANT_ID]);
                    None
                }
                (None, secret, signature, ..) => {
                    missing.push(CLIENT_ID);
                    if secret.is_none() && signature.is_none() {
                        missing.push(CLIENT_SECRET);
                    }
                    None
                }
                (Some(_), None, None, None, _) => {
                    missing.push(CLIENT_SECRET);
                    None
                }
            };
        match (environment, credentials) {
            (Some(environment), Some(credentials)) => {
                let clear_text = lookup(CLEAR_TEXT).is_some_and(|word| word == "true");
                let environment = if clear_text && environment.starts_with("http://") {
                    Environment::Custom(BaseUrl::parse_sending_credentials_in_clear_text(&environment)?)
                } else {
                    Environment::read(&environment)?
                };
                Self::new(environment, credentials)
            }
            _ => Err(ConfigError::Missing(missing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS: bool = cfg!(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"));

    fn from(set: &[(&'static str, &str)]) -> Result<Client, ConfigError> {
        Client::from_lookup(&|name| {
            set.iter().find(|(found, _)| *found == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_process_environment_names_what_is_missing() {
        let missing = |set: &[_]| match from(set) {
            Err(ConfigError::Missing(names)) => names.join(" "),
            other => format!("{other:?}"),
        };
        assert_eq!(missing(&[]), "CASHFREE_ENVIRONMENT CASHFREE_CLIENT_ID CASHFREE_CLIENT_SECRET");
        assert_eq!(
            missing(&[("CASHFREE_ENVIRONMENT", "sandbox"), ("CASHFREE_CLIENT_ID", "a")]),
            "CASHFREE_CLIENT_SECRET"
        );
        assert_eq!(
            missing(&[("CASHFREE_ENVIRONMENT", "sandbox"), ("CASHFREE_CLIENT_SECRET", "a")]),
            "CASHFREE_CLIENT_ID"
        );
        assert_eq!(
            missing(&[("CASHFREE_ENVIRONMENT", "sandbox"), ("CASHFREE_PARTNER_API_KEY", "a")]),
            "CASHFREE_CLIENT_ID CASHFREE_PARTNER_MERCHANT_ID"
        );
    }

    #[test]
    fn clear_text_is_allowed_by_a_variable_of_its_own() {
        let url = [
            ("CASHFREE_ENVIRONMENT", "http://sandbox:8090"),
            ("CASHFREE_CLIENT_ID", "i"),
            ("CASHFREE_CLIENT_SECRET", "s"),
        ];
        assert!(matches!(from(&url), Err(ConfigError::BaseUrl { .. })));
        for (word, allowed) in [("true", true), ("1", false), ("", false)] {
            let mut set = url.to_vec();
            set.push(("CASHFREE_ALLOW_CREDENTIALS_IN_CLEAR_TEXT", word));
            assert_eq!(from(&set).is_ok(), allowed, "{word}");
        }
    }

    #[test]
    fn each_set_of_credentials_is_found_and_mixtures_are_refused() {
        use crate::AuthScheme;
        let scheme = |set: &[(&'static str, &str)]| {
            let mut all = vec![("CASHFREE_ENVIRONMENT", if TLS { "sandbox" } else { "http://localhost" })];
            all.extend_from_slice(set);
            from(&all).map(|client| client.credentials().scheme())
        };
        let (id, secret, signature) = (
            ("CASHFREE_CLIENT_ID", "i"),
            ("CASHFREE_CLIENT_SECRET", "s"),
            ("CASHFREE_CLIENT_SIGNATURE", "g"),
        );
        let (key, merchant) = (("CASHFREE_PARTNER_API_KEY", "k"), ("CASHFREE_PARTNER_MERCHANT_ID", "m"));
        assert_eq!(scheme(&[id, secret]), Ok(AuthScheme::ClientSecret));
        assert_eq!(scheme(&[id, signature]), Ok(AuthScheme::ClientSignature));
        assert_eq!(scheme(&[id, key]), Ok(AuthScheme::PartnerClient));
        assert_eq!(scheme(&[key, merchant]), Ok(AuthScheme::PartnerMerchant));
        for mixture in [
            &[id, secret, key][..],
            &[id, secret, signature],
            &[id, key, merchant],
            &[id, secret, merchant],
            &[signature, merchant],
        ] {
            assert!(matches!(scheme(mixture), Err(ConfigError::Ambiguous(_))), "{mixture:?}");
        }
    }
}
