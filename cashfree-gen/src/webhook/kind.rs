//! The types of webhook events, which no schema of the API document lists.

crate::decode::open_enum::open_enum! {
    /// Kind of an event: its `type` on the wire.
    ///
    /// The lists stand on several pages of <https://www.cashfree.com/docs> and grow; an unlisted one is
    /// [`Unknown`](EventKind::Unknown) and no error.
    pub enum EventKind {
        /// A payment went through.
        PaymentSuccess = "PAYMENT_SUCCESS_WEBHOOK",
        /// An attempt to pay failed; another one may follow for the same order.
        PaymentFailed = "PAYMENT_FAILED_WEBHOOK",
        /// The customer left before paying.
        PaymentUserDropped = "PAYMENT_USER_DROPPED_WEBHOOK",
        /// What a payment costs is known. It may be the only event of a success, if no other was chosen.
        PaymentCharges = "PAYMENT_CHARGES_WEBHOOK",
        /// A refund moved on.
        RefundStatus = "REFUND_STATUS_WEBHOOK",
        /// A refund that Cashfree made by itself moved on; it has no refund id.
        AutoRefundStatus = "AUTO_REFUND_STATUS_WEBHOOK",
        /// A settlement to the merchant began.
        SettlementInitiated = "SETTLEMENT_INITIATED",
        /// A settlement to the merchant arrived.
        SettlementSuccess = "SETTLEMENT_SUCCESS",
        /// A settlement to the merchant failed.
        SettlementFailed = "SETTLEMENT_FAILED",
        /// A settlement to the merchant came back.
        SettlementReversed = "SETTLEMENT_REVERSED",
        /// A settlement to a vendor was created: how the sample of the initiated one spells it.
        VendorSettlementCreated = "VENDOR_SETTLEMENT_CREATED",
        /// A settlement to a vendor began.
        VendorSettlementInitiated = "VENDOR_SETTLEMENT_INITIATED",
        /// A settlement to a vendor arrived.
        VendorSettlementSuccess = "VENDOR_SETTLEMENT_SUCCESS",
        /// A settlement to a vendor failed.
        VendorSettlementFailed = "VENDOR_SETTLEMENT_FAILED",
        /// A settlement to a vendor came back.
        VendorSettlementReversed = "VENDOR_SETTLEMENT_REVERSED",
        /// A vendor's status changed.
        VendorStatusUpdate = "VENDOR_STATUS_UPDATE",
        /// Change of a payment link, by `link_status`.
        PaymentLink = "PAYMENT_LINK_EVENT",
        /// An order of a payment form.
        PaymentFormOrder = "payment_form_order_webhook",
        /// The same, as another page spells it.
        PaymentFormPayment = "payment_form_payment",
        /// A customer disputes a payment.
        DisputeCreated = "DISPUTE_CREATED",
        /// A dispute changed.
        DisputeUpdated = "DISPUTE_UPDATED",
        /// A dispute is over.
        DisputeClosed = "DISPUTE_CLOSED",
        /// A saved instrument can be used.
        InstrumentActive = "INSTRUMENT_ACTIVE_WEBHOOK",
        /// An instrument could not be saved.
        InstrumentFailed = "INSTRUMENT_FAILED_WEBHOOK",
        /// A terminal's status changed.
        TerminalStatusUpdate = "TERMINAL_STATUS_UPDATE",
        /// A payment instrument is down, or up again.
        HealthAlert = "HEALTH_ALERT",
        /// A subscription's status changed.
        SubscriptionStatusChanged = "SUBSCRIPTION_STATUS_CHANGED",
        /// The same, as older webhook versions spell it.
        SubscriptionStatusChange = "SUBSCRIPTION_STATUS_CHANGE",
        /// A customer authorised a subscription, or did not.
        SubscriptionAuthStatus = "SUBSCRIPTION_AUTH_STATUS",
        /// The customer was notified of a coming payment.
        SubscriptionPaymentNotificationInitiated = "SUBSCRIPTION_PAYMENT_NOTIFICATION_INITIATED",
        /// A payment of a subscription went through.
        SubscriptionPaymentSuccess = "SUBSCRIPTION_PAYMENT_SUCCESS",
        /// A payment of a subscription failed.
        SubscriptionPaymentFailed = "SUBSCRIPTION_PAYMENT_FAILED",
        /// A payment of a subscription was cancelled.
        SubscriptionPaymentCancelled = "SUBSCRIPTION_PAYMENT_CANCELLED",
        /// The same, as older webhook versions spell it.
        SubscriptionPaymentDeclined = "SUBSCRIPTION_PAYMENT_DECLINED",
        /// A refund of a subscription's payment moved on.
        SubscriptionRefundStatus = "SUBSCRIPTION_REFUND_STATUS",
        /// The card of a subscription expires in seven days.
        SubscriptionCardExpiryReminder = "SUBSCRIPTION_CARD_EXPIRY_REMINDER",
        /// A notification that the merchant asked for moved on.
        SubscriptionControlledNotificationStatus = "SUBSCRIPTION_CONTROLLED_NOTIFICATION_STATUS",
        /// An execution that the merchant asked for moved on.
        SubscriptionControlledExecutionStatus = "SUBSCRIPTION_CONTROLLED_EXECUTION_STATUS",
        /// Documents of a cross-border payment are wanted or were looked at.
        PaymentVerificationUpdate = "PAYMENT_VERIFICATION_UPDATE",
        /// A payment from abroad was collected; such an event has a flat body and names itself in `event`.
        InternationalPaymentCollected = "INTERNATIONAL_PAYMENT_COLLECTED",
        /// A customer left a one-click checkout.
        AbandonedCheckout = "ABANDONED_CHECKOUT",
        /// A merchant's onboarding moved on. Partners get it, signed by another scheme than this crate's.
        MerchantOnboardingStatus = "MERCHANT_ONBOARDING_STATUS",
        /// The dashboard's button that tries an endpoint out.
        Test = "WEBHOOK",
    }
}
