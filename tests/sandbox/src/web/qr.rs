//! QR codes and the addresses that they hold.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::QrCode;
use qrcode::render::svg;

/// The account of the sandbox's shop.
const PAYEE: &str = "sandbox.shop@gocash";

/// What a UPI app opens: an address by NPCI's linking specification.
pub(crate) fn upi_address(reference: &str, amount: &str, note: &str) -> String {
    let note = utf8_percent_encode(note, NON_ALPHANUMERIC);
    format!("upi://pay?pa={PAYEE}&pn=Sandbox%20Shop&tr={reference}&am={amount}&cu=INR&tn={note}")
}

/// A code as a picture; `None` where the text doesn't fit into one.
pub(crate) fn svg(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    Some(code.render::<svg::Color<'_>>().min_dimensions(220, 220).quiet_zone(true).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_payee_amount_and_reference() {
        let address = upi_address("4129256397", "499.00", "order 1");
        assert_eq!(
            address,
            "upi://pay?pa=sandbox.shop@gocash&pn=Sandbox%20Shop&tr=4129256397&am=499.00&cu=INR&tn=order%201"
        );
        assert!(svg(&address).is_some_and(|picture| picture.contains("<svg")));
        assert_eq!(svg(&"x".repeat(10_000)), None);
    }
}
