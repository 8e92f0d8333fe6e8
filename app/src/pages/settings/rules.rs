//! Which follow-up tasks come by themselves, and when (clause G1): an administrator sets it.

use crate::components::{Chips, Choice, toast};
use crate::pages::invitations::settings;
use crate::replica;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::follow_ups::Rule;
use shared::follow_ups::command::SetFollowUpRule;

/// What may be chosen: hours after a meeting, days after a purchase, days since the last contact.
const HOURS: [u16; 4] = [24, 48, 72, 168];
const CARE_DAYS: [u16; 5] = [3, 7, 14, 30, 60];
const RHYTHM_DAYS: [u16; 6] = [3, 7, 14, 30, 90, 180];

/// All rules.
#[component]
pub(super) fn RulesCard() -> impl IntoView {
    view! {
        <section class="stack" data-testid="follow-up-rules">
            <h2>{t::follow_ups::rules}</h2>
            <div class="card stack">
                {Rule::ALL.map(|rule| view! { <OneRule rule /> }).collect_view()}
                <p class="soft">{t::follow_ups::rules_note}</p>
            </div>
        </section>
    }
}

/// Off, or after how long. Saved as it is chosen.
#[component]
fn OneRule(rule: Rule) -> impl IntoView {
    let stored = Memo::new(move |_| settings().map(|settings| settings.follow_ups.of(rule)));
    let chosen = RwSignal::new(None::<Option<u16>>);
    // What is stored is shown, also when another device has changed it.
    Effect::new(move |_| chosen.set(stored.get()));
    Effect::new(move |_| {
        let (Some(after), Some(known)) = (chosen.get(), stored.get_untracked()) else { return };
        if after != known {
            spawn_local(async move {
                match replica::submit(SetFollowUpRule { rule, after }).await {
                    Ok(()) => toast::show(untrack(t::more::saved)),
                    Err(why) => toast::show(untrack(|| words::not_saved(&why))),
                }
            });
        }
    });
    let options = Signal::derive(move || {
        let offered: &[u16] = match rule {
            Rule::CameOnly | Rule::StayedAway => &HOURS,
            Rule::FirstCare | Rule::SecondCare => &CARE_DAYS,
            Rule::RhythmA | Rule::RhythmB | Rule::RhythmC | Rule::RhythmD => &RHYTHM_DAYS,
        };
        // Another time may have been set otherwise: it is offered as well.
        let mut times: Vec<_> = offered.iter().copied().chain(stored.get().flatten()).collect();
        times.sort_unstable();
        times.dedup();
        let off = Choice::new(None, t::follow_ups::off());
        std::iter::once(off).chain(times.into_iter().map(|after| Choice::new(Some(after), how_long(rule, after)))).collect::<Vec<_>>()
    });
    view! { <Chips label=move || rule_words(rule) options value=chosen test_id=test_id(rule) /> }
}

fn how_long(rule: Rule, after: u16) -> String {
    if rule.is_in_hours() && !after.is_multiple_of(24) {
        t::more::hours(after)
    } else {
        t::more::days(if rule.is_in_hours() { after / 24 } else { after })
    }
}

fn rule_words(rule: Rule) -> String {
    match rule {
        Rule::CameOnly => t::follow_ups::rule_after_meeting(t::follow_ups::came_only()),
        Rule::StayedAway => t::follow_ups::rule_after_meeting(t::follow_ups::stayed_away()),
        Rule::FirstCare => t::follow_ups::rule_after_purchase(t::follow_ups::first_care()),
        Rule::SecondCare => t::follow_ups::rule_after_purchase(t::follow_ups::second_care()),
        Rule::RhythmA => t::follow_ups::rule_rhythm("A"),
        Rule::RhythmB => t::follow_ups::rule_rhythm("B"),
        Rule::RhythmC => t::follow_ups::rule_rhythm("C"),
        Rule::RhythmD => t::follow_ups::rule_rhythm("D"),
    }
}

const fn test_id(rule: Rule) -> &'static str {
    match rule {
        Rule::CameOnly => "rule-came-only",
        Rule::StayedAway => "rule-stayed-away",
        Rule::FirstCare => "rule-first-care",
        Rule::SecondCare => "rule-second-care",
        Rule::RhythmA => "rule-rhythm-a",
        Rule::RhythmB => "rule-rhythm-b",
        Rule::RhythmC => "rule-rhythm-c",
        Rule::RhythmD => "rule-rhythm-d",
    }
}
