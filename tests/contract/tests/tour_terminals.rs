//! Terminals and soundboxes, from the registration to a payment over the counter.

use anyhow::{Context, Result, ensure};
use cashfree::CfPaymentId;
use cashfree::types::{
    CreateTerminal, CreateTerminalParts, ListTerminalPayments, PaymentMethod, PaymentStatus,
    RequestedTerminalStatus, TerminalDocumentType, TerminalFilters, TerminalPagination,
    TerminalPaymentMethod, TerminalStatus, TerminalType, UpdateTerminal, UploadTerminalDocument,
    UploadTerminalDocumentParts,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Shop, amount, requests};

const PHONE: &str = "9876543210";

/// Submits the form of the payer's page, which pays.
async fn pay(shop: &Shop, path: &str) -> Result<()> {
    let mut line = TcpStream::connect(shop.sandbox.address()).await?;
    let form = "outcome=success";
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{form}",
        form.len()
    );
    line.write_all(request.as_bytes()).await?;
    let mut response = String::new();
    line.read_to_string(&mut response).await?;
    ensure!(response.starts_with("HTTP/1.1 200 "), "{response}");
    Ok(())
}

pub(crate) async fn tour(shop: &Shop) -> Result<()> {
    let terminals = shop.client.terminals();
    let email = "counter@shop.example";
    let counter = CreateTerminal::new(CreateTerminalParts {
        terminal_id: "counter_1".into(),
        terminal_phone_no: PHONE.into(),
        terminal_name: "Counter 1".into(),
        terminal_email: email.into(),
        terminal_type: TerminalType::Storefront,
    });
    let created = terminals.create(counter).await?;
    assert_eq!(created.terminal_status, Some(TerminalStatus::DocsAwaited));
    let id = created.cf_terminal_id.clone().context("no id")?;
    for kind in [TerminalDocumentType::Addressproof, TerminalDocumentType::Photograph] {
        let document = UploadTerminalDocument::new(UploadTerminalDocumentParts {
            doc_type: kind,
            doc_value: "front".into(),
            file: "aGVsbG8=".into(),
        });
        terminals.upload_document(id.clone(), document).await?;
    }
    let read = terminals.get(PHONE).await?;
    assert_eq!(read.terminal_status, Some(TerminalStatus::ProvisionallyActive));
    assert_eq!(read.terminal_id.as_deref(), Some("counter_1"));
    let changed = UpdateTerminal::new(TerminalType::Agent).terminal_email("agent@shop.example");
    let changed = terminals.update(id.clone(), changed).await?;
    assert_eq!(
        changed.first().and_then(|terminal| terminal.terminal_type.clone()),
        Some(TerminalType::Agent)
    );
    let on = terminals.update_status(id.clone(), RequestedTerminalStatus::Active).await?;
    assert_eq!(
        on.first().and_then(|terminal| terminal.terminal_status.clone()),
        Some(TerminalStatus::Active)
    );
    let codes = terminals.list_qr_codes(id.clone(), PHONE).await?;
    let url = codes.first().and_then(|code| code.qr_code_url.as_deref()).context("no code")?;
    let (_, vpa) = url.split_once("&pa=").context("no address")?;

    let device = requests::soundbox(vpa, id.as_str())?.language("English");
    let coupled = terminals.onboard_soundbox(device).await?;
    assert_eq!(coupled.cf_terminal_id, Some(id.clone()));
    let update = requests::soundbox_update(vpa, id.as_str())?.language("Hindi");
    assert_eq!(terminals.update_soundbox(update).await?.language.as_deref(), Some("Hindi"));
    let boxes = terminals.list_soundboxes(id.clone(), "SB-0007").await?;
    assert_eq!(boxes.first().and_then(|known| known.language.as_deref()), Some("Hindi"));
    assert_eq!(terminals.demap_soundbox(requests::terminal(id.as_str())?, "SB-0007").await?.len(), 1);

    let mut paid = Vec::new();
    for order_id in ["counter_order_1", "counter_order_2"] {
        let order = shop.order(order_id, "22.12").await?;
        let number = order.cf_order_id.clone();
        let begin = requests::counter_payment(number, TerminalPaymentMethod::Link, id.as_str())?;
        let begun = terminals.create_transaction(begin).await?;
        assert_eq!(begun.payment_amount, Some(amount("22.12")?));
        paid.push(begun.cf_payment_id.clone().context("no payment")?);
        let payments = shop.client.payments().list(order_id).await?;
        let status = payments.first().map(|payment| payment.payment_status.clone());
        assert_eq!(status, Some(PaymentStatus::Pending));
    }
    let begun = paid.first().context("none")?;
    pay(shop, &format!("/pg/view/sessions/checkout/{}", begun.as_str())).await?;
    let payment = shop.client.payments().get("counter_order_1", begun.clone()).await?;
    let utr = payment.bank_reference.clone().context("no reference")?;
    let found = terminals.get_payment(id.clone(), utr).await?;
    assert_eq!(found.payment_amount, Some(amount("22.12")?));
    ensure!(matches!(found.payment_method, Some(PaymentMethod::Upi(_))), "{found:?}");

    let page = |number: i64| {
        let filter = TerminalFilters::new().terminal_phone_no(PHONE);
        let page = TerminalPagination::new().page_number(number).page_size(1);
        terminals.list_payments(ListTerminalPayments::new().filter(filter).pagination(page))
    };
    for (number, expected) in [(1, paid.first()), (2, paid.get(1)), (3, None)] {
        let listed = page(number).await?;
        let ids: Vec<CfPaymentId> = listed.iter().map(requests::payment_id).collect::<Result<_>>()?;
        assert_eq!(ids.first(), expected);
    }
    Ok(())
}
