//! SQL views, one per kind of record, for the company's own tools (clause O6). They hold nothing: they are made anew at every start,
//! so a change of a record's form needs a change here and no migration.

use shared::Kind;

struct Named {
    kind: Kind,
    name: &'static str,
    /// Column and JSON path; every view also has org, scope, version and body.
    columns: &'static [(&'static str, &'static str)],
}

const VIEWS: &[Named] = &[
    Named {
        kind: Kind::Settings,
        name: "settings",
        columns: &[("name", "$.name"), ("country", "$.country"), ("utc_offset_minutes", "$.utc_offset"), ("currency", "$.currency")],
    },
    Named { kind: Kind::Team, name: "teams", columns: &[("id", "$.id"), ("name", "$.name")] },
    Named {
        kind: Kind::User,
        name: "users",
        columns: &[("id", "$.id"), ("name", "$.name"), ("login", "$.login"), ("role", "$.role"), ("team", "$.team"), ("access", "$.access")],
    },
    Named {
        kind: Kind::Customer,
        name: "customers",
        columns: &[
            ("id", "$.id"),
            ("owner", "$.owner"),
            ("team", "$.team"),
            ("name", "$.profile.name"),
            ("salutation", "$.profile.salutation"),
            ("gender", "$.profile.gender"),
            ("birth_year", "$.profile.birth_year"),
            ("phone", "$.profile.phones[0]"),
            ("phones", "$.profile.phones"),
            ("email", "$.profile.email"),
            ("company", "$.profile.company"),
            ("address", "$.profile.address"),
            ("region", "$.profile.region"),
            ("occupation", "$.profile.occupation"),
            ("source", "$.profile.source"),
            ("needs", "$.profile.needs"),
            ("pains", "$.profile.pains"),
            ("intent", "$.profile.intent"),
            ("tags", "$.profile.tags"),
            ("contact", "$.profile.contact"),
            ("created_at", "$.created_at"),
            ("changed_at", "$.changed_at"),
        ],
    },
    Named {
        kind: Kind::ImportedChange,
        name: "imported_changes",
        columns: &[("customer", "$.customer"), ("owner", "$.owner"), ("import", "$.import"), ("before", "$.before"), ("after", "$.after")],
    },
    Named {
        kind: Kind::Meeting,
        name: "meetings",
        columns: &[
            ("id", "$.id"),
            ("theme", "$.plan.theme"),
            ("starts_at", "$.plan.starts_at"),
            ("ends_at", "$.plan.ends_at"),
            ("utc_offset_minutes", "$.plan.utc_offset"),
            ("venue", "$.plan.venue"),
            ("address", "$.plan.address"),
            ("capacity", "$.plan.capacity"),
            ("staff", "$.plan.staff"),
            ("state", "$.state"),
        ],
    },
    Named {
        kind: Kind::Guest,
        name: "guests",
        columns: &[
            ("id", "$.id"),
            ("meeting", "$.meeting"),
            ("customer", "$.customer"),
            ("name", "$.name"),
            ("company", "$.company"),
            ("inviter", "$.inviter"),
            ("origin", "$.origin"),
            ("standing", "$.standing"),
        ],
    },
    Named {
        kind: Kind::Invitation,
        name: "invitations",
        columns: &[
            ("id", "$.id"),
            ("meeting", "$.meeting"),
            ("customer", "$.customer"),
            ("rep", "$.rep"),
            ("channel", "$.channel"),
            ("due", "$.due"),
            ("answer", "$.answer.is"),
            ("refusal_reason", "$.answer.reason"),
            ("confirmation", "$.confirmation"),
            ("attempts", "$.attempts"),
            ("questions", "$.questions"),
        ],
    },
    Named {
        kind: Kind::CheckIn,
        name: "check_ins",
        columns: &[
            ("id", "$.id"),
            ("meeting", "$.meeting"),
            ("guest", "$.guest"),
            ("at", "$.at"),
            ("by", "$.by"),
            ("device", "$.device"),
            ("desk", "$.desk"),
            ("method", "$.method"),
            ("undone_at", "$.undone.at"),
        ],
    },
    Named {
        kind: Kind::Conflict,
        name: "conflicts",
        columns: &[
            ("id", "$.id"),
            ("meeting", "$.meeting"),
            ("guest", "$.guest"),
            ("first", "$.first"),
            ("second", "$.second"),
            ("kept", "$.ruling.kept"),
            ("ruled_by", "$.ruling.by"),
            ("ruled_at", "$.ruling.at"),
        ],
    },
    Named {
        kind: Kind::Product,
        name: "products",
        columns: &[
            ("id", "$.id"),
            ("name", "$.name"),
            ("description", "$.description"),
            ("price_minor", "$.price.minor"),
            ("currency", "$.price.currency"),
            ("listing", "$.listing"),
        ],
    },
    Named {
        kind: Kind::Deal,
        name: "deals",
        columns: &[
            ("id", "$.id"),
            ("customer", "$.customer"),
            ("buyer", "$.buyer"),
            ("meeting", "$.meeting"),
            ("seller", "$.seller"),
            ("lines", "$.lines"),
            ("discount_basis_points", "$.discount"),
            ("total_minor", "$.total.minor"),
            ("deposit_minor", "$.deposit.minor"),
            ("currency", "$.total.currency"),
            ("payments", "$.payments"),
            ("stage", "$.stage.is"),
            ("opened_at", "$.opened_at"),
            ("approval", "$.approval.state.is"),
            ("approval_asked_by", "$.approval.asked_by"),
            ("approval_ruled_by", "$.approval.state.by"),
        ],
    },
    Named {
        kind: Kind::Contract,
        name: "contracts",
        columns: &[
            ("deal", "$.deal"),
            ("text", "$.text"),
            ("sha256", "$.sha256"),
            ("template_version", "$.template_version"),
            ("signer", "$.signer"),
            ("signed_at", "$.signed_at"),
            ("rep", "$.rep"),
            ("device", "$.device"),
        ],
    },
    Named {
        kind: Kind::HeldCommand,
        name: "held_commands",
        columns: &[
            ("id", "$.id"),
            ("command", "$.command.name"),
            ("by", "$.by"),
            ("device", "$.device"),
            ("occurred_at", "$.occurred_at"),
            ("arrived_at", "$.arrived_at"),
            ("reason", "$.rejection.code"),
            ("verdict", "$.ruling.verdict.is"),
            ("ruled_by", "$.ruling.by"),
            ("ruled_at", "$.ruling.at"),
        ],
    },
    Named {
        kind: Kind::Attachment,
        name: "attachments",
        columns: &[
            ("id", "$.id"),
            ("sha256", "$.content.sha256"),
            ("bytes", "$.content.bytes"),
            ("media", "$.content.media"),
            ("deal", "$.deal"),
            ("owner", "$.owner"),
            ("by", "$.by"),
            ("at", "$.at"),
            ("stored_at", "$.stored_at"),
        ],
    },
];

/// What drops the views of an earlier start and makes those of this binary. `extract` reads a value out of the column `body` of a kind by its JSON path,
/// `org` shows the organisation in hexadecimal.
pub(super) fn statements(extract: impl Fn(Kind, &str) -> String, org: &str) -> Vec<String> {
    let statement = |view: &Named| {
        let columns: String = view.columns.iter().map(|(column, path)| format!("{} AS \"{column}\", ", extract(view.kind, path))).collect();
        let (name, kind) = (view.name, view.kind.name());
        format!(
            "DROP VIEW IF EXISTS {name}; CREATE VIEW {name} AS SELECT {columns}{org} AS org, scope, version, body FROM rows WHERE kind = '{kind}';"
        )
    };
    VIEWS.iter().map(statement).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_view() {
        let mut kinds: Vec<_> = VIEWS.iter().map(|view| view.kind).collect();
        kinds.sort_unstable();
        let mut all = Kind::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(kinds, all);
    }
}
