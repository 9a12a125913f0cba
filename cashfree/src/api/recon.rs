//! Reconciliation reports.

use crate::pagination::{Page, Paged};
use crate::types::{
    DateRange, EsOrderRecon, EsOrderReconPagination, FetchRecon, PaymentReconEntry, SettlementFetchRecon,
    SettlementFilter, SettlementReconEntry, SplitOrderReconEntry, SplitOrderReconFilter, VendorRecon,
    VendorReconEntry, VendorReconFilter,
};
use crate::{Client, operations};

/// Reconciliation reports: the ledgers of payments, settlements, vendors and split orders. Compare them with your own
/// books.
///
/// All are reads, paginated ([`Paged`]). Amounts are exact, in the major unit of their currency. See [reconciling a
/// day](crate::guide::reconciliation).
#[derive(Clone, Debug)]
pub struct Recon {
    pub(super) client: Client,
}

impl Recon {
    /// Reads what changed the balance in a date range (`PGFetchRecon`).
    ///
    /// - Payments, refunds, disputes, settlements and adjustments are one flat row each; `event_type` says which
    ///   fields are set.
    /// - Amounts have no sign: [`PaymentReconEntry::signed_amount`] is negative for a debit.
    /// - Dates are ISO 8601 with a zone. Pages hold 10 to 1000 rows.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400 `pagination.limit_invalid`: the page size is out of range.
    /// - 400: the date range is invalid.
    ///
    /// # Examples
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
    ///     // Amounts have no sign of their own: a refund is a debit.
    ///     println!("{:?}", entry?.signed_amount());
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

    /// Reads the content of settlements (`PGSettlementFetchRecon`): each payment, refund, dispute and adjustment,
    /// with its details in groups.
    ///
    /// The filter takes settlement ids, UTRs, or a date range: one kind at a time. Pages hold 10 to 1000 rows.
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

    /// Reads the ledgers of vendors, by settlement, vendor, date range, or vendor and date range (`PGESReconVendor`).
    ///
    /// Pages hold 10 to 100 rows.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: the filter, its dates or the page size are invalid.
    ///
    /// # Examples
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

    /// Reads split orders with the shares of their vendors, by order ids or date range (`PGESOrderRecon`).
    ///
    /// - A row is a payment or a vendor's share of one: `entity_type`.
    /// - Pages hold 10 to 100 rows.
    /// - For orders paid to a virtual account the document has a response without `data`. It is decoded as an empty
    ///   page; [`Response::body`](crate::Response::body) has its content.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: neither orders nor dates are given, or the page size is invalid.
    ///
    /// # Examples
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
