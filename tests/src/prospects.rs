//! Lists of invented prospects, as an office exports them from a spreadsheet.

use encoding_rs::BIG5;

/// A prospect as the list has it.
pub struct Prospect {
    pub name: String,
    pub phone: String,
}

const SURNAMES: [&str; 25] = [
    "陳", "林", "黃", "張", "李", "王", "吳", "劉", "蔡", "楊", "許", "鄭", "謝", "郭", "洪", "曾", "邱", "廖", "賴", "徐", "周", "葉", "蘇", "莊",
    "江",
];
const MIDDLES: [&str; 20] = ["雅", "志", "淑", "家", "怡", "建", "美", "俊", "玉", "宗", "佳", "文", "麗", "明", "婉", "承", "思", "國", "欣", "冠"];
const LASTS: [&str; 20] = ["婷", "豪", "芬", "瑋", "君", "宏", "玲", "傑", "華", "翰", "穎", "雄", "珠", "哲", "儀", "恩", "涵", "強", "妤", "廷"];
const SOURCES: [&str; 4] = ["老客戶介紹", "路口問卷", "社區活動", "網路"];
const NEEDS: [&str; 4] = ["家裡飲水有異味", "睡不好,常半夜醒來", "孩子過敏", "父母行動不便"];

/// `count` prospects with different names (up to 10,000) and different phones.
pub fn prospects(count: usize) -> Vec<Prospect> {
    let name = |n: usize| [SURNAMES[n % 25], MIDDLES[n / 25 % 20], LASTS[n / 500 % 20]].concat();
    (0..count).map(|n| Prospect { name: name(n), phone: format!("0912-{:03}-{:03}", n / 1000, n % 1000) }).collect()
}

/// The list as a CSV file in Big5, with the header names and the habits of a Taiwanese office.
pub fn big5_csv(prospects: &[Prospect]) -> Vec<u8> {
    let mut text = String::from("姓名,稱謂,手機,來源,需求,地址\r\n");
    for (n, Prospect { name, phone }) in prospects.iter().enumerate() {
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
    fn the_list_is_really_big5() {
        let bytes = big5_csv(&prospects(3));
        assert!(std::str::from_utf8(&bytes).is_err());
        let (text, _, broken) = BIG5.decode(&bytes);
        assert!(!broken);
        assert_eq!(text.lines().nth(1), Some("陳雅婷,女士,0912-000-000,老客戶介紹,家裡飲水有異味,\"新北市板橋區文化路1段1號,1樓\""));
    }
}
