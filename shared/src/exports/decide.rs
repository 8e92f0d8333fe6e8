//! Rules about exports: reps give out nothing, supervisors what is their team's, managers what is their department's, and nobody without a reason.

use super::Export;
use super::command::RecordExport;
use crate::customers::Customer;
use crate::customers::decide::works_on;
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch, Unavailable};

/// Longest reason.
pub const REASON_MAX: usize = 500;
/// Most customers of one file: a sheet has no more rows.
pub const MOST_EXPORTED: u32 = 1_000_000;
const EXPORTERS: [Role; 2] = [Role::Supervisor, Role::Manager];

/// Whether somebody may export at all.
#[must_use]
pub fn exports(actor: &Actor) -> bool {
    actor.need_role(&EXPORTERS).is_ok()
}

/// Whether somebody may export a customer: whoever exports at all, those whom they may work on.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn may_export<V: View + ?Sized>(view: &V, actor: &Actor, customer: &Customer) -> Result<bool, Unavailable> {
    Ok(exports(actor) && works_on(view, actor, customer)?)
}

/// Keeps that customers were given out. The file is out by the time a server hears of it, so that this is never refused for good.
pub(crate) fn record_export<V: View + ?Sized>(view: &V, args: &RecordExport, context: &Context<'_>) -> Decision {
    context.actor.need_role(&EXPORTERS)?;
    required_text(Field::Reason, &args.reason, REASON_MAX)?;
    within(Field::Rows, i64::from(args.rows), 1, i64::from(MOST_EXPORTED))?;
    let filters = &args.filters;
    length(Field::Intent, filters.intents.len(), 0, 4)?;
    for (field, value) in [(Field::Tags, &filters.tag), (Field::Source, &filters.source), (Field::Region, &filters.region)] {
        value.iter().try_for_each(|value| line(field, value, NAME_MAX))?;
    }
    view.need_free::<Export>(args.export)?;
    Ok(vec![Patch::put(Export {
        id: args.export,
        by: context.actor.user,
        at: context.at,
        device: context.device,
        reason: tidy(&args.reason),
        format: args.format,
        rows: args.rows,
        filters: filters.clone(),
    })])
}
