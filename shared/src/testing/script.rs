//! One script of commands for every place where the rules run: natively, in a browser, over SQLite, over PostgreSQL. The rows must be the
//! same to the byte.

use super::World;
use super::dice::{Choices, Dice};
use crate::command::Command;
use crate::ids::UserId;
use crate::record::Record;
use crate::sync::protocol::RowHash;
use crate::time::Timestamp;

/// Commands drawn for the script; those that the rules refuse are left out.
const DRAWN: u64 = 17_000;

/// The digest of all rows after the script, wherever it is played. It changes with the rules, the dice and the form of records, and then in all
/// places at once.
pub const ROWS_AFTER_SCRIPT: u128 = 0xb50a_656e_3a68_2ac1_c7ab_4210_82db_ddac;

/// One step: who does what, when.
#[derive(Clone, Debug)]
pub struct Step {
    /// Who acts, on the device that [`World::device`] gives.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub command: Command,
}

/// Plays the script in a world of its own; gives the steps and the world after them.
#[must_use]
pub fn play() -> (Vec<Step>, World) {
    let (mut world, mut steps) = (World::new(), Vec::new());
    for seed in 0..DRAWN {
        let mut dice = Dice::new(seed);
        let user = dice.pick(&world.people()).expect("there are people");
        let command = Choices::of(world.all()).draw(user, world.now, &mut dice);
        let step = Step { user, at: world.now, command: command.clone() };
        let has_access = crate::decide::Actor::of(world.org, &world.get(user)).is_some();
        if has_access && world.apply(user, command).is_ok() {
            steps.push(step);
        }
    }
    (steps, world)
}

/// The digest of rows in any order: kind, id and body, not the version.
#[must_use]
pub fn digest<'r>(rows: impl Iterator<Item = (&'r str, uuid::Uuid, &'r str)>) -> u128 {
    rows.fold(0, |sum, (kind, id, body)| sum.wrapping_add(RowHash::of(kind, id, 0, body).0))
}

/// The digest of a world's records.
#[must_use]
pub fn digest_of_world(world: &World) -> u128 {
    let rows: Vec<_> = world.all().map(|record: &Record| (record.key(), record.encode())).collect();
    digest(rows.iter().map(|(key, body)| (key.kind.name(), key.id, body.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natively_the_script_gives_these_rows() {
        let (steps, world) = play();
        let names: std::collections::BTreeSet<_> = steps.iter().map(|step| step.command.name()).collect();
        // Nothing is held where only accepted commands are played, and what the server alone may ask for is accepted of nobody here.
        let all = Command::NAMES.iter().copied().filter(|name| !["rule_held_command_v1", "note_reminder_v1"].contains(name)).collect();
        assert_eq!(names, all, "every command stands in the script");
        let digest = digest_of_world(&world);
        assert_eq!(digest, ROWS_AFTER_SCRIPT, "now {digest:#034x}");
    }
}
