//! What this device adds to a contract that is signed on it (clause F2): its place in the device's chain, and its signature.
//!
//! Law: the chain goes on in the transaction in which the signature is saved, and one tab at a time seals: nothing is left out, and nothing stands twice.

use super::{Open, settings};
use crate::platform::locks::{self, Hold};
use crate::replica::StorageFailure;
use crate::replica::credential::Holder;
use crate::replica::store::Store;
use shared::deals::Contract;
use shared::deals::command::SignDeal;
use shared::deals::evidence::{self, Link, Statement, contract_in};
use shared::decide::Patch;

/// A signature that is sealed and not saved yet. No other tab seals meanwhile.
pub(super) struct Sealed {
    /// Where the next one will stand.
    pub(super) next: Link,
    _alone: Hold,
}

impl Open {
    /// Seals what a signature makes of a contract. None if it makes none.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn seal(&self, args: &mut SignDeal, predicted: &[Patch], clock_offset_ms: i64) -> Result<Option<Sealed>, StorageFailure> {
        let Some((contract, settings)) = contract_in(predicted).zip(settings()) else { return Ok(None) };
        let _alone = locks::hold(&format!("huixiao-seal-{}", self.me.user)).await;
        let link = self.store.next_link().await?.unwrap_or(Link::FIRST);
        let credential = self.store.credential().await?;
        let holder = Holder { user: self.me.user, device: contract.device, organisations_key: &settings.ticket_key };
        let key = credential.as_ref().and_then(|credential| Some((credential.certificate(holder)?, credential.signer())));
        let key = key.as_ref().map(|(certificate, signer)| (*certificate, signer));
        let seal = evidence::seal(contract, self.me.org, link.clone(), clock_offset_ms, key);
        let statement = Statement::of(&Contract { seal: Some(seal.clone()), ..contract.clone() }, self.me.org).line();
        args.seal = Some(seal);
        Ok(Some(Sealed { next: link.after(&statement), _alone }))
    }
}
