//! Downtimes: what is out of order at banks, networks and wallets. A test reports them, the API lists them.

use serde_json::{Value, json};

use crate::clock;
use crate::domain::call::Call;
use crate::domain::model::downtimes::{Downtime, Incident};
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::webhooks::events;

pub(crate) fn report(state: &mut State, downtime: Downtime) -> String {
    let now = state.clock.now();
    let (start, end) = downtime.announced.map_or((now, None), |(from, to)| (from, Some(to)));
    let digits: String = clock::with_space(now).chars().filter(char::is_ascii_digit).collect();
    let incident_id = format!("incident_{digits}{:06}", state.serial());
    let incident = Incident { incident_id: incident_id.clone(), downtime, start, end };
    state.send(events::downtimes::alerts(&incident.to_json(now), "OPEN"));
    state.downtimes.0.push(incident);
    incident_id
}

pub(crate) fn resolve(state: &mut State, incident_id: &str) -> bool {
    let now = state.clock.now();
    let incident = state.downtimes.0.iter_mut().find(|incident| incident.incident_id == incident_id);
    let Some(incident) = incident else {
        return false;
    };
    incident.end = Some(now);
    let entity = incident.to_json(now);
    state.send(events::downtimes::alerts(&entity, "RESOLVED"));
    true
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let bound = |name: &str| match call.query(name) {
        None => Ok(None),
        Some(text) => clock::parse(text).map(Some).ok_or_else(|| {
            Refusal::bad_request(&format!("{name}_invalid"), format!("{name} must be a time"))
        }),
    };
    let now = state.clock.now();
    let (from, to) = (bound("incident_start_time")?, bound("incident_end_time")?);
    let among = |name: &str, word: &str| {
        let words = call.query_list(name);
        words.is_empty() || words.iter().any(|known| known == word)
    };
    // Without a word on states, what is over is left out.
    let stands = |incident: &Incident| match call.query_list("incident_status") {
        [] => incident.status(now) != "RESOLVED",
        _ => among("incident_status", incident.status(now)),
    };
    let matching: Vec<Value> = state
        .downtimes
        .0
        .iter()
        .filter(|incident| {
            among("incident_id", &incident.incident_id)
                && among("incident_impact", incident.downtime.impact.word())
                && among("incident_type", incident.kind())
                && among("payment_method", incident.downtime.method)
                && stands(incident)
                && from.is_none_or(|from| incident.start >= from)
                && to.is_none_or(|to| incident.end.is_some_and(|end| end <= to))
        })
        .map(|incident| incident.to_json(now))
        .collect();
    Ok(JsonResponse::ok(json!({ "count": matching.len(), "incidents": matching })))
}

pub(crate) fn fetch(state: &mut State, call: &Call<'_>) -> Outcome {
    let incident = state.downtimes.0.iter().find(|incident| incident.incident_id == call.path("id"));
    incident
        .map(|incident| JsonResponse::ok(incident.to_json(state.clock.now())))
        .ok_or_else(|| Refusal::not_found("incident_not_found", "no incident has this id"))
}
