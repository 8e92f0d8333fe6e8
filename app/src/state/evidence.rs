//! What a signed contract proves (clause F2), looked at anew on this device: nothing here rests on what somebody else has checked.

use shared::deals::Contract;
use shared::deals::contract::sha256_hex;
use shared::deals::evidence::{ByDevice, Link, Statement, by_device, is_countersigned};
use shared::ids::OrgId;
use shared::sync::protocol::CLOCK_SKEW_TOLD_MS;
use shared::sync::replica::Replica;
use shared::time::Timestamp;

/// What was looked at, and what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checks {
    /// The text has the hash that was signed.
    pub(crate) text: bool,
    pub(crate) device: ByDevice,
    pub(crate) server: ByServer,
    pub(crate) place: Place,
    /// By how many minutes the device's clock was ahead of the server's, if that was more than a few; behind it, if negative.
    pub(crate) clock_ahead: Option<i64>,
}

/// What the server's countersignature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByServer {
    /// It has not been there yet.
    NotYet,
    /// It was signed before the server countersigned.
    Never,
    /// The server has had exactly this since then.
    Received(Timestamp),
    /// The server has countersigned something else.
    Bad,
}

/// The place in the device's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The app that signed kept no chain.
    None,
    /// At this position, after the one that it names or as the first.
    Follows(u64),
    /// At this position; the one before it is not on this device.
    NotHere(u64),
    /// Another one stands before it than the one that it names.
    Broken(u64),
}

/// Looks at everything that can be looked at without asking anybody.
pub(crate) fn checks(replica: &Replica, contract: &Contract, org: OrgId, organisations_key: &str) -> Checks {
    let server = match &contract.received {
        // An app that seals nothing is one of before.
        None if contract.seal.is_none() => ByServer::Never,
        None => ByServer::NotYet,
        Some(received) if is_countersigned(contract, org, received, organisations_key) => ByServer::Received(received.at),
        Some(_) => ByServer::Bad,
    };
    let ahead = contract.seal.as_ref().map(|seal| seal.clock_offset_ms.saturating_neg());
    Checks {
        text: sha256_hex(&contract.text) == contract.sha256,
        device: by_device(contract, org, organisations_key),
        server,
        place: contract.seal.as_ref().map_or(Place::None, |seal| place(replica, contract, &seal.link, org)),
        clock_ahead: ahead.filter(|ahead| ahead.unsigned_abs() > CLOCK_SKEW_TOLD_MS.unsigned_abs()).map(|ahead| ahead / 60_000),
    }
}

fn place(replica: &Replica, contract: &Contract, link: &Link, org: OrgId) -> Place {
    if link.position == 1 {
        return Place::Follows(1);
    }
    let stands_before = |other: &&std::sync::Arc<Contract>| {
        let is_same_chain = (other.device, other.witness) == (contract.device, contract.witness);
        is_same_chain && other.seal.as_ref().is_some_and(|seal| seal.link.chain == link.chain && seal.link.position + 1 == link.position)
    };
    match replica.all::<Contract>().find(stands_before) {
        None => Place::NotHere(link.position),
        Some(before) if link.previous == Some(sha256_hex(&Statement::of(before, org).line())) => Place::Follows(link.position),
        Some(_) => Place::Broken(link.position),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::deals::command::SignDeal;
    use shared::deals::evidence::{contract_in, seal};
    use shared::ids::DealId;
    use shared::testing::World;

    fn beginning() -> Link {
        Link::first(uuid::Uuid::from_u128(1))
    }

    fn sign(world: &mut World, link: Link, clock_offset_ms: i64) -> DealId {
        let command = world.open_deal(world.customer, None);
        let deal = command.deal;
        world.apply(world.rep, command).expect("within the rules");
        let plain = world.sign(deal);
        let predicted = world.decide(world.rep, &plain.clone().into()).expect("within the rules");
        let seal = seal(contract_in(&predicted).expect("a contract"), world.org, link, clock_offset_ms, None);
        world.apply(world.rep, SignDeal { seal: Some(seal), ..plain }).expect("signed");
        deal
    }

    fn checked(world: &World, contract: &Contract) -> Checks {
        checks(&world.replica(world.rep), contract, world.org, &world.signer().public_key())
    }

    #[test]
    fn f2_what_was_signed_is_looked_at_on_the_device_and_every_change_is_told() {
        let mut world = World::new();
        let first = sign(&mut world, beginning(), 250);
        let contract = world.get::<Contract>(first);
        let received = contract.received.as_ref().expect("the server has it").at;
        let good =
            Checks { text: true, device: ByDevice::Unsigned, server: ByServer::Received(received), place: Place::Follows(1), clock_ahead: None };
        assert_eq!(checked(&world, &contract), good);
        assert_eq!(checked(&world, &Contract { received: None, ..(*contract).clone() }), Checks { server: ByServer::NotYet, ..good });
        let altered = Contract { text: "另一份".into(), ..(*contract).clone() };
        assert_eq!(checked(&world, &altered), Checks { text: false, server: ByServer::Bad, ..good });
        let of_before = Contract { seal: None, received: None, ..(*contract).clone() };
        assert_eq!(checked(&world, &of_before), Checks { server: ByServer::Never, place: Place::None, ..good });
    }

    #[test]
    fn f2_the_contract_before_it_is_looked_at_where_it_is_here() {
        let mut world = World::new();
        let first = sign(&mut world, beginning(), 0);
        let link = beginning().after(&Statement::of(&world.get::<Contract>(first), world.org).line());
        let second = sign(&mut world, link.clone(), 0);
        let fourth = sign(&mut world, link.after("not here").after("nor this"), 0);
        let place = |deal| checked(&world, &world.get::<Contract>(deal)).place;
        assert_eq!((place(second), place(fourth)), (Place::Follows(2), Place::NotHere(4)));
        let mut other = (*world.get::<Contract>(first)).clone();
        other.signer = "王大明".into();
        world.put(other);
        assert_eq!(checked(&world, &world.get::<Contract>(second)).place, Place::Broken(2));
    }

    #[test]
    fn f2_a_clock_that_was_wrong_is_told_in_minutes() {
        let mut world = World::new();
        let (ahead, behind) = (sign(&mut world, beginning(), -900_000), sign(&mut world, beginning(), 300_001));
        let of = |deal| checked(&world, &world.get::<Contract>(deal)).clock_ahead;
        assert_eq!((of(ahead), of(behind)), (Some(15), Some(-5)));
    }
}
