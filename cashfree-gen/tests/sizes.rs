//! The sizes of types: optional large objects are boxed, so that values move cheaply and lists of them stay small.
#![cfg(all(feature = "webhook", target_pointer_width = "64"))]

use cashfree_gen::types::{
    BankDetails, CreateOrder, CreateVendor, CustomerDetails, CustomerDetailsParts, Dispute, Order, OrderMeta,
    Payment, PaymentErrorDetails, PaymentLink, PaymentReconEntry, Refund, Subscription,
};
use cashfree_gen::webhooks::{Event, PaymentEvent, RefundEvent, SubscriptionPaymentEvent};
use cashfree_gen::{Amount, Currency, Money};

#[test]
fn the_largest_types_stay_below_their_bounds() {
    let mut faults = Vec::new();
    let mut hold = |name: &str, size: usize, bound: usize| {
        if size > bound {
            faults.push(format!("{name} has {size} bytes, more than {bound}"));
        }
    };
    macro_rules! hold {
        ($($name:ident: $bound:literal),* $(,)?) => { $(hold(stringify!($name), size_of::<$name>(), $bound);)* };
    }
    // With room for the fields that an edition adds. An object in place takes more than the room.
    hold! {
        PaymentReconEntry: 1_300,
        Refund: 704,
        CreateOrder: 640,
        SubscriptionPaymentEvent: 640,
        Order: 576,
        Payment: 544,
        Dispute: 512,
        PaymentLink: 512,
        Subscription: 384,
        PaymentEvent: 384,
        RefundEvent: 320,
        Event: 96,
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_optional_object_is_boxed_if_it_is_large() {
    assert!(size_of::<PaymentErrorDetails>() >= 128 && size_of::<BankDetails>() < 128);
    assert_eq!(field_size(|payment: &Payment| &payment.error_details), size_of::<usize>());
    assert_eq!(field_size(|vendor: &CreateVendor| &vendor.bank), size_of::<BankDetails>());
    // A setter takes the object itself.
    let customer = CustomerDetails::new(CustomerDetailsParts {
        customer_id: "customer_1".into(),
        customer_phone: "9999999999".into(),
    });
    let price = Money::new(Amount::rupees(1), Currency::INR);
    let order =
        CreateOrder::new(price, customer).order_meta(OrderMeta::new().return_url("https://shop.example"));
    assert!(order.order_meta.is_some_and(|meta| meta.return_url.is_some()));
}

/// The size of a field.
fn field_size<T, F>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}
