//! The account: what the operations do, one file for each group of the API, and the state that they share.
//!
//! [`operations::perform`] names the function of each operation. From top to bottom:
//!
//! - operations: `orders`, `payments`, `refunds` and so on; `bookkeeping` and `shares` serve several of them;
//! - events that they send ([`crate::webhooks::events`]);
//! - `entities`: objects of the API that are made of several parts of the account;
//! - `state`: the account, and `stored`: its form in the data file;
//! - `model`: the values that the account is made of, each with its own JSON; a group has the same name as its
//!   operations.
//!
//! A file uses what is below its own layer, and within a layer there are no circles.

pub(crate) mod advance;
pub(crate) mod bookkeeping;
pub(crate) mod call;
pub(crate) mod customers;
pub(crate) mod disputes;
pub(crate) mod downtimes;
pub(crate) mod eligibility;
pub(crate) mod entities;
pub(crate) mod kept;
pub(crate) mod links;
pub(crate) mod mandates;
pub(crate) mod methods;
pub(crate) mod model;
pub(crate) mod offers;
pub(crate) mod operations;
pub(crate) mod orders;
pub(crate) mod payer;
pub(crate) mod payments;
pub(crate) mod picture;
pub(crate) mod plans;
pub(crate) mod preauth;
pub(crate) mod recon;
pub(crate) mod refunds;
pub(crate) mod report_page;
pub(crate) mod sessions;
pub(crate) mod settlements;
pub(crate) mod shares;
pub(crate) mod simulation;
pub(crate) mod soundboxes;
pub(crate) mod splits;
pub(crate) mod state;
pub(crate) mod stored;
pub(crate) mod subscription_payments;
pub(crate) mod subscription_refunds;
pub(crate) mod subscriptions;
pub(crate) mod table;
pub(crate) mod terminal_payments;
pub(crate) mod terminals;
pub(crate) mod test_data;
pub(crate) mod utilities;
pub(crate) mod vault;
pub(crate) mod vendors;
