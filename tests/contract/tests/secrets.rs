//! Every request that the API knows, its secrets marked, against a service that repeats what it hears, breaks
//! or babbles: nothing that a program prints of the call shows a mark.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use ::tracing::instrument::WithSubscriber;
use anyhow::Result;
use bytes::Bytes;
use cashfree::types::Order;
use cashfree::{
    BoxFuture, Client, Credentials, Environment, Error, ErrorKind, RetryPolicy, Sent, Transport,
    TransportError,
};
use cashfree_gen::{operations, request_schema};
use http::{Method, Request, Response, header};
use recode::recode_request;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::typed::print;
use crate::{failure, tracing::Recorded};

#[path = "../../../cashfree-gen/tests/marked/mod.rs"]
mod marked;

use marked::{PRIVATE, SECRET, marked};

/// What a field holds that no error may show, even where the service's own sentence quotes it.
const CARD: &str = "4111111111111111";
const UPI: &str = "marked.payer@okbank";
const CLIENT_SECRET: &str = "marked-client-secret";

/// What the service makes of a request.
#[derive(Clone, Copy, Debug)]
enum Service {
    /// Refuses it, and says the whole body again in its sentence, its code and its help.
    Quotes,
    /// Refuses it, and says the body again beside its sentence, and in its headers.
    Repeats,
    /// Hangs up, and what is left is the body.
    Breaks,
    /// Takes it, and says the body again as what is no JSON.
    Babbles,
    /// Takes it, and says the body again where something else is expected.
    Confuses,
    /// Fails with a page.
    Fails,
}

impl Service {
    const ALL: [Self; 6] =
        [Self::Quotes, Self::Repeats, Self::Breaks, Self::Babbles, Self::Confuses, Self::Fails];

    /// The kind of the error that follows.
    fn kind(self) -> ErrorKind {
        match self {
            Self::Quotes | Self::Repeats | Self::Fails => ErrorKind::Api,
            Self::Breaks => ErrorKind::Transport,
            Self::Babbles | Self::Confuses => ErrorKind::Decode,
        }
    }
}

impl Transport for Service {
    fn send(
        &self,
        request: Request<Bytes>,
        _timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let said = String::from_utf8_lossy(request.body()).into_owned();
        let body: Value = serde_json::from_str(&said).unwrap_or_default();
        let (status, written) = match self {
            Self::Quotes => (400, json!({ "message": said, "code": said, "help": said }).to_string()),
            Self::Repeats => {
                (422, json!({ "message": "refused", "code": "refused", "details": body }).to_string())
            }
            Self::Breaks => (200, said.clone()),
            Self::Babbles => (200, format!("{said}{said}")),
            Self::Confuses => (200, json!({ "order_splits": said, "order_amount": [body] }).to_string()),
            Self::Fails => (500, format!("<p>{said}</p>")),
        };
        let mut response = Response::new(Bytes::from(written));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        if let (Self::Repeats, Ok(said)) = (self, header::HeaderValue::from_str(&said)) {
            response.headers_mut().insert("x-repeated", said);
        }
        let broken = matches!(self, Self::Breaks);
        Box::pin(async move {
            if broken {
                return Err(TransportError::new(Sent::Maybe, "broken").with_partial(response));
            }
            Ok(response)
        })
    }
}

/// All that a program can print of an error, with all that it comes from.
pub(crate) fn print_error(printed: &mut String, error: &Error) {
    print(printed, error);
    print(printed, &error.api());
    print(printed, &error.meta());
    let _ = writeln!(printed, "{error}\n{error:#}");
    let mut source = error.source();
    while let Some(deeper) = source {
        print(printed, &deeper);
        let _ = writeln!(printed, "{deeper}");
        source = deeper.source();
    }
}

/// The requests that an operation takes as its type writes them, so as its call would send them: each
/// alternative, each secret field marked.
pub(crate) fn requests(operation: &str) -> Vec<Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let Some(schema) = request_schema(operation, settings).map(schemars::Schema::to_value) else {
        return Vec::new();
    };
    let mut requests = Vec::new();
    for turn in 0..12 {
        let body = marked(&schema["$defs"], &schema, "", turn, 0).to_string();
        let written = recode_request(operation, body.as_bytes()).and_then(Result::ok);
        if let Some(body) = written.and_then(|written| serde_json::from_str(&written).ok())
            && !requests.contains(&body)
        {
            requests.push(body);
        }
    }
    requests
}

/// Those of them that hold secrets or private text, the secrets marked twice over.
fn bodies(operation: &str) -> Vec<Value> {
    let texts: Vec<String> = requests(operation).iter().map(Value::to_string).collect();
    let texts = texts.iter().filter(|text| text.contains(SECRET) || text.contains(PRIVATE));
    let marked = texts.flat_map(|text| [SECRET, UPI].map(|mark| text.replace(SECRET, mark)));
    marked.filter_map(|text| serde_json::from_str(&text).ok()).collect()
}

/// The path of an operation, each parameter filled.
fn path(template: &str) -> String {
    let segments = template.split('/').map(|segment| if segment.starts_with('{') { "id_1" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn client(service: Service) -> Result<Client> {
    let credentials = Credentials::client_secret("app_1", CLIENT_SECRET);
    let builder = Client::builder(Environment::Sandbox, credentials).transport(service);
    Ok(builder.retry(RetryPolicy::none()).build()?)
}

#[tokio::test]
async fn no_call_of_any_operation_prints_its_secrets() -> Result<()> {
    let recorded = Recorded::default();
    let (mut calls, mut holding) = (0, Vec::new());
    for operation in operations::ALL {
        let bodies = bodies(operation.id);
        if !bodies.is_empty() {
            holding.push(operation.id);
        }
        for body in bodies {
            for service in Service::ALL {
                let client = client(service)?;
                let method = Method::from_bytes(operation.method.as_str().as_bytes())?;
                let call = client.raw().call_with::<Order, _>(method, &path(operation.path), &body);
                let mut printed = String::new();
                print(&mut printed, &client);
                print(&mut printed, &call);
                let error = failure(call.send().with_subscriber(recorded.clone()).await)?;
                assert_eq!((error.operation(), error.kind()), (operation.id, service.kind()), "{error}");
                print_error(&mut printed, &error);
                print(&mut printed, &anyhow::Error::new(error));
                for mark in ["SECRET", "PRIVATE", CARD, "marked.payer", "okbank", CLIENT_SECRET] {
                    assert!(!printed.contains(mark), "{} {service:?} shows {mark}: {printed}", operation.id);
                }
                calls += 1;
            }
        }
    }
    println!("{calls} calls of {} operations", holding.len());
    assert!(holding.len() >= 10, "only {holding:?} take secrets");
    let lines = recorded.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("span call")).count(), calls);
    for line in &lines {
        for mark in ["SECRET", "PRIVATE", CARD, "marked", "okbank"] {
            assert!(!line.contains(mark), "{mark} is recorded: {line}");
        }
    }
    Ok(())
}
