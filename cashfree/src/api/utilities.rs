//! Utilities: what is known of a card.

use crate::types::{CardBin, GetCardBin, PaymentAccountReference, PlainCard, PlainCardType};
use crate::{Call, Client, Sensitive, operations};

/// Utilities: what is known of a card. Both look-ups take card numbers in clear, so they are for merchants
/// who may handle them (PCI DSS). Nothing of it is printed or logged here.
#[derive(Clone, Debug)]
pub struct Utilities {
    pub(super) client: Client,
}

impl Utilities {
    /// Looks up the payment account reference of a card (`PGCreatePAR`): it names the account behind the
    /// card, stays the same over its tokens, and is no card number. Expiry is two digits each, `03` and
    /// `28`.
    ///
    /// # Errors
    /// 400 when the card is not acceptable.
    ///
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

    /// Looks up what the number of a card tells of it (`PGGetCardBin`): bank, country, network, and how it
    /// is funded. Whether its first digits alone will do is not documented. The operation is a later
    /// addition to the API; an account may not have it.
    ///
    /// # Errors
    /// 400 when the number is not acceptable; 404 `cardbin_details_not_found` when nothing is known.
    ///
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
