//! Files to fetch: a call brings a link, and the link is followed without credentials, piece by piece.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use url::Url;

use crate::address::{self, UrlError};
use crate::call::trace;
use crate::response::content_coding;
use crate::transport::Head;
use crate::types::VendorDocumentLink;
use crate::{Call, Chunks, Client, Error, TransportError};

/// How many times a link may lead to another one.
const REDIRECTS: usize = 3;

/// A document of a vendor, ready to be fetched: [`Vendors::download_document`](crate::api::Vendors::download_document).
///
/// The API answers with a link that is good for a while to whoever has it. It is asked for and followed at
/// once: over https only (or http, where the client itself calls this machine by http), without credentials
/// or any other header of the API, over the client's proxy and certificates. A redirect is followed under
/// the same rule, three times at most. Nothing is fetched twice: a part may be written already.
///
/// ```no_run
/// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let mut file = std::fs::File::create("pan.pdf")?;
/// let fetched = client.vendors().download_document("vendor_1", "PAN_NUMBER").copy_to(&mut file).await?;
/// println!("{} bytes of {:?}", fetched.bytes, fetched.content_type);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is fetched until `.write_to()` or `.copy_to()`"]
pub struct Download {
    client: Client,
    link: Call<VendorDocumentLink>,
    limit: u64,
    timeout: Duration,
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// How many bytes were written: the whole document.
    pub bytes: u64,
    /// What the server says it is, such as `application/pdf`. It is the word of whoever handed the document
    /// in: check before you show it to anybody.
    pub content_type: Option<String>,
}

impl Download {
    /// The longest document that is taken unless [`limit`](Download::limit) says otherwise: 32 MiB.
    pub const LIMIT: u64 = 32 << 20;

    pub(crate) fn new(client: Client, link: Call<VendorDocumentLink>) -> Self {
        let timeout = client.timeout();
        Self { client, link, limit: Self::LIMIT, timeout }
    }

    /// The longest document that is taken, in bytes. One that announces more is not read at all.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// The time limit of the fetch, from connecting to the last byte; the client's for an attempt
    /// ([`ClientBuilder::timeout`](crate::ClientBuilder::timeout)) unless set. The call for the link has its
    /// own.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Settings of the call for the link, such as its credentials.
    ///
    /// ```no_run
    /// # fn run(client: cashfree::Client, merchant: cashfree::Credentials) {
    /// let download =
    ///     client.vendors().download_document("vendor_1", "PAN_NUMBER").link(|call| call.credentials(merchant));
    /// # }
    /// ```
    pub fn link(mut self, set: impl FnOnce(Call<VendorDocumentLink>) -> Call<VendorDocumentLink>) -> Self {
        self.link = set(self.link);
        self
    }

    /// Fetches the document into an async writer, such as a `tokio::fs::File` or a `Vec<u8>`, and flushes it.
    /// No more of it than a piece is held in memory.
    ///
    /// # Errors
    /// [`DownloadError::failure`] tells what went wrong, [`DownloadError::written`] how much was written
    /// before: that much of the document is in the writer, and is left there.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::DownloadError> {
    /// let mut scan = Vec::new();
    /// client.vendors().download_document("vendor_1", "PAN_NUMBER").limit(2 << 20).write_to(&mut scan).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn write_to<W>(self, writer: &mut W) -> Result<Downloaded, DownloadError>
    where
        W: AsyncWrite + Unpin + ?Sized,
    {
        self.fetch_async(writer).await.inspect_err(trace::download_failed)
    }

    async fn fetch_async<W>(self, writer: &mut W) -> Result<Downloaded, DownloadError>
    where
        W: AsyncWrite + Unpin + ?Sized,
    {
        let mut document = self.open().await?;
        while let Some(piece) = document.next().await? {
            writer.write_all(&piece).await.map_err(|error| document.unwritable(error))?;
            document.wrote(&piece);
        }
        writer.flush().await.map_err(|error| document.unwritable(error))?;
        Ok(document.end())
    }

    /// As [`write_to`](Download::write_to), into a writer that may block, such as a [`std::fs::File`]; each
    /// piece of it holds the thread up for as long as it takes to write.
    ///
    /// # Errors
    /// As [`write_to`](Download::write_to).
    pub async fn copy_to<W>(self, writer: &mut W) -> Result<Downloaded, DownloadError>
    where
        W: io::Write + ?Sized,
    {
        self.fetch(writer).await.inspect_err(trace::download_failed)
    }

    async fn fetch<W>(self, writer: &mut W) -> Result<Downloaded, DownloadError>
    where
        W: io::Write + ?Sized,
    {
        let mut document = self.open().await?;
        while let Some(piece) = document.next().await? {
            writer.write_all(&piece).map_err(|error| document.unwritable(error))?;
            document.wrote(&piece);
        }
        writer.flush().map_err(|error| document.unwritable(error))?;
        Ok(document.end())
    }

    /// The document, of which nothing is read yet.
    async fn open(self) -> Result<Document, DownloadError> {
        let link = self.link.send().await.map_err(|error| DownloadFailure::Link(Box::new(error)))?;
        let link = link.download_url.as_ref().ok_or(DownloadFailure::Address("the answer has no link"))?;
        let plain = self.client.environment().base_url().starts_with("http://");
        let mut url = checked(address::parse(&escaped(link.expose())), plain)?;
        let begun = self.client.clock().now();
        for _ in 0..=REDIRECTS {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("*/*"))]);
            let head = Head { method: Method::GET, headers, body: Bytes::new() };
            let left =
                self.timeout.saturating_sub(self.client.clock().now().saturating_duration_since(begun));
            let answer = self.client.network().open(url.clone(), head, left).await.map_err(broken)?;
            let (head, body) = answer.into_parts();
            let location = head.headers.get(header::LOCATION).filter(|_| head.status.is_redirection());
            if let Some(location) = location {
                let location = escaped(&String::from_utf8_lossy(location.as_bytes()));
                url = checked(address::join(&url, &location), plain)?;
                continue;
            }
            if head.status != StatusCode::OK {
                return Err(DownloadFailure::Refused(head.status).into());
            }
            if let Some(coding) = content_coding(&head.headers) {
                return Err(DownloadFailure::Compressed(coding).into());
            }
            let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
            let announced = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
            if announced.is_some_and(|length| length > self.limit) {
                return Err(DownloadFailure::TooLarge(self.limit).into());
            }
            let content_type = text(header::CONTENT_TYPE).map(str::to_owned);
            return Ok(Document { body, limit: self.limit, written: 0, content_type });
        }
        Err(DownloadFailure::Address("it leads on and on").into())
    }
}

/// What a path or a query must not hold as it is, but a careless server may write.
const CARELESS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A link as it was meant. In a host nothing is mended by this: no host has a percent sign.
fn escaped(link: &str) -> String {
    utf8_percent_encode(link.trim(), CARELESS).to_string()
}

/// Checks that a link may be followed: https, or http on this machine where the client itself calls it so.
fn checked(url: Result<Url, UrlError>, plain: bool) -> Result<Url, DownloadFailure> {
    let not_https = DownloadFailure::Address("it is not https");
    let mut url = match url {
        Ok(url) => url,
        Err(UrlError::Scheme) => return Err(not_https),
        Err(UrlError::Malformed | UrlError::Host) => return Err(DownloadFailure::Address("it is not a URL")),
    };
    if address::has_userinfo(&url) {
        return Err(DownloadFailure::Address("it carries credentials"));
    }
    url.set_fragment(None);
    if address::is_https(&url) || plain && address::is_loopback(&url) { Ok(url) } else { Err(not_https) }
}

/// What a transport says of an answer that did not come, without the part that did.
fn broken(mut error: TransportError) -> DownloadFailure {
    error.partial = None;
    DownloadFailure::Connection(error)
}

/// A document on its way.
struct Document {
    body: Box<dyn Chunks>,
    limit: u64,
    written: u64,
    content_type: Option<String>,
}

impl Document {
    async fn next(&mut self) -> Result<Option<Bytes>, DownloadError> {
        let written = self.written;
        let fail = |failure| DownloadError { failure, written };
        let piece = self.body.next().await.map_err(|error| fail(broken(error)))?;
        match piece {
            Some(piece) if piece.len() as u64 > self.limit.saturating_sub(self.written) => {
                Err(fail(DownloadFailure::TooLarge(self.limit)))
            }
            piece => Ok(piece),
        }
    }

    fn wrote(&mut self, piece: &Bytes) {
        self.written += piece.len() as u64;
    }

    fn unwritable(&self, error: io::Error) -> DownloadError {
        DownloadError { failure: DownloadFailure::Writer(error), written: self.written }
    }

    fn end(self) -> Downloaded {
        Downloaded { bytes: self.written, content_type: self.content_type }
    }
}

/// Shows no identifier and no link.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("link", &self.link)
            .field("limit", &self.limit)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A document that did not come whole. Neither `Display` nor `Debug` shows the link, since whoever has it
/// has the document.
#[derive(Debug)]
pub struct DownloadError {
    failure: DownloadFailure,
    written: u64,
}

/// Why a document did not come whole.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadFailure {
    /// There is no link: the call for it failed.
    Link(Box<Error>),
    /// The link, or what it leads on to, is none that is followed.
    Address(&'static str),
    /// The link brought another status than 200: it may have expired. Ask again.
    Refused(StatusCode),
    /// The document came compressed by this coding, which was not asked for.
    Compressed(&'static str),
    /// The document is longer than this limit.
    TooLarge(u64),
    /// No connection came about, or it broke, or the time ran out. Fetch it again, into an empty writer.
    Connection(TransportError),
    /// The writer failed. Of the piece that it failed on, some may be written.
    Writer(io::Error),
}

impl DownloadError {
    /// What went wrong.
    pub fn failure(&self) -> &DownloadFailure {
        &self.failure
    }

    /// How many bytes were written before; what is in the writer is the beginning of the document.
    pub fn written(&self) -> u64 {
        self.written
    }
}

impl From<DownloadFailure> for DownloadError {
    /// Of a document that was not begun.
    fn from(failure: DownloadFailure) -> Self {
        Self { failure, written: 0 }
    }
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            DownloadFailure::Link(error) => write!(f, "no link to the document: {error}")?,
            DownloadFailure::Address(reason) => write!(f, "the document's link is not followed: {reason}")?,
            DownloadFailure::Refused(status) => write!(f, "the document's link brought {}", status.as_u16())?,
            DownloadFailure::Compressed(coding) => write!(f, "the document came compressed ({coding})")?,
            DownloadFailure::TooLarge(limit) => write!(f, "the document is longer than {limit} bytes")?,
            DownloadFailure::Connection(error) => write!(f, "the document did not come: {error}")?,
            DownloadFailure::Writer(error) => write!(f, "the document can't be written: {error}")?,
        }
        if self.written > 0 { write!(f, " ({} bytes were written)", self.written) } else { Ok(()) }
    }
}

impl std::error::Error for DownloadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.failure {
            DownloadFailure::Link(error) => Some(error.as_ref()),
            DownloadFailure::Connection(error) => Some(error),
            DownloadFailure::Writer(error) => Some(error),
            _ => None,
        }
    }
}
