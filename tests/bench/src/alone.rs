//! `bench-alone ADDRESS IN_FLIGHT CALLS` makes calls of get-payment with `cashfree`. It holds no other client and
//! no more of anything than that takes, as what is measured is its memory; see the library.

use anyhow::{Context, Result};
use bench::calls::{Run, measure};
use bench::clients::Cashfree;
use bench::responses::Operation;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("ADDRESS IN_FLIGHT CALLS");
    let (address, in_flight, calls) = (next()?, next()?.parse()?, next()?.parse()?);
    let run = Run { operation: Operation::GetPayment, in_flight, calls, address: address.parse()? };
    let counter = |work: &mut dyn FnMut()| {
        work();
        None
    };
    let figures = measure(&run, counter, || Cashfree::at(&format!("http://{address}")))?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}
