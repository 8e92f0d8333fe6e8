//! Every screen in every size, scheme and language: pictures to be looked at, and nothing serious for axe.

use crate::engines::{Part, can};
use crate::eviction::remove;
use crate::lock::{put_clock_back, put_clock_on};
use serde_json::json;
use shared::check_ins::Conflict;
use shared::customers::Customer;
use shared::customers::import::Encoding;
use shared::deals::{Deal, Stage};
use shared::ids::{DealId, MeetingId};
use shared::invitations::Invitation;
use shared::meetings::Meeting;
use shared::people::Role;
use shared::record::Entity;
use tests::fixtures::csv::List;
use tests::fixtures::picture::slip;
use tests::harness::matrix::{self, Finding, Screen};
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Camera, Device, Holdings, Mode, Proxy, Result, Trouble};
use tests::steps::{add_customer, change_stored, give_signature, lock, log_in, on, speak, unlock_if_asked, wait_until_synced};

const LANGUAGES: [&str; 3] = ["zh-Hant-TW", "zh-Hans-CN", "en"];

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_of_a_rep_has_a_serious_barrier() -> Result {
    if !can(Part::Pictures)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let stranger = Browser::start(Device::desktop("stranger")).await?;
    let mut table = matrix::picture(&stranger, &server.url(), &before_log_in(), &LANGUAGES, speak).await?;
    let (browser, camera, mut screens) = rep(&server).await?;
    screens.truncate(screens.len() / 2);
    table.extend(matrix::picture(&browser, &server.url(), &screens, &LANGUAGES, speak).await?);
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    drop(camera);
    barrier_free(&table)
}

/// The other half: two browsers are done sooner than one.
#[tokio::test(flavor = "multi_thread")]
async fn no_other_screen_of_a_rep_has_a_serious_barrier() -> Result {
    if !can(Part::Pictures)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let (browser, camera, screens) = rep(&server).await?;
    let mut table = matrix::picture(&browser, &server.url(), &screens[screens.len() / 2..], &LANGUAGES, speak).await?;
    browser.goto(&format!("{}/more", server.url())).await?;
    browser.click(&on("lock")).await?;
    table.extend(matrix::picture(&browser, &server.url(), &[locked()], &LANGUAGES, speak).await?);
    assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    drop(camera);
    barrier_free(&table)
}

/// A rep with everything there is to be seen, and the screens that show it.
async fn rep(server: &Server) -> Result<(Browser, Camera, Vec<Screen>)> {
    let holdings = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?.holdings().await?;
    let camera = Camera::new()?;
    let browser = Browser::start(Device::desktop("rep1").with_camera(&camera.video())).await?;
    log_in(&browser, &server.url(), "rep1").await?;
    wait_until_synced(&browser).await?;
    pay_with_photo(&browser, &server.url(), half_paid(&holdings)?).await?;
    let screens = screens(Role::Rep, &holdings)?;
    Ok((browser, camera, screens))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_of_those_who_lead_or_prepare_has_a_serious_barrier() -> Result {
    if !can(Part::Pictures)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let mut table = Vec::new();
    for (login, role) in
        [("supervisor1", Role::Supervisor), ("manager", Role::Manager), ("marketing", Role::Marketing), ("admin", Role::Administrator)]
    {
        let holdings = Account::log_in(&server.url(), login, DEMO_PASSWORD).await?.holdings().await?;
        let browser = Browser::start(Device::desktop(login)).await?;
        log_in(&browser, &server.url(), login).await?;
        wait_until_synced(&browser).await?;
        table.extend(matrix::picture(&browser, &server.url(), &screens(role, &holdings)?, &LANGUAGES, speak).await?);
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    barrier_free(&table)
}

/// A device that guards what is on it: with a PIN, out of reach, locked, damaged, cleared.
#[tokio::test(flavor = "multi_thread")]
async fn no_screen_of_a_guarded_device_has_a_serious_barrier() -> Result {
    if !can(Part::Pictures)? {
        return Ok(());
    }
    let server = Server::start(Company::Demo).await?;
    let line = Proxy::start(&server.address()).await?;
    let (app, device) = (line.url(), Browser::start(Device::desktop("guarded")).await?);
    line.switch(Mode::Without("/api/sync/pull")).await;
    log_in(&device, &app, "rep4").await?;
    let to_come = Screen::new("first-sync", "/customers", "[data-testid=first-sync] button");
    let mut table = matrix::picture(&device, &app, &[to_come], &LANGUAGES, speak).await?;
    line.mend().await;
    device.click(&format!("{} button", on("first-sync"))).await?;
    device.wait_for(&on("customer-row")).await?;
    wait_until_synced(&device).await?;
    device.goto(&format!("{app}/more")).await?;
    device.click(&on("more-pin")).await?;
    device.fill(&on("pin-new"), "2580").await?;
    device.click(&on("pin-save")).await?;
    device.wait_until_gone(&on("pin-save")).await?;
    let mut picture = async |screens: &[Screen]| {
        table.extend(matrix::picture(&device, &app, screens, &LANGUAGES, speak).await?);
        Ok::<_, Trouble>(())
    };

    // Loaded again, a page that was locked has no key any more.
    let with_pin = |name, button: &'static str, opens: &'static str| {
        Screen::new(name, "/more", "[data-testid=more-me], [data-testid=unlock-password]").after(move |browser| {
            Box::pin(async move {
                unlock_if_asked(browser).await?;
                browser.click(&on(button)).await?;
                browser.wait_for(&on(opens)).await
            })
        })
    };
    picture(&[with_pin("pin", "more-pin", "pin-sheet"), with_pin("locked-pin", "lock", "unlock-pin")]).await?;
    device.goto(&app).await?;
    unlock_if_asked(&device).await?;

    line.cut().await;
    add_customer(&device, &app, "雷待傳", "0933000581").await?;
    let unsent = [
        opened_from("sync-unsent", "/", "[data-testid=today-list]", "sync-chip", "sync-sheet"),
        opened_from("log-out-unsent", "/more", "[data-testid=more-me]", "logout", "logout-refused"),
    ];
    picture(&unsent).await?;
    let clock = put_clock_on(&device).await?;
    picture(&[Screen::new("lease", "/customers", "[data-testid=lease]")]).await?;
    put_clock_back(&device, &clock).await?;

    lock(&device, &app).await?;
    picture(&[Screen::new("locked-waiting", "/", "[data-testid=unlock-waiting]")]).await?;
    change_stored(&device, "device", "facts", "store.put('nothing', 'device')").await?;
    let unusable = [
        Screen::new("unusable", "/", "[data-testid=unusable]"),
        opened_from("begin-anew", "/", "[data-testid=unusable]", "anew-ask", "anew-remains"),
    ];
    picture(&unusable).await?;
    line.mend().await;
    remove(&device, "device").await?;
    picture(&[Screen::new("log-in-evicted", "/", "[data-testid=login-evicted]")]).await?;
    barrier_free(&table)
}

fn barrier_free(table: &[Finding]) -> Result {
    let table: Vec<_> = table.iter().map(ToString::to_string).collect();
    assert!(table.is_empty(), "\n{}", table.join("\n"));
    Ok(())
}

fn before_log_in() -> [Screen; 1] {
    [Screen::new("log-in", "/", "[data-testid=login-submit]")]
}

fn locked() -> Screen {
    Screen::new("locked", "/", "[data-testid=unlock-submit]")
}

/// The screens of a role, on the liveliest of the demo's records.
fn screens(role: Role, holdings: &Holdings) -> Result<Vec<Screen>> {
    let meeting = first::<Meeting>(holdings, |meeting| meeting.plan.theme == "好水好眠生活體驗會")?.id;
    Ok(match role {
        Role::Rep => rep_screens(holdings, meeting)?,
        Role::Supervisor => supervisor_screens(holdings)?,
        Role::Manager => vec![
            Screen::new("quarantine", "/quarantine", "[data-testid=held]"),
            Screen::new("quarantine-reason", "/quarantine", "[data-testid=held]").after(|browser| {
                Box::pin(async {
                    browser.click(&on("held-set-aside")).await?;
                    browser.wait_for(&on("held-sheet")).await
                })
            }),
            Screen::new("board", format!("/board/{meeting}"), "[data-testid=board]"),
            Screen::new("analysis", "/analysis", "[data-testid=analysis-table], [data-testid=analysis-none]"),
            Screen::new("analysis-year", "/analysis", "[data-testid=analysis-length]").after(|browser| {
                Box::pin(async {
                    browser.click(&format!("{} button:nth-child(3)", on("analysis-length"))).await?;
                    browser.wait_for(&on("analysis-open")).await?;
                    browser.click(&on("analysis-open")).await?;
                    browser.wait_for(&on("analysis-opened")).await
                })
            }),
            opened_from("target", "/analysis", "[data-testid=targets]", "target-set", "target-form"),
            Screen::new("refusals", "/refusals", "[data-testid=refusals-table]"),
            Screen::new("refusals-rows", "/refusals", "[data-testid=refusals-open]").after(|browser| {
                Box::pin(async {
                    browser.click(&on("refusals-open")).await?;
                    browser.wait_for(&on("refusals-opened")).await
                })
            }),
            Screen::new("meeting-copy", format!("/meetings/{meeting}/copy"), "[data-testid=meeting-copy-note]"),
            Screen::new("settings", "/settings", "[data-testid=wording-row]"),
            Screen::new("settings-contract", "/settings/contract", "[data-testid=template-preview]"),
            Screen::new("settings-text", "/settings/texts/invite/sms", "[data-testid=template-length]"),
            opened_from("seats-arrange", format!("/venue/{meeting}/seats"), "[data-testid=hall-floor]", "seats-arrange", "tables-form"),
            opened_from("desk-lease", format!("/venue/{meeting}/desks"), "[data-testid=desk]", "desk-lease", "lease-form"),
            opened_from("item", format!("/meetings/{meeting}/stock"), "[data-testid=stock-item]", "stock-add", "item-form"),
            opened_from("export", "/customers", "[data-testid=customer-row]", "customers-export", "export-sheet"),
            Screen::new("exports-none", "/exports", "[data-testid=exports-none], [data-testid=exports]"),
            Screen::new("exports", "/customers", "[data-testid=customer-row]").after(|browser| {
                Box::pin(async {
                    browser.click(&on("customers-export")).await?;
                    browser.click(&format!("{} button:nth-child(2)", on("export-format"))).await?;
                    browser.fill(&on("export-reason"), "寄送年節禮品").await?;
                    browser.click(&on("export-now")).await?;
                    browser.wait_until_gone(&on("export-reason")).await?;
                    let address = browser.url().await?.replace("/customers", "/exports");
                    browser.goto(&address).await?;
                    unlock_if_asked(browser).await?;
                    browser.wait_for(&on("export-row")).await
                })
            }),
        ],
        Role::Marketing => vec![
            Screen::new("today-marketing", "/", "[data-testid=today-prepare]"),
            Screen::new("preparation", format!("/meetings/{meeting}"), "[data-testid=preparation-row]").after(|browser| {
                Box::pin(async {
                    browser.click(&on("preparation-row")).await?;
                    browser.wait_for(&on("preparation-sheet")).await
                })
            }),
            Screen::new("meeting-marketing", format!("/meetings/{meeting}"), "[data-testid=meeting-detail]"),
            Screen::new("not-theirs", "/customers", "[data-testid=not-theirs]"),
            Screen::new("analysis-not-held", "/analysis", "[data-testid=analysis-not-held]"),
        ],
        Role::Director => {
            vec![Screen::new("analysis-totals", "/analysis", "[data-testid=analysis-table], [data-testid=analysis-none]").after(|browser| {
                Box::pin(async {
                    browser.click(&format!("{} button:nth-child(3)", on("analysis-length"))).await?;
                    browser.wait_for(&on("analysis-table")).await
                })
            })]
        }
        Role::Office | Role::Finance => Vec::new(),
        Role::Administrator => vec![
            Screen::new("people", "/people", "[data-testid=people-row]"),
            Screen::new("follow-up-rules", "/settings", "[data-testid=follow-up-rules]"),
        ],
    })
}

fn rep_screens(holdings: &Holdings, meeting: MeetingId) -> Result<Vec<Screen>> {
    let customer = first::<Customer>(holdings, |customer| !customer.profile.needs.is_empty())?.id;
    let another = first::<Customer>(holdings, |other| other.id != customer)?.id;
    let invitation = first::<Invitation>(holdings, |invitation| invitation.ticket.is_some())?.id;
    let conflict = first::<Conflict>(holdings, |conflict| conflict.ruling.is_none())?;
    let deal = first::<Deal>(holdings, |deal| deal.approval.is_none())?.id;
    let to_pay = half_paid(holdings)?;
    let paid = first::<Deal>(holdings, |deal| deal.is_sold() && !deal.payments.is_empty())?;
    let receipt = paid.payments[0].id;
    let waiting = first::<Deal>(holdings, |deal| deal.waiting().is_some())?.id;
    let refused = first::<Deal>(holdings, |deal| deal.lacks_approval() && deal.waiting().is_none())?.id;
    let approved = first::<Deal>(holdings, |deal| deal.approval.is_some() && !deal.lacks_approval())?.id;
    Ok(vec![
        Screen::new("today", "/", "[data-testid=today-list]"),
        Screen::new("sync", "/", "[data-testid=today-list]").after(|browser| {
            Box::pin(async {
                browser.click(&on("sync-chip")).await?;
                browser.wait_for(&on("sync-sheet")).await
            })
        }),
        Screen::new("customers", "/customers", "[data-testid=customer-row]"),
        Screen::new("customers-found", "/customers", "[data-testid=customer-row]")
            .after(|browser| Box::pin(async { browser.fill(&on("customers-search"), "chen").await })),
        Screen::new("customer", format!("/customers/{customer}"), "[data-testid=customer-detail]"),
        Screen::new("merge", format!("/customers/{customer}/merge/{another}"), "[data-testid=merge-joined]"),
        Screen::new("customer-form", "/customers/new", "[data-testid=customer-form]"),
        Screen::new("import", "/customers/import", "[data-testid=import]"),
        Screen::new("import-columns", "/customers/import", "[data-testid=import]").after(|browser| Box::pin(choose_list(browser))),
        Screen::new("import-preview", "/customers/import", "[data-testid=import]").after(|browser| {
            Box::pin(async {
                choose_list(browser).await?;
                browser.click(&on("import-check")).await?;
                browser.wait_for(&on("import-rows")).await
            })
        }),
        Screen::new("meetings", "/meetings", "[data-testid=meeting-row]"),
        Screen::new("meeting", format!("/meetings/{meeting}"), "[data-testid=meeting-detail]"),
        Screen::new("plan", format!("/meetings/{meeting}/invitations"), "[data-testid=plan]"),
        Screen::new("calls", "/calls", "[data-testid=desk], [data-testid=desk-empty]"),
        opened_from("call-declined", "/calls", "[data-testid=desk]", "result-declined", "declined-sheet"),
        opened_from("call-back", "/calls", "[data-testid=desk]", "result-call-back", "call-back-sheet"),
        Screen::new("confirmations", "/confirmations", "[data-testid=confirmations], [data-testid=confirmations-empty]"),
        Screen::new("venue", format!("/venue/{meeting}"), "[data-testid=venue-desk]"),
        Screen::new("ready", format!("/venue/{meeting}/ready"), "[data-testid=ready-rehearsal][data-mark=good]"),
        Screen::new("leaving", format!("/venue/{meeting}/leaving"), "[data-testid=leaving-verdict]"),
        Screen::new("carry-take", format!("/venue/{meeting}/take"), "[data-testid=carry-code]"),
        Screen::new("carry-give", format!("/venue/{meeting}/give"), "[data-testid=carry-camera][data-state=on]"),
        Screen::new("labels", format!("/venue/{meeting}/labels"), "[data-testid=label]"),
        Screen::new("kiosk-begin", format!("/venue/{meeting}/kiosk"), "[data-testid=kiosk-begin]"),
        Screen::new("floor", format!("/venue/{meeting}/floor"), "[data-testid=floor-form]"),
        Screen::new("scan", format!("/venue/{meeting}/scan"), "[data-testid=scan-camera][data-state=on]"),
        Screen::new("find-guest", format!("/venue/{meeting}/search"), "[data-testid=guest-row]"),
        opened_from("guest", format!("/venue/{meeting}/search"), "[data-testid=guest-row]", "guest-row", "guest-sheet"),
        Screen::new("verdict", format!("/venue/{meeting}/search"), "[data-testid=guest-row]").after(|browser| {
            Box::pin(async {
                browser.click("//*[@data-testid='guest-row'][not(.//*[contains(@class, 'good')])]").await?;
                browser.click(&on("guest-check-in")).await?;
                browser.wait_for(&on("verdict-saved")).await
            })
        }),
        Screen::new("seats", format!("/venue/{meeting}/seats"), "[data-testid=hall-floor]"),
        Screen::new("table", format!("/venue/{meeting}/seats"), "[data-testid=hall-floor]").after(|browser| {
            Box::pin(async {
                browser.click(&on("hall-table")).await?;
                browser.wait_for(&on("seat-row")).await
            })
        }),
        Screen::new("desks", format!("/venue/{meeting}/desks"), "[data-testid=desk]"),
        Screen::new("stock", format!("/meetings/{meeting}/stock"), "[data-testid=stock-item]"),
        Screen::new("walk-in", format!("/venue/{meeting}/walk-in"), "[data-testid=walk-in-form]"),
        Screen::new("conflicts-none", format!("/venue/{meeting}/conflicts"), "[data-testid=conflicts-none]"),
        Screen::new("conflicts", format!("/venue/{}/conflicts", conflict.meeting), "[data-testid=conflict][data-state=open]"),
        Screen::new("deals", "/deals", "[data-testid=deal-row]"),
        Screen::new("deal", format!("/deals/{deal}"), "[data-testid=deal]"),
        Screen::new("deal-photo", format!("/deals/{to_pay}"), "[data-testid=payment-form]").after(|browser| Box::pin(choose_photo(browser))),
        opened_from("deal-slip", format!("/deals/{to_pay}"), "[data-testid=slip-small]", "slip-open", "slip-photo"),
        Screen::new("new-deal", format!("/deals/new?customer={customer}"), "[data-testid=deal-open]"),
        Screen::new("new-deal-asks", format!("/deals/new?customer={another}"), "[data-testid=deal-open]").after(|browser| {
            Box::pin(async {
                browser.click(&on("product-more")).await?;
                browser.fill(&on("deal-discount"), "8").await?;
                browser.wait_for(&on("deal-approval-reason")).await?;
                browser.click(&on("deal-open")).await
            })
        }),
        Screen::new("deal-change", format!("/deals/{refused}/change"), "[data-testid=deal-open]"),
        Screen::new("deal-waiting", format!("/deals/{waiting}"), "[data-testid=discount-waiting]"),
        Screen::new("deal-approved", format!("/deals/{approved}"), "[data-testid=discount-granted]"),
        Screen::new("deal-refused", format!("/deals/{refused}"), "[data-testid=discount-refused]"),
        Screen::new("sign", format!("/deals/{approved}/sign"), "[data-testid=sign-text]").after(|browser| Box::pin(give_signature(browser))),
        Screen::new("deal-version", format!("/deals/{to_pay}/version"), "[data-testid=deal-open]").after(|browser| {
            Box::pin(async {
                browser.click(&format!("{} button:nth-child(3)", on("deal-parts"))).await?;
                browser.wait_for(&on("deal-part")).await
            })
        }),
        Screen::new("receipt", format!("/deals/{}/receipt/{receipt}", paid.id), "[data-testid=receipt]"),
        Screen::new("sign-not-approved", format!("/deals/{waiting}/sign"), "[data-testid=sign-not-approved]"),
        Screen::new("ticket", format!("/tickets/{invitation}"), "[data-testid=ticket]"),
        Screen::new("follow-ups", "/follow-ups", "[data-testid=follow-up]"),
        opened_from("follow-up-log", "/follow-ups", "[data-testid=follow-up]", "follow-up-log", "log-sheet"),
        opened_from("follow-up-change", "/follow-ups", "[data-testid=follow-up]", "follow-up-change", "follow-up-sheet"),
        Screen::new("complaints", "/complaints", "[data-testid=complaint-row]"),
        opened_from("complaint", "/complaints", "[data-testid=complaint-row]", "complaint-row", "complaint-sheet"),
        opened_from(
            "complaint-report",
            format!("/customers/{customer}"),
            "[data-testid=customer-detail]",
            "customer-complain",
            "complaint-report-sheet",
        ),
        Screen::new("records", "/records", "[data-testid=records-row]"),
        Screen::new("records-found", "/records", "[data-testid=records-row]").after(|browser| {
            Box::pin(async {
                browser.fill(&on("records-search"), "漏水").await?;
                browser.wait_for(&on("records-hit")).await
            })
        }),
        Screen::new("record", format!("/records/{customer}"), "[data-testid=record]"),
        Screen::new("products", "/products", "[data-testid=product-row]"),
        Screen::new("promotions", "/promotions", "[data-testid=promotion-row]"),
        Screen::new("more", "/more", "[data-testid=more-me]"),
        Screen::new("not-found", "/nowhere", ".empty"),
    ])
}

/// A screen with a sheet that a button opens.
fn opened_from(name: &'static str, path: impl Into<String>, ready: &'static str, button: &'static str, sheet: &'static str) -> Screen {
    Screen::new(name, path, ready).after(move |browser| {
        Box::pin(async move {
            browser.click(&on(button)).await?;
            browser.wait_for(&on(sheet)).await
        })
    })
}

/// Rows good and bad.
async fn choose_list(browser: &Browser) -> Result {
    let list = tempfile::NamedTempFile::with_suffix(".csv")?;
    std::fs::write(list.path(), List { duplicates: 6, bad: 4, ..List::of(40) }.bytes(Encoding::Big5))?;
    browser.choose_file(&on("import-file"), list.path()).await?;
    // The page has read the file by then.
    browser.wait_for(&on("import-check")).await
}

/// A deal on which something is still to be paid.
fn half_paid(holdings: &Holdings) -> Result<DealId> {
    Ok(first::<Deal>(holdings, |deal| deal.stage == Stage::Signed && deal.open().minor > 0)?.id)
}

/// A payment with a slip, as the pictures show it.
async fn pay_with_photo(browser: &Browser, app: &str, deal: DealId) -> Result {
    browser.goto(&format!("{app}/deals/{deal}")).await?;
    browser.fill(&on("payment-amount"), "1200").await?;
    choose_photo(browser).await?;
    browser.click(&on("payment-save")).await?;
    browser.wait_for(&on("slip-small")).await?;
    wait_until_synced(browser).await
}

async fn choose_photo(browser: &Browser) -> Result {
    let photo = tempfile::NamedTempFile::with_suffix(".png")?;
    std::fs::write(photo.path(), slip(900, 1_200))?;
    browser.choose_file(&on("payment-photo-choose"), photo.path()).await?;
    browser.wait_for(&on("photo-preview")).await?;
    browser.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", json!([on("payment-photo")])).await.map(drop)
}

/// What is asked of a supervisor.
fn supervisor_screens(holdings: &Holdings) -> Result<Vec<Screen>> {
    let waiting = first::<Deal>(holdings, |deal| deal.waiting().is_some())?.id;
    Ok(vec![
        Screen::new("today-approve", "/", "[data-testid=today-approve]"),
        Screen::new("deal-to-approve", format!("/deals/{waiting}"), "[data-testid=discount-approve]"),
        Screen::new("deal-refuse", format!("/deals/{waiting}"), "[data-testid=discount-refuse]").after(|browser| {
            Box::pin(async {
                browser.click(&on("discount-refuse")).await?;
                browser.wait_for(&on("discount-refuse-confirm")).await
            })
        }),
    ])
}

fn first<T: Entity>(holdings: &Holdings, fits: impl Fn(&T) -> bool) -> Result<T> {
    holdings.all()?.into_iter().find(fits).ok_or_else(|| Trouble::new(format!("the demo company has no {} that fits", T::KIND.name())))
}
