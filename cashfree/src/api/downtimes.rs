//! Downtimes of banks, networks, apps and wallets.

use crate::types::{
    DowntimeList, Incident, IncidentImpactFilter, IncidentMethodFilter, IncidentStatusFilter,
    IncidentTypeFilter,
};
use crate::{Call, Client, IncidentId, Timestamp, operations};

/// Downtimes of payment methods, planned and unplanned, as known to Cashfree. A checkout can warn of a bank, or offer
/// another method.
///
/// Both operations accept client id and secret only. They are later additions to the API; an account may not have
/// them.
#[derive(Clone, Debug)]
pub struct Downtimes {
    pub(super) client: Client,
}

/// Filter of [`Downtimes::list`]. Default: all downtimes. Several values of one kind are alternatives.
#[derive(Clone, Debug, Default)]
pub struct DowntimeFilter {
    id: Option<IncidentId>,
    statuses: Vec<IncidentStatusFilter>,
    impacts: Vec<IncidentImpactFilter>,
    types: Vec<IncidentTypeFilter>,
    methods: Vec<IncidentMethodFilter>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl DowntimeFilter {
    /// Creates a filter that all downtimes pass.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps one incident.
    #[must_use]
    pub fn id(mut self, id: impl Into<IncidentId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Keeps downtimes with this status. Repeat for more.
    #[must_use]
    pub fn status(mut self, status: impl Into<IncidentStatusFilter>) -> Self {
        self.statuses.push(status.into());
        self
    }

    /// Keeps downtimes of this severity. Repeat for more.
    #[must_use]
    pub fn impact(mut self, impact: impl Into<IncidentImpactFilter>) -> Self {
        self.impacts.push(impact.into());
        self
    }

    /// Keeps downtimes of this type: scheduled or unscheduled. Repeat for more.
    #[must_use]
    pub fn incident_type(mut self, incident_type: impl Into<IncidentTypeFilter>) -> Self {
        self.types.push(incident_type.into());
        self
    }

    /// Keeps downtimes of this payment method. Repeat for more.
    #[must_use]
    pub fn payment_method(mut self, method: impl Into<IncidentMethodFilter>) -> Self {
        self.methods.push(method.into());
        self
    }

    /// Sets the earliest start (`incident_start_time`). The document's example is `2024-06-01 14:00:00`, without a
    /// zone.
    #[must_use]
    pub fn start_time(mut self, from: impl Into<Timestamp>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Sets the latest end (`incident_end_time`), in the same form.
    #[must_use]
    pub fn end_time(mut self, to: impl Into<Timestamp>) -> Self {
        self.to = Some(to.into());
        self
    }
}

/// The values of a filter, unless there are none.
fn some<T>(values: &Vec<T>) -> Option<&Vec<T>> {
    (!values.is_empty()).then_some(values)
}

impl Downtimes {
    /// Lists downtimes (`FetchActiveEcosystemDowntimes`). The list is not paginated, and empty if there are none.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// No status of its own.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::api::DowntimeFilter;
    /// use cashfree::types::{IncidentMethodFilter, IncidentStatusFilter};
    ///
    /// let filter = DowntimeFilter::new()
    ///     .status(IncidentStatusFilter::Active)
    ///     .payment_method(IncidentMethodFilter::Upi);
    /// for incident in &client.downtimes().list(filter).await?.incidents {
    ///     println!("{:?}: {:?}", incident.incident_impact, incident.incident_message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, filter: DowntimeFilter) -> Call<DowntimeList> {
        self.client.call(&operations::FETCH_ACTIVE_ECOSYSTEM_DOWNTIMES, filter, |api, filter| {
            Box::pin(async move {
                api.fetch_active_ecosystem_downtimes(
                    filter.to.as_ref(),
                    filter.id.as_ref(),
                    some(&filter.impacts),
                    filter.from.as_ref(),
                    some(&filter.statuses),
                    some(&filter.types),
                    some(&filter.methods),
                )
                .await
            })
        })
    }

    /// Reads a downtime (`FetchDowntimeById`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404 `something_not_found`: no such incident ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let incident = client.downtimes().get("incident_1").await?;
    /// println!("{:?} until {:?}", incident.incident_status, incident.incident_end_time);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, incident: impl Into<IncidentId>) -> Call<Incident> {
        self.client.call(&operations::FETCH_DOWNTIME_BY_ID, incident.into(), |api, incident| {
            Box::pin(async move { api.fetch_downtime_by_id(incident.as_str()).await })
        })
    }
}
