//! Reading a whole kind of records for whoever looks at all of them, while servers may go on.

use super::copy::{self, CopyError};
use super::database::Purpose;
use super::database::tables::MIGRATIONS;
use super::{Location, Memory, Organisation, Transaction};
use shared::Unavailable;
use shared::record::{Entity, Record};
use std::cell::RefCell;
use uuid::Uuid;

/// Records read at once: a contract may be a few hundred KB.
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
    /// Gives every record of a kind with the id under which it stands, one after the other.
    ///
    /// # Errors
    /// [`Unavailable`], also if one cannot be read.
    pub fn each<T: Entity>(&self, take: &mut dyn FnMut(Uuid, &T)) -> Result<(), Unavailable> {
        let all = |id: Uuid, noun: &T| {
            take(id, noun);
            true
        };
        self.each_while(&mut { all }).map(drop)
    }

    /// The same for as long as it is wanted; whether it came to the end.
    ///
    /// # Errors
    /// As [`Organisation::each`].
    pub(crate) fn each_while<T: Entity>(&self, take: &mut dyn FnMut(Uuid, &T) -> bool) -> Result<bool, Unavailable> {
        let sql = "SELECT id, body FROM rows WHERE org = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4";
        let mut after = Uuid::nil();
        loop {
            let asked = [self.org().0.into(), T::KIND.name().into(), after.into(), AT_ONCE.into()];
            let mut rows = self.transaction().query(sql, &asked)?;
            for row in &mut rows {
                after = row.id(0)?;
                let body = row.take_text(1)?.unwrap_or_default();
                // The reason would quote the body, which is confidential.
                let record =
                    Record::decode(T::KIND, &body).map_err(|_| Unavailable(format!("the stored {} {after} cannot be read", T::KIND.name())))?;
                if T::of(&record).is_some_and(|noun| !take(after, noun)) {
                    return Ok(false);
                }
            }
            if rows.is_empty() {
                return Ok(true);
            }
        }
    }
}
