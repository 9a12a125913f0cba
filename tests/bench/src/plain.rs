//! What a program would write by hand for the same responses: plain `serde` structs, text for everything that
//! is text, floats for money. They are quick because they promise little: no exact amounts, no open enums,
//! no other form of a value than this one.

#![allow(missing_docs, reason = "the fields are those of the API")]

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize)]
pub struct Payment {
    pub cf_payment_id: Option<String>,
    pub order_id: Option<String>,
    pub entity: Option<String>,
    pub error_details: Option<ErrorDetails>,
    pub is_captured: Option<bool>,
    pub order_amount: Option<f64>,
    pub payment_group: Option<String>,
    pub payment_currency: Option<String>,
    pub payment_amount: Option<f64>,
    pub payment_time: Option<String>,
    pub payment_completion_time: Option<String>,
    pub payment_status: Option<String>,
    pub payment_message: Option<String>,
    pub bank_reference: Option<String>,
    pub auth_id: Option<String>,
    pub order_currency: Option<String>,
    pub authorization: Option<Authorization>,
    pub payment_method: Option<Method>,
    pub international_payment: Option<International>,
    pub payment_gateway_details: Option<GatewayDetails>,
    pub payment_surcharge: Option<Surcharge>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ErrorDetails {
    pub error_code: Option<String>,
    pub error_description: Option<String>,
    pub error_reason: Option<String>,
    pub error_source: Option<String>,
    pub error_code_raw: Option<String>,
    pub error_description_raw: Option<String>,
    pub error_subcode_raw: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Authorization {
    pub action: Option<String>,
    pub status: Option<String>,
    pub captured_amount: Option<f64>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub approve_by: Option<String>,
    pub action_reference: Option<String>,
    pub action_time: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct International {
    pub international: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct GatewayDetails {
    pub gateway_name: Option<String>,
    pub gateway_order_id: Option<String>,
    pub gateway_payment_id: Option<String>,
    pub gateway_order_reference_id: Option<String>,
    pub gateway_status_code: Option<String>,
    pub gateway_settlement: Option<String>,
    pub gateway_reference_name: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Surcharge {
    pub payment_surcharge_service_charge: Option<f64>,
    pub payment_surcharge_service_tax: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Card {
    pub channel: Option<String>,
    pub card_number: Option<String>,
    pub card_network: Option<String>,
    pub card_type: Option<String>,
    pub card_sub_type: Option<String>,
    pub card_country: Option<String>,
    pub card_bank_name: Option<String>,
    pub card_network_reference_id: Option<String>,
    pub instrument_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Netbanking {
    pub channel: Option<String>,
    pub netbanking_bank_code: Option<String>,
    pub netbanking_bank_name: Option<String>,
    pub netbanking_ifsc: Option<String>,
    pub netbanking_account_number: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Upi {
    pub channel: Option<String>,
    pub upi_id: Option<String>,
    pub upi_payer_ifsc: Option<String>,
    pub upi_payer_account_number: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct App {
    pub channel: Option<String>,
    pub provider: Option<String>,
    pub phone: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct CardlessEmi {
    pub channel: Option<String>,
    pub provider: Option<String>,
    pub phone: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Paylater {
    pub channel: Option<String>,
    pub provider: Option<String>,
    pub phone: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Emi {
    pub channel: Option<String>,
    pub card_number: Option<String>,
    pub card_network: Option<String>,
    pub card_type: Option<String>,
    pub card_country: Option<String>,
    pub card_bank_name: Option<String>,
    pub card_network_reference_id: Option<String>,
    pub emi_tenure: Option<i64>,
    pub emi_details: Option<EmiDetails>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct EmiDetails {
    pub emi_amount: Option<f64>,
    pub emi_tenure: Option<i64>,
    pub emi_interest: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Banktransfer {
    pub channel: Option<String>,
    pub banktransfer_bank_name: Option<String>,
    pub banktransfer_ifsc: Option<String>,
    pub banktransfer_account_number: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Order {
    pub cf_order_id: Option<String>,
    pub order_id: Option<String>,
    pub entity: Option<String>,
    pub order_currency: Option<String>,
    pub order_amount: Option<f64>,
    pub order_status: Option<String>,
    pub payment_session_id: Option<String>,
    pub order_expiry_time: Option<String>,
    pub order_note: Option<String>,
    pub created_at: Option<String>,
    pub order_splits: Option<Vec<Split>>,
    pub customer_details: Option<Customer>,
    pub order_meta: Option<Meta>,
    pub order_tags: Option<HashMap<String, String>>,
    pub cart_details: Option<Cart>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Split {
    pub vendor_id: Option<String>,
    pub amount: Option<f64>,
    pub percentage: Option<f64>,
    pub tags: Option<serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Customer {
    pub customer_id: Option<String>,
    pub customer_email: Option<String>,
    pub customer_phone: Option<String>,
    pub customer_name: Option<String>,
    pub customer_bank_account_number: Option<String>,
    pub customer_bank_ifsc: Option<String>,
    pub customer_bank_code: Option<String>,
    pub customer_uid: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Meta {
    pub return_url: Option<String>,
    pub notify_url: Option<String>,
    pub payment_methods: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Cart {
    pub cart_id: Option<String>,
}

/// A webhook that reports a payment.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentWebhook {
    pub data: PaymentData,
    pub event_time: Option<String>,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PaymentData {
    pub order: Option<PaidOrder>,
    pub payment: Option<Payment>,
    pub customer_details: Option<Customer>,
    pub payment_gateway_details: Option<GatewayDetails>,
    pub payment_offers: Option<Vec<Offer>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PaidOrder {
    pub order_id: Option<String>,
    pub order_amount: Option<f64>,
    pub order_currency: Option<String>,
    pub order_tags: Option<HashMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Offer {
    pub offer_id: Option<String>,
    pub offer_type: Option<String>,
    pub offer_meta: Option<OfferMeta>,
    pub offer_redemption: Option<OfferRedemption>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct OfferMeta {
    pub offer_title: Option<String>,
    pub offer_description: Option<String>,
    pub offer_code: Option<String>,
    pub offer_start_time: Option<String>,
    pub offer_end_time: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct OfferRedemption {
    pub redemption_status: Option<String>,
    pub discount_amount: Option<f64>,
    pub cashback_amount: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ReconPage {
    pub cursor: Option<String>,
    pub limit: Option<i64>,
    pub data: Option<Vec<ReconEntry>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ReconEntry {
    pub event_id: Option<String>,
    pub event_type: Option<String>,
    pub event_settlement_amount: Option<f64>,
    pub event_amount: Option<f64>,
    pub sale_type: Option<String>,
    pub event_status: Option<String>,
    pub entity: Option<String>,
    pub event_time: Option<String>,
    pub event_currency: Option<String>,
    pub order_id: Option<String>,
    pub order_amount: Option<f64>,
    pub customer_phone: Option<String>,
    pub customer_email: Option<String>,
    pub customer_name: Option<String>,
    pub payment_amount: Option<f64>,
    pub payment_utr: Option<String>,
    pub payment_time: Option<String>,
    pub payment_service_charge: Option<f64>,
    pub payment_service_tax: Option<f64>,
    pub cf_payment_id: Option<String>,
    pub cf_settlement_id: Option<String>,
    pub settlement_date: Option<String>,
    pub settlement_utr: Option<String>,
    pub split_service_charge: Option<f64>,
    pub split_service_tax: Option<f64>,
    pub vendor_commission: Option<f64>,
    pub closed_in_favor_of: Option<String>,
    pub dispute_resolved_on: Option<String>,
    pub dispute_category: Option<String>,
    pub dispute_note: Option<String>,
    pub refund_processed_at: Option<String>,
    pub refund_arn: Option<String>,
    pub refund_note: Option<String>,
    pub refund_id: Option<String>,
    pub adjustment_remarks: Option<String>,
    pub adjustment: Option<f64>,
    pub service_tax: Option<f64>,
    pub service_charge: Option<f64>,
    pub amount_settled: Option<f64>,
    pub payment_from: Option<String>,
    pub payment_till: Option<String>,
    pub reason: Option<String>,
    pub settlement_initiated_on: Option<String>,
    pub settlement_type: Option<String>,
    pub settlement_charge: Option<f64>,
    pub settlement_tax: Option<f64>,
    pub remarks: Option<String>,
    pub forex_conversion_handling_charge: Option<f64>,
    pub forex_conversion_handling_tax: Option<f64>,
    pub charges_currency: Option<String>,
    pub payment_group: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Card(Card),
    Netbanking(Netbanking),
    Upi(Upi),
    App(App),
    CardlessEmi(CardlessEmi),
    Paylater(Paylater),
    Emi(Emi),
    Banktransfer(Banktransfer),
}

/// The request of `create order`.
#[derive(Clone, Debug, Serialize)]
pub struct CreateOrder<'a> {
    pub order_id: &'a str,
    pub order_amount: f64,
    pub order_currency: &'a str,
    pub customer_details: CreateCustomer<'a>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CreateCustomer<'a> {
    pub customer_id: &'a str,
    pub customer_phone: &'a str,
}
