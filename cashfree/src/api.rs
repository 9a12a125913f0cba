//! What can be asked, one module a group of the API: [`Documents`], [`Orders`], [`Payments`], [`Preauth`],
//! [`Refunds`].
//!
//! A method takes the identifiers of the path, then the request; it sends nothing. The [`Call`] that it
//! returns is sent by [`send`](Call::send) or by awaiting it.

mod documents;
mod orders;
mod payments;
mod preauth;
mod refunds;

use std::sync::Arc;

use cashfree_gen::{Client as Api, Error as ApiFailure, ResponseValue};

pub use documents::Documents;
pub use orders::Orders;
pub use payments::Payments;
pub use preauth::Preauth;
pub use refunds::Refunds;

use crate::transport::BoxFuture;
use crate::{Call, Client, Operation};

/// What a generated method answers with, once its arguments are shared with it.
type Answer<T> = BoxFuture<'static, Result<ResponseValue<T>, ApiFailure>>;

impl Client {
    /// Documents: files handed in for a dispute, a vendor or a mandate.
    pub fn documents(&self) -> Documents {
        Documents { client: self.clone() }
    }

    /// Orders: what a payer owes.
    pub fn orders(&self) -> Orders {
        Orders { client: self.clone() }
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
