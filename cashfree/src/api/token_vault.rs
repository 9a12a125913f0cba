//! The token vault: saved cards, read, deleted, and their cryptograms.

use crate::types::{Cryptogram, Instrument, InstrumentTypeFilter};
use crate::{Call, Client, CustomerId, InstrumentId, operations};

/// The token vault: the cards that customers saved when they paid, as network tokens. A card is saved by a
/// payment with `save_instrument`, and paid with by its `instrument_id`
/// ([`Payments::pay`](crate::api::Payments::pay)). The customer is known by the `customer_id` of the orders.
#[derive(Clone, Debug)]
pub struct TokenVault {
    pub(super) client: Client,
}

impl TokenVault {
    /// Reads the saved cards of a customer (`PGCustomerFetchInstruments`). Numbers are masked; the list is
    /// not paged.
    ///
    /// # Errors
    /// 404 when the customer is not known.
    ///
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
    /// # Errors
    /// 404 when there is no such customer or card; 502 comes from further up.
    ///
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

    /// Deletes a saved card (`PGCustomerDeleteInstrument`), and answers with it once more.
    ///
    /// # Errors
    /// 404 when there is no such customer or card, perhaps also for one that is deleted already; 502
    /// comes from further up: [`get`](TokenVault::get) tells whether the card is still there.
    ///
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

    /// Obtains a cryptogram for a saved card (`PGCustomerInstrumentsFetchCryptogram`), for a merchant who
    /// charges the network token without Cashfree's checkout. Ask for it right before the payment.
    ///
    /// The answer holds the token's full number. What is secret in it is a
    /// [`Sensitive`](crate::Sensitive), which is not printed, but the raw body
    /// ([`Response::body`](crate::Response::body)) holds it too: keep both out of logs and stores.
    ///
    /// # Errors
    /// 404 when there is no such customer or card; 502 comes from the card network.
    ///
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
