//! A local sandbox for the Cashfree Payments API: for the contract tests of
//! the SDK, its examples, and anyone who wants to try a checkout without an account.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let sandbox = cashfree_sandbox::Sandbox::start().await?;
//! println!("{} for {}", sandbox.base_url(), sandbox.client_id());
//! # Ok(())
//! # }
//! ```
//!
//! Every request and every response is checked against the OpenAPI document, corrected and normalised, which is part of
//! the binary; [`Sandbox::api_version`] is its version. All its operations are imitated with their state; one that a newer document
//! adds is checked and then returns 501. It depends on neither SDK crate: it is a second, independent
//! reading of the document.
//!
//! # What is imitated, and from which fact
//!
//! | behaviour | what the service documents | where the sandbox decides for itself |
//! |---|---|---|
//! | credentials | four sets of headers; two operations take none | a mixture of sets is refused |
//! | `x-api-version` | leaving it out returns 400 | an unknown date is, too; [`LATER_API_VERSION`] gets the forms of its published document; any other version gets that of [`Sandbox::api_version`], which the header of the response says |
//! | `x-request-id` | echoed, blank if none was sent | |
//! | idempotency | status and body of the first request are replayed, failures and 500 included; another body returns 422; validation comes first | "same" means the same bytes to the same address; keys never expire; one set of keys per account and operation; a second request waits for the first |
//! | call limits | per minute, sliding, four headers, `app_id` or `ip` | 1000 for operations without a documented limit; refused calls don't count |
//! | error forms | message, code, type, help (no help at 401 and 429) | sentences |
//! | error codes | `<path>_missing`, `_invalid`, `_not_found`, `_already_exists`; `order_already_paid`, `order_id_not_paid`, `order_id_voided` | `order_inactive`, `order_already_captured`, `authorization_not_found`, `refund_already_exists`, `amount_invalid` follow the pattern; a refused state is 400, a second capture or release 409 |
//! | orders | ACTIVE, PAID, EXPIRED, TERMINATED, TERMINATION_REQUESTED; PAID on a successful payment; thirty days | amounts with more than two decimals or fifteen digits are refused |
//! | payments | test cards, UPI ids, bank 3333, one-time password, credit phone; `payment_method` under its wrapper key; nulls as in the published examples | a wrong OTP leaves the attempt open; the linked page pays when its form is submitted (`outcome` is `success`, `failed`, `user_dropped` or `pending`); reading it changes nothing; `testriskflagged` ends FLAGGED, which the enum lacks; a second success on a paid order ends CANCELLED |
//! | failed payments | the published example says `is_captured: true` | kept |
//! | pre-authorisation | `order_note` `preauth_transaction`, or UPI `authorize_only`; one capture of at most the blocked amount; VOID; `PRE_AUTH` message; null `approve_by` and `captured_amount` | holds don't lapse |
//! | customers | registered by phone; the uid is the service's, `cfcustom_` and digits | a phone is registered once, 409 otherwise |
//! | token vault | a card is saved by a successful payment with `save_instrument`, for the customer of the order, and paid with by its id; deleting returns it | the same card is saved once; a deleted one is INACTIVE in that response and then gone; a customer is known from orders; [`Sandbox::save_card`] saves one directly |
//! | payment links | ACTIVE, PARTIALLY_PAID, PAID, EXPIRED, CANCELLED; thirty days; paid through orders with ids of their own and the link's id in `order_tags`; only an ACTIVE link is cancelled; `status` ALL or PAID (default) | the form of `link_url` pays what is left, or the part in `amount`; `outcome` is as on the payment page, `pending` leaves the order open; [`Sandbox::open_link`] leaves it open too; one open order at a time, ended with its link; the QR code leads to the page |
//! | offers | DISCOUNT, CASHBACK, both, NO_COST_EMI; `active` | `inactive` outside their time; codes may repeat; `offer_id` of a payment is not looked at; `max_allowed` is not counted |
//! | eligibility | by `order_id` or amount; offers come bare; cardless EMI from 1000 | credit belongs to the phone of the test data; simple interest; the methods that the sandbox takes |
//! | simulation | a pending payment ends SUCCESS, FAILED (with any error code) or USER_DROPPED, or stays; settlements of orders or since a time at most seven days back | `SUBS_PAYMENTS` is refused; an order is settled with success once; settlements stay within the simulation |
//! | downtimes | ACTIVE, UPCOMING, RESOLVED; SCHEDULED, UNSCHEDULED; filters may be repeated | reported by [`Sandbox::report_downtime`]; resolved ones are listed when asked for |
//! | card BIN, PAR | bank, country, network and kind by the first digits; 29 characters | of the test cards |
//! | refunds | only paid and captured, together at most the captured amount; STANDARD pending first; cancel while PENDING or ONHOLD | pending for a second, see [`Builder::refund_delay`] |
//! | plans and subscriptions | twelve statuses; CANCEL, PAUSE, ACTIVATE, CHANGE_PLAN, two of them not on demand; what isn't there is an empty text | a failed authorisation leaves the subscription INITIALIZED; a repeated id is 409 `plan_already_exists`, `subscription_already_exists` |
//! | mandates | UPI, e-NACH, paper NACH, card; a paper form is handed in as a picture | the test UPI ids and cards decide; the page signs e-NACH and card mandates; the bank and the payer act by [`Sandbox::mandate`] |
//! | debits | only while ACTIVE, at most `plan_max_amount`; by UPI and card one to fourteen days ahead; three repeats by UPI, then ON_HOLD; CANCEL and RETRY; COMPLETED after the last cycle | a debit without a day is due in two; its day comes by [`Sandbox::debit`] or [`Sandbox::advance`]; the return summary is ready at once |
//! | refunds of debits | INITIATED first; NORMAL for STANDARD; together at most the debit | SUCCESS after [`Builder::refund_delay`]; an authorisation amount that returns by itself can't be refunded |
//! | terminals | DOCS_AWAITED, PROVISIONALLY_ACTIVE, ACTIVE, INACTIVE; an ACTIVE asked for without documents changes nothing | both kinds of document make it PROVISIONALLY_ACTIVE, then the merchant's ACTIVE counts; 409 `terminal_already_exists` |
//! | payments at terminals | of an order made before, by code or link; numbered pages | the code of a payment leads to the payer's page, which pays; fifteen minutes, unenforced; a page without a size has fifty |
//! | soundboxes | coupled, changed, uncoupled; 404 for nothing found | one device a terminal, at its own UPI address; 409 `soundbox_already_exists` |
//! | settlements | fees and taxes taken off; a mark returns 202 and an empty object, a second one with 400 `api_request_failed` | 1.9 percent and 18 percent of that; a day ends when [`Sandbox::settle`] or [`Sandbox::advance`] says so; one that comes to nothing is put off; `settlement_not_found` before that |
//! | reconciliation | cursors, a null one ends; 10 to 1000 rows, with vendors to 100; flat and nested rows, `cutomer_details` | rows come in the order of booking; a full page has a cursor even if nothing follows; cursors belong to one report; ids and dates together are refused |
//! | disputes | stages and states, `resolved_at` in the year 9999, 20 MB, acceptance without a currency | raised by [`Sandbox::raise_dispute`], decided by [`Sandbox::move_dispute`]; the money is kept back from the first day; 409 `dispute_already_closed`, 400 `dispute_status_invalid` |
//! | Easy Split | split at creation, after payment until settled, or by a standing rule; amount or percentage, together at most the payment; 400 `api_request_failed` for nearly all | shares are rounded down; a standing rule counts for terminal 0 and orders without a split |
//! | vendors | states, codes, `related_docs`, 2 MB, transfers from 10 rupees, a fee that is billed afterwards | vetted by [`Sandbox::review_vendor`]; only active ones are paid out; 409 for a vendor or adjustment that exists; download links lead back here |
//! | webhooks: sending | HMAC-SHA256 of timestamp and raw body; six headers; 200 alone acknowledges; retried after 2, 10 and 30 minutes, or by a policy of at most ten; `notify_url` of orders, whose schedule is always the usual one; one `x-idempotency-key` per event | only to this machine, everything else is refused and recorded; at each endpoint one after the other; each attempt has a timestamp of its own; ten seconds for a response; redirects are not followed; an address that is named twice gets an event once; amounts have two decimals |
//! | webhooks: payments and refunds | success, failure, leaving, charges, outcome of a refund, automatic refund | charges follow the success, or the capture; a second success is sent as one, then its automatic refund, INITIATED and after [`Builder::refund_delay`] SUCCESS; a flagged payment, a VOID and a refund ONHOLD have no event |
//! | webhooks: the rest | links (to their `notify_url`, too), settlements, vendors and their payouts, disputes, saved cards, terminals, incidents, subscriptions with their payments and refunds | an incident of cards has one event per network; [`Sandbox::refuse_saved_cards`] lets the saving fail; a link that expires by itself has no event, see [`Sandbox::expire_link`]; a bank never sends money back; controlled notices, card expiry, verification of payments from abroad and older names come by `trigger` alone |
//!
//! # Webhooks
//!
//! Every change that the service has an event for is sent to the order's `notify_url` and to the endpoints of
//! [`Builder::webhooks`], in the form of the document of webhooks, which each event is held against
//! before it leaves. A test waits with [`Sandbox::webhooks_settled`] and looks at [`Sandbox::deliveries`].
//!
//! Without any change, the command sends a sample:
//!
//! ```text
//! cargo run -p cashfree-sandbox -- trigger --list
//! cargo run -p cashfree-sandbox -- trigger PAYMENT_SUCCESS_WEBHOOK --to http://127.0.0.1:8000/hooks \
//!     --secret SECRET --set data.order.order_id=order_1
//! ```
//!
//! # From other languages
//!
//! What a test does beside the API has addresses, too, under `/sandbox` and without credentials: pay as a customer,
//! decide as a bank, move the clock, script a fault, wait for a webhook, look at what happened. They are described in
//! OpenAPI at `/sandbox/openapi.json`. A person has the dashboard at `/`.
//!
//! # Where things are
//!
//! | folder | what is in it |
//! |---|---|
//! | `http` | connections, routes, and what is checked before an operation: origin, credentials, limits, document, keys |
//! | `domain` | the account: `operations` names the function of each operation, one file for each group; `model` has the values of each group, `state` the whole account |
//! | `webhooks` | events, their form, their queues and signatures |
//! | `faults` | what goes wrong on the way, scripted or at random |
//! | `journal` | the latest requests and responses, and the feed of what happens |
//! | `control` | the addresses under `/sandbox` |
//! | `web` | pages: checkout, links, mandates, dashboard; and the checkout script |
//! | `cli` | the commands of the program |
//!
//! # Faults
//!
//! [`Sandbox::script`] makes the next requests go wrong: see [`Fault`] for how, and for what
//! remains of the request. [`Builder::chaos`] lets them happen at random, the same ones for the same seed,
//! and [`Sandbox::close_port`] takes the whole service away. [`Sandbox::script_webhooks`] does so with events: see
//! [`WebhookFault`].

mod app;
mod clock;
#[cfg(test)]
mod conformance;
mod control;
mod data;
mod document;
mod domain;
mod faults;
mod http;
mod journal;
mod money;
mod records;
mod sandbox;
mod web;
mod webhooks;

pub use document::LATER_API_VERSION;
pub use domain::disputes::BankMove;
pub use domain::mandates::MandateEvent;
pub use domain::model::downtimes::{Downtime, Impact};
pub use domain::vendors::VendorReview;
pub use faults::random::Chaos;
pub use faults::scripted::Fault;
pub use http::tls::Tls;
pub use journal::{Exchange, Feed, Notice, RecordedResponse};
pub use records::{Change, Committed, RecordedRequest};
pub use sandbox::{Builder, Sandbox};
pub use webhooks::{
    Trigger, WebhookDelivery, WebhookEndpoint, WebhookFault, WebhookOutcome, WebhookSample, WebhookSchedule,
    webhook_samples,
};
