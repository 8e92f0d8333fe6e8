//! The five places: a bar below on a phone, a rail at the left on anything wider.

use crate::components::{Glyph, Icon};
use crate::routes::Place;
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Links to the five places; the one shown is marked.
#[component]
pub(super) fn Places() -> impl IntoView {
    let path = use_location().pathname;
    let home = Memo::new(move |_| path.with(|path| Place::home_of(path)));
    let link = move |place: Place, glyph: Glyph, name: fn() -> &'static str, test_id: &'static str| {
        let current = move || (home.get() == place).then_some("page");
        view! {
            <a class="place" href=place.path() aria-current=current data-testid=test_id>
                <Icon glyph />
                <span>{name}</span>
            </a>
        }
    };
    view! {
        <nav class="places" aria-label=t::app::places>
            <span class="brand" aria-hidden="true">{t::app::name}</span>
            {link(Place::Today, Glyph::Sun, t::app::today, "place-today")}
            {link(Place::Customers, Glyph::Users, t::app::customers, "place-customers")}
            {link(Place::Venue, Glyph::MapPin, t::app::venue, "place-venue")}
            {link(Place::Deals, Glyph::Handshake, t::app::deals, "place-deals")}
            {link(Place::More, Glyph::Ellipsis, t::app::more, "place-more")}
        </nav>
    }
}
