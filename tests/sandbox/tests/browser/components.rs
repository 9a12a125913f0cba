//! `create` and `pay`: the shop builds its own page from components.

use anyhow::{Result, ensure};
use libtest_mimic::Trial;
use serde_json::json;
use thirtyfour::WebElement;

use crate::Suite;
use crate::shop::Visit;

pub(crate) fn trials(suite: &Suite) -> Vec<Trial> {
    vec![
        suite.trial("card_components_pay", card),
        suite.trial("components_tell_what_is_typed", events),
        suite.trial("a_upi_id_is_paid_without_leaving_the_page", upi_collect),
        suite.trial("a_upi_code_is_paid_without_leaving_the_page", upi_code),
        suite.trial("a_method_as_an_object_is_paid", object),
        suite.trial("what_can_not_be_paid_is_an_error", refused),
    ]
}

const CARD: &str = "\
    window.parts = {\
        number: cashfree.create('cardNumber', {}), expiry: cashfree.create('cardExpiry', {}),\
        cvv: cashfree.create('cardCvv', {}), holder: cashfree.create('cardHolder', {}) };\
    parts.number.mount('#a'); parts.expiry.mount('#b'); parts.cvv.mount('#c');\
    parts.holder.mount(document.getElementById('d'));";

/// The input of a mounted component.
async fn input(visit: &Visit, place: &str) -> Result<WebElement> {
    let host = visit.find(&format!("{place} [data-cashfree]")).await?;
    Ok(host.get_shadow_root().await?.find(thirtyfour::By::Css("input")).await?)
}

async fn fill_in_card(visit: &Visit) -> Result<()> {
    visit.start(CARD, json!({})).await?;
    for (place, text) in [("#a", "4706131211212123"), ("#b", "0328"), ("#c", "123"), ("#d", "Asha Rao")] {
        input(visit, place).await?.send_keys(text).await?;
    }
    Ok(())
}

async fn card(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    fill_in_card(&visit).await?;
    let script = "return cashfree.pay(Object.assign(options, { paymentMethod: parts.number }));";
    let url = format!("{}/done?paid={{order_id}}", visit.shop);
    visit.start(script, json!({ "paymentSessionId": session, "returnUrl": url })).await?;
    visit.click("#succeed").await?;
    visit.click("#home").await?;
    assert_eq!(visit.back().await?, "/done?paid=order_1");
    assert_eq!(visit.order_status("order_1").await?, "PAID");
    Ok(())
}

async fn events(visit: Visit) -> Result<()> {
    visit.open_shop().await?;
    let script = "\
        window.recorded = []; const number = cashfree.create('cardNumber', { style: { base: { color: 'rgb(1, 2, 3)' } } });\
        for (const name of ['ready', 'focus', 'change', 'blur', 'error'])\
            number.on(name, (detail) => recorded.push([name, detail]));\
        window.number = number; number.mount('#a');";
    visit.start(script, json!({})).await?;
    let field = input(&visit, "#a").await?;
    assert_eq!(field.css_value("color").await?.replace("rgba(1, 2, 3, 1)", "rgb(1, 2, 3)"), "rgb(1, 2, 3)");
    field.send_keys("4706131211212123").await?;
    assert_eq!(field.prop("value").await?.as_deref(), Some("4706 1312 1121 2123"));
    let recorded = visit
        .browser
        .execute("number.blur(); return [recorded, number.isComplete(), number.data()]", vec![])
        .await?;
    let recorded = recorded.json();
    let names: Vec<&str> =
        recorded[0].as_array().into_iter().flatten().filter_map(|event| event[0].as_str()).collect();
    ensure!(names.starts_with(&["ready", "focus", "change"]) && names.ends_with(&["blur"]), "{names:?}");
    assert_eq!(recorded[1], true);
    // A listener learns the brand and the length, never the number.
    assert_eq!(recorded[2]["value"], json!({ "cardBrand": "visa", "cardLength": 16 }));
    ensure!(!recorded.to_string().contains("1211"), "{recorded}");
    let gone = "number.destroy(); return document.querySelector('#a [data-cashfree]') === null";
    assert_eq!(visit.browser.execute(gone, vec![]).await?.json(), &json!(true));
    Ok(())
}

async fn upi_collect(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let script = "const upi = cashfree.create('upiCollect', { values: { upiId: 'testsuccess@gocash' } });\
                  upi.mount('#a');\
                  return cashfree.pay(Object.assign(options, { paymentMethod: upi, redirect: 'if_required' }));";
    visit.start(script, json!({ "paymentSessionId": session })).await?;
    let result = visit.result().await?;
    ensure!(result["paymentDetails"]["paymentMessage"].is_string(), "{result}");
    assert_eq!(visit.order_status("order_1").await?, "PAID");
    visit.webhook("PAYMENT_SUCCESS_WEBHOOK").await?;
    Ok(())
}

async fn upi_code(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let script = "const code = cashfree.create('upiQr', { values: { size: '180px' } }); code.mount('#a');\
                  return cashfree.pay(Object.assign(options, { paymentMethod: code }));";
    visit.start(script, json!({ "paymentSessionId": session })).await?;
    let host = visit.find("#a [data-cashfree]").await?;
    let shown = "const image = arguments[0].shadowRoot.querySelector('img'); return image && image.naturalWidth > 0 && image.width";
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let width = visit.browser.execute(shown, vec![host.to_json()?]).await?;
        if width.json() == &json!(180) {
            break;
        }
        ensure!(std::time::Instant::now() < until, "the code is not shown: {}", width.json());
    }
    let id = visit.payment("order_1").await?["cf_payment_id"].as_str().unwrap_or_default().to_owned();
    let phone = reqwest::Client::builder().no_proxy().build()?;
    let page = format!("{}/view/sessions/checkout/{id}", visit.sandbox.base_url());
    let form = phone.post(page).header("content-type", "application/x-www-form-urlencoded");
    form.body("outcome=success").send().await?;
    let result = visit.result().await?;
    ensure!(result["paymentDetails"]["paymentMessage"].is_string(), "{result}");
    Ok(())
}

async fn object(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let options = json!({
        "paymentSessionId": session,
        "redirect": "if_required",
        "paymentMethod": { "upi": { "channel": "collect", "upi_id": "testfailure@gocash" } },
    });
    visit.start("return cashfree.pay(options);", options).await?;
    let result = visit.result().await?;
    assert_eq!(result["paymentDetails"]["paymentMessage"], "the payment failed");
    Ok(())
}

async fn refused(visit: Visit) -> Result<()> {
    let session = visit.order("order_1", 20).await?;
    visit.open_shop().await?;
    let cases = [
        ("return cashfree.pay(Object.assign(options, { paymentMethod: 'card' }));", "invalid_payment_method"),
        (
            "return cashfree.pay(Object.assign(options, { paymentMethod: cashfree.create('cardNumber', {}) }));",
            "component_not_mounted",
        ),
        (
            "const upi = cashfree.create('upiCollect', { values: { upiId: 'nobody' } }); upi.mount('#a');\
             return cashfree.pay(Object.assign(options, { paymentMethod: upi }));",
            "invalid_payment_method",
        ),
        (
            "const cvv = cashfree.create('cardCvv', { values: { instrumentId: 'i' } }); cvv.mount('#a');\
             return cashfree.pay(Object.assign(options, { paymentMethod: cvv }));",
            "cvv_required",
        ),
    ];
    for (script, code) in cases {
        visit.start(script, json!({ "paymentSessionId": session })).await?;
        assert_eq!(visit.result().await?["error"]["code"], code, "{script}");
    }
    Ok(())
}
