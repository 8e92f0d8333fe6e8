//! What people write into the cells of single fields, read without mercy for none and without guessing.

use crate::customers::search::folded;
use crate::customers::{Gender, Intent, Salutation};
use crate::phone::{Country, Phone};
use chrono::{Datelike, NaiveDate};

/// Whether a cell says that there is nothing: a dash, "none".
pub(super) fn is_nothing(cell: &str) -> bool {
    cell.chars().all(|c| !c.is_alphanumeric())
        || matches!(folded(cell).as_str(), "无" | "没有" | "na" | "n/a" | "null" | "none" | "nil" | "未填" | "不详" | "未知")
}

pub(super) fn salutation(cell: &str) -> Option<Salutation> {
    match folded(cell).trim_end_matches('.') {
        "先生" | "男士" | "男" | "mr" | "sir" | "mister" => Some(Salutation::Mr),
        "女士" | "小姐" | "太太" | "夫人" | "女" | "ms" | "mrs" | "miss" | "madam" | "mdm" => Some(Salutation::Ms),
        _ => None,
    }
}

pub(super) fn gender(cell: &str) -> Option<Gender> {
    match folded(cell).as_str() {
        "男" | "男性" | "男士" | "先生" | "male" | "m" | "man" => Some(Gender::Male),
        "女" | "女性" | "女士" | "小姐" | "female" | "f" | "woman" => Some(Gender::Female),
        "其他" | "其它" | "不便透露" | "不透露" | "other" | "x" | "nonbinary" | "undisclosed" => Some(Gender::Other),
        _ => None,
    }
}

/// A letter from A to D, alone or followed by something that is no letter (`A級`, `B - 半年內`).
pub(super) fn intent(cell: &str) -> Option<Intent> {
    let text = folded(cell);
    let mut chars = text.chars();
    let intent = match chars.next()? {
        'a' => Intent::A,
        'b' => Intent::B,
        'c' => Intent::C,
        'd' => Intent::D,
        _ => return None,
    };
    chars.next().is_none_or(|next| !next.is_ascii_alphanumeric()).then_some(intent)
}

/// The Gregorian year in `1985`, `民國74年`, `74/5/1`, `0740501`, `1985-05-01`, `1/5/1985`, `19850501`, or a spreadsheet's day number; none
/// outside 1900 to `this_year`. Two digits are a year of the Republic in Taiwan and of the twentieth century elsewhere.
pub(super) fn birth_year(cell: &str, home: Country, this_year: u16) -> Option<u16> {
    // Folding takes dashes away; here they separate.
    let text = folded(&cell.replace(['-', '－', '–'], "/"));
    let republic = ["民国", "民", "roc", "r.o.c."].iter().any(|era| text.starts_with(era));
    let text = text.replace("元年", "1年");
    let numbers: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let first = *numbers.first()?;
    let rest_is_letters = text.chars().all(|c| c.is_ascii_digit() || " /.年月日号民国公元西roc:上下午amp".contains(c));
    if !rest_is_letters {
        return None;
    }
    let number: u32 = first.parse().ok()?;
    let last: u32 = numbers.last()?.parse().ok()?;
    let year = match first.len() {
        _ if republic && first.len() <= 3 => number + 1911,
        4 => number,
        1 | 2 if numbers.len() >= 3 && (1900..=2100).contains(&nth(&numbers, 2)?) => nth(&numbers, 2)?,
        2 if home == Country::Tw => number + 1911,
        2 => number + 1900,
        3 if home == Country::Tw => number + 1911,
        5 if numbers.len() == 1 => day_number(number)?,
        6 if (1900..=2100).contains(&(number / 100)) => number / 100,
        6 | 7 if home == Country::Tw || republic => number / 10_000 + 1911,
        8 if (1900..=2100).contains(&(number / 10_000)) => number / 10_000,
        8 => number % 10_000,
        _ => last,
    };
    u16::try_from(year).ok().filter(|year| (1900..=this_year).contains(year))
}

fn nth(numbers: &[&str], index: usize) -> Option<u32> {
    numbers.get(index)?.parse().ok()
}

/// The year of a day as spreadsheets count them, from 30 December 1899.
fn day_number(days: u32) -> Option<u32> {
    let date = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(u64::from(days)))?;
    u32::try_from(date.year()).ok()
}

/// The numbers in a cell: one, or several separated by `/ ; 、 ，` and the like. The pieces that are none are given back as such.
pub(super) fn phones(cell: &str, home: Country) -> Result<Vec<Phone>, NoPhone> {
    if is_rounded(cell) {
        return Err(NoPhone::Rounded);
    }
    let pieces: Vec<&str> =
        cell.split(['/', '／', ';', '；', '、', ',', '，', '\n', '|', '｜']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    let one_by_one: Result<Vec<_>, _> = pieces.iter().map(|piece| Phone::parse(without_label(piece), home)).collect();
    let mut phones = one_by_one.or_else(|_| Phone::parse(cell, home).map(|phone| vec![phone])).map_err(|_| NoPhone::Malformed)?;
    let mut seen = Vec::with_capacity(phones.len());
    phones.retain(|phone| {
        !seen.contains(phone) && {
            seen.push(phone.clone());
            true
        }
    });
    Ok(phones)
}

/// Why a cell holds no phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPhone {
    /// It is none.
    Malformed,
    /// A spreadsheet has rounded it: 8.86912E+11. The lost digits cannot be known.
    Rounded,
}

fn is_rounded(cell: &str) -> bool {
    let Some(at) = cell.find(['e', 'E']) else { return false };
    let (before, after) = (&cell[..at], &cell[at + 1..]);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    digits(before.trim()) && after.trim().strip_prefix('+').is_some_and(digits)
}

/// `手機:0912…`, `(H) 02…`, `Tel. 02…`: what stands before the number is taken off.
fn without_label(piece: &str) -> &str {
    let begin = piece.find(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c) || matches!(c, '+' | '＋' | '(' | '（')).unwrap_or(0);
    let (label, number) = piece.split_at(begin);
    let is_label = label.chars().count() <= 6 && label.ends_with([':', '：', '.', ' ', ')', '）']) && label.chars().any(char::is_alphabetic);
    if is_label { number } else { piece }
}

/// Whether a cell looks like a phone number or an e-mail address: what no header does.
pub(super) fn looks_like_contact(cell: &str) -> bool {
    let digits = cell.chars().filter(|c| c.is_ascii_digit() || ('０'..='９').contains(c)).count();
    let others = cell.chars().filter(|c| c.is_alphabetic()).count();
    (digits >= 7 && others <= 3 && !cell.contains(['年', '月'])) || (cell.contains('@') && cell.contains('.'))
}

/// The tags of a cell, each once.
pub(super) fn tags(cell: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in cell.split([',', '，', ';', '；', '、', '|', '｜', '/', '／', '#', '＃', '\n']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// What a cell says of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreed {
    /// Given; on which day, if it is told.
    Yes(Option<NaiveDate>),
    /// Not given.
    No,
}

pub(super) fn consent(cell: &str) -> Option<Agreed> {
    match folded(cell).as_str() {
        "是" | "同意" | "已同意" | "有" | "可" | "y" | "yes" | "v" | "true" | "1" | "ok" | "agree" | "agreed" | "✓" | "✔" | "○" => {
            Some(Agreed::Yes(None))
        }
        "否" | "不同意" | "未同意" | "无" | "没有" | "不可" | "n" | "no" | "false" | "0" | "x" | "✗" | "×" => Some(Agreed::No),
        _ => date(cell).map(|day| Agreed::Yes(Some(day))),
    }
}

/// A day in the order year, month, day; a year below 1000 is the Republic's.
fn date(cell: &str) -> Option<NaiveDate> {
    let mut numbers = cell.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let year = if year < 1000 { year + 1911 } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_birth_are_read_as_people_write_them() {
        let check = |cell: &str, home, expected: Option<u16>| assert_eq!(birth_year(cell, home, 2026), expected, "{cell}");
        for cell in [
            "1985",
            "民國74年",
            "民國 74 年",
            "74/5/1",
            "74.5.1",
            "0740501",
            "740501",
            "1985-05-01",
            "1985/5/1",
            "1985年5月1日",
            "19850501",
            "1/5/1985",
            "１９８５",
            "74",
            "074",
            "民74",
            "31168",
            "1985/5/1 上午 12:00:00",
            "01-05-1985",
        ] {
            check(cell, Country::Tw, Some(1985));
        }
        check("85", Country::Cn, Some(1985));
        check("85年", Country::Cn, Some(1985));
        check("民國元年", Country::Tw, Some(1912));
        for cell in ["", "abc", "1800", "2050", "屬牛", "不明", "123456789", "0"] {
            check(cell, Country::Tw, None);
        }
    }

    #[test]
    fn a2_a_cell_may_hold_several_numbers() {
        let check = |cell: &str, expected: Result<&[&str], NoPhone>| {
            let found = phones(cell, Country::Tw).map(|found| found.iter().map(|phone| phone.e164().to_owned()).collect::<Vec<_>>());
            assert_eq!(found, expected.map(|numbers| numbers.iter().map(|number| (*number).to_owned()).collect()), "{cell}");
        };
        check("0912-345-678", Ok(&["+886912345678"]));
        check("0912345678/02-23456789", Ok(&["+886912345678", "+886223456789"]));
        check("0912345678、0922333444；0912345678", Ok(&["+886912345678", "+886922333444"]));
        check("手機:0912345678", Ok(&["+886912345678"]));
        check("912345678", Ok(&["+886912345678"]));
        check("02/23456789", Ok(&["+886223456789"]));
        check("8.86912345E+11", Err(NoPhone::Rounded));
        check("沒有電話", Err(NoPhone::Malformed));
    }

    #[test]
    fn a1_words_for_persons_are_understood() {
        assert_eq!(salutation("Mr."), Some(Salutation::Mr));
        assert_eq!(salutation("小姐"), Some(Salutation::Ms));
        assert_eq!(salutation("博士"), None);
        assert_eq!(gender("Ｆ"), Some(Gender::Female));
        assert_eq!(intent("Ａ級"), Some(Intent::A));
        assert_eq!(intent("b - soon"), Some(Intent::B));
        assert_eq!(intent("Absolutely"), None);
        assert_eq!(tags("VIP、老客戶 ;VIP #高意向"), ["VIP", "老客戶", "高意向"]);
        assert_eq!(consent("v"), Some(Agreed::Yes(None)));
        assert_eq!(consent("113/5/1"), Some(Agreed::Yes(NaiveDate::from_ymd_opt(2024, 5, 1))));
    }
}
