//! Paths of requests made by hand.

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
    if bare.contains(';') {
        return refuse("has a `;` parameter, which servers and proxies read differently");
    }
    // An intermediary may decode one time more than the service does, and then see another path.
    let is_ambiguous =
        |byte: u8| matches!(byte, b'/' | b'\\' | b'%' | b';' | b'.') || byte.is_ascii_control();
    let mut encoded = bare.split('%').skip(1).filter_map(|rest| u8::from_str_radix(rest.get(..2)?, 16).ok());
    if encoded.any(is_ambiguous) {
        return refuse("encodes a slash, backslash, dot, percent sign, semicolon or control character");
    }
    if bare.split('/').any(|segment| matches!(segment, "." | "..")) {
        return refuse("has a dot segment");
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
        for good in
            ["/orders/1", "/new/thing?a=b&c=..&d=%2F%2e%25%00;e", "/a%20b/...", "/x/", "/orders/%C3%A9", "/"]
        {
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
            "/orders/a%2Fb",
            "/orders/..;/b",
            "/orders/a;x=1/b",
            "/orders/a%3Bb",
            "/orders/%252e%252e/b",
            "/orders/a%25%32%66b",
            "/orders/a%00b",
            "/orders/a%0d%0ab",
            "/orders/a%7Fb",
            "/orders/a%2E",
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
