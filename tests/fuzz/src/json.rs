//! JSON as text: its tokens, and marks in them.

use cashfree_gen::Json;

/// Put into each text and each number of a body, to be looked for in an error.
const TEXT_MARK: &str = "S3CRET";
const NUMBER_MARK: &str = "41114111";

/// Whether a text repeats a mark.
pub(crate) fn has_mark(text: &str) -> bool {
    text.contains(TEXT_MARK) || text.contains(NUMBER_MARK)
}

/// The body with a mark in each of its texts and numbers, the names of fields left as they are; `None` where
/// it is no JSON, or has a mark already.
pub(crate) fn marked(body: &[u8]) -> Option<String> {
    let body = std::str::from_utf8(body).ok().filter(|body| !has_mark(body))?;
    Json::parse(body.as_bytes()).ok()?;
    let bytes = body.as_bytes();
    let mut marked = String::with_capacity(body.len() * 2);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'"' => end_of_text(bytes, at),
            b'-' | b'0'..=b'9' => end_of_number(bytes, at),
            _ => (at + 1..=bytes.len()).find(|end| body.is_char_boundary(*end)).unwrap_or(bytes.len()),
        };
        let token = body.get(at..end).unwrap_or_default();
        match (byte, token.strip_prefix('-')) {
            (b'"', _) if is_name(bytes, end) => marked.push_str(token),
            (b'"', _) => {
                marked.push('"');
                marked.push_str(TEXT_MARK);
                marked.push_str(token.get(1..).unwrap_or_default());
            }
            (b'-', Some(digits)) => {
                marked.push('-');
                marked.push_str(NUMBER_MARK);
                marked.push_str(digits);
            }
            (b'0'..=b'9', _) => {
                marked.push_str(NUMBER_MARK);
                marked.push_str(token);
            }
            _ => marked.push_str(token),
        }
        at = end;
    }
    Some(marked)
}

/// The end of the text that begins here, behind its quotation mark.
pub(crate) fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

pub(crate) fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    bytes.iter().skip(start).position(|byte| !is_part(byte)).map_or(bytes.len(), |length| start + length)
}

/// Whether the text that ends here is the name of a field.
pub(crate) fn is_name(bytes: &[u8], end: usize) -> bool {
    bytes.iter().skip(end).find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}
