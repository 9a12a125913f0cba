//! The hand-written scalar types of `cashfree-gen`, the fields that hold identifiers, and the field names
//! that mark a secret.

/// A hand-written type of `cashfree-gen` that stands for a kind of scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BuiltIn {
    /// Its name in the crate.
    pub(crate) rust: &'static str,
    /// The names of the fields that hold it. Only identifiers are recognised by name alone.
    pub(crate) fields: &'static [&'static str],
}

impl BuiltIn {
    /// The name under which the normalised document refers to it.
    pub(crate) fn schema_name(&self) -> String {
        format!("BuiltIn{}", self.rust)
    }
}

const fn kind(rust: &'static str) -> BuiltIn {
    BuiltIn { rust, fields: &[] }
}

const fn id(rust: &'static str, fields: &'static [&'static str]) -> BuiltIn {
    BuiltIn { rust, fields }
}

pub(crate) const AMOUNT: usize = 0;
pub(crate) const DECIMAL: usize = 1;
pub(crate) const TIMESTAMP: usize = 2;
pub(crate) const CURRENCY: usize = 3;
pub(crate) const SENSITIVE: usize = 4;
pub(crate) const SENSITIVE_DIGITS: usize = 5;
pub(crate) const SENSITIVE_JSON: usize = 6;

/// All built-in types; the identifiers list their fields.
pub(crate) const BUILT_IN: [BuiltIn; 29] = [
    kind("Amount"),
    kind("Decimal"),
    kind("Timestamp"),
    kind("Currency"),
    kind("Sensitive"),
    kind("SensitiveDigits"),
    kind("SensitiveJson"),
    id("OrderId", &["order_id"]),
    id("CfOrderId", &["cf_order_id"]),
    id("CfPaymentId", &["cf_payment_id"]),
    id("PaymentSessionId", &["payment_session_id"]),
    id("RefundId", &["refund_id"]),
    id("CfRefundId", &["cf_refund_id"]),
    id("CustomerId", &["customer_id"]),
    id("InstrumentId", &["instrument_id"]),
    id("LinkId", &["link_id"]),
    id("CfLinkId", &["cf_link_id"]),
    id("OfferId", &["offer_id"]),
    id("SubscriptionId", &["subscription_id"]),
    id("CfSubscriptionId", &["cf_subscription_id"]),
    id("PlanId", &["plan_id"]),
    id("PaymentId", &["payment_id"]),
    id("VendorId", &["vendor_id", "merchant_vendor_id"]),
    id("CfTerminalId", &["cf_terminal_id"]),
    id("DisputeId", &["dispute_id"]),
    id("SettlementId", &["settlement_id", "cf_settlement_id"]),
    id("SimulationId", &["simulation_id"]),
    id("SubscriptionSessionId", &["subscription_session_id"]),
    id("IncidentId", &["incident_id"]),
];

/// The hand-written types that print as `***`.
const REDACTED: [&str; 5] =
    ["Sensitive", "SensitiveDigits", "SensitiveJson", "PaymentSessionId", "SubscriptionSessionId"];

/// Whether the hand-written type of this name prints its value as `***`.
pub(crate) fn is_redacted(rust: &str) -> bool {
    REDACTED.contains(&rust)
}

/// Card numbers and codes, what stands for a card at a network, one-time passwords, UPI addresses, accounts,
/// papers of a person, and links that bring such a paper to whoever has them.
pub(crate) const SENSITIVE_NAMES: [&str; 23] = [
    "card_alias",
    "card_cvv",
    "card_expiry_mm",
    "card_expiry_yy",
    "card_number",
    "card_token_details",
    "cryptogram",
    "cvv",
    "doc_value",
    "download_url",
    "driving_license",
    "file",
    "otp",
    "pan",
    "passport_number",
    "remitter_account",
    "token_cryptogram",
    "token_reference_id",
    "uidai",
    "upi_id",
    "upi_instrument_number",
    "voter_id",
    "vpa",
];

/// Whether a text field of this name, in lower case, is a secret by rule.
pub(crate) fn is_sensitive(name: &str) -> bool {
    SENSITIVE_NAMES.contains(&name) || name.ends_with("account_number") || name.ends_with("_vpa")
}

/// The identifier type that a field of this name holds.
pub(crate) fn identifier(field: &str) -> Option<BuiltIn> {
    BUILT_IN.into_iter().find(|built_in| built_in.fields.contains(&field))
}
