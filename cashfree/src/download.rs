//! Downloads: a call returns a link, which is followed without credentials.

mod trace;

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use url::Url;

use crate::address::{self, UrlError};
use crate::response::content_coding;
use crate::transport::Head;
use crate::types::VendorDocumentLink;
use crate::{Call, Chunks, Client, Error, TransportError};

/// Maximum number of redirects.
const REDIRECTS: usize = 3;

/// Download of a vendor's document: [`Vendors::download_document`](crate::api::Vendors::download_document).
///
/// The API returns a link that works for a while for everybody who has it. The download reads the link and follows it:
///
/// - over https (http only if the client itself calls this machine by http), without credentials and other headers of
///   the API, with the client's proxy and certificates;
/// - over at most three redirects, by the same rule;
/// - without retries, since a part may be written already.
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

/// Result of a [`Download`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Size of the document in bytes.
    pub bytes: u64,
    /// `content-type` of the response, such as `application/pdf`. The uploader chose it: check the document before
    /// showing it to others.
    pub content_type: Option<String>,
}

impl Download {
    /// Default of [`limit`](Download::limit): 32 MiB.
    pub const LIMIT: u64 = 32 << 20;

    pub(crate) fn new(client: Client, link: Call<VendorDocumentLink>) -> Self {
        let timeout = client.timeout();
        Self { client, link, limit: Self::LIMIT, timeout }
    }

    /// Sets the maximum size in bytes. Default: [`LIMIT`](Download::LIMIT). A document with a larger `content-length` is not
    /// read.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Sets the timeout of the download, from connecting to the last byte. Default: the client's timeout of an attempt
    /// ([`ClientBuilder::timeout`](crate::ClientBuilder::timeout)). The call for the link has a timeout of its own.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Changes settings of the call for the link, such as its credentials.
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

    /// Downloads the document into an async writer, such as a `tokio::fs::File` or a `Vec<u8>`, and flushes it. Only one
    /// chunk at a time is in memory.
    ///
    /// # Errors
    /// [`DownloadError::failure`] is the cause, [`DownloadError::written`] the number of bytes in the writer, which stay
    /// there.
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
        self.fetch_async(writer).await.inspect_err(trace::failed)
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

    /// Downloads the document into a blocking writer, such as a [`std::fs::File`]. Each write blocks the thread.
    ///
    /// # Errors
    /// As [`write_to`](Download::write_to).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut file = std::fs::File::create("pan.pdf")?;
    /// client.vendors().download_document("vendor_1", "PAN_NUMBER").copy_to(&mut file).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn copy_to<W>(self, writer: &mut W) -> Result<Downloaded, DownloadError>
    where
        W: io::Write + ?Sized,
    {
        self.fetch(writer).await.inspect_err(trace::failed)
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

    /// Opens the document; its body is not read yet.
    async fn open(self) -> Result<Document, DownloadError> {
        let link = self.link.send().await.map_err(|error| DownloadFailure::Link(Box::new(error)))?;
        let link = link.download_url.as_ref().ok_or(DownloadFailure::Address("the response has no link"))?;
        let plain = self.client.environment().base_url().starts_with("http://");
        let mut url = checked(address::parse(&escaped(link.expose())), plain)?;
        let begun = self.client.clock().now();
        for _ in 0..=REDIRECTS {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("*/*"))]);
            let head = Head { method: Method::GET, headers, body: Bytes::new() };
            let left =
                self.timeout.saturating_sub(self.client.clock().now().saturating_duration_since(begun));
            let response = self.client.network().open(url.clone(), head, left).await.map_err(broken)?;
            let (head, body) = response.into_parts();
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
        Err(DownloadFailure::Address("too many redirects").into())
    }
}

/// Characters that a path or query must not hold unencoded, but that servers write.
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

/// Encodes such characters of a link. Hosts stay invalid: none has a percent sign.
fn escaped(link: &str) -> String {
    utf8_percent_encode(link.trim(), CARELESS).to_string()
}

/// Checks that a link may be followed: https, or http on this machine if the client itself uses that.
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

/// Error of a transport without the received part of the response.
fn broken(mut error: TransportError) -> DownloadFailure {
    error.partial = None;
    DownloadFailure::Connection(error)
}

/// Document that is being downloaded.
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

/// Shows neither identifiers nor the link.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("link", &self.link)
            .field("limit", &self.limit)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Error of a download. Neither `Display` nor `Debug` shows the link, since who has the link has the document.
#[derive(Debug)]
pub struct DownloadError {
    failure: DownloadFailure,
    written: u64,
}

/// Cause of a [`DownloadError`].
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadFailure {
    /// The call for the link failed.
    Link(Box<Error>),
    /// The link, or a redirect, must not be followed.
    Address(&'static str),
    /// The status is not 200: the link may have expired. Start the download anew.
    Refused(StatusCode),
    /// The document is compressed by this coding, which was not requested.
    Compressed(&'static str),
    /// The document is longer than this limit.
    TooLarge(u64),
    /// Connection error or timeout. Start the download anew, with an empty writer.
    Connection(TransportError),
    /// The writer failed. A part of the last chunk may be written.
    Writer(io::Error),
}

impl DownloadError {
    /// Returns the cause.
    pub fn failure(&self) -> &DownloadFailure {
        &self.failure
    }

    /// Returns how many bytes were written: the beginning of the document.
    pub fn written(&self) -> u64 {
        self.written
    }
}

impl From<DownloadFailure> for DownloadError {
    /// Error before the first byte.
    fn from(failure: DownloadFailure) -> Self {
        Self { failure, written: 0 }
    }
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            DownloadFailure::Link(error) => write!(f, "no link to the document: {error}")?,
            DownloadFailure::Address(reason) => write!(f, "the document's link is not followed: {reason}")?,
            DownloadFailure::Refused(status) => {
                write!(f, "the document's link returned status {}", status.as_u16())?
            }
            DownloadFailure::Compressed(coding) => {
                write!(f, "the document is compressed ({coding}), which was not requested")?
            }
            DownloadFailure::TooLarge(limit) => write!(f, "the document is longer than {limit} bytes")?,
            DownloadFailure::Connection(error) => write!(f, "the document was not received: {error}")?,
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
