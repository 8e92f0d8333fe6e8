//! What is kept on a page while somebody looks at another one, for that person alone: devices pass from hand to hand.

use leptos::prelude::ArcRwSignal;
use shared::ids::UserId;

/// Something of one person, that is a new one for everybody else.
#[derive(Debug, Default)]
pub(crate) struct Own<T: 'static>(Option<(Option<UserId>, ArcRwSignal<T>)>);

impl<T: Default + Send + Sync + 'static> Own<T> {
    /// What somebody has left there; what others have is forgotten.
    pub(crate) fn of(&mut self, user: Option<UserId>) -> ArcRwSignal<T> {
        match &self.0 {
            Some((whose, kept)) if *whose == user => kept.clone(),
            _ => {
                let new = ArcRwSignal::default();
                self.0 = Some((user, new.clone()));
                new
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use leptos::prelude::{GetUntracked, Set};

    #[test]
    fn h1_what_somebody_searched_is_theirs_alone() {
        let world = World::new();
        let mut words = Own::<String>::default();
        words.of(Some(world.rep)).set("王小明".to_owned());
        assert_eq!(words.of(Some(world.rep)).get_untracked(), "王小明", "while they were elsewhere");
        assert_eq!(words.of(Some(world.colleague)).get_untracked(), "");
        assert_eq!(words.of(Some(world.rep)).get_untracked(), "", "gone with whoever came after");
        words.of(Some(world.rep)).set("王小明".to_owned());
        assert_eq!(words.of(None).get_untracked(), "");
    }
}
