//! Pictures of numbers: bars and a line over time. Each is one image to a screen reader, with a name and a sentence; the page has the same numbers
//! in a table beside it. What is told by colour is told by shape, too: a part has an edge, what it is compared with is an outline.

mod geometry;

use geometry::{along, length, points, steps};
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use std::sync::atomic::{AtomicU32, Ordering};

/// How wide a picture is drawn: letters keep their size on a phone, where there is room for less.
fn width() -> f64 {
    const WIDE: f64 = 600.0;
    const NARROW: f64 = 340.0;
    let shown = web_sys::window().and_then(|window| window.inner_width().ok()?.as_f64()).unwrap_or(WIDE);
    if shown < WIDE { NARROW } else { WIDE }
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// How long it is.
    pub value: i128,
    /// A part of it that is told apart; none by 0.
    pub part: i128,
    /// With what it is compared.
    pub mark: Option<i128>,
    /// The value as people read it.
    pub shown: String,
}

/// A bar for each value, one beneath the other.
#[component]
pub fn BarChart(
    /// What the picture shows.
    #[prop(into)]
    name: TextProp,
    /// What it says, in a sentence.
    #[prop(optional, into)]
    says: Option<TextProp>,
    bars: Vec<Bar>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    const ROW: f64 = 40.0;
    const BAR: f64 = 14.0;
    // Room for the longest amount behind the longest bar.
    let room = width() - 150.0;
    let most = bars.iter().map(|bar| bar.value.max(bar.mark.unwrap_or(0))).max().unwrap_or(0);
    let height = ROW * bars.len() as f64;
    let drawn: Vec<_> = (0..)
        .zip(bars)
        .map(|(place, bar)| {
            let top = f64::from(place) * ROW;
            let [whole, part] = [bar.value, bar.part].map(|value| length(value, most, room));
            let mark = bar.mark.map(|mark| length(mark, most, room));
            view! {
                <text class="bar-label" x="0" y=top + 14.0>{bar.label}</text>
                <rect class="column" x="0" y=top + 20.0 width=whole height=BAR rx="3" />
                <rect class="won-back" x="0" y=top + 20.0 width=part height=BAR rx="3" />
                {mark.map(|mark| view! { <rect class="mark" x="1" y=top + 18.0 width=mark height=BAR + 4.0 rx="3" /> })}
                <text class="bar-count" x=whole.max(mark.unwrap_or(0.0)) + 8.0 y=top + 32.0>{bar.shown}</text>
            }
        })
        .collect();
    view! { <Picture name says height class="picture bars" test_id>{drawn}</Picture> }
}

/// A value at its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// The time, shortly.
    pub label: String,
    /// How high it stands.
    pub value: i128,
}

/// Values over time, joined by a line. The last one is the one that the page is about.
#[component]
pub fn LineChart(
    /// What the picture shows.
    #[prop(into)]
    name: TextProp,
    /// What it says, in a sentence.
    #[prop(optional, into)]
    says: Option<TextProp>,
    stops: Vec<Stop>,
    /// A value as people read it, for the lines behind.
    #[prop(into)]
    shown: Callback<i128, String>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    const HEIGHT: f64 = 240.0;
    const TOP: f64 = 24.0;
    const FOOT: f64 = 28.0;
    const SIDE: f64 = 24.0;
    /// Room that a name needs.
    const NAME: f64 = 44.0;
    let values: Vec<_> = stops.iter().map(|stop| stop.value).collect();
    let steps = steps(values.iter().copied().max().unwrap_or(0));
    let most = steps.last().copied().unwrap_or(1);
    let (wide, room, ground) = (width(), HEIGHT - TOP - FOOT, HEIGHT - FOOT);
    let placed = points(&values, most, wide - 2.0 * SIDE, room);
    // Every so many names, so that they stand apart; the last one always.
    let apart = ((stops.len() as f64 * NAME / wide).ceil() as usize).max(1);
    let path: Vec<_> = placed.iter().map(|(x, y)| format!("{:.1},{:.1}", x + SIDE, y + TOP)).collect();
    let behind: Vec<_> = steps
        .into_iter()
        .map(|step| {
            let y = ground - length(step, most, room);
            view! {
                <line class="ground" x1="0" x2=wide y1=y y2=y />
                <text class="bar-label soft" x="0" y=y - 4.0>{shown.run(step)}</text>
            }
        })
        .collect();
    let last = placed.len().saturating_sub(1);
    let dots: Vec<_> = placed
        .iter()
        .enumerate()
        .map(|(place, (x, y))| {
            view! { <circle class="stop" class:last=place == last cx=x + SIDE cy=y + TOP r=if place == last { 7.0 } else { 4.0 } /> }
        })
        .collect();
    let names: Vec<_> = stops
        .into_iter()
        .enumerate()
        .filter(|(place, _)| (last - place).is_multiple_of(apart))
        .map(|(place, stop)| view! { <text x=along(place, placed.len(), wide - 2.0 * SIDE) + SIDE y=HEIGHT - 8.0>{stop.label}</text> })
        .collect();
    view! {
        <Picture name says height=HEIGHT class="picture over-time" test_id>
            {behind}
            <polyline class="way" points=path.join(" ") />
            {dots}
            {names}
        </Picture>
    }
}

/// One image with its name and its sentence.
#[component]
fn Picture(name: TextProp, says: Option<TextProp>, height: f64, class: &'static str, test_id: &'static str, children: Children) -> impl IntoView {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let (title, said) = (format!("picture-{id}"), format!("picture-{id}-says"));
    let labelled = title.clone();
    let described = says.is_some().then(|| said.clone());
    view! {
        <svg
            class=class
            viewBox=format!("0 0 {} {height}", width())
            role="img"
            aria-labelledby=labelled
            aria-describedby=described
            data-testid=(!test_id.is_empty()).then_some(test_id)
        >
            <title id=title>{move || name.get().to_string()}</title>
            {says.map(|says| view! { <desc id=said>{move || says.get().to_string()}</desc> })}
            {children()}
        </svg>
    }
}
