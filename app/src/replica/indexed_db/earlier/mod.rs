//! Databases as earlier builds have left them, read by today's.
//!
//! `form_N.json` is what a build wrote whose database had N steps. When a step is added, today's form is kept first:
//! `HUIXIAO_KEEP_FORM=1` in front of the command that runs these tests prints it.

use super::*;
use crate::replica::contract::carried::{carried, take};
use crate::replica::contract::{envelope, file, holds_what_an_earlier_build_left, leave, meta};
use crate::replica::credential::Credential;
use shared::testing::LETTER_KEY;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

const FORMS: [&str; 1] = [include_str!("form_1.json")];

#[wasm_bindgen(module = "/src/replica/indexed_db/earlier/copy.js")]
extern "C" {
    /// The whole database as text.
    #[wasm_bindgen(js_name = taken)]
    async fn taken(name: &str) -> JsValue;
    /// Makes a database of such a text.
    #[wasm_bindgen(js_name = given)]
    async fn given(name: &str, text: &str);
}

async fn opened(name: &str) -> IndexedDb {
    let key = Key::of(&[1; 32]).await.expect("WebCrypto");
    IndexedDb::open_by(name, key, &steps(&meta()), || {}).await.expect("opened")
}

fn fresh_name() -> String {
    format!("huixiao-test-{}", Uuid::now_v7())
}

#[wasm_bindgen_test]
async fn what_an_earlier_build_left_is_read() {
    for form in FORMS {
        let name = fresh_name();
        given(&name, form).await;
        let store = opened(&name).await;
        holds_what_an_earlier_build_left(&store).await;
        assert_eq!(store.drafts().await.expect("read").get("customer/1").map(String::as_str), Some(DRAFT));
        assert!(carried(&store).await.is_empty() && store.credential().await == Ok(None), "it knew of neither");
        // And goes on.
        store.save(&envelope(9), Along::of(&[file(9)])).await.expect("saved");
        let last = store.outbox(100).await.expect("read").pop().expect("saved");
        assert_eq!((last.seq, last.uuid.as_u128()), (3, 9));
    }
}

#[wasm_bindgen_test]
async fn todays_form_is_kept_when_it_is_asked_for() {
    let name = fresh_name();
    let store = opened(&name).await;
    store.write_letters_to(LETTER_KEY).await.expect("letters");
    leave(&store).await;
    store.keep_draft("customer/1", Some(DRAFT)).await.expect("stored");
    take(&store, 9).await;
    store.keep_credential(&Credential::new([7; 32])).await.expect("stored");
    drop(store);
    let text = taken(&name).await.as_string().expect("a text");
    if option_env!("HUIXIAO_KEEP_FORM").is_some() {
        console_log!("{text}");
    }
    let copy = fresh_name();
    given(&copy, &text).await;
    let store = opened(&copy).await;
    holds_what_an_earlier_build_left(&store).await;
    assert_eq!(carried(&store).await, [9]);
    assert_eq!(store.credential().await, Ok(Some(Credential::new([7; 32]))));
}

const DRAFT: &str = r#"{"name":"葉未存"}"#;
