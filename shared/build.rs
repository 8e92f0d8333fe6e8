//! Makes the table of readings from the data of the crate `pinyin`, small enough for the first download (docs/benchmarks.md).
//!
//! `readings.txt` holds every set of readings once, a line each: as search wants them, so `ü` is spelled out. `readings.bin` holds, for every
//! character from U+3400 to U+9FFF, the number of its line, two bytes each. Readings of hanzi beyond are left out: they are as many bytes
//! again for characters that hardly a name has.

use pinyin::{Pinyin, ToPinyinMulti};
use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;
/// Readings kept per hanzi; the data's later ones are archaic.
const READINGS: usize = 3;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let all: Vec<String> = (FIRST..=LAST).map(|code| char::from_u32(code).map(readings).unwrap_or_default()).collect();
    let mut uses = BTreeMap::<&str, usize>::new();
    all.iter().for_each(|readings| *uses.entry(readings).or_default() += 1);
    // The frequent ones have numbers below 256, and neighbours resemble each other: both help the compression of the download.
    let mut lines: Vec<(&str, usize)> = uses.into_iter().collect();
    lines.sort_by_key(|(readings, uses)| (readings.contains('/'), if readings.contains('/') { 0 } else { usize::MAX - uses }));
    let numbers: BTreeMap<&str, u16> = lines.iter().zip(0..).map(|((line, _), number)| (*line, number)).collect();
    let index: Vec<u8> = all.iter().flat_map(|readings| numbers[readings.as_str()].to_le_bytes()).collect();
    let text: Vec<&str> = lines.iter().map(|(line, _)| *line).collect();
    let folder = env::var_os("OUT_DIR").expect("set by cargo");
    fs::write(Path::new(&folder).join("readings.txt"), text.join("\n")).expect("OUT_DIR is writable");
    fs::write(Path::new(&folder).join("readings.bin"), index).expect("OUT_DIR is writable");
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
