//! Utilities: facts about a card.

use crate::types::{CardBin, GetCardBin, PaymentAccountReference, PlainCard, PlainCardType};
use crate::{Call, Client, Sensitive, operations};

/// Utilities: facts about a card.
///
/// Both operations take card numbers in clear, so they are for merchants who comply with PCI DSS. The crate never
/// prints them.
#[derive(Clone, Debug)]
pub struct Utilities {
    pub(super) client: Client,
}

impl Utilities {
    /// Reads the payment account reference of a card (`PGCreatePAR`).
    ///
    /// It identifies the account behind the card, is the same for all its tokens, and is not a card number. Month and
    /// year of expiry have two digits each.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: the card is invalid.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{PlainCard, PlainCardParts};
    ///
    /// let card = PlainCard::new(PlainCardParts {
    ///     card_number: "4706131211212123".into(),
    ///     card_cvv: "123".into(),
    ///     card_expiry_mm: "03".into(),
    ///     card_expiry_yy: "28".into(),
    /// });
    /// println!("{:?}", client.utilities().get_par(card).await?.par);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_par(&self, card: PlainCard) -> Call<PaymentAccountReference> {
        // The one legal value.
        let card = if card.card_type.is_none() { card.card_type(PlainCardType::PlainCard) } else { card };
        self.client.call(&operations::PG_CREATE_PAR, card, |api, card| {
            Box::pin(async move { api.pg_create_par(&card).await })
        })
    }

    /// Reads bank, country, network and funding of a card by its number (`PGGetCardBin`).
    ///
    /// Whether the first digits suffice is not documented. The operation is a later addition to the API; an account
    /// may not have it.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: the number is invalid.
    /// - 404 `cardbin_details_not_found` ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let bin = client.utilities().get_card_bin("4706131211212123").await?;
    /// println!("{:?} of {:?}", bin.scheme, bin.bank_name);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_card_bin(&self, card_number: impl Into<Sensitive>) -> Call<CardBin> {
        self.client.call(&operations::PG_GET_CARD_BIN, GetCardBin::new(card_number), |api, card| {
            Box::pin(async move { api.pg_get_card_bin(&card).await })
        })
    }
}
