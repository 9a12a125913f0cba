//! Settlements: transfers to the merchant's bank account.

use cashfree_gen::{FromJson, ResponseValue};

use crate::pagination::{Page, Paged};
use crate::types::{FetchSettlements, MarkForSettlement, Settlement, SettlementFilter, SettlementPage};
use crate::{Call, Client, OrderId, operations};

/// Settlements: what of paid orders is transferred to the merchant's bank account, after fees and taxes.
///
/// They are made in cycles. Accounts that settle on demand [mark](Settlements::mark) orders.
#[derive(Clone, Debug)]
pub struct Settlements {
    pub(super) client: Client,
}

impl Settlements {
    /// Marks a paid order for settlement (`MarkForSettlement`).
    ///
    /// The service accepts it with 202 and an empty response. [`get`](Settlements::get) says when the order is
    /// settled. `settlement_date` is `YYYY-MM-DD`.
    ///
    /// Retried: the object's state and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: the date is missing or invalid.
    /// - 404 `order_not_found` ([`is_not_found`](crate::Error::is_not_found)).
    /// - [`ErrorKind::Decode`](crate::ErrorKind::Decode), with an ambiguous outcome: a success with another body.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{MarkForSettlement, MarkForSettlementMetaData};
    ///
    /// let details = MarkForSettlementMetaData::new().settlement_date("2025-07-21");
    /// client.settlements().mark(MarkForSettlement::new("order_1", details)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn mark(&self, order: MarkForSettlement) -> Call<()> {
        self.client.call(&operations::MARK_FOR_SETTLEMENT, order, |api, order| {
            // The body holds an empty object.
            Box::pin(async move { Ok(api.mark_for_settlement(&order).await?.map(|_| ())) })
        })
    }

    /// Reads the settlement of an order (`PGOrderFetchSettlement`).
    ///
    /// `transfer_utr` and `transfer_time` are absent until the money is transferred.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such order, or nothing of it is settled yet ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let settlement = client.settlements().get("order_1").await?;
    /// println!("{:?} by {:?}", settlement.settlement_amount, settlement.transfer_utr);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, order: impl Into<OrderId>) -> Call<Settlement> {
        self.client.call(&operations::PG_ORDER_FETCH_SETTLEMENT, order.into(), |api, order| {
            Box::pin(async move { api.pg_order_fetch_settlement(&order).await })
        })
    }

    /// Reads settlements by settlement ids, UTRs, or a date range (`PGFetchSettlements`): one kind at a time.
    ///
    /// - Dates are ISO 8601 with a zone. Pages hold 10 to 1000 rows.
    /// - The document declares a single settlement as the response. A body that is one settlement is decoded as the
    ///   last page.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: the filter or the page size is invalid.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::SettlementFilter;
    ///
    /// let filter = SettlementFilter::new()
    ///     .start_date("2025-07-20T00:00:00+05:30")
    ///     .end_date("2025-07-21T23:59:59+05:30");
    /// let mut settlements = client.settlements().list(filter).items();
    /// while let Some(settlement) = settlements.next().await {
    ///     println!("{:?}", settlement?.settlement_amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, filter: SettlementFilter) -> Paged<Settlement> {
        Paged::new(self.client.clone(), &operations::PG_FETCH_SETTLEMENTS, filter, |api, filter, position| {
            Box::pin(async move {
                let body = FetchSettlements::new(position.to_wire(), filter.as_ref().clone());
                Ok(page(api.pg_fetch_settlements(&body).await?))
            })
        })
    }
}

/// The page, or a page of the one settlement that was received instead.
fn page(response: ResponseValue<SettlementPage>) -> ResponseValue<Page<Settlement>> {
    let lone = if response.data.is_empty() && response.cursor.is_none() && response.limit.is_none() {
        Settlement::from_json(&response.response().body)
            .ok()
            .filter(|settlement| *settlement != Settlement::default())
    } else {
        None
    };
    response.map(|page| match lone {
        Some(settlement) => Page::new(vec![settlement], None, None),
        None => Page::new(page.data, page.cursor, page.limit),
    })
}
