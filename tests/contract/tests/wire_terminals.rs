//! What terminals and soundboxes put on the wire, and how their responses are read.

use anyhow::Result;
use cashfree::types::{
    CreateTerminal, CreateTerminalParts, ListTerminalPayments, PaymentMethod, RequestedTerminalStatus,
    TerminalDocumentType, TerminalFilters, TerminalMeta, TerminalPagination, TerminalPaymentMethod,
    TerminalStatus, TerminalType, UpdateTerminal, UploadTerminalDocument, UploadTerminalDocumentParts,
};

use crate::shelf::Shelf;
use crate::{amount, requests};

const TERMINAL: &str = r#"{"added_on": "023-10-12T11:12:39+05:30", "cf_terminal_id": 1838,
    "terminal_id": "counter_1", "terminal_meta": {"terminal_operator": "dev test"},
    "terminal_name": "Counter 1", "terminal_phone_no": 9876543214, "terminal_status": "DOCS_AWAITED",
    "terminal_type": "STOREFRONT"}"#;

const TERMINALS: &str = r#"[{"cf_terminal_id": 1838, "terminal_status": "PROVISIONALLY_ACTIVE"}]"#;

const SOUNDBOX: &str = r#"{"vpa": "counter@sim", "cf_terminal_id": 3708, "device_serial_no": "SB-0007",
    "merchant_name": "merchant-test", "language": "English"}"#;

const SOUNDBOXES: &str = r#"[{"vpa": "counter@sim", "cf_terminal_id": 3708, "device_serial_no": "SB-0007"}]"#;

#[tokio::test]
async fn terminals_are_as_they_were_reviewed() -> Result<()> {
    let mut shelf = Shelf::open()?;
    let terminals = shelf.client.terminals();

    let (phone, email) = ("9876543214", "counter@shop.example");
    let counter = CreateTerminal::new(CreateTerminalParts {
        terminal_id: "counter_1".into(),
        terminal_phone_no: phone.into(),
        terminal_name: "Counter 1".into(),
        terminal_email: email.into(),
        terminal_type: TerminalType::Storefront,
    })
    .terminal_address("1, High Street")
    .terminal_note("by the door")
    .terminal_meta(TerminalMeta::new().terminal_operator("A. Clerk"));
    let created = shelf.shot("", terminals.create(counter), TERMINAL).await?;
    assert_eq!(created.cf_terminal_id.as_ref().map(|id| id.as_str()), Some("1838"));
    let read = shelf.shot("", terminals.get("9876543214"), TERMINAL).await?;
    assert_eq!(read.terminal_status, Some(TerminalStatus::DocsAwaited));
    assert_eq!(read.terminal_phone_no.as_deref(), Some("9876543214"));
    let update = UpdateTerminal::new(TerminalType::Agent).terminal_email("agent@shop.example");
    shelf.shot("", terminals.update("1838", update), TERMINALS).await?;
    let off = terminals.update_status("1838", RequestedTerminalStatus::Inactive);
    let response = shelf.shot("", off, TERMINALS).await?;
    let status = response.first().and_then(|terminal| terminal.terminal_status.clone());
    assert_eq!(status, Some(TerminalStatus::ProvisionallyActive));
    let photograph = UploadTerminalDocument::new(UploadTerminalDocumentParts {
        doc_type: TerminalDocumentType::Photograph,
        doc_value: "front".into(),
        file: "aGVsbG8=".into(),
    });
    let filed =
        r#"[{"cf_terminal_id": 1838, "doc_type": "PHOTOGRAPH", "doc_value": "front", "status": "NEW"}]"#;
    let filed = shelf.shot("", terminals.upload_document("1838", photograph), filed).await?;
    assert_eq!(filed.len(), 1);
    let codes = r#"[{"bank": "SIM", "qrCode": "data:image/png;base64,iVB", "qrCodeUrl": "upi://pay?cu=INR",
        "status": "ACTIVE"}]"#;
    let codes = shelf.shot("", terminals.list_qr_codes("1838", "9876543214"), codes).await?;
    assert_eq!(codes.first().and_then(|code| code.qr_code_url.as_deref()), Some("upi://pay?cu=INR"));

    let by_code = requests::counter_payment("2149460581", TerminalPaymentMethod::QrCode, "1838")?;
    let begun = r#"{"cf_payment_id": 42887, "payment_amount": 22.12, "payment_method": "QR_CODE",
        "payment_url": null, "qrcode": "data:image/png;base64,iVB", "timeout": "2022-04-01T13:10:00Z"}"#;
    let begun = shelf.shot("", terminals.create_transaction(by_code), begun).await?;
    assert_eq!(begun.payment_amount, Some(amount("22.12")?));
    assert_eq!(begun.payment_method, Some(TerminalPaymentMethod::QrCode));
    let payment = r#"{"cf_payment_id": "12376123", "payment_amount": 10.01, "payment_status": "SUCCESS",
        "payment_method": {"upi": {"channel": "collect", "upi_id": "rohit@xcxcx"}}, "error_details": null}"#;
    let payment = shelf.shot("", terminals.get_payment("1838", "016381042887"), payment).await?;
    assert!(matches!(payment.payment_method, Some(PaymentMethod::Upi(_))));
    let query = ListTerminalPayments::new()
        .filter(TerminalFilters::new().cf_terminal_id(1838).payment_status("SUCCESS"))
        .pagination(TerminalPagination::new().page_number(1).page_size(50));
    let page = shelf.shot("", terminals.list_payments(query), r#"[{"cf_payment_id": 1}]"#).await?;
    assert_eq!(page.len(), 1);

    let device = requests::soundbox("counter@sim", "3708")?.language("English");
    let coupled = shelf.shot("", terminals.onboard_soundbox(device), SOUNDBOX).await?;
    assert_eq!(coupled.cf_terminal_id.as_ref().map(|id| id.as_str()), Some("3708"));
    let update = requests::soundbox_update("counter@sim", "3708")?.merchant_name("Shop").language("Hindi");
    shelf.shot("", terminals.update_soundbox(update), SOUNDBOX).await?;
    let boxes = shelf.shot("", terminals.list_soundboxes("3708", "SB-0007"), SOUNDBOXES).await?;
    assert!(!format!("{boxes:?}").contains("counter@sim"));
    shelf.shot("", terminals.demap_soundbox(requests::terminal("3708")?, "SB-0007"), SOUNDBOXES).await?;
    Ok(())
}
