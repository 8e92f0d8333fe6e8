//! The battery is empty in the middle of every form (clause N3): what was typed is there again, can be saved, and is a draft no more.

use serde_json::json;
use shared::customers::Customer;
use shared::deals::{Deal, Stage};
use shared::ids::CustomerId;
use shared::meetings::Meeting;
use shared::record::Entity;
use std::time::Duration;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Holdings, Result, Trouble};
use tests::steps::{give_signature, log_in, on, unlock, wait_until_synced};

/// What a person does in a form.
enum Step {
    /// Whenever it is opened: a button that shows more of it.
    Open(&'static str),
    /// Once, to have something to type into, or to choose.
    Press(&'static str),
    /// Types into a field.
    Type(String, &'static str),
    /// Sets a field at once, as a date picker does.
    Pick(String, &'static str),
    /// Chooses one of some chips.
    Choose(String),
    /// A field says this although nobody typed it.
    Says(String, &'static str),
    /// Before it can be saved, each time: consent and a signature.
    Sign,
}
use Step::{Choose, Open, Pick, Press, Says, Sign, Type};

/// A form: where it is, what its draft is called (as far as `/` if the app chooses the record), what is done in it, and the button that saves it.
struct Form {
    path: String,
    draft: String,
    steps: Vec<Step>,
    save: &'static str,
}

impl Form {
    async fn has_draft(&self, browser: &Browser) -> Result<bool> {
        let drafts = drafts(browser).await?;
        Ok(drafts.iter().any(|draft| *draft == self.draft || self.draft.ends_with('/') && draft.starts_with(&self.draft)))
    }
}

fn form(path: impl Into<String>, draft: impl Into<String>, save: &'static str, steps: impl IntoIterator<Item = Step>) -> Form {
    Form { path: path.into(), draft: draft.into(), steps: steps.into_iter().collect(), save }
}

fn types(test_id: &str, text: &'static str) -> Step {
    Type(on(test_id), text)
}

fn chooses_second(test_id: &str) -> Step {
    Choose(format!("{} button:nth-child(2)", on(test_id)))
}

#[tokio::test(flavor = "multi_thread")]
async fn n3_what_was_typed_into_any_form_outlives_the_battery() -> Result {
    let server = Server::start(Company::Demo).await?;
    let app = server.url();
    let rep = Account::log_in(&app, "rep1", DEMO_PASSWORD).await?.holdings().await?;
    let known = first::<Customer>(&rep, |customer| !customer.profile.needs.is_empty())?;
    let forms = of_a_rep(&rep, known.id)?;
    let mut tablet = begin(&app, "rep1", Device::tablet("tablet")).await?;
    type_all(&tablet, &app, &forms).await?;
    lose_power(&mut tablet).await?;

    // Meanwhile the manager changes a field of a customer whose other field is in the rep's draft.
    let office = Account::log_in(&app, "manager", DEMO_PASSWORD).await?.holdings().await?;
    let mut desk = begin(&app, "manager", Device::desktop("desk")).await?;
    desk.goto(&format!("{app}/customers/{}/edit", known.id)).await?;
    desk.fill(&on("customer-company"), "新公司").await?;
    desk.click(&on("customer-save")).await?;
    desk.wait_for(&on("customer-detail")).await?;
    wait_until_synced(&desk).await?;

    unlock(&tablet).await?;
    wait_until_synced(&tablet).await?;
    // Thrown away, and taken back.
    tablet.goto(&format!("{app}/customers/new")).await?;
    tablet.click(&on("draft-away")).await?;
    wait_for_value(&tablet, &on("customer-name"), "").await?;
    assert!(!drafts(&tablet).await?.contains(&"customer".to_owned()));
    tablet.click(&on("toast-undo")).await?;
    wait_for_value(&tablet, &on("customer-name"), "紀草稿").await?;
    save_all(&tablet, &app, &forms).await?;
    tablet.goto(&format!("{app}/customers/new")).await?;
    wait_for_value(&tablet, &on("customer-name"), "").await?;
    assert!(!tablet.seen(&on("draft-note")).await?, "a draft that was saved does not come back");

    let forms = of_a_manager(&office)?;
    type_all(&desk, &app, &forms).await?;
    lose_power(&mut desk).await?;
    unlock(&desk).await?;
    save_all(&desk, &app, &forms).await?;

    let mut admin = begin(&app, "admin", Device::desktop("admin")).await?;
    let forms = of_an_administrator();
    type_all(&admin, &app, &forms).await?;
    lose_power(&mut admin).await?;
    unlock(&admin).await?;
    admin.run("window.open('/people', 'second')", json!([])).await?;
    let second = "const page = window.open('', 'second').document, find = name => page.querySelector(`[data-testid=${name}]`);";
    admin.wait_until("open the second tab", &format!("{second} return find('people-add') != null")).await?;
    save_all(&admin, &app, &forms).await?;
    // The other tab has opened with the draft in memory, and hears that it is none any more.
    let is_empty = "const field = find('person-name');
        if (field?.value === '') return true;
        (field ? field.closest('dialog').querySelector('.sheet-head button') : find('people-add')).click()";
    admin.wait_until("find the form empty in the second tab", &format!("{second} {is_empty}")).await?;

    wait_until_synced(&tablet).await?;
    let after = Account::log_in(&app, "manager", DEMO_PASSWORD).await?.holdings().await?;
    let profile = first::<Customer>(&after, |customer| customer.id == known.id)?.profile;
    assert_eq!((profile.name.as_str(), profile.company.as_str()), ("紀改名", "新公司"), "a draft does not undo what a colleague has changed");
    for browser in [&tablet, &desk, &admin] {
        assert_eq!(browser.console_errors().await?, Vec::<String>::new());
    }
    Ok(())
}

fn of_a_rep(rep: &Holdings, known: CustomerId) -> Result<Vec<Form>> {
    let meeting = first::<Meeting>(rep, |meeting| meeting.plan.theme == "好水好眠生活體驗會")?.id;
    let buyer = first::<Customer>(rep, |customer| customer.id != known)?.id;
    let consenting = first::<Customer>(rep, |customer| customer.id != known && !customer.profile.consents.is_empty())?.id;
    let quoted = first::<Deal>(rep, |deal| deal.stage == Stage::Quoted && deal.approval.is_none())?.id;
    let signed = first::<Deal>(rep, |deal| deal.stage == Stage::Signed && deal.open().minor > 0)?.id;
    let refused = first::<Deal>(rep, |deal| deal.lacks_approval() && deal.waiting().is_none())?.id;
    let approved = first::<Deal>(rep, |deal| deal.stage == Stage::Quoted && deal.approval.is_some() && !deal.lacks_approval())?.id;
    Ok(vec![
        form(
            "/customers/new",
            "customer",
            "customer-save",
            [
                types("customer-name", "紀草稿"),
                types("customer-phone-input", "0955000111"),
                Open("customer-more"),
                types("customer-needs", "想裝淨水器"),
                types("consent-purpose", "電話與簡訊邀約"),
            ],
        ),
        form(
            format!("/customers/{consenting}"),
            format!("withdraw/{consenting}"),
            "withdraw-save",
            [Open("consent-withdraw"), types("withdraw-how", "來電要求")],
        ),
        form(format!("/customers/{known}/edit"), format!("customer/{known}"), "customer-save", [types("customer-name", "紀改名")]),
        // Before a contact does what is first on that list.
        form("/follow-ups", "follow-up/", "follow-up-drop", [Open("follow-up-change"), types("follow-up-reason", "客戶搬家了")]),
        form(
            format!("/customers/{known}"),
            format!("contact/{known}"),
            "log-save",
            [Open("customer-log"), chooses_second("log-way"), chooses_second("log-came"), types("log-words", "想換大台的")],
        ),
        form(
            format!("/customers/{known}"),
            format!("complaint/{known}"),
            "complaint-report",
            [Open("customer-complain"), types("complaint-what", "濾心座漏水")],
        ),
        form("/complaints", "complaint-step/", "complaint-note", [Open("complaint-row"), types("complaint-said", "已換上新的濾心座")]),
        form(
            format!("/venue/{meeting}/walk-in"),
            format!("walk-in/{meeting}"),
            "walk-in-save",
            [
                types("walk-in-name", "紀臨門"),
                types("walk-in-phone", "0955000222"),
                chooses_second("walk-in-salutation"),
                types("walk-in-company", "臨門公司"),
            ],
        ),
        form(
            format!("/deals/new?customer={buyer}"),
            format!("order/{buyer}"),
            "deal-open",
            [
                Press("product-more"),
                Says(on("product-quantity"), "1"),
                types("deal-discount", "9"),
                types("deal-approval-reason", "介紹了兩位朋友"),
                types("deal-deposit", "1000"),
            ],
        ),
        form(
            format!("/deals/{refused}/change"),
            format!("deal/{refused}"),
            "deal-open",
            [types("deal-discount", "7"), types("deal-approval-reason", "已說明差別")],
        ),
        form(
            format!("/deals/{quoted}"),
            format!("cancel-deal/{quoted}"),
            "deal-cancel-confirm",
            [Open("deal-cancel"), types("deal-cancel-reason", "改買別家")],
        ),
        form(
            format!("/deals/{signed}"),
            format!("payment/{signed}"),
            "payment-save",
            [types("payment-amount", "1200"), chooses_second("payment-method")],
        ),
        form(
            format!("/deals/{signed}/version"),
            format!("version/{signed}"),
            "deal-open",
            [Press("product-more"), chooses_second("deal-parts"), types("deal-deposit", "900")],
        ),
        form(
            format!("/deals/{signed}"),
            format!("ask-cancellation/{signed}"),
            "deal-ask-cancel-confirm",
            [Open("deal-ask-cancel"), types("deal-ask-cancel-reason", "客戶改變主意")],
        ),
        form(format!("/deals/{approved}/sign"), format!("sign/{approved}"), "sign-submit", [types("sign-signer", "紀代簽"), Sign]),
        form(
            format!("/meetings/{meeting}/invitations"),
            format!("invitations/{meeting}"),
            "plan-submit",
            [chooses_second("plan-channel"), Pick(on("plan-due"), "2030-01-02T10:00")],
        ),
        form(
            "/calls",
            "call/",
            "declined-save",
            [
                types("desk-question", "可以帶小孩嗎"),
                Open("result-declined"),
                chooses_second("declined-reasons"),
                types("declined-words", "那天要上班"),
            ],
        ),
    ])
}

fn of_a_manager(office: &Holdings) -> Result<Vec<Form>> {
    let paid = first::<Deal>(office, |deal| deal.stage == Stage::Signed && deal.payments.len() == 1)?;
    let payment = paid.payments[0].id;
    // Above what a supervisor may give.
    let waiting = first::<Deal>(office, |deal| deal.waiting().is_some() && deal.discount > 1_000)?.id;
    let meeting = first::<Meeting>(office, |meeting| meeting.plan.theme == "好水好眠生活體驗會")?.id;
    Ok(vec![
        form(
            "/customers",
            "export",
            "export-now",
            [Open("customers-export"), chooses_second("export-format"), types("export-reason", "寄送草稿禮品")],
        ),
        form(
            "/products",
            "product",
            "product-save",
            [Open("products-add"), types("product-name", "草稿濾心"), types("product-price", "1280"), types("product-description", "每年一支")],
        ),
        form(
            "/promotions",
            "promotion",
            "promotion-save",
            [
                Open("promotion-add"),
                types("promotion-name", "草稿優惠"),
                Pick(on("promotion-opens"), "2030-01-01T00:00"),
                Pick(on("promotion-closes"), "2030-02-01T00:00"),
                Choose(format!("{} button:nth-child(1)", on("promotion-products"))),
                types("promotion-quantity", "2"),
                types("promotion-amount", "5"),
                types("promotion-first", "10"),
            ],
        ),
        form(
            "/meetings/new",
            "meeting",
            "meeting-save",
            [
                types("meeting-theme", "草稿說明會"),
                Pick(on("meeting-starts"), "2030-01-02T14:00"),
                Says(on("meeting-ends"), "2030-01-02T16:00"),
                types("meeting-venue-name", "草稿會館"),
                Press("agenda-add"),
                Pick(format!("{} input[type=time]", on("agenda-line")), "14:30"),
                Type(format!("{} .field:nth-child(2) input", on("agenda-line")), "開場"),
            ],
        ),
        form(
            format!("/deals/{waiting}"),
            format!("discount-refusal/{waiting}"),
            "discount-refuse-confirm",
            [Open("discount-refuse"), types("discount-refuse-reason", "最多一成")],
        ),
        form(
            format!("/deals/{}", paid.id),
            format!("void/{payment}"),
            "payment-void-confirm",
            [Open("payment-void"), types("payment-void-reason", "同一筆記了兩次")],
        ),
        form(format!("/venue/{meeting}/desks"), format!("desk/{meeting}"), "desk-add", [types("desk-new-name", "側門")]),
        form(
            format!("/venue/{meeting}/seats"),
            format!("tables/{meeting}"),
            "tables-draw",
            [Open("seats-arrange"), chooses_second("tables-shape"), types("tables-count", "2"), types("tables-seats", "6")],
        ),
        form(
            format!("/meetings/{meeting}/stock"),
            format!("item/{meeting}"),
            "item-save",
            [Open("stock-add"), types("item-name", "草稿提袋"), types("item-planned", "30"), chooses_second("item-sort")],
        ),
        form(
            "/analysis",
            "target/",
            "target-save",
            [Open("target-set"), Pick(on("target-of"), "0"), types("target-amount", "500000"), types("target-deals", "12")],
        ),
        form(
            "/analysis",
            "finding/",
            "measure-save",
            [
                Open("measure-add"),
                types("measure-finding-text", "回購少了三成"),
                types("measure-what", "每月回訪"),
                Pick(on("measure-owner"), "0"),
                Pick(on("measure-until"), "2030-01-31"),
            ],
        ),
        form("/quarantine", "held/", "held-set-aside-now", [Open("held-set-aside"), types("held-reason", "已另外補登")]),
    ])
}

fn of_an_administrator() -> Vec<Form> {
    vec![
        form(
            "/people",
            "person",
            "person-save",
            [Open("people-add"), types("person-name", "紀新人"), types("person-login", "newcomer"), Pick(on("person-team"), "0")],
        ),
        form(
            "/settings/texts/invite/sms",
            "template/settings/texts/invite/sms/",
            "template-save",
            [types("template-text", "{customer}您好，{theme}")],
        ),
        form("/settings/contract", "contract-template/", "template-save", [types("template-text", "{number} {org} {buyer} {items} {total}")]),
        form("/settings", "entry/refusal_reasons", "entry-save", [Open("entry-add-reason"), types("entry-zh-hant", "這個月太忙")]),
        form(
            "/settings",
            "wording",
            "wording-save",
            [Open("wording-add"), types("wording-phrase", "名額有限"), types("wording-why-hant", "改說還有幾個位子")],
        ),
        form("/people", "team", "team-save", [Open("people-add-team"), types("team-name", "草稿組")]),
    ]
}

async fn begin(app: &str, login: &str, device: Device) -> Result<Browser> {
    let browser = Browser::start(device).await?;
    log_in(&browser, app, login).await?;
    wait_until_synced(&browser).await?;
    Ok(browser)
}

async fn type_all(browser: &Browser, app: &str, forms: &[Form]) -> Result {
    for form in forms {
        browser.goto(&format!("{app}{}", form.path)).await?;
        for step in &form.steps {
            match step {
                Open(button) | Press(button) => press(browser, &on(button)).await?,
                Type(field, text) => browser.fill(field, text).await?,
                Pick(field, value) => browser.set(field, value).await?,
                Choose(chip) => press(browser, chip).await?,
                Says(..) | Sign => {}
            }
        }
        browser.wait_for(&format!("{}[data-drafts-stored=true]", on("sync-chip"))).await?;
        assert!(form.has_draft(browser).await?, "{}", form.draft);
    }
    Ok(())
}

/// A button, out from under the bar at the page's end.
async fn press(browser: &Browser, css: &str) -> Result {
    browser.wait_for(css).await?;
    browser.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", json!([css])).await?;
    browser.click(css).await
}

/// Killed and started again: the lock page is shown.
async fn lose_power(browser: &mut Browser) -> Result {
    browser.wait_for_cookie_on_disk("huixiao").await?;
    let address = browser.url().await?;
    browser.kill();
    browser.restart().await?;
    browser.goto(&address).await?;
    browser.wait_for(&on("unlock-password")).await
}

/// Everything is there as it was typed; saved, it is no draft any more.
async fn save_all(browser: &Browser, app: &str, forms: &[Form]) -> Result {
    for form in forms {
        browser.goto(&format!("{app}{}", form.path)).await?;
        for step in &form.steps {
            match step {
                // What is unfolded already would fold.
                Open("customer-more") => browser.wait_for(&on("customer-needs")).await?,
                Open(button) => press(browser, &on(button)).await?,
                Type(field, value) | Pick(field, value) | Says(field, value) => wait_for_value(browser, field, value).await?,
                Choose(chip) => browser.wait_for(&format!("{chip}[aria-pressed=true]")).await?,
                Press(_) => {}
                Sign => give_signature(browser).await?,
            }
        }
        browser.wait_for(&on("draft-note")).await?;
        browser.click(&on(form.save)).await?;
        let gone = async || Ok((!form.has_draft(browser).await?).then_some(()));
        browser.until(&format!("save {}", form.draft), Duration::from_secs(20), gone).await?;
    }
    assert_eq!(drafts(browser).await?, Vec::<String>::new());
    Ok(())
}

/// The names of all drafts as they are stored, which stand in the clear.
async fn drafts(browser: &Browser) -> Result<Vec<String>> {
    const READ: &str = "const heard = request => new Promise((resolve, reject) => {
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
        return (async () => {
            const { name } = (await indexedDB.databases()).find(database => database.name.startsWith('huixiao-sealed-'));
            const database = await heard(indexedDB.open(name));
            try {
                return await heard(database.transaction('drafts').objectStore('drafts').getAllKeys());
            } finally {
                database.close();
            }
        })()";
    Ok(serde_json::from_value(browser.run(READ, json!([])).await?)?)
}

async fn wait_for_value(browser: &Browser, field: &str, value: &str) -> Result {
    let says = format!("return document.querySelector({})?.value === {}", json!(field), json!(value));
    browser.wait_until(&format!("see {value:?} in {field}"), &says).await.map(drop)
}

fn first<T: Entity>(holdings: &Holdings, fits: impl Fn(&T) -> bool) -> Result<T> {
    holdings.all()?.into_iter().find(fits).ok_or_else(|| Trouble::new(format!("the demo company has no {} that fits", T::KIND.name())))
}
