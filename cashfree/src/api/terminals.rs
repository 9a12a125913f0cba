//! Terminals and soundboxes.

use crate::types::{
    CreateTerminal, CreateTerminalTransaction, DemapSoundboxVpa, DemapSoundboxVpaParts, ListTerminalPayments,
    OnboardSoundboxVpa, RequestedTerminalStatus, SoundboxVpa, Terminal, TerminalDocument, TerminalPayment,
    TerminalQrCode, TerminalTransaction, UpdateSoundboxVpa, UpdateTerminal, UpdateTerminalResponse,
    UpdateTerminalStatus, UploadTerminalDocument,
};
use crate::{Call, CfTerminalId, Client, operations};

/// Terminals (softPOS): agents or counters that take payments in person.
///
/// - A terminal is `DOCS_AWAITED`, with its documents `PROVISIONALLY_ACTIVE`, then `ACTIVE`. It can be set `INACTIVE`
///   and `ACTIVE`.
/// - Keep `cf_terminal_id` of the response: most operations need it.
/// - A soundbox announces payments. It is mapped to the UPI address of a terminal.
#[derive(Clone, Debug)]
pub struct Terminals {
    pub(super) client: Client,
}

impl Terminals {
    /// Registers a terminal (`SposCreateTerminal`).
    ///
    /// The phone number has exactly ten digits. `terminal_id` is yours, 3 to 100 characters.
    ///
    /// Retried: `terminal_id` and the idempotency key protect it.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    /// - 409 ([`is_conflict`](crate::Error::is_conflict)): the terminal exists. Read it by its phone number with
    ///   [`get`](Terminals::get).
    ///
    /// # Examples
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

    /// Reads a terminal by its phone number of ten digits (`SposFetchTerminal`). It cannot be read by its id.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such terminal ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Updates the type or the contact of a terminal (`SposUpdateTerminal`).
    ///
    /// The type is always sent; other fields that are left out stay unchanged. The response is a list.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such terminal ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
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
    ) -> Call<Vec<UpdateTerminalResponse>> {
        self.client.call(&operations::SPOS_UPDATE_TERMINAL, (terminal.into(), update), |api, arguments| {
            Box::pin(async move {
                let (terminal, update) = arguments.as_ref();
                api.spos_update_terminal(terminal, update).await
            })
        })
    }

    /// Activates or deactivates a terminal (`SposUpdateTerminalStatus`).
    ///
    /// Use the status of the response: it can be another one while documents are awaited.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no such terminal ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(client: cashfree::Client) -> Result<(), cashfree::Error> {
    /// use cashfree::types::RequestedTerminalStatus;
    ///
    /// let off = RequestedTerminalStatus::Inactive;
    /// let response = client.terminals().update_status("123344", off).await?;
    /// println!("{:?}", response.first().and_then(|terminal| terminal.terminal_status.as_ref()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_status(
        &self,
        terminal: impl Into<CfTerminalId>,
        status: impl Into<RequestedTerminalStatus>,
    ) -> Call<Vec<UpdateTerminalResponse>> {
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

    /// Uploads a document of a terminal, one call per kind (`SposUploadTerminalDocs`).
    ///
    /// The file is text within JSON; its encoding is not documented.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 404: no such terminal ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
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

    /// Reads the static QR codes of a terminal, by its id and its phone number of ten digits
    /// (`SposFetchTerminalQRCodes`). The list is not paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such terminal ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Begins the payment of an order at a terminal, by QR code or link (`SposCreateTerminalTransaction`).
    ///
    /// - The order is named by Cashfree's id, the terminal by its id or phone number.
    /// - Read the outcome with [`Payments::list`](crate::api::Payments::list), or receive the webhook.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 404: no such order or terminal ([`is_not_found`](crate::Error::is_not_found)).
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
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

    /// Reads the payment at a terminal by its bank reference (UTR), which the payer's phone shows
    /// (`SposFetchTerminalTransaction`).
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no such payment ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Reads payments at terminals by time, terminal, status and method (`SposFetchTerminalTransactions`).
    ///
    /// - Pages are numbered from 1. Nothing marks the last one: read until a page has fewer payments than
    ///   `page_size`.
    /// - The fields of a payment are not documented: each is free JSON.
    /// - The operation belongs to a later version of the API and may not be served for this one.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
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

    /// Maps a soundbox to the UPI address of a terminal (`SposOnboardSoundboxVpa`): it announces the payments to that
    /// address.
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 404: no such terminal ([`is_not_found`](crate::Error::is_not_found)).
    /// - 409 ([`is_conflict`](crate::Error::is_conflict)): the device is mapped already.
    /// - 400: a field is missing or invalid; the code and the message name it.
    ///
    /// # Examples
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

    /// Updates the name or the language of a soundbox (`SposUpdateSoundboxVpa`). The request names the terminal.
    ///
    /// Not retried once the request may have arrived.
    ///
    /// # Errors
    /// - 404: no soundbox is mapped ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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
                // The terminal is in the path and in the body, which must agree.
                api.spos_update_soundbox_vpa(&update.cf_terminal_id, &update).await
            })
        })
    }

    /// Removes the mapping of a soundbox to a terminal (`SposDemapSoundboxVpa`).
    ///
    /// Not retried once the request may have arrived: only the idempotency key protects it
    /// ([`trust_keys`](crate::RetryPolicy::trust_keys)).
    ///
    /// # Errors
    /// - 404: no such terminal or device ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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

    /// Reads the mapping of a soundbox, by terminal and device (`SposFetchTerminalSoundboxVpa`). The list is not
    /// paginated.
    ///
    /// Retried: it only reads.
    ///
    /// # Errors
    /// - 404: no mapping ([`is_not_found`](crate::Error::is_not_found)).
    ///
    /// # Examples
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
