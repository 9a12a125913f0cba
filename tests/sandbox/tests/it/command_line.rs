//! The server from the command line: its settings and its log.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A running `cashfree-sandbox` with a log in JSON; it ends with this value.
struct Server {
    _process: Child,
    log: Lines<BufReader<ChildStdout>>,
    started: Value,
}

impl Server {
    async fn start(arguments: &[&str]) -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"))
            .args(["--port", "0", "--log", "json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = process.stdout.take().context("no stdout")?;
        let mut server =
            Self { _process: process, log: BufReader::new(stdout).lines(), started: Value::Null };
        server.started = server.line().await?;
        Ok(server)
    }

    /// The next line of the log.
    async fn line(&mut self) -> Result<Value> {
        let line = self.log.next_line().await?.context("the log has ended")?;
        Ok(serde_json::from_str(&line)?)
    }

    fn get(&self, path: &str) -> Result<reqwest::RequestBuilder> {
        let base_url = self.started["base_url"].as_str().context("no base_url")?;
        Ok(reqwest::Client::builder().no_proxy().build()?.get(format!("{base_url}{path}")))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[tokio::test]
async fn settings_come_from_flags_and_a_file() -> Result<()> {
    let file = std::env::temp_dir().join(format!("cashfree-sandbox-{}.toml", std::process::id()));
    std::fs::write(&file, "client-id = 'id_1'\nclient-secret = 'from the file'\nrate-limit = 1\n")?;
    let path = file.to_str().context("no text")?;
    let flags = ["--config", path, "--client-id", "id_2", "--client-secret", "secret_2"];
    let mut server = Server::start(&flags).await?;
    assert_eq!((&server.started["kind"], &server.started["client_id"]), (&json!("started"), &json!("id_2")));
    let version = text(&server.started["api_version"]).to_owned();
    for (secret, status, code) in [
        ("secret_2", 404, "order_not_found"),
        ("from the file", 401, "request_failed"),
        ("secret_2", 429, "request_failed"),
    ] {
        let request = server.get("/orders/o_1")?.header("x-api-version", &version);
        let response = request.header("x-client-id", "id_2").header("x-client-secret", secret).send().await?;
        assert_eq!(response.status().as_u16(), status);
        let line = server.line().await?;
        let expected =
            json!({ "kind": "request", "operation": "PGFetchOrder", "status": status, "code": code });
        for (name, value) in expected.as_object().into_iter().flatten() {
            assert_eq!(&line[name], value, "{line}");
        }
        assert_eq!((&line["path"], &line["subject"]), (&json!("/pg/orders/o_1"), &json!("o_1")));
    }
    std::fs::remove_file(file)?;
    Ok(())
}

#[tokio::test]
async fn limits_are_off_unless_they_are_asked_for() -> Result<()> {
    let server = Server::start(&[]).await?;
    let (version, id) = (text(&server.started["api_version"]), text(&server.started["client_id"]));
    // One more than the documented calls a minute.
    for _ in 0..31 {
        let request = server.get("/orders/o_1/refunds/r_1")?.header("x-api-version", version);
        let request =
            request.header("x-client-id", id).header("x-client-secret", "TEST_sandbox_client_secret");
        assert_eq!(request.send().await?.status().as_u16(), 404);
    }
    let refused =
        Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox")).args(["--client-id", "a"]).output().await?;
    assert_eq!(refused.status.code(), Some(2), "an id without its secret");
    let version = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox")).arg("--version").output().await?;
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("cashfree-sandbox "));
    Ok(())
}

/// Runs a command against a server, and returns its exit code and what it prints.
async fn command(server: &Server, arguments: &[&str]) -> Result<(Option<i32>, String)> {
    let origin = text(&server.started["base_url"]).trim_end_matches("/pg").to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"));
    let output = command.args(arguments).env("CASHFREE_SANDBOX", origin).output().await?;
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((output.status.code(), printed.concat()))
}

#[tokio::test]
async fn commands_talk_to_a_running_sandbox() -> Result<()> {
    // Nothing listens on port 9: the output reports the delivery, not its success.
    let server = Server::start(&["--webhook-url", "http://127.0.0.1:9/hooks"]).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let order = json!({
        "order_id": "o_1", "order_amount": 10, "order_currency": "INR",
        "customer_details": { "customer_id": "c_1", "customer_phone": "9999999999" },
    });
    let created = http
        .post(format!("{}/orders", text(&server.started["base_url"])))
        .header("x-api-version", text(&server.started["api_version"]))
        .header("x-client-id", text(&server.started["client_id"]))
        .header("x-client-secret", "TEST_sandbox_client_secret")
        .json(&order)
        .send()
        .await?;
    assert_eq!(created.status().as_u16(), 200);

    let origin = text(&server.started["base_url"]).trim_end_matches("/pg").to_owned();
    let mut listener = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"))
        .args(["listen", "--sandbox", &origin, "--forward-to", "http://127.0.0.1:9/other"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut recorded = BufReader::new(listener.stdout.take().context("no stdout")?).lines();
    assert_eq!(recorded.next_line().await?.as_deref(), Some("every event goes to http://127.0.0.1:9/other"));

    let (code, printed) = command(&server, &["pay", "o_1", "--method", "card"]).await?;
    assert!(code == Some(0) && printed.ends_with("SUCCESS, order PAID\n"), "{printed}");
    assert_eq!(command(&server, &["pay", "o_1"]).await?.0, Some(1), "it is paid already");
    loop {
        let line = recorded.next_line().await?.context("the listener has ended")?;
        if line.contains("PAYMENT_SUCCESS_WEBHOOK") && line.contains("/other") {
            break;
        }
    }
    let (_, events) = command(&server, &["events", "--event", "PAYMENT_SUCCESS_WEBHOOK"]).await?;
    assert!(events.lines().count() >= 2 && events.contains("attempt 1"), "{events}");
    assert_eq!(command(&server, &["resend", "1"]).await?, (Some(0), "resent\n".to_owned()));
    let (code, printed) = command(&server, &["resend", "999"]).await?;
    assert!(code == Some(1) && printed.contains("no delivery"), "{printed}");
    let (code, printed) = command(&server, &["events", "--sandbox", "http://127.0.0.1:9"]).await?;
    assert!(code == Some(1) && printed.contains("no sandbox listens"), "{printed}");
    Ok(())
}

/// Runs the program until it ends, which it has to, and returns what it prints.
async fn refused(arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"));
    let output = command.args(["--port", "0"]).args(arguments).kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_secs(20), output).await??;
    ensure!(!output.status.success());
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() -> Result<()> {
    let file = std::env::temp_dir().join(format!("cashfree-sandbox-{}-odd.toml", std::process::id()));
    let path = file.to_str().context("no text")?;
    for (settings, reason) in [
        ("faults = 7.0", "faults: must be from 0 to 1"),
        ("webhook-time-scale = nan", "webhook-time-scale: must be from 0 to 1"),
        ("prot = 1", "unknown field `prot`"),
        ("public-url = 'sandbox:8090'", "no origin such as http://sandbox:8090"),
    ] {
        std::fs::write(&file, settings)?;
        let printed = refused(&["--config", path]).await?;
        assert!(printed.contains(reason), "{settings}: {printed}");
    }
    std::fs::remove_file(file)?;
    for (flag, value) in [("--faults", "nan"), ("--faults", "1.5"), ("--public-url", "http://a/b")] {
        let printed = refused(&[flag, value]).await?;
        assert!(printed.contains(value), "{flag}: {printed}");
    }
    Ok(())
}

/// Another program may listen where a sandbox is expected.
#[tokio::test]
async fn commands_recognize_a_server_that_is_no_sandbox() -> Result<()> {
    let server = Server::start(&[]).await?;
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", other.local_addr()?);
    let app = axum::Router::new().fallback(|| async { "welcome" });
    tokio::spawn(async move { axum::serve(other, app).await });
    for arguments in [&["events"][..], &["listen"], &["pay", "o_1"], &["resend", "1"]] {
        let (code, printed) = command(&server, &[arguments, &["--sandbox", &origin]].concat()).await?;
        assert!(
            code == Some(1) && printed.contains("a server that is no sandbox"),
            "{arguments:?}: {printed}"
        );
    }
    let (code, printed) = command(&server, &["events", "--sandbox", "nowhere"]).await?;
    assert!(code == Some(1) && printed.contains("`nowhere` is no address"), "{printed}");
    let (code, printed) = command(&server, &["events", "--event", "A&limit=x"]).await?;
    assert_eq!((code, printed.as_str()), (Some(0), ""), "the type of an event is one parameter");
    Ok(())
}
