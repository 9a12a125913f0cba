//! What is not let in or out: long bodies, compressed bodies, headers that would not arrive, redirects.

use std::time::Duration;

use anyhow::Result;
use cashfree::{Client, ConfigError, Credentials, Effect, Environment, ErrorKind};
use cashfree_sandbox::Fault;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{Shop, client_at, failure, order};

/// A service that gives every connection one response, then a body without end if there is no length.
async fn serves(head: &'static str, body: &'static [u8]) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 64 * 1024];
                let _ = line.read(&mut request).await;
                let _ = line.write_all(head.as_bytes()).await;
                let endless = !head.contains("content-length");
                while line.write_all(body).await.is_ok() && endless {}
                // Until the client has had enough.
                let _ = line.read(&mut request).await;
            });
        }
    });
    Ok(format!("http://{address}/pg"))
}

fn client(url: &str) -> Result<Client> {
    client_at(url, Credentials::client_secret("app", "secret"), |client| client.max_body(64 * 1024))
}

const CHUNK: &[u8] = &[b' '; 16 * 1024];

#[tokio::test]
async fn an_endless_body_is_cancelled_at_the_limit() -> Result<()> {
    for (head, kind, written) in [
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", ErrorKind::Decode, Effect::Unknown),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", ErrorKind::Decode, Effect::Unknown),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", ErrorKind::Api, Effect::Unknown),
        ("HTTP/1.1 501 Not Implemented\r\n\r\n", ErrorKind::Api, Effect::Unknown),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n",
            ErrorKind::Decode,
            Effect::Unknown,
        ),
    ] {
        let client = client(&serves(head, CHUNK).await?)?;
        let write = failure(client.orders().create(order("order_1", "5")?).await)?;
        assert_eq!((write.kind(), write.effect(), write.attempts()), (kind, written, 1), "{head} {write:?}");
        assert_eq!(write.is_too_large(), kind == ErrorKind::Decode, "{head}");
        assert!(!write.is_retryable() && write.status().is_some());
        assert!(write.body().is_some_and(|body| body.len() <= 64 * 1024));
        let read = failure(client.orders().get("order_1").await)?;
        assert_eq!((read.effect(), read.attempts()), (Effect::ReadOnly, 1), "{head}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_read() -> Result<()> {
    let shop = Shop::open().await?;
    for (length, fits) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
        let body = crate::NAMED;
        let body = format!("{body}{}", " ".repeat(length - body.len()));
        shop.sandbox.script(Fault::Status(200, body, "application/json".to_owned()), "PGFetchOrder", 1);
        let response = client(shop.sandbox.base_url())?.orders().get("order_1").await;
        assert_eq!(response.is_ok(), fits, "{length}");
    }
    Ok(())
}

#[tokio::test]
async fn a_compressed_response_is_refused_by_name() -> Result<()> {
    const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 8\r\n\r\n";
    let at = client(&serves(head, GZIP).await?)?;
    let error = failure(at.orders().create(order("order_1", "5")?).await)?;
    assert_eq!((error.kind(), error.effect(), error.attempts()), (ErrorKind::Decode, Effect::Unknown, 1));
    assert!(error.to_string().contains("compressed (gzip)") && !error.is_retryable(), "{error}");

    let head = "HTTP/1.1 404 Not Found\r\ncontent-encoding: 4706131211212123\r\ncontent-length: 8\r\n\r\n";
    let at = client(&serves(head, GZIP).await?)?;
    let error = failure(at.orders().get("order_1").await)?;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(http::StatusCode::NOT_FOUND)));
    assert!(error.to_string().contains("compressed (unknown coding)"), "{error}");

    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 83\r\n\r\n";
    let at = client(&serves(head, crate::NAMED.as_bytes()).await?)?;
    assert!(at.orders().get("order_1").await.is_ok());
    Ok(())
}

#[tokio::test]
async fn compression_is_not_requested() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    assert_eq!(shop.only("PGCreateOrder")?.header("accept-encoding"), Some("identity"));
    Ok(())
}

#[tokio::test]
async fn headers_that_would_be_changed_fail_the_call() -> Result<()> {
    let shop = Shop::open().await?;
    for text in ["a\nb", "a\r\nx-client-id: b", "a\0", "é", "a\t", " a", "a ", "\u{7f}", ""] {
        let call = shop.client.orders().get("order_1").request_id(text);
        let error = failure(call.await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, Effect::NotSent), "{text:?}");
        assert!(cashfree::IdempotencyKey::new(text).is_err(), "{text:?}");
        for credentials in [
            Credentials::client_secret(text, "secret"),
            Credentials::client_secret("app", text),
            Credentials::client_signature(text, cashfree::Secret::from("signature")),
            Credentials::partner_for_client(text, "app"),
            Credentials::partner_for_merchant("key", text),
        ] {
            let built = Client::new(Environment::Sandbox, credentials.clone());
            assert!(matches!(built, Err(ConfigError::Credentials(_))), "{text:?} {credentials:?}");
            let call = shop.client.orders().get("order_1").credentials(credentials);
            let error = failure(call.await)?;
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::NotSent), "{text:?}");
        }
    }
    assert!(shop.sandbox.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_redirect_is_an_error_that_says_so() -> Result<()> {
    let shop = Shop::open().await?;
    for status in [301, 302, 303, 307, 308] {
        shop.sandbox.script(
            Fault::Status(status, "moved".to_owned(), "text/plain".to_owned()),
            "PGFetchOrder",
            1,
        );
        let error = failure(shop.client.orders().get("order_1").await)?;
        assert_eq!((error.attempts(), error.is_retryable()), (1, false));
        assert!(error.to_string().contains("a redirect, which is not followed"), "{error}");
    }
    Ok(())
}

#[test]
fn ambiguous_urls_are_refused() {
    for bad in [
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1:80@evil.example",
        "http://evil.example\\@127.0.0.1",
        "http://localhost:pass@evil.example/pg",
        "http://evil.example#@127.0.0.1",
        "http://evil.example?@127.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://[::ffff:1.2.3.4]",
        "http://[fe80::1]",
        "http://0.0.0.0",
        "http://localhost.",
        "http://128.0.0.1",
        "//127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "http://127.1",
        "http://127.0.0.1\\@evil.example",
        "http://localhost /pg",
        "http://loc\u{0430}lhost",
        "http://127.0.0.1:99999",
    ] {
        assert!(Environment::custom(bad).is_err(), "{bad}");
    }
    for (good, base) in [
        ("HTTP://LOCALHOST:1/pg", "http://localhost:1/pg"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]"),
        ("HTTPS://PG.Example:443/pg", "https://pg.example/pg"),
    ] {
        assert_eq!(Environment::custom(good).map(|found| found.base_url().to_owned()), Ok(base.to_owned()));
    }
}

#[tokio::test]
async fn the_longest_time_limit_is_none() -> Result<()> {
    let shop = Shop::open().await?;
    let call = shop.client.orders().create(order("order_1", "5")?).timeout(Duration::MAX);
    call.await?;
    Ok(())
}
