//! The eight test banks of the real service: what each asks, and the data that all of them show,
//! frozen years ago.

use super::account::Account;
use super::branch::Branch;
use super::challenge::Challenge;
use super::institution::{Form, Institution, TEST_BANKS};
use super::job::{Poll, Story};
use super::world::{Login, World};

/// A picture to be read, as a bank would send it: a PNG, here of one dot.
pub const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/// The ways that the plain bank delivers its code.
pub const WAYS: [&str; 2] = ["Text  me at •••-•••-0199", "Email k•••@example.org "];

impl World {
    /// Lets the eight test banks be connected.
    pub fn open_test_banks(&mut self) {
        for (name, _) in TEST_BANKS {
            self.open_branch(test_bank(name));
        }
    }
}

fn test_bank(name: &str) -> Branch {
    let mut institution = Institution::named(name);
    if name.ends_with("Business") {
        institution.form =
            Form::default().field("CompanyID", "Company number", false).field("PIN", "PIN", true);
    }
    let asked = questions(name.trim_start_matches("Sophtron Bank").trim());
    let asks = asked.into_iter().flat_map(|one| [Poll::running(), Poll::asks(one)]);
    let job = Story::told(asks.chain([Poll::accounts_ready(), Poll::running(), Poll::done()]));
    Branch { job, opens: open, ..Branch::new(institution) }
}

/// What a variant asks, one after the other.
fn questions(variant: &str) -> Vec<Challenge> {
    let captcha = || Challenge::picture(PICTURE).answered_by("asdf");
    let question = || Challenge::questions(r#"["What is your pet&#39;s name?"]"#);
    let ways = || {
        let list = serde_json::to_string(&WAYS).expect("texts");
        Challenge::ways(&list, &WAYS)
    };
    let token = || Challenge::code("Token").answered_by("asdfg");
    match variant {
        "" => vec![captcha(), question().answered_by(r#"["asdf"]"#), ways(), token()],
        "Captcha" => vec![captcha()],
        "SecurityQuestion" => vec![question().answered_by(r#"["asdf"]"#)],
        "SecurityQuestion Multiple" => {
            let list = r"['What is your mother's maiden name?', 'First car?']";
            vec![Challenge::questions(list).answered_by(r#"["asdf","qwer"]"#)]
        }
        "Token" | "Business" => vec![ways(), token()],
        "TokenRead" => vec![Challenge::approval("7 4 1")],
        _ => Vec::new(),
    }
}

/// The accounts: the same ones at every test bank.
fn open(login: &mut Login) {
    let checking = open_one(login, "Primary Checking", "Checking", "depository");
    "xxx1234".clone_into(&mut checking.number);
    checking.opening("1200.50");
    for (day, amount, text) in [
        ("2019-03-04", "2500.00", "PAYROLL ACME"),
        ("2019-05-20", "-1200.00", "RENT MAY"),
        ("2019-08-01", "-45.10", "GREEN GROCER"),
        ("2019-08-01", "-45.10", "GREEN GROCER"),
        ("2019-09-15", "-400.00", "CARD PAYMENT"),
    ] {
        checking.add_row(day, amount, text);
    }
    let card = open_one(login, "Rewards Card", "Credit_Card", "credit_card");
    "xxx1234".clone_into(&mut card.number);
    card.opening("-310.00");
    card.add_row("2019-07-30", "-89.95", "BOOKS AND MORE");
    card.add_row("2019-09-16", "400.00", "PAYMENT THANK YOU");
    let savings = open_one(login, "Savings", "Savings", "depository");
    "xxx2001".clone_into(&mut savings.number);
    savings.opening("8000.00").add_row("2019-08-31", "4.12", "INTEREST");
    let investment = open_one(login, "Investment", "Investment", "investment");
    "xxx3001".clone_into(&mut investment.number);
    investment.opening("150.00").add_row("2019-08-15", "12.34", "DIVIDEND");
    investment.market = vec![("2019-09-30".parse().expect("a day"), "24500.00".to_owned())];
    investment.tells_cash = true;
    let insurance = open_one(login, "Life Insurance", "Insurance", "other");
    "xxx4001".clone_into(&mut insurance.number);
    insurance.opening("5000.00");
}

fn open_one<'a>(login: &'a mut Login, name: &str, kind: &str, as_kind: &str) -> &'a mut Account {
    login.add_account(name).kind(kind).suggest(as_kind, "Assets:Unused", "USD")
}
