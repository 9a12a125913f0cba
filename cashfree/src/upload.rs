//! Files to hand in, and what goes with them.
//!
//! A file is held in memory from the start. That is bounded, since no operation is documented to take more
//! than 20 MB, and it makes a form that can be sent again byte for byte, which its idempotency key demands.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A file for an upload: its bytes, its name, and what it is.
///
/// What it is follows from the end of its name (`jpeg`, `jpg`, `png`, `pdf`), or is said by
/// [`file_type`](Upload::file_type); its bytes are not looked at. The limits of an operation are checked when
/// the call is sent, before anything leaves.
///
/// The bytes are in memory, shared by clones, so that an upload can always be sent again. What is read from
/// a path or a reader ends at [`MAX_READ`](Upload::MAX_READ), so a file that is far too long costs no more
/// than that.
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

/// What a file is: the kinds that the API names.
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
    /// The media type, such as `application/pdf`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        let is = |kind: &str| end.eq_ignore_ascii_case(kind);
        match () {
            () if is("jpeg") || is("jpg") => Some(Self::Jpeg),
            () if is("png") => Some(Self::Png),
            () if is("pdf") => Some(Self::Pdf),
            () => None,
        }
    }
}

impl Upload {
    /// The most bytes that are read from a path or a reader: 20 MiB, which no documented limit of an operation
    /// exceeds. [`new`](Upload::new) takes bytes of any length, for an operation whose limit is not documented.
    pub const MAX_READ: u64 = 20 << 20;

    /// These bytes under this name. Of a name with folders the last part counts; a file without a name goes
    /// as `file`.
    pub fn new(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let mut name = file_name.into();
        if let Some(folder) = name.rfind(['/', '\\']) {
            name.drain(..=folder);
        }
        if name.is_empty() {
            // Without a name a part of a form is no file.
            name.push_str("file");
        }
        Self { file_type: FileType::of_name(&name), name, bytes: bytes.into() }
    }

    /// The file at this path, under its own name.
    ///
    /// It is read here and now, which blocks the thread; in async code let a thread for such work do it
    /// (`tokio::task::spawn_blocking`), or use [`from_async_reader`](Upload::from_async_reader).
    ///
    /// # Errors
    /// When the file can't be read; [`FileTooLarge`](io::ErrorKind::FileTooLarge) when it is longer than
    /// [`MAX_READ`](Upload::MAX_READ), of which nothing is read if its length is known beforehand.
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

    /// All that the reader gives, under this name. It blocks like [`from_path`](Upload::from_path).
    ///
    /// # Errors
    /// When the reader fails; [`FileTooLarge`](io::ErrorKind::FileTooLarge) when it gives more than
    /// [`MAX_READ`](Upload::MAX_READ), of which it is asked for one byte at most.
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

    /// All that the reader gives, under this name, without blocking.
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

    /// What it is, whatever its name says.
    #[must_use]
    pub fn file_type(mut self, file_type: FileType) -> Self {
        self.file_type = Some(file_type);
        self
    }

    /// What it is, as far as that is known.
    pub fn known_type(&self) -> Option<FileType> {
        self.file_type
    }

    /// The name that it goes under.
    pub fn file_name(&self) -> &str {
        &self.name
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is nothing in it; such a file is never sent.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) fn media_type(&self) -> &'static str {
        self.file_type.map_or("application/octet-stream", FileType::media_type)
    }

    /// Holds it against what an operation takes.
    pub(crate) fn check(&self, limits: Limits) -> Result<(), String> {
        if self.is_empty() {
            return Err("the file is empty".to_owned());
        }
        if let Some(most) = limits.megabytes.filter(|most| self.len() > most << 20) {
            let length = self.len();
            return Err(format!("the file has {length} bytes, more than the {most} MB that are taken"));
        }
        if limits.known_types_only && self.file_type.is_none() {
            return Err("the file is neither jpeg, png nor pdf, by its name and by what was said".to_owned());
        }
        Ok(())
    }
}

fn too_large() -> io::Error {
    let reason = format!("the file is longer than {} bytes, more than any upload takes", Upload::MAX_READ);
    io::Error::new(io::ErrorKind::FileTooLarge, reason)
}

/// Shows neither bytes nor name, which may tell about a person.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("file_type", &self.file_type)
            .field("bytes", &self.len())
            .finish_non_exhaustive()
    }
}

/// What an operation takes, as far as it is documented. Whether a megabyte is 10⁶ bytes or 2²⁰ is not;
/// the larger reading refuses nothing that the service would take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) megabytes: Option<usize>,
    pub(crate) known_types_only: bool,
}

/// A document that contests a dispute.
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
    /// What it proves, word for word as in the dispute's `preferred_evidence`; the words hold spaces and
    /// slashes.
    pub doc_type: String,
    /// A remark to go with it. `Debug` does not show it.
    pub note: Option<String>,
}

impl DisputeDocument {
    /// This file, as proof of this kind.
    pub fn new(file: Upload, doc_type: impl Into<String>) -> Self {
        Self { file, doc_type: doc_type.into(), note: None }
    }

    /// A remark to go with it.
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

/// A document that says who a vendor is.
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
    /// The scan, at most 2 MB.
    pub file: Upload,
    /// The kind of document, such as `PAN` or `CIN`.
    pub doc_type: String,
    /// The number that is printed on it. `Debug` does not show it.
    pub doc_value: Option<String>,
}

impl VendorDocument {
    /// This file, as a document of this kind.
    pub fn new(file: Upload, doc_type: impl Into<String>) -> Self {
        Self { file, doc_type: doc_type.into(), doc_value: None }
    }

    /// The number that is printed on it.
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
