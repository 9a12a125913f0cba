//! What settlements, reconciliation, simulation, downtimes and utilities put on the wire, and what they
//! make of the responses that the document shows.

use anyhow::{Context, Result};
use cashfree::api::DowntimeFilter;
use cashfree::types::{
    DateRange, DateRangeParts, IncidentImpactFilter, IncidentMethodFilter, IncidentPaymentMethod,
    IncidentStatus, IncidentStatusFilter, IncidentType, IncidentTypeFilter, MarkForSettlement,
    MarkForSettlementMetaData, PaymentOutcome, PlainCard, PlainCardParts, SettlementFilter,
    SimulateSettlement, SimulatedPaymentStatus, SimulatedSettlementError, SimulatedSettlementStatus,
    SplitOrderReconFilter, VendorReconFilter,
};
use cashfree::{Call, Cursor, Environment, Error, ErrorKind, IdempotencyKey, Page, Response, Timestamp};

use crate::canned::{Canned, printed};
use crate::{amount, failure, requests};

const CURSOR: &str =
    "eyJzZWFyY2hBZnRlciI6eyJsaXN0IjpbMTg4NjcxNDVdLCJlbXB0eSI6ZmFsc2V9LCJyZWNvbkFQSVR5cGUiOiJMRURHRVIifQ==";

#[derive(Default)]
struct Scene {
    service: Canned,
}

impl Scene {
    /// Sends a call, and holds its request against the snapshot of this name.
    async fn shot<T: Send + 'static>(
        &mut self,
        variant: &str,
        call: Call<T>,
        (status, body): (u16, &str),
    ) -> Result<Response<T>> {
        let operation = call.operation().id;
        self.service.respond(status, body);
        let call = call.idempotency_key(IdempotencyKey::new("key-1")?).request_id("request-1");
        let response = call.await.with_context(|| format!("{operation} {variant}"))?;
        let name = if variant.is_empty() { operation.to_owned() } else { format!("{operation}-{variant}") };
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path("snapshots/wire");
        let request = self.service.only()?;
        settings.bind(|| insta::assert_snapshot!(name, printed(&request)));
        Ok(response)
    }
}

const SETTLEMENT: &str = r#"{"cf_payment_id": "553338", "order_id": "order-12-127", "entity": "settlement",
    "order_amount": 100, "payment_time": "2021-07-13T13:13:59+05:30", "service_charge": 10,
    "service_tax": 1.8, "settlement_amount": 88.2, "settlement_currency": "INR", "transfer_id": null,
    "transfer_time": null, "transfer_utr": null}"#;

#[tokio::test]
async fn settlements_are_as_they_were_reviewed() -> Result<()> {
    let mut scene = Scene::default();
    let client = scene.service.client()?;

    let details = MarkForSettlementMetaData::new().cbriks_id("CBRIKS_004").settlement_date("2024-05-01");
    let mark = client.settlements().mark(MarkForSettlement::new("order_1", details));
    let response = scene.shot("", mark, (202, "{}")).await?;
    assert_eq!(response.meta().status(), 202);

    let settlement = scene.shot("", client.settlements().get("order-12-127"), (200, SETTLEMENT)).await?;
    assert_eq!(settlement.settlement_amount, Some(amount("88.2")?));
    assert_eq!(settlement.transfer_utr, None);

    let filter = SettlementFilter::new().start_date("2022-07-20T00:00:00Z").end_date("2022-07-21T23:59:59Z");
    let list = client.settlements().list(filter).page_size(10);
    let page = format!(r#"{{"cursor": "{CURSOR}", "limit": 10, "data": [{SETTLEMENT}, {SETTLEMENT}]}}"#);
    let page = scene.shot("", list.call(), (200, &page)).await?;
    assert_eq!(page.items.len(), 2);
    assert_eq!(page.next.as_ref().map(Cursor::as_str), Some(CURSOR));
    let by_id = SettlementFilter::new().cf_settlement_ids(vec!["4234233".to_owned()]);
    let next = client.settlements().list(by_id).from_cursor(page.next.clone());
    // As declared: one settlement, no page.
    let lone = scene.shot("next", next.call(), (200, SETTLEMENT)).await?;
    assert_eq!(lone.items, [settlement.into_inner()]);
    assert_eq!(lone.next, None);
    // A report without rows is one only with the marks of a page.
    scene.service.respond(200, r#"{"cursor": null, "limit": 10, "data": []}"#);
    let page = list.clone().await?;
    assert!(page.items.is_empty() && page.next.is_none());
    Ok(())
}

async fn reconciliations(scene: &mut Scene) -> Result<()> {
    let client = scene.service.client()?;
    let days = || {
        DateRange::new(DateRangeParts {
            start_date: "2022-07-20T00:00:00Z".into(),
            end_date: "2022-07-21T23:59:59Z".into(),
        })
    };
    // The fields of an event stand in the row, in a later version below it.
    let ledger = r#"{"cursor": "cursor-uid", "limit": 9, "data": [{"cf_settlement_id": "45406",
        "event_amount": 3067.26, "event_type": "DISPUTE_REVERSAL", "event_id": "272", "entity": "recon",
        "event_details": {"event_amount": 3067.26},
        "payment_group": "CREDIT_CARD", "customer_phone": "8281554863", "settlement_date": null}]}"#;
    let payments = client.recon().payments(days()).page_size(10);
    let page = scene.shot("", payments.call(), (200, ledger)).await?;
    assert_eq!((page.limit, page.items.len()), (Some(9), 1));
    assert_eq!(requests::event(&page.items[0])?.1, Some(amount("3067.26")?));
    let next = payments.from_cursor(Cursor::from(CURSOR));
    scene.shot("next", next.call(), (200, ledger)).await?;

    let filter = requests::of_settlement("UTR7")?;
    let nested = r#"{"cursor": "cursor", "limit": 7, "data": [{"event_details": {"event_id": "1",
        "event_service_charge": null},
        "payment_details": {"payment_amount": null, "bank_reference": 210396}}]}"#;
    let page = scene.shot("", client.recon().settlements(filter).call(), (200, nested)).await?;
    let payment = page.items[0].payment_details.as_ref().context("details")?;
    assert_eq!(payment.bank_reference.as_deref(), Some("210396"));

    let filter = VendorReconFilter::new()
        .merchant_vendor_id("vendor_1")
        .start_date("2024-09-01T00:00:00Z")
        .end_date("2024-09-30T23:59:59Z");
    let vendors = r#"{"cursor": null, "data": [{"amount": 200, "settlement_id": 10253, "settled": true,
        "fee": "NA", "entity_id": "885568174", "type": "transaction", "credit": "200.0", "debit": "NA"}],
        "limit": 3}"#;
    let page = scene.shot("", client.recon().vendors(filter).call(), (200, vendors)).await?;
    assert_eq!((page.items.len(), page.next.as_ref()), (1, None));

    let filter = SplitOrderReconFilter::new().order_ids(vec!["order_1".to_owned()]);
    let orders = r#"{"cursor": null, "data": [{"amount": 900000, "merchant_order_id": "order_1",
        "tx_time": "2024-01-08 17:00:00", "settled": "NO", "merchant_settlement_utr": "N/A",
        "entity_type": "transaction", "merchant_vendor_commission": "810000.00"}], "limit": 10}"#;
    let split = client.recon().split_orders(filter);
    let page = scene.shot("", split.call(), (200, orders)).await?;
    assert_eq!(page.items[0].amount, Some(amount("900000")?));
    scene.shot("next", split.from_cursor(Cursor::from("c2")).call(), (200, orders)).await?;
    Ok(())
}

async fn simulations(scene: &mut Scene) -> Result<()> {
    let simulation = scene.service.client()?.simulation();
    let outcome =
        PaymentOutcome::new(SimulatedPaymentStatus::Failed).payment_error_code("ISSUER_NOT_AVAILABLE");
    let payment = requests::simulated("4129000001", &outcome)?;
    let made = r#"{"simulation_id": "sim_1", "entity": "PAYMENTS", "entity_id": "4129000001",
        "entity_simulation": {"payment_status": "FAILED", "payment_error_code": "ISSUER_NOT_AVAILABLE"}}"#;
    let response = scene.shot("", simulation.simulate_payment(payment), (200, made)).await?;
    let id = response.simulation_id.clone().context("an id")?;
    let read = scene.shot("", simulation.get_payment(&id), (200, made)).await?;
    assert_eq!(*read, *response);

    let settlement = SimulateSettlement::new(SimulatedSettlementStatus::Failed)
        .merchant_order_ids(vec!["order_1".to_owned()])
        .error_reason(
            SimulatedSettlementError::DueToSomeTechnicalIssuesYourAmountWillBeSettledInTheNextSettlementCycle,
        );
    let made = r#"{"simulation_id": "sim_2", "entity": "SETTLEMENTS", "settlement_ids": ["7", 8],
        "simulation_status": "SUCCESS"}"#;
    let response = scene.shot("", simulation.simulate_settlement(settlement), (200, made)).await?;
    assert_eq!(response.settlement_ids, ["7", "8"]);
    let timed = SimulateSettlement::new(SimulatedSettlementStatus::Success).txn_time("2025-07-20 10:00:00");
    scene.shot("by-time", simulation.simulate_settlement(timed), (200, made)).await?;
    scene.shot("", simulation.get_settlement("sim_2"), (200, made)).await?;
    Ok(())
}

async fn incidents(scene: &mut Scene) -> Result<()> {
    let downtimes = scene.service.client()?.downtimes();
    let one = r#"{"incident_id": "incident_1", "incident_impact": "MEDIUM", "incident_end_time": null,
        "incident_start_time": "2025-04-15T08:00:00Z", "incident_status": "OPEN", "incident_type": "SCHEDULED",
        "payment_method": {"wallet": {"wallet_issuer": ["Mobikwik"]}}}"#;
    let list = format!(r#"{{"count": 1, "incidents": [{one}]}}"#);
    let response = scene.shot("", downtimes.list(DowntimeFilter::new()), (200, &list)).await?;
    assert_eq!(response.count, Some(1));
    let filter = DowntimeFilter::new()
        .id("incident_1")
        .status(IncidentStatusFilter::Active)
        .status(IncidentStatusFilter::Resolved)
        .impact(IncidentImpactFilter::High)
        .incident_type(IncidentTypeFilter::Unscheduled)
        .payment_method(IncidentMethodFilter::Upi)
        .payment_method(IncidentMethodFilter::NetBanking)
        .start_time("2024-06-01 14:00:00")
        .end_time("2024-06-02 14:00:00");
    scene.shot("filtered", downtimes.list(filter), (200, r#"{"count": 0, "incidents": []}"#)).await?;
    let incident = scene.shot("", downtimes.get("incident_1"), (200, one)).await?;
    assert_eq!(*incident, response.incidents[0]);
    assert_eq!(incident.incident_status, Some(IncidentStatus::Open));
    assert_eq!(incident.incident_type, Some(IncidentType::Scheduled));
    assert_eq!(incident.incident_end_time.as_ref().map(Timestamp::as_str), None);
    assert!(matches!(incident.payment_method, Some(IncidentPaymentMethod::Wallet(_))));
    Ok(())
}

#[tokio::test]
async fn every_operation_is_as_it_was_reviewed() -> Result<()> {
    let mut scene = Scene::default();
    reconciliations(&mut scene).await?;
    simulations(&mut scene).await?;
    incidents(&mut scene).await?;
    let utilities = scene.service.client()?.utilities();
    let card = PlainCard::new(PlainCardParts {
        card_number: "4706131211212123".into(),
        card_cvv: "123".into(),
        card_expiry_mm: "03".into(),
        card_expiry_yy: "28".into(),
    });
    let par = scene.shot("", utilities.get_par(card), (200, r#"{"par": "V0010"}"#)).await?;
    assert_eq!(par.par.as_deref(), Some("V0010"));
    let bin = r#"{"bank_name": "canara bank", "country_code": "in", "scheme": "visa", "sub_type": "retail",
        "type": "credit"}"#;
    let bin = scene.shot("", utilities.get_card_bin("4706131211212123"), (200, bin)).await?;
    assert_eq!(bin.scheme.as_deref(), Some("visa"));
    Ok(())
}

#[tokio::test]
async fn production_has_no_simulation() -> Result<()> {
    let named = Environment::custom("https://api.cashfree.com/pg/")?;
    for environment in [Environment::Production, named] {
        let service = Canned::default();
        let simulation = service.client_in(environment)?.simulation();
        let outcome = PaymentOutcome::new(SimulatedPaymentStatus::Success);
        let payment = requests::simulated("1", &outcome)?;
        let settlement = SimulateSettlement::new(SimulatedSettlementStatus::Success);
        let errors: [Error; 4] = [
            failure(simulation.simulate_payment(payment).await)?,
            failure(simulation.get_payment("sim_1").await)?,
            failure(simulation.simulate_settlement(settlement).await)?,
            failure(simulation.get_settlement("sim_1").await)?,
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Request, "{error}");
            assert_eq!(error.effect(), cashfree::Effect::NotSent);
            assert!(error.to_string().contains("production has no simulation"), "{error}");
        }
        assert!(service.taken().is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn a_page_has_its_metadata() -> Result<()> {
    let service = Canned::default();
    service.respond(200, r#"{"data": []}"#);
    let range = DateRange::new(DateRangeParts {
        start_date: "2022-07-20T00:00:00Z".into(),
        end_date: "2022-07-21T23:59:59Z".into(),
    });
    let page: Response<Page<_>> = service.client()?.recon().payments(range).await?;
    assert_eq!(page.meta().status(), 200);
    assert_eq!(page.body().as_ref(), br#"{"data": []}"#);
    Ok(())
}
