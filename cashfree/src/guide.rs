//! Guide, one page per task.
//!
//! | task | page |
//! | --- | --- |
//! | Add the crate, set credentials, choose TLS | [`installing`] |
//! | Create an order, take a payment and read the result | [`first_order`] |
//! | Take the payment in the payer's browser | [`hosted_checkout`] |
//! | Receive and verify webhooks | [`webhooks`] |
//! | Return money | [`refunds`] |
//! | Compare a day's books with Cashfree's reports | [`reconciliation`] |
//! | Know what happened when a call failed, and resend it safely | [`idempotency_and_failures`] |
//! | Act for several merchants | [`partners`] |
//! | Run several receivers and workers, and keep writes over a crash | [`several_processes`] |
//! | Test a program that uses this crate | [`testing`] |
//! | Choose Cargo features | [`features`] |
//! | Set limits, TLS, logs and tracing | [`running_in_production`] |
//! | Move from Cashfree's Node, Python or Go SDK | [`migrating_from_official_sdks`] |
//! | Move from another payment gateway | [`from_another_gateway`] |
//!
//! [`failures`](crate::failures) is the reference that belongs to [`idempotency_and_failures`]: what the client does for
//! each kind of failure.

#[doc = include_str!("guide/installing.md")]
pub mod installing {}

#[doc = include_str!("guide/first_order.md")]
pub mod first_order {}

#[doc = include_str!("guide/hosted_checkout.md")]
pub mod hosted_checkout {}

#[doc = include_str!("guide/webhooks.md")]
pub mod webhooks {}

#[doc = include_str!("guide/refunds.md")]
pub mod refunds {}

#[doc = include_str!("guide/reconciliation.md")]
pub mod reconciliation {}

#[doc = include_str!("guide/idempotency_and_failures.md")]
pub mod idempotency_and_failures {}

#[doc = include_str!("guide/partners.md")]
pub mod partners {}

#[doc = include_str!("guide/several_processes.md")]
pub mod several_processes {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/features.md")]
pub mod features {}

#[doc = include_str!("guide/running_in_production.md")]
pub mod running_in_production {}

#[doc = include_str!("guide/migrating_from_official_sdks.md")]
pub mod migrating_from_official_sdks {}

#[doc = include_str!("guide/from_another_gateway.md")]
pub mod from_another_gateway {}
