//! The dashboard: it renews itself when something happens, and its buttons act.

use std::time::Duration;

use libtest_mimic::Trial;
use thirtyfour::prelude::*;

use crate::Suite;
use crate::browser::Settings;

pub(crate) fn trials(suite: &Suite) -> Vec<Trial> {
    vec![
        suite.trial("dashboard_renews_itself", |visit| async move {
            let origin = visit.sandbox.origin().to_owned();
            visit.browser.goto(&origin).await?;
            // The stream of events is open.
            visit.browser.query(By::Css("#live:not([hidden])")).wait(WAIT, POLL).first().await?;
            visit.order("dash_1", 100).await?;
            visit.browser.query(By::LinkText("dash_1")).wait(WAIT, POLL).first().await?.click().await?;
            let status = visit.browser.query(By::Css("h1 .status")).wait(WAIT, POLL).first().await?;
            assert_eq!(status.text().await?, "ACTIVE");
            visit.browser.find(By::XPath("//button[text()='Pay']")).await?.click().await?;
            visit.browser.query(By::XPath("//h1/span[text()='PAID']")).wait(WAIT, POLL).first().await?;
            let timeline = visit.browser.find(By::Css(".timeline")).await?.text().await?;
            assert!(timeline.contains("PaymentMade"), "{timeline}");
            Ok(())
        }),
        suite.trial("dashboard_fits_a_phone", |visit| async move {
            let visit = visit.with_browser(Settings { width: 360, ..Settings::default() }).await?;
            visit.order("an_order_with_a_long_name_000000000000000000", 100).await?;
            for path in [
                "/",
                "/dashboard/orders/an_order_with_a_long_name_000000000000000000",
                "/dashboard/requests",
                "/dashboard/connect",
            ] {
                visit.browser.goto(format!("{}{path}", visit.sandbox.origin())).await?;
                let wide =
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
                let over = visit.browser.execute(wide, vec![]).await?;
                assert_eq!(over.json().as_i64(), Some(0), "{path} is wider than the screen");
            }
            visit.browser.clone().quit().await?;
            Ok(())
        }),
    ]
}

const WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);
