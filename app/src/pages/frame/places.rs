//! The places of the bar below on a phone, or the rail at the left on anything wider: those of the person's role.

use crate::components::{Glyph, Icon};
use crate::replica;
use crate::routes::Place;
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Links to the places of the person's role; the one shown is marked.
#[component]
pub(super) fn Places() -> impl IntoView {
    let path = use_location().pathname;
    let homes = Memo::new(|_| replica::actor().map_or(&[Place::Today, Place::More][..], |actor| Place::homes(actor.role)));
    let home = Memo::new(move |_| path.with(|path| Place::home_of(path, homes.get())));
    let link = move |place: Place| {
        let (glyph, name, test_id): (_, fn() -> &'static str, _) = match place {
            Place::Today => (Glyph::Sun, t::app::today, "place-today"),
            Place::Customers => (Glyph::Users, t::app::customers, "place-customers"),
            Place::Venue => (Glyph::MapPin, t::app::venue, "place-venue"),
            Place::Deals => (Glyph::Handshake, t::app::deals, "place-deals"),
            Place::Meetings => (Glyph::Calendar, t::app::meetings, "place-meetings"),
            Place::Products => (Glyph::Package, t::app::products, "place-products"),
            Place::People => (Glyph::User, t::app::people, "place-people"),
            _ => (Glyph::Ellipsis, t::app::more, "place-more"),
        };
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
            {move || homes.get().iter().map(|&place| link(place)).collect_view()}
        </nav>
    }
}
