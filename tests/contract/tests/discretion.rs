//! Where more is printed, or let through, than is meant to be.

use anyhow::{Context, Result};
use cashfree::{Effect, Environment, ErrorKind};
use cashfree_sandbox::Fault;
use http::{HeaderName, HeaderValue};

use crate::{Shop, failure, order};

#[tokio::test]
async fn a_card_number_among_other_digits_is_masked() -> Result<()> {
    let shop = Shop::open().await?;
    for message in [
        "card 4706131211212123 03 28 is refused",
        "order 42 4706131211212123 is refused",
        "2025-07-15 4706131211212123 refused",
        "4706131211212123-4706131211212123",
    ] {
        let body = serde_json::json!({ "message": message, "code": "card_number_invalid" }).to_string();
        shop.sandbox.script(Fault::Status(400, body, "application/json".to_owned()), "PGFetchOrder", 1);
        let error = failure(shop.client.orders().get("order_1").await)?;
        assert!(!format!("{error} {error:?}").contains("4706131211212123"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn the_parts_of_an_error_are_as_careful_as_the_whole() -> Result<()> {
    let shop = Shop::open().await?;
    let body = r#"{"message":"card 4706131211212123 of a@b is refused","code":"card_number_invalid"}"#;
    shop.sandbox.script(
        Fault::Status(400, body.to_owned(), "application/json".to_owned()),
        "PGFetchOrder",
        1,
    );
    let error = failure(shop.client.orders().get("order_1").await)?;
    let parts = format!("{:?}", error.api().context("an API error")?);
    assert!(!parts.contains("4706131211212123") && !parts.contains("a@b"), "{parts}");
    Ok(())
}

#[test]
fn an_address_with_a_query_is_not_repeated() -> Result<()> {
    let error =
        Environment::custom("https://pg.example/pg?key=marked-client-secret").err().context("a refusal")?;
    assert!(!format!("{error} {error:?}").contains("marked-client-secret"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_message_stays_on_its_line() -> Result<()> {
    let shop = Shop::open().await?;
    let body = r#"{"message":"one\nPGCreateOrder: two","code":"a\u001b[2Jb"}"#;
    shop.sandbox.script(
        Fault::Status(400, body.to_owned(), "application/json".to_owned()),
        "PGFetchOrder",
        1,
    );
    let error = failure(shop.client.orders().get("order_1").await)?;
    assert!(!error.to_string().contains(['\n', '\u{1b}']), "{:?}", error.to_string());
    Ok(())
}

#[tokio::test]
async fn a_long_message_is_cut_and_the_body_has_all_of_it() -> Result<()> {
    let shop = Shop::open().await?;
    let long = format!("begins {}4706131211212123 ends", "é".repeat(100_000));
    let body = serde_json::json!({ "message": long, "code": long, "type": long, "help": long }).to_string();
    shop.sandbox.script(Fault::Status(400, body, "application/json".to_owned()), "PGFetchOrder", 1);
    let error = failure(shop.client.orders().get("order_1").await)?;
    let api = error.api().context("an API error")?;
    for part in [&api.message, &api.code, &api.error_type, &api.help] {
        let part = part.as_deref().context("a part")?;
        assert_eq!(part.chars().count(), 1_001);
        assert!(part.starts_with("begins é") && part.ends_with("é…"), "{part}");
    }
    assert!(error.to_string().chars().count() < 2_300 && format!("{error:?}").chars().count() < 2_500);
    assert!(error.body().is_some_and(|body| body.len() > 800_000 && body.ends_with(b" ends\"}")));
    Ok(())
}

#[tokio::test]
async fn debug_of_a_response_does_not_show_the_session() -> Result<()> {
    let shop = Shop::open().await?;
    let created = shop.order("order_1", "5").await?;
    let session = crate::session(&created)?;
    assert!(!format!("{created:?}").contains(session.as_str()));
    Ok(())
}

#[tokio::test]
async fn the_headers_of_a_body_are_the_client_s_own() -> Result<()> {
    let shop = Shop::open().await?;
    for name in ["content-type", "accept", "transfer-encoding"] {
        let header = HeaderName::from_bytes(name.as_bytes())?;
        let call = shop.client.orders().create(order("order_1", "5")?);
        let error = failure(call.header(header, HeaderValue::from_static("chunked")).await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Request, Effect::NotSent), "{name}");
    }
    assert!(shop.sandbox.requests().is_empty());
    Ok(())
}
