//! Pictures for the board's numbers. Each has a table beside it that says the same.

use crate::state::board::Span;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;

/// A word that follows the language.
type Label = fn() -> &'static str;

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 200.0;
/// Room below the columns for the times.
const FOOT: f64 = 26.0;

/// Arrivals over time: a column per span, and the sum as a line.
pub(super) fn arrivals_picture(spans: &[Span]) -> impl IntoView + use<> {
    let most = spans.iter().map(|span| span.arrived).max().unwrap_or(0).max(1) as f64;
    let total = spans.iter().map(|span| span.arrived).sum::<usize>().max(1) as f64;
    let step = WIDTH / spans.len().max(1) as f64;
    let floor = HEIGHT - FOOT;
    let height = |share: f64| share * (floor - 24.0);
    let columns: Vec<_> = spans
        .iter()
        .enumerate()
        .map(|(index, span)| {
            let tall = height(span.arrived as f64 / most);
            // A single span is a column, not a wall.
            let width = (step * 0.76).min(60.0);
            let x = (index as f64 + 0.5) * step - width / 2.0;
            view! {
                <rect class="column" x=x y=floor - tall width=width height=tall rx="3" />
                {(span.arrived > 0).then(|| view! { <text x=x + width / 2.0 y=floor - tall - 5.0>{span.arrived}</text> })}
            }
        })
        .collect();
    let mut sum = 0;
    let line: Vec<_> = spans
        .iter()
        .enumerate()
        .map(|(index, span)| {
            sum += span.arrived;
            format!("{:.1},{:.1}", (index as f64 + 0.5) * step, floor - height(sum as f64 / total))
        })
        .collect();
    // As many times as can be read.
    let every = spans.len().div_ceil(6).max(1);
    let times: Vec<_> = spans
        .iter()
        .enumerate()
        .filter(|(index, _)| index % every == 0)
        .map(|(index, span)| view! { <text x=(index as f64 + 0.5) * step y=HEIGHT - 7.0>{words::clock(span.from, words::here())}</text> })
        .collect();
    view! {
        <svg class="picture" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=t::board::arrivals>
            <line class="ground" x1="0" x2=WIDTH y1=floor y2=floor />
            {columns}
            <polyline class="sum" points=line.join(" ") />
            {times}
        </svg>
    }
}

/// How far the guests came: expected, arrived, signed; each a bar in proportion to the widest.
pub(super) fn funnel_picture(steps: [(Label, usize); 3]) -> impl IntoView {
    let most = steps.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let bars: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(index, (label, count))| {
            let (label, count) = (*label, *count);
            let before = index.checked_sub(1).map(|before| steps[before].1).filter(|before| *before > 0);
            let share = before.map(|before| count * 100 / before);
            view! {
                <div class="funnel-step">
                    <span>{label}</span>
                    <span class="funnel-bar" aria-hidden="true"><span class=format!("funnel-fill step-{index}") style:width=format!("{}%", count * 100 / most)></span></span>
                    <span class="funnel-count number">{count}</span>
                    <span class="funnel-share number soft">{share.map(|share| format!("{share} %"))}</span>
                </div>
            }
        })
        .collect();
    view! { <div class="funnel">{bars}</div> }
}

/// A part of a whole, with its name.
pub(super) struct Share {
    pub(super) name: AnyView,
    pub(super) part: usize,
    pub(super) whole: usize,
}

/// A bar per share, in proportion to the widest; the part is filled.
pub(super) fn shares_picture(shares: Vec<Share>) -> impl IntoView {
    let most = shares.iter().map(|share| share.whole.max(share.part)).max().unwrap_or(0).max(1);
    let bar = |share: Share| {
        let wide = |count: usize| format!("{}%", count * 100 / most);
        view! {
            <div class="share-bar">
                <span>{share.name}</span>
                <span class="share-track" aria-hidden="true">
                    <span class="share-whole" style:width=wide(share.whole)></span>
                    <span class="share-part" style:width=wide(share.part)></span>
                </span>
                <span class="number">{share.part}" / "{share.whole}</span>
            </div>
        }
    };
    view! { <div class="share-bars">{shares.into_iter().map(bar).collect_view()}</div> }
}
