//! The sandbox's banks may be connected where that is allowed, and only there.

use serde_json::{Value, json};

use crate::bank::{Bank, Endpoint, Fault, Form, Fresh, TEST_BANKS, Transport, World, day};

use super::caller::{Caller, Got};

const NO_MFA: &str = "926623ca-5952-4921-8f77-2023f1cdde8e";

fn world() -> World {
    let mut world = World::new(day("2026-03-04"));
    world.add_user("smith");
    world.open_test_banks();
    world
}

/// A family that asks a bank.
struct Family<'a>(Caller<'a>);

impl<'a> Family<'a> {
    fn of(bank: &'a Bank) -> Self {
        Self(Caller::family(bank, "smith"))
    }

    fn create(&self, how: &str, institution: &str, more: &Value) -> Got {
        let mut body = json!({
            "UserID": self.0.user_id(), "InstitutionID": institution,
            "UserName": "alex", "Password": "word",
        });
        for (key, value) in more.as_object().expect("an object") {
            body[key] = value.clone();
        }
        self.0.post(&format!("/UserInstitution/CreateUserInstitution{how}"), &body)
    }

    fn about(&self, method: &str, login: &str) -> Got {
        self.0.post(&format!("/UserInstitution/{method}"), &json!({"UserInstitutionID": login}))
    }

    fn logins(&self) -> Vec<String> {
        let body = json!({"UserID": self.0.user_id()});
        self.0.post("/UserInstitution/GetUserInstitutionsByUser", &body).column("UserInstitutionID")
    }

    fn accounts(&self, login: &str) -> Vec<String> {
        self.about("GetUserInstitutionAccounts", login).column("AccountID")
    }

    /// Polls a job until it is over, and gives its last record.
    fn end_of(&self, job: &str) -> Value {
        for _ in 0..10 {
            let record = self.0.post("/Job/GetJobInformationByID", &json!({"JobID": job})).json();
            if !record["SuccessFlag"].is_null() {
                return record;
            }
        }
        panic!("it never ends");
    }

    fn rows(&self, account: &str) -> usize {
        let body =
            json!({"AccountID": account, "StartDate": "2018-01-01", "EndDate": "2026-12-31"});
        self.0
            .post("/Transaction/GetTransactionsByTransactionDate", &body)
            .column("TransactionID")
            .len()
    }
}

fn ids(got: &Got) -> (String, String) {
    let answer = got.json();
    let text = |key: &str| answer[key].as_str().expect(key).to_owned();
    (text("UserInstitutionID"), text("JobID"))
}

#[test]
fn a_new_login_brings_accounts_and_as_many_rows_as_its_depth() {
    for (how, rows, after_refresh) in [("", 0, 3), ("WithRefresh", 3, 3), ("WithFullHistory", 5, 5)]
    {
        let bank = Bank::start(world());
        let family = Family::of(&bank);
        let (login, job) = ids(&family.create(how, NO_MFA, &json!({})));
        assert_eq!(family.accounts(&login), [""; 0], "nothing before the job");
        let record = family.end_of(&job);
        assert_eq!(
            (&record["SuccessFlag"], &record["JobType"]),
            (&json!(true), &json!("AddAccounts"))
        );
        let accounts = family.accounts(&login);
        assert_eq!((accounts.len(), family.rows(&accounts[0])), (5, rows), "{how}");
        let balance = |bank: &Bank| bank.edit(|world| world.truth(&accounts[0]).balance);
        assert_eq!(balance(&bank).as_deref(), Some("2010.30"), "{how}");
        let refresh = family.about("RefreshUserInstitution", &login).json();
        family.end_of(refresh["JobID"].as_str().expect("a job"));
        assert_eq!(family.rows(&accounts[0]), after_refresh, "{how}");
        assert_eq!(balance(&bank).as_deref(), Some("2010.30"), "{how}");
        let kept = bank.edit(|world| world.truth(&accounts[0]).day);
        assert_eq!(kept, day("2026-03-04"));
        assert_eq!(bank.violations(), [""; 0]);
    }
}

#[test]
fn nothing_is_connected_that_the_world_does_not_allow() {
    let mut closed = World::new(day("2026-03-04"));
    let login = closed.add_user("smith").add_login("Sandbox Bank").id.clone();
    let bank = Bank::start(closed);
    let family = Family::of(&bank);
    assert_eq!(family.create("", NO_MFA, &json!({})).status, 403);
    for method in ["UpdateUserInstitution", "RetryAddingUserInstitution", "DeleteUserInstitution"] {
        assert_eq!(family.about(method, &login).status, 403, "{method}");
    }
    assert_eq!((bank.violations().len(), family.logins()), (4, vec![login]));
    let other = family.create("", NO_MFA, &json!({"UserID": NO_MFA}));
    assert_eq!(other.status, 404, "another's user id");
}

#[test]
fn what_the_form_asks_for_must_be_there() {
    let mut world = world();
    let form = Form { password: "None".to_owned(), ..Form::default() };
    world.branch_mut("Sophtron Bank NoMFA").institution.form =
        form.field("PIN", "Your PIN", false).field("CompanyID", "Company", true);
    let bank = Bank::start(world);
    let family = Family::of(&bank);
    let body = json!({"InstitutionID": NO_MFA});
    let form = family.0.post("/Institution/GetInstitutionByID", &body).json();
    let form = &form["InstitutionDetail"];
    assert_eq!(
        (&form["LoginFormPassword"], &form["LoginFormFields"][0]["MappedField"]),
        (&json!("None"), &json!("PIN"))
    );
    for (more, taken) in [
        (json!({}), false),
        (json!({"PIN": "1"}), false),
        (json!({"Password": null}), false),
        (json!({"PIN": "1", "Password": ""}), true),
    ] {
        let got = family.create("", NO_MFA, &more);
        assert_eq!(got.text() != "-1", taken, "{more}");
    }
    assert_eq!(family.logins().len(), 1);
}

#[test]
fn a_wrong_password_fails_at_the_form_until_it_is_corrected() {
    let mut world = world();
    world.branch_mut("Sophtron Bank NoMFA").customer =
        Some(("alex".to_owned(), "right".to_owned()));
    let bank = Bank::start(world);
    let family = Family::of(&bank);
    let (login, job) = ids(&family.create("WithRefresh", NO_MFA, &json!({})));
    let record = family.end_of(&job);
    assert_eq!(
        (&record["SuccessFlag"], &record["LastStep"]),
        (&json!(false), &json!("LogInPanel"))
    );
    let update = |password: &str| {
        let body = json!({"UserInstitutionID": login, "UserName": "alex", "Password": password});
        family.0.post("/UserInstitution/UpdateUserInstitution", &body).text().to_owned()
    };
    let again = || {
        let job = family.about("RetryAddingUserInstitution", &login).json();
        family.end_of(job["JobID"].as_str().expect("a job"))["SuccessFlag"].clone()
    };
    assert_eq!((update(""), again()), ("-1".to_owned(), json!(false)));
    assert_eq!((update("wrong"), again()), ("0".to_owned(), json!(false)));
    assert_eq!((update("right"), again()), ("0".to_owned(), json!(true)));
    assert_eq!((family.logins().len(), family.accounts(&login).len()), (1, 5));
}

#[test]
fn a_new_login_is_not_seen_everywhere_at_once() {
    let mut world = world();
    let old = world.user_mut("smith").add_login("Sandbox Bank").id.clone();
    world.fresh = Fresh { unlisted: 1, alone: 2, unknown: 2 };
    let bank = Bank::start(world);
    let family = Family::of(&bank);
    let (login, job) = ids(&family.create("WithRefresh", NO_MFA, &json!({})));
    family.end_of(&job);
    let lists = [(); 4].map(|()| family.logins().len());
    assert_eq!(lists, [0, 1, 1, 2], "missing, alone, alone, one of two");
    let seen = [(); 3].map(|()| family.about("GetUserInstitutionAccounts", &login).status);
    assert_eq!(seen, [404, 404, 200]);
    assert_eq!(family.logins(), [old, login]);
}

#[test]
fn a_lost_answer_has_had_its_effect() {
    let bank = Bank::start(world());
    let family = Family::of(&bank);
    bank.edit(|world| {
        let lost = Fault::Transport(Transport::ResetAtOnce);
        world.fault(lost).on(Endpoint::CreateWithRefresh).on(Endpoint::DeleteLogin);
    });
    assert_eq!(family.create("WithRefresh", NO_MFA, &json!({})).status, 0);
    let logins = family.logins();
    assert_eq!(logins.len(), 1);
    let retried = family.about("RetryAddingUserInstitution", &logins[0]).json();
    assert_eq!(family.end_of(retried["JobID"].as_str().expect("a job"))["SuccessFlag"], true);
    let first = bank.edit(|world| world.jobs[0].clone());
    assert!(!first.is_open(), "one job a login");
    assert_eq!(family.about("DeleteUserInstitution", &logins[0]).status, 0);
    assert_eq!((family.logins().len(), bank.edit(|world| world.accounts().count())), (0, 0));
    assert_eq!(bank.violations(), [""; 0]);
}

#[test]
fn a_search_finds_every_bank_that_has_the_words() {
    let bank = Bank::start(world());
    let family = Family::of(&bank);
    let named = |text: &str| {
        let body = json!({"InstitutionName": text});
        family.0.post("/Institution/GetInstitutionByName", &body).column("InstitutionName")
    };
    assert_eq!(named("bank multiple sophtron"), ["Sophtron Bank SecurityQuestion Multiple"]);
    assert_eq!(named("Sophtron Bank").len(), TEST_BANKS.len());
    assert_ne!(named("Sophtron Bank")[0], "Sophtron Bank", "the first is not always the best");
    assert_eq!(named("nobody"), [""; 0]);
}
