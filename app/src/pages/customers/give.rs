//! Giving customers to a colleague or to the pool (clause A5).

use crate::components::{Banner, Glyph, Icon, Mood, Sheet, toast};
use crate::replica::{self, NotSaved};
use crate::state::customers::{in_turn, receivers, transfer};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::Customer;
use shared::ids::{CustomerId, UserId};
use shared::people::{Role, User};
use std::collections::BTreeMap;
use std::sync::Arc;

/// To whom; a tap gives the customers away and offers to take it back where the rules allow that.
#[component]
pub(super) fn GiveSheet(open: RwSignal<bool>, customers: Signal<Vec<CustomerId>>, on_given: Callback<()>) -> impl IntoView {
    let failure = RwSignal::new(None::<NotSaved>);
    let give = move |to: Option<UserId>, name: String| {
        let chosen = customers.get_untracked();
        let before = owners(&chosen);
        failure.set(None);
        spawn_local(async move {
            match give_to(&chosen, to).await {
                Err(why) => failure.set(Some(why)),
                Ok(()) => {
                    open.set(false);
                    let n = chosen.len();
                    let text = if to.is_some() { t::customers::given(n, name) } else { t::customers::released(n) };
                    offer_undo(text, before);
                    on_given.run(());
                }
            }
        });
    };
    let sellers = move || colleagues().into_iter().filter(|one| one.role == Role::Rep).map(|one| one.id).collect::<Vec<_>>();
    let share = move || {
        let (chosen, people) = (customers.get_untracked(), sellers());
        let before = owners(&chosen);
        failure.set(None);
        spawn_local(async move {
            let shares = in_turn(&chosen, &people);
            for (to, share) in &shares {
                if let Err(why) = give_to(share, Some(*to)).await {
                    return failure.set(Some(why));
                }
            }
            open.set(false);
            offer_undo(t::customers::given_in_turn(chosen.len(), shares.len()), before);
            on_given.run(());
        });
    };
    view! {
        <Sheet title=t::customers::give_title open test_id="give-sheet">
            {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <div class="list">
                <Show when=move || customers.with(|customers| 1 < customers.len()) && 1 < sellers().len()>
                    <button type="button" class="row" data-testid="give-in-turn" on:click=move |_| share()>
                        <span class="row-icon"><Icon glyph=Glyph::Refresh /></span>
                        <span class="row-words">
                            <span class="row-title">{t::customers::give_in_turn}</span>
                            <span class="row-note">{move || t::customers::give_in_turn_text(sellers().len())}</span>
                        </span>
                    </button>
                </Show>
                {move || {
                    colleagues()
                        .into_iter()
                        .map(|colleague| {
                            let (id, name) = (colleague.id, colleague.name.clone());
                            let given = name.clone();
                            view! {
                                <button type="button" class="row" data-testid="give-to" on:click=move |_| give(Some(id), given.clone())>
                                    <span class="row-icon"><Icon glyph=Glyph::User /></span>
                                    <span class="row-words"><span class="row-title">{name}</span></span>
                                </button>
                            }
                        })
                        .collect_view()
                }}
                <button type="button" class="row" data-testid="give-to-pool" on:click=move |_| give(None, String::new())>
                    <span class="row-icon"><Icon glyph=Glyph::Users /></span>
                    <span class="row-words"><span class="row-title">{t::customers::nobody}</span></span>
                </button>
            </div>
        </Sheet>
    }
}

fn colleagues() -> Vec<Arc<User>> {
    let Some(actor) = replica::actor() else { return Vec::new() };
    let users = replica::read(&[Kind::User], |replica| receivers(replica, &actor));
    users.into_iter().filter(|user| actor.role != Role::Rep || user.id != actor.user).collect()
}

async fn give_to(customers: &[CustomerId], to: Option<UserId>) -> Result<(), NotSaved> {
    for part in transfer(customers, to) {
        replica::submit(part).await?;
    }
    Ok(())
}

fn owners(customers: &[CustomerId]) -> BTreeMap<Option<UserId>, Vec<CustomerId>> {
    let mut owners = BTreeMap::<_, Vec<_>>::new();
    replica::read(&[], |replica| {
        for customer in customers.iter().filter_map(|id| replica.noun::<Customer>(*id)) {
            owners.entry(customer.owner).or_default().push(customer.id);
        }
    });
    owners
}

/// A rep who lets go of a customer cannot reach it any more; only those above can take it back.
fn offer_undo(text: String, before: BTreeMap<Option<UserId>, Vec<CustomerId>>) {
    if replica::actor().is_none_or(|actor| actor.role == Role::Rep) {
        return toast::show(text);
    }
    toast::show_with_undo(text, move || {
        let before = before.clone();
        spawn_local(async move {
            for (owner, customers) in before {
                if let Err(why) = give_to(&customers, owner).await {
                    toast::show(words::not_saved(&why));
                }
            }
        });
    });
}
