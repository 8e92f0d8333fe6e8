//! The real server as a process: what it has said is kept through SIGTERM and SIGKILL.

use shared::customers::Customer;
use shared::people::User;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Result};

#[tokio::test]
async fn a_session_and_all_rows_outlive_a_stop_and_a_kill() -> Result {
    let mut server = Server::start(Company::Demo).await?;
    let manager = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let before = manager.holdings().await?;
    assert!(before.all::<User>()?.len() > 3, "the demo company has people");

    server.stop().await?;
    server.restart().await?;
    assert_eq!(manager.holdings().await?, before);

    server.kill();
    server.restart().await?;
    assert_eq!(manager.holdings().await?, before);
    Ok(())
}

#[tokio::test]
async fn an_empty_company_has_one_administrator_and_the_password_stands_in_the_first_start() -> Result {
    let server = Server::start(Company::Empty).await?;
    let log = server.log();
    let password = log.lines().find_map(|line| line.strip_prefix("Password: ")).expect("the first start tells the password");
    let administrator = Account::log_in(&server.url(), "admin", password).await?;
    let holdings = administrator.holdings().await?;
    assert_eq!((holdings.all::<User>()?.len(), holdings.all::<Customer>()?.len()), (1, 0));
    assert!(Account::log_in(&server.url(), "admin", DEMO_PASSWORD).await.is_err());
    Ok(())
}
