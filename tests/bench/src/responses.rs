//! The responses that are served and decoded: every field that the service is known to fill in.

use serde_json::{Value, json};

/// A call that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Operation {
    /// `GET /orders/{order_id}`
    GetOrder,
    /// `GET /orders/{order_id}/payments/{cf_payment_id}`
    GetPayment,
    /// `GET /orders/{order_id}/payments`: ten of them.
    ListPayments,
    /// `POST /orders`
    CreateOrder,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::GetOrder, Self::GetPayment, Self::ListPayments, Self::CreateOrder];

    /// Its path below the base address.
    pub fn path(self) -> &'static str {
        match self {
            Self::GetOrder => "/orders/order_8123",
            Self::GetPayment => "/orders/order_8123/payments/12376123",
            Self::ListPayments => "/orders/order_8123/payments",
            Self::CreateOrder => "/orders",
        }
    }

    /// Its method.
    pub fn method(self) -> http::Method {
        if self == Self::CreateOrder { http::Method::POST } else { http::Method::GET }
    }

    /// A response that is served.
    pub fn response(self) -> Vec<u8> {
        let value = match self {
            Self::GetOrder | Self::CreateOrder => order(),
            Self::GetPayment => payment("card"),
            Self::ListPayments => payments(10),
        };
        value.to_string().into_bytes()
    }
}

/// The body of `create order`, for clients that don't write it themselves.
pub const CREATE_ORDER: &str = r#"{"order_amount":499.00,"order_currency":"INR","order_id":"order_8123","customer_details":{"customer_id":"cust_42","customer_phone":"9999999999"}}"#;

/// The payment methods.
pub const METHODS: [&str; 8] =
    ["app", "banktransfer", "card", "cardless_emi", "emi", "netbanking", "paylater", "upi"];

/// An order.
pub fn order() -> Value {
    json!({
        "cart_details": null,
        "cf_order_id": "2149460581",
        "created_at": "2025-07-15T16:40:24+05:30",
        "customer_details": {
            "customer_email": "asha@example.com",
            "customer_id": "cust_42",
            "customer_name": "Asha Rao",
            "customer_phone": "9999999999",
            "customer_uid": null
        },
        "entity": "order",
        "order_amount": 499.00,
        "order_currency": "INR",
        "order_expiry_time": "2025-08-14T16:40:24+05:30",
        "order_id": "order_8123",
        "order_meta": {
            "notify_url": "https://shop.example/cashfree/notify",
            "payment_methods": "cc,dc,upi",
            "return_url": "https://shop.example/back?order={order_id}"
        },
        "order_note": "two tickets",
        "order_splits": [],
        "order_status": "ACTIVE",
        "order_tags": {"channel": "web", "seat": "14C"},
        "payment_session_id": "session_k2x9TqLr0Vb7PzWf4Nc8Ym1Hs6Jd3Ga5EeRtUuIiOoQqAaZzXxSsWwDdCcVvFfRrTtGgBbNnHhYyMmJjUu"
    })
}

/// A payment by this method.
pub fn payment(method: &str) -> Value {
    let (group, details) = match method {
        "card" => (
            "credit_card",
            json!({
                "channel": "link",
                "card_number": "XXXXXXXXXXXX1111",
                "card_network": "visa",
                "card_type": "credit_card",
                "card_sub_type": "R",
                "card_country": "IN",
                "card_bank_name": "HDFC Bank",
                "card_network_reference_id": "483292032092",
                "instrument_id": "54deabb4-ba45-4a60-9e6a-9c016fe7ab10"
            }),
        ),
        "emi" => (
            "credit_card_emi",
            json!({
                "channel": "link",
                "card_number": "XXXXXXXXXXXX1111",
                "card_network": "visa",
                "card_type": "credit_card",
                "card_country": "IN",
                "card_bank_name": "HDFC Bank",
                "card_network_reference_id": "483292032092",
                "emi_tenure": 6,
                "emi_details": {"emi_amount": 86.32, "emi_interest": 18.91}
            }),
        ),
        "upi" => (
            "upi",
            json!({
                "channel": "collect",
                "upi_id": "asha@examplebank",
                "upi_payer_ifsc": "HDFC0000001",
                "upi_payer_account_number": "XXXXXXX6024"
            }),
        ),
        "netbanking" => (
            "net_banking",
            json!({
                "channel": "link",
                "netbanking_bank_code": "3021",
                "netbanking_bank_name": "HDFC Bank",
                "netbanking_ifsc": "HDFC0000001",
                "netbanking_account_number": "XXXXXXX6024"
            }),
        ),
        "banktransfer" => (
            "bank_transfer",
            json!({
                "channel": "link",
                "banktransfer_bank_name": "HDFC Bank",
                "banktransfer_ifsc": "HDFC0000001",
                "banktransfer_account_number": "XXXXXXX6024"
            }),
        ),
        "app" => ("wallet", json!({"channel": "link", "provider": "phonepe", "phone": "9999999999"})),
        "paylater" => ("pay_later", json!({"channel": "link", "provider": "lazypay", "phone": "9999999999"})),
        _ => ("cardless_emi", json!({"channel": "link", "provider": "flexmoney", "phone": "9999999999"})),
    };
    json!({
        "auth_id": "A898101",
        "authorization": null,
        "bank_reference": "P78112898712",
        "cf_payment_id": "12376123",
        "entity": "payment",
        "error_details": null,
        "international_payment": {"international": false},
        "is_captured": true,
        "order_amount": 499.00,
        "order_currency": "INR",
        "order_id": "order_8123",
        "payment_amount": 499.00,
        "payment_completion_time": "2025-07-15T16:41:59+05:30",
        "payment_currency": "INR",
        "payment_gateway_details": {
            "gateway_name": "CASHFREE",
            "gateway_order_id": "2149460581",
            "gateway_order_reference_id": "BDIWO233",
            "gateway_payment_id": "12376123",
            "gateway_settlement": "CASHFREE",
            "gateway_status_code": null
        },
        "payment_group": group,
        "payment_message": "Transaction successful",
        "payment_method": {method: details},
        "payment_offers": null,
        "payment_status": "SUCCESS",
        "payment_surcharge": {"payment_surcharge_service_charge": 1.25, "payment_surcharge_service_tax": 0.23},
        "payment_time": "2025-07-15T16:41:06+05:30"
    })
}

/// Payments by all methods in turn.
pub fn payments(count: usize) -> Value {
    METHODS.iter().cycle().take(count).map(|method| payment(method)).collect()
}

/// A page of a reconciliation.
pub fn recon(rows: usize) -> Value {
    let row = |number: usize| {
        json!({
            "adjustment": 0,
            "amount_settled": 487.46,
            "cf_payment_id": format!("{}", 12_376_123 + number),
            "cf_settlement_id": "45345",
            "charges_currency": "INR",
            "customer_email": "asha@example.com",
            "customer_name": "Asha Rao",
            "customer_phone": "9999999999",
            "entity": "recon",
            "event_amount": 499,
            "event_currency": "INR",
            "event_id": format!("{}", 45_345 + number),
            "event_settlement_amount": 487.46,
            "event_status": "SUCCESS",
            "event_time": "2025-07-15T16:41:06+05:30",
            "event_type": "PAYMENT",
            "forex_conversion_handling_charge": null,
            "order_amount": 499.00,
            "order_id": format!("order_{number}"),
            "payment_amount": 499.00,
            "payment_from": "2025-07-15T00:00:00+05:30",
            "payment_group": "UPI",
            "payment_service_charge": 9.78,
            "payment_service_tax": 1.76,
            "payment_till": "2025-07-15T23:59:59+05:30",
            "payment_time": "2025-07-15T16:41:06+05:30",
            "payment_utr": "1387526212",
            "remarks": "",
            "sale_type": "CREDIT",
            "service_charge": 9.78,
            "service_tax": 1.76,
            "settlement_charge": 0,
            "settlement_date": "2025-07-16T14:45:24+05:30",
            "settlement_initiated_on": "2025-07-16T14:45:24+05:30",
            "settlement_tax": 0,
            "settlement_type": "NORMAL_SETTLEMENT",
            "settlement_utr": "PGI45345"
        })
    };
    json!({"cursor": "eyJvZmZzZXQiOjEwMDB9", "limit": rows, "data": (0..rows).map(row).collect::<Vec<_>>()})
}
