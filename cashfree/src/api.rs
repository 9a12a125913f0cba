//! What can be asked, one module a group of the API: [`Orders`], [`Payments`], [`Preauth`], [`Refunds`],
//! [`Subscriptions`] with their [`Plans`] and [`SubscriptionPayments`], [`EasySplit`] with its [`Vendors`],
//! [`Terminals`].
//!
//! A method takes the identifiers of the path, then the request; it sends nothing. The [`Call`] that it
//! returns is sent by [`send`](Call::send) or by awaiting it.

mod easy_split;
mod orders;
mod payments;
mod plans;
mod preauth;
mod refunds;
mod subscription_payments;
mod subscriptions;
mod terminals;
mod vendors;

use std::sync::Arc;

use cashfree_gen::{Client as Api, Error as ApiFailure, ResponseValue};

pub use easy_split::EasySplit;
pub use orders::Orders;
pub use payments::Payments;
pub use plans::Plans;
pub use preauth::Preauth;
pub use refunds::Refunds;
pub use subscription_payments::SubscriptionPayments;
pub use subscriptions::Subscriptions;
pub use terminals::Terminals;
pub use vendors::Vendors;

use crate::transport::BoxFuture;
use crate::{Call, Client, Operation};

/// What a generated method answers with, once its arguments are shared with it.
type Answer<T> = BoxFuture<'static, Result<ResponseValue<T>, ApiFailure>>;

impl Client {
    /// Easy Split: payments shared among vendors.
    pub fn easy_split(&self) -> EasySplit {
        EasySplit { client: self.clone() }
    }

    /// Orders: what a payer owes.
    pub fn orders(&self) -> Orders {
        Orders { client: self.clone() }
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

    /// Refunds: money back.
    pub fn refunds(&self) -> Refunds {
        Refunds { client: self.clone() }
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

    /// Vendors: who receives a share of the payments.
    pub fn vendors(&self) -> Vendors {
        Vendors { client: self.clone() }
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
