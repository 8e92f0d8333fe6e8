//! The few words of the WebDriver protocol that journeys need, spoken to a local driver.
//!
//! A client library is deliberately absent: this is one JSON request per verb, and its errors say what the driver said.

use super::{Result, Trouble};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt;

/// The key under which the protocol hides an element's id.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub(super) struct Session {
    client: reqwest::Client,
    base: String,
}

#[derive(Clone, Debug)]
pub(super) struct Element(String);

/// What the driver answers when it cannot: the protocol's error code and the driver's words.
#[derive(Debug)]
pub(super) struct Refusal {
    code: String,
    message: String,
}

impl Session {
    pub(super) async fn open(driver: &str, capabilities: Value) -> Result<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let opened = command(&client, Method::POST, &format!("{driver}/session"), Some(&body)).await?;
        let id = opened["sessionId"].as_str().ok_or_else(|| Trouble::new(format!("the driver opened no session: {opened}")))?;
        Ok(Self { client, base: format!("{driver}/session/{id}") })
    }

    pub(super) async fn get(&self, path: &str) -> std::result::Result<Value, Refusal> {
        command(&self.client, Method::GET, &format!("{}{path}", self.base), None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> std::result::Result<Value, Refusal> {
        command(&self.client, Method::POST, &format!("{}{path}", self.base), Some(&body)).await
    }

    /// A command of Chromium's own protocol.
    pub(super) async fn cdp(&self, name: &str, parameters: Value) -> Result<Value> {
        let answer = self.post("/goog/cdp/execute", json!({ "cmd": name, "params": parameters })).await;
        answer.map_err(|refusal| Trouble::from(refusal).while_doing(name))
    }

    /// By CSS, or by XPath if it begins with `//`.
    pub(super) async fn find(&self, selector: &str) -> std::result::Result<Element, Refusal> {
        let using = if selector.starts_with("//") { "xpath" } else { "css selector" };
        let found = self.post("/element", json!({ "using": using, "value": selector })).await?;
        Ok(Element(found[ELEMENT].as_str().unwrap_or_default().to_owned()))
    }

    pub(super) async fn ask(&self, element: &Element, question: &str) -> std::result::Result<Value, Refusal> {
        self.get(&format!("/element/{}/{question}", element.0)).await
    }

    pub(super) async fn tell(&self, element: &Element, verb: &str, body: Value) -> std::result::Result<Value, Refusal> {
        self.post(&format!("/element/{}/{verb}", element.0), body).await
    }
}

impl Element {
    /// As an argument to a script.
    pub(super) fn as_argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

impl Refusal {
    pub(super) fn new(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), message: message.to_owned() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first_lines: Vec<_> = self.message.lines().take_while(|line| !line.starts_with("Stacktrace") && !line.starts_with("#0 ")).collect();
        write!(out, "{} ({})", first_lines.join(" "), self.code)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.to_string())
    }
}

async fn command(client: &reqwest::Client, method: Method, url: &str, body: Option<&Value>) -> std::result::Result<Value, Refusal> {
    let request = client.request(method, url);
    let request = if let Some(body) = body { request.json(body) } else { request };
    let unreachable = |error: reqwest::Error| Refusal { code: "driver unreachable".into(), message: format!("{error:?}") };
    let response = request.send().await.map_err(unreachable)?;
    let succeeded = response.status().is_success();
    let mut answer: Value = response.json().await.map_err(unreachable)?;
    let value = answer["value"].take();
    if succeeded {
        return Ok(value);
    }
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Err(Refusal { code: text("error"), message: text("message") })
}
