//! A guest without an invitation: what the form holds, what it lacks, and who is known already (clause D1).

use super::{Arrival, Who, arrival_of, settings, unanswered, who};
use shared::check_ins::command::RegisterWalkIn;
use shared::customers::{Customer, Salutation};
use shared::ids::{CheckInId, CustomerId, GuestId, MeetingId};
use shared::invitations::Invitation;
use shared::meetings::Guest;
use shared::phone::{Country, Phone};
use shared::record::Index;
use shared::sync::replica::Replica;

/// What stands in the form for a guest without an invitation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WalkIn {
    pub(crate) name: String,
    pub(crate) salutation: Option<Salutation>,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) company: String,
}

/// What is missing in the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WalkInGaps {
    pub(crate) name: bool,
    pub(crate) phone: PhoneGap,
}

/// What is wrong with the phone's field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PhoneGap {
    #[default]
    None,
    /// Neither a phone nor an e-mail address is there.
    Missing,
    /// What is written is no phone number.
    NotAPhone,
}

/// Who has the phone number already.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    /// A guest of this meeting: to be checked in, not entered again.
    Guest(Who),
    /// A guest of this meeting who is in: not to be let in twice.
    Arrived(Who, Arrival),
    /// A customer on this device who was not invited: the walk-in is theirs.
    Customer { id: CustomerId, name: String },
}

/// The three identifiers that a walk-in needs, made by the caller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkInIds {
    pub(crate) check_in: CheckInId,
    pub(crate) guest: GuestId,
    pub(crate) customer: CustomerId,
}

impl WalkIn {
    /// The command that the form stands for.
    ///
    /// # Errors
    /// What is missing, to be shown beside the fields.
    pub(crate) fn command(&self, ids: WalkInIds, meeting: MeetingId, desk: &str, home: Country) -> Result<RegisterWalkIn, WalkInGaps> {
        let phone = self.phone(home);
        let gaps = WalkInGaps {
            name: self.name.trim().is_empty(),
            phone: match &phone {
                Ok(None) if self.email.trim().is_empty() => PhoneGap::Missing,
                Ok(_) => PhoneGap::None,
                Err(()) => PhoneGap::NotAPhone,
            },
        };
        match phone {
            Ok(phone) if gaps == WalkInGaps::default() => Ok(RegisterWalkIn {
                check_in: ids.check_in,
                guest: ids.guest,
                customer: ids.customer,
                meeting,
                desk: desk.to_owned(),
                name: self.name.trim().to_owned(),
                salutation: self.salutation,
                phone,
                email: self.email.trim().to_owned(),
                company: self.company.trim().to_owned(),
            }),
            _ => Err(gaps),
        }
    }

    /// Somebody who has this phone number already, so that nobody is entered twice.
    pub(crate) fn known(&self, replica: &Replica, meeting: MeetingId) -> Option<Known> {
        let phone = self.phone(settings(replica)?.country).ok()??;
        let customers = replica.nouns::<Customer>(&Index::CustomersByPhone(phone));
        let card = |customer: &CustomerId| {
            replica.nouns::<Guest>(&Index::GuestsByCustomer(*customer)).into_iter().find(|card| card.meeting == meeting && card.same_as.is_none())
        };
        let invited = |customer: &CustomerId| {
            let invitation = replica.nouns::<Invitation>(&Index::InvitationOf(meeting, *customer)).into_iter().next()?;
            unanswered::one(replica, meeting, GuestId(invitation.id.0))
        };
        // Two may share a phone: whoever is still expected comes first.
        let cards = || customers.iter().filter_map(|customer| card(&customer.id));
        let guest = cards().find(|guest| arrival_of(replica, guest.id).is_none()).or_else(|| cards().next()).map(|guest| who(replica, guest));
        let guest = guest.or_else(|| customers.iter().find_map(|customer| invited(&customer.id)).map(|guest| who(replica, &guest)));
        let known = |who: Who| match arrival_of(replica, who.guest) {
            Some(arrival) => Known::Arrived(who, arrival),
            None => Known::Guest(who),
        };
        guest.map(known).or_else(|| customers.first().map(|customer| Known::Customer { id: customer.id, name: customer.profile.name.clone() }))
    }

    fn phone(&self, home: Country) -> Result<Option<Phone>, ()> {
        match self.phone.trim() {
            "" => Ok(None),
            text => Phone::parse(text, home).map(Some).map_err(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_walk_in_needs_a_name_and_a_way_of_contact() {
        let ids = WalkInIds { check_in: CheckInId(Uuid::nil()), guest: GuestId(Uuid::nil()), customer: CustomerId(Uuid::nil()) };
        let gaps = |form: WalkIn| form.command(ids, MeetingId(Uuid::nil()), "A", Country::Tw).map(|_| ());
        assert_eq!(gaps(WalkIn::default()), Err(WalkInGaps { name: true, phone: PhoneGap::Missing }));
        assert_eq!(
            gaps(WalkIn { name: "王".into(), phone: "12".into(), ..WalkIn::default() }),
            Err(WalkInGaps { name: false, phone: PhoneGap::NotAPhone })
        );
        assert_eq!(gaps(WalkIn { name: "王".into(), email: "a@b.tw".into(), ..WalkIn::default() }), Ok(()));
    }
}
