//! Settlements: money on its way to the merchant's bank.

use cashfree_gen::{FromJson, ResponseValue};

use crate::pagination::{Page, Paged};
use crate::types::{FetchSettlements, MarkForSettlement, Settlement, SettlementFilter, SettlementPage};
use crate::{Call, Client, OrderId, operations};

/// Settlements: what of a paid order reaches the merchant's bank account, after fees and taxes. They
/// happen by themselves, in cycles; accounts that settle on demand mark orders for it.
#[derive(Clone, Debug)]
pub struct Settlements {
    pub(super) client: Client,
}

impl Settlements {
    /// Marks a paid order for settlement (`MarkForSettlement`). The service takes the mark on (202) and
    /// says nothing more; [`get`](Settlements::get) tells when the order is settled. The settlement date is
    /// a day, `YYYY-MM-DD`.
    ///
    /// # Errors
    /// 400 when the date is missing or not acceptable; 404 `order_not_found` when there is no such order.
    ///
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

    /// Reads the settlement of an order (`PGOrderFetchSettlement`). Until the money is transferred,
    /// `transfer_utr` and `transfer_time` are absent.
    ///
    /// # Errors
    /// 404 when there is no such order, or nothing of it is settled yet.
    ///
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

    /// Finds settlements (`PGFetchSettlements`) by settlement ids, by UTRs, or by a range of dates (ISO
    /// 8601 with a zone), one kind at a time. Pages hold 10 to 1000.
    ///
    /// The document declares a single settlement as the answer, though the request is paged. A page is
    /// read as a page; a body that is one settlement is a page of one, and the last.
    ///
    /// # Errors
    /// 400 when the filter or the page size is not acceptable.
    ///
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

/// A page, or the one settlement that stands in its place.
fn page(answer: ResponseValue<SettlementPage>) -> ResponseValue<Page<Settlement>> {
    let lone = if answer.data.is_empty() && answer.cursor.is_none() && answer.limit.is_none() {
        Settlement::from_json(&answer.response().body)
            .ok()
            .filter(|settlement| *settlement != Settlement::default())
    } else {
        None
    };
    answer.map(|page| match lone {
        Some(settlement) => Page::new(vec![settlement], None, None),
        None => Page::new(page.data, page.cursor, page.limit),
    })
}
