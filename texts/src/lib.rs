//! Turns texts/*.toml of a crate into typed functions: one module per file, one function per text. Run by the build scripts of the app and of
//! the server, which both have a module `texts` that includes what comes out, and in it a `Language`.
//!
//! Laws: every text stands in all three languages; its variables are the same in each; a missing one stops the build.
//! A text is either `{ zh-Hant, zh-Hans, en }`, or for English plurals `{ zh-Hant, zh-Hans, en = { one, other } }`, chosen by the variable `n`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(rename = "zh-Hant")]
    zh_hant: String,
    #[serde(rename = "zh-Hans")]
    zh_hans: String,
    en: English,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum English {
    Plain(String),
    Plural { one: String, other: String },
}

/// In which language a text is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// In the one that `crate::texts::language()` gives: a device has one person before it.
    TheLanguageChosen,
    /// In the one that the caller names first: a server speaks with many at once.
    TheLanguageAsked,
}

impl Speaks {
    /// A server's texts are its own; an app is one crate.
    const fn visible(self) -> &'static str {
        match self {
            Self::TheLanguageChosen => "pub",
            Self::TheLanguageAsked => "pub(crate)",
        }
    }
}

/// Writes the functions of all texts of the crate that is being built.
///
/// # Panics
/// If a text lacks a language or a variable: the build stops with where it stands.
pub fn generate(speaks: Speaks) {
    println!("cargo::rerun-if-changed=texts");
    let mut files: Vec<_> = fs::read_dir("texts").expect("the folder texts exists").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    let mut out = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml")) {
        let name = file.file_stem().and_then(|stem| stem.to_str()).expect("file names are ASCII");
        module(name, &fs::read_to_string(file).expect("readable"), speaks, &mut out);
    }
    let target = Path::new(&env::var_os("OUT_DIR").expect("set by cargo")).join("texts.rs");
    fs::write(target, out).expect("OUT_DIR is writable");
}

fn module(name: &str, content: &str, speaks: Speaks, out: &mut String) {
    let texts: BTreeMap<String, Text> = toml::from_str(content).unwrap_or_else(|error| panic!("texts/{name}.toml: {error}"));
    writeln!(out, "/// Texts of texts/{name}.toml.\n{} mod {name} {{", speaks.visible()).expect("a String can be written");
    for (key, text) in &texts {
        function(&format!("{name}.{key}"), key, text, speaks, out);
    }
    out.push_str("}\n");
}

fn function(place: &str, key: &str, text: &Text, speaks: Speaks, out: &mut String) {
    let (one, other) = match &text.en {
        English::Plain(en) => (None, en),
        English::Plural { one, other } => (Some(one), other),
    };
    let variables = variables(other);
    for (language, value) in [("zh-Hant", &text.zh_hant), ("zh-Hans", &text.zh_hans)] {
        assert!(!value.is_empty(), "{place}: {language} is empty");
        assert_eq!(self::variables(value), variables, "{place}: {language} has other variables than en");
    }
    writeln!(out, "    /// {}", other.replace('\n', " ")).expect("a String can be written");
    let visible = speaks.visible();
    if variables.is_empty() {
        let (hant, hans) = (&text.zh_hant, &text.zh_hans);
        let (parameter, language) = match speaks {
            Speaks::TheLanguageChosen => ("", ""),
            Speaks::TheLanguageAsked => ("language: crate::texts::Language", "language, "),
        };
        writeln!(out, "    {visible} fn {key}({parameter}) -> &'static str {{ crate::texts::choose({language}[{hant:?}, {hans:?}, {other:?}]) }}")
            .expect("a String can be written");
        return;
    }
    let (asked, language) = match speaks {
        Speaks::TheLanguageChosen => (None, "crate::texts::language()"),
        Speaks::TheLanguageAsked => (Some("language: crate::texts::Language".to_owned()), "language"),
    };
    let parameters: Vec<String> = asked.into_iter().chain(variables.iter().map(|name| format!("{name}: impl std::fmt::Display"))).collect();
    let arms = |value: &str| format!("format!({value:?})");
    let english = match one {
        Some(one) => format!("if n.to_string() == \"1\" {{ {} }} else {{ {} }}", with_all(one, &variables), arms(other)),
        None => arms(other),
    };
    writeln!(
        out,
        "    {visible} fn {key}({}) -> String {{ match {language} {{ crate::texts::Language::ZhHant => {}, crate::texts::Language::ZhHans => {}, crate::texts::Language::En => {english} }} }}",
        parameters.join(", "),
        arms(&text.zh_hant),
        arms(&text.zh_hans),
    )
    .expect("a String can be written");
}

/// A singular text may leave the number out ("one guest"); the other variables stay as they are.
fn with_all(one: &str, variables: &BTreeSet<String>) -> String {
    assert!(self::variables(one).is_subset(variables), "a singular has no variables of its own: {one}");
    if self::variables(one).is_empty() { format!("{one:?}.to_owned()") } else { format!("format!({one:?})") }
}

fn variables(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREETING: &str = "[greeting]\nzh-Hant = \"{name}您好\"\nzh-Hans = \"{name}您好\"\nen = \"Dear {name}\"\n";

    fn generated(content: &str, speaks: Speaks) -> String {
        let mut out = String::new();
        module("page", content, speaks, &mut out);
        out
    }

    #[test]
    fn a_server_names_the_language_and_an_app_has_one() {
        assert!(generated(GREETING, Speaks::TheLanguageAsked).contains("pub(crate) fn greeting(language: crate::texts::Language, name: impl"));
        assert!(generated(GREETING, Speaks::TheLanguageChosen).contains("pub fn greeting(name: impl std::fmt::Display) -> String"));
        let plain = "[yes]\nzh-Hant = \"好\"\nzh-Hans = \"好\"\nen = \"Yes\"\n";
        assert!(generated(plain, Speaks::TheLanguageAsked).contains("choose(language, [\"好\", \"好\", \"Yes\"])"));
    }

    #[test]
    #[should_panic(expected = "page.greeting: zh-Hans has other variables than en")]
    fn a_variable_that_one_language_lacks_stops_the_build() {
        generated(&GREETING.replacen("zh-Hans = \"{name}", "zh-Hans = \"", 1), Speaks::TheLanguageAsked);
    }

    #[test]
    #[should_panic(expected = "texts/page.toml")]
    fn a_language_that_lacks_stops_the_build() {
        generated("[yes]\nzh-Hant = \"好\"\nen = \"Yes\"\n", Speaks::TheLanguageAsked);
    }
}
