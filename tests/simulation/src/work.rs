//! What people do: something that the person at a device could do now, by what the device shows.

use super::files::photo;
use super::life::{Life, uuid};
use shared::check_ins::command::{CheckInGuest, RegisterWalkIn, RuleConflict, UndoCheckIn};
use shared::check_ins::{CheckIn, Conflict, Method};
use shared::customers::command::{AddCustomer, EditCustomer, ProfileChange, TransferCustomers};
use shared::customers::{Customer, Profile};
use shared::deals::command::{OpenDeal, OrderLine, RecordPayment};
use shared::deals::{Deal, PaymentMethod};
use shared::invitations::command::{ConfirmInvitation, PlanInvitations, PlannedInvitation, RecordAnswer};
use shared::invitations::{Answer, Channel, Confirmation, Invitation};
use shared::meetings::command::EditMeeting;
use shared::meetings::{Duty, Guest, Meeting, Staff};
use shared::money::Money;
use shared::people::command::EditUser;
use shared::people::{Access, Role, User};
use shared::phone::{Country, Phone};
use shared::products::Product;
use shared::quarantine::command::RuleHeldCommand;
use shared::quarantine::{HeldCommand, HeldVerdict};
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::testing::World;
use shared::{Command, Entity};

impl Life {
    /// A command that the person at a device might give.
    pub(super) fn invent(&mut self, at: usize) -> Option<Command> {
        let (replica, rng, world) = (&self.devices[at].replica, &mut self.rng, self.world);
        let actor = replica.actor()?;
        if actor.role == Role::Administrator {
            return change_somebody(replica, rng, world);
        }
        let meeting = world.meeting;
        Some(match rng.u8(..18) {
            0 => {
                let (customer, profile) = (uuid(rng).into(), profile(rng));
                AddCustomer { customer, owner: Some(actor.user), profile }.into()
            }
            1 => EditCustomer { customer: pick::<Customer>(rng, replica)?, changes: vec![ProfileChange::Needs(format!("{}", rng.u16(..)))] }.into(),
            2 => {
                let to = [None, Some(world.rep), Some(world.colleague), Some(world.stranger)][rng.usize(..4)];
                TransferCustomers { customers: vec![pick::<Customer>(rng, replica)?], to }.into()
            }
            3 => {
                let customer = pick::<Customer>(rng, replica)?;
                let rep = replica.noun::<Customer>(customer)?.owner?;
                let planned = vec![PlannedInvitation { invitation: uuid(rng).into(), customer, rep, channel: Channel::Phone, due: None }];
                PlanInvitations { meeting, planned }.into()
            }
            4 | 5 => {
                let answer = match rng.u8(..4) {
                    0 => Answer::NoAnswer,
                    1 => Answer::Declined { reason: "no_time".into(), words: String::new() },
                    _ => Answer::Agreed,
                };
                RecordAnswer { invitation: pick::<Invitation>(rng, replica)?, channel: Channel::Phone, answer, questions: Vec::new() }.into()
            }
            6 => {
                let confirmation = if rng.bool() { Confirmation::Confirmed } else { Confirmation::CannotCome };
                ConfirmInvitation { invitation: pick::<Invitation>(rng, replica)?, confirmation }.into()
            }
            7..10 => {
                let guests = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
                let guest = one(rng, &guests)?.id;
                CheckInGuest { check_in: uuid(rng).into(), meeting, guest, desk: "A".into(), method: Method::Search, ticket: None }.into()
            }
            10 => walk_in(rng, world).into(),
            11 => UndoCheckIn { check_in: pick::<CheckIn>(rng, replica)? }.into(),
            12 if rng.bool() => {
                let held = pick::<HeldCommand>(rng, replica)?;
                let verdict = if rng.u8(..3) > 0 { HeldVerdict::Accepted } else { HeldVerdict::SetAside { reason: "重複".into() } };
                RuleHeldCommand { held, verdict }.into()
            }
            12 => {
                let conflict =
                    replica.nouns::<Conflict>(&Index::ConflictsByMeeting(meeting)).into_iter().find(|conflict| conflict.ruling.is_none())?;
                RuleConflict { conflict: conflict.id, keep: if rng.bool() { conflict.first } else { conflict.second } }.into()
            }
            13 => {
                let customer = pick::<Customer>(rng, replica)?;
                let price = replica.noun::<Product>(world.course)?.price;
                let lines = vec![OrderLine { product: world.course, unit_price: price, quantity: rng.u32(1..4), promotion: None }];
                let deposit = Money::new(0, price.currency);
                OpenDeal {
                    deal: uuid(rng).into(),
                    customer,
                    buyer: "買方".into(),
                    meeting: Some(meeting),
                    lines,
                    discount: 0,
                    deposit,
                    approval_reason: None,
                    total: None,
                    instalments: Vec::new(),
                    replaces: None,
                }
                .into()
            }
            14..17 => {
                let deal = replica.noun::<Deal>(pick::<Deal>(rng, replica)?)?;
                let amount = Money::new(rng.i64(1..200_000), deal.total.currency);
                let photo = (rng.u8(..3) > 0).then(|| photo(uuid(rng).into(), rng));
                RecordPayment { deal: deal.id, payment: uuid(rng).into(), amount, method: PaymentMethod::Card, photo }.into()
            }
            _ => {
                let mut plan = replica.noun::<Meeting>(meeting)?.plan.clone();
                let staff = [world.rep, world.colleague, world.stranger];
                plan.staff = staff.into_iter().filter(|_| rng.u8(..4) > 0).map(|user| Staff { user, duty: Duty::Reception }).collect();
                EditMeeting { meeting, plan }.into()
            }
        })
    }
}

/// The administrator takes access away or gives it back, or moves somebody to another role or team.
fn change_somebody(replica: &Replica, rng: &mut fastrand::Rng, world: &World) -> Option<Command> {
    let whom = [world.rep, world.colleague, world.stranger, world.supervisor, world.manager];
    let user = replica.noun::<User>(*one(rng, &whom)?)?;
    let mut edit = EditUser { user: user.id, name: user.name.clone(), role: user.role, team: user.team, access: user.access };
    match rng.u8(..5) {
        // Most of the time most people have access.
        _ if user.access == Access::Revoked => edit.access = Access::Granted,
        0 | 1 => edit.access = Access::Revoked,
        2 => edit.role = *one(rng, &[Role::Rep, Role::Supervisor, Role::Manager, Role::Office])?,
        _ => {}
    }
    if rng.bool() || edit.team.is_none() {
        edit.team = Some(if rng.bool() { world.north } else { world.south });
    }
    Some(edit.into())
}

fn walk_in(rng: &mut fastrand::Rng, world: &World) -> RegisterWalkIn {
    RegisterWalkIn {
        check_in: uuid(rng).into(),
        guest: uuid(rng).into(),
        customer: uuid(rng).into(),
        meeting: world.meeting,
        desk: "B".into(),
        name: "現場來賓".into(),
        salutation: None,
        phone: Phone::parse(&format!("09{:08}", rng.u32(..100_000_000)), Country::Tw).ok(),
        email: String::new(),
        company: String::new(),
    }
}

fn profile(rng: &mut fastrand::Rng) -> Profile {
    let phone = Phone::parse(&format!("09{:08}", rng.u32(..100_000_000)), Country::Tw);
    Profile { name: "新客戶".into(), phones: phone.into_iter().collect(), ..Profile::default() }
}

/// One of the nouns on the screen.
fn pick<T: Entity>(rng: &mut fastrand::Rng, replica: &Replica) -> Option<T::Id>
where
    T::Id: Ord,
{
    let mut ids: Vec<T::Id> = replica.all::<T>().map(|noun| noun.id()).collect();
    ids.sort_unstable();
    one(rng, &ids).copied()
}

fn one<'a, T>(rng: &mut fastrand::Rng, from: &'a [T]) -> Option<&'a T> {
    if from.is_empty() { None } else { from.get(rng.usize(..from.len())) }
}
