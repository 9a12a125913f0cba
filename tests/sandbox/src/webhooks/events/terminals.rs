//! Terminals: another status. The merchant's `terminal_id` is a number here.

use serde_json::{Value, json};

use super::{Event, number, time};
use crate::clock;
use crate::domain::model::terminals::Terminal;

pub(crate) fn moved(terminal: &Terminal) -> Event {
    let entity = terminal.to_json();
    // Where the merchant's own id is none, the service's stands for it.
    let own = Some(number(&entity["terminal_id"])).filter(Value::is_number);
    let data = json!({
        "added_on": time(&entity["added_on"], clock::with_space),
        "cf_terminal_id": terminal.number,
        "last_updated_on": time(&entity["last_updated_on"], clock::with_space),
        "terminal_id": own.unwrap_or_else(|| json!(terminal.number)),
        "terminal_name": entity["terminal_name"],
        "terminal_phone": terminal.phone(),
        "terminal_status": entity["terminal_status"],
        "terminal_type": entity["terminal_type"],
        "review_remarks": null,
    });
    Event::new("TERMINAL_STATUS_UPDATE", data)
}
