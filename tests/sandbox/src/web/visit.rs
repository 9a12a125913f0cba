//! How a payer came to a page, which decides where they go afterwards. It travels in the query of each page, so
//! that two tabs of one session don't disturb each other.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::incoming::Incoming;

/// The longest address a payer is sent back to.
const LONGEST_URL: usize = 2_048;

/// How a payer came to a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visit {
    /// The page is inside a shop's page, which is notified of the end by a message.
    pub(crate) embedded: bool,
    /// Replaces the order's own `return_url`.
    pub(crate) return_url: Option<String>,
}

impl Visit {
    /// Reads the query of a page, or the form that opened it.
    pub(crate) fn read(incoming: &Incoming) -> Self {
        let query = incoming.query_values();
        let value = |name: &str| {
            let first = query.get(name).and_then(|values| values.first()).cloned();
            first.unwrap_or_else(|| incoming.form_value(name))
        };
        let return_url = value("return_url");
        Self {
            embedded: value("display") == "embedded",
            return_url: is_web_url(&return_url).then_some(return_url),
        }
    }

    /// A visit that ends at this address.
    pub(crate) fn home(address: &str) -> Self {
        Self { embedded: false, return_url: Some(address.to_owned()) }
    }

    /// `address` with this visit in its query.
    pub(crate) fn carry(&self, address: &str) -> String {
        let mut pairs = Vec::new();
        if self.embedded {
            pairs.push("display=embedded".to_owned());
        }
        if let Some(url) = &self.return_url {
            pairs.push(format!("return_url={}", utf8_percent_encode(url, NON_ALPHANUMERIC)));
        }
        if pairs.is_empty() { address.to_owned() } else { format!("{address}?{}", pairs.join("&")) }
    }

    /// Where the payer goes in the end: `{order_id}` of the address is filled in.
    pub(crate) fn destination(&self, own: Option<&str>, order_id: &str) -> Option<String> {
        let url = self.return_url.as_deref().or(own).filter(|url| is_web_url(url))?;
        let order_id = utf8_percent_encode(order_id, NON_ALPHANUMERIC)
            .to_string()
            .replace("%5F", "_")
            .replace("%2D", "-");
        Some(url.replace("{order_id}", &order_id))
    }
}

/// Nothing but a web address may become a link: `javascript:` and `data:` would run in the page.
fn is_web_url(url: &str) -> bool {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://"))
        && url.len() <= LONGEST_URL
        && !url.chars().any(|letter| letter.is_control() || letter.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_return_url_names_the_order() {
        let visit = Visit::default();
        let own = Some("https://shop.example/done?order_id={order_id}");
        let destination = visit.destination(own, "order_1-a").unwrap_or_default();
        assert_eq!(destination, "https://shop.example/done?order_id=order_1-a");
        let given = Visit { return_url: Some("http://localhost:3000/{order_id}".to_owned()), ..visit };
        assert_eq!(given.destination(own, "a b").as_deref(), Some("http://localhost:3000/a%20b"));
        assert_eq!(Visit::default().destination(None, "order_1"), None);
    }

    #[test]
    fn only_web_addresses_are_links() {
        for url in ["javascript:alert(1)", "data:text/html,x", "//shop.example", "http://a b", ""] {
            assert_eq!(Visit::default().destination(Some(url), "o"), None, "{url}");
        }
    }

    #[test]
    fn a_visit_survives_its_query() {
        let visit =
            Visit { embedded: true, return_url: Some("http://localhost/?a=1&b={order_id}".to_owned()) };
        let address = visit.carry("/pg/view/checkout/s");
        let query = address.split_once('?').map(|(_, query)| query.to_owned());
        let incoming = Incoming { query, ..Incoming::default() };
        assert_eq!(Visit::read(&incoming), visit);
    }
}
