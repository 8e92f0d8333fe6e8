//! The tasks of whoever works here, worked out once for all that show them: the badge, Today, and the list.

use super::KINDS;
use crate::pages::today::ticking;
use crate::replica;
use crate::state::follow_ups::own_tasks;
use leptos::prelude::*;
use shared::follow_ups::tasks::Tasks;

/// The tasks, as they are now.
#[derive(Clone, Copy)]
pub(in crate::pages) struct OwnTasks(Memo<Tasks>);

impl OwnTasks {
    /// For everything within the frame.
    pub(in crate::pages) fn provide() {
        let now = ticking();
        provide_context(Self(Memo::new(move |_| {
            let Some(actor) = replica::actor() else { return Tasks::default() };
            replica::read(&KINDS, |replica| own_tasks(replica, &actor, now.get()))
        })));
    }

    /// The tasks; tracked.
    pub(in crate::pages) fn of_here() -> Memo<Tasks> {
        expect_context::<Self>().0
    }
}
