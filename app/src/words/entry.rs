//! Dictionary entries and templates of the organisation, which stand in three languages in its settings.

use crate::replica;
use crate::texts::language;
use shared::Kind;
use shared::settings::{Settings, Texts};

/// A text of the settings in the language chosen now, or in the nearest in which it was written; tracked.
#[must_use]
pub fn in_language(texts: &Texts) -> String {
    texts.nearest(language().into()).to_owned()
}

/// A customer's source: the dictionary's words for its code, or the words of the file it came from; tracked.
#[must_use]
pub fn source(code: &str) -> String {
    replica::read(&[Kind::Settings], |replica| {
        let entry = replica.all::<Settings>().flat_map(|settings| &settings.sources).find(|entry| entry.code == code);
        entry.map_or_else(|| code.to_owned(), |entry| in_language(&entry.texts))
    })
}
