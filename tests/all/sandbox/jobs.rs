//! Refresh jobs, plain and odd.

use serde_json::{Value, json};

use crate::bank::{Bank, Json, Poll, SecondRefresh, Shown, Story, World, day};

use super::caller::{Caller, Got};

/// A family whose account has a row that only a refresh brings.
fn bank(story: Story) -> Bank {
    let mut world = World::new(day("2026-03-04"));
    let login = world.add_user("smith").add_login("Sandbox Bank");
    login.refresh = story;
    let account = login.add_account("Checking");
    account.opening("10.00").add_row("2026-03-01", "-1.00", "OLD");
    account.add_row("2026-03-05", "-2.50", "NEWS").shown(Shown::AfterRefresh);
    world.today = day("2026-03-05");
    Bank::start(world)
}

struct Session<'a> {
    caller: Caller<'a>,
    login: String,
    account: String,
}

impl<'a> Session<'a> {
    fn new(bank: &'a Bank) -> Self {
        let (login, account) = bank.edit(|world| {
            let login = &world.user("smith").logins[0];
            (login.id.clone(), login.accounts[0].id.clone())
        });
        Self { caller: Caller::family(bank, "smith"), login, account }
    }

    fn refresh(&self) -> Got {
        let body = json!({"UserInstitutionID": self.login});
        self.caller.post("/UserInstitution/RefreshUserInstitution", &body)
    }

    fn start(&self) -> String {
        self.refresh().json()["JobID"].as_str().expect("a JobID").to_owned()
    }

    fn poll(&self, job: &str) -> Got {
        self.caller.post("/Job/GetJobInformationByID", &json!({"JobID": job}))
    }

    /// `SuccessFlag` and `LastStatus` of so many polls.
    fn polls(&self, job: &str, count: usize) -> Vec<(Value, Value)> {
        let records = (0..count).map(|_| self.poll(job).json());
        records.map(|one| (one["SuccessFlag"].clone(), one["LastStatus"].clone())).collect()
    }

    fn rows(&self) -> usize {
        let body =
            json!({"AccountID": self.account, "StartDate": "2026-01-01", "EndDate": "2026-12-31"});
        let got = self.caller.post("/Transaction/GetTransactionsByTransactionDate", &body);
        got.column("Description").len()
    }

    /// The balance's digits and `LastUpdated`.
    fn account(&self) -> (String, String) {
        let body = json!({"AccountID": self.account});
        let got = self.caller.post("/UserInstitutionAccount/GetUserInstitutionAccountByID", &body);
        let digits =
            got.text().split("\"Balance\":").nth(1).and_then(|text| text.split(',').next());
        let updated = got.json()["LastUpdated"].as_str().expect("a time").to_owned();
        (digits.expect("a balance").to_owned(), updated)
    }
}

#[test]
fn a_job_runs_for_its_polls_and_then_the_news_is_there() {
    let bank = bank(Story::running(2));
    let session = Session::new(&bank);
    assert_eq!(session.account(), ("9.00".to_owned(), "2026-03-04T07:12:09.54".to_owned()));
    let job = session.start();
    let running = (Value::Null, json!("Started"));
    assert_eq!(session.polls(&job, 2), [running.clone(), running]);
    assert_eq!(session.rows(), 1);
    assert_eq!(session.polls(&job, 1), [(json!(true), json!("Completed"))]);
    assert_eq!(session.rows(), 2);
    assert_eq!(session.account(), ("6.50".to_owned(), "2026-03-05T07:13:09.54".to_owned()));
    assert!(bank.violations().is_empty());
}

#[test]
fn a_second_refresh_is_a_violation_while_the_first_runs() {
    let bank = bank(Story::running(1));
    let session = Session::new(&bank);
    let job = session.start();
    assert_eq!(session.refresh().status, 409);
    assert_eq!(bank.violations().len(), 1);
    bank.edit(|world| world.second_refresh = SecondRefresh::SameJob);
    assert_eq!(session.start(), job);
    bank.edit(|world| world.second_refresh = SecondRefresh::NewJob);
    assert_ne!(session.start(), job);
    session.polls(&job, 2);
    assert_eq!(bank.violations().len(), 1);
}

#[test]
fn a_refresh_after_the_end_of_the_first_is_fine() {
    let bank = bank(Story::running(0));
    let session = Session::new(&bank);
    let first = session.start();
    session.poll(&first);
    session.poll(&session.start());
    assert!(bank.violations().is_empty());
    assert_eq!(session.account().1, "2026-03-05T07:14:09.54");
}

#[test]
fn accounts_may_be_ready_long_before_the_rows() {
    let story = Story::told([Poll::accounts_ready(), Poll::running(), Poll::done_with_rows_late()]);
    let bank = bank(story);
    let session = Session::new(&bank);
    let job = session.start();
    session.poll(&job);
    assert_eq!((session.account().0.as_str(), session.rows()), ("6.50", 1));
    session.polls(&job, 2);
    // The job is done, but its rows come only after they were asked for once in vain.
    assert_eq!((session.rows(), session.rows()), (1, 2));
    assert_eq!(session.account().0, "6.50");
}

#[test]
fn odd_ends_are_told_as_they_are() {
    for (poll, flag, status) in [
        (Poll::completed_without_flag(), Value::Null, "Completed"),
        (Poll::failed("Completed"), json!(false), "Completed"),
        (Poll::failed("Timeout"), json!(false), "Timeout"),
        (Poll::failed(""), json!(false), ""),
        (Poll::done().with_flag_as_text(), json!("true"), "Completed"),
    ] {
        let bank = bank(Story::told([poll]));
        let session = Session::new(&bank);
        let job = session.start();
        let told = (flag, json!(status));
        assert_eq!(session.polls(&job, 2), [told.clone(), told]);
    }
}

#[test]
fn a_job_may_have_no_id_be_unknown_or_ask_its_owner() {
    let no_id = bank(Story::running(1).without_id());
    assert_eq!(Session::new(&no_id).refresh().text(), "{}");

    let unknown = bank(Story::told([Poll::unknown(), Poll::done()]));
    let session = Session::new(&unknown);
    let job = session.start();
    assert_eq!((session.poll(&job).status, session.poll(&job).status), (404, 200));
    assert_eq!(session.poll("5d5b7a10-0000-4000-9000-0000000000aa").status, 404);

    let options = Json::text("[\"Text me at •••-0199\"]");
    let asks = bank(Story::told([Poll::challenge("TokenMethod", options)]));
    let session = Session::new(&asks);
    let job = session.start();
    let record = session.poll(&job).json();
    assert_eq!(record["TokenMethod"], "[\"Text me at •••-0199\"]");
    assert_eq!(record["SuccessFlag"], Value::Null);
    assert_eq!(session.rows(), 1);
}
