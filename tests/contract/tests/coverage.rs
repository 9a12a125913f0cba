//! Each operation of the document by its own method, with the first example of its request that the types read: what
//! is sent is what the operation table says. Beside it, each is shown at the wire, and no snapshot is left over from
//! one that is gone. An operation that no scene of `wire_*.rs` calls is shown with that example.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cashfree::{Client, Credentials, Environment, Error, Operation, RetryClass, Secret, operations};
use contract::corpus;
use http::Request;
use recode::recode_request;
use serde_json::Value;

use crate::canned::{Canned, printed};
use crate::typed::Delivery;
use crate::{CREDENTIAL_HEADERS, secrets};

/// The bodies to call operations with, by id: the first example that the types read, else one made of the schema.
pub(crate) struct Examples(BTreeMap<String, Vec<Value>>);

impl Examples {
    pub(crate) fn read() -> Result<Self> {
        corpus::requests().map(Self)
    }

    /// The body of an operation; null if it takes no JSON.
    pub(crate) fn of(&self, operation: &str) -> Value {
        let read =
            |body: &&Value| matches!(recode_request(operation, body.to_string().as_bytes()), Some(Ok(_)));
        let shown = self.0.get(operation).into_iter().flatten().find(read).cloned();
        shown.or_else(|| secrets::requests(operation).into_iter().next()).unwrap_or_default()
    }
}

/// Calls an operation by its own method. Returns its requests and its error; the service refuses each.
async fn call(
    operation: &str,
    body: &Value,
    credentials: Credentials,
) -> Result<(Vec<Request<Bytes>>, Option<Error>)> {
    let service = Canned::default();
    service.respond(400, "{}");
    let client = Client::builder(Environment::Sandbox, credentials).transport(service.clone()).build()?;
    let (_, error) = Delivery { client: &client, headers: &[] }.call(operation, body, "text")?.await;
    Ok((service.taken().into_iter().map(|(request, _)| request).collect(), error))
}

/// The credential headers that a request carries.
fn credential_headers(request: &Request<Bytes>) -> BTreeSet<&str> {
    request
        .headers()
        .keys()
        .map(|name| name.as_str())
        .filter(|name| CREDENTIAL_HEADERS.contains(name))
        .collect()
}

fn is_at(operation: &Operation, request: &Request<Bytes>) -> bool {
    let path = request.uri().path().trim_start_matches("/pg");
    let (expected, sent): (Vec<&str>, Vec<&str>) =
        (operation.path.split('/').collect(), path.split('/').collect());
    *request.method() == operation.method
        && expected.len() == sent.len()
        && expected
            .iter()
            .zip(sent)
            .all(|(known, sent)| *known == sent || known.starts_with('{') && !sent.is_empty())
}

#[tokio::test]
async fn every_method_sends_what_the_table_says() -> Result<()> {
    let schemes: [(Credentials, &[&str]); 4] = [
        (Credentials::client_secret("app", "secret"), &["x-client-id", "x-client-secret"]),
        (
            Credentials::client_signature("app", Secret::from("signature")),
            &["x-client-id", "x-client-signature"],
        ),
        (Credentials::partner_for_client("key", "app"), &["x-client-id", "x-partner-apikey"]),
        (Credentials::partner_for_merchant("key", "merchant"), &["x-partner-apikey", "x-partner-merchantid"]),
    ];
    let examples = Examples::read()?;
    for operation in operations::ALL {
        let (id, body) = (operation.id, examples.of(operation.id));
        for (credentials, headers) in &schemes {
            let (requests, error) = call(id, &body, credentials.clone()).await.context(id)?;
            let takes =
                |accepted: &&&[&str]| BTreeSet::from_iter(**accepted) == BTreeSet::from_iter(*headers);
            if !operation.is_open() && !operation.auth.iter().any(|accepted| takes(&accepted)) {
                ensure!(requests.is_empty(), "{id} was sent with {headers:?}");
                ensure!(error.is_some_and(|error| error.is_auth_unsupported()), "{id} takes {headers:?}");
                continue;
            }
            let [request] = requests.as_slice() else { anyhow::bail!("{id}: {} requests", requests.len()) };
            ensure!(is_at(operation, request), "{id}: {} {}", request.method(), request.uri());
            let expected =
                if operation.is_open() { BTreeSet::new() } else { headers.iter().copied().collect() };
            ensure!(credential_headers(request) == expected, "{id}: {:?}", request.headers());
            let has_key = request.headers().contains_key("x-idempotency-key");
            ensure!(has_key == (operation.retry_class != RetryClass::Safe), "{id}: {:?}", request.headers());
        }
    }
    Ok(())
}

/// The operations that the snapshots show: those of the scenes, and those that are shown by their example.
fn shown() -> Result<[BTreeSet<String>; 2]> {
    let mut shown = [BTreeSet::new(), BTreeSet::new()];
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/wire"))? {
        let name = entry?.file_name();
        let name = name.to_str().context("a name that is no text")?;
        // A second request of an operation adds what it shows: `PGCreateLink-partial.snap`.
        let operation = name.split(['-', '.']).next().unwrap_or_default().to_owned();
        shown[usize::from(name.starts_with(&format!("{operation}-example.")))].insert(operation);
    }
    Ok(shown)
}

#[tokio::test]
async fn every_operation_is_shown_at_the_wire() -> Result<()> {
    let known: BTreeSet<String> = operations::ALL.iter().map(|operation| operation.id.to_owned()).collect();
    let [scenes, by_example] = shown()?;
    let rest: BTreeSet<String> = known.difference(&scenes).cloned().collect();
    let examples = Examples::read()?;
    for operation in &rest {
        let credentials = Credentials::client_secret("app", "secret");
        let (requests, _) = call(operation, &examples.of(operation), credentials).await?;
        let request = requests.first().context(operation.clone())?;
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.add_filter("x-idempotency-key: .*", "x-idempotency-key: <key>");
        settings.set_snapshot_path("snapshots/wire");
        settings.bind(|| insta::assert_snapshot!(format!("{operation}-example"), printed(request)));
    }
    assert_eq!(scenes.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "left over");
    assert_eq!(
        by_example.difference(&rest).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "left over, or has a scene"
    );
    Ok(())
}
