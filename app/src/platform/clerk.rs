//! The worker of the crate `clerk`: a sheet of a spreadsheet as text, and a table as a spreadsheet.

use super::storage::{from_js, to_js};
use super::worker::Worker;
use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use shared::customers::import::Refusal;
use shared::exports::table::Table;
use std::pin::pin;
use wasm_bindgen::JsValue;

const CLERK: &str = "/clerk_loader.js";
/// The largest lists take some seconds on a slow phone, and can be stopped.
const PATIENCE_MS: u32 = 120_000;

/// A sheet that was read.
#[derive(Clone, Deserialize)]
pub(crate) struct Found {
    /// The names of the sheets that are shown.
    pub(crate) sheets: Vec<String>,
    /// Which of them was read.
    pub(crate) chosen: usize,
    /// Its text.
    #[serde(skip)]
    pub(crate) text: String,
}

/// Why nothing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// The file is refused.
    Refused(Refusal),
    /// The worker is not there: its files have not been downloaded yet.
    NoWorker,
    /// The person has stopped it.
    Stopped,
}

/// Reads a sheet that is shown: the wished one, or the first with something in it. Asked often whether to go on.
pub(crate) async fn read(bytes: &[u8], wished: Option<usize>, goes_on: impl Fn() -> bool) -> Result<Found, Unread> {
    let stopped = pin!(async {
        while goes_on() {
            TimeoutFuture::new(100).await;
        }
    });
    match futures::future::select(pin!(ask(bytes, wished)), stopped).await {
        futures::future::Either::Left((found, _)) => found,
        // The worker ends with its question.
        futures::future::Either::Right(_) => Err(Unread::Stopped),
    }
}

async fn ask(bytes: &[u8], wished: Option<usize>) -> Result<Found, Unread> {
    let mut worker = Worker::start(CLERK).await.ok_or(Unread::NoWorker)?;
    let bytes = to_js(bytes);
    let sheet = wished.map_or(JsValue::UNDEFINED, JsValue::from);
    // One that falls silent over a file has met what it cannot read.
    let broken = Unread::Refused(Refusal::Broken);
    let answer = worker.ask_within(PATIENCE_MS, &[("bytes", &bytes), ("sheet", &sheet)], &[&bytes]).await.ok_or(broken)?;
    let field = |name: &str| Reflect::get(&answer, &name.into()).map_err(|_| broken);
    let head = field("head")?.as_string().ok_or(broken)?;
    let mut found: Found = serde_json::from_str::<Result<Found, Refusal>>(&head).map_err(|_| broken)?.map_err(Unread::Refused)?;
    found.text = from_js(&field("text")?).and_then(|text| String::from_utf8(text).ok()).ok_or(broken)?;
    Ok(found)
}

/// A table as a spreadsheet with one sheet, some columns of which are figures; none if the worker is not there or cannot.
pub(crate) async fn write(sheet: &str, table: &Table, numbers: &[u16]) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Order<'t> {
        sheet: &'t str,
        rows: &'t [Vec<String>],
        numbers: &'t [u16],
    }
    let mut worker = Worker::start(CLERK).await?;
    let order = to_js(&serde_json::to_vec(&Order { sheet, rows: &table.rows, numbers }).ok()?);
    from_js(&worker.ask_within(PATIENCE_MS, &[("table", &order)], &[&order]).await?)
}
