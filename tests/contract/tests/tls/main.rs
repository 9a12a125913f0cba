//! TLS as the client does it in a process that has installed no provider, though two are compiled in: who is
//! trusted, what is spoken, and what a failure says.

#[cfg(target_os = "linux")]
mod certificates;
mod messages;
mod proxy;
mod server;

use std::io::{ErrorKind as Io, Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
use cashfree::{Client, ConfigError, Credentials, Effect, Environment, Error, ErrorKind, Money, RetryPolicy};
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{CipherSuite, ProtocolVersion};

use server::{ORDER, Server, client};

/// A read and a write, which must both fail before anything is sent.
async fn unsent(client: &Client) -> Result<[Error; 2]> {
    let read = client.orders().get("order_1").await.err().context("the read succeeded")?;
    let order = CreateOrder::new(
        Money::inr("1")?,
        CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        }),
    );
    let write = client.orders().create(order).await.err().context("the write succeeded")?;
    for error in [&read, &write] {
        ensure!(error.kind() == ErrorKind::Connect, "{error:?}");
        ensure!(error.effect() == Effect::NotSent, "{error:?}");
    }
    Ok([read, write])
}

/// An error with all that it comes from.
fn chain(error: &Error) -> String {
    let mut chain = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(deeper) = source {
        chain = format!("{chain}: {deeper}");
        source = deeper.source();
    }
    chain
}

#[tokio::test]
async fn both_versions_are_spoken_each_alone() -> Result<()> {
    for (version, spoken) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let server = Server::start("127.0.0.1", &[version], ORDER.to_owned()).await?;
        let order = server.client()?.orders().get("order_1").await?;
        assert_eq!(order.order_id, "order_1");
        let agreed = server.agreed();
        assert_eq!(agreed.iter().map(|agreed| agreed.version).collect::<Vec<_>>(), [spoken]);
    }
    Ok(())
}

#[tokio::test]
async fn the_best_of_both_is_spoken_and_no_provider_is_installed() -> Result<()> {
    let server = Server::usual().await?;
    let client = server.client()?;
    client.orders().get("order_1").await?;
    client.orders().get("order_1").await?;
    let [agreed] = server.agreed()[..] else { anyhow::bail!("one connection: {:?}", server.agreed()) };
    assert_eq!(agreed.version, ProtocolVersion::TLSv1_3);
    assert_eq!(agreed.suite, CipherSuite::TLS13_AES_256_GCM_SHA384);
    assert!(CryptoProvider::get_default().is_none(), "a provider was installed for the whole process");
    Ok(())
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_ends_the_call_unsent() -> Result<()> {
    let (server, other) = (Server::usual().await?, Server::usual().await?);
    for certificates in [&[][..], &[other.certificate.as_str()]] {
        for error in unsent(&client(&server.url, certificates)?).await? {
            assert!(chain(&error).contains("certificate"), "{}", chain(&error));
        }
    }
    assert_eq!(server.agreed(), [], "a handshake was completed");
    Ok(())
}

#[tokio::test]
async fn a_certificate_for_another_name_ends_the_call_unsent() -> Result<()> {
    for name in ["api.cashfree.com", "127.0.0.2", "localhost"] {
        let server = Server::start(name, rustls::ALL_VERSIONS, ORDER.to_owned()).await?;
        for error in unsent(&server.client()?).await? {
            assert!(chain(&error).contains("not valid for name"), "{}", chain(&error));
        }
        assert_eq!(server.agreed(), [], "a handshake was completed");
    }
    Ok(())
}

/// The response to a handshake that chooses TLS 1.1.
fn hello_of_tls_1_1() -> Vec<u8> {
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    // No session, a suite of TLS 1.0 that all offered long ago, no compression.
    hello.extend([0, 0xc0, 0x14, 0]);
    let mut record = vec![0x16, 0x03, 0x02, 0, 42, 0x02, 0, 0, 38];
    record.extend(hello);
    record
}

#[tokio::test]
async fn what_is_no_handshake_of_today_ends_the_call_unsent() -> Result<()> {
    for response in [hello_of_tls_1_1(), ORDER.as_bytes().to_vec(), Vec::new()] {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("https://{}", listener.local_addr()?);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                // A greeting is shorter, and comes in one piece or two.
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(&response);
            }
        });
        unsent(&client(&url, &[])?).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_handshake_without_an_end_is_given_up_unsent() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("https://{}", listener.local_addr()?);
    let limit = Duration::from_millis(200);
    let client = Client::builder(Environment::custom(&url)?, Credentials::client_secret("app", "secret"))
        .connect_timeout(limit)
        .retry(RetryPolicy::none())
        .build()?;
    let started = Instant::now();
    for error in unsent(&client).await? {
        ensure!(error.is_timeout() && error.is_connect(), "{error:?}");
    }
    // Nobody has waited for a response, which may take thirty seconds.
    ensure!(
        started.elapsed() > limit && started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    drop(listener);
    Ok(())
}

#[tokio::test]
async fn a_redirect_out_of_tls_is_not_followed() -> Result<()> {
    let plain = TcpListener::bind("127.0.0.1:0")?;
    plain.set_nonblocking(true)?;
    let place = plain.local_addr()?;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let response = format!(
            "HTTP/1.1 {status}\r\nlocation: http://{place}/orders/order_1\r\ncontent-length: 0\r\n\r\n"
        );
        let server = Server::start("127.0.0.1", rustls::ALL_VERSIONS, response).await?;
        let error = server.client()?.orders().get("order_1").await.err().context("it was followed")?;
        assert_eq!(error.kind(), ErrorKind::Api);
        assert!(error.to_string().contains("redirect"), "{error}");
    }
    // Connections wait in the kernel until they are accepted: none does.
    assert_eq!(plain.accept().err().map(|error| error.kind()), Some(Io::WouldBlock));
    Ok(())
}

#[tokio::test]
async fn a_handshake_that_goes_nowhere_ends_with_the_time_to_connect() -> Result<()> {
    // It is connected to, by the kernel, and never responds.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let environment = Environment::custom(&format!("https://{}", silent.local_addr()?))?;
    let client = Client::builder(environment, Credentials::client_secret("app", "secret"))
        .connect_timeout(Duration::from_millis(100))
        .retry(RetryPolicy::none())
        .build()?;
    for error in unsent(&client).await? {
        ensure!(error.is_timeout() && error.elapsed() < Duration::from_secs(5), "{error:?}");
    }
    Ok(())
}

#[test]
fn root_certificates_without_a_certificate_are_an_error() {
    let broken = "-----BEGIN CERTIFICATE-----\nmarked\n-----END CERTIFICATE-----\n";
    let key = "-----BEGIN PRIVATE KEY-----\nbWFya2Vk\n-----END PRIVATE KEY-----\n";
    for pem in ["", "marked", broken, key] {
        let builder = Client::builder(Environment::Sandbox, Credentials::client_secret("app", "secret"));
        let built = builder.root_certificates(pem).build();
        let chain = match built {
            Err(ConfigError::Transport(chain)) => chain,
            other => format!("marked: {other:?}"),
        };
        assert!(chain.contains("certificate") && !chain.contains("marked"), "{pem}: {chain}");
    }
}
