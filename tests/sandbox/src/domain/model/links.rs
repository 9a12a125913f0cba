//! Payment links and their pages.

use std::collections::HashMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::data::Content;
use crate::domain::model::orders::{Order, OrderStatus};
use crate::domain::table::Table;
use crate::money::Paise;

/// The links, by the merchant's ids.
#[derive(Default)]
pub(crate) struct Links {
    pub(crate) by_id: Table<Link>,
    /// The link of each order that was made for one.
    pub(crate) of_order: HashMap<String, String>,
    /// The link of each page.
    pub(crate) of_code: HashMap<String, String>,
}

impl Links {
    /// The link that an order was made for.
    pub(crate) fn of_order(&self, order_id: &str) -> Option<&str> {
        self.of_order.get(order_id).map(String::as_str)
    }

    /// Takes in what a file held.
    pub(crate) fn restore(&mut self, content: &Content) -> anyhow::Result<()> {
        self.by_id.restore(content.table("links")?);
        for link in self.by_id.values() {
            let link_id = link.request["link_id"].as_str().unwrap_or_default();
            self.of_order.extend(link.orders.iter().map(|order_id| (order_id.clone(), link_id.to_owned())));
            self.of_code.insert(link.code.clone(), link_id.to_owned());
        }
        Ok(())
    }
}

/// One link.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) cf_link_id: String,
    /// The create request: what was sent is what is echoed.
    pub(crate) request: Value,
    /// What the page is addressed by.
    pub(crate) code: String,
    pub(crate) created: SystemTime,
    pub(crate) expires: SystemTime,
    pub(crate) cancelled: bool,
    /// The orders made for it, oldest first.
    pub(crate) orders: Vec<String>,
}

impl Link {
    pub(crate) fn amount(&self) -> Paise {
        Paise::read(&self.request["link_amount"]).unwrap_or(Paise(0))
    }

    pub(crate) fn takes_parts(&self) -> bool {
        self.request["link_partial_payments"] == true
    }

    pub(crate) fn least_part(&self) -> Paise {
        Paise::read(&self.request["link_minimum_partial_amount"]).unwrap_or(Paise(100))
    }

    /// Sum of its paid orders.
    pub(crate) fn paid(&self, orders: &Table<Order>) -> Paise {
        let orders = self.orders.iter().filter_map(|order_id| orders.get(order_id));
        orders
            .filter(|order| order.status == OrderStatus::Paid)
            .filter_map(|order| Paise::read(&order.amount()))
            .sum()
    }

    /// A payment that arrives after the end still counts, so what was paid is looked at first.
    pub(crate) fn status(&self, paid: Paise, now: SystemTime) -> &'static str {
        if paid >= self.amount() {
            "PAID"
        } else if self.cancelled {
            "CANCELLED"
        } else if now >= self.expires {
            "EXPIRED"
        } else if paid > Paise(0) {
            "PARTIALLY_PAID"
        } else {
            "ACTIVE"
        }
    }

    /// The create request of an order that pays `amount` of the link.
    pub(crate) fn order_request(&self, amount: Paise, customer_id: &str) -> Value {
        let sent = &self.request;
        let mut customer = sent["customer_details"].clone();
        customer["customer_id"] = json!(customer_id);
        let meta = &sent["link_meta"];
        json!({
            "order_amount": amount.to_json(),
            "order_currency": sent["link_currency"],
            "order_note": sent["link_purpose"],
            "order_expiry_time": clock::with_zone(self.expires),
            "order_splits": sent["order_splits"],
            "order_tags": { "link_id": sent["link_id"] },
            "customer_details": customer,
            "order_meta": {
                "return_url": meta["return_url"],
                "notify_url": meta["notify_url"],
                "payment_methods": meta["payment_methods"],
            },
        })
    }
}
