//! Terminals: payments taken in person, with a phone or a soundbox.

use crate::types::{
    CreateTerminal, CreateTerminalTransaction, DemapSoundboxVpa, DemapSoundboxVpaParts, ListTerminalPayments,
    OnboardSoundboxVpa, RequestedTerminalStatus, SoundboxVpa, Terminal, TerminalDocument, TerminalPayment,
    TerminalQrCode, TerminalTransaction, UpdateSoundboxVpa, UpdateTerminal, UpdateTerminalReply,
    UpdateTerminalStatus, UploadTerminalDocument,
};
use crate::{Call, CfTerminalId, Client, operations};

/// Terminals (softPOS): an agent or a counter that takes payments in person.
///
/// A terminal is `DOCS_AWAITED` once it is registered; with its documents it is `PROVISIONALLY_ACTIVE`, then
/// `ACTIVE`; it can be made `INACTIVE` and `ACTIVE` again. Keep the `cf_terminal_id` of the answer: most
/// operations ask for it. A soundbox, which announces payments aloud, is coupled with a terminal's UPI
/// address.
#[derive(Clone, Debug)]
pub struct Terminals {
    pub(super) client: Client,
}

impl Terminals {
    /// Registers a terminal (`SposCreateTerminal`). Its phone number has exactly ten digits, the `terminal_id`
    /// is yours, of 3 to 100 characters.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable; 409 when there is such a terminal, perhaps this very one
    /// ([`Error::effect`](crate::Error::effect)): read it by its phone with [`get`](Terminals::get).
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{CreateTerminal, CreateTerminalParts, TerminalType};
    ///
    /// let (phone, email) = ("9876543214", "counter@shop.example");
    /// let counter = CreateTerminal::new(CreateTerminalParts {
    ///     terminal_id: "counter_1".into(),
    ///     terminal_phone_no: phone.into(),
    ///     terminal_name: "Counter 1".into(),
    ///     terminal_email: email.into(),
    ///     terminal_type: TerminalType::Storefront,
    /// });
    /// let terminal = client.terminals().create(counter).await?;
    /// println!("{:?} is {:?}", terminal.cf_terminal_id, terminal.terminal_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, terminal: CreateTerminal) -> Call<Terminal> {
        self.client.call(&operations::SPOS_CREATE_TERMINAL, terminal, |api, terminal| {
            Box::pin(async move { api.spos_create_terminal(&terminal).await })
        })
    }

    /// Reads a terminal by its phone number of ten digits (`SposFetchTerminal`); by its id it can't be read.
    ///
    /// # Errors
    /// 404 when there is no such terminal.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let terminal = client.terminals().get("9876543214").await?;
    /// println!("{:?}", terminal.terminal_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, phone: impl Into<String>) -> Call<Terminal> {
        self.client.call(&operations::SPOS_FETCH_TERMINAL, phone.into(), |api, phone| {
            Box::pin(async move { api.spos_fetch_terminal(&phone).await })
        })
    }

    /// Changes a terminal's type or contact (`SposUpdateTerminal`). The type is always sent; what else is
    /// left out stays as it is. The answer is a list.
    ///
    /// # Errors
    /// 404 when there is no such terminal; 400 names the member that is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{TerminalType, UpdateTerminal};
    ///
    /// let update = UpdateTerminal::new(TerminalType::Agent).terminal_email("agent@shop.example");
    /// client.terminals().update("123344", update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(
        &self,
        terminal: impl Into<CfTerminalId>,
        update: UpdateTerminal,
    ) -> Call<Vec<UpdateTerminalReply>> {
        self.client.call(&operations::SPOS_UPDATE_TERMINAL, (terminal.into(), update), |api, arguments| {
            Box::pin(async move {
                let (terminal, update) = arguments.as_ref();
                api.spos_update_terminal(terminal, update).await
            })
        })
    }

    /// Switches a terminal on or off (`SposUpdateTerminalStatus`). Go by the state in the answer: it may be
    /// another one, as long as documents are awaited.
    ///
    /// # Errors
    /// 404 when there is no such terminal.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::RequestedTerminalStatus;
    ///
    /// let off = RequestedTerminalStatus::Inactive;
    /// let reply = client.terminals().update_status("123344", off).await?;
    /// println!("{:?}", reply.first().and_then(|terminal| terminal.terminal_status.as_ref()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_status(
        &self,
        terminal: impl Into<CfTerminalId>,
        status: impl Into<RequestedTerminalStatus>,
    ) -> Call<Vec<UpdateTerminalReply>> {
        self.client.call(
            &operations::SPOS_UPDATE_TERMINAL_STATUS,
            (terminal.into(), UpdateTerminalStatus::new(status)),
            |api, arguments| {
                Box::pin(async move {
                    let (terminal, update) = arguments.as_ref();
                    api.spos_update_terminal_status(terminal, update).await
                })
            },
        )
    }

    /// Hands in a document of a terminal (`SposUploadTerminalDocs`), one call for each kind. The file goes
    /// as text within JSON; how it is to be encoded is not documented.
    ///
    /// # Errors
    /// 404 when there is no such terminal; 400 names the member that is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client, file: String) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{TerminalDocumentType, UploadTerminalDocument, UploadTerminalDocumentParts};
    ///
    /// let photograph = UploadTerminalDocument::new(UploadTerminalDocumentParts {
    ///     doc_type: TerminalDocumentType::Photograph,
    ///     doc_value: "front".into(),
    ///     file: file.into(),
    /// });
    /// client.terminals().upload_document("123344", photograph).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_document(
        &self,
        terminal: impl Into<CfTerminalId>,
        document: UploadTerminalDocument,
    ) -> Call<Vec<TerminalDocument>> {
        self.client.call(
            &operations::SPOS_UPLOAD_TERMINAL_DOCS,
            (terminal.into(), document),
            |api, arguments| {
                Box::pin(async move {
                    let (terminal, document) = arguments.as_ref();
                    api.spos_upload_terminal_docs(terminal, document).await
                })
            },
        )
    }

    /// Reads the static QR codes of a terminal (`SposFetchTerminalQRCodes`). The document asks for the id
    /// and for the phone number of ten digits. The list is not paged.
    ///
    /// # Errors
    /// 404 when there is no such terminal.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// for code in client.terminals().list_qr_codes("123344", "9876543214").await?.iter() {
    ///     println!("{:?}: {:?}", code.bank, code.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_qr_codes(
        &self,
        terminal: impl Into<CfTerminalId>,
        phone: impl Into<String>,
    ) -> Call<Vec<TerminalQrCode>> {
        self.client.call(
            &operations::SPOS_FETCH_TERMINAL_QR_CODES,
            (terminal.into(), phone.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (terminal, phone) = arguments.as_ref();
                    api.spos_fetch_terminal_qr_codes(terminal, phone).await
                })
            },
        )
    }

    /// Begins the payment of an order at a terminal, by a QR code or a link
    /// (`SposCreateTerminalTransaction`). The order is named by Cashfree's id of it; the terminal by its id
    /// or its phone number. The outcome is read with [`Payments::list`](crate::api::Payments::list), or told
    /// by webhook.
    ///
    /// # Errors
    /// 404 when there is no such order or terminal; 400 names the member that is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use cashfree::types::{CreateTerminalTransaction, TerminalPaymentMethod};
    ///
    /// let order = client.orders().get("order_1").await?;
    /// let order = order.cf_order_id.clone();
    /// let by_code =
    ///     CreateTerminalTransaction::new(order, TerminalPaymentMethod::QrCode).cf_terminal_id("123344");
    /// let begun = client.terminals().create_transaction(by_code).await?;
    /// println!("{:?} until {:?}", begun.qrcode, begun.timeout);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_transaction(&self, transaction: CreateTerminalTransaction) -> Call<TerminalTransaction> {
        self.client.call(&operations::SPOS_CREATE_TERMINAL_TRANSACTION, transaction, |api, transaction| {
            Box::pin(async move { api.spos_create_terminal_transaction(&transaction).await })
        })
    }

    /// Finds the payment at a terminal by the bank's reference (UTR), the one that a payer shows on the phone
    /// (`SposFetchTerminalTransaction`).
    ///
    /// # Errors
    /// 404 when there is no such payment.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// let payment = client.terminals().get_payment("123344", "016381042887").await?;
    /// println!("{:?}: {:?}", payment.payment_status, payment.payment_amount);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_payment(
        &self,
        terminal: impl Into<CfTerminalId>,
        utr: impl Into<String>,
    ) -> Call<TerminalPayment> {
        self.client.call(
            &operations::SPOS_FETCH_TERMINAL_TRANSACTION,
            (terminal.into(), utr.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (terminal, utr) = arguments.as_ref();
                    api.spos_fetch_terminal_transaction(terminal, utr).await
                })
            },
        )
    }

    /// Looks up payments at terminals, by time, terminal, state and method
    /// (`SposFetchTerminalTransactions`). The pages have numbers, beginning with 1; nothing marks the last one, so ask for
    /// the next number until a page has fewer payments than `page_size`. What a payment holds is
    /// not documented, so each is free JSON. The operation was published for a later version of the API and
    /// may not be served for this one.
    ///
    /// # Errors
    /// 400 names the member that is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{ListTerminalPayments, TerminalFilters, TerminalPagination};
    ///
    /// let query = ListTerminalPayments::new()
    ///     .filter(TerminalFilters::new().terminal_phone_no("9876543214").payment_status("SUCCESS"))
    ///     .pagination(TerminalPagination::new().page_number(1).page_size(50));
    /// println!("{}", client.terminals().list_payments(query).await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_payments(&self, query: ListTerminalPayments) -> Call<Vec<serde_json::Value>> {
        self.client.call(&operations::SPOS_FETCH_TERMINAL_TRANSACTIONS, query, |api, query| {
            Box::pin(async move { api.spos_fetch_terminal_transactions(&query).await })
        })
    }

    /// Couples a soundbox with a terminal's UPI address (`SposOnboardSoundboxVpa`): it announces the
    /// payments to that address aloud.
    ///
    /// # Errors
    /// 404 when there is no such terminal; 409 when the device is coupled already; 400 names the member that
    /// is not acceptable.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{OnboardSoundboxVpa, OnboardSoundboxVpaParts};
    ///
    /// let device = OnboardSoundboxVpa::new(OnboardSoundboxVpaParts {
    ///     vpa: "counter@upi".into(),
    ///     cf_terminal_id: "123344".into(),
    ///     device_serial_no: "SB-0007".into(),
    /// })
    /// .language("English");
    /// client.terminals().onboard_soundbox(device).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn onboard_soundbox(&self, soundbox: OnboardSoundboxVpa) -> Call<SoundboxVpa> {
        self.client.call(&operations::SPOS_ONBOARD_SOUNDBOX_VPA, soundbox, |api, soundbox| {
            Box::pin(async move { api.spos_onboard_soundbox_vpa(&soundbox).await })
        })
    }

    /// Changes the name or the language of a coupled soundbox (`SposUpdateSoundboxVpa`). The terminal is the
    /// one that the request names.
    ///
    /// # Errors
    /// 404 when no soundbox is coupled.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::{UpdateSoundboxVpa, UpdateSoundboxVpaParts};
    ///
    /// let update = UpdateSoundboxVpa::new(UpdateSoundboxVpaParts {
    ///     vpa: "counter@upi".into(),
    ///     cf_terminal_id: "123344".into(),
    /// })
    /// .language("Hindi");
    /// client.terminals().update_soundbox(update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_soundbox(&self, update: UpdateSoundboxVpa) -> Call<SoundboxVpa> {
        self.client.call(&operations::SPOS_UPDATE_SOUNDBOX_VPA, update, |api, update| {
            Box::pin(async move {
                // The terminal stands in the path and in the body; they must be the same.
                api.spos_update_soundbox_vpa(&update.cf_terminal_id, &update).await
            })
        })
    }

    /// Undoes the coupling of a soundbox with a terminal (`SposDemapSoundboxVpa`): it announces nothing any
    /// more.
    ///
    /// # Errors
    /// 404 when there is no such terminal or device.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// client.terminals().demap_soundbox("123344", "SB-0007").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn demap_soundbox(
        &self,
        terminal: impl Into<CfTerminalId>,
        device_serial_no: impl Into<String>,
    ) -> Call<Vec<SoundboxVpa>> {
        let body = DemapSoundboxVpa::new(DemapSoundboxVpaParts {
            cf_terminal_id: terminal.into(),
            device_serial_no: device_serial_no.into(),
        });
        self.client.call(&operations::SPOS_DEMAP_SOUNDBOX_VPA, body, |api, body| {
            Box::pin(async move { api.spos_demap_soundbox_vpa(&body).await })
        })
    }

    /// Reads what a soundbox is coupled with (`SposFetchTerminalSoundboxVpa`). The document asks for the
    /// terminal and for the device. The list is not paged.
    ///
    /// # Errors
    /// 404 when there is nothing of the kind.
    ///
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// for coupling in client.terminals().list_soundboxes("123344", "SB-0007").await?.iter() {
    ///     println!("{:?} speaks {:?}", coupling.device_serial_no, coupling.language);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_soundboxes(
        &self,
        terminal: impl Into<CfTerminalId>,
        device_serial_no: impl Into<String>,
    ) -> Call<Vec<SoundboxVpa>> {
        self.client.call(
            &operations::SPOS_FETCH_TERMINAL_SOUNDBOX_VPA,
            (terminal.into(), device_serial_no.into()),
            |api, arguments| {
                Box::pin(async move {
                    let (terminal, device) = arguments.as_ref();
                    api.spos_fetch_terminal_soundbox_vpa(terminal, device).await
                })
            },
        )
    }
}
