//! What can be asked, one module a group of the API, such as [`Orders`], [`Refunds`] or [`Recon`].
//! What can be asked, one module a group of the API: [`Documents`], [`Orders`], [`Payments`], [`Preauth`],
//! [`Refunds`].
//!
//! A method takes the identifiers of the path, then the request; it sends nothing. The [`Call`] that it
//! returns is sent by [`send`](Call::send) or by awaiting it.

mod customers;
mod disputes;
mod eligibility;
mod offers;
mod downtimes;
mod documents;
mod orders;
mod payment_links;
mod payments;
mod preauth;
mod raw;
mod recon;
mod refunds;
mod token_vault;
mod settlements;
mod simulation;
mod utilities;

use std::sync::Arc;

use cashfree_gen::{Client as Api, Error as ApiFailure, ResponseValue};

pub use customers::Customers;
pub use disputes::Disputes;
pub use eligibility::Eligibility;
pub use offers::Offers;
pub use downtimes::{DowntimeFilter, Downtimes};
pub use documents::Documents;
pub use orders::Orders;
pub use payment_links::PaymentLinks;
pub use payments::Payments;
pub use preauth::Preauth;
pub use raw::Raw;
pub use recon::Recon;
pub use refunds::Refunds;
pub use token_vault::TokenVault;
pub use settlements::Settlements;
pub use simulation::Simulation;
pub use utilities::Utilities;

use crate::transport::BoxFuture;
use crate::{Call, Client, Operation};

/// What a generated method answers with, once its arguments are shared with it.
type Answer<T> = BoxFuture<'static, Result<ResponseValue<T>, ApiFailure>>;

impl Client {
    /// Customers, registered with Cashfree.
    pub fn customers(&self) -> Customers {
        Customers { client: self.clone() }
    }

    /// Disputes: payments that a payer contests.
    pub fn disputes(&self) -> Disputes {
        Disputes { client: self.clone() }
    }

    /// Eligibility: what a payer may use.
    pub fn eligibility(&self) -> Eligibility {
        Eligibility { client: self.clone() }
    }

    /// Offers: discounts, cashback and instalments without interest.
    pub fn offers(&self) -> Offers {
        Offers { client: self.clone() }
    /// Downtimes of banks, networks, apps and wallets.
    pub fn downtimes(&self) -> Downtimes {
        Downtimes { client: self.clone() }
    /// Documents: files handed in for a dispute, a vendor or a mandate.
    pub fn documents(&self) -> Documents {
        Documents { client: self.clone() }
    }

    /// Orders: what a payer owes.
    pub fn orders(&self) -> Orders {
        Orders { client: self.clone() }
    }

    /// Payment links: pages that a payer is sent to.
    pub fn payment_links(&self) -> PaymentLinks {
        PaymentLinks { client: self.clone() }
    }

    /// Payments: the attempts to settle an order.
    pub fn payments(&self) -> Payments {
        Payments { client: self.clone() }
    }

    /// Preauthorised payments: capture or release what is held.
    pub fn preauth(&self) -> Preauth {
        Preauth { client: self.clone() }
    }

    /// Raw calls, to what this crate doesn't know yet.
    pub fn raw(&self) -> Raw {
        Raw::new(self.clone())
    }

    /// Reconciliation: what moved the balance.
    pub fn recon(&self) -> Recon {
        Recon { client: self.clone() }
    }

    /// Refunds: money back.
    pub fn refunds(&self) -> Refunds {
        Refunds { client: self.clone() }
    }

    /// The token vault: saved cards.
    pub fn token_vault(&self) -> TokenVault {
        TokenVault { client: self.clone() }
    /// Settlements: money on its way to the merchant's bank.
    pub fn settlements(&self) -> Settlements {
        Settlements { client: self.clone() }
    }

    /// Simulation: how payments and settlements end in the sandbox.
    pub fn simulation(&self) -> Simulation {
        Simulation { client: self.clone() }
    }

    /// Utilities: what is known of a card.
    pub fn utilities(&self) -> Utilities {
        Utilities { client: self.clone() }
    }

    /// A call of a generated method. The arguments are shared, since an attempt may be made again.
    fn call<T: 'static, A>(
        &self,
        operation: &'static Operation,
        arguments: A,
        method: fn(Api, Arc<A>) -> Answer<T>,
    ) -> Call<T>
    where
        A: Send + Sync + 'static,
    {
        let arguments = Arc::new(arguments);
        Call::new(self.clone(), operation, move |api| method(api, Arc::clone(&arguments)))
    }
}
