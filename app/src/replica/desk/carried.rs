//! What other devices have given: taken in, shown, offered to the server; and what this one gives (clause D9, decision 17).
//!
//! Law: nothing is shown or counts as received before it is durable here.

use super::tabs::Note;
use super::{DESK, Desk, Open, failed, settings, shown, with_replica};
use crate::replica::StorageFailure;
use crate::replica::carry::{Came, Given, NotReady};
use crate::replica::credential::{Credential, Holder};
use crate::replica::store::{Store, settle_bag};
use shared::carry::bag::{Taken, Taker};
use shared::carry::hello::{Ask, Heard};
use shared::carry::packing::Giver;
use shared::carry::{Bag, DeviceSigner, Signed};
use shared::ids::MeetingId;
use shared::record::Scope;
use shared::sync::client::Meta;
use shared::sync::protocol::CarriedAnswer;
use std::collections::BTreeSet;
use std::rc::Rc;
use uuid::Uuid;

impl Desk {
    /// What other devices have given is this; it shows at the next rebase.
    pub(super) fn hold_bag(&mut self, bag: Bag) {
        self.replica.set_carried(bag.shown(self.meta.as_ref().map_or(0, |meta| meta.version)));
        self.bag = bag;
    }

    /// Lets go of what the store has let go of; the rest shows at the next rebase.
    pub(super) fn settle_bag(&mut self, meta: &Meta) {
        settle_bag(&mut self.bag, meta);
        self.replica.set_carried(self.bag.shown(meta.version));
    }
}

impl Open {
    /// What is carried here and the server has not said its last word on. What is old goes.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn unsettled(&self) -> Result<Vec<Signed>, StorageFailure> {
        let _writing = self.writing.lock().await;
        let Some(meta) = self.meta() else { return Ok(Vec::new()) };
        let now = chrono::Utc::now();
        let tidy = &mut |bag: &mut Bag| {
            bag.tidy(meta.version, now, |scope| meta.cursors.contains_key(&scope));
        };
        let bag = self.store.change_bag(tidy).await?;
        let unsettled = bag.unsettled();
        self.show_bag(bag);
        Ok(unsettled)
    }

    /// What the server has said to bundles that were carried.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn note_carried(&self, answers: &[(Signed, CarriedAnswer)]) -> Result<(), StorageFailure> {
        let _writing = self.writing.lock().await;
        let Some(meta) = self.meta() else { return Ok(()) };
        let note = &mut |bag: &mut Bag| {
            bag.note(answers);
            // Rows of what was ruled on before may be here already.
            settle_bag(bag, &meta);
        };
        let bag = self.store.change_bag(note).await?;
        self.show_bag(bag);
        Ok(())
    }

    /// Takes in what a parcel held. The server hears of it with the next push.
    ///
    /// # Errors
    /// [`StorageFailure`]: nothing was taken in.
    pub(in crate::replica) async fn take_carried(self: &Rc<Self>, bundles: &[Signed], meeting: MeetingId) -> Result<Came, NotReady> {
        let _writing = self.writing.lock().await;
        let (settings, meta) = settings().zip(self.meta()).ok_or(NotReady::NoData)?;
        let last = with_replica(|replica| replica.pending().last().map(|pending| pending.uuid));
        let (org, now, organisations_key) = (self.me.org, chrono::Utc::now(), settings.ticket_key.as_str());
        let taker = Taker { org, organisations_key, device: meta.client, meeting, last, now };
        let (mut before, mut taken) = (BTreeSet::<Uuid>::new(), Taken::default());
        let take = &mut |bag: &mut Bag| {
            before = bag.shown(meta.version).iter().map(|carried| carried.uuid).collect();
            taken = bag.take(bundles.to_vec(), taker);
        };
        let bag = self.store.change_bag(take).await.inspect_err(|failure| failed(*failure))?;
        let new = bag.shown(meta.version).into_iter().filter(|carried| !before.contains(&carried.uuid)).collect();
        self.show_bag(bag);
        self.has_room();
        self.wake_soon();
        Ok(Came { taken, new })
    }

    /// What this device shows before it is given anything.
    ///
    /// # Errors
    /// [`NotReady`].
    pub(in crate::replica) async fn ask(&self, meeting: MeetingId, seed: [u8; 32]) -> Result<Ask, NotReady> {
        let signing = self.signing().await?;
        if !signing.meta.cursors.contains_key(&Scope::Meeting(meeting)) {
            return Err(NotReady::NoData);
        }
        let held = DESK.with(|desk| desk.borrow().bag.held(meeting));
        Ok(Ask::new(&signing.certificate, &signing.signer, meeting, held, seed))
    }

    /// The message for a device that has shown its hello: what it lacks, as much as one message holds.
    ///
    /// # Errors
    /// [`NotReady`].
    pub(in crate::replica) async fn give(&self, heard: &Heard, seed: [u8; 32]) -> Result<Given, NotReady> {
        let _writing = self.writing.lock().await;
        let Signing { meta, certificate, signer } = self.signing().await?;
        let outbox = self.store.outbox_with_letters().await?;
        let packed = DESK.with(|desk| {
            let desk = &mut *desk.borrow_mut();
            let carried = desk.bag.unsettled();
            let (device, epoch, incarnation) = (meta.client, meta.epoch, meta.incarnation);
            let giver = Giver { device, epoch, incarnation, certificate: &certificate, signer: &signer, outbox: &outbox, carried: &carried };
            giver.pack(&mut desk.replica, heard)
        });
        let (message, count) = heard.seal(&packed.bundles, seed);
        let key = settings().ok_or(NotReady::NoData)?;
        let read = |signed: &Signed| signed.brought(self.me.org, &key.ticket_key).map_or(0, |brought| brought.bundle.items.len());
        let commands = packed.bundles[..count].iter().map(read).sum();
        Ok(Given { message, commands, more: count < packed.bundles.len(), left: packed.left })
    }

    /// Keeps the device's own key with its certificate, unless the person has left meanwhile.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn keep_credential(&self, credential: &Credential) -> Result<(), StorageFailure> {
        let _writing = self.writing.lock().await;
        if self.is_open() { self.store.keep_credential(credential).await } else { Ok(()) }
    }

    async fn signing(&self) -> Result<Signing, NotReady> {
        let (settings, meta) = settings().zip(self.meta()).ok_or(NotReady::NoData)?;
        let credential = self.store.credential().await?.ok_or(NotReady::NotCertified)?;
        let holder = Holder { user: self.me.user, device: meta.client, organisations_key: &settings.ticket_key };
        let certificate = credential.certificate(holder).ok_or(NotReady::NotCertified)?.to_owned();
        Ok(Signing { meta, certificate, signer: credential.signer() })
    }

    /// Shows the bag as it is stored, here and in other tabs, unless it was locked meanwhile.
    fn show_bag(&self, bag: Bag) {
        if !self.is_open() {
            return;
        }
        let kinds = DESK.with(|desk| {
            let desk = &mut *desk.borrow_mut();
            if desk.bag == bag {
                return None;
            }
            let mut kinds = desk.replica.predicted_kinds();
            desk.hold_bag(bag);
            desk.replica.rebase();
            kinds.extend(desk.replica.predicted_kinds());
            Some(kinds)
        });
        if let Some(kinds) = kinds {
            shown(kinds);
            self.say(&Note::Stored);
        }
    }
}

/// By what this device is believed.
struct Signing {
    meta: Meta,
    certificate: String,
    signer: DeviceSigner,
}
