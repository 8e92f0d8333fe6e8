//! Every place of the app: its address, and the page shown there.

use crate::pages::{board, customers, deals, invitations, meetings, more, people, products, quarantine, session, tickets, today, venue};
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Routes};
use leptos_router::hooks::use_params_map;
use leptos_router::path;
use shared::ids::{CustomerId, DealId, InvitationId, MeetingId};
use std::str::FromStr;

/// A place one can go to, named after what is shown there. Link with `href=Place::Customer(id)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Today,
    Customers,
    ImportCustomers,
    NewCustomer,
    Customer(CustomerId),
    EditCustomer(CustomerId),
    Meetings,
    NewMeeting,
    Meeting(MeetingId),
    EditMeeting(MeetingId),
    Invitations(MeetingId),
    Calls,
    Confirmations,
    Venue,
    VenueDesk(MeetingId),
    Scan(MeetingId),
    FindGuest(MeetingId),
    WalkIn(MeetingId),
    Conflicts(MeetingId),
    Board(MeetingId),
    Deals,
    NewDeal,
    Deal(DealId),
    ChangeDeal(DealId),
    SignDeal(DealId),
    Products,
    More,
    People,
    Quarantine,
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
            Self::Customer(id) => format!("/customers/{id}"),
            Self::EditCustomer(id) => format!("/customers/{id}/edit"),
            Self::Meetings => "/meetings".into(),
            Self::NewMeeting => "/meetings/new".into(),
            Self::Meeting(id) => format!("/meetings/{id}"),
            Self::EditMeeting(id) => format!("/meetings/{id}/edit"),
            Self::Invitations(id) => format!("/meetings/{id}/invitations"),
            Self::Calls => "/calls".into(),
            Self::Confirmations => "/confirmations".into(),
            Self::Venue => "/venue".into(),
            Self::VenueDesk(id) => format!("/venue/{id}"),
            Self::Scan(id) => format!("/venue/{id}/scan"),
            Self::FindGuest(id) => format!("/venue/{id}/search"),
            Self::WalkIn(id) => format!("/venue/{id}/walk-in"),
            Self::Conflicts(id) => format!("/venue/{id}/conflicts"),
            Self::Board(id) => format!("/board/{id}"),
            Self::Deals => "/deals".into(),
            Self::NewDeal => "/deals/new".into(),
            Self::Deal(id) => format!("/deals/{id}"),
            Self::ChangeDeal(id) => format!("/deals/{id}/change"),
            Self::SignDeal(id) => format!("/deals/{id}/sign"),
            Self::Products => "/products".into(),
            Self::More => "/more".into(),
            Self::People => "/people".into(),
            Self::Quarantine => "/quarantine".into(),
            Self::Ticket(id) => format!("/tickets/{id}"),
            Self::LogIn => "/login".into(),
        }
    }

    /// Whether something can be recorded at an address, or set, without looking at customers.
    #[must_use]
    pub fn shows_no_customers(path: &str) -> bool {
        matches!(path.split('/').skip(1).collect::<Vec<_>>()[..], ["customers", "new"] | ["venue", _, "scan" | "walk-in"] | ["more" | "login"])
    }

    /// Which of the frame's five places an address belongs to.
    #[must_use]
    pub fn home_of(path: &str) -> Self {
        match path.split('/').nth(1).unwrap_or_default() {
            "customers" => Self::Customers,
            "venue" | "board" | "tickets" => Self::Venue,
            "deals" => Self::Deals,
            "more" | "people" | "products" | "meetings" | "quarantine" => Self::More,
            _ => Self::Today,
        }
    }
}

impl From<Place> for Signal<String> {
    fn from(place: Place) -> Self {
        Self::stored(place.path())
    }
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
                <Route path=path!(":id") view=customers::CustomerPage />
                <Route path=path!(":id/edit") view=customers::EditCustomerPage />
            </ParentRoute>
            <Route path=path!("/meetings/:id/invitations") view=invitations::InvitationsPage />
            <ParentRoute path=path!("/meetings") view=meetings::MeetingsPage>
                <Route path=path!("") view=meetings::NoMeetingChosen />
                <Route path=path!("new") view=meetings::NewMeetingPage />
                <Route path=path!(":id") view=meetings::MeetingPage />
                <Route path=path!(":id/edit") view=meetings::EditMeetingPage />
            </ParentRoute>
            <Route path=path!("/calls") view=invitations::CallsPage />
            <Route path=path!("/confirmations") view=invitations::ConfirmationsPage />
            <Route path=path!("/venue") view=venue::VenuePage />
            <Route path=path!("/venue/:meeting") view=venue::DeskPage />
            <Route path=path!("/venue/:meeting/scan") view=venue::ScanPage />
            <Route path=path!("/venue/:meeting/search") view=venue::FindGuestPage />
            <Route path=path!("/venue/:meeting/walk-in") view=venue::WalkInPage />
            <Route path=path!("/venue/:meeting/conflicts") view=venue::ConflictsPage />
            <Route path=path!("/board/:meeting") view=board::BoardPage />
            <Route path=path!("/deals/new") view=deals::NewDealPage />
            <Route path=path!("/deals/:id/change") view=deals::ChangeDealPage />
            <Route path=path!("/deals/:id/sign") view=deals::SignPage />
            <ParentRoute path=path!("/deals") view=deals::DealsPage>
                <Route path=path!("") view=deals::NoDealChosen />
                <Route path=path!(":id") view=deals::DealPage />
            </ParentRoute>
            <Route path=path!("/products") view=products::ProductsPage />
            <Route path=path!("/more") view=more::MorePage />
            <Route path=path!("/quarantine") view=quarantine::QuarantinePage />
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
            assert_eq!(Place::home_of(&place.path()), home, "{}", place.path());
        }
    }
}
