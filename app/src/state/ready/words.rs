//! What the venue-ready check says, in the chosen language.

use super::{Check, Remedy, Step, Told};
use crate::platform::camera::CameraTrouble;
use crate::state::sync::size;
use crate::texts::ready as t;
use crate::words;
use shared::time::{Timestamp, UtcOffset};

impl Check {
    /// What is looked at, in words.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::App => t::app(),
            Self::Data => t::data(),
            Self::Unsent => t::unsent(),
            Self::Lease => t::lease(),
            Self::Lock => t::lock(),
            Self::Clock => t::clock(),
            Self::Storage => t::storage(),
            Self::Room => t::room(),
            Self::Camera => t::camera(),
            Self::Rehearsal => t::rehearsal(),
            Self::Battery => t::battery(),
        }
    }

    /// Its name for tests.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Data => "data",
            Self::Unsent => "unsent",
            Self::Lease => "lease",
            Self::Lock => "lock",
            Self::Clock => "clock",
            Self::Storage => "storage",
            Self::Room => "room",
            Self::Camera => "camera",
            Self::Rehearsal => "rehearsal",
            Self::Battery => "battery",
        }
    }
}

impl Told {
    /// What was found and what to do, in words.
    pub(crate) fn words(self, clock: UtcOffset, now: Timestamp) -> String {
        let moment = |at| words::moment(at, clock, now);
        match self {
            Self::Looking => t::looking().to_owned(),
            Self::Whole { files } => t::whole(files),
            Self::WholeNewsUnknown { files } => t::whole_news_unknown(files),
            Self::UpdateWaits => t::update_waits().to_owned(),
            Self::FilesMissing { missing, all } => t::files_missing(all, missing),
            Self::NotKeptHere => t::not_kept_here().to_owned(),
            Self::DataWhole { guests, at } => t::data_whole(words::ago(at, now), guests),
            Self::DataOld { guests, at } => t::data_old(words::ago(at, now), guests),
            Self::DataLacking { at } => t::data_lacking(words::ago(at, now)),
            Self::NeverSynced => t::never_synced().to_owned(),
            Self::NothingUnsent => t::nothing_unsent().to_owned(),
            Self::UnsentWork { count } => t::unsent_work(count),
            Self::RefusedWork { count } => t::refused_work(count),
            Self::LeaseLasts { until } => t::lease_lasts(moment(until)),
            Self::LeaseEnds { until } => t::lease_ends(moment(until)),
            Self::LeaseTooShort { hours } => t::lease_too_short(hours),
            Self::PinServes { until } => t::pin_serves(moment(until)),
            Self::PinEnds { until } => t::pin_ends(moment(until)),
            Self::NoPin { idle_minutes } => t::no_pin(idle_minutes),
            Self::ClockRight => t::clock_right().to_owned(),
            Self::ClockWrong { minutes } => t::clock_wrong(minutes),
            Self::ClockUnknown => t::clock_unknown().to_owned(),
            Self::Kept => t::kept().to_owned(),
            Self::NotKept => t::not_kept().to_owned(),
            Self::KeepingUnknown => t::keeping_unknown().to_owned(),
            Self::RoomLeft { free } => t::room_left(size(free)),
            Self::RoomUnknown => t::room_unknown().to_owned(),
            Self::CameraSees => t::camera_sees().to_owned(),
            Self::CameraNot(CameraTrouble::Refused) => t::camera_refused().to_owned(),
            Self::CameraNot(CameraTrouble::Absent) => t::camera_absent().to_owned(),
            Self::CameraNot(CameraTrouble::Busy) => t::camera_busy().to_owned(),
            Self::CameraNot(CameraTrouble::NotOffered) => t::camera_not_offered().to_owned(),
            Self::CameraNot(CameraTrouble::NoScanner) => t::camera_no_scanner().to_owned(),
            Self::CameraBlind => t::camera_blind().to_owned(),
            Self::Rehearsed { ms } => t::rehearsed(ms),
            Self::RehearsalFailed(step) => t::rehearsal_failed(step.words()),
            Self::Battery { percent } => t::battery_left(percent),
            Self::Charging { percent } => t::charging(percent),
            Self::BatteryAsk => t::battery_ask().to_owned(),
            Self::BatteryConfirmed => t::battery_confirmed().to_owned(),
        }
    }
}

impl Step {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NotHere => t::step_not_here(),
            Self::Scan => t::step_scan(),
            Self::Welcome => t::step_welcome(),
            Self::CheckIn => t::step_check_in(),
            Self::Again => t::step_again(),
            Self::Forged => t::step_forged(),
            Self::OtherMeeting => t::step_other_meeting(),
            Self::WalkIn => t::step_walk_in(),
            Self::OwnTicket => t::step_own_ticket(),
        }
    }
}

impl Remedy {
    /// The verb on its button.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Update => t::do_update(),
            Self::Reload => t::do_reload(),
            Self::Sync => t::do_sync(),
            Self::SyncSheet => t::do_see(),
            Self::LogIn => t::do_log_in(),
            Self::Keep => t::do_keep(),
            Self::Again => t::do_again(),
            Self::Pin => t::do_pin(),
            Self::Lock => t::do_lock(),
            Self::Confirm => t::do_confirm(),
        }
    }
}
