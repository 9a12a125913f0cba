//! Token vault: saved cards.

use crate::types::{Cryptogram, Instrument, InstrumentTypeFilter};
use crate::{Call, Client, CustomerId, InstrumentId, operations};

/// Token vault: cards that customers saved, as network tokens.
///
/// A payment with `save_instrument` saves a card; its `instrument_id` pays with it
/// ([`Payments::pay`](crate::api::Payments::pay)). The customer is the `customer_id` of the orders.
#[derive(Clone, Debug)]
pub struct TokenVault {
    pub(super) client: Client,
}

impl TokenVault {
    /// Reads the saved cards of a customer (`PGCustomerFetchInstruments`). Numbers are masked; the list is not
    /// paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such customer ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// for card in client.token_vault().list("cust_42").await?.iter() {
    ///     println!("{:?}: {:?}", card.instrument_id, card.instrument_display);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, customer: impl Into<CustomerId>) -> Call<Vec<Instrument>> {
        self.client.call(&operations::PG_CUSTOMER_FETCH_INSTRUMENTS, customer.into(), |api, customer| {
            Box::pin(async move {
                // The query is required and has one legal value.
                api.pg_customer_fetch_instruments(&customer, &InstrumentTypeFilter::Card).await
            })
        })
    }

    /// Reads one saved card (`PGCustomerFetchInstrument`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such customer or card ([`is_not_found`](crate::Error::is_not_found)).
    /// - 502: a system behind Cashfree failed.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let card = client.token_vault().get("cust_42", "54deabb4-ba45-4a60-9e6a-9c016fe7ab10").await?;
    /// println!("{:?}", card.instrument_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(
        &self,
        customer: impl Into<CustomerId>,
        instrument: impl Into<InstrumentId>,
    ) -> Call<Instrument> {
        self.client.call(
            &operations::PG_CUSTOMER_FETCH_INSTRUMENT,
            (customer.into(), instrument.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (customer, instrument) = arguments.as_ref();
                    api.pg_customer_fetch_instrument(customer, instrument).await
                })
            },
        )
    }

    /// Deletes a saved card, and returns it (`PGCustomerDeleteInstrument`).
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such customer or card ([`is_not_found`](crate::Error::is_not_found)). The card may be deleted
    ///   already.
    /// - 502: a system behind Cashfree failed. [`get`](TokenVault::get) says whether the card still exists.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.token_vault().delete("cust_42", "54deabb4-ba45-4a60-9e6a-9c016fe7ab10").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(
        &self,
        customer: impl Into<CustomerId>,
        instrument: impl Into<InstrumentId>,
    ) -> Call<Instrument> {
        self.client.call(
            &operations::PG_CUSTOMER_DELETE_INSTRUMENT,
            (customer.into(), instrument.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (customer, instrument) = arguments.as_ref();
                    api.pg_customer_delete_instrument(customer, instrument).await
                })
            },
        )
    }

    /// Reads a cryptogram of a saved card, for merchants who charge the network token without the hosted checkout
    /// (`PGCustomerInstrumentsFetchCryptogram`).
    ///
    /// - Read it right before the payment.
    /// - The response holds the full number of the token. The field is a [`Sensitive`](crate::Sensitive), which is
    ///   not printed; the raw body ([`Response::body`](crate::Response::body)) holds it in clear. Keep both out of
    ///   logs and stores.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such customer or card ([`is_not_found`](crate::Error::is_not_found)).
    /// - 502: the card network failed.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let instrument = "54deabb4-ba45-4a60-9e6a-9c016fe7ab10";
    /// let token = client.token_vault().get_cryptogram("cust_42", instrument).await?;
    /// println!("for the card that ends in {:?}", token.card_display);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_cryptogram(
        &self,
        customer: impl Into<CustomerId>,
        instrument: impl Into<InstrumentId>,
    ) -> Call<Cryptogram> {
        self.client.call(
            &operations::PG_CUSTOMER_INSTRUMENTS_FETCH_CRYPTOGRAM,
            (customer.into(), instrument.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (customer, instrument) = arguments.as_ref();
                    api.pg_customer_instruments_fetch_cryptogram(customer, instrument).await
                })
            },
        )
    }
}
