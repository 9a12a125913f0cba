//! Text of errors.

use std::fmt;

use super::{Error, ErrorKind, Inner};
use crate::ResponseMeta;
use crate::redact::redact;
use crate::response::content_coding;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { parts, api, .. } = self.0.as_ref();
        write!(f, "{}: ", parts.operation.id)?;
        match (&parts.meta, parts.kind) {
            (Some(meta), ErrorKind::Api) => {
                write!(f, "{}", meta.status.as_u16())?;
                match api {
                    Some(api) => {
                        if let Some(code) = &api.code {
                            write!(f, " {code}")?;
                        }
                        if let Some(message) = &api.message {
                            write!(f, ": {message}")?;
                        }
                    }
                    None => write!(f, ", {}", parts.detail)?,
                }
            }
            (Some(meta), _) => write!(f, "{}, but {}", meta.status.as_u16(), parts.detail)?,
            (None, _) => f.write_str(&parts.detail)?,
        }
        let mut notes = Vec::new();
        if let Some(id) = self.request_id() {
            // Digits of a UUID may pass for a card number.
            let is_own = uuid::Uuid::try_parse(id).is_ok();
            let shown =
                if is_own { id.into() } else { redact(&id.replace(char::is_control, " ")).into_owned() };
            notes.push(format!("request {shown}"));
        }
        if let Some(wait) = self.rate_limit().and_then(|limit| limit.retry_after) {
            notes.push(format!("retry after {} s", wait.as_secs()));
        }
        notes.extend(parts.hint.map(str::to_owned));
        if !parts.differing.is_empty() {
            notes.push(format!("the existing object differs in {}", parts.differing.join(", ")));
        }
        if let Some((field, status)) = &parts.ended {
            notes.push(format!("the existing object has {field} {status}"));
        }
        let has_no_response = parts.meta.is_none();
        match parts.attempts {
            1 if has_no_response => notes.push("1 attempt".to_owned()),
            0 | 1 => {}
            attempts => notes.push(format!("{attempts} attempts")),
        }
        if notes.is_empty() { Ok(()) } else { write!(f, " ({})", notes.join(", ")) }
    }
}

/// Describes a body that is not an error of the API, without its content.
pub(super) fn describe(meta: &ResponseMeta) -> String {
    if meta.status.is_redirection() {
        return "a redirect, which is not followed: credentials go to the configured address only".to_owned();
    }
    if let Some(coding) = content_coding(&meta.headers) {
        return format!("with a body that is compressed ({coding}), which was not requested");
    }
    if meta.body.is_empty() {
        return "without a body".to_owned();
    }
    let kind = meta.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or("no content type");
    format!("with a body that is no error of the API ({kind}, {} bytes)", meta.body.len())
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &self.0.parts;
        let mut fields = f.debug_struct("Error");
        fields
            .field("operation", &parts.operation.id)
            .field("kind", &parts.kind)
            .field("effect", &parts.effect)
            .field("status", &self.status().map(|status| status.as_u16()))
            .field("code", &self.code())
            .field("message", &self.message())
            .field("detail", &parts.detail)
            .field("request_id", &self.request_id().map(redact))
            .field("idempotency_key", &parts.key)
            .field("attempts", &parts.attempts)
            .field("elapsed", &parts.elapsed)
            .field("rate_limit", &self.rate_limit());
        if !parts.differing.is_empty() {
            fields.field("differing", &parts.differing);
        }
        if let Some(hint) = parts.hint {
            fields.field("hint", &hint);
        }
        if !self.0.sources.is_empty() {
            fields.field("sources", &self.0.sources);
        }
        fields.finish()
    }
}
