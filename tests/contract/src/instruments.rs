//! A card that both services accept.

use cashfree::types::{Card, CardChannel, PayOrderPaymentMethod};

pub(crate) fn card() -> PayOrderPaymentMethod {
    let card = Card::new(CardChannel::Post)
        .card_number("4706131211212123")
        .card_expiry_mm("03")
        .card_expiry_yy("28")
        .card_cvv("123");
    PayOrderPaymentMethod::card(card)
}
