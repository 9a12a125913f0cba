//! Plans: terms that subscriptions refer to. A periodic plan says how much is debited and how often; one
//! on demand only how much at most.

use crate::domain::call::{About, Call};
use crate::domain::model::plans::Terms;
use crate::domain::state::State;
use crate::http::errors::{JsonResponse, Outcome, Refusal};
use crate::records::Change;

pub(crate) fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let plan_id = call.body["plan_id"].as_str().unwrap_or_default();
    if state.plans.0.contains_key(plan_id) {
        return Err(Refusal::conflict("plan_already_exists", "there is a plan with this plan_id"));
    }
    let terms = Terms::read(call.body, "plan_recurring_amount", "")?;
    let response = terms.to_json().clone();
    state.plans.0.insert(plan_id.to_owned(), terms);
    state.commit(call, Change::PlanCreated, About { other_id: Some(plan_id), ..About::default() });
    Ok(JsonResponse::ok(response))
}

pub(crate) fn fetch(state: &State, call: &Call<'_>) -> Outcome {
    state.plans.find(call.path("plan_id")).map(|terms| JsonResponse::ok(terms.to_json().clone()))
}
