//! `checkout`: where it opens, how it is paid, how it ends.

use std::time::Duration;

use anyhow::{Result, ensure};
use libtest_mimic::Trial;
use serde_json::json;
use thirtyfour::By;
use thirtyfour::prelude::ElementQueryable;

use crate::Suite;
use crate::shop::Visit;

const CHECKOUT: &str = "return cashfree.checkout(options);";

pub(crate) fn trials(suite: &Suite) -> Vec<Trial> {
    let mut trials = vec![
        suite.trial("checkout_in_the_same_window_returns_to_the_shop", same_window),
        suite.trial("checkout_in_a_new_window_leaves_the_shop_open", new_window),
        suite.trial("checkout_in_a_frame_leaves_it_for_top", top_window),
        suite.trial("checkout_in_a_modal_tells_the_page", modal),
        suite.trial("checkout_inside_an_element_tells_the_page", inline),
        suite.trial("closing_the_modal_is_user_cancelled", cancelled),
        suite.trial("the_return_url_of_the_call_replaces_the_order_s", other_return_url),
        suite.trial("unusable_sessions_are_errors", unusable),
        suite.trial("an_approval_elsewhere_ends_the_wait", approved_elsewhere),
    ];
    for method in Method::ALL {
        let name = format!("{}_is_paid_on_the_page", method.name);
        trials.push(suite.trial(name, move |visit| paid_by(visit, method)));
    }
    for (button, status, event) in [
        ("#fail", "FAILED", Some("PAYMENT_FAILED_WEBHOOK")),
        ("#drop", "USER_DROPPED", Some("PAYMENT_USER_DROPPED_WEBHOOK")),
        ("#leave-pending", "PENDING", None),
    ] {
        let name = format!("a_payment_can_end_{}", status.to_lowercase());
        trials.push(suite.trial(name, move |visit| ends(visit, button, status, event)));
    }
    trials
}

/// How a method's part of the page is filled in.
#[derive(Clone, Copy)]
struct Method {
    name: &'static str,
    fields: &'static [(&'static str, &'static str)],
    group: &'static str,
}

impl Method {
    const ALL: [Self; 7] = [
        Self { name: "upi", fields: &[("#upi-id", "testsuccess@gocash")], group: "upi" },
        Self {
            name: "card",
            fields: &[("#card-number", "4706131211212123"), ("#card-expiry", "03/28"), ("#card-cvv", "123")],
            group: "debit_card",
        },
        Self { name: "netbanking", fields: &[], group: "net_banking" },
        Self { name: "wallet", fields: &[], group: "wallet" },
        Self {
            name: "emi",
            fields: &[("#emi-number", "4576238912771450"), ("#emi-expiry", "03/28"), ("#emi-cvv", "123")],
            group: "credit_card_emi",
        },
        Self { name: "cardless_emi", fields: &[("#cardless-phone", "8714268343")], group: "cardless_emi" },
        Self { name: "paylater", fields: &[("#later-phone", "8714268343")], group: "pay_later" },
    ];

    async fn fill_in(self, visit: &Visit) -> Result<()> {
        let form = format!("#pay-{}", self.name);
        // The first method is open already.
        let button = visit.browser.query(By::Css(form.as_str())).wait(LOADING, POLL).first().await?;
        if !button.is_displayed().await? {
            visit.click(&format!("#method-{} summary", self.name)).await?;
        }
        for (field, text) in self.fields {
            visit.type_into(field, text).await?;
        }
        visit.click(&form).await
    }
}

/// The page may still be on its way.
const LOADING: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

async fn open(visit: &Visit, order_id: &str, target: &str) -> Result<()> {
    let session = visit.order(order_id, 1500).await?;
    visit.open_shop().await?;
    visit.start(CHECKOUT, json!({ "paymentSessionId": session, "redirectTarget": target })).await
}

async fn paid_by(visit: Visit, method: Method) -> Result<()> {
    open(&visit, "order_1", "_self").await?;
    method.fill_in(&visit).await?;
    visit.find("#succeed").await?;
    // The page is there, and nothing is paid yet.
    assert_eq!(visit.order_status("order_1").await?, "ACTIVE");
    visit.click("#succeed").await?;
    visit.click("#home").await?;
    assert_eq!(visit.back().await?, "/done?order_id=order_1");
    assert_eq!(visit.order_status("order_1").await?, "PAID");
    let payment = visit.payment("order_1").await?;
    assert_eq!(payment["payment_group"], method.group);
    let event = visit.webhook("PAYMENT_SUCCESS_WEBHOOK").await?;
    assert_eq!(event["data"]["payment"]["cf_payment_id"], payment["cf_payment_id"]);
    Ok(())
}

async fn ends(visit: Visit, button: &str, status: &str, event: Option<&str>) -> Result<()> {
    open(&visit, "order_1", "_self").await?;
    visit.click("#method-netbanking summary").await?;
    visit.click("#pay-netbanking").await?;
    visit.click(button).await?;
    assert_eq!(visit.find("#result").await?.attr("data-status").await?.as_deref(), Some(status));
    // The page goes back by itself.
    assert_eq!(visit.back().await?, "/done?order_id=order_1");
    assert_eq!(visit.payment("order_1").await?["payment_status"], status);
    assert_eq!(visit.order_status("order_1").await?, "ACTIVE");
    if let Some(event) = event {
        visit.webhook(event).await?;
    }
    Ok(())
}

async fn same_window(visit: Visit) -> Result<()> {
    open(&visit, "order_1", "_self").await?;
    assert_eq!(visit.text(".amount").await?, "₹1,500.00");
    // The session is in no address that the shop's page could leak, and the page knows its order.
    assert_eq!(visit.text(".reference b").await?, "order_1");
    visit.click("[data-fill^='upi_id=testsuccess']").await?;
    visit.click("#pay-upi").await?;
    visit.click("#succeed").await?;
    assert_eq!(visit.back().await?, "/done?order_id=order_1");
    Ok(())
}

async fn new_window(visit: Visit) -> Result<()> {
    open(&visit, "order_1", "_blank").await?;
    assert_eq!(visit.result().await?, json!({ "redirect": true }));
    let windows = visit.browser.windows().await?;
    ensure!(windows.len() == 2, "{windows:?}");
    visit.browser.switch_to_window(windows[1].clone()).await?;
    Method::ALL[0].fill_in(&visit).await?;
    visit.click("#succeed").await?;
    visit.click("#home").await?;
    assert_eq!(visit.back().await?, "/done?order_id=order_1");
    visit.browser.switch_to_window(windows[0].clone()).await?;
    assert_eq!(visit.text("h1").await?, "Shop");
    Ok(())
}

async fn top_window(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let inside = "const frame = document.createElement('iframe'); frame.src = '/'; frame.id = 'inside';\
                  document.body.append(frame);";
    visit.browser.execute(inside, Vec::new()).await?;
    visit.find("#inside").await?.enter_frame().await?;
    visit.find("h1").await?;
    visit.start(CHECKOUT, json!({ "paymentSessionId": session, "redirectTarget": "_top" })).await?;
    visit.browser.enter_default_frame().await?;
    assert_eq!(visit.text(".reference b").await?, "order_1");
    Ok(())
}

async fn modal(visit: Visit) -> Result<()> {
    open(&visit, "order_1", "_modal").await?;
    visit.find("dialog iframe").await?.enter_frame().await?;
    Method::ALL[1].fill_in(&visit).await?;
    visit.type_into("#otp", "000000").await?;
    visit.click("#succeed").await?;
    assert_eq!(visit.text(".problem").await?, "That password is wrong.");
    visit.type_into("#otp", "111000").await?;
    visit.click("#succeed").await?;
    visit.browser.enter_default_frame().await?;
    let result = visit.result().await?;
    ensure!(result["paymentDetails"]["paymentMessage"].is_string(), "{result}");
    ensure!(
        visit.browser.find_all(thirtyfour::By::Css("dialog")).await?.is_empty(),
        "the dialog is still there"
    );
    assert_eq!(visit.order_status("order_1").await?, "PAID");
    Ok(())
}

async fn inline(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let script = "return cashfree.checkout(Object.assign(options, {\
                      redirectTarget: document.getElementById('inline'),\
                      appearance: { width: '420px', height: '690px' } }));";
    visit.start(script, json!({ "paymentSessionId": session })).await?;
    let frame = visit.find("#inline iframe").await?;
    let size = frame.rect().await?;
    ensure!((size.width, size.height) == (420.0, 690.0), "{size:?}");
    frame.enter_frame().await?;
    Method::ALL[0].fill_in(&visit).await?;
    visit.click("#fail").await?;
    visit.browser.enter_default_frame().await?;
    // An attempt was made: what became of it is the backend's to ask.
    let result = visit.result().await?;
    ensure!(result["paymentDetails"]["paymentMessage"].is_string(), "{result}");
    assert_eq!(visit.payment("order_1").await?["payment_status"], "FAILED");
    Ok(())
}

async fn cancelled(visit: Visit) -> Result<()> {
    open(&visit, "order_1", "_modal").await?;
    visit.find("dialog iframe").await?;
    visit.click("[data-cashfree-close]").await?;
    assert_eq!(visit.result().await?["error"]["code"], "user_cancelled");
    assert_eq!(visit.order_status("order_1").await?, "ACTIVE");
    Ok(())
}

async fn other_return_url(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let url = format!("{}/done?from=call&id={{order_id}}", visit.shop);
    let options = json!({ "paymentSessionId": session, "redirectTarget": "_self", "returnUrl": url });
    visit.start(CHECKOUT, options).await?;
    Method::ALL[0].fill_in(&visit).await?;
    visit.click("#succeed").await?;
    visit.click("#home").await?;
    assert_eq!(visit.back().await?, "/done?from=call&amp;id=order_1".replace("&amp;", "&"));
    Ok(())
}

async fn unusable(visit: Visit) -> Result<()> {
    visit.open_shop().await?;
    for (options, code) in [
        (json!({}), "invalid_payment_session_id"),
        (json!({ "paymentSessionId": "session_unknown" }), "invalid_payment_session_id"),
    ] {
        visit.start(CHECKOUT, options).await?;
        assert_eq!(visit.result().await?["error"]["code"], code);
    }
    let session = visit.order("order_1", 20).await?;
    ensure!(visit.sandbox.expire_order("order_1"), "the order is not there");
    visit.start(CHECKOUT, json!({ "paymentSessionId": session, "redirectTarget": "_modal" })).await?;
    assert_eq!(visit.result().await?["error"]["code"], "session_expired");
    Ok(())
}

async fn approved_elsewhere(visit: Visit) -> Result<()> {
    open(&visit, "order_1", "_self").await?;
    visit.click("#pay-upi-qr").await?;
    ensure!(
        visit.find("img.qr").await?.prop("naturalWidth").await?.is_some_and(|width| width != "0"),
        "no picture"
    );
    let address = visit.find("#intent").await?.attr("href").await?.unwrap_or_default();
    ensure!(address.starts_with("upi://pay?pa=") && address.contains("&am=1500.00&cu=INR"), "{address}");
    // The payer scans the code with a phone: another browser, which submits the same form.
    let page = visit.browser.current_url().await?;
    let phone = reqwest::Client::builder().no_proxy().build()?;
    let form = phone.post(page.as_str()).header("content-type", "application/x-www-form-urlencoded");
    ensure!(form.body("outcome=success").send().await?.status().is_success(), "the approval is refused");
    assert_eq!(visit.find("#result").await?.attr("data-status").await?.as_deref(), Some("SUCCESS"));
    Ok(())
}
