//! Requests through a configured proxy: what the proxy sees, and what follows where it refuses.
//!
//! Hosts on this machine bypass a proxy. The services here are therefore called by a name that only the proxy
//! knows: it connects to this machine, whatever the name.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cashfree::{Client, Credentials, Effect, Environment, Error, ErrorKind, RetryPolicy};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::chain;
use super::server::{ORDER, Server, acceptor};

/// `user:p@ss` as `Basic` has it.
const CREDENTIALS: &str = "Basic dXNlcjpwQHNz";

/// A host name that no resolver knows.
const REMOTE: &str = "pg.invalid";

/// What a proxy does with a request for a tunnel.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Manner {
    /// Opens it for callers with credentials.
    Open,
    /// Refuses it with this line.
    Refuse(&'static str),
    /// Hangs up.
    HangUp,
    /// Says nothing.
    Ponder,
}

pub(super) struct Proxy {
    /// Host and port.
    pub(super) place: String,
    recorded: Arc<Mutex<Vec<String>>>,
    /// Its own, where it is spoken to over TLS.
    certificate: Option<String>,
}

impl Proxy {
    pub(super) async fn start(manner: Manner, secure: bool) -> Result<Self> {
        let (acceptor, certificate) = acceptor("127.0.0.1", rustls::ALL_VERSIONS)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let place = listener.local_addr()?.to_string();
        let recorded = Arc::default();
        let recording = Arc::clone(&recorded);
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let (recording, acceptor) = (Arc::clone(&recording), acceptor.clone());
                tokio::spawn(async move {
                    if secure {
                        serve(acceptor.accept(line).await?, manner, &recording).await
                    } else {
                        serve(line, manner, &recording).await
                    }
                });
            }
        });
        Ok(Self { place, recorded, certificate: secure.then_some(certificate) })
    }

    fn recorded(&self) -> Vec<String> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve<S>(mut line: S, manner: Manner, recorded: &Mutex<Vec<String>>) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        ensure!(line.read_buf(&mut read).await? > 0, "no request");
    }
    let request = String::from_utf8(read)?;
    recorded.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let welcome =
        request.to_lowercase().contains(&format!("proxy-authorization: {CREDENTIALS}\r\n").to_lowercase());
    match manner {
        Manner::Open if welcome => {
            let to = request.split(' ').nth(1).context("no target")?;
            let (_, port) = to.rsplit_once(':').context("no port")?;
            let mut onward = TcpStream::connect(("127.0.0.1", port.parse()?)).await?;
            line.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            copy_bidirectional(&mut line, &mut onward).await?;
        }
        Manner::Open => line.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await?,
        Manner::Refuse(status) => line.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await?,
        Manner::HangUp => {}
        Manner::Ponder => drop(line.read(&mut [0]).await?),
    }
    Ok(())
}

/// A client that goes through the proxy, which is distinguished by `user` and its scheme.
fn client(url: &str, proxy: &Proxy, user: &str, certificates: &[&str]) -> Result<Client> {
    let scheme = if proxy.certificate.is_some() { "https" } else { "http" };
    let mut builder =
        Client::builder(Environment::custom(url)?, Credentials::client_secret("marked-app", "marked-secret"))
            .retry(RetryPolicy::none())
            .connect_timeout(Duration::from_millis(500))
            .proxy(format!("{scheme}://{user}{}", proxy.place));
    for certificate in certificates.iter().copied().chain(proxy.certificate.as_deref()) {
        builder = builder.root_certificates(certificate);
    }
    Ok(builder.build()?)
}

/// A service whose certificate is for the name that only the proxy knows, and its URL by that name.
async fn remote() -> Result<(Server, String)> {
    let server = Server::start(REMOTE, rustls::ALL_VERSIONS, ORDER.to_owned()).await?;
    let url = server.url.replace("127.0.0.1", REMOTE);
    Ok((server, url))
}

#[tokio::test]
async fn a_proxy_sees_the_host_and_nothing_else() -> Result<()> {
    for secure in [false, true] {
        let ((server, url), proxy) = (remote().await?, Proxy::start(Manner::Open, secure).await?);
        let client = client(&url, &proxy, "us%65r:p%40ss@", &[&server.certificate])?;
        for _ in 0..2 {
            client.orders().get("order_1").await?;
        }
        assert_eq!(server.agreed().len(), 1, "the tunnel is used again");
        let recorded = proxy.recorded();
        let [request] = &recorded[..] else { anyhow::bail!("one tunnel: {recorded:?}") };
        let place = url.strip_prefix("https://").context("a URL")?;
        assert!(request.starts_with(&format!("CONNECT {place} HTTP/1.1\r\n")), "{request}");
        assert!(
            request.contains(&format!("host: {place}\r\n"))
                || request.contains(&format!("Host: {place}\r\n"))
        );
        assert!(request.contains("cashfree-rust/") && !request.contains("marked"), "{request}");
    }
    Ok(())
}

#[tokio::test]
async fn this_machine_is_reached_without_the_proxy() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let _ = line.read(&mut [0; 16 * 1024]).await;
            let _ = line.write_all(ORDER.as_bytes()).await;
        }
    });
    let proxy = Proxy::start(Manner::Open, false).await?;
    for url in [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")] {
        client(&url, &proxy, "user:p%40ss@", &[])?.orders().get("order_1").await?;
    }
    let server = Server::usual().await?;
    client(&server.url, &proxy, "user:p%40ss@", &[&server.certificate])?.orders().get("order_1").await?;
    assert_eq!(proxy.recorded(), Vec::<String>::new());
    Ok(())
}

/// Fails at the proxy, before the service recording of it.
async fn unsent(client: &Client) -> Result<Error> {
    let error = client.orders().get("order_1").await.err().context("it went through")?;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Connect, Effect::NotSent), "{error:?}");
    let shown = format!("{error:?} {}", chain(&error));
    assert!(!shown.contains("marked") && !shown.contains("order_1"), "{shown}");
    Ok(error)
}

#[tokio::test]
async fn a_proxy_that_refuses_ends_the_call_unsent() -> Result<()> {
    let (server, url) = remote().await?;
    for (manner, user, part) in [
        (Manner::Open, "", "proxy authorization required"),
        (Manner::Open, "user:marked@", "proxy authorization required"),
        (Manner::Refuse("403 Forbidden"), "user:p%40ss@", "unsuccessful"),
        (Manner::Refuse("502 Bad Gateway"), "user:p%40ss@", "unsuccessful"),
        (Manner::HangUp, "user:p%40ss@", "end of file"),
    ] {
        let proxy = Proxy::start(manner, false).await?;
        let error = unsent(&client(&url, &proxy, user, &[&server.certificate])?).await?;
        assert!(chain(&error).contains(part) && !error.is_timeout(), "{}", chain(&error));
        assert_eq!(proxy.recorded().len(), 1);
    }
    let proxy = Proxy::start(Manner::Ponder, false).await?;
    let error = unsent(&client(&url, &proxy, "user:p%40ss@", &[&server.certificate])?).await?;
    assert!(error.is_timeout(), "{error:?}");

    // Of a proxy over TLS, the certificate must be trusted too.
    let proxy = Proxy { certificate: None, ..Proxy::start(Manner::Open, true).await? };
    let builder = Client::builder(Environment::custom(&url)?, Credentials::client_secret("a", "marked"));
    let client = builder.retry(RetryPolicy::none()).proxy(format!("https://{}", proxy.place)).build()?;
    let error = unsent(&client).await?;
    assert!(chain(&error).contains("certificate"), "{}", chain(&error));
    assert!(proxy.recorded().is_empty() && server.agreed().is_empty());
    Ok(())
}
