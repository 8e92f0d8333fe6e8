//! What stands in the files of server/demo/.

use serde::Deserialize;
use shared::people::Role;

#[derive(Deserialize)]
pub(super) struct CompanyFile {
    pub(super) name: String,
    pub(super) password: String,
    pub(super) teams: Vec<TeamLine>,
    pub(super) people: Vec<PersonLine>,
    pub(super) products: Vec<ProductLine>,
}

#[derive(Deserialize)]
pub(super) struct TeamLine {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct PersonLine {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) role: Role,
    /// Place in the list of teams.
    pub(super) team: Option<usize>,
}

#[derive(Deserialize)]
pub(super) struct ProductLine {
    pub(super) name: String,
    pub(super) description: String,
    /// Whole dollars.
    pub(super) price: i64,
}
