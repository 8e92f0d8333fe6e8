//! Printing: the browser's own dialogue, on pages of an exact size.
//!
//! The page allows no style of its own making (Content-Security-Policy); rules that a script adds to a sheet that was loaded are allowed.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Rules that count until this is dropped.
pub(crate) struct Rules {
    sheet: JsValue,
    texts: Vec<String>,
}

impl Rules {
    /// Adds rules to the app's sheet of styles; none if the browser has none to add to.
    pub(crate) fn add(rules: &[String]) -> Option<Self> {
        let document: JsValue = web_sys::window()?.document()?.into();
        let sheets = Reflect::get(&document, &"styleSheets".into()).ok()?;
        let sheet = Reflect::get_u32(&sheets, 0).ok().filter(|sheet| sheet.is_object())?;
        let insert: Function = Reflect::get(&sheet, &"insertRule".into()).ok()?.dyn_into().ok()?;
        let mut added = Self { sheet, texts: Vec::new() };
        for rule in rules {
            let at = added.count()?;
            insert.call2(&added.sheet, &rule.into(), &at.into()).ok()?;
            added.texts.push(text_at(&added.sheet, at)?);
        }
        Some(added)
    }

    fn count(&self) -> Option<u32> {
        let rules = Reflect::get(&self.sheet, &"cssRules".into()).ok()?;
        Reflect::get(&rules, &"length".into()).ok()?.as_f64().map(|count| count as u32)
    }

    fn remove(&self, text: &str) -> Option<()> {
        let delete: Function = Reflect::get(&self.sheet, &"deleteRule".into()).ok()?.dyn_into().ok()?;
        // They stand at the end; another page may have added some since.
        let at = (0..self.count()?).rev().find(|at| text_at(&self.sheet, *at).as_deref() == Some(text))?;
        delete.apply(&self.sheet, &Array::of1(&at.into())).ok().map(drop)
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        for text in &self.texts {
            // A rule that is not there any more does no harm.
            let _gone = self.remove(text);
        }
    }
}

/// Opens the browser's dialogue.
pub(crate) fn print() {
    if let Some(window) = web_sys::window() {
        drop(window.print());
    }
}

fn text_at(sheet: &JsValue, at: u32) -> Option<String> {
    let rules = Reflect::get(sheet, &"cssRules".into()).ok()?;
    Reflect::get(&Reflect::get_u32(&rules, at).ok()?, &"cssText".into()).ok()?.as_string()
}
