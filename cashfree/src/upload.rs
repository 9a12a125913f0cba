//! Files for uploads.
//!
//! A file is in memory, so that each attempt sends the same bytes, which the idempotency key needs. No operation is
//! documented to accept more than 20 MB.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};

/// File for an upload: bytes, name and type.
///
/// - The type follows from the extension of the name (`jpeg`, `jpg`, `png`, `pdf`), or is set by
///   [`file_type`](Upload::file_type). The bytes are not examined.
/// - The limits of an operation are checked when the call is sent, before anything leaves.
/// - The bytes are in memory and shared by clones.
/// - Reading from a path or a reader ends at [`MAX_READ`](Upload::MAX_READ).
///
/// ```
/// use cashfree::{FileType, Upload};
///
/// let scan = Upload::new("delivery note.PDF", b"%PDF-1.7 ...".as_slice());
/// assert_eq!(scan.known_type(), Some(FileType::Pdf));
/// let nameless = Upload::new("scan", b"...".as_slice()).file_type(FileType::Png);
/// assert_eq!(nameless.known_type(), Some(FileType::Png));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    name: String,
    bytes: Bytes,
    file_type: Option<FileType>,
}

/// Type of a file, as the API names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileType {
    /// `jpeg` and `jpg`.
    Jpeg,
    /// `png`.
    Png,
    /// `pdf`.
    Pdf,
}

impl FileType {
    /// Returns the media type, such as `application/pdf`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        match end.to_ascii_lowercase().as_str() {
            "jpeg" | "jpg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }
}

impl Upload {
    /// Maximum number of bytes that are read from a path or a reader: 20 MiB. No documented limit of an operation is
    /// higher. [`new`](Upload::new) accepts bytes of any length, for operations without a documented limit.
    pub const MAX_READ: u64 = 20 << 20;

    /// Creates a file from its name and bytes. Only the last part of a path is sent as the name; an empty name is sent as
    /// `file`.
    pub fn new(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let mut name = file_name.into();
        if let Some(folder) = name.rfind(['/', '\\']) {
            name.drain(..=folder);
        }
        if name.is_empty() {
            // A part of a form is a file only with a name.
            name.push_str("file");
        }
        Self { file_type: FileType::of_name(&name), name, bytes: bytes.into() }
    }

    /// Reads the file at this path.
    ///
    /// This blocks the thread. In async code use `tokio::task::spawn_blocking`, or
    /// [`from_async_reader`](Upload::from_async_reader).
    ///
    /// # Errors
    /// If the file cannot be read; [`FileTooLarge`](io::ErrorKind::FileTooLarge) if it is longer than
    /// [`MAX_READ`](Upload::MAX_READ).
    ///
    /// ```no_run
    /// let evidence = cashfree::Upload::from_path("evidence/delivery-note.pdf")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn from_path(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = File::open(path)?;
        if file.metadata()?.len() > Self::MAX_READ {
            return Err(too_large());
        }
        Self::from_reader(name, file)
    }

    /// Reads a reader to its end. This blocks the thread, as [`from_path`](Upload::from_path) does.
    ///
    /// # Errors
    /// If the reader fails; [`FileTooLarge`](io::ErrorKind::FileTooLarge) if it has more than
    /// [`MAX_READ`](Upload::MAX_READ) bytes.
    ///
    /// ```
    /// let upload = cashfree::Upload::from_reader("note.pdf", b"%PDF-1.7 ...".as_slice())?;
    /// assert_eq!(upload.len(), 12);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn from_reader(file_name: impl Into<String>, reader: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        reader.take(Self::MAX_READ + 1).read_to_end(&mut bytes)?;
        Self::read(file_name, bytes)
    }

    /// Reads an async reader to its end.
    ///
    /// # Errors
    /// As [`from_reader`](Upload::from_reader).
    ///
    /// ```
    /// # async fn run() -> std::io::Result<()> {
    /// let upload = cashfree::Upload::from_async_reader("note.pdf", b"%PDF-1.7 ...".as_slice()).await?;
    /// assert_eq!(upload.len(), 12);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_async_reader(
        file_name: impl Into<String>,
        reader: impl AsyncRead + Unpin,
    ) -> io::Result<Self> {
        let mut bytes = Vec::new();
        reader.take(Self::MAX_READ + 1).read_to_end(&mut bytes).await?;
        Self::read(file_name, bytes)
    }

    fn read(file_name: impl Into<String>, bytes: Vec<u8>) -> io::Result<Self> {
        if bytes.len() as u64 > Self::MAX_READ { Err(too_large()) } else { Ok(Self::new(file_name, bytes)) }
    }

    /// Sets the type. Default: by the extension of the name.
    #[must_use]
    pub fn file_type(mut self, file_type: FileType) -> Self {
        self.file_type = Some(file_type);
        self
    }

    /// Returns the type, if it is known.
    pub fn known_type(&self) -> Option<FileType> {
        self.file_type
    }

    /// Returns the name that is sent.
    pub fn file_name(&self) -> &str {
        &self.name
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns whether the file is empty. An empty file is never sent.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) fn media_type(&self) -> &'static str {
        self.file_type.map_or("application/octet-stream", FileType::media_type)
    }

    /// Checks the file against the limits of an operation.
    pub(crate) fn check(&self, limits: Limits) -> Result<(), String> {
        if self.is_empty() {
            return Err("the file is empty".to_owned());
        }
        if let Some(most) = limits.megabytes.filter(|most| self.len() > most << 20) {
            let length = self.len();
            return Err(format!("the file has {length} bytes, more than the {most} MB that are accepted"));
        }
        if limits.known_types_only && self.file_type.is_none() {
            return Err("the file is neither jpeg, png nor pdf, by its name and its content type".to_owned());
        }
        Ok(())
    }
}

fn too_large() -> io::Error {
    let reason = format!("the file is longer than {} bytes, more than any upload accepts", Upload::MAX_READ);
    io::Error::new(io::ErrorKind::FileTooLarge, reason)
}

/// Shows neither bytes nor name, which may be private.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("file_type", &self.file_type)
            .field("bytes", &self.len())
            .finish_non_exhaustive()
    }
}

/// Documented limits of an operation. Whether a megabyte is 10⁶ or 2²⁰ bytes is not documented; the larger one refuses
/// nothing that the service would accept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) megabytes: Option<usize>,
    pub(crate) known_types_only: bool,
}

/// Document that contests a dispute.
///
/// ```no_run
/// use cashfree::{DisputeDocument, Upload};
///
/// let document = DisputeDocument::new(Upload::from_path("delivery-note.pdf")?, "Delivery/Service Proof")
///     .note("signed by the customer");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct DisputeDocument {
    /// The file: `jpeg`, `jpg`, `png` or `pdf`, at most 20 MB.
    pub file: Upload,
    /// Kind of evidence, exactly as in the dispute's `preferred_evidence`, spaces and slashes included.
    pub doc_type: String,
    /// Remark. `Debug` does not show it.
    pub note: Option<String>,
}

impl DisputeDocument {
    /// Creates a document from a file and its kind of evidence.
    pub fn new(file: Upload, doc_type: impl Into<String>) -> Self {
        Self { file, doc_type: doc_type.into(), note: None }
    }

    /// Sets a remark.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

impl fmt::Debug for DisputeDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisputeDocument")
            .field("file", &self.file)
            .field("doc_type", &self.doc_type)
            .field("note", &self.note.as_ref().map(|_| "***"))
            .finish()
    }
}

/// Identity document of a vendor.
///
/// ```no_run
/// use cashfree::{Upload, VendorDocument};
///
/// let document = VendorDocument::new(Upload::from_path("pan.jpeg")?, "PAN").doc_value("ABCDE1234F");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct VendorDocument {
    /// The scanned document, at most 2 MB.
    pub file: Upload,
    /// The kind of document, such as `PAN` or `CIN`.
    pub doc_type: String,
    /// Number of the document. `Debug` does not show it.
    pub doc_value: Option<String>,
}

impl VendorDocument {
    /// Creates a document from a file and its kind.
    pub fn new(file: Upload, doc_type: impl Into<String>) -> Self {
        Self { file, doc_type: doc_type.into(), doc_value: None }
    }

    /// Sets the number of the document.
    pub fn doc_value(mut self, number: impl Into<String>) -> Self {
        self.doc_value = Some(number.into());
        self
    }
}

impl fmt::Debug for VendorDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorDocument")
            .field("file", &self.file)
            .field("doc_type", &self.doc_type)
            .field("doc_value", &self.doc_value.as_ref().map(|_| "***"))
            .finish()
    }
}
