//! Lists of invented prospects, as an office exports them from a spreadsheet.

use encoding_rs::BIG5;

/// A prospect as the list has it.
pub struct Prospect {
    pub name: String,
    /// The first letters of the name's pinyin, as one types them to find the person.
    pub initials: String,
    pub phone: String,
}

/// Characters with the first letter of their pinyin; none with several readings.
const SURNAMES: [&str; 25] = [
    "陳c", "林l", "黃h", "張z", "李l", "王w", "吳w", "劉l", "蔡c", "楊y", "許x", "鄭z", "謝x", "郭g", "洪h", "高g", "邱q", "廖l", "賴l", "徐x",
    "周z", "羅l", "蘇s", "莊z", "江j",
];
const MIDDLES: [&str; 20] =
    ["雅y", "志z", "淑s", "家j", "怡y", "建j", "美m", "俊j", "玉y", "宗z", "佳j", "文w", "麗l", "明m", "婉w", "承c", "思s", "國g", "欣x", "冠g"];
const LASTS: [&str; 20] =
    ["婷t", "豪h", "芬f", "瑋w", "君j", "宏h", "玲l", "傑j", "華h", "翰h", "穎y", "雄x", "珠z", "哲z", "儀y", "恩e", "涵h", "強q", "妤y", "廷t"];
const SOURCES: [&str; 4] = ["老客戶介紹", "路口問卷", "社區活動", "網路"];
const NEEDS: [&str; 4] = ["家裡飲水有異味", "睡不好,常半夜醒來", "孩子過敏", "父母行動不便"];

/// `count` prospects with different names (up to 10,000) and different phones.
pub fn prospects(count: usize) -> Vec<Prospect> {
    let prospect = |n: usize| {
        let spelled = [SURNAMES[n % 25], MIDDLES[n / 25 % 20], LASTS[n / 500 % 20]].concat();
        let (initials, name) = spelled.chars().partition(char::is_ascii);
        Prospect { name, initials, phone: format!("0912-{:03}-{:03}", n / 1000, n % 1000) }
    };
    (0..count).map(prospect).collect()
}

/// The list as a CSV file in Big5, with the header names and the habits of a Taiwanese office.
pub fn big5_csv(prospects: &[Prospect]) -> Vec<u8> {
    let mut text = String::from("姓名,稱謂,手機,來源,需求,地址\r\n");
    for (n, Prospect { name, phone, .. }) in prospects.iter().enumerate() {
        let salutation = ["女士", "先生"][n % 2];
        let address = format!("\"新北市板橋區文化路{}段{}號,{}樓\"", n % 3 + 1, n % 400 + 1, n % 12 + 1);
        text.push_str(&[name, salutation, phone, SOURCES[n % 4], NEEDS[n / 4 % 4], &address].join(","));
        text.push_str("\r\n");
    }
    let (bytes, _, unmappable) = BIG5.encode(&text);
    assert!(!unmappable, "every character of the list exists in Big5");
    bytes.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_prospects_share_a_name_or_a_phone() {
        let people = prospects(5_000);
        assert_eq!(people.iter().map(|person| &person.name).collect::<HashSet<_>>().len(), 5_000);
        assert_eq!(people.iter().map(|person| &person.phone).collect::<HashSet<_>>().len(), 5_000);
    }

    #[test]
    fn initials_are_those_of_the_name() {
        let first = &prospects(1)[0];
        assert_eq!((first.name.as_str(), first.initials.as_str()), ("陳雅婷", "cyt"));
    }

    #[test]
    fn the_list_is_really_big5() {
        let bytes = big5_csv(&prospects(3));
        assert!(std::str::from_utf8(&bytes).is_err());
        let (text, _, broken) = BIG5.decode(&bytes);
        assert!(!broken);
        assert_eq!(text.lines().nth(1), Some("陳雅婷,女士,0912-000-000,老客戶介紹,家裡飲水有異味,\"新北市板橋區文化路1段1號,1樓\""));
    }
}
