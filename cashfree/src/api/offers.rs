//! Offers.

use crate::types::{CreateOffer, Offer};
use crate::{Call, Client, OfferId, operations};

/// Offers: discounts, cashback and instalments without interest, which a payer can use at the checkout.
///
/// [`Eligibility::check_offers`](crate::api::Eligibility::check_offers) says which apply to an amount. Offers cannot
/// be listed or changed: keep their ids.
#[derive(Clone, Debug)]
pub struct Offers {
    pub(super) client: Client,
}

impl Offers {
    /// Creates an offer (`PGCreateOffer`).
    ///
    /// - It has four parts: presentation and period ([`OfferMeta`](crate::types::OfferMeta)), terms
    ///   ([`OfferTnc`](crate::types::OfferTnc)), benefit ([`OfferDetails`](crate::types::OfferDetails)) and
    ///   conditions ([`OfferValidations`](crate::types::OfferValidations)).
    /// - Times are UTC without fractions, such as `2026-03-21T08:09:51Z`.
    /// - Values are rupees for the type `flat`, percent for `percentage`.
    /// - Titles have 3 to 50 characters, codes 1 to 45, descriptions and terms 3 to 100.
    /// - Whether `max_allowed` limits the amount or the number of uses is not documented.
    /// - Cashfree makes the `offer_id`. After an ambiguous failure, send the same request with the key of the first
    ///   ([`Call::prepared_key`](crate::Call::prepared_key)); another key may create a second offer.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::Amount;
    /// use cashfree::types::{
    ///     CreateOffer, DiscountDetails, DiscountDetailsParts, DiscountType, OfferDetails, OfferMeta,
    ///     OfferMetaParts, OfferPaymentMethod, OfferPaymentMethodNetbanking, OfferTnc, OfferTncType, OfferType,
    ///     OfferValidations,
    /// };
    ///
    /// let shown = OfferMeta::new(OfferMetaParts {
    ///     offer_title: "Ten off".into(),
    ///     offer_description: "Ten rupees off every ticket".into(),
    ///     offer_code: "TEN".into(),
    ///     offer_start_time: "2026-03-21T08:09:51Z".into(),
    ///     offer_end_time: "2026-03-29T08:09:51Z".into(),
    /// });
    /// let terms = OfferTnc::new(OfferTncType::Link, "https://shop.example/terms");
    /// let ten = DiscountDetails::new(DiscountDetailsParts {
    ///     discount_type: DiscountType::Flat,
    ///     discount_value: Amount::rupees(10),
    ///     max_discount_amount: Amount::rupees(10),
    /// });
    /// let gives = OfferDetails::new(OfferType::Discount).discount_details(ten);
    /// let any_bank = OfferPaymentMethod::netbanking(OfferPaymentMethodNetbanking::new().bank_name("all"));
    /// let tied = OfferValidations::new(Amount::rupees(100), any_bank).min_amount(Amount::rupees(15));
    /// let offer = client.offers().create(CreateOffer::new(shown, terms, gives, tied)).await?;
    /// println!("{:?}", offer.offer_id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, offer: CreateOffer) -> Call<Offer> {
        self.client.call(&operations::PG_CREATE_OFFER, offer, |api, offer| {
            Box::pin(async move { api.pg_create_offer(&offer).await })
        })
    }

    /// Reads an offer (`PGFetchOffer`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such offer ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let offer = client.offers().get("d2b430fb-1afe-455a-af31-66d00377b29a").await?;
    /// println!("{:?}", offer.offer_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, offer: impl Into<OfferId>) -> Call<Offer> {
        self.client.call(&operations::PG_FETCH_OFFER, offer.into(), |api, offer| {
            Box::pin(async move { api.pg_fetch_offer(&offer).await })
        })
    }
}
