use super::command::{AddTeam, AddUser, EditUser};
use super::*;
use crate::rejection::{Field, Rejection};
use crate::sync::protocol::Row;
use crate::testing::World;

fn new_user(world: &mut World, login: &str, role: Role, team: Option<TeamId>) -> AddUser {
    AddUser { user: world.id(), name: "周杰".into(), login: login.into(), role, team }
}

fn edit(world: &World, user: UserId) -> EditUser {
    let user = world.get::<User>(user);
    EditUser { user: user.id, name: user.name.clone(), role: user.role, team: user.team, access: user.access }
}

#[test]
fn a_login_becomes_small_and_is_given_once() {
    let mut world = World::new();
    let admin = world.administrator;
    let command = new_user(&mut world, " Chou.Chieh ", Role::Manager, None);
    world.apply(admin, command.clone()).expect("within the rules");
    assert_eq!(world.get::<User>(command.user).login, "chou.chieh");
    let again = new_user(&mut world, "CHOU.chieh", Role::Manager, None);
    assert_eq!(world.apply(admin, again), Err(Rejection::LoginTaken));
}

#[test]
fn a_login_that_could_be_mistaken_is_refused() {
    let mut world = World::new();
    for login in ["a", "周杰", "a b", "a/b", "а.cyrillic", "x\u{200b}y"] {
        let command = new_user(&mut world, login, Role::Manager, None);
        assert_eq!(world.apply(world.administrator, command), Err(Rejection::Malformed { field: Field::Login }), "{login:?}");
    }
    let long = new_user(&mut world, &"a".repeat(5_000), Role::Manager, None);
    assert_eq!(world.apply(world.administrator, long), Err(Rejection::TooLong { field: Field::Login, max: 64, found: 5_000 }));
}

#[test]
fn reps_and_supervisors_need_a_team_that_exists() {
    let mut world = World::new();
    for role in [Role::Rep, Role::Supervisor] {
        let command = new_user(&mut world, "somebody", role, None);
        assert_eq!(world.apply(world.administrator, command), Err(Rejection::Required { field: Field::Team }));
    }
    let nowhere = Some(world.id());
    let command = new_user(&mut world, "somebody", Role::Rep, nowhere);
    assert_eq!(world.apply(world.administrator, command), Err(Rejection::NotFound { kind: crate::Kind::Team }));
}

#[test]
fn administrators_cannot_lock_themselves_out() {
    let mut world = World::new();
    let admin = world.administrator;
    let less = EditUser { role: Role::Manager, ..edit(&world, admin) };
    assert_eq!(world.apply(admin, less), Err(Rejection::NotYourself));
    let out = EditUser { access: Access::Revoked, ..edit(&world, admin) };
    assert_eq!(world.apply(admin, out), Err(Rejection::NotYourself));
    let renamed = EditUser { name: "謝美".into(), ..edit(&world, admin) };
    assert!(world.apply(admin, renamed).is_ok());
}

#[test]
fn a_name_of_five_thousand_characters_is_refused_with_its_length() {
    let mut world = World::new();
    let too_long = |field| Err(Rejection::TooLong { field, max: 100, found: 5_000 });
    let name = "龍".repeat(5_000);
    let (team, rep) = (world.id(), world.rep);
    assert_eq!(world.apply(world.administrator, AddTeam { team, name: name.clone() }), too_long(Field::Team));
    let command = EditUser { name, ..edit(&world, rep) };
    assert_eq!(world.apply(world.administrator, command), too_long(Field::Name));
}

#[test]
fn a_supervisor_reaches_those_who_are_in_the_team_now() {
    let mut world = World::new();
    let (north, supervisor, colleague) = (world.actor(world.supervisor), world.supervisor, world.colleague);
    assert_eq!(north.reaches(&world.records, colleague), Ok(true));
    let moved = EditUser { team: Some(world.south), ..edit(&world, colleague) };
    world.apply(world.administrator, moved).expect("within the rules");
    assert_eq!(north.reaches(&world.records, colleague), Ok(false));
    assert_eq!(north.reaches(&world.records, supervisor), Ok(true));
}

#[test]
fn a_role_of_a_newer_app_is_held_byte_for_byte_and_read_once_the_app_knows_it() {
    let world = World::new();
    let mut replica = world.replica(world.rep);
    let user = world.get::<User>(world.office);
    let body = crate::Record::from((*user).clone()).encode().replace(r#""office""#, r#""role_of_a_newer_app""#);
    let row = Row {
        kind: "user".into(),
        id: user.id.0,
        scope: Scope::Org,
        version: 9,
        body: Some(serde_json::value::RawValue::from_string(body.clone()).expect("JSON")),
    };
    let before = replica.digest(Scope::Org).count;
    replica.take_row(&row);
    assert!(replica.noun::<User>(user.id).is_none(), "nobody can change what cannot be read");
    assert_eq!(replica.digest(Scope::Org).count, before, "held all the same, so that the scope is whole");
    let known = Row { body: Some(serde_json::value::RawValue::from_string(body.replace("role_of_a_newer_app", "office")).expect("JSON")), ..row };
    replica.take_row(&known);
    assert_eq!(replica.noun::<User>(user.id).map(|user| user.role), Some(Role::Office));
}

#[test]
fn those_who_do_not_sell_reach_nobodys_customers_their_own_included() {
    let world = World::new();
    for user in [world.director, world.marketing, world.office, world.finance, world.administrator] {
        let actor = world.actor(user);
        assert!(!actor.role.sells());
        for owner in world.people() {
            assert_eq!(actor.reaches(&world.records, owner), Ok(false), "{:?}", actor.role);
        }
    }
}
