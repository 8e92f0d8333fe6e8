//! Reading signed contracts for whoever verifies them, while servers may go on.

use super::copy::{self, CopyError};
use super::database::Purpose;
use super::database::tables::MIGRATIONS;
use super::{Location, Memory, Organisation, Transaction};
use shared::Unavailable;
use shared::deals::Contract;
use shared::record::{Kind, Record, Stored};
use std::cell::RefCell;

/// Contracts read at once: each may be a few hundred KB.
const AT_ONCE: i64 = 100;

/// Asks one question of one moment of a database that may be in use. Blocks.
///
/// # Errors
/// [`CopyError`].
pub fn ask<T>(location: &Location, question: impl FnOnce(&Transaction<'_>) -> Result<T, Unavailable>) -> Result<T, CopyError> {
    let mut connection = copy::reader(location)?;
    let (found, known) = (connection.schema()?, MIGRATIONS.len());
    if found != known {
        return Err(CopyError::OtherSchema { found, known });
    }
    connection.begin(Purpose::Read)?;
    let memory = RefCell::new(Memory::default());
    let answer = question(&Transaction::new(connection.as_ref(), &memory, false));
    connection.roll_back();
    connection.close();
    Ok(answer?)
}

impl Organisation<'_> {
    /// Gives every contract, one after the other.
    ///
    /// # Errors
    /// [`Unavailable`], also if one cannot be read.
    pub fn each_contract(&self, take: &mut dyn FnMut(&Contract)) -> Result<(), Unavailable> {
        let sql = "SELECT id, body FROM rows WHERE org = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4";
        let mut after = uuid::Uuid::nil();
        loop {
            let asked = [self.org().0.into(), Kind::Contract.name().into(), after.into(), AT_ONCE.into()];
            let mut rows = self.transaction().query(sql, &asked)?;
            for row in &mut rows {
                after = row.id(0)?;
                let body = row.take_text(1)?.unwrap_or_default();
                // The reason would quote the body, which is confidential.
                let record = Record::decode(Kind::Contract, &body).map_err(|_| Unavailable(format!("the stored contract {after} cannot be read")))?;
                if let Some(contract) = Contract::of(&record) {
                    take(contract);
                }
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }
}
