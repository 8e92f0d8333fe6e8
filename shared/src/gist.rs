//! Gists: what a start must know of a record before anybody looks at it, so that 100,000 records need not be read from their JSON first
//! (docs/decisions/0014-records-read-late.md): under which keys it is found, and what lists and searches need of it.
//!
//! Law: a gist is a function of its record and of this build. It lies beside the record that it was made of, and no other build believes it
//! ([`BUILD`]): it can be made anew at any time.
//!
//! Layout: how many bytes the keys take (u16), the keys, and to the end what the noun itself says ([`crate::Entity::gist`]). Numbers are little-endian.

use crate::analysis::Period;
use crate::files::ContentHash;
use crate::ids::*;
use crate::invitations::link::LinkHash;
use crate::phone::Phone;
use crate::record::{Index, Record};
use uuid::Uuid;

/// Names the sources of this crate: what another build wrote may mean something else.
pub const BUILD: &str = env!("SHARED_SOURCES");

/// The gist of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Gist<'a>(&'a [u8]);

impl std::fmt::Debug for Gist<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gist(…)")
    }
}

impl<'a> Gist<'a> {
    /// What [`of`] gave in this build.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Under which keys the record is found, one after the other; what is no key ends them.
    pub fn indexes(self) -> impl Iterator<Item = Index> + use<'a> {
        let mut rest = self.parts().map_or(&[][..], |(keys, _)| keys);
        std::iter::from_fn(move || if rest.is_empty() { None } else { Index::read(&mut rest) })
    }

    /// What the noun says of itself.
    #[must_use]
    pub fn own(self) -> &'a [u8] {
        self.parts().map_or(&[], |(_, own)| own)
    }

    fn parts(self) -> Option<(&'a [u8], &'a [u8])> {
        let mut rest = self.0;
        let length = u16::from_le_bytes(take(&mut rest)?);
        rest.split_at_checked(usize::from(length))
    }
}

/// The gist of a record; none for one that is found under more keys than a gist can tell.
#[must_use]
pub fn of(record: &Record) -> Option<Vec<u8>> {
    let mut out = vec![0; 2];
    record.indexes().iter().for_each(|index| index.write(&mut out));
    let keys = u16::try_from(out.len() - 2).ok()?;
    out[..2].copy_from_slice(&keys.to_le_bytes());
    record.gist(&mut out);
    Some(out)
}

/// A part of a key, as bytes.
trait Part: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(rest: &mut &[u8]) -> Option<Self>;
}

macro_rules! coded {
    ($($tag:literal = $name:ident($($part:ident: $type:ty),+)),+; $($only:literal = $alone:ident),+ $(,)?) => {
        impl Part for Index {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$name($($part),+) => { out.push($tag); $($part.write(out);)+ })+
                    $(Self::$alone => out.push($only),)+
                }
            }

            fn read(rest: &mut &[u8]) -> Option<Self> {
                Some(match u8::read(rest)? {
                    $($tag => Self::$name($(<$type>::read(rest)?),+),)+
                    $($only => Self::$alone,)+
                    _ => return None,
                })
            }
        }
    };
}

coded! {
    1 = UsersByTeam(id: TeamId),
    2 = UserByLogin(login: String),
    3 = CustomersByOwner(id: UserId),
    4 = CustomersByPhone(phone: Phone),
    5 = CustomersByImport(id: ImportId),
    6 = ImportedChangesByImport(id: ImportId),
    7 = MeetingsByStaff(id: UserId),
    8 = InvitationOf(meeting: MeetingId, customer: CustomerId),
    9 = InvitationsByMeeting(id: MeetingId),
    10 = InvitationsByCustomer(id: CustomerId),
    11 = GuestsByMeeting(id: MeetingId),
    12 = GuestsByCustomer(id: CustomerId),
    13 = CheckInsByGuest(id: GuestId),
    14 = CheckInsByMeeting(id: MeetingId),
    15 = ConflictsByMeeting(id: MeetingId),
    16 = DealsByCustomer(id: CustomerId),
    17 = DealsByMeeting(id: MeetingId),
    81 = DealByCopy(link: LinkHash),
    80 = SellingPointsByProduct(id: ProductId),
    18 = AttachmentsByContent(hash: ContentHash),
    19 = HeldCommandsBy(id: UserId),
    21 = MilestonesByCustomer(id: CustomerId),
    22 = InvitationByLink(link: LinkHash),
    23 = PreparationsByMeeting(id: MeetingId),
    24 = CustomersMergedInto(id: CustomerId),
    31 = DesksByMeeting(id: MeetingId),
    32 = TablesByMeeting(id: MeetingId),
    33 = SeatingsByMeeting(id: MeetingId),
    34 = SeatingsByGuest(id: GuestId),
    35 = ItemsByMeeting(id: MeetingId),
    36 = HandoutsByMeeting(id: MeetingId),
    37 = HandoutsByGuest(id: GuestId),
    61 = AgendaMarksByMeeting(id: MeetingId),
    62 = GuestNotesByGuest(id: GuestId),
    63 = GuestNotesByCustomer(id: CustomerId),
    64 = HelpCallsByMeeting(id: MeetingId),
    71 = ContactsByCustomer(id: CustomerId),
    72 = ComplaintsByCustomer(id: CustomerId),
    73 = FollowUpsByCustomer(id: CustomerId),
    74 = ErrandsByCustomer(id: CustomerId),
    82 = ErrandsTo(id: UserId),
    83 = TakingsByPromotion(id: PromotionId),
    75 = TargetsByPeriod(period: Period);
    20 = AttachmentsAwaited,

}

macro_rules! ids {
    ($($id:ty),+) => {$(
        impl Part for $id {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.0.as_bytes());
            }

            fn read(rest: &mut &[u8]) -> Option<Self> {
                take(rest).map(|bytes| Self(Uuid::from_bytes(bytes)))
            }
        }
    )+};
}

ids!(TeamId, UserId, ImportId, MeetingId, ProductId, CustomerId, GuestId, PromotionId);

impl Part for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        take(rest).map(|[byte]| byte)
    }
}

impl Part for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        let length = u32::from_le_bytes(take(rest)?) as usize;
        let (text, after) = rest.split_at_checked(length)?;
        *rest = after;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}

impl Part for Phone {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self.e164(), out);
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        String::read(rest)?.try_into().ok()
    }
}

impl Part for Period {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(&self.to_string(), out);
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        String::read(rest)?.try_into().ok()
    }
}

impl Part for ContentHash {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.bytes());
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        take(rest).map(Self::from)
    }
}

impl Part for LinkHash {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        ContentHash::read(rest).map(Self)
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    // A record's JSON is far below 4 GB; what is not would be no gist when it is read.
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The next bytes.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::Customer;
    use crate::testing::World;
    use proptest::prelude::*;

    #[test]
    fn a_record_under_very_many_keys_has_no_gist() {
        let world = World::new();
        let mut customer = Customer::clone(&world.get(world.customer));
        customer.profile.phones = (0..9_000).map(|number| format!("+88691234{number:04}").try_into().expect("a phone")).collect();
        assert_eq!(of(&customer.into()), None);
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_gist_say_something_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let gist = Gist::new(&bytes);
            prop_assert!(gist.own().len() + 2 * gist.indexes().count() <= bytes.len());
        }
    }
}
