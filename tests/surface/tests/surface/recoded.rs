//! The table of `tests/recode` names the types that the model has.

use anyhow::{Result, ensure};
use recode::table;
use xtask::model::{Kind, Operation};

use crate::outcome;

#[test]
fn each_operation_is_decoded_as_its_types() -> Result<()> {
    let outcome = outcome()?;
    let operations = &outcome.model.operations;
    same("RESPONSES", table::RESPONSES, &response_types(operations))?;
    let requests = operations.iter().filter_map(|sent| Some((sent.id.clone(), sent.body.as_ref()?.short())));
    same("REQUESTS", table::REQUESTS, &requests.collect::<Vec<_>>())?;
    let events = outcome.events.iter().flat_map(|events| response_types(&events.model.operations));
    same("EVENTS", table::EVENTS, &events.collect::<Vec<_>>())
}

fn response_types(operations: &[Operation]) -> Vec<(String, String)> {
    let kind = |operation: &Operation| operation.answer.as_ref().map_or("Value".to_owned(), Kind::short);
    operations.iter().map(|operation| (operation.id.clone(), kind(operation))).collect()
}

fn same(name: &str, table: &[(&str, &str)], model: &[(String, String)]) -> Result<()> {
    let table: Vec<_> = table.iter().map(|(id, kind)| ((*id).to_owned(), (*kind).to_owned())).collect();
    for row in model {
        ensure!(table.contains(row), "{name} lacks `{} => {},`", row.0, row.1);
    }
    for row in &table {
        ensure!(model.contains(row), "{name} has a row too many: `{} => {},`", row.0, row.1);
    }
    Ok(())
}
