//! What can be asked, one module a group of the API: [`Orders`], [`Payments`], [`Preauth`], [`Refunds`].
//!
//! A method takes the identifiers of the path, then the request; it sends nothing. The [`Call`] that it
//! returns is sent by [`send`](Call::send) or by awaiting it.

mod customers;
mod disputes;
mod eligibility;
mod offers;
mod orders;
mod payment_links;
mod payments;
mod preauth;
mod refunds;
mod token_vault;

use std::sync::Arc;

use cashfree_gen::{Client as Api, Error as ApiFailure, ResponseValue};

pub use customers::Customers;
pub use disputes::Disputes;
pub use eligibility::Eligibility;
pub use offers::Offers;
pub use orders::Orders;
pub use payment_links::PaymentLinks;
pub use payments::Payments;
pub use preauth::Preauth;
pub use refunds::Refunds;
pub use token_vault::TokenVault;

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

    /// Refunds: money back.
    pub fn refunds(&self) -> Refunds {
        Refunds { client: self.clone() }
    }

    /// The token vault: saved cards.
    pub fn token_vault(&self) -> TokenVault {
        TokenVault { client: self.clone() }
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
