//! The means of payment that the sandbox lets through.

use cashfree::types::{Card, CardChannel, PayOrderPaymentMethod, Upi, UpiChannel};

pub(crate) fn card() -> PayOrderPaymentMethod {
    let card = Card::new(CardChannel::Post)
        .card_number("4706131211212123")
        .card_expiry_mm("03")
        .card_expiry_yy("28")
        .card_cvv("123");
    PayOrderPaymentMethod::card(card)
}

pub(crate) fn upi() -> PayOrderPaymentMethod {
    PayOrderPaymentMethod::upi(Upi::new(UpiChannel::Collect).upi_id("testsuccess@gocash"))
}
