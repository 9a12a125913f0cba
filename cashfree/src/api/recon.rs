//! Reconciliation: what moved the merchant's balance, in pages.

use crate::pagination::{Page, Paged};
use crate::types::{
    DateRange, EsOrderRecon, EsOrderReconPagination, FetchRecon, PaymentReconEntry, SettlementFetchRecon,
    SettlementFilter, SettlementReconEntry, SplitOrderReconEntry, SplitOrderReconFilter, VendorRecon,
    VendorReconEntry, VendorReconFilter,
};
use crate::{Client, operations};

/// Reconciliation: the ledgers of payments, settlements, vendors and split orders, to be held against
/// one's own books. All are look-ups; each answers in pages ([`Paged`]), and amounts are exact, in the
/// major unit of their currency.
#[derive(Clone, Debug)]
pub struct Recon {
    pub(super) client: Client,
}

impl Recon {
    /// Everything that moved the balance within a range of dates (`PGFetchRecon`): payments, refunds,
    /// disputes, settlements and adjustments, one flat entry each; `event_type` tells which of its members
    /// are filled. Amounts have no sign: [`PaymentReconEntry::signed_amount`] is negative for a debit. Pages hold 10 to 1000 entries. Dates are ISO 8601 with a zone.
    ///
    /// # Errors
    /// 400 when the range or the page size is not acceptable (`pagination.limit_invalid`).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{DateRange, DateRangeParts};
    ///
    /// let july = DateRange::new(DateRangeParts {
    ///     start_date: "2025-07-01T00:00:00+05:30".into(),
    ///     end_date: "2025-07-31T23:59:59+05:30".into(),
    /// });
    /// let mut entries = client.recon().payments(july).page_size(1000).items();
    /// while let Some(entry) = entries.next().await {
    ///     let entry = entry?;
    ///     // Amounts have no sign of their own: a refund is a debit.
    ///     println!("{:?} {:?} {:?}", entry.event_id, entry.event_type, entry.signed_amount());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn payments(&self, range: DateRange) -> Paged<PaymentReconEntry> {
        Paged::new(self.client.clone(), &operations::PG_FETCH_RECON, range, |api, range, position| {
            Box::pin(async move {
                let body = FetchRecon::new(position.to_wire(), range.as_ref().clone());
                let page = api.pg_fetch_recon(&body).await?;
                Ok(page.map(|page| Page::new(page.data, page.cursor, page.limit)))
            })
        })
    }

    /// What settlements hold (`PGSettlementFetchRecon`): every payment, refund, dispute and adjustment
    /// that went into them, with its details in groups. The filter takes settlement ids, UTRs, or a range
    /// of dates, one kind at a time. Pages hold 10 to 1000 entries.
    ///
    /// # Errors
    /// 400 when the filter or the page size is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::SettlementFilter;
    ///
    /// let filter = SettlementFilter::new().settlement_utrs(vec!["UTR7".to_owned()]);
    /// let mut entries = client.recon().settlements(filter).items();
    /// while let Some(entry) = entries.next().await {
    ///     println!("{:?}", entry?.event_details);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn settlements(&self, filter: SettlementFilter) -> Paged<SettlementReconEntry> {
        Paged::new(
            self.client.clone(),
            &operations::PG_SETTLEMENT_FETCH_RECON,
            filter,
            |api, filter, position| {
                Box::pin(async move {
                    let body = SettlementFetchRecon::new(position.to_wire(), filter.as_ref().clone());
                    let page = api.pg_settlement_fetch_recon(&body).await?;
                    Ok(page.map(|page| Page::new(page.data, page.cursor, page.limit)))
                })
            },
        )
    }

    /// The ledgers of vendors in easy split (`PGESReconVendor`): by one settlement, one vendor, a range of
    /// dates, or a vendor within a range. Pages hold 10 to 100 entries. The operation documents no
    /// idempotency key; it only reads.
    ///
    /// # Errors
    /// 400 when the filter, its dates or the page size are not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::VendorReconFilter;
    ///
    /// let filter = VendorReconFilter::new()
    ///     .merchant_vendor_id("vendor_1")
    ///     .start_date("2025-07-01T00:00:00+05:30")
    ///     .end_date("2025-07-31T23:59:59+05:30");
    /// let page = client.recon().vendors(filter).send().await?;
    /// println!("{} entries, next {:?}", page.items.len(), page.next);
    /// # Ok(())
    /// # }
    /// ```
    pub fn vendors(&self, filter: VendorReconFilter) -> Paged<VendorReconEntry> {
        Paged::new(self.client.clone(), &operations::PGES_RECON_VENDOR, filter, |api, filter, position| {
            Box::pin(async move {
                let body = VendorRecon::new(position.to_wire(), filter.as_ref().clone());
                let page = api.pges_recon_vendor(&body).await?;
                Ok(page.map(|page| Page::new(page.data, page.cursor, page.limit)))
            })
        })
    }

    /// Split orders with the shares of their vendors (`PGESOrderRecon`), by order ids or by a range of
    /// dates. An entry is a payment or a vendor's share of one; `entity_type` tells. Pages hold 10 to 100
    /// entries.
    ///
    /// For orders collected by virtual account the document shows an answer of another form, one object
    /// without `data`: it reads as an empty page, and [`Response::body`](crate::Response::body) has it.
    ///
    /// # Errors
    /// 400 when neither orders nor dates are given, or the page size is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::SplitOrderReconFilter;
    ///
    /// let filter = SplitOrderReconFilter::new().order_ids(vec!["order_1".to_owned()]);
    /// for entry in &client.recon().split_orders(filter).await?.items {
    ///     println!("{:?} {:?}", entry.entity_type, entry.amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn split_orders(&self, filter: SplitOrderReconFilter) -> Paged<SplitOrderReconEntry> {
        Paged::new(self.client.clone(), &operations::PGES_ORDER_RECON, filter, |api, filter, position| {
            Box::pin(async move {
                let pagination = EsOrderReconPagination::new().limit(position.size());
                let pagination = match position.cursor() {
                    Some(cursor) => pagination.cursor(cursor),
                    None => pagination,
                };
                let body = EsOrderRecon::new(filter.as_ref().clone(), pagination);
                let page = api.pges_order_recon(&body).await?;
                Ok(page.map(|page| Page::new(page.data, page.cursor, page.limit)))
            })
        })
    }
}
