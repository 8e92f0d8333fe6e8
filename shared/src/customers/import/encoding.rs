//! Which encoding the bytes of a file are in, found by trying each: the right one gives frequent hanzi and no malformed sequences.
//!
//! No general detector is used: the fields of customer lists are short, and the share of frequent hanzi separates Big5 from GBK clearly
//! (a wrong decoding scatters over twenty thousand rare ones).

use crate::customers::search::{folded, is_hanzi};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Largest file that is read, in bytes.
pub const LARGEST: u64 = 64 << 20;

/// The encodings that lists of customers come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the encodings")]
pub enum Encoding {
    Utf8,
    Gb18030,
    Big5,
    Utf16Le,
    Utf16Be,
}

/// How sure a detection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A byte order mark, or nothing else fits.
    Sure,
    /// The best of several; the preview is to be looked at.
    Likely,
}

/// What [`detect`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detected {
    /// The encoding.
    pub encoding: Encoding,
    /// How sure that is.
    pub certainty: Certainty,
}

/// A decoded file. Debug hides the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text without a byte order mark.
    pub text: String,
    /// Sequences that meant nothing in this encoding; each stands as U+FFFD in the text.
    pub malformed: usize,
}

impl std::fmt::Debug for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoded").field("bytes", &self.text.len()).field("malformed", &self.malformed).finish()
    }
}

/// Turns any bytes into text as the Encoding Standard says: what means nothing becomes U+FFFD, a byte order mark at the beginning may be left out.
///
/// Whoever reads files brings it, because the tables are large: a browser has them already, other programs take [`by_tables`].
pub type Decoder = fn(&[u8], Encoding) -> String;

/// Why a file is not read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// The file has no content.
    Empty,
    /// The file is larger than what is read.
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// Most that is read, in bytes.
        max: u64,
    },
    /// The file is a spreadsheet of another kind than XLSX (XLS, XLSB, ODS), to be saved as one first.
    OtherSpreadsheet,
    /// The spreadsheet can only be opened with its password.
    Locked,
    /// The spreadsheet was cut off or damaged, or its inside contradicts itself.
    Broken,
    /// What the spreadsheet holds packed is far more than any list of customers.
    TooLargeInside {
        /// Most that is unpacked, in bytes.
        max: u64,
    },
    /// The spreadsheet has more sheets than a list of customers can have.
    TooManySheets {
        /// Most that are looked at.
        max: u32,
    },
    /// The sheet has more cells than are read.
    TooManyCells {
        /// Most that are read.
        max: u32,
    },
    /// Nothing stands in any sheet that is shown; hidden ones are not taken.
    NothingShown,
    /// The file is something else than text: an archive, a picture, a document, a program.
    Binary,
    /// None of the encodings gives readable text.
    UnknownEncoding,
    /// There are more rows than one import takes.
    TooManyRows {
        /// Most that are taken.
        max: u32,
    },
    /// A row has more columns than a list of customers can have.
    TooManyColumns {
        /// Most that are taken.
        max: u32,
    },
}

impl Encoding {
    /// All of them, in the order in which a person may choose.
    pub const ALL: [Self; 5] = [Self::Utf8, Self::Big5, Self::Gb18030, Self::Utf16Le, Self::Utf16Be];

    /// Its name in the Encoding Standard.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
            Self::Big5 => "big5",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    const fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xEF\xBB\xBF",
            Self::Utf16Le => b"\xFF\xFE",
            Self::Utf16Be => b"\xFE\xFF",
            // U+FEFF as GB18030 writes it.
            Self::Gb18030 => b"\x84\x31\x95\x33",
            Self::Big5 => b"",
        }
    }
}

/// Refuses by the size alone, before a byte is read.
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::TooLarge`].
pub const fn check_size(bytes: u64) -> Result<(), Refusal> {
    match bytes {
        0 => Err(Refusal::Empty),
        1..=LARGEST => Ok(()),
        _ => Err(Refusal::TooLarge { bytes, max: LARGEST }),
    }
}

/// The decoder of programs that are no browser.
#[cfg(any(test, feature = "encodings"))]
#[must_use]
pub fn by_tables(bytes: &[u8], encoding: Encoding) -> String {
    tables(encoding).decode_without_bom_handling(bytes).0.into_owned()
}

/// Finds the encoding of a file.
///
/// # Errors
/// [`Refusal`] for what is no text in any of the encodings.
pub fn detect(bytes: &[u8], decoder: Decoder) -> Result<Detected, Refusal> {
    check_size(bytes.len() as u64)?;
    refuse_known_binary(bytes)?;
    let sure = |encoding| Ok(Detected { encoding, certainty: Certainty::Sure });
    if let Some(encoding) = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be].into_iter().find(|encoding| bytes.starts_with(encoding.mark())) {
        return sure(encoding);
    }
    if bytes.starts_with(Encoding::Gb18030.mark()) {
        return sure(Encoding::Gb18030);
    }
    if memchr::memchr(0, bytes).is_some() {
        return utf16_without_mark(bytes, decoder).ok_or(Refusal::Binary).map(|encoding| Detected { encoding, certainty: Certainty::Likely });
    }
    if std::str::from_utf8(bytes).is_ok() {
        return if looks_binary(bytes) { Err(Refusal::Binary) } else { sure(Encoding::Utf8) };
    }
    best_of_many(bytes, decoder)
}

/// Decodes a file. The person may have chosen the encoding, so anything decodes; what means nothing is counted.
#[must_use]
pub fn decode(bytes: &[u8], encoding: Encoding, decoder: Decoder) -> Decoded {
    let bytes = bytes.strip_prefix(encoding.mark()).unwrap_or(bytes);
    let text = decoder(bytes, encoding);
    let malformed = text.matches('\u{FFFD}').count();
    Decoded { text, malformed }
}

#[cfg(any(test, feature = "encodings"))]
const fn tables(encoding: Encoding) -> &'static encoding_rs::Encoding {
    match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Gb18030 => encoding_rs::GB18030,
        Encoding::Big5 => encoding_rs::BIG5,
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
    }
}

/// How much of a file is tried in each encoding.
const SAMPLE: usize = 64 << 10;

fn refuse_known_binary(bytes: &[u8]) -> Result<(), Refusal> {
    const OTHERS: [&[u8]; 14] = [
        b"PK\x03\x04",
        b"\xD0\xCF\x11\xE0",
        b"%PDF",
        b"\x89PNG",
        b"\xFF\xD8\xFF",
        b"GIF8",
        b"\x1F\x8B",
        b"7z\xBC\xAF",
        b"Rar!",
        b"\x7FELF",
        b"MZ\x90",
        b"SQLite format 3\0",
        b"\0asm",
        b"BZh9",
    ];
    if OTHERS.iter().any(|magic| bytes.starts_with(magic)) || bytes.get(4..8) == Some(b"ftyp") { Err(Refusal::Binary) } else { Ok(()) }
}

/// Text has line breaks and tabs, hardly another control character.
fn looks_binary(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let controls = sample.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127)).count();
    controls * 50 > sample.len()
}

/// In UTF-16, the zero bytes of ASCII characters all stand on one side.
fn utf16_without_mark(bytes: &[u8], decoder: Decoder) -> Option<Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let zeros = |side: usize| sample.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = match (even, odd) {
        _ if bytes.len() % 2 == 1 => return None,
        _ if odd > even * 20 => Encoding::Utf16Le,
        _ if even > odd * 20 => Encoding::Utf16Be,
        _ => return None,
    };
    let trial = Trial::of(sample, encoding, decoder);
    (trial.malformed == 0 && trial.controls * 50 <= trial.characters && trial.characters > 0 && trial.strange * 4 <= trial.characters)
        .then_some(encoding)
}

fn best_of_many(bytes: &[u8], decoder: Decoder) -> Result<Detected, Refusal> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    if looks_binary(sample) {
        return Err(Refusal::Binary);
    }
    let candidates = [Encoding::Utf8, Encoding::Big5, Encoding::Gb18030, Encoding::Utf16Le, Encoding::Utf16Be];
    let mut trials: Vec<_> = candidates.into_iter().map(|encoding| (Trial::of(sample, encoding, decoder).score(), encoding)).collect();
    trials.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let ((best, encoding), (second, _)) = (trials[0], trials[1]);
    // A few rare hanzi prove nothing; a page of them does.
    let least = if Trial::of(sample, encoding, decoder).characters > 500 { PLAUSIBLE } else { PLAUSIBLE_IF_SHORT };
    if best < least {
        return Err(Refusal::UnknownEncoding);
    }
    let certainty = if best > 400 && second * 2 < best { Certainty::Sure } else { Certainty::Likely };
    Ok(Detected { encoding, certainty })
}

/// Score below which a decoding is no text. Lists of customers reach 500 and more.
const PLAUSIBLE: i64 = 150;
const PLAUSIBLE_IF_SHORT: i64 = -150;

/// What a sample looks like in one encoding.
#[derive(Default)]
struct Trial {
    characters: usize,
    malformed: usize,
    hanzi: usize,
    frequent: usize,
    controls: usize,
    /// Neither ASCII, nor hanzi, nor what stands between hanzi.
    strange: usize,
}

impl Trial {
    fn of(sample: &[u8], encoding: Encoding, decoder: Decoder) -> Self {
        let text = decoder(sample, encoding);
        // The sample may end in the middle of a character.
        let text = text.strip_suffix('\u{FFFD}').unwrap_or(&text);
        let mut trial = Self::default();
        for c in text.chars() {
            trial.characters += 1;
            match c {
                '\u{FFFD}' => trial.malformed += 1,
                '\t' | '\n' | '\r' | ' '..='~' => {}
                _ if c.is_control() => trial.controls += 1,
                _ if is_hanzi(c) => {
                    trial.hanzi += 1;
                    trial.frequent += usize::from(FREQUENT.contains(&c));
                }
                '\u{3000}'..='\u{303F}' | '！'..='～' | '\u{2010}'..='\u{2027}' | '·' | '\u{E000}'..='\u{F8FF}' => {}
                _ => trial.strange += 1,
            }
        }
        trial
    }

    /// The share of frequent hanzi among what is not ASCII, in thousandths, less what speaks against it.
    fn score(&self) -> i64 {
        let wide = self.hanzi + self.strange + self.malformed + self.controls;
        let share = |part: usize| i64::try_from(part * 1_000 / wide.max(1)).unwrap_or(i64::MAX);
        share(self.frequent) - share(self.strange) - 4 * share(self.malformed) - 4 * share(self.controls)
    }
}

/// Hanzi that lists of customers are full of, in both scripts: surnames, given names, places, companies, headings, needs.
static FREQUENT: LazyLock<HashSet<char>> = LazyLock::new(|| {
    let simplified: HashSet<char> = FREQUENT_SIMPLIFIED.chars().collect();
    (0x4E00..=0x9FFF_u32).filter_map(char::from_u32).filter(|c| folded(c.encode_utf8(&mut [0; 4])).chars().all(|c| simplified.contains(&c))).collect()
});

const FREQUENT_SIMPLIFIED: &str = "\
    王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹\
    段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚孔向汤施洪庄赖简游詹欧阳翁柯温卓涂纪古\
    伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建国华志家俊宏宗翰佳颖冠宇欣怡承恩子涵品妍宥廷咏晴柏豪雅婷淑芬美惠雯珍琴云莲真环雪荣爱妹香月莺媛瑞凡\
    晓春菊凤洁梅琳素云莲兴良海山仁波宁贵福生元全胜学祥才发成康星光天达安岩中茂进有坚和彪博诚先敬震振壮会思群心邦乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固之轮\
    朗伯言若鸣朋斌栋维启克伦翔旭鹏泽晨辰士以泰盛雄琛钧诗君如意育玉萍红娥倩怀修齐智慧贤德信义礼孝忠\
    姓名字称呼性别男女先生小姐太士客户顾编号序电话手机行动联络系方式邮件信箱箱地址住区县市省镇乡村里路街段巷弄楼室号大道城北南东西门中央台湾香港九新界上海京广州深圳天津重\
    公司有限股份企业集团工商银厂店行部职业位务称经理主任总监董事长师员工教医护老板自由退休学\
    来源渠道介绍转网站活动展会朋友同事亲戚推荐广告需求要痛点问题兴趣爱好意向愿度级高低原因备注标签同备日期年月生出民间时分\
    的一是不了在人有我他这个们来到说国和地也子着就那得你要下以会自之后作里去过家可她么多经发等当现所无成只如事把还用第样看起开手面定想前都己又从其本动者业已情因向理点学\
    法相知道两长回身力加机产科技电子投资保险理财健康养休闲旅运动美容育儿房屋车汽车买卖预算贵价格便宜考虑比较服务品质";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRADITIONAL: &str = "姓名,手機,公司\n王小明,0912345678,台積電\n歐陽娜娜,0922333444,鴻海精密工業\n";
    const SIMPLIFIED: &str = "姓名,手机,公司\n王小明,13800138000,中国银行\n欧阳娜娜,13912345678,华为技术有限公司\n";

    fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            other => tables(other).encode(text).0.into_owned(),
        }
    }

    fn check(text: &str, encoding: Encoding) {
        let bytes = encoded(text, encoding);
        let found = detect(&bytes, by_tables).map(|detected| detected.encoding);
        assert_eq!(found, Ok(encoding), "{text:?}");
        assert_eq!(decode(&bytes, encoding, by_tables), Decoded { text: text.to_owned(), malformed: 0 });
        let marked = [encoding.mark(), &bytes].concat();
        assert_eq!(detect(&marked, by_tables).map(|detected| detected.encoding), Ok(encoding), "{text:?} with a mark");
        assert_eq!(decode(&marked, encoding, by_tables).text, text);
    }

    #[test]
    fn a2_every_encoding_is_found_by_itself() {
        for encoding in Encoding::ALL {
            check(TRADITIONAL, encoding);
            if encoding != Encoding::Big5 {
                check(SIMPLIFIED, encoding);
            }
        }
    }

    #[test]
    fn a_few_hanzi_are_enough() {
        for text in ["姓名,電話\n陳怡君,1\n", "客戶姓名\n", "name,phone\n林志豪,0912345678\n", "張雅婷,0912345678\n", "黃,1\n"] {
            check(text, Encoding::Big5);
            check(text, Encoding::Gb18030);
        }
        for text in ["姓名,电话\n陈怡君,1\n", "张伟,13800138000\n", "name,phone\n刘洋,1\n", "李娜\n", "马云,1\n"] {
            check(text, Encoding::Gb18030);
        }
    }

    #[test]
    fn rare_hanzi_do_not_mislead() {
        for encoding in [Encoding::Big5, Encoding::Gb18030] {
            check("姓名,手機\n尉遲鏗鏘,0912345678\n澹臺焜燿,0922333444\n闕麒麟,0933444555\n", encoding);
        }
    }

    #[test]
    fn a2_what_is_no_text_is_refused() {
        let binary = |bytes: &[u8]| detect(bytes, by_tables).map(|detected| detected.encoding);
        assert_eq!(binary(b""), Err(Refusal::Empty));
        assert_eq!(binary(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), Err(Refusal::Binary));
        assert_eq!(binary(b"PK\x03\x04something.txt"), Err(Refusal::Binary));
        assert_eq!(binary(b"%PDF-1.7\n"), Err(Refusal::Binary));
        assert_eq!(binary(b"\x89PNG\r\n\x1a\n"), Err(Refusal::Binary));
        assert_eq!(binary(b"name\0\0phone\0\x01\x02"), Err(Refusal::Binary));
        let mut seed = 1u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .take(50_000)
        .collect();
        assert_eq!(binary(&noise), Err(Refusal::Binary));
        let without_zero: Vec<u8> = noise.iter().map(|byte| byte | 0x80).collect();
        assert_eq!(binary(&without_zero), Err(Refusal::UnknownEncoding));
    }

    #[test]
    fn a2_size_alone_decides_before_reading() {
        assert_eq!(check_size(200 << 20), Err(Refusal::TooLarge { bytes: 200 << 20, max: LARGEST }));
        assert_eq!(check_size(0), Err(Refusal::Empty));
        assert_eq!(check_size(LARGEST), Ok(()));
    }

    #[test]
    fn debug_output_holds_nothing_of_the_file() {
        assert!(!format!("{:?}", decode(TRADITIONAL.as_bytes(), Encoding::Utf8, by_tables)).contains('王'));
    }

    fn realistic() -> impl Strategy<Value = String> {
        let row = "[王李張劉陳楊黃趙吳周林曾歐][偉芳娜秀英敏靜麗強國華志家俊怡君雅婷]{1,2},09[0-9]{8},[台中華國泰富邦]{2,4}(股份)?有限公司";
        prop::collection::vec(row, 1..30).prop_map(|rows| format!("姓名,手機,公司\n{}\n", rows.join("\n")))
    }

    proptest! {
        #[test]
        fn a2_what_was_encoded_is_decoded_to_the_same_text(text in realistic(), encoding in prop::sample::select(&Encoding::ALL[..])) {
            let bytes = encoded(&text, encoding);
            prop_assert_eq!(detect(&bytes, by_tables).map(|detected| detected.encoding), Ok(encoding));
            prop_assert_eq!(decode(&bytes, encoding, by_tables), Decoded { text, malformed: 0 });
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            let _ = detect(&bytes, by_tables);
            for encoding in Encoding::ALL {
                let _ = decode(&bytes, encoding, by_tables);
            }
        }
    }
}
