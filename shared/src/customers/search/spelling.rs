//! How a name is spelled in pinyin: syllable by syllable, with the readings that surnames have.
//!
//! A name is cut into cells: one per hanzi, one per Latin word. A query matches cells one after another: each cell by its hanzi, by a whole reading
//! or by its initial (`w`, `zh` or `z`), the last one by any beginning of a reading. So 王小明 is found by 王, wxm, wangxm, wxming, xiaom, 王xm.

use super::fold::{fold, is_hanzi, push_utf8};
use std::sync::LazyLock;

/// Longest query word that is matched as a spelling, in bytes; a longer one is compared as text only.
pub(super) const LONGEST: usize = 63;
/// The hanzi of the basic plane, for which readings are known.
const KNOWN: std::ops::RangeInclusive<char> = '\u{3400}'..='\u{9FFF}';
/// For every known hanzi the line of its readings, in two bytes (build.rs).
const LINES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/readings.bin"));
static READINGS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!(concat!(env!("OUT_DIR"), "/readings.txt")).split('\n').collect());

/// How well a spelling matched; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// From the first cell on, every syllable but the last spelled out.
    Spelled,
    /// From the first cell on, with initials.
    Initials,
    /// From a later cell on.
    Inside,
}

/// Appends the cells of a name: per cell its folded hanzi, if any, then readings separated by `/`, then a space.
pub(super) fn push_cells(name: &str, out: &mut Vec<u8>) {
    let start = out.len();
    let mut in_word = false;
    let mut hanzi_before: Option<char> = None;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let folded = fold(c);
        match folded {
            Some(one) if one.is_ascii_alphanumeric() => {
                out.push(one as u8);
                in_word = true;
            }
            _ => {
                if std::mem::take(&mut in_word) {
                    out.push(b' ');
                }
                if let Some(one) = folded.filter(|one| !one.is_ascii()) {
                    let first = out.len() == start;
                    push_utf8(one, out);
                    let next = chars.peek().copied().and_then(fold);
                    match surname_readings(first, hanzi_before, one, next) {
                        Some(readings) => out.extend_from_slice(readings.as_bytes()),
                        None => push_readings(c, out),
                    }
                    out.push(b' ');
                    hanzi_before = (first && is_hanzi(one)).then_some(one);
                }
            }
        }
    }
    if in_word {
        out.push(b' ');
    }
}

/// The cells of [`push_cells`]: folded hanzi and readings, as bytes.
pub(super) fn cells(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let end = rest.iter().position(|b| *b == b' ')?;
        let (cell, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        let hanzi = cell.iter().position(u8::is_ascii).unwrap_or(cell.len());
        Some(cell.split_at(hanzi))
    })
}

/// The length of the initial with which a reading may be abbreviated: one letter, or two for zh, ch, sh.
pub(super) fn initials(reading: &[u8]) -> std::ops::RangeInclusive<usize> {
    let two = matches!(reading, [b'z' | b'c' | b's', b'h', _, ..]);
    1..=(if two { 2 } else { 1 })
}

/// Matches a folded query word of at most [`LONGEST`] bytes against the cells of a name.
///
/// Positions in the query that can be reached are kept as bits, so the time is bounded by cells × positions whatever the texts are.
pub(super) fn fit(bytes: &[u8], query: &[u8]) -> Option<Fit> {
    memchr::memchr(query[0], bytes)?;
    if let [letter] = query {
        return one_letter(bytes, *letter);
    }
    let mut reached = [0u64; 3];
    let mut best = None;
    for (index, (hanzi, readings)) in cells(bytes).enumerate() {
        let begin = if index == 0 { Fit::Spelled } else { Fit::Inside };
        reached[begin as usize] |= 1;
        let mut next = [0u64; 3];
        for fit in [Fit::Spelled, Fit::Initials, Fit::Inside] {
            let mut positions = std::mem::take(&mut reached[fit as usize]);
            while positions != 0 {
                let at = positions.trailing_zeros() as usize;
                positions &= positions - 1;
                if step(hanzi, readings, &query[at..], fit, at, &mut next) {
                    if fit == Fit::Spelled {
                        return Some(fit);
                    }
                    best = Some(best.map_or(fit, |best: Fit| best.min(fit)));
                }
            }
        }
        reached = next;
    }
    best
}

/// What [`fit`] says of a single letter: the readings that begin with it.
fn one_letter(bytes: &[u8], letter: u8) -> Option<Fit> {
    let mut first_cell = true;
    let mut before = b'/';
    let mut inside = false;
    for byte in bytes {
        if *byte == letter && (!before.is_ascii() || matches!(before, b'/' | b' ')) {
            if first_cell {
                return Some(Fit::Spelled);
            }
            inside = true;
        }
        first_cell &= *byte != b' ';
        before = *byte;
    }
    inside.then_some(Fit::Inside)
}

/// Matches one cell with the rest of a query; true if the rest ends within it.
fn step(hanzi: &[u8], readings: &[u8], rest: &[u8], fit: Fit, at: usize, next: &mut [u64; 3]) -> bool {
    if !rest[0].is_ascii() {
        let equal = !hanzi.is_empty() && rest.starts_with(hanzi);
        if equal && rest.len() > hanzi.len() {
            next[fit as usize] |= 1 << (at + hanzi.len());
        }
        return equal && rest.len() == hanzi.len();
    }
    let abbreviated = if fit == Fit::Spelled { Fit::Initials } else { fit };
    let mut ended = false;
    for reading in readings.split(|b| *b == b'/') {
        let common = reading.iter().zip(rest).take_while(|(a, b)| a == b).count();
        if common == 0 {
            continue;
        }
        if common == rest.len() {
            ended = true;
            continue;
        }
        if common == reading.len() {
            next[fit as usize] |= 1 << (at + common);
        }
        for initial in initials(reading).filter(|initial| *initial <= common && *initial < reading.len()) {
            next[abbreviated as usize] |= 1 << (at + initial);
        }
    }
    ended
}

fn push_readings(c: char, out: &mut Vec<u8>) {
    if c == '〇' {
        out.extend_from_slice(b"ling");
    } else if KNOWN.contains(&c) {
        let at = (c as usize - *KNOWN.start() as usize) * 2;
        let line = u16::from_le_bytes([LINES[at], LINES[at + 1]]);
        out.extend_from_slice(READINGS[usize::from(line)].as_bytes());
    }
}

/// The readings of a hanzi as (part of) a surname, in folded (simplified) form; none where the usual ones hold.
fn surname_readings(first: bool, before: Option<char>, c: char, next: Option<char>) -> Option<&'static str> {
    if first { next.and_then(|next| compound_first(c, next)).or_else(|| single(c)) } else { compound_second(before?, c) }
}

fn compound_first(c: char, next: char) -> Option<&'static str> {
    Some(match (c, next) {
        ('尉', '迟') => "yu",
        ('万', '俟') => "mo",
        ('长', '孙') => "zhang",
        ('单', '于') => "chan",
        ('澹', '台') => "tan",
        ('令', '狐') => "ling",
        ('鲜', '于') => "xian",
        ('欧', '阳') => "ou",
        ('上', '官') => "shang",
        ('夏', '侯') => "xia",
        ('皇', '甫') => "huang",
        ('宗', '政') => "zong",
        ('亓', '官') => "qi",
        ('乐', '正') => "yue",
        ('子', '车') => "zi",
        ('颛', '孙') => "zhuan",
        _ => return None,
    })
}

fn compound_second(before: char, c: char) -> Option<&'static str> {
    Some(match (before, c) {
        ('万', '俟') => "qi",
        ('诸', '葛') => "ge",
        ('澹', '台') => "tai",
        ('夏', '侯') => "hou",
        ('宰', '父') => "fu",
        ('子', '车') => "ju",
        ('鲜' | '单' | '淳', '于') => "yu",
        _ => return None,
    })
}

fn single(c: char) -> Option<&'static str> {
    Some(match c {
        '曾' => "zeng",
        '单' => "shan",
        '仇' => "qiu",
        '解' => "xie",
        '任' => "ren",
        '查' => "zha",
        '尹' => "yin",
        '区' => "ou",
        '朴' => "piao",
        '盖' => "ge/gai",
        '乐' => "yue/le",
        '冼' | '洗' => "xian",
        '缪' => "miao",
        '覃' => "qin/tan",
        '逄' => "pang",
        '员' => "yun",
        '折' => "she",
        '种' => "chong",
        '秘' => "bi",
        '黑' => "he/hei",
        '叶' => "ye",
        '葛' => "ge",
        '华' => "hua",
        '宁' => "ning",
        '纪' => "ji",
        '曲' => "qu",
        '翟' => "zhai/di",
        '郇' => "xun/huan",
        '尉' => "wei",
        '宿' => "su",
        '祭' => "zhai",
        '召' => "shao",
        '相' => "xiang",
        '都' => "du",
        '车' => "che",
        '乜' => "nie",
        '能' => "nai",
        '隗' => "wei/kui",
        '牟' => "mou/mu",
        '訾' => "zi",
        '晟' => "cheng",
        '那' => "na",
        '柏' => "bai/bo",
        '沈' => "shen",
        '仉' => "zhang",
        '贲' => "ben",
        '费' => "fei/bi",
        '薄' => "bo",
        '佴' => "nai",
        '适' => "kuo/shi",
        '句' => "gou",
        '哈' => "ha",
        '幺' => "yao",
        '过' => "guo",
        '訚' => "yin",
        '谌' => "chen",
        '阚' => "kan",
        '邸' => "di",
        '於' | '于' => "yu",
        '俞' => "yu",
        '尧' => "yao",
        '长' => "chang",
        '石' => "shi",
        '卜' => "bu",
        '盛' => "sheng",
        '晁' => "chao",
        '陆' => "lu",
        '厘' => "xi",
        '兴' => "xing",
        '强' => "qiang",
        '万' => "wan",
        '台' => "tai",
        '贾' => "jia",
        '景' => "jing",
        '宓' => "mi",
        '繁' => "po",
        '谷' => "gu",
        '莘' => "shen",
        '殷' => "yin",
        '舍' => "she",
        '不' => "fou",
        '呙' => "guo",
        '妫' => "gui",
        '炅' => "gui",
        '眭' => "sui",
        '郄' => "qie/xi",
        '郗' => "xi/chi",
        '撒' => "sa",
        '藏' => "zang",
        '臧' => "zang",
        '难' => "ning",
        '南' => "nan",
        '戴' => "dai",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, query: &str, expected: Option<Fit>) {
        let mut bytes = Vec::new();
        push_cells(name, &mut bytes);
        assert_eq!(fit(&bytes, query.as_bytes()), expected, "{query} in {name} ({})", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_name_is_found_by_syllables_initials_and_both_mixed() {
        for query in ["w", "wa", "wang", "wangx", "wangxiaoming"] {
            check("王小明", query, Some(Fit::Spelled));
        }
        for query in ["wxm", "wx", "wangxm", "wxiaoming", "wxming"] {
            check("王小明", query, Some(Fit::Initials));
        }
        for query in ["xiao", "xm", "m", "xiaom", "ming", "小m"] {
            check("王小明", query, Some(Fit::Inside));
        }
        for query in ["ang", "wm", "wangm", "iao", "wxmm", "王m"] {
            check("王小明", query, None);
        }
        check("張書豪", "zhshh", Some(Fit::Initials));
        check("張書豪", "zsh", Some(Fit::Initials));
        check("王小明", "王xm", Some(Fit::Initials));
    }

    #[test]
    fn surnames_are_read_as_surnames() {
        for (name, reading) in [
            ("曾國華", "zeng"),
            ("單雄信", "shan"),
            ("仇英", "qiu"),
            ("解縉", "xie"),
            ("任賢齊", "ren"),
            ("查良鏞", "zha"),
            ("區建國", "ou"),
            ("樂嘉", "yue"),
            ("尉遲恭", "yuchigong"),
            ("万俟卨", "moqi"),
            ("單于明", "chanyu"),
            ("澹臺滅明", "tantai"),
            ("歐陽修", "ouyangxiu"),
            ("司馬光", "simaguang"),
            ("上官婉兒", "shangguanwaner"),
            ("諸葛亮", "zhugeliang"),
        ] {
            check(name, reading, Some(Fit::Spelled));
        }
        check("曾國華", "ceng", None);
        check("王曾", "wangceng", Some(Fit::Spelled));
    }

    #[test]
    fn the_umlaut_is_typed_as_people_type_it() {
        for query in ["lvbu", "lubu", "lyubu", "lb"] {
            check("呂布", query, Some(if query == "lb" { Fit::Initials } else { Fit::Spelled }));
        }
    }

    #[test]
    fn latin_names_have_initials_too() {
        check("David Chen", "dc", Some(Fit::Initials));
        check("David Chen", "davidch", Some(Fit::Spelled));
        check("陳大文 David", "cdwdavid", Some(Fit::Initials));
    }
}
