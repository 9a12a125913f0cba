//! What an engineer reads in the log: situation by situation, the text of the error.

use std::fmt::Write as _;
use std::future::Future;
use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
use cashfree::{Client, ClientBuilder, Credentials, Environment, Error, Idempotency, Money, RetryPolicy};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use reqwest::dns::{Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::hello_of_tls_1_1;
use super::proxy::{Manner, Proxy};
use super::server::{ORDER, Server, with_certificate};

/// The table, a line each.
#[derive(Default)]
struct Table(String, usize);

impl Table {
    /// Adds the error of reading an order with this client.
    async fn read(&mut self, situation: &str, client: Client) -> Result<Error> {
        let call = client.orders().get("order_1").request_id("req_1");
        self.add(situation, async { call.await.map(drop) }).await
    }

    async fn add(&mut self, situation: &str, call: impl Future<Output = Result<(), Error>>) -> Result<Error> {
        let error = call.await.err().with_context(|| format!("{situation}: it succeeded"))?;
        writeln!(self.0, "{situation}\n    {error}")?;
        self.1 += 1;
        Ok(error)
    }
}

/// A client without retries and with short time limits.
fn client(url: &str, set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Client> {
    let builder = Client::builder(Environment::custom(url)?, Credentials::client_secret("app_1", "secret_1"))
        .retry(RetryPolicy::none())
        .connect_timeout(Duration::from_millis(300))
        .timeout(Duration::from_millis(600));
    Ok(set(builder).build()?)
}

/// A service that responds to everything with these bytes, and hangs up unless it is to keep the caller waiting.
async fn service(response: Vec<u8>, wait: bool) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 16 * 1024]).await;
            let _ = stream.write_all(&response).await;
            if wait {
                kept.push(stream);
            }
        }
    });
    Ok(url)
}

fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[derive(Clone)]
struct Unknown;

impl Resolve for Unknown {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err("failed to lookup address information: Name or service not known".into()) })
    }
}

async fn connections(table: &mut Table) -> Result<()> {
    let closed = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    table.read("closed port", client(&format!("http://{closed}"), |it| it)?).await?;
    let twice = RetryPolicy::standard().max_attempts(NonZeroU32::MIN.saturating_add(1));
    let retried = client(&format!("http://{closed}"), |it| it.retry(twice))?;
    table.read("closed port, with retries", retried).await?;
    let unknown = |it: ClientBuilder| it.reqwest(|builder| builder.dns_resolver(Unknown));
    table.read("unknown host", client("https://pg.invalid/pg", unknown)?).await?;
    table
        .read("connection closed before the response", client(&service(Vec::new(), false).await?, |it| it)?)
        .await?;
    let garbage = service(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), false).await?;
    table.read("not HTTP", client(&garbage, |it| it)?).await?;
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"order_id\":".to_vec();
    table
        .read("connection closed in the body", client(&service(half.clone(), false).await?, |it| it)?)
        .await?;
    table.read("no response in time", client(&service(Vec::new(), true).await?, |it| it)?).await?;
    table.read("body not complete in time", client(&service(half, true).await?, |it| it)?).await?;
    let long = service(response("200 OK", "", &"x".repeat(2000)), false).await?;
    table.read("body over the limit", client(&long, |it| it.max_body(1000))?).await?;
    let foreign = service(response("200 OK", "x-request-id: req_2\r\n", "{}"), false).await?;
    table.read("response of another request", client(&foreign, |it| it)?).await?;
    Ok(())
}

async fn handshakes(table: &mut Table) -> Result<()> {
    let trusting = |server: &Server| {
        let certificate = server.certificate.clone();
        client(&server.url, |it| it.root_certificates(certificate))
    };
    let server = Server::usual().await?;
    let mut permanent = Vec::new();
    permanent.push(table.read("certificate not trusted", client(&server.url, |it| it)?).await?);
    let other = Server::start("api.example", rustls::ALL_VERSIONS, ORDER.to_owned()).await?;
    permanent.push(table.read("certificate for another host", trusting(&other)?).await?);
    for (situation, from, to) in [
        ("certificate expired", date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1)),
        ("certificate not valid yet", date_time_ymd(2090, 1, 1), date_time_ymd(2091, 1, 1)),
    ] {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()])?;
        (params.not_before, params.not_after) = (from, to);
        let key = KeyPair::generate()?;
        let server = with_certificate(params.self_signed(&key)?, &key).await?;
        permanent.push(table.read(situation, trusting(&server)?).await?);
    }
    let old = service(hello_of_tls_1_1(), true).await?.replace("http:", "https:");
    permanent.push(table.read("TLS 1.1", client(&old, |it| it)?).await?);
    let plain = service(ORDER.as_bytes().to_vec(), true).await?.replace("http:", "https:");
    permanent.push(table.read("https to a port without TLS", client(&plain, |it| it)?).await?);
    for error in &permanent {
        ensure!(error.is_tls() && error.is_connect() && !error.is_retryable(), "{error:?}");
        ensure!(format!("{error:?}").contains("sources"), "{error:?}");
    }
    let closed = service(Vec::new(), false).await?.replace("http:", "https:");
    let error = table.read("connection closed in the handshake", client(&closed, |it| it)?).await?;
    ensure!(!error.is_tls() && error.is_retryable(), "{error:?}");
    let silent = service(Vec::new(), true).await?.replace("http:", "https:");
    table.read("handshake not complete in time", client(&silent, |it| it)?).await?;
    let tls = trusting(&server)?;
    tls.orders().get("order_1").await?;
    // With the policy that a client has by default, one attempt is enough to know.
    let error = client(&server.url, |it| it.retry(RetryPolicy::standard()))?.orders().get("order_1").await;
    ensure!(error.as_ref().is_err_and(|error| error.attempts() == 1), "{error:?}");
    Ok(())
}

async fn proxies(table: &mut Table) -> Result<()> {
    let through =
        |place: &str| client("https://pg.invalid/pg", |it| it.proxy(format!("http://user:p%40ss@{place}")));
    for (situation, manner) in [
        ("proxy refuses to connect", Manner::Refuse("403 Forbidden")),
        ("proxy hangs up", Manner::HangUp),
        ("proxy does not respond", Manner::Ponder),
    ] {
        table.read(situation, through(&Proxy::start(manner, false).await?.place)?).await?;
    }
    let proxy = Proxy::start(Manner::Open, false).await?;
    let place = format!("http://user:wrong@{}", proxy.place);
    let refused = client("https://pg.invalid/pg", |it| it.proxy(place).retry(RetryPolicy::standard()))?;
    let error = table.read("proxy refuses the credentials", refused).await?;
    ensure!(error.attempts() == 1 && !error.is_retryable() && !error.is_tls(), "{error:?}");
    let closed = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    table.read("proxy is not there", through(&closed.to_string())?).await?;
    Ok(())
}

async fn responses(table: &mut Table) -> Result<()> {
    let json = "content-type: application/json\r\n";
    let error = |code: &str| format!(r#"{{"code":"{code}","message":"the reason","type":"some_error"}}"#);
    for (situation, status, headers, body) in [
        ("401", "401 Unauthorized", json, error("request_failed")),
        ("403", "403 Forbidden", json, error("feature_not_enabled")),
        ("404", "404 Not Found", json, error("order_not_found")),
        ("409", "409 Conflict", json, error("order_already_exists")),
        ("422", "422 Unprocessable Entity", json, error("request_invalid")),
        ("429", "429 Too Many Requests", "x-ratelimit-retry: 7\r\n", error("too_many_requests")),
        ("429 without a body", "429 Too Many Requests", "", String::new()),
        (
            "500 as a page",
            "500 Internal Server Error",
            "content-type: text/html\r\n",
            "<h1>Oops</h1>".to_owned(),
        ),
        ("502 of the bank", "502 Bad Gateway", json, error("bank_processing_failure")),
        ("503 without a body", "503 Service Unavailable", "", String::new()),
        ("a redirect", "302 Found", "location: https://evil.example/?id=1\r\n", String::new()),
        ("a compressed success", "200 OK", "content-encoding: gzip\r\n", "{}".to_owned()),
        ("a compressed refusal", "400 Bad Request", "content-encoding: br\r\n", "{}".to_owned()),
        ("a success that is no JSON", "200 OK", json, "<html>".to_owned()),
        ("a success of another shape", "200 OK", json, "[1]".to_owned()),
        ("an error as a success", "200 OK", json, error("order_not_found")),
    ] {
        let url = service(response(status, headers, &body), false).await?;
        table.read(situation, client(&url, |it| it)?).await?;
    }
    Ok(())
}

async fn local(table: &mut Table) -> Result<()> {
    let free = client("http://127.0.0.1:9", |it| it.idempotency(Idempotency::Explicit))?;
    let order = CreateOrder::new(
        Money::inr("1")?,
        CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        }),
    );
    table.add("write without a key", async { free.orders().create(order).await.map(drop) }).await?;
    let spaced = free.orders().get("order_1").request_id("a ");
    table.add("request id with a space", async { spaced.await.map(drop) }).await?;
    let wrong = free.orders().get("order_1").credentials(Credentials::unauthenticated());
    table.add("no credentials", async { wrong.await.map(drop) }).await?;
    Ok(())
}

#[tokio::test]
async fn an_error_names_the_cause_and_the_origin() -> Result<()> {
    let mut table = Table::default();
    connections(&mut table).await?;
    handshakes(&mut table).await?;
    proxies(&mut table).await?;
    responses(&mut table).await?;
    local(&mut table).await?;
    ensure!(table.1 >= 30, "only {} situations", table.1);
    insta::with_settings!({ filters => vec![(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT")], omit_expression => true }, {
        insta::assert_snapshot!("messages", table.0);
    });
    Ok(())
}
