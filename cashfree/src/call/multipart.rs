//! Forms with a file (`multipart/form-data`, RFC 7578), serialized before the first attempt.

use http::HeaderValue;
use uuid::Uuid;

use crate::upload::Upload;

/// A form in the order of its parts: texts, then the file.
#[derive(Debug)]
pub(crate) struct Form<'a> {
    texts: Vec<(&'static str, &'a str)>,
    file: (&'static str, &'a Upload),
}

impl<'a> Form<'a> {
    pub(crate) fn new(name: &'static str, file: &'a Upload) -> Self {
        Self { texts: Vec::new(), file: (name, file) }
    }

    pub(crate) fn text(mut self, name: &'static str, value: &'a str) -> Self {
        self.texts.push((name, value));
        self
    }

    /// The boundary is a digest of the parts. So the same form has the same bytes in every process, as its idempotency key
    /// demands, and no part can hold the boundary: it would have to hold a digest of itself.
    fn boundary(&self) -> String {
        let (name, file) = self.file;
        let mut digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, file.bytes());
        let mut mix = |text: &str| digest = Uuid::new_v5(&digest, text.as_bytes());
        [name, file.file_name(), file.media_type()].into_iter().for_each(&mut mix);
        for (name, value) in &self.texts {
            mix(name);
            mix(value);
        }
        format!("cashfree-{}", digest.simple())
    }

    /// The body. Never `None`, since a boundary has letters and digits only.
    pub(crate) fn body(&self) -> Option<cashfree_gen::Body> {
        let boundary = self.boundary();
        let (name, file) = self.file;
        let mut out = Vec::with_capacity(file.len() + 1_024);
        let mut write = |text: &str| out.extend_from_slice(text.as_bytes());
        for (name, value) in &self.texts {
            write(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n"));
            write(value);
            write("\r\n");
        }
        let file_name = quotable(file.file_name());
        write(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
             Content-Type: {}\r\n\r\n",
            file.media_type()
        ));
        out.extend_from_slice(file.bytes());
        out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let content_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}")).ok()?;
        Some(cashfree_gen::Body::new(out, content_type))
    }
}

/// A file name between quotation marks, escaped as the HTML standard says for forms: non-ASCII is unchanged;
/// quotation marks and line ends are percent-encoded, and so are other control characters and the backslash, which some
/// parsers take for an escape.
fn quotable(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' | '\\' => out.push_str(&format!("%{:02X}", u32::from(c))),
            c if c.is_ascii_control() => out.push_str(&format!("%{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_neither_itself_nor_its_line() {
        assert_eq!(quotable("a\"b\r\nc\\d\0é ₹%22.pdf"), "a%22b%0D%0Ac%5Cd%00é ₹%22.pdf");
    }

    #[test]
    fn a_boundary_follows_from_all_that_it_separates() {
        let (one, other) = (Upload::new("a.pdf", "1"), Upload::new("a.pdf", "2"));
        let renamed = Upload::new("b.pdf", "1");
        let boundaries = [
            Form::new("file", &one).boundary(),
            Form::new("file", &other).boundary(),
            Form::new("file", &renamed).boundary(),
            Form::new("file", &one).text("note", "x").boundary(),
            Form::new("file", &one).text("note", "y").boundary(),
        ];
        let distinct: std::collections::BTreeSet<_> = boundaries.iter().collect();
        assert_eq!(distinct.len(), boundaries.len());
        assert_eq!(Form::new("file", &one).boundary(), boundaries[0]);
        // RFC 2046 allows 70 characters.
        assert!(boundaries.iter().all(|boundary| boundary.len() <= 70));
    }
}
