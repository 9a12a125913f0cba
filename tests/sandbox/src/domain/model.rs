//! Values that the account is made of, one file for each group of the API, with their JSON and their own rules.
//!
//! Nothing here depends on the whole account: see [`State`](crate::domain::state::State).

pub(crate) mod customers;
pub(crate) mod disputes;
pub(crate) mod downtimes;
pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod mandates;
pub(crate) mod offers;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod plans;
pub(crate) mod preauth;
pub(crate) mod refunds;
pub(crate) mod settlements;
pub(crate) mod simulation;
pub(crate) mod splits;
pub(crate) mod subscription_payments;
pub(crate) mod subscriptions;
pub(crate) mod terminals;
pub(crate) mod vault;
pub(crate) mod vendors;
