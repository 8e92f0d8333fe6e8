//! Instead of a page that shows customers, when the server was not heard of for too long (clause M3): what to do, and what can be
//! recorded all the same.

use crate::components::{Button, EmptyState, Glyph, LinkButton, List, ListRow, Look};
use crate::replica;
use crate::routes::Place;
use crate::state::venue::{Doors, doors};
use crate::texts as t;
use leptos::prelude::*;
use shared::Kind;
use shared::meetings::Meeting;
use std::sync::Arc;

/// Customers are hidden.
#[component]
pub(super) fn LeasePage() -> impl IntoView {
    let today = Memo::new(|_| {
        let Some(actor) = replica::actor() else { return Doors::default().today };
        replica::read(&[Kind::Meeting, Kind::User], |replica| doors(replica, &actor, chrono::Utc::now()).today)
    });
    let door = |meeting: Arc<Meeting>| {
        let (theme, again) = (meeting.plan.theme.clone(), meeting.plan.theme.clone());
        view! {
            <ListRow href=Place::Scan(meeting.id) icon=Glyph::Scan>{t::lease::check_in(&theme)}</ListRow>
            <ListRow href=Place::WalkIn(meeting.id) icon=Glyph::UserPlus>{t::lease::walk_in(&again)}</ListRow>
        }
    };
    view! {
        <EmptyState glyph=Glyph::CloudOff title=t::lease::title text=t::lease::means test_id="lease">
            <Button look=Look::Primary icon=Glyph::Refresh on_press=replica::sync_now test_id="lease-sync">
                {t::lease::go_online}
            </Button>
            <LinkButton href=Place::NewCustomer icon=Glyph::UserPlus test_id="lease-customer">
                {t::lease::add_customer}
            </LinkButton>
        </EmptyState>
        {move || {
            let today = today.get();
            (!today.is_empty()).then(|| view! { <List label=t::venue::todays>{today.into_iter().map(door).collect_view()}</List> })
        }}
    }
}
