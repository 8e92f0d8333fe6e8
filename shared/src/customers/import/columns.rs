//! Which column holds what: header cells matched by their names in either script or English; adjusted by the person; remembered per header.

use super::values;
use crate::customers::search::{folded, is_hanzi};
use crate::rejection::Field;
use serde::{Deserialize, Serialize};

/// Which field each column fills, and whether the first row is a header. Serialisable, so that an app can remember it by [`signature`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Whether the first row names the columns.
    pub has_header: bool,
    /// The field of each column; none for one that is left out. Several columns may fill one field: phones and tags are added up, an
    /// address and long texts are joined, a name is put together from surname and given name; of others the first that is filled counts.
    pub columns: Vec<Option<Field>>,
    /// Of the columns that fill the name, the one with the surname: it stands first in a Chinese name wherever it stands in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surname: Option<usize>,
}

/// The fields that a column can fill, in the order in which a person chooses.
pub const FIELDS: [Field; 18] = [
    Field::Name,
    Field::Phone,
    Field::Email,
    Field::Company,
    Field::Salutation,
    Field::Gender,
    Field::BirthYear,
    Field::Address,
    Field::Region,
    Field::Occupation,
    Field::Interests,
    Field::Source,
    Field::Needs,
    Field::Pains,
    Field::Intent,
    Field::IntentReason,
    Field::Tags,
    Field::Consent,
];

/// What identifies a header: 128 bits of the hash of its names in their compared form, in hexadecimal digits.
#[must_use]
pub fn signature(header: &[String]) -> String {
    let names: Vec<String> = header.iter().map(|cell| key(cell)).collect();
    blake3::hash(names.join("\n").as_bytes()).to_hex()[..32].to_owned()
}

impl Mapping {
    /// The mapping that the first rows suggest ([`super::Sheet::preview`]): by names if there is a header, else by what the cells look like.
    #[must_use]
    pub fn guess(rows: &[Vec<String>]) -> Self {
        let Some((first, rest)) = rows.split_first() else { return Self::default() };
        let mut mapping = Self::of_header(first);
        let named = mapping.columns.iter().flatten().count();
        let has_contact = |row: &[String]| row.iter().any(|cell| values::looks_like_contact(cell));
        mapping.has_header = if has_contact(first) { named >= 2 } else { named >= 1 || rest.iter().any(|row| has_contact(row)) };
        if !mapping.has_header {
            return Self { has_header: false, columns: of_contents(rows), surname: None };
        }
        if named == 0 {
            mapping.columns = of_contents(rest);
        }
        mapping
    }

    /// The mapping of a header by its names alone.
    #[must_use]
    pub fn of_header(header: &[String]) -> Self {
        let keys: Vec<String> = header.iter().map(|cell| key(cell)).collect();
        let mut columns = vec![None; keys.len()];
        let mut surname = None;
        for (column, key) in keys.iter().enumerate() {
            if let Some(field) = exact(key).filter(|field| is_repeatable(*field) || !columns.contains(&Some(*field))) {
                columns[column] = Some(field);
            }
        }
        if !columns.contains(&Some(Field::Name)) {
            surname = keys.iter().position(|key| SURNAMES.contains(&key.as_str()));
            let given = keys.iter().position(|key| GIVEN_NAMES.contains(&key.as_str()));
            surname.into_iter().chain(given).for_each(|column| columns[column] = Some(Field::Name));
        }
        for (column, key) in keys.iter().enumerate() {
            if columns[column].is_none()
                && let Some(field) = contained(key).filter(|field| is_repeatable(*field) || !columns.contains(&Some(*field)))
            {
                columns[column] = Some(field);
            }
        }
        Self { has_header: true, columns, surname }
    }

    /// The columns that fill a field, in their order.
    pub fn of(&self, field: Field) -> impl Iterator<Item = usize> {
        self.columns.iter().enumerate().filter(move |(_, filled)| **filled == Some(field)).map(|(column, _)| column)
    }

    /// Whether it can give customers at all: a name, and a phone or an e-mail address.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let has = |field| self.columns.contains(&Some(field));
        has(Field::Name) && (has(Field::Phone) || has(Field::Email))
    }
}

const fn is_repeatable(field: Field) -> bool {
    matches!(field, Field::Phone | Field::Tags)
}

/// A header cell as it is compared: one script, small letters, no spaces, marks, remarks in brackets, or number at the end.
fn key(cell: &str) -> String {
    let mut depth = 0u32;
    let outside: String = cell
        .chars()
        .filter(|c| match c {
            '(' | '（' | '[' | '［' | '【' => {
                depth += 1;
                false
            }
            ')' | '）' | ']' | '］' | '】' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    let letters: String = folded(&outside).chars().filter(|c| c.is_alphanumeric()).collect();
    let trimmed = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    if trimmed.is_empty() { letters } else { trimmed.to_owned() }
}

/// Names of the fields as they stand in files, in compared form.
const NAMES: &[(Field, &str)] = &[
    (
        Field::Name,
        "姓名 客户姓名 客户名称 客户名 客户 顾客姓名 顾客 顾客名称 会员姓名 会员名称 联系人 联络人 联系人姓名 联络人姓名 中文姓名 名称 全名 贵宾姓名 来宾姓名 嘉宾姓名 嘉宾 来宾 宾客姓名 名字 参加者 参加者姓名 \
         学员姓名 受访者 name fullname customername customer clientname client contactname contact contactperson guestname guest displayname \
         chinesename membername attendee attendeename",
    ),
    (
        Field::Phone,
        "手机 手机号 手机号码 电话 电话号码 联系电话 联络电话 连络电话 行动电话 行动电话号码 移动电话 联系方式 联络方式 联系手机 联络手机 手机电话 市话 市内电话 住家电话 家用电话 家里电话 公司电话 办公电话 \
         办公室电话 座机 固定电话 固话 电话手机 手提电话 手提 客户电话 客户手机 会员手机 日间电话 夜间电话 电话日 电话夜 电话公 电话宅 mobile mobilephone mobileno mobilenumber \
         phone phoneno phonenumber phones tel telno telephone telephonenumber cell cellphone cellphonenumber cellno handphone contactnumber contactno \
         homephone workphone officephone businessphone primaryphone phonevalue",
    ),
    (
        Field::Email,
        "邮箱 电子邮箱 电子邮件 电子邮件地址 电邮 电邮地址 邮件 邮件地址 电子信箱 信箱 邮箱地址 email emailaddress mail mailaddress emails emailvalue eml",
    ),
    (
        Field::Company,
        "公司 公司名称 公司名 单位 单位名称 工作单位 服务单位 任职公司 服务公司 企业 企业名称 机构 机构名称 客户公司 所属公司 服务机构 任职单位 店名 商号 公司行号 \
         company companyname organization organisation organizationname employer business businessname corporation firm",
    ),
    (Field::Salutation, "称谓 称呼 尊称 敬称 salutation title prefix honorific nameprefix"),
    (Field::Gender, "性别 男女 gender sex"),
    (
        Field::BirthYear,
        "出生年 出生年份 生年 出生年月 出生年月日 出生日期 生日 出生 诞生年 西元生日 民国生日 西元出生年 birthyear yearofbirth birth birthday birthdate dateofbirth dob \
         born",
    ),
    (
        Field::Address,
        "地址 住址 通讯地址 联系地址 联络地址 通信地址 户籍地址 居住地址 住家地址 公司地址 详细地址 现居地址 邮寄地址 收件地址 家庭地址 家庭住址 现居地 address streetaddress \
         postaladdress mailingaddress homeaddress contactaddress street residence",
    ),
    (
        Field::Region,
        "地区 区域 县市 城市 所在地 所在地区 所在城市 省市 省份 省 市 居住县市 居住地区 居住城市 居住地 区县 行政区 region area city county province district state location",
    ),
    (Field::Occupation, "职业 职务 职称 职位 行业 职业别 工作 身份 岗位 产业 occupation job jobtitle position profession industry role work"),
    (
        Field::Interests,
        "兴趣 爱好 兴趣爱好 嗜好 喜好 兴趣嗜好 感兴趣产品 兴趣产品 有兴趣产品 interest interests hobby hobbies preference preferences",
    ),
    (
        Field::Source,
        "来源 客户来源 来源渠道 渠道 管道 来源管道 名单来源 获客渠道 获客来源 资料来源 来源通路 通路 source sourcechannel channel leadsource origin \
         acquisitionchannel",
    ),
    (Field::Needs, "需求 客户需求 需要 购买需求 主要需求 潜在需求 需求说明 need needs requirement requirements demand demands"),
    (
        Field::Pains,
        "痛点 客户痛点 困扰 问题 烦恼 困难 主要痛点 疑虑 pain pains painpoint painpoints problem problems concern concerns challenge challenges",
    ),
    (
        Field::Intent,
        "意向 购买意向 意愿 购买意愿 意向等级 意愿等级 客户等级 客户级别 客户分级 等级 级别 意向度 意愿度 意向级别 评级 分级 intent purchaseintent intention purchaseintention \
         grade level rating lead leadgrade interestlevel",
    ),
    (
        Field::IntentReason,
        "意向原因 意愿原因 意向说明 意愿说明 意向理由 评级原因 评级理由 等级说明 intentreason reason reasonforintent intentnote gradereason",
    ),
    (Field::Tags, "标签 标记 分类 群组 类别 客户标签 客户分类 客户类型 tag tags label labels category categories group groups"),
    (
        Field::Consent,
        "同意 个资同意 个人资料同意 同意行销 行销同意 营销同意 同意联系 同意联络 个资同意书 隐私同意 授权 授权同意 同意日期 同意书 consent optin marketingconsent consentdate \
         gdpr agreed permission privacyconsent",
    ),
];

const SURNAMES: &[&str] = &["姓", "姓氏", "lastname", "surname", "familyname"];
const GIVEN_NAMES: &[&str] = &["名", "名字", "firstname", "givenname", "forename"];

/// What a longer header tells by a part of it; the first that is contained decides.
const PARTS: &[(&str, Field)] = &[
    ("手机", Field::Phone),
    ("电话", Field::Phone),
    ("mobile", Field::Phone),
    ("phone", Field::Phone),
    ("邮箱", Field::Email),
    ("电子邮件", Field::Email),
    ("email", Field::Email),
    ("地址", Field::Address),
    ("address", Field::Address),
    ("住址", Field::Address),
    ("痛点", Field::Pains),
    ("需求", Field::Needs),
    ("兴趣", Field::Interests),
    ("来源", Field::Source),
    ("意向", Field::Intent),
    ("意愿", Field::Intent),
    ("标签", Field::Tags),
    ("姓名", Field::Name),
    ("fullname", Field::Name),
    ("公司", Field::Company),
    ("company", Field::Company),
    ("性别", Field::Gender),
    ("gender", Field::Gender),
    ("称谓", Field::Salutation),
    ("出生", Field::BirthYear),
    ("生日", Field::BirthYear),
    ("birth", Field::BirthYear),
    ("职业", Field::Occupation),
    ("职称", Field::Occupation),
    ("occupation", Field::Occupation),
    ("县市", Field::Region),
    ("地区", Field::Region),
];

/// Whose phone or name it is then is not the customer's.
const OTHERS: &[&str] = &[
    "推荐人",
    "介绍人",
    "业务",
    "紧急",
    "负责",
    "客服",
    "销售",
    "顾问",
    "配偶",
    "经办",
    "建档",
    "建立",
    "承办",
    "referr",
    "emergency",
    "agent",
    "sales",
    "owner",
    "spouse",
    "assigned",
    "传真",
    "fax",
    "国码",
    "countrycode",
    "验证",
];

fn exact(key: &str) -> Option<Field> {
    NAMES.iter().find(|(_, names)| names.split_whitespace().any(|name| name == key)).map(|(field, _)| *field)
}

fn contained(key: &str) -> Option<Field> {
    if key.chars().count() > 20 || OTHERS.iter().any(|other| key.contains(other)) {
        return None;
    }
    PARTS.iter().find(|(part, _)| key.contains(part)).map(|(_, field)| *field)
}

/// The field of each column by what most of its cells look like.
fn of_contents(rows: &[Vec<String>]) -> Vec<Option<Field>> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut columns = vec![None; width];
    for column in 0..width {
        let cells: Vec<&str> = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        let most = |test: fn(&str) -> bool| !cells.is_empty() && cells.iter().filter(|cell| test(cell)).count() * 2 > cells.len();
        let field = LOOKS.iter().find(|(field, test)| (is_repeatable(*field) || !columns.contains(&Some(*field))) && most(*test));
        columns[column] = field.map(|(field, _)| *field);
    }
    columns
}

type Look = fn(&str) -> bool;

const LOOKS: &[(Field, Look)] = &[
    (Field::Email, |cell| cell.contains('@')),
    (Field::Phone, values::looks_like_contact),
    (Field::Salutation, |cell| values::salutation(cell).is_some() && cell.chars().count() > 1),
    (Field::Gender, |cell| values::gender(cell).is_some()),
    (Field::Intent, |cell| values::intent(cell).is_some()),
    (Field::BirthYear, |cell| (4..=11).contains(&cell.len()) && values::birth_year(cell, crate::phone::Country::Tw, 2100).is_some()),
    (Field::Address, |cell| cell.chars().count() > 6 && ["路", "街", "號", "号", "巷", "村"].iter().any(|part| cell.contains(part))),
    (Field::Company, |cell| {
        cell.chars().count() > 3
            && ["公司", "企業", "企业", "銀行", "银行", "集團", "集团", "Ltd", "Inc", "Co."].iter().any(|part| cell.contains(part))
    }),
    (Field::Name, |cell| {
        let length = cell.chars().count();
        (2..=4).contains(&length) && cell.chars().all(is_hanzi)
            || (3..=40).contains(&length) && cell.contains(' ') && cell.chars().all(|c| c.is_alphabetic() || " -.'".contains(c))
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn check(header: &str, expected: &[Option<Field>]) {
        assert_eq!(Mapping::of_header(&cells(header)).columns, expected, "{header}");
    }

    #[test]
    fn a2_names_in_either_script_and_english_are_matched() {
        use Field::*;
        let expected = [Name, Phone, Email, Company, Gender, BirthYear, Address, Occupation, Tags].map(Some);
        check("客戶姓名,手機號碼,電子郵件,公司名稱,性別,出生年,通訊地址,職業,標籤", &expected);
        check("客户姓名,手机号码,邮箱,公司,性别,生日,地址,职位,标签", &expected);
        check("Full Name,Mobile Phone,E-mail,Company,Gender,Date of Birth,Address,Job Title,Tags", &expected);
        check(
            "稱謂,地區,興趣,來源渠道,需求,痛點,購買意向,意向原因,同意",
            &[Salutation, Region, Interests, Source, Needs, Pains, Intent, IntentReason, Consent].map(Some),
        );
        check(" ＮＡＭＥ* ,TEL.（必填）,phone_2", &[Some(Name), Some(Phone), Some(Phone)]);
    }

    #[test]
    fn a2_every_field_can_be_matched_by_a_name() {
        for field in FIELDS {
            let (_, names) = NAMES.iter().find(|(named, _)| *named == field).expect("a field with names");
            for name in names.split_whitespace() {
                assert_eq!(key(name), name, "the table is written in compared form");
                assert_eq!(exact(name), Some(field), "{name} is claimed twice");
            }
        }
    }

    #[test]
    fn other_peoples_columns_are_left_out() {
        check("姓名,推薦人姓名,推薦人電話,緊急聯絡人電話,電話", &[Some(Field::Name), None, None, None, Some(Field::Phone)]);
        check("姓名,業務員電話,備註,編號", &[Some(Field::Name), None, None, None]);
    }

    #[test]
    fn a_doubled_header_fills_a_field_once_but_phones_add_up() {
        check("姓名,姓名,手機,手機,公司,公司", &[Some(Field::Name), None, Some(Field::Phone), Some(Field::Phone), Some(Field::Company), None]);
    }

    #[test]
    fn surname_and_given_name_make_a_name() {
        let mapping = Mapping::of_header(&cells("First Name,Last Name,Phone 1 - Value"));
        assert_eq!(mapping.of(Field::Name).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(mapping.surname, Some(1));
        assert!(mapping.is_usable());
    }

    #[test]
    fn a_file_without_a_header_is_read_by_what_its_cells_look_like() {
        let rows = [cells("王小明,0912-345-678,a@example.com,台積電股份有限公司,男"), cells("李大華,0922333444,,鴻海企業,女")];
        let mapping = Mapping::guess(&rows);
        assert!(!mapping.has_header);
        assert_eq!(mapping.columns, [Field::Name, Field::Phone, Field::Email, Field::Company, Field::Gender].map(Some));
    }

    #[test]
    fn a_header_in_words_unknown_is_a_header_still() {
        let rows = [cells("nombre,numero"), cells("王小明,0912345678")];
        let mapping = Mapping::guess(&rows);
        assert!(mapping.has_header);
        assert_eq!(mapping.columns, [Some(Field::Name), Some(Field::Phone)]);
    }

    #[test]
    fn a_mapping_is_remembered_by_its_header() {
        assert_eq!(signature(&cells("姓名,手機")), signature(&cells(" 姓名 ,手机")));
        assert_ne!(signature(&cells("姓名,手機")), signature(&cells("手機,姓名")));
        let mapping = Mapping::of_header(&cells("姓名,備註"));
        let text = serde_json::to_string(&mapping).expect("serialises");
        assert_eq!(serde_json::from_str::<Mapping>(&text).expect("comes back"), mapping);
    }
}
