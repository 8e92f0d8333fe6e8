//! How all devices of the organisation guard what is on them (clause M3): an administrator sets it.

use crate::components::{Chips, Choice, toast};
use crate::replica;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::settings::DevicePolicy;
use shared::settings::command::SetDevicePolicy;

/// What may be chosen, in hours: a day, three, a week, thirty days.
const LEASES: [u16; 4] = [24, 72, 168, 720];

/// When devices lock themselves, and for how long they show customers without the server.
#[component]
pub(super) fn Devices() -> impl IntoView {
    let policy = Memo::new(|_| replica::read(&[Kind::Settings], |replica| settings(replica).map(|settings| settings.devices)));
    let (idle, lease) = (RwSignal::new(None), RwSignal::new(None));
    // What is stored is shown, also when another device has changed it.
    Effect::new(move |_| {
        let policy = policy.get();
        idle.set(policy.map(|policy| policy.idle_minutes));
        lease.set(policy.map(|policy| policy.lease_hours));
    });
    Effect::new(move |_| {
        let (Some(idle_minutes), Some(lease_hours), Some(stored)) = (idle.get(), lease.get(), policy.get_untracked()) else { return };
        if stored != (DevicePolicy { idle_minutes, lease_hours }) {
            spawn_local(async move {
                match replica::submit(SetDevicePolicy { idle_minutes, lease_hours }).await {
                    Ok(()) => toast::show(untrack(t::more::saved)),
                    Err(why) => toast::show(untrack(|| words::not_saved(&why))),
                }
            });
        }
    });
    let minutes = Signal::derive(|| DevicePolicy::IDLE_MINUTES.map(|minutes| Choice::new(minutes, t::more::minutes(minutes))).collect::<Vec<_>>());
    let hours = Signal::derive(move || {
        // Another time may have been set otherwise: it is offered as well.
        let stored = policy.get().map(|policy| policy.lease_hours);
        let mut hours: Vec<u16> = LEASES.into_iter().chain(stored).collect();
        hours.sort_unstable();
        hours.dedup();
        hours.into_iter().map(|hours| Choice::new(hours, how_long(hours))).collect::<Vec<_>>()
    });
    view! {
        <div class="card stack">
            <Chips label=t::fields::idle_minutes options=minutes value=idle test_id="policy-idle" />
            <Chips label=t::fields::lease_hours options=hours value=lease test_id="policy-lease" />
            <p class="soft">{t::more::devices_note}</p>
        </div>
    }
}

fn how_long(hours: u16) -> String {
    let (days, rest) = (hours / 24, hours % 24);
    if rest == 0 { t::more::days(days) } else { t::more::hours(hours) }
}
