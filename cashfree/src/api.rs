//! Methods of the API, one struct per area, such as [`Orders`], [`Refunds`] or [`Recon`]. Each has an accessor on
//! [`Client`].
//!
//! A method takes the identifiers of the path, then the request, and returns a [`Call`] or a [`Paged`](crate::Paged). It
//! sends nothing: [`send`](Call::send) does, or `.await`. Every method can fail with the errors that
//! [`Error`](crate::Error) describes; its `# Errors` section lists what is particular to it.

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
    /// Returns the methods for customers.
    pub fn customers(&self) -> Customers {
        Customers { client: self.clone() }
    }

    /// Returns the methods for disputes.
    pub fn disputes(&self) -> Disputes {
        Disputes { client: self.clone() }
    }

    /// Returns the methods for uploads: documents for a dispute, a vendor or a mandate.
    pub fn documents(&self) -> Documents {
        Documents { client: self.clone() }
    }

    /// Returns the methods for downtimes of banks, networks, apps and wallets.
    pub fn downtimes(&self) -> Downtimes {
        Downtimes { client: self.clone() }
    }

    /// Returns the methods for splits: payments shared with vendors.
    pub fn easy_split(&self) -> EasySplit {
        EasySplit { client: self.clone() }
    }

    /// Returns the methods for eligibility: offers, payment methods and lenders for a payer.
    pub fn eligibility(&self) -> Eligibility {
        Eligibility { client: self.clone() }
    }

    /// Returns the methods for offers: discounts, cashback and instalments without interest.
    pub fn offers(&self) -> Offers {
        Offers { client: self.clone() }
    }

    /// Returns the methods for orders.
    pub fn orders(&self) -> Orders {
        Orders { client: self.clone() }
    }

    /// Returns the methods for payment links.
    pub fn payment_links(&self) -> PaymentLinks {
        PaymentLinks { client: self.clone() }
    }

    /// Returns the methods for payments of orders.
    pub fn payments(&self) -> Payments {
        Payments { client: self.clone() }
    }

    /// Returns the methods for plans of subscriptions.
    pub fn plans(&self) -> Plans {
        Plans { client: self.clone() }
    }

    /// Returns the methods for preauthorised payments: capture and void.
    pub fn preauth(&self) -> Preauth {
        Preauth { client: self.clone() }
    }

    /// Returns raw calls: any path, for what this version has no method for.
    pub fn raw(&self) -> Raw {
        Raw::new(self.clone())
    }

    /// Returns the reconciliation reports.
    pub fn recon(&self) -> Recon {
        Recon { client: self.clone() }
    }

    /// Returns the methods for refunds of orders.
    pub fn refunds(&self) -> Refunds {
        Refunds { client: self.clone() }
    }

    /// Returns the methods for settlements: transfers to the merchant's bank account.
    pub fn settlements(&self) -> Settlements {
        Settlements { client: self.clone() }
    }

    /// Returns the methods that set how payments and settlements end in the sandbox.
    pub fn simulation(&self) -> Simulation {
        Simulation { client: self.clone() }
    }

    /// Returns the methods for payments of subscriptions: authorisations, debits and refunds.
    pub fn subscription_payments(&self) -> SubscriptionPayments {
        SubscriptionPayments { client: self.clone() }
    }

    /// Returns the methods for subscriptions.
    pub fn subscriptions(&self) -> Subscriptions {
        Subscriptions { client: self.clone() }
    }

    /// Returns the methods for terminals and soundboxes.
    pub fn terminals(&self) -> Terminals {
        Terminals { client: self.clone() }
    }

    /// Returns the methods for saved cards.
    pub fn token_vault(&self) -> TokenVault {
        TokenVault { client: self.clone() }
    }

    /// Returns the methods that read facts about a card.
    pub fn utilities(&self) -> Utilities {
        Utilities { client: self.clone() }
    }

    /// Returns the methods for vendors, who receive shares of payments.
    pub fn vendors(&self) -> Vendors {
        Vendors { client: self.clone() }
    }

    /// Creates a call of a generated method. Its arguments are shared by the attempts.
    fn call<T: 'static, A>(
        &self,
        operation: &'static Operation,
        arguments: A,
        method: fn(Api, Arguments<T, A>) -> Invocation<T>,
    ) -> Call<T>
    where
        A: Send + Sync + 'static,
    {
        Call::holding(self.clone(), operation, Arc::new(Invocable { arguments, method }))
    }
}

/// A generated method and its arguments.
struct Invocable<T, A> {
    arguments: A,
    method: fn(Api, Arguments<T, A>) -> Invocation<T>,
}

impl<T, A> Invoke<T> for Invocable<T, A>
where
    T: 'static,
    A: Send + Sync + 'static,
{
    fn invoke(self: Arc<Self>, api: Api) -> Invocation<T> {
        (self.method)(api, Arguments { shared: self })
    }
}

/// The arguments of a method while it runs.
struct Arguments<T, A> {
    shared: Arc<Invocable<T, A>>,
}

impl<T, A> Deref for Arguments<T, A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.shared.arguments
    }
}

impl<T, A> AsRef<A> for Arguments<T, A> {
    fn as_ref(&self) -> &A {
        self
    }
}
