//! Uploads, as they are on the wire: read back by a reader of their own, and kept for a person to read.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cashfree::{
    BoxFuture, Call, Client, Credentials, DisputeDocument, Effect, Environment, Error, ErrorKind, FileType,
    IdempotencyKey, RetryPolicy, Sent, Transport, TransportError, Upload, VendorDocument,
};
use http::{Request, Response};
use tokio::io::AsyncReadExt as _;

use crate::wire::identified;
use crate::{failure, hasty, reviewed};

/// The operations that are looked at here.
pub(crate) const OPERATIONS: [&str; 3] =
    ["PGUploadDisputesDocuments", "PGESUploadVendorsDocs", "SubscriptionDocumentUpload"];

const fn shares<T: Clone + Send + Sync + 'static>() {}

const _: () = {
    shares::<cashfree::api::Documents>();
    shares::<Upload>();
    shares::<DisputeDocument>();
    shares::<VendorDocument>();
};

/// The document's own examples, shortened.
const DISPUTE: &str = r#"[{"dispute_id":433475258,"dispute_status":"CHARGEBACK_DOCS_RECEIVED"}]"#;
const VENDOR: &str = r#"{"vendor_id":"johntest11111","doc_type":"CIN","doc_value":"easySplit/vendorKycDocs/152707/93117/CIN-Fue.pdf","status":"IN_REVIEW","remarks":null}"#;
const MANDATE: &str = r#"{"payment_id":"payment-1234","authorization_status":"INITIALIZED","action":"SUBMIT_DOCUMENT","payment_message":"file uploaded successfully."}"#;

/// Keeps what it is sent; the first attempts get no response, the next one this response.
#[derive(Clone, Debug)]
struct Recorder {
    response: &'static str,
    silent: usize,
    sent: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Recorder {
    fn new(response: &'static str) -> Self {
        Self { response, silent: 0, sent: Arc::default() }
    }

    fn client(&self) -> Result<Client> {
        let credentials = Credentials::client_secret("an_id", "a_secret");
        Ok(Client::builder(Environment::Sandbox, credentials)
            .retry(hasty())
            .transport(self.clone())
            .build()?)
    }

    fn sent(&self) -> Vec<Request<Bytes>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn only(&self) -> Result<Request<Bytes>> {
        let mut sent = self.sent();
        ensure!(sent.len() == 1, "{} requests", sent.len());
        sent.pop().context("none")
    }
}

impl Transport for Recorder {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let response = identified(&request, self.response.as_bytes());
        sent.push(request);
        let silent = sent.len() <= self.silent;
        Box::pin(async move {
            if silent {
                return Err(TransportError::new(Sent::Maybe, "no response"));
            }
            Ok(Response::new(response))
        })
    }
}

/// One part of a form: what its disposition says, its media type, and its bytes.
#[derive(Debug, PartialEq)]
struct Part {
    disposition: String,
    media_type: Option<String>,
    bytes: Vec<u8>,
}

impl Part {
    fn text(name: &str, value: &str) -> Self {
        let disposition = format!("form-data; name=\"{name}\"");
        Self { disposition, media_type: None, bytes: value.as_bytes().to_vec() }
    }

    fn file(file_name: &str, media_type: &str, bytes: &[u8]) -> Self {
        let disposition = format!("form-data; name=\"file\"; filename=\"{file_name}\"");
        Self { disposition, media_type: Some(media_type.to_owned()), bytes: bytes.to_vec() }
    }
}

fn boundary(request: &Request<Bytes>) -> Result<String> {
    let kind = request.headers().get("content-type").context("a content type")?.to_str()?;
    Ok(kind.strip_prefix("multipart/form-data; boundary=").context("a form")?.to_owned())
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

/// The parts of a form by RFC 2046, strictly: nothing before the first, nothing after the last.
fn parts(request: &Request<Bytes>) -> Result<Vec<Part>> {
    let delimiter = format!("\r\n--{}", boundary(request)?);
    let body = [b"\r\n", request.body().as_ref()].concat();
    let mut rest = body.strip_prefix(delimiter.as_bytes()).context("a first delimiter")?;
    let mut parts = Vec::new();
    loop {
        if rest == b"--\r\n" {
            return Ok(parts);
        }
        rest = rest.strip_prefix(b"\r\n").context("a line's end after a delimiter")?;
        let end = find(rest, delimiter.as_bytes()).context("a last delimiter")?;
        let (part, next) = rest.split_at(end);
        rest = next.get(delimiter.len()..).unwrap_or_default();
        let blank = find(part, b"\r\n\r\n").context("a blank line")?;
        let (head, bytes) = part.split_at(blank);
        let (mut disposition, mut media_type) = (None, None);
        for line in std::str::from_utf8(head)?.split("\r\n") {
            match line.split_once(": ").context("a header")? {
                ("Content-Disposition", value) if disposition.is_none() => {
                    disposition = Some(value.to_owned())
                }
                ("Content-Type", value) if media_type.is_none() => media_type = Some(value.to_owned()),
                (name, _) => anyhow::bail!("an unexpected header {name}"),
            }
        }
        let disposition = disposition.context("a disposition")?;
        parts.push(Part { disposition, media_type, bytes: bytes.get(4..).unwrap_or_default().to_vec() });
    }
}

fn dispute(file: Upload) -> DisputeDocument {
    DisputeDocument::new(file, "Delivery/Service Proof")
}

/// Holds a request against the snapshot of its operation; the boundary and the key are masked.
fn snapshot(operation: &str, request: &Request<Bytes>) -> Result<()> {
    let headers = request.headers().iter();
    let mut headers: Vec<String> =
        headers.map(|(name, value)| reviewed(name.as_str(), value.as_bytes())).collect();
    headers.sort();
    let body = String::from_utf8_lossy(request.body()).replace("\r\n", "\n");
    let text = format!("{} {}\n{}\n\n{body}", request.method(), request.uri().path(), headers.join("\n"));
    let text = text.replace(&boundary(request)?, "<boundary>");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots/wire");
    settings.bind(|| insta::assert_snapshot!(operation, text));
    Ok(())
}

fn marked<T>(call: Call<T>) -> Result<Call<T>> {
    Ok(call.idempotency_key(IdempotencyKey::new("<key>")?).request_id("request-1"))
}

#[tokio::test]
async fn every_upload_is_as_it_was_reviewed() -> Result<()> {
    let wire = Recorder::new(DISPUTE);
    let document = dispute(Upload::new("note.pdf", "%PDF-1.7")).note("signed: ₹ 499");
    let call = wire.client()?.documents().upload_for_dispute("433475258", document);
    let response = marked(call)?.await?;
    let first = response.first().context("a dispute")?;
    assert_eq!(first.dispute_id.as_ref().map(|id| id.as_str()), Some("433475258"));
    let request = wire.only()?;
    snapshot(OPERATIONS[0], &request)?;
    assert_eq!(
        parts(&request)?,
        [
            Part::text("doc_type", "Delivery/Service Proof"),
            Part::text("note", "signed: ₹ 499"),
            Part::file("note.pdf", "application/pdf", b"%PDF-1.7"),
        ]
    );

    let wire = Recorder::new(VENDOR);
    let document = VendorDocument::new(Upload::new("pan.jpeg", "a scan"), "PAN").doc_value("ABCD1234");
    let response = marked(wire.client()?.documents().upload_for_vendor("vendor_1", document))?.await?;
    assert_eq!(response.vendor_id.as_ref().map(|id| id.as_str()), Some("vendor_1"));
    let request = wire.only()?;
    snapshot(OPERATIONS[1], &request)?;
    assert_eq!(
        parts(&request)?,
        [
            Part::text("doc_type", "PAN"),
            Part::text("doc_value", "ABCD1234"),
            Part::file("pan.jpeg", "image/jpeg", b"a scan"),
        ]
    );

    let wire = Recorder::new(MANDATE);
    let file = Upload::new("mandate", "an image").file_type(FileType::Png);
    let response = wire.client()?.documents().upload_for_subscription_payment("payment-1234", file);
    let response = marked(response)?.await?;
    assert_eq!(response.authorization_status.as_deref(), Some("INITIALIZED"));
    let request = wire.only()?;
    snapshot(OPERATIONS[2], &request)?;
    assert_eq!(
        parts(&request)?,
        [
            Part::text("payment_id", "payment-1234"),
            Part::text("action", "UPLOAD"),
            Part::file("mandate", "image/png", b"an image"),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_hostile_name_or_text_stays_what_it_is() -> Result<()> {
    for (name, written) in [
        ("a\"; name=\"action.pdf", "a%22; name=%22action.pdf"),
        ("a\r\ncontent-type: text/html\r\n\r\n<b>.pdf", "html%0D%0A%0D%0A<b>.pdf"),
        ("a\r\nx: y\r\n\r\nz.pdf", "a%0D%0Ax: y%0D%0A%0D%0Az.pdf"),
        ("a\nb\0c\u{7f}.pdf", "a%0Ab%00c%7F.pdf"),
        ("रसीद ₹é.pdf", "रसीद ₹é.pdf"),
        ("C:\\scans\\note.pdf", "note.pdf"),
        ("../../etc/note.pdf", "note.pdf"),
        ("folder.pdf/", "file"),
    ] {
        let wire = Recorder::new(DISPUTE);
        let text = "--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nother\r\n--x--\r\n";
        // What a form of the same kind looks like, inside of the file.
        let bytes = format!("\r\n--cashfree-00000000000000000000000000000000--\r\n{text}\0");
        let file = Upload::new(name, bytes.clone()).file_type(FileType::Pdf);
        let document = dispute(file).note(text);
        wire.client()?.documents().upload_for_dispute("1", document).await?;
        assert_eq!(
            parts(&wire.only()?)?,
            [
                Part::text("doc_type", "Delivery/Service Proof"),
                Part::text("note", text),
                Part::file(written, "application/pdf", bytes.as_bytes()),
            ],
            "{name:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_holds_an_earlier_boundary_gets_another() -> Result<()> {
    let wire = Recorder::new(DISPUTE);
    wire.client()?.documents().upload_for_dispute("1", dispute(Upload::new("a.pdf", "first"))).await?;
    let earlier = wire.only()?.into_body();
    let wire = Recorder::new(DISPUTE);
    wire.client()?
        .documents()
        .upload_for_dispute("1", dispute(Upload::new("a.pdf", earlier.clone())))
        .await?;
    assert_eq!(parts(&wire.only()?)?.last().map(|part| part.bytes.clone()), Some(earlier.to_vec()));
    Ok(())
}

#[tokio::test]
async fn a_repeat_sends_the_same_bytes_also_from_another_process() -> Result<()> {
    let wire = Recorder { silent: 2, ..Recorder::new(VENDOR) };
    let document = || VendorDocument::new(Upload::new("pan.png", vec![0xff; 100_000]), "PAN");
    let key = || IdempotencyKey::derive("kyc", &["vendor_1", "PAN"]);
    let documents = wire.client()?.documents();
    // Only its key protects an upload.
    let trusting = RetryPolicy::standard().trust_keys();
    let call = documents.upload_for_vendor("vendor_1", document()).idempotency_key(key()).retry(trusting);
    let response = call.await?;
    assert_eq!(response.meta().attempts(), 3);
    // The same business event, made anew.
    wire.client()?.documents().upload_for_vendor("vendor_1", document()).idempotency_key(key()).await?;
    let sent = wire.sent();
    assert_eq!(sent.len(), 4);
    for request in &sent {
        assert_eq!(request.body(), sent[0].body());
        for name in ["content-type", "x-idempotency-key"] {
            assert_eq!(request.headers().get(name), sent[0].headers().get(name), "{name}");
        }
    }
    Ok(())
}

/// The text of a refusal on this side, of which nothing was sent.
fn refusal(wire: &Recorder, error: &Error) -> Result<String> {
    ensure!(wire.sent().is_empty(), "it was sent");
    ensure!(error.kind() == ErrorKind::Request && error.effect() == Effect::NotSent, "{error:?}");
    Ok(error.to_string())
}

#[tokio::test]
async fn what_is_not_taken_is_not_sent() -> Result<()> {
    const MB: usize = 1 << 20;
    let wire = Recorder::new("{}");
    let documents = wire.client()?.documents();
    let of = |name: &str, length: usize| Upload::new(name, vec![b'x'; length]);

    for (file, reason) in [
        (of("a.pdf", 20 * MB + 1), "the file has 20971521 bytes, more than the 20 MB that are accepted"),
        (of("a.pdf", 0), "the file is empty"),
        (of("a.docx", 1), "the file is neither jpeg, png nor pdf, by its name and its content type"),
        (of("pdf", 1), "the file is neither jpeg, png nor pdf, by its name and its content type"),
    ] {
        let error = failure(documents.upload_for_dispute("1", dispute(file)).await)?;
        assert_eq!(refusal(&wire, &error)?, format!("PGUploadDisputesDocuments: {reason}"));
    }
    let error =
        failure(documents.upload_for_vendor("v", VendorDocument::new(of("a.png", 2 * MB + 1), "PAN")).await)?;
    assert!(refusal(&wire, &error)?.ends_with("more than the 2 MB that are accepted"), "{error}");
    let error = failure(documents.upload_for_subscription_payment("p", of("a.png", 0)).await)?;
    assert!(refusal(&wire, &error)?.ends_with("the file is empty"), "{error}");

    // At the limits, and of every kind by name.
    let wire = Recorder::new(DISPUTE);
    wire.client()?.documents().upload_for_dispute("1", dispute(of("a.pdf", 20 * MB))).await?;
    assert_eq!(parts(&wire.only()?)?.pop().context("a part")?.bytes.len(), 20 * MB);
    let vendor = Recorder::new(VENDOR);
    let scan = VendorDocument::new(of("a.tiff", 2 * MB), "PAN");
    vendor.client()?.documents().upload_for_vendor("v", scan).await?;
    let part = parts(&vendor.only()?)?.pop().context("a part")?;
    assert_eq!(part.media_type.as_deref(), Some("application/octet-stream"));
    for name in ["a.jpg", "a.JPEG", "a.b.Png", "a.pdf"] {
        let wire = Recorder::new(DISPUTE);
        wire.client()?.documents().upload_for_dispute("1", dispute(of(name, 1))).await?;
        wire.only()?;
    }
    Ok(())
}

#[test]
fn an_upload_is_read_from_a_path_and_shows_nothing() -> Result<()> {
    let path = std::env::temp_dir().join(format!("{}.pdf", IdempotencyKey::random().as_str()));
    std::fs::write(&path, "marked-bytes")?;
    let read = Upload::from_path(&path);
    std::fs::remove_file(&path)?;
    let read = read?;
    assert_eq!((read.len(), read.known_type()), (12, Some(FileType::Pdf)));
    assert_eq!(Some(read.file_name()), path.file_name().and_then(|name| name.to_str()));
    assert!(Upload::from_path(&path).is_err());

    let upload = Upload::from_reader("marked-name.pdf", b"marked-bytes".as_slice())?;
    let document = VendorDocument::new(upload, "PAN").doc_value("marked-number");
    assert!(!format!("{document:?}").contains("marked"), "{document:?}");
    Ok(())
}

/// Gives bytes without end, and counts them.
#[derive(Default)]
struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        into.fill(b'x');
        self.0 += into.len() as u64;
        Ok(into.len())
    }
}

fn is_too_large(read: io::Result<Upload>) -> bool {
    read.is_err_and(|error| error.kind() == io::ErrorKind::FileTooLarge)
}

#[tokio::test]
async fn no_more_is_read_than_an_upload_may_have() -> Result<()> {
    const MOST: u64 = Upload::MAX_READ;
    let mut endless = Endless::default();
    assert!(is_too_large(Upload::from_reader("a.pdf", &mut endless)));
    assert_eq!(endless.0, MOST + 1);
    assert_eq!(Upload::from_reader("a.pdf", endless.take(MOST))?.len() as u64, MOST);

    let whole = Upload::from_async_reader("a.pdf", tokio::io::repeat(b'x').take(MOST)).await?;
    assert_eq!(whole.len() as u64, MOST);
    assert!(is_too_large(Upload::from_async_reader("a.pdf", tokio::io::repeat(b'x')).await));
    let few = Upload::from_async_reader("dir/a.png", b"few".as_slice()).await?;
    assert_eq!((few.len(), few.file_name(), few.known_type()), (3, "a.png", Some(FileType::Png)));

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("scan.pdf");
    let file = std::fs::File::create(&path)?;
    file.set_len(MOST)?;
    assert_eq!(Upload::from_path(&path)?.len() as u64, MOST);
    file.set_len(MOST + 1)?;
    assert!(is_too_large(Upload::from_path(&path)));
    // Far longer than memory: its length alone decides.
    file.set_len(1 << 42)?;
    assert!(is_too_large(Upload::from_path(&path)));
    assert!(Upload::from_path(folder.path()).is_err(), "a folder is no file");
    // What has no length beforehand is read as far as any reader.
    #[cfg(unix)]
    assert!(is_too_large(Upload::from_path("/dev/zero")));
    Ok(())
}
