//! A browser without a window, driven by the protocol that browsers are driven by: <https://www.w3.org/TR/webdriver2/>.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callmux::Clock as _;
use callmux::http::SystemClock;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often the driver is asked whether it is ready.
const ATTEMPTS: u32 = 100;

/// A driver with one session.
pub(crate) struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
}

impl Browser {
    /// Starts the driver and a browser, which writes what it needs into a folder.
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver cannot be started: {error}"))?;
        // reqwest wants cryptography even where it speaks without.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build()?;
        let address = format!("http://127.0.0.1:{port}");
        let mut browser = Self { driver, client, session: address.clone() };
        for attempt in 1.. {
            match browser.call("GET", "status", &Value::Null).await {
                Ok(status) if status["ready"] == true => break,
                Err(error) if attempt == ATTEMPTS => return Err(error),
                _ => SystemClock::default().sleep(Duration::from_millis(100)).await,
            }
        }
        let profile = format!("--user-data-dir={}", folder.display());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            profile.as_str(),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }}});
        let session = browser.call("POST", "session", &wanted).await?;
        let id = session["sessionId"].as_str().ok_or("the driver gave no session")?;
        browser.session = format!("{address}/session/{id}");
        Ok(browser)
    }

    /// Opens a page.
    pub(crate) async fn open(&self, address: &str) -> Result<()> {
        self.call("POST", "url", &json!({ "url": address })).await.map(drop)
    }

    /// Shows pages as a screen of this size does, in light or in dark.
    pub(crate) async fn show_as(&self, width: u32, height: u32, scheme: &str) -> Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", &metrics).await?;
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.tell("Emulation.setEmulatedMedia", &json!({ "features": features })).await.map(drop)
    }

    /// What a script gives that is run in the page.
    pub(crate) async fn run(&self, script: &str) -> Result<Value> {
        self.call("POST", "execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// What was logged since it was last asked: `browser` has the console, `performance` what the network was asked for.
    pub(crate) async fn log(&self, kind: &str) -> Result<Vec<Value>> {
        let log = self.call("POST", "se/log", &json!({ "type": kind })).await?;
        Ok(log.as_array().cloned().unwrap_or_default())
    }

    /// The whole page as a picture.
    pub(crate) async fn picture(&self) -> Result<Vec<u8>> {
        let all = json!({ "captureBeyondViewport": true, "format": "png" });
        let shot = self.tell("Page.captureScreenshot", &all).await?;
        bytes(&shot["data"])
    }

    /// The page as it is printed.
    pub(crate) async fn print(&self) -> Result<Vec<u8>> {
        let paper = self.call("POST", "print", &json!({ "background": true })).await?;
        bytes(&paper)
    }

    async fn tell(&self, command: &str, parameters: &Value) -> Result<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        self.call("POST", "goog/cdp/execute", &body).await
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/{path}", self.session);
        let request = match method {
            "GET" => self.client.get(url),
            "DELETE" => self.client.delete(url),
            _ => self
                .client
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string()),
        };
        let response = request.send().await?;
        let is_good = response.status().is_success();
        let answer: Value = serde_json::from_slice(&response.bytes().await?)?;
        if is_good {
            return Ok(answer["value"].clone());
        }
        Err(format!("{path}: {}", answer["value"]["message"]).into())
    }

    /// Ends the session and the driver.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let url = self.session.clone();
        self.client.delete(url).send().await?;
        self.driver.kill()?;
        self.driver.wait()?;
        Ok(())
    }
}

fn bytes(encoded: &Value) -> Result<Vec<u8>> {
    let text = encoded.as_str().ok_or("the browser gave no picture")?;
    STANDARD.decode(text).map_err(|error| error.to_string().into())
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
