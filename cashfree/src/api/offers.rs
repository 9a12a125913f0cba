//! Offers: created and read.

use crate::types::{CreateOffer, Offer};
use crate::{Call, Client, OfferId, operations};

/// Offers: discounts, cashback and instalments without interest, which a payer may take at the checkout.
/// Which of them apply to an amount tells
/// [`Eligibility::check_offers`](crate::api::Eligibility::check_offers). There is no list of offers and no
/// way to change one: keep their ids.
#[derive(Clone, Debug)]
pub struct Offers {
    pub(super) client: Client,
}

impl Offers {
    /// Creates an offer (`PGCreateOffer`), of four parts: how it is shown and when it holds
    /// ([`OfferMeta`](crate::types::OfferMeta)), its terms ([`OfferTnc`](crate::types::OfferTnc)), what it
    /// gives ([`OfferDetails`](crate::types::OfferDetails)) and what it is tied to
    /// ([`OfferValidations`](crate::types::OfferValidations)).
    ///
    /// Times are UTC without fractions, as `2026-03-21T08:09:51Z`: the start has room for 20 characters. Values
    /// are rupees where the type is `flat`, and per cent where it is `percentage`. Titles have 3 to 50
    /// characters, codes 1 to 45, descriptions and terms 3 to 100. Whether `max_allowed` bounds the amount or the
    /// number of uses is documented nowhere.
    ///
    /// The `offer_id` is made by Cashfree. After an answer was lost send the same call again with its key
    /// ([`Error::idempotency_key`](crate::Error::idempotency_key)): without it there may be two.
    ///
    /// # Errors
    /// 400 names the member that is missing or not acceptable.
    ///
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
    /// # Errors
    /// 404 when there is no such offer ([`is_not_found`](crate::Error::is_not_found)).
    ///
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
