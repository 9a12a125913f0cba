//! The `WARN` event of a failed download. Nothing without the feature `tracing`.

use super::DownloadError;
#[cfg(feature = "tracing")]
use super::DownloadFailure;
#[cfg(feature = "tracing")]
use crate::Sent;

/// The event of a download that failed. The call for the link has an event of its own.
#[cfg(feature = "tracing")]
pub(super) fn failed(error: &DownloadError) {
    let (outcome, status) = match error.failure() {
        DownloadFailure::Link(_) => return,
        DownloadFailure::Address(_) => ("address", None),
        DownloadFailure::Refused(status) => ("refused", Some(status.as_u16())),
        DownloadFailure::Compressed(_) => ("compressed", None),
        DownloadFailure::TooLarge(_) => ("too_large", None),
        DownloadFailure::Connection(failure) if failure.sent == Sent::No => ("not_sent", None),
        DownloadFailure::Connection(failure) if failure.timeout => ("timeout", None),
        DownloadFailure::Connection(_) => ("broken", None),
        DownloadFailure::Writer(_) => ("writer", None),
    };
    tracing::warn!(
        target: "cashfree",
        operation = crate::operations::PGES_DOWNLOAD_VENDORS_DOCS.id,
        status,
        outcome,
        written = error.written(),
        "download failed"
    );
}

#[cfg(not(feature = "tracing"))]
pub(super) const fn failed(_: &DownloadError) {}
