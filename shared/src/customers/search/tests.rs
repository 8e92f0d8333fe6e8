use super::keys::push_digits;
use super::query::is_ending;
use super::*;
use proptest::prelude::*;

type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const PEOPLE: &[Row] = &[
    ("王小明", &["+886912345678"], &["台積電", "VIP"]),
    ("王明", &["+886922333444"], &["鴻海精密"]),
    ("歐陽娜娜", &["+8613800138000"], &["臺灣銀行"]),
    ("曾國華", &["+85291234567"], &["Acer Taiwan", "老客戶"]),
    ("David Chen", &["+886223456789"], &["Wang & Sons"]),
    ("吕丽", &[], &["王府飯店"]),
];

fn text<'a>(name: &'a str, phones: &[&'a str], words: &[&'a str]) -> SearchText<'a> {
    SearchText { name, phones: phones.to_vec(), words: words.to_vec() }
}

fn people() -> SearchIndex {
    let mut index = SearchIndex::new();
    for (number, (name, phones, words)) in (0..).zip(PEOPLE) {
        index.put(Uuid::from_u128(number), &text(name, phones, words));
    }
    index
}

fn check(query: &str, expected: &[&str]) {
    let found = people().search(query, 200);
    let names: Vec<_> = found.ids.iter().map(|id| PEOPLE[id.as_u128() as usize].0).collect();
    assert_eq!(names, expected, "{query:?}");
    assert_eq!(found.total, expected.len(), "{query:?}");
}

#[test]
fn an_entry_made_ready_is_found_as_one_put_as_text() {
    let mut index = people();
    let mut ready = SearchIndex::new();
    for (number, (name, phones, words)) in (0..).zip(PEOPLE) {
        let mut bytes = Vec::new();
        text(name, phones, words).make_ready(&mut bytes);
        assert!(ready.put_ready(Uuid::from_u128(number), &bytes));
        assert!(!ready.put_ready(Uuid::from_u128(99), &bytes[..bytes.len() - 1]), "cut off, it is none");
    }
    for query in ["王", "w", "9", "欧阳", "oynn", "345", "台", "VIP wang", ""] {
        assert_eq!(ready.search(query, 10), index.search(query, 10), "{query:?}");
    }
}

#[test]
fn a3_one_character_is_enough() {
    check("王", &["王明", "王小明", "吕丽"]);
    check("w", &["王明", "王小明", "曾國華", "David Chen"]);
    check("9", &["David Chen"]);
}

#[test]
fn a3_hanzi_are_found_in_either_script() {
    for query in ["欧阳", "歐陽", "歐阳"] {
        check(query, &["歐陽娜娜"]);
    }
    check("台湾", &["歐陽娜娜"]);
    check("呂麗", &["吕丽"]);
    check("台積", &["王小明"]);
}

#[test]
fn a3_pinyin_and_initials_find_names() {
    check("wxm", &["王小明"]);
    check("wangm", &["王明"]);
    check("oynn", &["歐陽娜娜"]);
    check("zeng", &["曾國華"]);
    check("lvli", &["吕丽"]);
    check("ming", &["王明", "王小明"]);
    check("DC", &["David Chen"]);
}

#[test]
fn a3_digits_find_phones_and_those_that_end_with_them_come_first() {
    check("678", &["王小明", "David Chen"]);
    check("0912-345", &["王小明"]);
    check("44", &["王明"]);
    check("444", &["王明"]);
    check("+886 912", &["王小明"]);
    check("０２２３", &["David Chen"]);
    check("00138", &["歐陽娜娜"]);
}

#[test]
fn a3_all_words_must_be_found() {
    check("王 台積", &["王小明"]);
    check("王　vip 678", &["王小明"]);
    check("王 acer", &[]);
    check("taiwan zgh", &["曾國華"]);
}

#[test]
fn a_query_with_nothing_to_search_for_finds_everybody() {
    for query in ["", "  ", "-"] {
        let found = people().search(query, 2);
        assert_eq!((found.ids.len(), found.total), (2, PEOPLE.len()));
    }
}

#[test]
fn what_was_removed_or_changed_is_not_found_by_its_old_words() {
    let mut index = people();
    let first = Uuid::from_u128(0);
    assert_eq!(index.search("wxm", 9).total, 1);
    index.put(first, &text("李大華", &[], &[]));
    assert_eq!(index.search("wxm", 9).total, 0);
    assert_eq!(index.search("ldh", 9).ids, [first]);
    index.remove(first);
    index.remove(first);
    assert_eq!(index.search("ldh", 9).total, 0);
    assert_eq!(index.len(), PEOPLE.len() - 1);
}

#[test]
fn the_buffer_does_not_grow_with_the_number_of_changes() {
    let mut index = people();
    for number in 0..20_000u32 {
        index.put(Uuid::from_u128(0), &text("王小明", &[], &[&number.to_string()]));
    }
    assert!(index.keys.len() < 2 * MIN_WASTE + 1_000, "{} bytes", index.keys.len());
    assert_eq!(index.search("19999", 9).total, 1);
    assert_eq!(index.search("oynn", 9).total, 1);
}

#[test]
fn texts_longer_than_any_customer_has_do_no_harm() {
    let mut index = people();
    let (name, word) = ("吕".repeat(70_000), "呂".repeat(70_000));
    let id = Uuid::from_u128(99);
    index.put(id, &text(&name, &vec!["+886912345678"; 9_000], &[&word, "鴻海", &word]));
    assert_eq!(index.search("lvlvlv", 9).ids, [id]);
    assert_eq!(index.search("鴻海", 9).total, 2);
}

#[test]
fn no_more_than_asked_for_are_given_and_all_are_counted() {
    let mut index = SearchIndex::new();
    for number in 0..1_000 {
        index.put(Uuid::from_u128(number), &text("林怡君", &[], &[]));
    }
    let found = index.search("lyj", 200);
    assert_eq!((found.ids.len(), found.total), (200, 1_000));
}

#[test]
fn debug_output_holds_nothing_of_a_person() {
    assert_eq!(format!("{:?}", people()), "SearchIndex { entries: 6, bytes: 392, .. }".replace("392", &people().keys.len().to_string()));
}

/// The law, read entry by entry without masks, packing or narrowing.
fn naive(rows: &[(String, String, String)], query: &str) -> Vec<u128> {
    let words = words_of(query);
    let one = |(name, phone, company): &(String, String, String), word: &str| {
        let mut digits = Vec::new();
        push_digits(phone, &mut digits);
        let numbers = String::from_utf8(digits).expect("digits are ASCII");
        let mut bytes = Vec::new();
        spelling::push_cells(name, &mut bytes);
        let cells: Vec<_> = spelling::cells(&bytes).map(|(hanzi, readings)| (hanzi.to_vec(), readings.to_vec())).collect();
        folded(name).contains(word)
            || folded(company).contains(word)
            || (is_ending(word) && numbers.contains(&format!("{word}\n")))
            || (word.len() > 2 && word.bytes().all(|b| b.is_ascii_digit()) && numbers.contains(word))
            || (word.len() <= spelling::LONGEST && (0..cells.len()).any(|from| spells(&cells[from..], word.as_bytes())))
    };
    (0..).zip(rows).filter(|(_, row)| words.iter().all(|word| one(row, word))).map(|(number, _)| number).collect()
}

fn spells(cells: &[(Vec<u8>, Vec<u8>)], rest: &[u8]) -> bool {
    let Some(((hanzi, readings), after)) = cells.split_first() else { return rest.is_empty() };
    if rest.is_empty() {
        return true;
    }
    let by_hanzi = !hanzi.is_empty() && rest.starts_with(hanzi) && spells(after, &rest[hanzi.len()..]);
    by_hanzi
        || readings.split(|b| *b == b'/').filter(|reading| !reading.is_empty()).any(|reading| {
            reading.starts_with(rest)
                || (rest.starts_with(reading) && spells(after, &rest[reading.len()..]))
                || spelling::initials(reading)
                    .any(|initial| initial <= reading.len() && rest.starts_with(&reading[..initial]) && spells(after, &rest[initial..]))
        })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[王曾單张張呂区][小明娜華国國樂]{1,3}",
        "(歐陽|尉遲|司馬)[明樂行]{1,2}",
        "[王李][ .・][小a1][明b2]",
        "[A-Ca-c]{1,3} [a-cＡü]{1,3}",
        "[1-2a-b王 -]{0,5}",
    ]
}

fn query() -> impl Strategy<Value = String> {
    prop_oneof![
        "[王曾張張国小明華樂 ]{1,3}",
        "(w|wang|z|zh|zhang|c|ou|x|xm|xiao|m|ming|g|guo|h|l|lv|lyu|a|b|1|2|n|na|y| |王|明){1,4}",
        "[0-38-]{1,4}",
        "[a-c1-2ü ]{1,4}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a3_a_search_finds_what_reading_every_entry_would_find(
        rows in prop::collection::vec((name(), "(\\+886|\\+86|\\+852|•••)[0-3]{0,4}", "[台積a-c王1-3]{0,3}"), 1..40),
        queries in prop::collection::vec(query(), 1..6),
        churn in prop::collection::vec((0usize..40, name()), 0..10),
    ) {
        let mut index = SearchIndex::new();
        let mut rows = rows;
        let put = |index: &mut SearchIndex, number: usize, row: &(String, String, String)| {
            index.put(Uuid::from_u128(number as u128), &text(&row.0, &[&row.1], &[&row.2]));
        };
        for (number, row) in rows.iter().enumerate() {
            put(&mut index, number, row);
        }
        for (number, name) in churn {
            let number = number % rows.len();
            rows[number].0 = name;
            index.remove(Uuid::from_u128(number as u128));
            put(&mut index, number, &rows[number]);
        }
        for query in queries {
            let typed = query.char_indices().map(|(at, c)| &query[..at + c.len_utf8()]);
            for part in typed.chain(query.char_indices().rev().map(|(at, _)| &query[..at])) {
                let found = index.search(part, usize::MAX);
                let mut numbers: Vec<_> = found.ids.iter().map(Uuid::as_u128).collect();
                numbers.sort_unstable();
                prop_assert_eq!(numbers, naive(&rows, part), "{:?}", part);
                prop_assert_eq!(found.total, found.ids.len());
            }
        }
    }

    #[test]
    fn no_text_and_no_query_panics(name in ".*", words in prop::collection::vec(".*", 0..3), query in ".*") {
        let mut index = SearchIndex::new();
        index.put(Uuid::nil(), &SearchText { name: &name, phones: vec![&name], words: words.iter().map(String::as_str).collect() });
        index.search(&query, 10);
        index.search(&name, 10);
    }
}

#[test]
fn a_surname_is_ordered_by_the_reading_that_surnames_have() {
    assert_eq!([spelled("曾國華"), spelled("王小明"), spelled("David Chen")], ["zeng guo hua", "wang xiao ming", "david chen"].map(str::to_owned));
}
