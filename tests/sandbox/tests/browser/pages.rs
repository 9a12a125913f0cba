//! The other pages, and what holds for all: payment links, mandates, no JavaScript, a phone's screen, the keyboard.

use anyhow::{Context, Result, ensure};
use libtest_mimic::Trial;
use serde_json::json;
use thirtyfour::{By, Key};

use crate::Suite;
use crate::browser::Settings;
use crate::shop::Visit;

pub(crate) fn trials(suite: &Suite) -> Vec<Trial> {
    vec![
        suite.trial("a_link_leads_to_the_checkout", link),
        suite.trial("a_mandate_is_authorised_in_a_modal", mandate),
        suite.trial("pages_work_without_javascript", without_javascript),
        suite.trial("pages_fit_a_phone", phone),
        suite.trial("a_payment_needs_no_mouse", keyboard),
    ]
}

async fn link(visit: Visit) -> Result<()> {
    let link = json!({
        "link_id": "link_1", "link_amount": 300, "link_currency": "INR", "link_purpose": "Two tickets",
        "link_partial_payments": true, "link_minimum_partial_amount": 100,
        "customer_details": { "customer_phone": "9999999999" },
        "link_meta": { "return_url": format!("{}/done?order_id={{order_id}}", visit.shop) },
    });
    let link = visit.call("POST", "/links", Some(link)).await?;
    visit.browser.goto(link["link_url"].as_str().context("no link_url")?).await?;
    assert_eq!(visit.text("h1").await?, "Two tickets");
    visit.type_into("#amount", "50").await?;
    visit.click("#pay-link").await?;
    assert_eq!(visit.text(".problem").await?, "the link does not take this amount");
    visit.type_into("#amount", "120").await?;
    visit.click("#pay-link").await?;
    assert_eq!(visit.text(".amount").await?, "₹120.00");
    visit.click("[data-fill^='upi_id=testsuccess']").await?;
    visit.click("#pay-upi").await?;
    visit.click("#succeed").await?;
    visit.find("#result").await?;
    let link = visit.call("GET", "/links/link_1", None).await?;
    assert_eq!(link["link_status"], "PARTIALLY_PAID");
    assert_eq!(link["link_amount_paid"], 120);
    visit.webhook("PAYMENT_LINK_EVENT").await?;
    Ok(())
}

async fn mandate(visit: Visit) -> Result<()> {
    let subscription = json!({
        "subscription_id": "sub_1",
        "customer_details": { "customer_name": "Asha Rao", "customer_email": "asha@example.com", "customer_phone": "9999999999" },
        "plan_details": { "plan_name": "Monthly", "plan_type": "PERIODIC", "plan_amount": 100, "plan_max_amount": 100,
            "plan_max_cycles": 12, "plan_intervals": 1, "plan_interval_type": "MONTH", "plan_currency": "INR" },
        "authorization_details": { "authorization_amount": 1, "payment_methods": ["upi", "card", "enach"] },
        "subscription_meta": { "return_url": format!("{}/done", visit.shop) },
    });
    let subscription = visit.call("POST", "/subscriptions", Some(subscription)).await?;
    let session = subscription["subscription_session_id"].as_str().context("no session")?;
    visit.open_shop().await?;
    let options = json!({ "subsSessionId": session, "redirectTarget": "_modal" });
    visit.start("return cashfree.subscriptionsCheckout(options);", options).await?;
    visit.find("dialog iframe").await?.enter_frame().await?;
    visit.click("#method-card summary").await?;
    visit.click("#method-card .chip").await?;
    visit.click("#authorise-card").await?;
    visit.click("#succeed").await?;
    visit.browser.enter_default_frame().await?;
    let result = visit.result().await?;
    ensure!(result["paymentDetails"].is_object(), "{result}");
    let subscription = visit.call("GET", "/subscriptions/sub_1", None).await?;
    assert_eq!(subscription["subscription_status"], "ACTIVE");
    Ok(())
}

async fn without_javascript(visit: Visit) -> Result<()> {
    let visit = visit.with_browser(Settings { javascript: false, ..Settings::default() }).await?;
    let session = visit.order("order_1", 20).await?;
    visit.browser.goto(format!("{}/view/checkout/{session}", visit.sandbox.base_url())).await?;
    visit.type_into("#upi-id", "testsuccess@gocash").await?;
    visit.click("#pay-upi").await?;
    visit.click("#succeed").await?;
    assert_eq!(visit.back().await?, "/done?order_id=order_1");
    visit.browser.clone().quit().await?;
    Ok(())
}

async fn phone(visit: Visit) -> Result<()> {
    let visit = visit.with_browser(Settings { width: 360, ..Settings::default() }).await?;
    let session = visit.order("an_order_with_a_long_name_000000000000000000", 20).await?;
    visit.browser.goto(format!("{}/view/checkout/{session}", visit.sandbox.base_url())).await?;
    let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let wide = async || -> Result<i64> {
        Ok(visit.browser.execute(overflow, vec![]).await?.json().as_i64().unwrap_or(-1))
    };
    for method in visit.browser.find_all(By::Css("summary")).await? {
        method.click().await?;
        assert_eq!(wide().await?, 0, "{}", method.text().await?);
    }
    visit.browser.goto(format!("{}/view/checkout/{session}", visit.sandbox.base_url())).await?;
    visit.click("#pay-upi-qr").await?;
    visit.find("img.qr").await?;
    assert_eq!(wide().await?, 0);
    visit.browser.clone().quit().await?;
    Ok(())
}

async fn keyboard(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.browser.goto(format!("{}/view/checkout/{session}", visit.sandbox.base_url())).await?;
    // Tab to the UPI id, type, submit with Enter; on the next page tab to the first button and press it.
    let press =
        async |keys: &str| -> Result<()> { Ok(visit.browser.active_element().await?.send_keys(keys).await?) };
    let tab = String::from(char::from(Key::Tab));
    press(&tab).await?;
    press(&tab).await?;
    press(&format!("testsuccess@gocash{}", char::from(Key::Enter))).await?;
    visit.find("#succeed").await?;
    for _ in 0..6 {
        press(&tab).await?;
        if visit.browser.active_element().await?.id().await?.as_deref() == Some("succeed") {
            press(&String::from(char::from(Key::Enter))).await?;
            break;
        }
    }
    assert_eq!(visit.find("#result").await?.attr("data-status").await?.as_deref(), Some("SUCCESS"));
    Ok(())
}
