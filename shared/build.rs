//! Makes the table of readings from the data of the crate `pinyin`, small enough for the first download (docs/benchmarks.md).
//!
//! `readings.txt` holds every set of readings once, a line each: as search wants them, so `ü` is spelled out. `readings.bin` holds, for every
//! character from U+3400 to U+9FFF, the number of its line, two bytes each. Readings of hanzi beyond are left out: they are as many bytes
//! again for characters that hardly a name has.
//!
//! Names the sources, too: what one build has made of a record and stored beside it, another does not believe (`src/gist.rs`).

use pinyin::{Pinyin, ToPinyinMulti};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;
/// Readings kept per hanzi; the data's later ones are archaic.
const READINGS: usize = 3;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let all: Vec<String> = (FIRST..=LAST).map(|code| char::from_u32(code).map(readings).unwrap_or_default()).collect();
    let mut uses = BTreeMap::<&str, usize>::new();
    all.iter().for_each(|readings| *uses.entry(readings).or_default() += 1);
    // The frequent ones have numbers below 256, and neighbours resemble each other: both help the compression of the download.
    let mut lines: Vec<(&str, usize)> = uses.into_iter().collect();
    lines.sort_by_key(|(readings, uses)| (readings.contains('/'), if readings.contains('/') { 0 } else { usize::MAX - uses }));
    let numbers: BTreeMap<&str, u16> = lines.iter().zip(0..).map(|((line, _), number)| (*line, number)).collect();
    let index: Vec<u8> = all.iter().flat_map(|readings| numbers[readings.as_str()].to_le_bytes()).collect();
    let text: Vec<&str> = lines.iter().map(|(line, _)| *line).collect();
    println!("cargo::rustc-env=SHARED_SOURCES={:016x}", sources(&text, &index));
    let folder = env::var_os("OUT_DIR").expect("set by cargo");
    fs::write(Path::new(&folder).join("readings.txt"), text.join("\n")).expect("OUT_DIR is writable");
    fs::write(Path::new(&folder).join("readings.bin"), index).expect("OUT_DIR is writable");
}

/// A hash of this crate's sources, of what is made here, and of the compiler, whose tables of letters a search uses; whichever checkout it is.
fn sources(text: &[&str], index: &[u8]) -> u64 {
    let mut files = vec![PathBuf::from("build.rs"), PathBuf::from("Cargo.toml")];
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of this crate").map(|entry| entry.expect("readable").path()) {
            if entry.is_dir() { &mut folders } else { &mut files }.push(entry);
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    let compiler = Command::new(env::var_os("RUSTC").expect("set by cargo")).arg("-V").output().expect("the compiler that is at work");
    (text, index, compiler.stdout).hash(&mut hasher);
    for file in files {
        (file.to_string_lossy(), fs::read(&file).expect("a file of this crate")).hash(&mut hasher);
    }
    hasher.finish()
}

fn readings(c: char) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for plain in c.to_pinyin_multi().into_iter().flatten().map(Pinyin::plain) {
        if !plain.is_empty() && !seen.contains(&plain) && seen.len() < READINGS {
            seen.push(plain);
        }
    }
    seen.into_iter().map(typed).collect::<Vec<_>>().join("/")
}

/// ü is typed v on a keyboard, and often u; passports write yu.
fn typed(plain: &str) -> String {
    let letters = |text: String| text.chars().filter(char::is_ascii_lowercase).collect::<String>();
    if plain.contains('ü') { ["v", "u", "yu"].map(|letter| letters(plain.replace('ü', letter))).join("/") } else { letters(plain.to_owned()) }
}
