//! Forms: `multipart/form-data` bodies taken apart.

use axum::body::Bytes;
use futures_util::stream;

use crate::http::errors::Refusal;

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(dead_code)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) content: Bytes,
}

impl Part {
    /// The content of a part that is no file.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

/// The parts of a body whose content type says that it is a form; none of any other.
pub(crate) async fn parts(content_type: &str, body: Bytes) -> Result<Vec<Part>, Refusal> {
    let Ok(boundary) = multer::parse_boundary(content_type) else {
        return Ok(Vec::new());
    };
    let broken = |error| Refusal::bad_request("request_failed", format!("the form can't be read: {error}"));
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut form = multer::Multipart::new(whole, boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            file_name: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(ToString::to_string),
            content: field.bytes().await.map_err(broken)?,
        });
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn takes_a_form_apart() -> anyhow::Result<()> {
        let body = "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--x\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\
                    Content-Type: application/pdf\r\n\r\n%PDF\r\n--x--\r\n";
        let found = parts("multipart/form-data; boundary=x", Bytes::from_static(body.as_bytes())).await;
        let found = found.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), found[0].text().as_str()), ("note", "hello"));
        assert_eq!(found[1].file_name.as_deref(), Some("a.pdf"));
        assert_eq!(found[1].content_type.as_deref(), Some("application/pdf"));
        let cut = Bytes::from_static(&body.as_bytes()[..60]);
        assert!(parts("multipart/form-data; boundary=x", cut).await.is_err());
        assert_eq!(parts("application/json", Bytes::from_static(b"{}")).await, Ok(Vec::new()));
        Ok(())
    }
}
