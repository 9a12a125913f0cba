//! Paths of requests made by hand.

use percent_encoding::percent_decode_str;

/// Checks that a path stays below the base URL, however servers and proxies read it.
pub(crate) fn check(path: &str) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("the path {why}"));
    if !path.starts_with('/') {
        return refuse("does not begin with `/`");
    }
    if !path.bytes().all(|byte| byte.is_ascii_graphic() && !br#"\#"<>^`{|}"#.contains(&byte)) {
        return refuse("holds characters that must be percent-encoded");
    }
    let mut escapes = path.split('%');
    escapes.next();
    let is_hex =
        |rest: &str| rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if !escapes.all(is_hex) {
        return refuse("holds a `%` that encodes nothing");
    }
    let bare = path.split('?').next().unwrap_or_default();
    let decoded = percent_decode_str(bare).decode_utf8_lossy();
    if decoded.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")) {
        return refuse("climbs");
    }
    if bare.contains("//") {
        return refuse("has an empty segment");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_base() {
        for good in ["/orders/1", "/new/thing?a=b&c=..", "/a%20b/...", "/x/", "/orders/a%2Fb", "/"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "orders",
            "https://other.example/x",
            "//other.example/x",
            "/a//b",
            "/..",
            "/a/../b",
            "/./a",
            "/a/%2e%2E/b",
            "/a/.%2e",
            "/a/..%2fb",
            "/a%2f..%2fb",
            "/a%5c..%5cb",
            "/a\\..\\b",
            "/a b",
            "/a\r\nx: y",
            "/a#b",
            "/%",
            "/%2",
            "/%zz",
            "/é",
            "@other.example/",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
