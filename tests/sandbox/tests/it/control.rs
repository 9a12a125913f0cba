//! The bank, the payer and the next day, for programs that have nothing but HTTP.

use anyhow::Result;
use serde_json::Value;

use crate::{Shop, read};

/// Asks the sandbox itself: outside the API, without credentials.
async fn ask(shop: &Shop, method: &str, path: &str) -> Result<(u16, Value)> {
    let url = format!("http://{}/sandbox{path}", shop.sandbox.address());
    read(shop.http.request(method.parse()?, url).send().await?).await
}

#[tokio::test]
async fn a_day_ends_and_a_payer_disputes() -> Result<()> {
    let shop = Shop::open().await?;
    shop.paid("order_1", "100").await?;
    let (status, answer) = ask(&shop, "POST", "/orders/order_1/dispute").await?;
    assert_eq!(status, 200);
    let dispute = format!("/disputes/{}", answer["dispute_id"]);
    assert_eq!(shop.get(&dispute).await?.1["dispute_status"], "DISPUTE_CREATED");
    assert_eq!(
        ask(&shop, "POST", &format!("{dispute}/merchant_wins")).await?.0,
        409,
        "nothing was handed in"
    );
    shop.document(&format!("{dispute}/documents"), "a.pdf", "proof").await?;
    assert_eq!(ask(&shop, "POST", &format!("{dispute}/review")).await?.0, 200);
    assert_eq!(ask(&shop, "POST", &format!("{dispute}/merchant_wins")).await?.0, 200);
    assert_eq!(shop.get(&dispute).await?.1["dispute_status"], "DISPUTE_MERCHANT_WON");
    let (_, settled) = ask(&shop, "POST", "/settle").await?;
    assert_eq!(settled["settlement_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(ask(&shop, "POST", "/orders/none/dispute").await?.0, 409);
    assert!(shop.sandbox.requests().iter().all(|request| !request.path.starts_with("/sandbox")));
    Ok(())
}

/// Every line of the menu is an address, whatever is put in its braces.
#[tokio::test]
async fn the_menu_is_what_there_is() -> Result<()> {
    let shop = Shop::open().await?;
    let (_, menu) = ask(&shop, "GET", "").await?;
    let mut asked = 0;
    for line in menu["post"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let path = line.trim_start_matches("/sandbox");
        let (before, words) = match path.rsplit_once('{') {
            Some((before, words)) if words.contains('|') => (before, words.trim_end_matches('}')),
            _ => (path, ""),
        };
        for word in words.split('|') {
            let (status, answer) = ask(&shop, "POST", &format!("{before}{word}")).await?;
            assert!(matches!(status, 200 | 409), "{line} {word}: {answer}");
            asked += 1;
        }
    }
    assert_eq!(asked, 27);
    for (method, path) in [("GET", "/settle"), ("POST", "/disputes/1/burn"), ("POST", "/tea")] {
        let (status, answer) = ask(&shop, method, path).await?;
        assert_eq!((status, &answer["post"]), (404, &menu["post"]), "{method} {path}");
    }
    assert_eq!(shop.get("/incident").await?.1["incidents"].as_array().map(Vec::len), Some(4));
    Ok(())
}
