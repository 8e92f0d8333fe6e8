//! Turns texts/*.toml into typed functions: one module per file, one function per text.
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

fn main() {
    println!("cargo::rerun-if-changed=texts");
    let mut files: Vec<_> = fs::read_dir("texts").expect("app/texts exists").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    let mut out = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml")) {
        module(file, &mut out);
    }
    let target = Path::new(&env::var_os("OUT_DIR").expect("set by cargo")).join("texts.rs");
    fs::write(target, out).expect("OUT_DIR is writable");
}

fn module(file: &Path, out: &mut String) {
    let name = file.file_stem().and_then(|stem| stem.to_str()).expect("file names are ASCII");
    let content = fs::read_to_string(file).expect("readable");
    let texts: BTreeMap<String, Text> = toml::from_str(&content).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    writeln!(out, "/// Texts of texts/{name}.toml.\npub mod {name} {{").expect("a String can be written");
    for (key, text) in &texts {
        function(&format!("{name}.{key}"), key, text, out);
    }
    out.push_str("}\n");
}

fn function(place: &str, key: &str, text: &Text, out: &mut String) {
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
    if variables.is_empty() {
        let (hant, hans) = (&text.zh_hant, &text.zh_hans);
        writeln!(out, "    pub fn {key}() -> &'static str {{ crate::texts::choose([{hant:?}, {hans:?}, {other:?}]) }}")
            .expect("a String can be written");
        return;
    }
    let parameters: Vec<String> = variables.iter().map(|name| format!("{name}: impl std::fmt::Display")).collect();
    let arms = |value: &str| format!("format!({value:?})");
    let english = match one {
        Some(one) => format!("if n.to_string() == \"1\" {{ {} }} else {{ {} }}", with_all(one, &variables), arms(other)),
        None => arms(other),
    };
    writeln!(
        out,
        "    pub fn {key}({}) -> String {{ match crate::texts::language() {{ crate::texts::Language::ZhHant => {}, crate::texts::Language::ZhHans => {}, crate::texts::Language::En => {english} }} }}",
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
