//! Eligibility: what a payer may use, looked up before anything is paid.

use crate::types::{
    CardlessEmiEligibility, CheckCardlessEmiEligibility, CheckOfferEligibility, CheckPaylaterEligibility,
    CheckPaymentMethodEligibility, OfferEligibility, PaylaterEligibility, PaymentMethodEligibility,
};
use crate::{Call, Client, operations};

/// Eligibility: which offers, methods and lenders are open for an amount, or for an order that exists. Amounts
/// are rupees, at least 1. These are look-ups, though they are posted: nothing is reserved, and they are sent
/// again like any read. Each entry says by `eligibility` whether what it names may be used. The lists are not
/// paged.
#[derive(Clone, Debug)]
pub struct Eligibility {
    pub(super) client: Client,
}

impl Eligibility {
    /// Looks up the offers that apply (`PGEligibilityFetchOffers`), all or those of some types.
    ///
    /// Cashfree's published example answers with bare offers instead of entries. Should an entry hold
    /// nothing, look at the raw body ([`Response::body`](crate::Response::body)).
    ///
    /// # Errors
    /// 400 names the member that is missing or not acceptable; 404 when there is no such order.
    ///
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

    /// Looks up the payment methods that the account has (`PGEligibilityFetchPaymentMethods`), all or some,
    /// each with its banks or brands and the codes to pay with.
    ///
    /// # Errors
    /// 400 names the member that is missing or not acceptable; 404 when there is no such order; 502 comes
    /// from further up.
    ///
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

    /// Looks up the lenders who let this payer pay by instalments without a card, and their plans
    /// (`PGEligibilityFetchCardlessEMI`). They know the payer by the phone number. The sandbox knows
    /// `8714268343`, from 1000 rupees on.
    ///
    /// # Errors
    /// 400 names the member that is missing or not acceptable; 502 comes from a lender.
    ///
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

    /// Looks up the providers who let this payer pay later (`PGEligibilityFetchPaylater`). They know the payer
    /// by the phone number. The sandbox knows `8714268343`.
    ///
    /// # Errors
    /// As [`check_cardless_emi`](Eligibility::check_cardless_emi).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{CheckPaylaterEligibility, CreditCustomerDetails, CreditQueries};
    ///
    /// let query = CreditQueries::new()
    ///     .order_id("order_1")
    ///     .customer_details(CreditCustomerDetails::new("8714268343"));
    /// let providers = client.eligibility().check_paylater(CheckPaylaterEligibility::new(query)).await?;
    /// println!("{} providers answered", providers.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_paylater(&self, check: CheckPaylaterEligibility) -> Call<Vec<PaylaterEligibility>> {
        self.client.call(&operations::PG_ELIGIBILITY_FETCH_PAYLATER, check, |api, check| {
            Box::pin(async move { api.pg_eligibility_fetch_paylater(&check).await })
        })
    }
}
