//! Every place of the app: its address, and the page shown there.

use crate::pages::{
    analysis, board, complaints, customers, deals, exports, follow_ups, invitations, meetings, more, people, products, promotions, quarantine,
    records, refusals, seats, session, settings, stock, tickets, today, venue,
};
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Routes};
use leptos_router::hooks::use_params_map;
use leptos_router::path;
use shared::ids::{CustomerId, DealId, InvitationId, MeetingId, PaymentId, ProductId};
use shared::invitations::Channel;
use shared::people::Role;
use shared::settings::Purpose;
use std::str::FromStr;

/// A place one can go to, named after what is shown there. Link with `href=Place::Customer(id)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Today,
    Customers,
    ImportCustomers,
    NewCustomer,
    Pool,
    Customer(CustomerId),
    EditCustomer(CustomerId),
    MergeCustomers(CustomerId, CustomerId),
    Meetings,
    NewMeeting,
    Meeting(MeetingId),
    EditMeeting(MeetingId),
    CopyMeeting(MeetingId),
    Invitations(MeetingId),
    Stock(MeetingId),
    Calls,
    Confirmations,
    Venue,
    VenueDesk(MeetingId),
    Scan(MeetingId),
    FindGuest(MeetingId),
    Ready(MeetingId),
    Floor(MeetingId),
    Labels(MeetingId),
    Kiosk(MeetingId),
    Leaving(MeetingId),
    Give(MeetingId),
    Take(MeetingId),
    WalkIn(MeetingId),
    Conflicts(MeetingId),
    Seats(MeetingId),
    Desks(MeetingId),
    Board(MeetingId),
    Deals,
    NewDeal,
    Deal(DealId),
    ChangeDeal(DealId),
    NewVersion(DealId),
    Receipt(DealId, PaymentId),
    SignDeal(DealId),
    Products,
    Product(ProductId),
    Promotions,
    More,
    People,
    Settings,
    SettingsText(Purpose, Option<Channel>),
    ContractTemplate,
    Analysis,
    Refusals,
    FollowUps,
    Complaints,
    Records,
    Record(CustomerId),
    Quarantine,
    Exports,
    Ticket(InvitationId),
    LogIn,
}

impl Place {
    /// Its address within the app.
    #[must_use]
    pub fn path(self) -> String {
        match self {
            Self::Today => "/".into(),
            Self::Customers => "/customers".into(),
            Self::ImportCustomers => "/customers/import".into(),
            Self::NewCustomer => "/customers/new".into(),
            Self::Pool => "/customers/pool".into(),
            Self::Customer(id) => format!("/customers/{id}"),
            Self::EditCustomer(id) => format!("/customers/{id}/edit"),
            Self::MergeCustomers(one, other) => format!("/customers/{one}/merge/{other}"),
            Self::Meetings => "/meetings".into(),
            Self::NewMeeting => "/meetings/new".into(),
            Self::Meeting(id) => format!("/meetings/{id}"),
            Self::EditMeeting(id) => format!("/meetings/{id}/edit"),
            Self::CopyMeeting(id) => format!("/meetings/{id}/copy"),
            Self::Invitations(id) => format!("/meetings/{id}/invitations"),
            Self::Stock(id) => format!("/meetings/{id}/stock"),
            Self::Calls => "/calls".into(),
            Self::Confirmations => "/confirmations".into(),
            Self::Venue => "/venue".into(),
            Self::VenueDesk(id) => format!("/venue/{id}"),
            Self::Scan(id) => format!("/venue/{id}/scan"),
            Self::Leaving(id) => format!("/venue/{id}/leaving"),
            Self::Give(id) => format!("/venue/{id}/give"),
            Self::Take(id) => format!("/venue/{id}/take"),
            Self::Kiosk(id) => format!("/venue/{id}/kiosk"),
            Self::Labels(id) => format!("/venue/{id}/labels"),
            Self::Floor(id) => format!("/venue/{id}/floor"),
            Self::Ready(id) => format!("/venue/{id}/ready"),
            Self::FindGuest(id) => format!("/venue/{id}/search"),
            Self::WalkIn(id) => format!("/venue/{id}/walk-in"),
            Self::Conflicts(id) => format!("/venue/{id}/conflicts"),
            Self::Seats(id) => format!("/venue/{id}/seats"),
            Self::Desks(id) => format!("/venue/{id}/desks"),
            Self::Board(id) => format!("/board/{id}"),
            Self::Deals => "/deals".into(),
            Self::NewDeal => "/deals/new".into(),
            Self::Deal(id) => format!("/deals/{id}"),
            Self::ChangeDeal(id) => format!("/deals/{id}/change"),
            Self::NewVersion(id) => format!("/deals/{id}/version"),
            Self::Receipt(id, payment) => format!("/deals/{id}/receipt/{payment}"),
            Self::SignDeal(id) => format!("/deals/{id}/sign"),
            Self::Products => "/products".into(),
            Self::Product(id) => format!("/products/{id}"),
            Self::Promotions => "/promotions".into(),
            Self::More => "/more".into(),
            Self::People => "/people".into(),
            Self::Settings => "/settings".into(),
            Self::SettingsText(purpose, channel) => format!("/settings/texts/{}/{}", purpose_in_address(purpose), channel_in_address(channel)),
            Self::ContractTemplate => "/settings/contract".into(),
            Self::Analysis => "/analysis".into(),
            Self::Refusals => "/refusals".into(),
            Self::FollowUps => "/follow-ups".into(),
            Self::Complaints => "/complaints".into(),
            Self::Records => "/records".into(),
            Self::Record(id) => format!("/records/{id}"),
            Self::Quarantine => "/quarantine".into(),
            Self::Exports => "/exports".into(),
            Self::Ticket(id) => format!("/tickets/{id}"),
            Self::LogIn => "/login".into(),
        }
    }

    /// Whether something can be recorded at an address, or set, without looking at customers.
    #[must_use]
    pub fn shows_no_customers(path: &str) -> bool {
        matches!(
            path.split('/').skip(1).collect::<Vec<_>>()[..],
            ["customers", "new"] | ["venue", _, "scan" | "walk-in" | "ready" | "kiosk" | "give" | "take"] | ["more" | "login"]
        )
    }

    /// The places of the frame for a role: where its work is.
    #[must_use]
    pub const fn homes(role: Role) -> &'static [Self] {
        match role {
            Role::Rep | Role::Supervisor | Role::Manager => &[Self::Today, Self::Customers, Self::Venue, Self::Deals, Self::More],
            Role::Director | Role::Marketing | Role::Office | Role::Finance => &[Self::Today, Self::Meetings, Self::Products, Self::More],
            Role::Administrator => &[Self::Today, Self::People, Self::Meetings, Self::Products, Self::More],
        }
    }

    /// Which of the frame's places an address belongs to.
    #[must_use]
    pub fn home_of(path: &str, homes: &[Self]) -> Self {
        let (home, otherwise) = match path.split('/').nth(1).unwrap_or_default() {
            "customers" => (Self::Customers, Self::Today),
            "venue" | "board" | "tickets" => (Self::Venue, Self::Today),
            "deals" => (Self::Deals, Self::Today),
            "people" => (Self::People, Self::More),
            "products" | "promotions" => (Self::Products, Self::More),
            "meetings" => (Self::Meetings, Self::More),
            "more" | "quarantine" | "exports" | "settings" | "refusals" | "complaints" | "analysis" | "records" => (Self::More, Self::Today),
            _ => (Self::Today, Self::Today),
        };
        if homes.contains(&home) { home } else { otherwise }
    }

    /// Whether an address is of use to those only who work with customers ([`Role::sells`]). Nothing is kept from anybody by this: no device
    /// holds what its person may not see. It spares the others pages that stay empty, and forms that the rules would refuse.
    #[must_use]
    pub fn is_for_sellers(path: &str) -> bool {
        let parts: Vec<_> = path.split('/').skip(1).filter(|part| !part.is_empty()).collect();
        let first = parts.first().copied().unwrap_or_default();
        matches!(
            first,
            "customers"
                | "calls"
                | "confirmations"
                | "venue"
                | "board"
                | "deals"
                | "quarantine"
                | "tickets"
                | "follow-ups"
                | "complaints"
                | "records"
        ) || matches!(parts[..], ["meetings", _, "invitations"])
    }
}

impl From<Place> for Signal<String> {
    fn from(place: Place) -> Self {
        Self::stored(place.path())
    }
}

const fn purpose_in_address(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Invite => "invite",
        Purpose::Remind => "remind",
    }
}

const fn channel_in_address(channel: Option<Channel>) -> &'static str {
    match channel {
        None => "all",
        Some(Channel::Phone) => "phone",
        Some(Channel::Sms) => "sms",
        Some(Channel::Mail) => "mail",
        Some(Channel::Other) => "other",
    }
}

/// The channels that can have a text: all of them first.
pub const TEXT_CHANNELS: [Option<Channel>; 5] = [None, Some(Channel::Phone), Some(Channel::Sms), Some(Channel::Mail), Some(Channel::Other)];

/// The text to guests that the address names; none if it names none.
pub fn text_param() -> Memo<Option<(Purpose, Option<Channel>)>> {
    let params = use_params_map();
    Memo::new(move |_| {
        let of = |name| params.with(|params| params.get(name).unwrap_or_default());
        let (purpose, channel) = (of("purpose"), of("channel"));
        Some((
            Purpose::ALL.into_iter().find(|one| purpose_in_address(*one) == purpose)?,
            TEXT_CHANNELS.into_iter().find(|one| channel_in_address(*one) == channel)?,
        ))
    })
}

/// The id in the address of the page shown now, such as `id_param::<CustomerId>("id")`; none if it is not one.
pub fn id_param<T: FromStr + PartialEq + Send + Sync + 'static>(name: &'static str) -> Memo<Option<T>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get(name).and_then(|id| id.parse().ok())))
}

/// Which page is shown at which address.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=more::NotFoundPage>
            <Route path=path!("/") view=today::TodayPage />
            <Route path=path!("/customers/import") view=customers::ImportPage />
            <ParentRoute path=path!("/customers") view=customers::CustomersPage>
                <Route path=path!("") view=customers::NoCustomerChosen />
                <Route path=path!("new") view=customers::NewCustomerPage />
                <Route path=path!("pool") view=customers::PoolPage />
                <Route path=path!(":id") view=customers::CustomerPage />
                <Route path=path!(":id/edit") view=customers::EditCustomerPage />
                <Route path=path!(":id/merge/:other") view=customers::MergePage />
            </ParentRoute>
            <Route path=path!("/meetings/:id/invitations") view=invitations::InvitationsPage />
            <Route path=path!("/meetings/:id/stock") view=stock::StockPage />
            <ParentRoute path=path!("/meetings") view=meetings::MeetingsPage>
                <Route path=path!("") view=meetings::NoMeetingChosen />
                <Route path=path!("new") view=meetings::NewMeetingPage />
                <Route path=path!(":id") view=meetings::MeetingPage />
                <Route path=path!(":id/edit") view=meetings::EditMeetingPage />
                <Route path=path!(":id/copy") view=meetings::CopyMeetingPage />
            </ParentRoute>
            <Route path=path!("/calls") view=invitations::CallsPage />
            <Route path=path!("/confirmations") view=invitations::ConfirmationsPage />
            <Route path=path!("/venue") view=venue::VenuePage />
            <Route path=path!("/venue/:meeting") view=venue::DeskPage />
            <Route path=path!("/venue/:meeting/scan") view=venue::ScanPage />
            <Route path=path!("/venue/:meeting/leaving") view=venue::LeavingPage />
            <Route path=path!("/venue/:meeting/give") view=venue::GivePage />
            <Route path=path!("/venue/:meeting/take") view=venue::TakePage />
            <Route path=path!("/venue/:meeting/kiosk") view=venue::KioskBeginPage />
            <Route path=path!("/venue/:meeting/labels") view=venue::LabelsPage />
            <Route path=path!("/venue/:meeting/floor") view=venue::FloorPage />
            <Route path=path!("/venue/:meeting/ready") view=venue::ReadyPage />
            <Route path=path!("/venue/:meeting/search") view=venue::FindGuestPage />
            <Route path=path!("/venue/:meeting/walk-in") view=venue::WalkInPage />
            <Route path=path!("/venue/:meeting/conflicts") view=venue::ConflictsPage />
            <Route path=path!("/venue/:meeting/seats") view=seats::SeatsPage />
            <Route path=path!("/venue/:meeting/desks") view=seats::DesksPage />
            <Route path=path!("/board/:meeting") view=board::BoardPage />
            <Route path=path!("/deals/new") view=deals::NewDealPage />
            <Route path=path!("/deals/:id/change") view=deals::ChangeDealPage />
            <Route path=path!("/deals/:id/version") view=deals::NewVersionPage />
            <Route path=path!("/deals/:id/receipt/:payment") view=deals::ReceiptPage />
            <Route path=path!("/deals/:id/sign") view=deals::SignPage />
            <ParentRoute path=path!("/deals") view=deals::DealsPage>
                <Route path=path!("") view=deals::NoDealChosen />
                <Route path=path!(":id") view=deals::DealPage />
            </ParentRoute>
            <Route path=path!("/products") view=products::ProductsPage />
            <Route path=path!("/promotions") view=promotions::PromotionsPage />
            <Route path=path!("/products/:id") view=products::ProductPage />
            <Route path=path!("/more") view=more::MorePage />
            <Route path=path!("/settings/texts/:purpose/:channel") view=settings::TextPage />
            <Route path=path!("/settings/contract") view=settings::ContractTemplatePage />
            <Route path=path!("/settings") view=settings::SettingsPage />
            <Route path=path!("/analysis") view=analysis::AnalysisPage />
            <Route path=path!("/refusals") view=refusals::RefusalsPage />
            <Route path=path!("/follow-ups") view=follow_ups::FollowUpsPage />
            <Route path=path!("/complaints") view=complaints::ComplaintsPage />
            <Route path=path!("/records") view=records::RecordsPage />
            <Route path=path!("/records/:id") view=records::RecordPage />
            <Route path=path!("/quarantine") view=quarantine::QuarantinePage />
            <Route path=path!("/exports") view=exports::ExportsPage />
            <Route path=path!("/people") view=people::PeoplePage />
            <Route path=path!("/tickets/:invitation") view=tickets::TicketPage />
            <Route path=path!("/login") view=session::LogInPage />
        </Routes>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lights_up_the_place_it_belongs_to() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("valid");
        for (place, home) in [
            (Place::Customer(id), Place::Customers),
            (Place::Scan(MeetingId(id.0)), Place::Venue),
            (Place::SignDeal(DealId(id.0)), Place::Deals),
            (Place::People, Place::More),
            (Place::Calls, Place::Today),
        ] {
            assert_eq!(Place::home_of(&place.path(), Place::homes(Role::Rep)), home, "{}", place.path());
        }
        for (role, place, home) in [
            (Role::Office, Place::Meeting(MeetingId(id.0)), Place::Meetings),
            (Role::Manager, Place::Meetings, Place::More),
            (Role::Administrator, Place::People, Place::People),
            (Role::Finance, Place::Calls, Place::Today),
        ] {
            assert_eq!(Place::home_of(&place.path(), Place::homes(role)), home, "{role:?}");
        }
    }

    #[test]
    fn d9_tablets_exchange_records_also_when_customers_are_hidden() {
        let meeting = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("valid");
        for place in [Place::Give(meeting), Place::Take(meeting)] {
            assert!(Place::shows_no_customers(&place.path()) && Place::is_for_sellers(&place.path()), "{place:?}");
        }
        assert!(!Place::shows_no_customers(&Place::FindGuest(meeting).path()));
    }

    #[test]
    fn no_place_of_those_who_do_not_sell_is_for_sellers_only() {
        for role in Role::ALL {
            for place in Place::homes(role) {
                assert!(role.sells() || !Place::is_for_sellers(&place.path()), "{role:?}: {place:?}");
            }
        }
        let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("valid");
        for place in [Place::Customer(id), Place::Calls, Place::Invitations(MeetingId(id.0)), Place::WalkIn(MeetingId(id.0)), Place::NewDeal] {
            assert!(Place::is_for_sellers(&place.path()), "{place:?}");
        }
        for place in [Place::Meeting(MeetingId(id.0)), Place::Today, Place::LogIn] {
            assert!(!Place::is_for_sellers(&place.path()), "{place:?}");
        }
    }
}
