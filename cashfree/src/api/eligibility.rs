//! Eligibility: what a payer may use.

use crate::types::{
    CardlessEmiEligibility, CheckCardlessEmiEligibility, CheckOfferEligibility, CheckPaylaterEligibility,
    CheckPaymentMethodEligibility, OfferEligibility, PaylaterEligibility, PaymentMethodEligibility,
};
use crate::{Call, Client, operations};

/// Eligibility: which offers, payment methods and lenders are available for an amount or an order.
///
/// - Amounts are rupees, at least 1.
/// - Nothing is reserved. `eligibility` of an entry says whether it can be used.
/// - The lists are not paginated.
#[derive(Clone, Debug)]
pub struct Eligibility {
    pub(super) client: Client,
}

impl Eligibility {
    /// Reads the offers that apply, all or by type (`PGEligibilityFetchOffers`).
    ///
    /// Cashfree's published example has bare offers instead of entries. If an entry is empty, look at
    /// [`Response::body`](crate::Response::body).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{CheckOfferEligibility, OfferFilters, OfferQueries, OfferTypeFilter};
    ///
    /// let check = CheckOfferEligibility::new(OfferQueries::new().amount(Amount::rupees(1000)))
    ///     .filters(OfferFilters::new().offer_type([OfferTypeFilter::NoCostEmi]));
    /// for entry in client.eligibility().check_offers(check).await?.iter() {
    ///     println!("{:?}: {:?}", entry.entity_value, entry.eligibility);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_offers(&self, check: CheckOfferEligibility) -> Call<Vec<OfferEligibility>> {
        self.client.call(&operations::PG_ELIGIBILITY_FETCH_OFFERS, check, |api, check| {
            Box::pin(async move { api.pg_eligibility_fetch_offers(&check).await })
        })
    }

    /// Reads the payment methods of the account, with their banks or brands and the codes to pay with
    /// (`PGEligibilityFetchPaymentMethods`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 404: no such order ([`is_not_found`](crate::Error::is_not_found)).
    /// - 502: a system behind Cashfree failed.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{CheckPaymentMethodEligibility, PaymentMethodFilters, PaymentMethodQueries};
    ///
    /// let check = CheckPaymentMethodEligibility::new(PaymentMethodQueries::new().order_id("order_1"))
    ///     .filters(PaymentMethodFilters::new().payment_methods(["netbanking".to_owned()]));
    /// for method in client.eligibility().check_payment_methods(check).await?.iter() {
    ///     for bank in method.entity_details.iter().flat_map(|details| &details.payment_method_details) {
    ///         println!("{:?} has the code {:?}", bank.display, bank.code);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_payment_methods(
        &self,
        check: CheckPaymentMethodEligibility,
    ) -> Call<Vec<PaymentMethodEligibility>> {
        self.client.call(&operations::PG_ELIGIBILITY_FETCH_PAYMENT_METHODS, check, |api, check| {
            Box::pin(async move { api.pg_eligibility_fetch_payment_methods(&check).await })
        })
    }

    /// Reads the lenders that offer this payer cardless instalments, with their plans
    /// (`PGEligibilityFetchCardlessEMI`).
    ///
    /// Lenders know the payer by phone number. The sandbox knows `8714268343`, for 1000 rupees or more.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 502: a lender failed.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{CheckCardlessEmiEligibility, CreditCustomerDetails, CreditQueries};
    ///
    /// let query = CreditQueries::new()
    ///     .amount(Amount::rupees(10_000))
    ///     .customer_details(CreditCustomerDetails::new("8714268343"));
    /// let lenders = client.eligibility().check_cardless_emi(CheckCardlessEmiEligibility::new(query)).await?;
    /// for lender in lenders.iter().filter(|lender| lender.eligibility == Some(true)) {
    ///     println!("{:?}: {:?}", lender.entity_value, lender.entity_details);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_cardless_emi(
        &self,
        check: CheckCardlessEmiEligibility,
    ) -> Call<Vec<CardlessEmiEligibility>> {
        self.client.call(&operations::PG_ELIGIBILITY_FETCH_CARDLESS_EMI, check, |api, check| {
            Box::pin(async move { api.pg_eligibility_fetch_cardless_emi(&check).await })
        })
    }

    /// Reads the providers that let this payer pay later (`PGEligibilityFetchPaylater`).
    ///
    /// Providers know the payer by phone number. The sandbox knows `8714268343`.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 502: a provider failed.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{CheckPaylaterEligibility, CreditCustomerDetails, CreditQueries};
    ///
    /// let query = CreditQueries::new()
    ///     .order_id("order_1")
    ///     .customer_details(CreditCustomerDetails::new("8714268343"));
    /// let providers = client.eligibility().check_paylater(CheckPaylaterEligibility::new(query)).await?;
    /// println!("{} providers found", providers.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_paylater(&self, check: CheckPaylaterEligibility) -> Call<Vec<PaylaterEligibility>> {
        self.client.call(&operations::PG_ELIGIBILITY_FETCH_PAYLATER, check, |api, check| {
            Box::pin(async move { api.pg_eligibility_fetch_paylater(&check).await })
        })
    }
}
