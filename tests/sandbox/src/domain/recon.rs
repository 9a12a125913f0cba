//! Reconciliation: the books of the merchant and of the vendors, row by row and in pages. Every row comes from
//! something that happened in this sandbox.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::clock;
use crate::domain::bookkeeping;
use crate::domain::call::Call;
use crate::domain::model::disputes::Dispute;
use crate::domain::model::ledger::{Event, Kind};
use crate::domain::model::payments::Payment;
use crate::domain::model::refunds::Refund;
use crate::domain::model::settlements::Settlement;
use crate::domain::model::vendors::Entry;
use crate::domain::report_page::{Page, Range, texts};
use crate::domain::settlements::Filter;
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::money::Paise;

/// An event with all that it is about.
struct Subject<'a> {
    event: &'a Event,
    order: Value,
    payment: Option<&'a Payment>,
    refund: Option<&'a Refund>,
    dispute: Option<&'a Dispute>,
    settlement: Option<&'a Settlement>,
}

impl<'a> Subject<'a> {
    fn of(state: &'a State, event: &'a Event) -> Self {
        let order = event.order_id.as_ref().and_then(|order_id| state.orders.get(order_id));
        let refunds = order.map_or(&[][..], |order| order.refunds.as_slice());
        let disputed = matches!(event.kind, Kind::Dispute | Kind::DisputeReversal);
        Self {
            event,
            order: order.map_or(Value::Null, |order| order.request()),
            payment: event.cf_payment_id.as_ref().and_then(|id| state.payments.get(id)),
            refund: refunds
                .iter()
                .find(|refund| event.kind == Kind::Refund && refund.refund_id() == event.id),
            dispute: if disputed { state.disputes.get(&event.id) } else { None },
            settlement: state.settlements.of(event),
        }
    }

    fn status(&self) -> &'static str {
        match (self.event.kind, self.dispute) {
            (_, Some(dispute)) if dispute.is_closed() => "CLOSED",
            (_, Some(_)) => "OPEN",
            (Kind::Settlement, _) => "PAID",
            _ => "SUCCESS",
        }
    }

    fn sale_type(&self) -> &'static str {
        if self.event.credit { "CREDIT" } else { "DEBIT" }
    }

    fn utr(&self) -> Option<&str> {
        Some(self.settlement?.transfer.as_ref()?.utr.as_str())
    }

    fn settled(&self) -> Option<String> {
        Some(clock::with_zone(self.settlement?.transfer.as_ref()?.at))
    }

    fn initiated(&self) -> Option<String> {
        self.settlement.map(|settlement| clock::with_zone(settlement.initiated))
    }

    /// The form that the payments' report has in the later version: that of the settlements' report, but for the names
    /// of two fields.
    fn grouped(&self) -> Value {
        let mut row = self.nested();
        rename(&mut row, "cutomer_details", "customer_details");
        rename(&mut row["payment_details"], "payment_mode", "payment_group");
        row
    }

    /// The flat form of the payments' report: what an event doesn't have is left out.
    fn flat(&self) -> Value {
        let Self { event, order, .. } = self;
        let customer = &order["customer_details"];
        let mut row = json!({
            "entity": "recon",
            "event_id": event.id,
            "event_type": event.kind.word(),
            "event_amount": event.amount.to_json(),
            "event_settlement_amount": if event.credit { event.net() } else { -event.net() }.to_json(),
            "event_currency": "INR",
            "event_status": self.status(),
            "event_time": clock::with_zone(event.at),
            "sale_type": self.sale_type(),
            "cf_settlement_id": self.settlement.map(|settlement| settlement.id.to_string()),
            "settlement_utr": self.utr(),
            "settlement_date": self.settled(),
        });
        if event.kind == Kind::Settlement {
            row["amount_settled"] = event.amount.to_json();
            row["settlement_type"] = json!("NORMAL_SETTLEMENT");
            row["settlement_initiated_on"] = json!(self.initiated());
            row["remarks"] = json!(event.remarks);
        }
        if event.kind == Kind::Adjustment {
            row["adjustment_remarks"] = json!(event.remarks);
        }
        if order.is_object() {
            row["order_id"] = json!(event.order_id);
            row["order_amount"] = order["order_amount"].clone();
            row["event_currency"] = order["order_currency"].clone();
            row["cf_payment_id"] = json!(event.cf_payment_id);
            row["payment_group"] = json!(self.payment.map(|payment| payment.group().to_ascii_uppercase()));
            row["payment_service_charge"] = event.charge.to_json();
            row["payment_service_tax"] = event.tax.to_json();
            row["vendor_commission"] = event.commission.to_json();
            row["split_service_charge"] = json!(0);
            row["split_service_tax"] = json!(0);
            for name in ["customer_name", "customer_email", "customer_phone"] {
                row[name] = customer[name].clone();
            }
        }
        if let (Kind::Payment, Some(payment)) = (event.kind, self.payment) {
            row["payment_amount"] = payment.captured_amount();
            row["payment_time"] = json!(clock::with_zone(event.at));
        }
        if let Some(refund) = self.refund {
            row["refund_id"] = json!(refund.refund_id());
            row["refund_note"] = refund.request()["refund_note"].clone();
            row["refund_processed_at"] = json!(refund.given_back().map(clock::with_zone));
        }
        if let Some(dispute) = self.dispute {
            row["dispute_category"] = json!(dispute.category());
            row["closed_in_favor_of"] = json!(dispute.in_favour_of());
            row["dispute_resolved_on"] = json!(dispute.resolved().map(clock::with_space));
        }
        row
    }

    /// The nested form of the settlements' report: every group is there, its fields null where an event has
    /// none of them.
    fn nested(&self) -> Value {
        let Self { event, order, .. } = self;
        let customer = &order["customer_details"];
        let of_order = |value: Value| if order.is_object() { value } else { Value::Null };
        json!({
            "event_details": {
                "entity": "recon",
                "event_id": event.id,
                "event_type": event.kind.word(),
                "event_amount": event.amount.to_json(),
                "event_settlement_amount": if event.credit { event.net() } else { -event.net() }.to_json(),
                "event_service_charge": of_order(event.charge.to_json()),
                "event_service_tax": of_order(event.tax.to_json()),
                "event_currency": "INR",
                "event_status": self.status(),
                "event_time": clock::with_zone(event.at),
                "event_remarks": event.remarks,
                "sale_type": self.sale_type(),
            },
            "order_details": {
                "order_id": event.order_id,
                "order_amount": order["order_amount"],
                "order_currency": order["order_currency"],
                "order_tags": order["order_tags"],
            },
            // Misspelt in the published response.
            "cutomer_details": {
                "customer_id": customer["customer_id"],
                "customer_name": customer["customer_name"],
                "customer_email": customer["customer_email"],
                "customer_phone": customer["customer_phone"],
                "customer_bank_account_number": customer["customer_bank_account_number"],
                "customer_bank_code": customer["customer_bank_code"],
                "customer_bank_ifsc": customer["customer_bank_ifsc"],
            },
            "payment_details": {
                "cf_payment_id": event.cf_payment_id,
                "payment_amount": self.payment.map(Payment::captured_amount),
                "payment_currency": order["order_currency"],
                "payment_mode": self.payment.map(|payment| payment.group().to_ascii_uppercase()),
                "payment_service_charge": of_order(event.charge.to_json()),
                "payment_service_tax": of_order(event.tax.to_json()),
                "payment_time": self.payment.and_then(Payment::taken).map(clock::with_zone),
                "bank_reference": null,
                "status": self.payment.map(|_| "SUCCESS"),
                "charges_currency": order["order_currency"],
                "forex_conversion_handling_charge": null,
                "forex_conversion_handling_tax": null,
            },
            "refund_details": {
                "refund_id": self.refund.map(Refund::refund_id),
                "refund_note": self.refund.map(|refund| refund.request()["refund_note"].clone()),
                "refund_arn": null,
                "refund_processed_at": self.refund.and_then(Refund::given_back).map(clock::with_zone),
            },
            "dispute_details": {
                "dispute_category": self.dispute.map(Dispute::category),
                "dispute_note": null,
                "closed_in_favor_of": self.dispute.and_then(Dispute::in_favour_of),
                "dispute_resolved_on": self.dispute.and_then(Dispute::resolved).map(clock::with_space),
                "resolved_on": self.dispute.and_then(Dispute::resolved).map(clock::with_space),
            },
            "settlement_details": {
                "cf_settlement_id": self.settlement.map(|settlement| settlement.id.to_string()),
                "utr": self.utr(),
                "settlement_date": self.settled(),
                "settlement_initiated_on": self.initiated(),
                "vendor_commission": event.commission.to_json(),
                "split_service_charge": 0,
                "split_service_tax": 0,
                "adjustment": null, "amount_settled": null, "payment_from": null, "payment_till": null,
                "reason": null, "remarks": null, "service_charge": null, "service_tax": null,
                "settlement_charge": null, "settlement_tax": null, "settlement_type": null,
            },
        })
    }
}

pub(crate) fn payments(state: &mut State, call: &Call<'_>) -> Outcome {
    let page = Page::read(&call.body["pagination"], "LEDGER", 1_000)?;
    let range = Range::read(&call.body["filters"])?.ok_or_else(Refusal::internal)?;
    bookkeeping::update(state);
    let rows = state.ledger.from(page.from()).filter(|(_, event)| range.holds(event.at));
    let form = if call.is_later { Subject::grouped } else { Subject::flat };
    Ok(JsonResponse::ok(page.of(rows.map(|(place, event)| (place, form(&Subject::of(state, event)))))))
}

pub(crate) fn settlements(state: &mut State, call: &Call<'_>) -> Outcome {
    let page = Page::read(&call.body["pagination"], "SETTLEMENT_RECON", 1_000)?;
    let filter = Filter::read(&call.body["filters"])?;
    let rows = state.ledger.from(page.from()).filter(|(_, event)| {
        let settlement = state.settlements.of(event);
        event.kind != Kind::Settlement && settlement.is_some_and(|settlement| filter.holds(settlement))
    });
    Ok(JsonResponse::ok(page.of(rows.map(|(place, event)| (place, Subject::of(state, event).nested())))))
}

pub(crate) fn vendors(state: &mut State, call: &Call<'_>) -> Outcome {
    let page = Page::read(&call.body["pagination"], "VENDOR", 100)?;
    let filters = &call.body["filters"];
    let range = Range::read(filters)?;
    let vendor_id = filters["merchant_vendor_id"].as_str();
    let settlement = filters["settlement_id"].as_u64();
    if range.is_none() && vendor_id.is_none() && settlement.is_none() {
        let message = "filters needs a settlement, a vendor or a range of dates";
        return Err(Refusal::bad_request("filters_missing", message));
    }
    if let Some(vendor_id) = vendor_id {
        state.vendors.get(vendor_id)?;
    }
    bookkeeping::update(state);
    let asked = |entry: &Entry| {
        vendor_id.is_none_or(|id| entry.vendor_id == id)
            && settlement.is_none_or(|id| entry.payout.as_ref().is_some_and(|payout| payout.id == id))
            && range.is_none_or(|range| range.holds(entry.at))
    };
    let rows = (0..).zip(&state.vendors.entries).filter(|(_, entry)| asked(entry));
    Ok(JsonResponse::ok(page.of(rows.map(|(place, entry)| (place, vendor_row(entry))))))
}

fn vendor_row(entry: &Entry) -> Value {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "NA".to_owned());
    let payout = entry.payout.as_ref();
    let credit = entry.amount > Paise(0);
    let size = if credit { entry.amount } else { -entry.amount };
    let mut row = json!({
        "merchant_vendor_id": entry.vendor_id,
        "type": entry.kind,
        "entity_id": entry.id,
        "merchant_order_id": or_none(entry.order_id.clone()),
        "currency": "INR",
        "credit": or_none(credit.then(|| size.to_string())),
        "debit": or_none((!credit).then(|| size.to_string())),
        "fee": "NA",
        "tax": "NA",
        "tx_time": clock::with_space(entry.at),
        "added_on_time": clock::with_space(entry.at),
        "settlement_eligibility_time": or_none((entry.kind == "transaction").then(|| clock::with_space(entry.at))),
        "settlement_time": or_none(payout.map(|payout| clock::with_space(payout.at))),
        "settlement_utr": or_none(payout.map(|payout| payout.utr.clone())),
        "refund_arn": "NA",
    });
    // The row of a payout has no amount, one that isn't settled no settlement: as published.
    if entry.kind != "vendor_settlement" {
        row["amount"] = size.to_json();
    }
    if let Some(payout) = payout {
        row["settlement_id"] = json!(payout.id);
        row["settled"] = json!(true);
    }
    row
}

pub(crate) fn split_orders(state: &mut State, call: &Call<'_>) -> Outcome {
    let page = Page::read(&call.body["pagination"], "SPLIT_ORDER", 100)?;
    let filters = &call.body["filters"];
    let (order_ids, range) = (texts(&filters["order_ids"]), Range::read(filters)?);
    if order_ids.is_none() && range.is_none() {
        let message = "At least one of the filters needs to be present orderIds or Date";
        return Err(Refusal::bad_request("request_failed", message));
    }
    if order_ids.iter().flatten().any(|id| !state.orders.contains_key(id)) {
        return Err(Refusal::not_found("order_not_found", "Order not found"));
    }
    bookkeeping::update(state);
    let mut rows = Vec::new();
    for (place, event) in state.ledger.from(page.from() >> 32) {
        let order_id = event.order_id.as_deref().unwrap_or_default();
        let asked = order_ids.as_ref().is_none_or(|ids| ids.contains(&order_id))
            && range.is_none_or(|range| range.holds(event.at));
        if event.kind != Kind::Payment || !asked || state.splits.of_order(order_id).is_empty() {
            continue;
        }
        // Room for the shares between two payments, so that a later split moves no other row.
        let place = place << 32;
        let subject = Subject::of(state, event);
        rows.push((place, transaction_row(state, &subject)));
        let shares = state
            .vendors
            .entries
            .iter()
            .filter(|entry| entry.kind == "transaction" && entry.order_id.as_deref() == Some(order_id));
        rows.extend((place + 1..).zip(shares.map(|entry| share_row(&subject, entry))));
    }
    Ok(JsonResponse::ok(page.of(rows.into_iter())))
}

/// Amounts are text in these rows, with both decimals; what is missing is `N/A`.
fn decimals(amount: Paise) -> String {
    let text = amount.to_string();
    if text.contains('.') { text } else { format!("{text}.00") }
}

fn or_missing(text: Option<String>) -> String {
    text.unwrap_or_else(|| "N/A".to_owned())
}

fn common(subject: &Subject<'_>) -> Value {
    let customer = &subject.order["customer_details"];
    json!({
        "merchant_order_id": subject.event.order_id,
        "tx_time": clock::with_space(subject.event.at),
        "currency": subject.order["order_currency"],
        "sale_type": "CREDIT",
        "customer_name": customer["customer_name"],
        "customer_email": customer["customer_email"],
        "customer_phone": customer["customer_phone"],
    })
}

fn transaction_row(state: &State, subject: &Subject<'_>) -> Value {
    let event = subject.event;
    let spaced = |at: Option<SystemTime>| or_missing(at.map(clock::with_space));
    let transfer = subject.settlement.and_then(|settlement| settlement.transfer.as_ref());
    let splits: Value = state
        .splits
        .of_order(event.order_id.as_deref().unwrap_or_default())
        .iter()
        .map(|(at, splits)| {
            let split: Value = splits.as_array().into_iter().flatten().map(|split| {
                json!({ "merchant_vendor_id": split["vendor_id"], "percentage": split["percentage"], "tags": split["tags"] })
            }).collect();
            json!({ "split": split, "created_at": clock::with_space(*at) })
        })
        .collect();
    let mut row = common(subject);
    let own = json!({
        "entity_type": "transaction",
        "entity_id": event.cf_payment_id,
        "amount": event.amount.to_json(),
        "added_on": clock::with_space(event.at),
        "settled": if transfer.is_some() { "YES" } else { "NO" },
        "settlement_eligibility_time": clock::with_space(event.at),
        "settlement_initiated_on": spaced(subject.settlement.map(|settlement| settlement.initiated)),
        "settlement_time": spaced(transfer.map(|transfer| transfer.at)),
        "merchant_settlement_id": or_missing(subject.settlement.map(|settlement| settlement.id.to_string())),
        "merchant_settlement_utr": or_missing(transfer.map(|transfer| transfer.utr.clone())),
        "merchant_vendor_commission": decimals(event.commission),
        "split_service_charge": "0.00",
        "split_service_tax": "0.00",
        "pg_service_charge": decimals(event.charge),
        "pg_service_tax": decimals(event.tax),
        "pg_charge_postpaid": "0",
        "order_splits": splits,
        "eligible_split_balance": decimals(event.amount - event.commission),
    });
    merge(&mut row, own);
    row
}

fn share_row(subject: &Subject<'_>, entry: &Entry) -> Value {
    let payout = entry.payout.as_ref();
    let mut row = common(subject);
    let own = json!({
        "entity_type": "vendor_commission",
        "entity_id": entry.id,
        "merchant_vendor_id": entry.vendor_id,
        "amount": entry.amount.to_json(),
        "added_on": clock::with_space(entry.at),
        "settled": if payout.is_some() { "YES" } else { "NO" },
        "past_settlements": [],
        "vendor_commission": decimals(entry.amount),
        "vendor_split_service_charges": "0.00",
        "vendor_split_service_tax": "0.00",
        "vendor_pg_service_charge": "0.00",
        "vendor_pg_service_tax": "0.00",
        "vendor_settlement_id": or_missing(payout.map(|payout| payout.id.to_string())),
        "vendor_settlement_utr": or_missing(payout.map(|payout| payout.utr.clone())),
        "vendor_settlement_time": or_missing(payout.map(|payout| clock::with_space(payout.at))),
        "vendor_settlement_initiated_on": or_missing(payout.map(|payout| clock::with_space(payout.at))),
        "vendor_settlement_eligibility_time": clock::with_space(entry.at),
        "status": "N/A",
    });
    merge(&mut row, own);
    row
}

/// Gives a field another name.
fn rename(row: &mut Value, from: &str, to: &str) {
    if let Some(fields) = row.as_object_mut()
        && let Some(value) = fields.remove(from)
    {
        fields.insert(to.to_owned(), value);
    }
}

fn merge(row: &mut Value, own: Value) {
    if let (Value::Object(row), Value::Object(own)) = (row, own) {
        row.extend(own);
    }
}
