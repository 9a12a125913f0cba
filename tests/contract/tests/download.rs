//! A vendor's document, fetched by its link: whole, without credentials, and no further than is allowed.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::tracing::Level;
use ::tracing::instrument::WithSubscriber;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cashfree::{
    BoxFuture, Client, Credentials, Download, DownloadError, DownloadFailure, Downloaded, Environment,
    Transport, TransportError, Upload, VendorDocument,
};
use http::{Request, Response, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::tour_easy_split::vendor;
use crate::tracing::Recorded;
use crate::{Shop, client_at};

const LINK: &str = "/pg/view/vendor-docs/marked-link";

#[tokio::test]
async fn an_uploaded_document_is_downloaded_unchanged() -> Result<()> {
    let shop = Shop::open().await?;
    let vendors = shop.client.vendors();
    vendors.create(vendor("seller")).await?;
    let scan: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let document = VendorDocument::new(Upload::new("pan.jpeg", scan.clone()), "PAN").doc_value("BIAPA2934N");
    shop.client.documents().upload_for_vendor("seller", document).await?;

    let mut fetched = Vec::new();
    let downloaded = vendors.download_document("seller", "PAN_NUMBER").write_to(&mut fetched).await?;
    ensure!(fetched == scan, "other bytes");
    assert_eq!(
        (downloaded.bytes, downloaded.content_type.as_deref()),
        (300_000, Some("application/octet-stream"))
    );
    let mut copied = Vec::new();
    vendors.download_document("seller", "PAN_NUMBER").limit(300_000).copy_to(&mut copied).await?;
    ensure!(copied == scan, "other bytes");

    let requests = shop.sandbox.requests();
    let fetches: Vec<_> = requests.iter().filter(|request| request.path.contains("/view/")).collect();
    assert_eq!(fetches.len(), 2);
    for fetch in fetches {
        let mut names: Vec<&str> = fetch.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"]);
    }
    assert!(shop.sandbox.credentials_leaked().is_empty());

    let error =
        vendors.download_document("nobody", "PAN").write_to(&mut fetched).await.err().context("no")?;
    let DownloadFailure::Link(call) = error.failure() else { anyhow::bail!("{error:?}") };
    assert_eq!((call.operation(), error.written()), ("PGESDownloadVendorsDocs", 0));
    Ok(())
}

/// Responds to the call with a link to itself, and the link with these bytes; then it closes.
async fn linked(document: Vec<u8>) -> Result<Client> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut request = [0; 16 * 1024];
            let read = line.read(&mut request).await.unwrap_or_default();
            let asked = String::from_utf8_lossy(&request[..read]).into_owned();
            let body = format!(r#"{{"download_url":"http://{address}{LINK}"}}"#);
            let call = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let link = asked.starts_with(&format!("GET {LINK} "));
            let _ = line.write_all(if link { &document } else { call.as_bytes() }).await;
            let _ = line.shutdown().await;
        }
    });
    client_at(&format!("http://{address}/pg"), Credentials::client_secret("app", "secret"), |client| client)
}

fn download(client: &Client) -> Download {
    client.vendors().download_document("seller", "PAN")
}

/// Both ways of writing, which must agree: the result, and what was written.
async fn both(client: &Client, limit: u64) -> Result<(Result<Downloaded, DownloadError>, Vec<u8>)> {
    let (mut one, mut other) = (Vec::new(), Vec::new());
    let first = download(client).limit(limit).write_to(&mut one).await;
    let second = download(client).limit(limit).copy_to(&mut other).await;
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    ensure!(one == other, "one writer has other bytes");
    if let Err(error) = &first {
        assert!(!format!("{error} {error:?}").contains("marked"), "{error:?}");
        assert_eq!(error.written(), one.len() as u64);
    }
    Ok((first, one))
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 ", head.as_bytes(), b"\r\n\r\n", body].concat()
}

#[tokio::test]
async fn a_document_ends_at_the_limit() -> Result<()> {
    let announced = linked(response("200 OK\r\ncontent-length: 1000", &[b'x'; 1000])).await?;
    let (downloaded, written) = both(&announced, 1000).await?;
    assert_eq!((downloaded?.bytes, written.len()), (1000, 1000));
    let (downloaded, written) = both(&announced, 999).await?;
    let error = downloaded.err().context("it was taken")?;
    assert!(matches!(error.failure(), DownloadFailure::TooLarge(999)) && written.is_empty(), "{error:?}");

    // Without a length, each piece is held against the limit before it is written.
    let pieces = b"5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n";
    let chunked = linked(response("200 OK\r\ntransfer-encoding: chunked", pieces)).await?;
    let (downloaded, written) = both(&chunked, 11).await?;
    assert_eq!((downloaded?.bytes, written.as_slice()), (11, b"firstsecond".as_slice()));
    let (downloaded, written) = both(&chunked, 10).await?;
    let error = downloaded.err().context("it was taken")?;
    assert!(matches!(error.failure(), DownloadFailure::TooLarge(10)) && written.len() <= 10, "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_document_that_breaks_off_says_how_much_there_is() -> Result<()> {
    let broken = linked(response("200 OK\r\ncontent-length: 100", b"the beginning")).await?;
    let (downloaded, written) = both(&broken, 100).await?;
    let error = downloaded.err().context("it was taken")?;
    assert!(matches!(error.failure(), DownloadFailure::Connection(_)), "{error:?}");
    assert_eq!((error.written(), written.as_slice()), (13, b"the beginning".as_slice()));
    assert!(error.to_string().ends_with("(13 bytes were written)"), "{error}");
    Ok(())
}

/// Has no room.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_is_no_document_is_not_written() -> Result<()> {
    for (head, part) in [
        ("404 Not Found\r\ncontent-length: 4", "status 404"),
        ("206 Partial Content\r\ncontent-length: 4", "status 206"),
        ("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4", "compressed (gzip)"),
        ("302 Found\r\nlocation: ftp://127.0.0.1/marked\r\ncontent-length: 4", "not https"),
        ("302 Found\r\nlocation: http://marked.example/x\r\ncontent-length: 4", "not https"),
        ("302 Found\r\nlocation: https://marked:word@pg.example/x\r\ncontent-length: 4", "credentials"),
        (
            "302 Found\r\nlocation: /pg/view/vendor-docs/marked-link\r\ncontent-length: 4",
            "too many redirects",
        ),
        ("302 Found\r\ncontent-length: 4", "status 302"),
    ] {
        let (downloaded, written) = both(&linked(response(head, b"page")).await?, 100).await?;
        let error = downloaded.err().context(head)?;
        assert!(error.to_string().contains(part) && written.is_empty(), "{head}: {error}");
    }
    let fine = linked(response("200 OK\r\ncontent-length: 4", b"scan")).await?;
    let error = download(&fine).copy_to(&mut Full).await.err().context("it was written")?;
    assert!(
        matches!(error.failure(), DownloadFailure::Writer(full) if full.kind() == ErrorKind::StorageFull)
    );
    let mut little = [0; 3];
    let mut little = io::Cursor::new(little.as_mut_slice());
    let error = download(&fine).write_to(&mut little).await.err().context("it was written")?;
    assert!(matches!(error.failure(), DownloadFailure::Writer(full) if full.kind() == ErrorKind::WriteZero));
    Ok(())
}

#[tokio::test]
async fn a_download_that_fails_is_a_warning() -> Result<()> {
    let prefix = r#"cashfree event message=download failed operation="PGESDownloadVendorsDocs""#;
    let about = |recorded: &Recorded, what: &str| -> Vec<String> {
        recorded.lines().into_iter().filter(|line| line.contains(&format!("message={what} failed"))).collect()
    };
    for (head, fields) in [
        ("404 Not Found\r\ncontent-length: 4", r#"status=404 outcome="refused" written=0"#),
        ("302 Found\r\nlocation: ftp://h/marked\r\ncontent-length: 4", r#"outcome="address" written=0"#),
        ("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4", r#"outcome="compressed" written=0"#),
        ("200 OK\r\ncontent-length: 1000", r#"outcome="too_large" written=0"#),
        ("200 OK\r\ncontent-length: 9", r#"outcome="broken" written=4"#),
    ] {
        let client = linked(response(head, b"page")).await?;
        let (one, other) = (Recorded::default(), Recorded::default());
        let fetch = download(&client).limit(100);
        fetch.write_to(&mut Vec::new()).with_subscriber(one.clone()).await.err().context(head)?;
        let fetch = download(&client).limit(100);
        fetch.copy_to(&mut Vec::new()).with_subscriber(other.clone()).await.err().context(head)?;
        for recorded in [one, other] {
            assert_eq!(about(&recorded, "download"), [format!("{prefix} {fields}")], "{head}");
            assert!(recorded.levels().contains(&Level::WARN), "{head}");
        }
    }
    let client = linked(response("200 OK\r\ncontent-length: 4", b"scan")).await?;
    let recorded = Recorded::default();
    let fetch = download(&client).copy_to(&mut Full).with_subscriber(recorded.clone()).await;
    fetch.err().context("it was written")?;
    assert_eq!(about(&recorded, "download"), [format!(r#"{prefix} outcome="writer" written=0"#)]);

    // The call for the link has an event of its own, and a success has none.
    let recorded = Recorded::default();
    let fetch = download(&client).link(|call| call.credentials(Credentials::unauthenticated()));
    let fetch = fetch.write_to(&mut Vec::new()).with_subscriber(recorded.clone()).await;
    fetch.err().context("it was written")?;
    assert_eq!((about(&recorded, "download").len(), about(&recorded, "call").len()), (0, 1));
    let recorded = Recorded::default();
    download(&client).write_to(&mut Vec::new()).with_subscriber(recorded.clone()).await?;
    assert_eq!((about(&recorded, "download").len(), about(&recorded, "call").len()), (0, 0));
    Ok(())
}

/// A transport that knows nothing of pieces: returns its responses in order, and records the addresses.
#[derive(Clone, Debug, Default)]
struct Responses(Arc<Mutex<State>>);

/// The remaining responses, and the requested addresses.
type State = (VecDeque<Response<Bytes>>, Vec<String>);

impl Transport for Responses {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let leaks = request.headers().keys().any(|name| name.as_str().starts_with("x-"));
        state.1.push(format!("{}{}", request.uri(), if leaks { " as the merchant" } else { "" }));
        let response = state.0.pop_front().unwrap_or_default();
        Box::pin(async move { Ok(response) })
    }
}

#[tokio::test]
async fn https_is_left_neither_by_the_link_nor_by_a_redirect() -> Result<()> {
    let redirect = |to: &'static str| -> Result<Response<Bytes>> {
        Ok(Response::builder().status(307).header(header::LOCATION, to).body(Bytes::new())?)
    };
    let link = |to: &str| Response::new(Bytes::from(format!(r#"{{"download_url":"{to}"}}"#)));
    let scan = || Response::new(Bytes::from_static(b"scan"));
    for (responses, asked, fine) in [
        (vec![link("https://docs.example/1#x"), scan()], vec!["https://docs.example/1"], true),
        (
            vec![link("https://docs.example/a b/é?x=|"), redirect("/c d")?, scan()],
            vec!["https://docs.example/a%20b/%C3%A9?x=%7C", "https://docs.example/c%20d"],
            true,
        ),
        (vec![link("https://docs.example\\\\@store.example/1"), scan()], vec![], false),
        (vec![link("https://döcs.example/1"), scan()], vec![], false),
        (vec![link("http://127.0.0.1/1"), scan()], vec![], false),
        (vec![link("file:///etc/passwd"), scan()], vec![], false),
        (vec![link("not an address"), scan()], vec![], false),
        (vec![link("https://u:p@docs.example/1"), scan()], vec![], false),
        (vec![Response::new(Bytes::from_static(b"{}")), scan()], vec![], false),
        (
            vec![
                link("https://docs.example/1"),
                redirect("https://store.example/2")?,
                redirect("3")?,
                scan(),
            ],
            vec!["https://docs.example/1", "https://store.example/2", "https://store.example/3"],
            true,
        ),
        (
            vec![link("https://docs.example/1"), redirect("http://docs.example/2")?, scan()],
            vec!["https://docs.example/1"],
            false,
        ),
        (
            vec![link("https://docs.example/1"), redirect("http://localhost/2")?, scan()],
            vec!["https://docs.example/1"],
            false,
        ),
    ] {
        let transport = Responses::default();
        transport.0.lock().unwrap_or_else(PoisonError::into_inner).0.extend(responses);
        let credentials = Credentials::client_secret("app", "secret");
        let client = Client::builder(Environment::Sandbox, credentials)
            .transport(transport.clone())
            .retry(cashfree::RetryPolicy::none())
            .build()?;
        let mut written = Vec::new();
        let downloaded = download(&client).write_to(&mut written).await;
        assert_eq!((downloaded.is_ok(), written == b"scan"), (fine, fine), "{asked:?}: {downloaded:?}");
        let seen = transport.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone();
        let (call, fetches) = seen.split_first().context("a call")?;
        assert!(call.ends_with(" as the merchant") && call.starts_with("https://sandbox.cashfree.com/pg/"));
        assert_eq!(fetches, asked);
    }
    assert!(
        !format!("{:?}", download(&Client::new(Environment::Sandbox, Credentials::unauthenticated())?))
            .contains("seller")
    );
    Ok(())
}
