//! Inputs: each is a [`Field`] around the right native control, with the right keyboard, and autofill off.

use super::Field;
use chrono::NaiveDateTime;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use std::sync::atomic::{AtomicU32, Ordering};

/// Something to choose and the words for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<T> {
    /// What is chosen.
    pub value: T,
    /// How it is called.
    pub label: String,
}

impl<T> Choice<T> {
    /// A value and its words.
    pub fn new(value: T, label: impl Into<String>) -> Self {
        Self { value, label: label.into() }
    }
}

/// One line of text. `kind` is the input's type (text, password, email); `autocomplete` is off unless given.
#[component]
pub fn TextField(
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional, into)] placeholder: Option<TextProp>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let id = fresh_id();
    let described_by = described_by(&id);
    let input = NodeRef::<leptos::html::Input>::new();
    focus_when_shown(input, autofocus);
    view! {
        <Field id=id.clone() label hint error>
            <input
                node_ref=input
                class="input"
                id=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                inputmode=inputmode
                placeholder=move || placeholder.as_ref().map(|text| text.get().to_string())
                aria-required=required.to_string()
                aria-invalid=move || error.get().is_some().to_string()
                aria-describedby=described_by
                data-testid=(!test_id.is_empty()).then_some(test_id)
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </Field>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = 3)] rows: u32,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let id = fresh_id();
    let described_by = described_by(&id);
    view! {
        <Field id=id.clone() label hint error>
            <textarea
                class="input"
                id=id
                rows=rows.to_string()
                autocomplete="off"
                aria-invalid=move || error.get().is_some().to_string()
                aria-describedby=described_by
                data-testid=(!test_id.is_empty()).then_some(test_id)
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        </Field>
    }
}

/// A phone number as people write it; a messy paste is kept as it is.
#[component]
pub fn TelField(
    #[prop(into)] label: TextProp,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    view! { <TextField label value hint error kind="tel" inputmode="tel" test_id /> }
}

/// An amount of money in minor units (1/100), typed in major units: "1,234.50". `unit` is shown before it.
#[component]
pub fn MoneyField(
    #[prop(into)] label: TextProp,
    value: RwSignal<Option<i64>>,
    #[prop(optional, into)] unit: Option<TextProp>,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let typed = typed_beside(value, parse_minor, show_minor);
    let id = fresh_id();
    let described_by = described_by(&id);
    view! {
        <Field id=id.clone() label hint error>
            <div class="input-with-unit">
                {unit.map(|unit| view! { <span class="unit" aria-hidden="true">{move || unit.get()}</span> })}
                <input
                    class="input number"
                    id=id
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=move || error.get().is_some().to_string()
                    aria-describedby=described_by
                    data-testid=(!test_id.is_empty()).then_some(test_id)
                    prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))
                />
            </div>
        </Field>
    }
}

/// A date and a time of day on the clock of the place that the page means.
#[component]
pub fn DateTimeField(
    #[prop(into)] label: TextProp,
    value: RwSignal<Option<NaiveDateTime>>,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let typed = typed_beside(value, |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok(), |at| at.format("%Y-%m-%dT%H:%M").to_string());
    view! { <TextField label value=typed hint error kind="datetime-local" test_id /> }
}

/// One of several, in the device's own list.
#[component]
pub fn Select<T: Clone + PartialEq + Send + Sync + 'static>(
    #[prop(into)] label: TextProp,
    #[prop(into)] options: Signal<Vec<Choice<T>>>,
    value: RwSignal<Option<T>>,
    /// The words for no choice; without them one must be made.
    #[prop(optional, into)]
    none: Option<TextProp>,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let id = fresh_id();
    let described_by = described_by(&id);
    let must_choose = none.is_none();
    let chosen = move || value.with(|value| options.with(|options| options.iter().position(|option| Some(&option.value) == value.as_ref())));
    let choose = move |event| {
        let index: Option<usize> = event_target_value(&event).parse().ok();
        value.set(index.and_then(|index| options.with_untracked(|options| options.get(index).map(|option| option.value.clone()))));
    };
    view! {
        <Field id=id.clone() label hint error>
            <select
                class="input"
                id=id
                aria-invalid=move || error.get().is_some().to_string()
                aria-describedby=described_by
                data-testid=(!test_id.is_empty()).then_some(test_id)
                on:change=choose
            >
                <option value="" selected=move || chosen().is_none() disabled=must_choose>
                    {move || none.as_ref().map_or_else(String::new, |text| text.get().to_string())}
                </option>
                {move || {
                    options
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(index, option)| {
                            view! {
                                <option value=index.to_string() selected=move || chosen() == Some(index)>
                                    {option.label}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </Field>
    }
}

/// One of a few, all of them in view.
#[component]
pub fn Chips<T: Clone + PartialEq + Send + Sync + 'static>(
    #[prop(into)] label: TextProp,
    #[prop(into)] options: Signal<Vec<Choice<T>>>,
    value: RwSignal<Option<T>>,
    /// Whether a second tap takes the choice back.
    #[prop(optional)]
    optional: bool,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let is_on = move |option: &T| value.with(|value| value.as_ref() == Some(option));
    let press = move |option: T| {
        value.update(|value| if optional && value.as_ref() == Some(&option) { *value = None } else { *value = Some(option) });
    };
    chips(label, options, error, test_id, is_on, press)
}

/// Any of a few, all of them in view.
#[component]
pub fn ChipsMany<T: Clone + PartialEq + Send + Sync + 'static>(
    #[prop(into)] label: TextProp,
    #[prop(into)] options: Signal<Vec<Choice<T>>>,
    value: RwSignal<Vec<T>>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let is_on = move |option: &T| value.with(|value| value.contains(option));
    let press = move |option: T| {
        value.update(|value| match value.iter().position(|chosen| *chosen == option) {
            Some(index) => {
                value.remove(index);
            }
            None => value.push(option),
        });
    };
    chips(label, options, error, test_id, is_on, press)
}

/// On or off, at once.
#[component]
pub fn Switch(
    #[prop(into)] label: TextProp,
    value: RwSignal<bool>,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    view! {
        <label class="switch">
            <span class="switch-words">
                <span>{move || label.get()}</span>
                <span class="field-hint">{move || hint.get()}</span>
            </span>
            <input
                type="checkbox"
                role="switch"
                data-testid=(!test_id.is_empty()).then_some(test_id)
                prop:checked=move || value.get()
                on:change=move |event| value.set(event_target_checked(&event))
            />
        </label>
    }
}

fn chips<T: Clone + PartialEq + Send + Sync + 'static>(
    label: TextProp,
    options: Signal<Vec<Choice<T>>>,
    error: Signal<Option<String>>,
    test_id: &'static str,
    is_on: impl Fn(&T) -> bool + Copy + Send + Sync + 'static,
    press: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let id = fresh_id();
    let label_id = format!("{id}-label");
    let error_id = format!("{id}-error");
    let chip = move |option: Choice<T>| {
        let (shown, pressed) = (option.value.clone(), option.value);
        view! {
            <button type="button" class="chip" aria-pressed=move || is_on(&shown).to_string() on:click=move |_| press(pressed.clone())>
                {option.label}
            </button>
        }
    };
    view! {
        <div class="field" class:wrong=move || error.get().is_some()>
            <span class="field-label" id=label_id.clone()>{move || label.get()}</span>
            <div class="chips" role="group" aria-labelledby=label_id aria-describedby=error_id.clone() data-testid=(!test_id.is_empty()).then_some(test_id)>
                {move || options.get().into_iter().map(chip).collect_view()}
            </div>
            <p class="field-error" id=error_id role="alert">{move || error.get()}</p>
        </div>
    }
}

/// What is typed, beside the value it means: the words stay when they mean nothing, and follow when the page sets another value.
fn typed_beside<T: Clone + PartialEq + Send + Sync + 'static>(
    value: RwSignal<Option<T>>,
    parse: fn(&str) -> Option<T>,
    show: fn(&T) -> String,
) -> RwSignal<String> {
    let typed = RwSignal::new(value.with_untracked(|value| value.as_ref().map(show).unwrap_or_default()));
    Effect::new(move |_| {
        let parsed = typed.with(|typed| parse(typed));
        if value.with_untracked(|value| *value != parsed) {
            value.set(parsed);
        }
    });
    Effect::new(move |before: Option<()>| {
        let now = value.get();
        let meant = typed.with_untracked(|typed| parse(typed));
        if before.is_some() && now != meant {
            typed.set(now.as_ref().map(show).unwrap_or_default());
        }
    });
    typed
}

fn parse_minor(text: &str) -> Option<i64> {
    let text = plain_digits(text);
    let (negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (major, minor) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if major.is_empty() || minor.len() > 2 || !all_digits(major) || !all_digits(minor) {
        return None;
    }
    let hundredths: i64 = format!("{minor:0<2}").parse().ok()?;
    let amount = major.parse::<i64>().ok()?.checked_mul(100)?.checked_add(hundredths)?;
    Some(if negative { -amount } else { amount })
}

fn show_minor(minor: &i64) -> String {
    let sign = if *minor < 0 { "-" } else { "" };
    let (major, rest) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    if rest == 0 { format!("{sign}{major}") } else { format!("{sign}{major}.{rest:02}") }
}

/// Full-width digits and signs become plain; group separators and spaces go.
fn plain_digits(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{2212}' => '-',
        other => other,
    };
    text.chars().map(plain).filter(|c| *c != ',' && !c.is_whitespace()).collect()
}

fn fresh_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("field-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn described_by(id: &str) -> String {
    format!("{id}-hint {id}-error")
}

fn focus_when_shown(input: NodeRef<leptos::html::Input>, autofocus: bool) {
    if autofocus {
        Effect::new(move |_| {
            if let Some(input) = input.get() {
                drop(input.focus());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_type_it() {
        for (text, minor) in [("1234", 123_400), ("1,234.5", 123_450), ("\u{ff11}\u{ff12}\u{ff0c}800", 1_280_000), (" 0.05", 5), ("-3.20", -320)] {
            assert_eq!(parse_minor(text), Some(minor), "{text}");
        }
        for text in ["", ".", "1.234", "12 元", "9223372036854775807"] {
            assert_eq!(parse_minor(text), None, "{text}");
        }
    }

    #[test]
    fn an_amount_is_shown_as_it_would_be_typed() {
        for (minor, text) in [(123_400, "1234"), (123_450, "1234.50"), (-5, "-0.05")] {
            assert_eq!(show_minor(&minor), text);
        }
    }
}
