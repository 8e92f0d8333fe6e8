//! A person's surname, for a greeting that tells no more of a name than it needs to.

/// Surnames of two characters, in both scripts.
const COMPOUND: [&str; 62] = [
    "歐陽", "欧阳", "司馬", "司马", "諸葛", "诸葛", "上官", "司徒", "東方", "东方", "皇甫", "尉遲", "尉迟", "公孫", "公孙", "慕容", "令狐", "夏侯",
    "端木", "長孫", "长孙", "宇文", "鮮于", "鲜于", "獨孤", "独孤", "南宮", "南宫", "呼延", "赫連", "赫连", "澹臺", "澹台", "濮陽", "濮阳", "申屠",
    "太史", "軒轅", "轩辕", "鍾離", "钟离", "百里", "東郭", "东郭", "西門", "西门", "張簡", "张简", "范姜", "司空", "聞人", "闻人", "万俟", "公冶",
    "宗政", "淳于", "單于", "单于", "仲孫", "仲孙", "司寇", "拓跋",
];

/// The surname in a full name, or none where it cannot be told: the name is written in Latin letters as one word, or empty.
#[must_use]
pub fn surname(name: &str) -> Option<&str> {
    let name = name.trim();
    let first = name.chars().next()?;
    if is_han(first) {
        let compound = COMPOUND.into_iter().find(|compound| name.starts_with(compound) && name.chars().count() > 2);
        return Some(&name[..compound.map_or(first.len_utf8(), str::len)]);
    }
    if let Some((surname, _)) = name.split_once(',') {
        return Some(surname.trim()).filter(|surname| !surname.is_empty());
    }
    name.rsplit_once(char::is_whitespace).map(|(_, surname)| surname)
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b6_a_surname_is_told_from_the_rest_of_a_name() {
        for (name, expected) in [
            ("王小明", Some("王")),
            ("王明", Some("王")),
            ("歐陽娜娜", Some("歐陽")),
            ("欧阳修", Some("欧阳")),
            ("司馬", Some("司")),
            (" 張簡明華 ", Some("張簡")),
            ("Mary Chen", Some("Chen")),
            ("Chen, Mary", Some("Chen")),
            ("Mary", None),
            ("", None),
            (", Mary", None),
        ] {
            assert_eq!(surname(name), expected, "{name}");
        }
    }
}
