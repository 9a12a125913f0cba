//! Withholding text of the service that repeats a secret of the request.
//!
//! Every operation is called by its own method, with every kind of credentials and each secret field of its request
//! marked, against a service that quotes what it receives: in error messages, in pages, in the request id, and in
//! successes that can't be decoded. The promise is exact, so the test is, too: a text that repeats 8 consecutive
//! characters of a secret, in upper or lower case, or a shorter secret as a word, is withheld whole. Encoded
//! repetitions are not promised: there are more encodings than a list of them can hold.

use std::time::Duration;

use ::tracing::instrument::WithSubscriber;
use anyhow::{Context, Result};
use bytes::Bytes;
use cashfree::{
    BoxFuture, Client, Credentials, Environment, ErrorKind, RetryPolicy, Secret, Transport, TransportError,
};
use cashfree_gen::operations;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::secrets::{print_error, requests};
use crate::tracing::Recorded;
use crate::typed::{Delivery, print};

// ---- marks ----

/// What a secret may look like; `{}` distinguishes them. No 8 characters of a mark occur by chance.
const LOOKS: [&str; 4] = ["zq-marked-{}-secret", "q{}z", "zq{}.marked@okbank", "zq\"m\\k %{}é marked"];

const CREDENTIAL: &str = "zqk7_vx3qzw_8jzq4_hxq9z";
const HEADERS: [&str; 2] = ["zqa4-wz8qx-kz3qj", "zqb5-xz7qk-wz2qj"];

/// A body in which each secret field has a mark of its own.
fn marked_one_by_one(body: &Value, look: &str, marks: &mut Vec<String>) -> Value {
    match body {
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), marked_one_by_one(field, look, marks))).collect()
        }
        Value::Array(items) => items.iter().map(|item| marked_one_by_one(item, look, marks)).collect(),
        Value::String(text) if text.contains("SECRET") => {
            let mark = look.replace("{}", &format!("{:02}", marks.len()));
            marks.push(mark.clone());
            json!(mark)
        }
        other => other.clone(),
    }
}

/// What a service may quote of a secret: the whole, in either case, and 8 consecutive characters of it from the
/// beginning, the middle and the end. A shorter secret is quoted as a word.
fn quotes_of(mark: &str) -> Vec<String> {
    let characters: Vec<char> = mark.chars().collect();
    let mut quotes = vec![mark.to_owned(), mark.to_ascii_uppercase()];
    if let Some(last) = characters.len().checked_sub(8) {
        quotes.extend([0, last / 2, last].map(|start| characters[start..start + 8].iter().collect()));
    }
    quotes
}

// ---- the service ----

/// What the service makes of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Echo {
    /// Refuses it with this status, in a sentence, a code and a place to read more that quote all of it.
    Refuses(u16),
    /// The same in a page.
    Page(u16),
    /// Refuses it in a few words, under a request id that quotes all of it.
    Names(u16),
    /// Takes it, and says all of it where something else is expected.
    Confuses,
    /// Takes it, and says all of it as what is no JSON.
    Babbles,
    /// Takes it, under a request id that quotes all of it.
    Takes,
}

const ECHOES: [Echo; 13] = [
    Echo::Refuses(400),
    Echo::Refuses(401),
    Echo::Refuses(409),
    Echo::Refuses(422),
    Echo::Refuses(500),
    Echo::Refuses(502),
    Echo::Page(401),
    Echo::Page(500),
    Echo::Names(400),
    Echo::Names(502),
    Echo::Confuses,
    Echo::Babbles,
    Echo::Takes,
];

/// The service. It knows which words are marks, so that it quotes these and nothing that would push them out of
/// a sentence, which is cut where it is long.
#[derive(Clone, Debug)]
struct Service {
    echo: Echo,
    marks: Vec<String>,
}

impl Service {
    /// Quotes of the marks that really came, a few in each.
    fn quotes(&self, request: &http::Request<Bytes>) -> Vec<String> {
        let mut recorded = String::from_utf8_lossy(request.body()).into_owned();
        recorded.extend(request.headers().values().filter_map(|value| value.to_str().ok()));
        let came = |mark: &&String| {
            let in_json = json!(mark).to_string();
            recorded.contains(mark.as_str()) || recorded.contains(in_json.trim_matches('"'))
        };
        let all: Vec<String> = self.marks.iter().filter(came).flat_map(|mark| quotes_of(mark)).collect();
        all.chunks(10).map(|some| some.join(", '")).collect()
    }

    fn respond(&self, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        let quotes = self.quotes(request);
        let all = quotes.join("; ");
        // What does not fit into one sentence is in that of another status.
        let mut quotes_in_turn = quotes.iter().cycle().skip(match self.echo {
            Echo::Refuses(status) => usize::from(status % 100) * 3,
            _ => 0,
        });
        let mut quote = || quotes_in_turn.next().map(String::as_str).unwrap_or_default();
        let (status, body) = match self.echo {
            Echo::Refuses(status) => {
                let error = json!({
                    "message": format!("value ({}) is invalid, not <{}>.", quote(), quote()),
                    "code": quote(),
                    "type": quote(),
                    "help": quote(),
                });
                (status, error.to_string())
            }
            Echo::Page(status) => (status, format!("<p>{all}</p>")),
            Echo::Names(status) => (status, json!({ "message": "refused", "code": "refused" }).to_string()),
            Echo::Confuses => (200, json!([[all, all], { all.as_str(): all }, all]).to_string()),
            Echo::Babbles => (200, format!("{{{all}")),
            Echo::Takes => (200, "{}".to_owned()),
        };
        let mut response = http::Response::new(Bytes::from(body));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        let kind = if matches!(self.echo, Echo::Page(_)) { "text/html" } else { "application/json" };
        response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        if matches!(self.echo, Echo::Names(_) | Echo::Takes) {
            // What no header may hold is left out.
            let id: String = format!("id {all}").chars().filter(|c| (' '..='~').contains(c)).collect();
            if let Ok(id) = HeaderValue::from_str(&id) {
                response.headers_mut().insert("x-request-id", id);
            }
        }
        response
    }
}

impl Transport for Service {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _timeout: Duration,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let response = self.respond(&request);
        Box::pin(async { Ok(response) })
    }
}

// ---- the calls ----

fn credentials() -> [Credentials; 4] {
    [
        Credentials::client_secret("app_1", CREDENTIAL),
        Credentials::client_signature("app_1", Secret::from(CREDENTIAL)),
        Credentials::partner_for_client(CREDENTIAL, "app_1"),
        Credentials::partner_for_merchant(CREDENTIAL, "merchant_1"),
    ]
}

/// How often each thing happened, so that what is held was there.
#[derive(Debug, Default)]
struct Counts {
    calls: usize,
    errors: usize,
    masked: usize,
    values: usize,
}

/// Makes one call, and holds all that is printed of it against the marks.
async fn hold(
    operation: &str,
    body: &Value,
    marks: &[String],
    (echo, credentials): (Echo, Credentials),
    (recorded, counts): (&Recorded, &mut Counts),
) -> Result<()> {
    let service = Service { echo, marks: marks.to_vec() };
    let builder = Client::builder(Environment::Sandbox, credentials).transport(service);
    let client = builder.retry(RetryPolicy::none()).build()?;
    let mut hidden = HeaderValue::from_static(HEADERS[1]);
    hidden.set_sensitive(true);
    let headers =
        [(AUTHORIZATION, HeaderValue::from_static(HEADERS[0])), (HeaderName::from_static("x-own"), hidden)];
    let text = marks.last().context("a mark")?;
    let sending = Delivery { client: &client, headers: &headers }.call(operation, body, text)?;
    let (mut printed, error) = sending.with_subscriber(recorded.clone()).await;
    print(&mut printed, &client);
    counts.calls += 1;
    if error.is_none() && echo != Echo::Takes {
        // Free JSON: what is read is the value of the call.
        counts.values += 1;
        return Ok(());
    }
    if let Some(error) = error {
        let expected = match echo {
            // Two operations know one kind of credentials only.
            _ if error.is_auth_unsupported() => ErrorKind::Auth,
            Echo::Refuses(_) | Echo::Page(_) => ErrorKind::Api,
            Echo::Confuses | Echo::Babbles => ErrorKind::Decode,
            // The request id is another one, so the response is not looked at.
            Echo::Names(_) | Echo::Takes => ErrorKind::Transport,
        };
        assert_eq!(error.kind(), expected, "{operation} {echo:?}: {error}");
        counts.errors += 1;
        if error.kind() == ErrorKind::Api && !matches!(echo, Echo::Page(_)) {
            assert!(
                error.to_string().contains("(withheld: "),
                "{operation} {echo:?} quotes nothing: {error}"
            );
            counts.masked += 1;
        }
        print_error(&mut printed, &error);
        let quoted = [error.message(), error.code(), error.request_id()];
        print(&mut printed, &quoted);
        print(&mut printed, &anyhow::Error::new(error));
    }
    let printed = printed.to_lowercase();
    for quote in marks.iter().flat_map(|mark| quotes_of(mark)) {
        // As it is, and as `Debug` writes it.
        for quote in [quote.to_lowercase(), format!("{quote:?}").trim_matches('"').to_lowercase()] {
            assert!(!printed.contains(&quote), "{operation} {echo:?} shows {quote}: {printed}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn nothing_secret_is_printed_when_the_service_repeats_it() -> Result<()> {
    let (recorded, mut counts, mut with_secrets) = (Recorded::default(), Counts::default(), 0);
    for operation in operations::ALL {
        let mut bodies = requests(operation.id);
        let body = bodies.first().cloned().unwrap_or_default();
        bodies.retain(|body| body.to_string().contains("SECRET"));
        with_secrets += usize::from(!bodies.is_empty());
        let own = || [CREDENTIAL, HEADERS[0], HEADERS[1], "zqc6-file7-qz"].map(str::to_owned).to_vec();
        for credentials in credentials() {
            for echo in ECHOES {
                let pair = (echo, credentials.clone());
                hold(operation.id, &body, &own(), pair, (&recorded, &mut counts)).await?;
            }
        }
        for (body, look) in bodies.iter().flat_map(|body| LOOKS.map(|look| (body, look))) {
            let mut marks = own();
            let marked = marked_one_by_one(body, look, &mut marks);
            assert!(marks.len() > 4, "{}: {body} has no secret", operation.id);
            for echo in ECHOES {
                let pair = (echo, Credentials::client_secret("app_1", CREDENTIAL));
                hold(operation.id, &marked, &marks, pair, (&recorded, &mut counts)).await?;
            }
        }
    }
    println!("{counts:?}, {with_secrets} operations with secrets in JSON");
    assert!(with_secrets >= 14, "{with_secrets} operations have secrets");
    assert!(counts.masked > 3_000 && counts.errors < counts.calls && counts.values < 50, "{counts:?}");
    let lines = recorded.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("span call")).count(), counts.calls);
    for line in lines {
        assert!(!line.to_lowercase().contains("zq") && !line.contains("marked"), "{line} is recorded");
    }
    Ok(())
}
