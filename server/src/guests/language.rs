//! In which language a guest is spoken to: the one chosen on the page, else what their browser asks for, else the organisation's.

use crate::texts::Language;
use axum::http::{HeaderMap, header};
use shared::phone::Country;
use shared::settings;

/// The name of a language in an address.
pub(super) const fn code(language: Language) -> &'static str {
    match language {
        Language::ZhHant => "zh-Hant",
        Language::ZhHans => "zh-Hans",
        Language::En => "en",
    }
}

/// What a guest asks for; none if it is no language of ours.
pub(crate) fn asked(chosen: Option<&str>, headers: &HeaderMap) -> Option<Language> {
    chosen.and_then(of_tag).or_else(|| headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(preferred))
}

/// What is spoken where the organisation is.
pub(crate) const fn of_country(country: Country) -> settings::Language {
    match country {
        Country::Cn => settings::Language::ZhHans,
        Country::Tw | Country::Hk => settings::Language::ZhHant,
    }
}

/// The first of the languages that a browser likes best (RFC 9110, 12.5.4) and we speak.
fn preferred(accepted: &str) -> Option<Language> {
    let mut liked: Vec<_> = accepted.split(',').take(20).filter_map(weighted).collect();
    // Stable: of those that are liked alike the first one counts.
    liked.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    liked.into_iter().find_map(|(tag, weight)| if weight > 0 { of_tag(tag) } else { None })
}

fn weighted(offer: &str) -> Option<(&str, u16)> {
    let mut parts = offer.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let quality = parts.find_map(|part| part.strip_prefix("q="));
    let weight = quality.map_or(Some(1_000), |quality| quality.parse::<f32>().ok().map(|quality| (quality.clamp(0.0, 1.0) * 1_000.0) as u16))?;
    Some((tag, weight))
}

fn of_tag(tag: &str) -> Option<Language> {
    let tag = tag.to_ascii_lowercase();
    let mut parts = tag.split(['-', '_']);
    match parts.next()? {
        "zh" if parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo")) => Some(Language::ZhHant),
        "zh" => Some(Language::ZhHans),
        "en" => Some(Language::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b6_a_guest_is_spoken_to_in_the_language_liked_best_of_those_we_speak() {
        for (accepted, expected) in [
            ("zh-TW,zh;q=0.9,en;q=0.8", Some(Language::ZhHant)),
            ("en;q=0.3, zh-CN", Some(Language::ZhHans)),
            ("fr-FR, de;q=0.9, zh-HK;q=0.2", Some(Language::ZhHant)),
            ("zh-Hant-CN", Some(Language::ZhHant)),
            ("zh", Some(Language::ZhHans)),
            ("en-GB", Some(Language::En)),
            ("fr, zh;q=0", None),
            ("*;q=0.1, ;;, en;q=x", None),
            ("", None),
        ] {
            assert_eq!(preferred(accepted), expected, "{accepted}");
        }
    }

    #[test]
    fn b6_what_was_chosen_on_the_page_counts_before_the_browser() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, "en".parse().expect("ascii"))]);
        assert_eq!(asked(Some("zh-Hans"), &headers), Some(Language::ZhHans));
        assert_eq!(asked(Some("klingon"), &headers), Some(Language::En));
        assert_eq!(asked(None, &HeaderMap::new()), None);
        for language in [Language::ZhHant, Language::ZhHans, Language::En] {
            assert_eq!(of_tag(code(language)), Some(language));
        }
    }
}
