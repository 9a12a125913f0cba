//! Everything may be kept, moved to another thread and sent from there; the compiler is the judge.

use std::future::{Future, IntoFuture};

use anyhow::Result;
use cashfree::types::{Order, Payment, Refund};
use cashfree::{
    Call, CallFuture, Client, ClientBuilder, ConfigError, Credentials, Error, IdempotencyKey, Response,
    ResponseMeta, RetryPolicy, Secret,
};
use cashfree_sandbox::Change;

use crate::{Shop, order};

const fn sends<T: Send + 'static>() {}
const fn shares<T: Send + Sync + 'static>() {}
const fn clones<T: Clone>() {}
const fn fails<T: std::error::Error + Send + Sync + 'static>() {}

const _: () = {
    shares::<Client>();
    shares::<Credentials>();
    shares::<Secret>();
    shares::<RetryPolicy>();
    shares::<IdempotencyKey>();
    shares::<Call<Order>>();
    shares::<Call<Vec<Payment>>>();
    shares::<Response<Order>>();
    shares::<Response<Vec<Refund>>>();
    shares::<ResponseMeta>();
    shares::<cashfree::api::Orders>();
    shares::<cashfree::api::Payments>();
    shares::<cashfree::api::Preauth>();
    shares::<cashfree::api::Refunds>();
    sends::<ClientBuilder>();
    sends::<CallFuture<Order>>();
    sends::<<Call<Refund> as IntoFuture>::IntoFuture>();
    fails::<Error>();
    fails::<ConfigError>();
    clones::<Client>();
    clones::<Call<Order>>();
    clones::<Response<Order>>();
    // An error is passed through every layer of a program: it is one pointer.
    assert!(size_of::<Error>() == size_of::<usize>());
};

fn sent<F: Future + Send + 'static>(future: F) -> F {
    future
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_made_here_and_sent_elsewhere() -> Result<()> {
    let shop = Shop::open().await?;
    let call = shop.client.orders().create(order("order_1", "5")?);
    let copy = call.clone();
    let by_send = tokio::spawn(sent(call.send()));
    by_send.await??;
    assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), 1);
    // The copy has a key of its own, so the order is there already.
    let by_await = tokio::spawn(sent(copy.into_future())).await?;
    assert!(by_await.is_err_and(|error| error.is_conflict()));
    Ok(())
}
