//! How the app comes to the home screen, and why before the log-in: by the browser's own offer, or by steps in the words of its menus.

use crate::components::{Button, Glyph, Icon, Look};
use crate::platform::install;
use crate::state::install::Way;
use crate::texts::install as s;
use leptos::prelude::*;

/// Before the log-in.
#[component]
pub fn InstallFirst() -> impl IntoView {
    let way = install::way();
    view! {
        <section class="install" class:first=way.stores_apart() data-testid="install-first" aria-labelledby="install-first">
            <h2 id="install-first">
                <Icon glyph=Glyph::Smartphone />
                {if way.is_computer() { s::first_computer } else { s::first }}
            </h2>
            <How way />
        </section>
    }
}

/// For somebody who has logged in already.
#[component]
pub fn InstallHere() -> impl IntoView {
    let way = install::way();
    view! {
        <div class="card install" data-testid="install-here">
            <h3>{if way.is_computer() { s::title_computer } else { s::title }}</h3>
            <How way />
            {way.stores_apart().then(|| view! { <p>{s::unsent_first}</p> })}
        </div>
    }
}

/// The browser's offer if there is one, else the steps; those for other devices on demand.
#[component]
fn How(way: Way) -> impl IntoView {
    let offer = move || {
        view! {
            <div>
                <Button look=Look::Quiet icon=Glyph::Download on_press=install::take test_id="install">
                    {s::install}
                </Button>
            </div>
        }
    };
    view! {
        <p class="soft">{why(way)}</p>
        {move || if install::is_offered() { offer().into_any() } else { view! { <Steps way /> }.into_any() }}
        <details class="unfold" data-testid="install-others">
            <summary>{s::others}</summary>
            <div class="unfolded">
                {LISTED
                    .into_iter()
                    .filter(|(other, _)| *other != way)
                    .map(|(other, name)| {
                        view! {
                            <div>
                                <strong>{name}</strong>
                                <Steps way=other />
                            </div>
                        }
                    })
                    .collect_view()}
            </div>
        </details>
    }
}

#[component]
fn Steps(way: Way) -> impl IntoView {
    let step = |(words, glyph): (Words, Option<Glyph>)| view! { <li><span>{words}</span>{glyph.map(|glyph| view! { <Icon glyph /> })}</li> };
    view! { <ol class="steps" data-testid="install-steps" data-way=format!("{way:?}")>{steps(way).into_iter().map(step).collect_view()}</ol> }
}

type Words = fn() -> &'static str;

/// What can be looked up; an app in which the page was opened by mistake is no device.
const LISTED: [(Way, Words); 5] =
    [(Way::Apple, s::apple), (Way::Android, s::android), (Way::AndroidFirefox, s::firefox), (Way::Computer, s::computer), (Way::Mac, s::mac)];

fn why(way: Way) -> Words {
    match way {
        Way::Apple => s::why_apart,
        Way::Mac => s::why_mac,
        Way::Android | Way::AndroidFirefox | Way::Computer => s::why,
        Way::InsideAnApp => s::why_inside,
    }
}

/// What to press, and the drawing that stands on it.
fn steps(way: Way) -> Vec<(Words, Option<Glyph>)> {
    let menu = Some(Glyph::EllipsisVertical);
    match way {
        Way::Apple => vec![(s::apple_menu, Some(Glyph::ShareUp)), (s::apple_choose, None), (s::open_there, None)],
        Way::Android => vec![(s::android_menu, menu), (s::android_choose, None), (s::open_there, None)],
        Way::AndroidFirefox => vec![(s::android_menu, menu), (s::firefox_choose, None), (s::open_there, None)],
        Way::Computer => vec![(s::computer_menu, Some(Glyph::MonitorDown)), (s::computer_choose, None)],
        Way::Mac => vec![(s::mac_menu, None), (s::mac_choose, None)],
        Way::InsideAnApp => vec![(s::inside_menu, Some(Glyph::Ellipsis)), (s::inside_choose, None)],
    }
}
