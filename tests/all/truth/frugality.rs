//! What a sync costs in requests, beside what another client's order of calls costs.

use serde_json::json;

use super::{START, day, settled};
use crate::bank::{Bank, Endpoint, Poll, Shown, Story, World};
use crate::home::Home;
use crate::sandbox::caller::Caller;

/// A job that takes a minute: looked at every 5 s, as this program does.
const OUR_LOOKS: usize = 12;

/// The same job, looked at every 4 s, as Sure does.
const SURES_LOOKS: usize = 15;

/// Three logins with four accounts each, read once.
fn twelve_accounts() -> Home {
    let mut world = World::new(day("2026-03-04"));
    let user = world.add_user("smith");
    for bank in 1..=3 {
        let login = user.add_login(&format!("Bank {bank}"));
        for nth in 1..=4 {
            let account = login.add_account(&format!("Account {bank}{nth}"));
            account.opening("1000.00").add_row("2026-03-02", "-18.40", "GREEN GROCER");
        }
    }
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    home.bank.forget_calls();
    home
}

/// Lets every job be seen running until it is done at a given look.
fn jobs_take(bank: &Bank, looks: usize) {
    bank.edit(|world| {
        for login in world.users.iter_mut().flat_map(|user| &mut user.logins) {
            let running = std::iter::repeat_with(Poll::running).take(looks - 1);
            login.refresh = Story::told(running.chain([Poll::done()]));
        }
    });
}

/// Plays the calls of one sync in Sure's order: the health check, the logins, the accounts of each
/// login, and for each account a refresh of its own, looks at it until it is done, and its rows.
/// Gives how many calls that were.
fn as_sure_does(bank: &Bank) -> usize {
    bank.forget_calls();
    let caller = Caller::family(bank, "smith");
    caller.get("/Institution/HealthCheckAuth");
    let user = json!({ "UserID": caller.user_id() });
    let logins = caller.post("/UserInstitution/GetUserInstitutionsByUser", &user);
    for login in logins.column("UserInstitutionID") {
        let login = json!({ "UserInstitutionID": login });
        let accounts = caller.post("/UserInstitution/GetUserInstitutionAccounts", &login);
        for account in accounts.column("AccountID") {
            let refresh = json!({ "AccountID": account });
            let path = "/UserInstitutionAccount/RefreshUserInstitutionAccount";
            let job = json!({ "JobID": caller.post(path, &refresh).json()["JobID"] });
            while caller.post("/Job/GetJobInformationByID", &job).json()["SuccessFlag"] != true {}
            let rows = json!({ "AccountID": account, "StartDate": START, "EndDate": "2026-03-06" });
            caller.post("/Transaction/GetTransactionsByTransactionDate", &rows);
        }
    }
    let calls = bank.calls();
    assert!(calls.iter().all(|call| call.status == 200), "{calls:#?}");
    calls.len()
}

#[allow(clippy::print_stderr, reason = "figures to look at beside those of the other client")]
fn fewer_by(tenths: usize, what: &str, ours: usize, sures: usize) {
    eprintln!("{what}: {ours} requests, in Sure's order {sures}");
    assert!(sures * 10 >= tenths * ours, "{what}: {ours} against {sures}");
}

#[test]
fn without_news_a_login_costs_one_request() {
    let home = twelve_accounts();
    home.run(&["sync"]).ends_with(0);
    let ours = home.bank.calls().len();
    assert!(ours <= 4, "{ours} requests");
    assert_eq!(home.bank.count(Endpoint::Accounts), 3, "the list of each login");
    // The quickest job there can be: it is done at the first look.
    jobs_take(&home.bank, 1);
    fewer_by(90, "without a refresh due", ours, as_sure_does(&home.bank));
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn a_refresh_that_is_due_is_one_a_login_and_none_an_account() {
    let mut home = twelve_accounts();
    home.sleep_until(day("2026-03-05"));
    jobs_take(&home.bank, OUR_LOOKS);
    home.run(&["sync"]).ends_with(0);
    let ours = home.bank.calls().len();
    let count = |endpoint| home.bank.count(endpoint);
    assert_eq!((count(Endpoint::RefreshLogin), count(Endpoint::RefreshAccount)), (3, 0));
    assert_eq!(count(Endpoint::Job), 3 * OUR_LOOKS);
    assert_eq!((count(Endpoint::Accounts), count(Endpoint::Transactions)), (3, 12));
    jobs_take(&home.bank, SURES_LOOKS);
    fewer_by(35, "with a refresh of a minute", ours, as_sure_does(&home.bank));
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.bank.count(Endpoint::RefreshLogin), 0, "no longer due");
}

#[test]
fn one_new_row_costs_one_read_of_rows() {
    let home = twelve_accounts();
    home.bank.edit(|world| {
        let account = world.accounts_mut().nth(6).expect("an account");
        account.add_row("2026-03-04", "-7.00", "NEWS").shown(Shown::AfterRefresh);
        account.publish(day("2026-03-04"));
    });
    let told = home.run(&["sync"]).ends_with(0).out;
    assert!(told.contains("smith/account-23: 1 new"), "{told}");
    assert_eq!(home.bank.count(Endpoint::Transactions), 1, "one account, one window");
    assert_eq!(home.bank.calls().len(), 4);
    assert_eq!(home.bank.violations(), [""; 0]);
}
