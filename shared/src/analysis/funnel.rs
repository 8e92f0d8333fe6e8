//! How far guests came, from the plan to the money (clause I3). The evening's page and the report count here, and nowhere else.

use crate::deals::{Deal, Stage};
use crate::ids::{CustomerId, GuestId, UserId};
use crate::invitations::{Answer, Confirmation, Invitation};
use crate::meetings::{Guest, GuestOrigin, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// How many came how far: guests until they arrive, deals from then on. Walk-ins, who come from the street, are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Invited, or meant to be.
    pub planned: usize,
    /// Of those, spoken to: whatever they said.
    pub reached: usize,
    /// Agreed to come, have a place, and have not taken it back.
    pub agreed: usize,
    /// Of those, said so again on the day before.
    pub confirmed: usize,
    /// Invited and let in.
    pub arrived: usize,
    /// Let in without an invitation.
    pub walk_ins: usize,
    /// Deals that were opened and not called off.
    pub quoted: usize,
    /// Of those, signed.
    pub signed: usize,
    /// Of those, paid in full.
    pub paid: usize,
}

/// Somebody on a meeting's list, and how far they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The guest; the invitation has the same id.
    pub id: GuestId,
    /// The customer.
    pub customer: CustomerId,
    /// Who invited or received them.
    pub rep: UserId,
    /// Came without an invitation.
    pub is_walk_in: bool,
    /// Was spoken to.
    pub is_reached: bool,
    /// Agreed, and has not taken it back.
    pub is_agreed: bool,
    /// Said so again on the day before.
    pub is_confirmed: bool,
    /// Was let in.
    pub is_in: bool,
}

/// What is known of the guests of one meeting. Whoever works there holds all guest cards and their own invitations only: each tells of the other.
#[derive(Clone, Debug, Default)]
pub struct Guests {
    people: BTreeMap<GuestId, Person>,
}

impl Guests {
    /// The guests of one meeting, from its invitations, its guest cards and those who were let in.
    pub fn of<'r>(
        invitations: impl IntoIterator<Item = &'r Invitation>,
        cards: impl IntoIterator<Item = &'r Guest>,
        arrived: &BTreeSet<GuestId>,
    ) -> Self {
        let mut people = BTreeMap::new();
        for invitation in invitations {
            let id = GuestId(invitation.id.0);
            people.insert(id, Person { is_in: arrived.contains(&id), ..Person::invited(invitation) });
        }
        for card in cards {
            let nobody_knew = Person { is_in: arrived.contains(&card.id), ..Person::on_the_list(card) };
            let person = people.entry(card.id).or_insert(nobody_knew);
            if card.origin == GuestOrigin::Invited && card.standing != Standing::Revoked {
                person.is_reached = true;
                person.is_agreed = true;
                person.is_confirmed |= card.standing == Standing::Confirmed;
            }
        }
        Self { people }
    }

    /// Everybody, each once.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }
}

impl Person {
    fn invited(invitation: &Invitation) -> Self {
        let is_agreed = invitation.comes();
        Self {
            id: GuestId(invitation.id.0),
            customer: invitation.customer,
            rep: invitation.rep,
            is_walk_in: false,
            is_reached: is_spoken_to(&invitation.answer) || invitation.attempts.iter().any(|attempt| is_spoken_to(&attempt.answer)),
            is_agreed,
            is_confirmed: is_agreed && invitation.confirmation == Some(Confirmation::Confirmed),
            is_in: false,
        }
    }

    fn on_the_list(card: &Guest) -> Self {
        Self {
            id: card.id,
            customer: card.customer,
            rep: card.inviter,
            is_walk_in: card.origin == GuestOrigin::WalkIn,
            // A card is made by a yes; one that was revoked is of somebody who had been spoken to.
            is_reached: card.origin == GuestOrigin::Invited,
            is_agreed: false,
            is_confirmed: false,
            is_in: false,
        }
    }
}

const fn is_spoken_to(answer: &Answer) -> bool {
    match answer {
        Answer::Agreed | Answer::Declined { .. } | Answer::CallBack { .. } | Answer::DoNotContact => true,
        Answer::Planned | Answer::NoAnswer | Answer::WrongNumber => false,
    }
}

impl Funnel {
    /// Counts somebody on the list.
    pub fn add(&mut self, person: &Person) {
        if person.is_walk_in {
            self.walk_ins += usize::from(person.is_in);
            return;
        }
        self.planned += 1;
        self.reached += usize::from(person.is_reached);
        self.agreed += usize::from(person.is_agreed);
        self.confirmed += usize::from(person.is_confirmed);
        self.arrived += usize::from(person.is_in);
    }

    /// Counts a deal.
    pub fn add_deal(&mut self, deal: &Deal) {
        self.quoted += usize::from(deal.stage == Stage::Quoted || deal.is_sold());
        self.signed += usize::from(deal.is_sold());
        self.paid += usize::from(deal.stage == Stage::Paid);
    }

    /// Counts guests and deals that are at hand.
    pub fn of<'r>(people: impl IntoIterator<Item = &'r Person>, deals: impl IntoIterator<Item = &'r Deal>) -> Self {
        let mut funnel = Self::default();
        people.into_iter().for_each(|person| funnel.add(person));
        deals.into_iter().for_each(|deal| funnel.add_deal(deal));
        funnel
    }
}
