//! The account in the data file.

use crate::data::{Content, Rows};
use crate::domain::state::{Meta, State};
use crate::domain::{bookkeeping, refunds};

impl State {
    /// What changed since the last time, for the data file.
    pub(crate) fn changes(&mut self) -> Rows {
        // A reset comes before what follows.
        let mut rows = std::mem::take(&mut self.staged);
        self.orders.changes("orders", &mut rows);
        self.payments.changes("payments", &mut rows);
        self.links.by_id.changes("links", &mut rows);
        self.subscriptions.by_id.changes("subscriptions", &mut rows);
        self.ledger.changes(&mut rows);
        self.customers.changes("customers", &mut rows);
        self.downtimes.changes("downtimes", &mut rows);
        self.offers.changes("offers", &mut rows);
        self.simulations.changes("simulations", &mut rows);
        self.vault.changes("vault", &mut rows);
        self.plans.changes("plans", &mut rows);
        self.subscription_payments.changes("subscription_payments", &mut rows);
        self.terminals.changes("terminals", &mut rows);
        self.disputes.changes("disputes", &mut rows);
        self.settlements.changes("settlements", &mut rows);
        self.splits.changes("splits", &mut rows);
        self.vendors.changes("vendors", &mut rows);
        rows.append(&mut self.outbox.changes());
        let meta = Meta {
            serial: self.serial,
            salt: self.salt.clone(),
            ahead: self.clock.ahead(),
            low_balance: self.low_balance,
        };
        if self.written.as_ref() != Some(&meta) {
            rows.put("account", "meta", &meta);
            self.written = Some(meta);
        }
        rows
    }

    /// Forgets what changed, where there is no data file.
    pub(crate) fn forget_changes(&mut self) {
        self.orders.forget_changes();
        self.payments.forget_changes();
        self.links.by_id.forget_changes();
        self.subscriptions.by_id.forget_changes();
        self.ledger.forget_changes();
        self.staged = Rows::default();
    }

    /// Takes in what a data file held.
    pub(crate) fn restore(&mut self, content: &Content) -> anyhow::Result<()> {
        if let Some(meta) = content.row::<Meta>("account", "meta")? {
            (self.serial, self.low_balance) = (meta.serial, meta.low_balance);
            self.salt = meta.salt.clone();
            self.clock.advance(meta.ahead);
            self.written = Some(meta);
        }
        self.orders.restore(content.table("orders")?);
        self.payments.restore(content.table("payments")?);
        for order in self.orders.values() {
            self.sessions.insert(&order.session, order.order_id.clone());
            self.by_cf_order_id.insert(order.cf_order_id, order.order_id.clone());
            if let Some(customer_id) = order.request()["customer_details"]["customer_id"].as_str() {
                self.customer_ids.insert(customer_id.to_owned());
            }
        }
        self.links.restore(content)?;
        self.subscriptions.restore(content)?;
        self.customers.restore(content.row("groups", "customers")?);
        self.downtimes.restore(content.row("groups", "downtimes")?);
        self.offers.restore(content.row("groups", "offers")?);
        self.simulations.restore(content.row("groups", "simulations")?);
        self.vault.restore(content.row("groups", "vault")?);
        self.plans.restore(content.row("groups", "plans")?);
        self.subscription_payments.restore(content.row("groups", "subscription_payments")?);
        self.terminals.restore(content.row("groups", "terminals")?);
        self.disputes.restore(content.row("groups", "disputes")?);
        self.settlements.restore(content.row("groups", "settlements")?);
        self.splits.restore(content.row("groups", "splits")?);
        self.vendors.restore(content.row("groups", "vendors")?);
        bookkeeping::restore(self, content)?;
        self.outbox.restore(content)?;
        refunds::restore(self);
        Ok(())
    }
}
