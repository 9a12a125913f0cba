//! What can be asked, one module a group of the API, such as [`Orders`], [`Refunds`] or [`Recon`]; each has an
//! accessor on [`Client`].
//!
//! A method takes the identifiers of the path, then the request; it sends nothing. The [`Call`] that it
//! returns is sent by [`send`](Call::send) or by awaiting it.

mod customers;
mod disputes;
mod documents;
mod downtimes;
mod easy_split;
mod eligibility;
mod offers;
mod orders;
mod payment_links;
mod payments;
mod plans;
mod preauth;
mod raw;
mod recon;
mod refunds;
mod settlements;
mod simulation;
mod subscription_payments;
mod subscriptions;
mod terminals;
mod token_vault;
mod utilities;
mod vendors;

use std::ops::Deref;
use std::sync::Arc;

use cashfree_gen::Client as Api;

pub use customers::Customers;
pub use disputes::Disputes;
pub use documents::Documents;
pub use downtimes::{DowntimeFilter, Downtimes};
pub use easy_split::EasySplit;
pub use eligibility::Eligibility;
pub use offers::Offers;
pub use orders::Orders;
pub use payment_links::PaymentLinks;
pub use payments::Payments;
pub use plans::Plans;
pub use preauth::Preauth;
pub use raw::Raw;
pub use recon::Recon;
pub use refunds::Refunds;
pub use settlements::Settlements;
pub use simulation::Simulation;
pub use subscription_payments::SubscriptionPayments;
pub use subscriptions::Subscriptions;
pub use terminals::Terminals;
pub use token_vault::TokenVault;
pub use utilities::Utilities;
pub use vendors::Vendors;

use crate::call::{Invocation, Invoke};
use crate::{Call, Client, Operation};

impl Client {
    /// Customers, registered with Cashfree.
    pub fn customers(&self) -> Customers {
        Customers { client: self.clone() }
    }

    /// Disputes: payments that a payer contests.
    pub fn disputes(&self) -> Disputes {
        Disputes { client: self.clone() }
    }

    /// Documents: files handed in for a dispute, a vendor or a mandate.
    pub fn documents(&self) -> Documents {
        Documents { client: self.clone() }
    }

    /// Downtimes of banks, networks, apps and wallets.
    pub fn downtimes(&self) -> Downtimes {
        Downtimes { client: self.clone() }
    }

    /// Easy Split: payments shared among vendors.
    pub fn easy_split(&self) -> EasySplit {
        EasySplit { client: self.clone() }
    }

    /// Eligibility: what a payer may use.
    pub fn eligibility(&self) -> Eligibility {
        Eligibility { client: self.clone() }
    }

    /// Offers: discounts, cashback and instalments without interest.
    pub fn offers(&self) -> Offers {
        Offers { client: self.clone() }
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

    /// Plans: the terms of subscriptions.
    pub fn plans(&self) -> Plans {
        Plans { client: self.clone() }
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

    /// Settlements: money on its way to the merchant's bank.
    pub fn settlements(&self) -> Settlements {
        Settlements { client: self.clone() }
    }

    /// Simulation: how payments and settlements end in the sandbox.
    pub fn simulation(&self) -> Simulation {
        Simulation { client: self.clone() }
    }

    /// Payments of subscriptions: mandates authorised, debits raised and refunded.
    pub fn subscription_payments(&self) -> SubscriptionPayments {
        SubscriptionPayments { client: self.clone() }
    }

    /// Subscriptions: mandates to debit a payer again and again.
    pub fn subscriptions(&self) -> Subscriptions {
        Subscriptions { client: self.clone() }
    }

    /// Terminals: payments taken in person.
    pub fn terminals(&self) -> Terminals {
        Terminals { client: self.clone() }
    }

    /// The token vault: saved cards.
    pub fn token_vault(&self) -> TokenVault {
        TokenVault { client: self.clone() }
    }

    /// Utilities: what is known of a card.
    pub fn utilities(&self) -> Utilities {
        Utilities { client: self.clone() }
    }

    /// Vendors: who receives a share of the payments.
    pub fn vendors(&self) -> Vendors {
        Vendors { client: self.clone() }
    }

    /// A call of a generated method. The arguments are shared, since an attempt may be made again.
    fn call<T: 'static, A>(
        &self,
        operation: &'static Operation,
        arguments: A,
        method: fn(Api, Held<T, A>) -> Invocation<T>,
    ) -> Call<T>
    where
        A: Send + Sync + 'static,
    {
        Call::holding(self.clone(), operation, Arc::new(Asked { arguments, method }))
    }
}

/// What a generated method is called with, and the method.
struct Asked<T, A> {
    arguments: A,
    method: fn(Api, Held<T, A>) -> Invocation<T>,
}

impl<T, A> Invoke<T> for Asked<T, A>
where
    T: 'static,
    A: Send + Sync + 'static,
{
    fn invoke(self: Arc<Self>, api: Api) -> Invocation<T> {
        (self.method)(api, Held { asked: self })
    }
}

/// The arguments of a method, held for as long as it runs.
struct Held<T, A> {
    asked: Arc<Asked<T, A>>,
}

impl<T, A> Deref for Held<T, A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.asked.arguments
    }
}

impl<T, A> AsRef<A> for Held<T, A> {
    fn as_ref(&self) -> &A {
        self
    }
}
