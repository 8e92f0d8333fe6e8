//! What this device adds to a contract that is signed on it (clause F2): its place in the device's chain, and its signature.
//!
//! Laws:
//! - The chain goes on in the transaction in which the signature is saved, and one tab at a time seals: in one chain nothing is left out, and
//!   nothing stands twice. A store that was lost takes its chain along; the next one is another.
//! - Nothing is asked of the memory that a lock may empty meanwhile: what was begun is saved.

use super::{Open, settings};
use crate::platform::locks::{self, Hold};
use crate::replica::credential::Holder;
use crate::replica::store::Store;
use crate::replica::{NotSaved, StorageFailure};
use shared::Rejection;
use shared::deals::Contract;
use shared::deals::command::SignDeal;
use shared::deals::evidence::{self, ByDevice, Link, Statement, contract_in};
use shared::decide::Patch;
use uuid::Uuid;

impl Open {
    /// Waits until no other tab of this person's seals.
    pub(super) async fn seal_alone(&self) -> Hold {
        locks::hold(&format!("huixiao-seal-{}", self.me.user)).await
    }

    /// Seals what a signature makes of a contract, and gives where the next one will stand. None if it makes none.
    ///
    /// # Errors
    /// [`NotSaved`]: also if the rules would not believe the seal.
    pub(super) async fn seal(&self, args: &mut SignDeal, predicted: &[Patch], clock_offset_ms: i64) -> Result<Option<Link>, NotSaved> {
        let Some((contract, settings)) = contract_in(predicted).zip(settings()) else { return Ok(None) };
        let (link, credential) = self.chain().await.map_err(NotSaved::Storage)?;
        let holder = Holder { user: self.me.user, device: contract.device, organisations_key: &settings.ticket_key };
        let key = credential.as_ref().and_then(|credential| Some((credential.certificate(holder)?, credential.signer())));
        let key = key.as_ref().map(|(certificate, signer)| (*certificate, signer));
        let seal = evidence::seal(contract, self.me.org, link.clone(), clock_offset_ms, key);
        let sealed = Contract { seal: Some(seal.clone()), ..contract.clone() };
        if evidence::by_device(&sealed, self.me.org, &settings.ticket_key) == ByDevice::Bad {
            return Err(NotSaved::Rejected(Rejection::SealBroken));
        }
        args.seal = Some(seal);
        Ok(Some(link.after(&Statement::of(&sealed, self.me.org).line())))
    }

    async fn chain(&self) -> Result<(Link, Option<crate::replica::credential::Credential>), StorageFailure> {
        let link = self.store.next_link().await?.unwrap_or_else(|| Link::first(Uuid::now_v7()));
        Ok((link, self.store.credential().await?))
    }
}
