//! The whole state of the bank: families, logins, jobs, faults and the day.

use chrono::NaiveDate;

use super::account::Account;
use super::branch::{Branch, Fresh};
use super::fault::{Fault, Rule};
use super::ids::{access_key, guid};
use super::institution::Institution;
use super::job::{Job, Reveals, Story};
use super::json::{Json, Patch};
use super::row::Shown;
use super::sign;

/// What an id gets that does not exist or belongs to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownIds {
    /// 404.
    NotFound,
    /// An empty list from lists; 404 from the rest.
    Empty,
}

/// What a refresh gets while another one of its login runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondRefresh {
    /// It is refused, and is a violation.
    Violation,
    /// The job that runs.
    SameJob,
    /// A job of its own.
    NewJob,
}

/// The state of the bank.
#[derive(Debug)]
pub struct World {
    seed: u64,
    /// The day: a refresh copies the banks as of it.
    pub today: NaiveDate,
    /// The families.
    pub users: Vec<User>,
    /// The jobs so far.
    pub jobs: Vec<Job>,
    /// What goes wrong.
    pub rules: Vec<Rule>,
    /// Which signatures are accepted.
    pub signatures: sign::Mode,
    /// What unknown ids get.
    pub unknown_ids: UnknownIds,
    /// Whether refreshes are allowed; where not, each is refused and a violation.
    pub allow_refresh: bool,
    /// Whether answers are dated as of its day; where not, by the clock of this machine.
    pub tells_its_day: bool,
    /// What a refresh gets while another one runs.
    pub second_refresh: SecondRefresh,
    /// How many calls are left of the month; past it every call gets 429.
    pub quota: Option<u64>,
    /// The banks that may be connected; every other connection is refused and a violation.
    pub branches: Vec<Branch>,
    /// How long a new login is not seen everywhere.
    pub fresh: Fresh,
}

/// One family at the service.
#[derive(Debug)]
pub struct User {
    /// What we call it.
    pub name: String,
    /// The user id.
    pub id: String,
    /// The access key, base64.
    pub access_key: String,
    /// Its logins.
    pub logins: Vec<Login>,
    /// How many logins it ever had.
    pub(super) ever: usize,
    /// The login that is listed alone, and for how many lists more.
    pub(super) alone: Option<(String, u32)>,
    today: NaiveDate,
}

/// One login at one bank.
#[derive(Debug)]
pub struct Login {
    /// `UserInstitutionID`.
    pub id: String,
    /// The bank.
    pub institution: Institution,
    /// How its refreshes go.
    pub refresh: Story,
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// What its record says otherwise.
    pub patch: Patch,
    /// `UserName`: the login name at the bank.
    pub user_name: String,
    /// Whether the bank takes its login name and password.
    pub admitted: bool,
    /// For how many lists it is missing yet.
    pub(super) unlisted: u32,
    /// For how many calls its data is unknown yet.
    pub(super) unknown: u32,
    user_id: String,
    today: NaiveDate,
}

impl World {
    /// A world without families, on a day.
    pub fn new(today: NaiveDate) -> Self {
        Self::seeded(today, 0)
    }

    /// A world whose ids and keys follow from a seed.
    pub fn seeded(today: NaiveDate, seed: u64) -> Self {
        Self {
            seed,
            today,
            users: Vec::new(),
            jobs: Vec::new(),
            rules: Vec::new(),
            signatures: sign::Mode::Strict,
            unknown_ids: UnknownIds::NotFound,
            allow_refresh: true,
            tells_its_day: true,
            second_refresh: SecondRefresh::Violation,
            quota: None,
            branches: Vec::new(),
            fresh: Fresh::default(),
        }
    }

    /// Adds a family.
    pub fn add_user(&mut self, name: &str) -> &mut User {
        let id = guid(&["user", &self.seed.to_string(), name]);
        self.users.push(User {
            name: name.to_owned(),
            access_key: access_key(&id),
            id,
            logins: Vec::new(),
            ever: 0,
            alone: None,
            today: self.today,
        });
        self.users.last_mut().expect("one was added")
    }

    /// The family of that name.
    pub fn user(&self, name: &str) -> &User {
        let found = self.users.iter().find(|user| user.name == name);
        found.unwrap_or_else(|| panic!("no family {name}"))
    }

    /// The family of that name, to change it.
    pub fn user_mut(&mut self, name: &str) -> &mut User {
        let found = self.users.iter_mut().find(|user| user.name == name);
        found.unwrap_or_else(|| panic!("no family {name}"))
    }

    /// Every login.
    pub fn logins(&self) -> impl Iterator<Item = &Login> {
        self.users.iter().flat_map(|user| &user.logins)
    }

    /// Every account.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.logins().flat_map(|login| &login.accounts)
    }

    /// Every account, to change it.
    pub fn accounts_mut(&mut self) -> impl Iterator<Item = &mut Account> {
        let logins = self.users.iter_mut().flat_map(|user| &mut user.logins);
        logins.flat_map(|login| &mut login.accounts)
    }

    /// The login with that `UserInstitutionID`.
    pub fn login_mut(&mut self, id: &str) -> &mut Login {
        let mut logins = self.users.iter_mut().flat_map(|user| &mut user.logins);
        logins.find(|login| login.id == id).unwrap_or_else(|| panic!("no login {id}"))
    }

    /// The account with that `AccountID`.
    pub fn account(&self, id: &str) -> &Account {
        self.accounts()
            .find(|account| account.id == id)
            .unwrap_or_else(|| panic!("no account {id}"))
    }

    /// The account with that `AccountID`, to change it.
    pub fn account_mut(&mut self, id: &str) -> &mut Account {
        let found = self.accounts_mut().find(|account| account.id == id);
        found.unwrap_or_else(|| panic!("no account {id}"))
    }

    /// Makes something go wrong from now on, for every call; see [`Rule`] for fewer.
    pub fn fault(&mut self, fault: Fault) -> &mut Rule {
        self.rules.push(Rule::new(fault));
        self.rules.last_mut().expect("one was added")
    }

    /// Lets nothing go wrong any more.
    pub fn lift_faults(&mut self) {
        self.rules.clear();
    }

    /// Makes it that day, and every account copied on it.
    pub fn reveal_until(&mut self, day: NaiveDate) {
        self.today = day;
        for account in self.accounts_mut() {
            account.copied = day;
        }
    }

    /// Starts a job for a login, or for one account of it, and gives its id.
    pub fn start_job(&mut self, login: &str, account: Option<&str>) -> String {
        let id = guid(&["job", &self.seed.to_string(), &self.jobs.len().to_string()]);
        let login_now = self.login_mut(login);
        let story = login_now.refresh.clone();
        let story = if login_now.admitted { story } else { Story::refused_login() };
        self.jobs.push(Job::new(id.clone(), login, account, story));
        id
    }

    /// The job of a login that runs.
    pub fn open_job(&self, login: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.login == login && job.is_open())
    }

    /// Polls a job: what it reveals is readable, its record is returned; `None` where the
    /// service does not know it.
    pub fn poll_job(&mut self, id: &str) -> Option<Json> {
        let today = self.today;
        let job = self.jobs.iter_mut().find(|job| job.id.eq_ignore_ascii_case(id))?;
        let poll = job.poll();
        let json = job.json(&poll);
        // Only the first sight of a poll that is seen for ever reveals anything.
        let fresh = job.polled <= job.story.polls.len();
        let (login, account) = (job.login.clone(), job.account.clone());
        if fresh {
            let accounts = self.login_mut(&login).accounts.iter_mut();
            accounts
                .filter(|one| account.as_ref().is_none_or(|id| *id == one.id))
                .for_each(|account| reveal(account, poll.reveals, today));
        }
        poll.known.then_some(json)
    }
}

fn reveal(account: &mut Account, reveals: Reveals, today: NaiveDate) {
    match reveals {
        Reveals::Nothing => {}
        Reveals::Balances => {
            account.listed |= account.fresh;
            account.balance_copied = Some(today);
        }
        Reveals::All => {
            account.listed |= account.fresh;
            account.publish(today);
        }
        Reveals::RowsLate => {
            account.listed |= account.fresh;
            account.show(Shown::AfterRefresh, Shown::AfterRead);
            account.publish(today).balance_copied = Some(today);
        }
    }
}

impl User {
    /// Adds a login at a bank; a name of [`super::TEST_BANKS`] is that test bank.
    pub fn add_login(&mut self, bank: &str) -> &mut Login {
        self.add_login_at(Institution::named(bank))
    }

    /// Adds a login at a bank.
    pub fn add_login_at(&mut self, institution: Institution) -> &mut Login {
        let nth = self.ever.to_string();
        self.ever += 1;
        self.logins.push(Login {
            id: guid(&[&self.id, "login", &nth]),
            institution,
            refresh: Story::running(2),
            accounts: Vec::new(),
            patch: Patch::default(),
            user_name: "a.login.name.of.the.bank".to_owned(),
            admitted: true,
            unlisted: 0,
            unknown: 0,
            user_id: self.id.clone(),
            today: self.today,
        });
        self.logins.last_mut().expect("one was added")
    }

    /// Its accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.logins.iter().flat_map(|login| &login.accounts)
    }
}

impl Login {
    /// Connects the bank anew: the login, its accounts and their rows have other ids from now on.
    pub fn reconnect(&mut self) -> &mut Self {
        let anew = |id: &str| guid(&[id, "anew"]);
        self.id = anew(&self.id);
        for account in &mut self.accounts {
            account.id = anew(&account.id);
            account.rows.iter_mut().for_each(|row| row.id = anew(&row.id));
        }
        self
    }

    /// Adds an empty checking account in dollars.
    pub fn add_account(&mut self, name: &str) -> &mut Account {
        let id = guid(&[&self.id, "account", &self.accounts.len().to_string()]);
        self.accounts.push(Account::new(id, name, self.today));
        self.accounts.last_mut().expect("one was added")
    }

    /// The record that is sent.
    pub fn json(&self) -> Json {
        self.patch.onto([
            ("UserID", Json::text(&self.user_id)),
            ("InstitutionID", Json::text(&self.institution.id)),
            ("UserInstitutionID", Json::text(&self.id)),
            ("UserName", Json::text(&self.user_name)),
            ("CompanyID", Json::null()),
            ("OwnerName", Json::text("Alex Q. Owner")),
            ("Address", Json::text("1 Sandbox Street")),
            ("Phone", Json::text("['Home: 555-0100', 'Work: 555-0101']")),
            ("Email", Json::text("['owner@example.org']")),
            ("LastModified", Json::Text(format!("{}T07:12:09.54", self.today))),
        ])
    }
}
