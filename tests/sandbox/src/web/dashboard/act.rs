//! The buttons of the dashboard.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;

use crate::app::App;
use crate::control::{self, PayMethod, PayOutcome, Payment};
use crate::domain::{advance, disputes, settlements};
use crate::http::errors::Refusal;
use crate::http::incoming::Incoming;
use crate::web::page;
use crate::web::visit::Visit;

const DAY: Duration = Duration::from_secs(86_400);

/// Does what `act` of the form says to `id`, and goes back to `page`.
pub(crate) async fn act(State(app): State<Arc<App>>, request: Request) -> Response {
    let form = Incoming::read(request).await;
    let (act, id) = (form.form_value("act"), form.form_value("id"));
    let happened = perform(&app, &act, &id);
    match happened {
        Ok(()) => {
            // A path of this dashboard, never another site.
            let page = form.form_value("page");
            let own = page == "/" || page.starts_with("/dashboard/");
            page::go(if own { &page } else { "/" })
        }
        Err(message) => page::refused(&Refusal::conflict("not_possible", message), &Visit::home("/")),
    }
}

fn perform(app: &App, act: &str, id: &str) -> Result<(), String> {
    let pay = |outcome| {
        let payment = Payment { method: PayMethod::Upi, outcome };
        control::pay(&mut app.state(), id, payment).map(drop).map_err(|problem| problem.to_string())
    };
    let done =
        |happened: bool| happened.then_some(()).ok_or_else(|| format!("`{id}` is not in a state for that"));
    match act {
        "pay" => pay(PayOutcome::Success),
        "decline" => pay(PayOutcome::Failed),
        "expire" => done(app.state().expire_order(id)),
        "dispute" => done(disputes::raise(&mut app.state(), id).is_some()),
        "settle" => {
            settlements::settle(&mut app.state());
            Ok(())
        }
        "advance_a_day" => {
            advance::advance(&mut app.state(), DAY);
            Ok(())
        }
        "seed" => control::plant(&mut app.state(), 8).map(drop).map_err(|problem| problem.to_string()),
        "reset" => {
            app.reset();
            Ok(())
        }
        "resend" => done(id.parse().is_ok_and(|id| app.state().outbox.resend(id))),
        _ => Err(format!("the dashboard has no button `{act}`")),
    }
}
