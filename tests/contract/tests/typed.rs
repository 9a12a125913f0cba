//! Each operation by its own method, from the JSON of its request; whatever it responds, all calls are sent and
//! printed the same way.

use std::fmt::{Debug, Write as _};

use anyhow::{Result, bail};
use cashfree::types::{AuthenticatePayment, EsOrderRecon, FetchRecon, FetchSettlements, GetCardBin};
use cashfree::types::{SettlementFetchRecon, UpdateTerminalStatus, VendorRecon};
use cashfree::{BoxFuture, Call, Client, DisputeDocument, Error, Upload, VendorDocument};
use http::{HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{amount, requests};

/// A pending call: what is printed of it and of its result, and its error.
pub(crate) type Sending = BoxFuture<'static, (String, Option<Error>)>;

/// All that a program can print of a value.
pub(crate) fn print(printed: &mut String, value: &dyn Debug) {
    let _ = writeln!(printed, "{value:?}\n{value:#?}");
}

/// What is said of the delivery of each call.
#[derive(Clone, Copy)]
pub(crate) struct Delivery<'a> {
    pub(crate) client: &'a Client,
    pub(crate) headers: &'a [(HeaderName, HeaderValue)],
}

impl Delivery<'_> {
    fn send<T: Debug + Send + 'static>(&self, request: &dyn Debug, call: Call<T>) -> Sending {
        let mut call = call.request_id("sent-1");
        for (name, value) in self.headers {
            call = call.header(name.clone(), value.clone());
        }
        let mut printed = String::new();
        print(&mut printed, request);
        print(&mut printed, &call);
        Box::pin(async move {
            let error = match call.await {
                Ok(response) => {
                    print(&mut printed, &response);
                    print(&mut printed, response.meta());
                    let _ = writeln!(printed, "{}", response.meta().request_id());
                    None
                }
                Err(error) => Some(error),
            };
            (printed, error)
        })
    }

    /// Reads the request, and makes the call of it.
    fn read<R, T>(&self, body: &Value, make: impl FnOnce(R) -> Call<T>) -> Result<Sending>
    where
        R: DeserializeOwned + Debug + Clone,
        T: Debug + Send + 'static,
    {
        let request: R = serde_json::from_str(&body.to_string())?;
        Ok(self.send(&request, make(request.clone())))
    }

    /// A call without a body.
    fn bare<T: Debug + Send + 'static>(&self, call: Call<T>) -> Result<Sending> {
        Ok(self.send(&(), call))
    }

    /// The call of an operation by its own method, with `text` in the parts of a form. What has no body, or one
    /// that is always the same, takes none.
    pub(crate) fn call(&self, operation: &str, body: &Value, text: &str) -> Result<Sending> {
        let client = self.client;
        let (orders, payments, refunds) = (client.orders(), client.payments(), client.refunds());
        let (links, plans, subscriptions) = (client.payment_links(), client.plans(), client.subscriptions());
        let (debits, terminals, vendors) =
            (client.subscription_payments(), client.terminals(), client.vendors());
        let (disputes, split, recon) = (client.disputes(), client.easy_split(), client.recon());
        let (eligibility, vault) = (client.eligibility(), client.token_vault());
        let (settlements, simulation) = (client.settlements(), client.simulation());
        let id = "id_1";
        let file = || Upload::new("scan.pdf", text.to_owned());
        match operation {
            "PGCreateOrder" => self.read(body, |order| orders.create(order)),
            "PGFetchOrder" => self.bare(orders.get(id)),
            "PGTerminateOrder" => self.bare(orders.terminate(id)),
            "PGFetchOrderExtendedData" => self.bare(orders.get_extended(id)),
            "PGUpdateOrderExtendedData" => self.read(body, |update| orders.update_extended(id, update)),
            "PGAuthorizeOrder" => self.bare(client.preauth().capture(id, amount("1")?)),
            "PGPayOrder" => self.read(body, |payment| payments.pay(payment)),
            "PGOrderAuthenticatePayment" => {
                let otp = body["otp"].as_str().unwrap_or_default();
                self.read(body, |_: AuthenticatePayment| payments.submit_otp("7", otp))
            }
            "PGOrderFetchPayments" => self.bare(payments.list(id)),
            "PGOrderFetchPayment" => self.bare(payments.get(id, "7")),
            "PGOrderCreateRefund" => self.read(body, |refund| refunds.create(id, refund)),
            "PGOrderFetchRefunds" => self.bare(refunds.list(id)),
            "PGOrderFetchRefund" => self.bare(refunds.get(id, "refund_1")),
            "PGOrderUpdateRefund" => self.bare(refunds.cancel(id, "refund_1")),
            "PGCreateLink" => self.read(body, |link| links.create(link)),
            "PGFetchLink" => self.bare(links.get(id)),
            "PGCancelLink" => self.bare(links.cancel(id)),
            "PGLinkFetchOrders" => self.bare(links.list_orders(id)),
            "PGCreateCustomer" => self.read(body, |customer| client.customers().create(customer)),
            "PGCustomerFetchInstruments" => self.bare(vault.list(id)),
            "PGCustomerFetchInstrument" => self.bare(vault.get(id, "card_1")),
            "PGCustomerDeleteInstrument" => self.bare(vault.delete(id, "card_1")),
            "PGCustomerInstrumentsFetchCryptogram" => self.bare(vault.get_cryptogram(id, "card_1")),
            "PGCreateOffer" => self.read(body, |offer| client.offers().create(offer)),
            "PGFetchOffer" => self.bare(client.offers().get(id)),
            "PGEligibilityFetchOffers" => self.read(body, |check| eligibility.check_offers(check)),
            "PGEligibilityFetchPaymentMethods" => {
                self.read(body, |check| eligibility.check_payment_methods(check))
            }
            "PGEligibilityFetchCardlessEMI" => self.read(body, |check| eligibility.check_cardless_emi(check)),
            "PGEligibilityFetchPaylater" => self.read(body, |check| eligibility.check_paylater(check)),
            "MarkForSettlement" => self.read(body, |order| settlements.mark(order)),
            "PGOrderFetchSettlement" => self.bare(settlements.get(id)),
            "PGFetchSettlements" => {
                self.read(body, |query: FetchSettlements| settlements.list(query.filters).call())
            }
            "PGFetchRecon" => self.read(body, |query: FetchRecon| recon.payments(query.filters).call()),
            "PGSettlementFetchRecon" => {
                self.read(body, |query: SettlementFetchRecon| recon.settlements(query.filters).call())
            }
            "PGESReconVendor" => self.read(body, |query: VendorRecon| recon.vendors(query.filters).call()),
            "PGESOrderRecon" => {
                self.read(body, |query: EsOrderRecon| recon.split_orders(query.filters).call())
            }
            "PGFetchDisputeByID" => self.bare(disputes.get("7")),
            "PGAcceptDisputeByID" => self.bare(disputes.accept("7")),
            "PGFetchOrderDisputes" => self.bare(disputes.list_by_order(id)),
            "PGFetchPaymentDisputes" => self.bare(disputes.list_by_payment("7")),
            "PGUploadDisputesDocuments" => {
                self.bare(client.documents().upload_for_dispute("7", DisputeDocument::new(file(), "proof")))
            }
            "PGOrderSplitAfterPayment" => self.read(body, |shares| split.split_order(id, shares)),
            "PGSplitOrderRecon" => self.bare(split.get_order(id)),
            "PGOrderStaticSplit" => self.read(body, |rule| split.create_static_split(rule)),
            "PGESCreateVendors" => self.read(body, |vendor| vendors.create(vendor)),
            "PGESFetchVendors" => self.bare(vendors.get(id)),
            "PGESUpdateVendors" => self.read(body, |update| vendors.update(id, update)),
            "PGESGetVendorsDocs" => self.bare(vendors.list_documents(id)),
            "PGESDownloadVendorsDocs" => self.bare(vendors.get_document_link(id, "PAN_NUMBER")),
            "PGESUploadVendorsDocs" => {
                let document = VendorDocument::new(file(), "PAN_NUMBER").doc_value(text);
                self.bare(client.documents().upload_for_vendor(id, document))
            }
            "PGESGetVendorBalance" => self.bare(vendors.get_balance(id)),
            "PGESCreateAdjustment" => self.read(body, |adjustment| vendors.create_adjustment(adjustment)),
            "PGESCreateOnDemandTransfer" => self.read(body, |transfer| vendors.create_transfer(id, transfer)),
            "PGESGetVendorBalanceTransferCharges" => self.bare(vendors.get_transfer_charges(amount("1")?)),
            "SubsCreatePlan" => self.read(body, |plan| plans.create(plan)),
            "SubsFetchPlan" => self.bare(plans.get(id)),
            "SubsCreateSubscription" => self.read(body, |subscription| subscriptions.create(subscription)),
            "SubsFetchSubscription" => self.bare(subscriptions.get(id)),
            "SubsManageSubscription" => self.read(body, |change| subscriptions.manage(change)),
            "SubscriptionEligibility" => self.read(body, |query| subscriptions.get_eligible_methods(query)),
            "SubsCreatePayment" => self.read(body, |payment| debits.create(payment)),
            "SubsFetchSubscriptionPayments" => self.bare(debits.list(id)),
            "SubsFetchSubscriptionPayment" => self.bare(debits.get(id, "payment_1")),
            "SubsManageSubscriptionPayment" => self.read(body, |change| debits.manage(change)),
            "SubsCreateRefund" => self.read(body, |refund| debits.create_refund(refund)),
            "SubsFetchSubscriptionRefund" => self.bare(debits.get_refund(id, "refund_1")),
            "SubsFetchSubscription_1" => self.bare(debits.generate_return_summary("payment_1")),
            "SubscriptionDocumentUpload" => {
                self.bare(client.documents().upload_for_subscription_payment("payment_1", file()))
            }
            "SposCreateTerminal" => self.read(body, |terminal| terminals.create(terminal)),
            "SposFetchTerminal" => self.bare(terminals.get("9999999999")),
            "SposUpdateTerminal" => self.read(body, |update| terminals.update("7", update)),
            "SposUpdateTerminalStatus" => self.read(body, |change: UpdateTerminalStatus| {
                terminals.update_status("7", change.terminal_status)
            }),
            "SposUploadTerminalDocs" => self.read(body, |document| terminals.upload_document("7", document)),
            "SposFetchTerminalQRCodes" => self.bare(terminals.list_qr_codes("7", "9999999999")),
            "SposCreateTerminalTransaction" => self.read(body, |begun| terminals.create_transaction(begun)),
            "SposFetchTerminalTransaction" => self.bare(terminals.get_payment("7", "utr_1")),
            "SposFetchTerminalTransactions" => self.read(body, |query| terminals.list_payments(query)),
            "SposOnboardSoundboxVpa" => self.read(body, |soundbox| terminals.onboard_soundbox(soundbox)),
            "SposUpdateSoundboxVpa" => self.read(body, |update| terminals.update_soundbox(update)),
            "SposDemapSoundboxVpa" => {
                self.bare(terminals.demap_soundbox(requests::terminal("7")?, "device_1"))
            }
            "SposFetchTerminalSoundboxVpa" => self.bare(terminals.list_soundboxes("7", "device_1")),
            "PGSimulatePayment" => self.read(body, |payment| simulation.simulate_payment(payment)),
            "PGFetchSimulation" => self.bare(simulation.get_payment(id)),
            "PGSimulateSettlement" => {
                self.read(body, |settlement| simulation.simulate_settlement(settlement))
            }
            "PGFetchSettlementSimulation" => self.bare(simulation.get_settlement(id)),
            "FetchActiveEcosystemDowntimes" => self.bare(client.downtimes().list(Default::default())),
            "FetchDowntimeById" => self.bare(client.downtimes().get(id)),
            "PGCreatePAR" => self.read(body, |card| client.utilities().get_par(card)),
            "PGGetCardBin" => {
                self.read(body, |query: GetCardBin| client.utilities().get_card_bin(query.card_number))
            }
            other => bail!("{other} has no method here"),
        }
    }
}
