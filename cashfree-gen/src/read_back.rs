//! The request that reads what another one makes: its path is known from what that one carries.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::Request;
use crate::decode::wire::Free;
use crate::http::encode_path;
use crate::http::expected::Source;

impl Request {
    /// The request that reads what this one makes, where the operation table has one: each parameter of
    /// its path is a parameter of this request's path, or else a member of its body, by the same name.
    /// `None` also when the caller left the identifier to the service.
    pub fn read_back(&self) -> Option<Self> {
        let read = self.operation.read_back?;
        let body = serde_json::from_slice(&self.body).ok().map(|Free(body)| body);
        let mut path = String::new();
        for segment in read.path.split('/').skip(1) {
            path.push('/');
            match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                None => path.push_str(segment),
                Some(name) => match self.segment(segment) {
                    Some(known) => path.push_str(known),
                    None => path.push_str(&encode_path(text(body.as_ref()?.get(name)?)?).to_string()),
                },
            }
        }
        Some(Self::new(read, path))
    }

    /// Returns a value that the request carries, as text: a path parameter without its percent-encoding, or a
    /// top-level field of the JSON body.
    ///
    /// `None` if the field is absent, null, empty, or neither text nor a whole number.
    pub fn value(&self, source: Source) -> Option<String> {
        match source {
            Source::Path(name) => {
                let encoded = self.segment(&format!("{{{name}}}"))?;
                Some(percent_decode_str(encoded).decode_utf8().ok()?.into_owned())
            }
            Source::Body(name) => {
                let Free(body) = serde_json::from_slice(&self.body).ok()?;
                match body.get(name)? {
                    Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
                    value => text(value),
                }
            }
        }
    }

    /// What stands in the path for a parameter, as it is encoded there.
    fn segment(&self, parameter: &str) -> Option<&str> {
        let path = self.path.split('?').next().unwrap_or_default();
        let mut pairs = self.operation.path.split('/').zip(path.split('/'));
        pairs.find(|(template, _)| *template == parameter).map(|(_, segment)| segment)
    }
}

/// An identifier as text; one that is no text may have lost digits on its way.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Operation, operations};

    fn request(operation: &'static Operation, path: &str, body: &'static str) -> Request {
        let mut request = Request::new(operation, path.to_owned());
        request.body = body.into();
        request
    }

    #[test]
    fn the_path_is_filled_from_the_path_and_the_body() {
        let refund = request(
            &operations::PG_ORDER_CREATE_REFUND,
            "/orders/an%20order/refunds?x=1",
            r#"{"refund_id":"a/b","order_id":"another"}"#,
        );
        let read = refund.read_back();
        assert_eq!(
            read.as_ref().map(|read| (read.operation.id, read.path.as_str())),
            Some(("PGOrderFetchRefund", "/orders/an%20order/refunds/a%2Fb"))
        );
        assert!(read.is_some_and(|read| read.body.is_empty() && read.headers.is_empty()));
    }

    #[test]
    fn what_the_service_names_can_not_be_read() {
        for body in [r#"{"order_amount":1}"#, r#"{"order_id":null}"#, r#"{"order_id":""}"#, "[]", ""] {
            assert!(request(&operations::PG_CREATE_ORDER, "/orders", body).read_back().is_none(), "{body}");
        }
        let fetch = request(&operations::PG_FETCH_ORDER, "/orders/order_1", "");
        assert!(fetch.read_back().is_none());
    }

    #[test]
    fn a_value_is_read_from_the_path_or_the_body() {
        let refund = request(
            &operations::PG_ORDER_CREATE_REFUND,
            "/orders/an%20order/refunds?x=1",
            r#"{"refund_id":"a/b","adjustment_id":9007199254740993,"amount":1.5,"note":""}"#,
        );
        let value = |source| refund.value(source);
        assert_eq!(value(Source::Path("order_id")).as_deref(), Some("an order"));
        assert_eq!(value(Source::Body("refund_id")).as_deref(), Some("a/b"));
        assert_eq!(value(Source::Body("adjustment_id")).as_deref(), Some("9007199254740993"));
        for absent in ["amount", "note", "order_id"] {
            assert_eq!(value(Source::Body(absent)), None, "{absent}");
        }
        assert_eq!(value(Source::Path("refund_id")), None);
    }
}
