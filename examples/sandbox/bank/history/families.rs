//! The two families: their logins, their accounts, and what happens on each on a day.

use chrono::{Datelike as _, NaiveDate};

use super::super::account::{Account, Amounts, Available, BalanceKeys, BalanceSign};
use super::super::json::Json;
use super::super::world::{Login, User, World};
use super::payees::{AMERICAN, CANADIAN};
use super::pen::{Pen, dollars, monthly};

/// The days that are told.
pub type Days = std::ops::RangeInclusive<NaiveDate>;

/// Adds the American family: signed amounts with `DEBIT` and `CREDIT`, debts reported positive.
pub fn american(world: &mut World, days: &Days) {
    let user = world.add_user("smith");
    let bank = user.add_login("First Harbor Bank");
    let checking =
        add(bank, "Joint Checking", "Checking", "depository", "Assets:Bank:Joint Checking");
    "xxx1234".clone_into(&mut checking.number);
    checking.opening("3250.18");
    let savings = add(bank, "Rainy Day Savings", "Savings", "depository", "Assets:Bank:Savings");
    savings.opening("12000").balance_keys(BalanceKeys::AccountBalance);
    live(savings, days, american_savings);
    // The bank shows the same last digits for checking and card.
    let card = add(bank, "Harbor Rewards Visa", "Credit_Card", "credit_card", "Liabilities:Visa");
    "xxx1234".clone_into(&mut card.number);
    card.opening("-840.55").balance_sign(BalanceSign::Owed);
    card.available = Available::Credit("15000.00".to_owned());
    live(card, days, american_card);
    let loan = add(bank, "Auto Loan", "Loan", "loan", "Liabilities:Auto Loan");
    loan.opening("-18400.00").balance_sign(BalanceSign::Owed).available = Available::Null;
    live(loan, days, |pen, day| loan_life(pen, day, "auto loan", (41_255, 41_255), 6_000));
    let brokerage = add(bank, "Self-Directed", "Investment", "investment", "Assets:Brokerage");
    brokerage.opening("1250.00").tells_cash = true;
    brokerage_market(brokerage, days, "brokerage");
    live(brokerage, days, |pen, day| invest(pen, day, "brokerage", 30_000));
    let paid = payments(&bank.accounts[2]);
    live(&mut bank.accounts[0], days, |pen, day| {
        pay_card(pen, day, &paid, "HARBOR VISA AUTOPAY");
        american_checking(pen, day);
    });
    american_billers(user, days);
}

fn american_billers(user: &mut User, days: &Days) {
    let city = user.add_login("City Power & Water");
    let power = add(city, "Electric", "Utility", "other", "Liabilities:Electric");
    power.opening("0.00").balance_sign(BalanceSign::Owed).available = Available::Null;
    live(power, days, |pen, day| biller(pen, day, "electric", (6_000, 21_000)));
    let water = add(city, "Water", "Utility", "other", "Liabilities:Water");
    water.opening("-31.20").balance_sign(BalanceSign::Owed).available = Available::Null;
    live(water, days, |pen, day| biller(pen, day, "water", (2_500, 6_000)));
}

/// Adds the Canadian family: amounts without a sign, debts reported negative.
pub fn canadian(world: &mut World, days: &Days) {
    let user = world.add_user("tremblay");
    let bank = user.add_login("Banque Boréale");
    let chequing =
        add(bank, "Compte chèques", "Chequing", "depository", "Assets:RBC (CAD):Chequing");
    "cheques".clone_into(&mut chequing.suggestion.name);
    chequing.opening("5120.4").balance_keys(BalanceKeys::Both);
    let savings = add(bank, "High Interest Savings", "Savings", "depository", "Assets:Savings");
    savings.opening("25000.00");
    live(savings, days, canadian_savings);
    let card = add(bank, "Cash Back Mastercard", "CREDIT_CARD", "credit_card", "Liabilities:MC");
    card.opening("-1947.31").available = Available::Credit("8000".to_owned());
    live(card, days, canadian_card);
    let mortgage = add(bank, "Hypothèque", "Mortgage", "loan", "Liabilities:Mortgage");
    "mortgage".clone_into(&mut mortgage.suggestion.name);
    mortgage.opening("-312500.00").available = Available::Null;
    live(mortgage, days, |pen, day| loan_life(pen, day, "mortgage", (184_790, 184_790), 98_000));
    let tfsa = add(bank, "TFSA Investing", "Investment", "investment", "Assets:TFSA");
    tfsa.opening("400.00");
    brokerage_market(tfsa, days, "tfsa");
    live(tfsa, days, |pen, day| invest(pen, day, "tfsa", 25_000));
    let paid = payments(&bank.accounts[2]);
    live(&mut bank.accounts[0], days, |pen, day| {
        pay_card(pen, day, &paid, "PAIEMENT MASTERCARD");
        canadian_chequing(pen, day);
    });
    for account in &mut bank.accounts {
        account.amounts(Amounts::Unsigned).currency(Json::text("CAD"));
    }
    let hydro = user.add_login("Hydro-Laurentides");
    let power = add(hydro, "Hydro", "Utility", "other", "Liabilities:Hydro");
    live(power, days, |pen, day| biller(pen, day, "hydro", (4_000, 19_000)));
    let phone = add(hydro, "Téléphone", "Phone", "other", "Liabilities:Phone");
    "phone".clone_into(&mut phone.suggestion.name);
    live(phone, days, |pen, day| biller(pen, day, "phone", (8_000, 8_000)));
    for account in user.logins.iter_mut().flat_map(|login| &mut login.accounts) {
        "CAD".clone_into(&mut account.suggestion.currency);
    }
}

fn add<'a>(
    login: &'a mut Login,
    name: &str,
    kind: &str,
    as_kind: &str,
    ledger: &str,
) -> &'a mut Account {
    login.add_account(name).kind(kind).suggest(as_kind, ledger, "USD")
}

/// Tells the days of an account.
fn live(account: &mut Account, days: &Days, life: impl Fn(&mut Pen, NaiveDate)) {
    let mut pen = Pen::new(account);
    for day in days.start().iter_days().take_while(|day| day <= days.end()) {
        life(&mut pen, day);
    }
}

fn american_checking(pen: &mut Pen, day: NaiveDate) {
    if day.num_days_from_ce() % 14 == 5 {
        pen.row(day, 298_037, "ACME CORP PAYROLL DIRECT DEP").category("Paycheck");
    }
    match day.day() {
        1 => pen.check(day, -145_000, &format!("rent {}", day.format("%B"))),
        5 => pen.book(day, -50_000, "ONLINE TRANSFER TO SAV ...9912"),
        8 => pen.book(day, -30_000, "ACH TRANSFER SELF-DIRECTED"),
        12 => pen.book(day, -monthly("auto loan", day, (41_255, 41_255)), "AUTO LOAN PYMT"),
        16 => pen.book(day, -monthly("water", day, (2_500, 6_000)), "CITY WATER WEB PMT"),
        18 => pen.book(day, -monthly("electric", day, (6_000, 21_000)), "CITY POWER WEB PMT"),
        28 => pen.book(day, 0, "MONTHLY SERVICE FEE WAIVED"),
        _ => {}
    }
    pen.purchases(&AMERICAN, day, 35, false);
    pen.hostile(day);
    pen.broken_escape(day);
}

fn american_savings(pen: &mut Pen, day: NaiveDate) {
    match day.day() {
        5 => pen.book(day, 50_000, "TRANSFER FROM CHK ...1234"),
        28 => pen.book(day, monthly("us interest", day, (1_500, 4_200)), "INTEREST PAID"),
        _ => {}
    }
}

fn american_card(pen: &mut Pen, day: NaiveDate) {
    if day.day() == 20 {
        pen.pay_off(day, CARD_PAYMENT);
    }
    pen.coffees(day, 475, "SQ *BLUE DOOR COFFEE");
    pen.purchases(&AMERICAN, day, 60, true);
    pen.hostile(day);
}

fn canadian_chequing(pen: &mut Pen, day: NaiveDate) {
    match day.day() {
        1 => pen.book(day, -184_790, "PRÊT HYPOTHÉCAIRE"),
        3 => pen.book(day, -40_000, "VIREMENT À ÉPARGNE"),
        8 => pen.book(day, -25_000, "TFR-TO TFSA"),
        15 | 30 => {
            pen.row(day, 289_512, "PAIE ATELIER TREMBLAY INC").category("Salaire");
        }
        16 => pen.book(day, -monthly("phone", day, (8_000, 8_000)), "TÉLÉPHONE PAP"),
        18 => pen.book(day, -monthly("hydro", day, (4_000, 19_000)), "HYDRO-LAURENTIDES PAP"),
        25 => {
            pen.row(day, -6_000, "VIREMENT INTERAC ENVOYÉ").memo("garderie, été");
        }
        _ => {}
    }
    pen.purchases(&CANADIAN, day, 30, false);
    pen.hostile(day);
}

fn canadian_savings(pen: &mut Pen, day: NaiveDate) {
    match day.day() {
        3 => pen.book(day, 40_000, "VIREMENT DE CHÈQUES"),
        27 => pen.book(day, monthly("ca interest", day, (3_000, 9_000)), "INTÉRÊTS"),
        _ => {}
    }
}

fn canadian_card(pen: &mut Pen, day: NaiveDate) {
    if day.day() == 22 {
        pen.pay_off(day, CARD_PAYMENT);
    }
    pen.coffees(day, 389, "CAFÉ MÉLIÈS");
    pen.purchases(&CANADIAN, day, 50, true);
    pen.hostile(day);
    pen.broken_escape(day);
}

/// The text of a payment on a card.
const CARD_PAYMENT: &str = "PAYMENT THANK YOU - MERCI";

/// The payments on a card: day and amount.
fn payments(card: &Account) -> Vec<(NaiveDate, String)> {
    let paid = card.rows.iter().filter(|row| row.description == CARD_PAYMENT);
    paid.map(|row| (row.day, row.amount.clone())).collect()
}

/// The other side of a payment on a card.
fn pay_card(pen: &mut Pen, day: NaiveDate, paid: &[(NaiveDate, String)], text: &str) {
    for (_, amount) in paid.iter().filter(|(on, _)| *on == day) {
        pen.row_of(day, &format!("-{amount}"), text).memo("thank you");
    }
}

/// Interest on the first, a payment on the twelfth (a mortgage's on the first).
fn loan_life(pen: &mut Pen, day: NaiveDate, label: &str, payment: (i64, i64), interest: i64) {
    let due = if label == "mortgage" { 1 } else { 12 };
    if day.day() == 1 {
        pen.row(day, -monthly("loan interest", day, (interest, interest + 500)), "INTEREST CHARGE");
    }
    if day.day() == due {
        pen.row(day, monthly(label, day, payment), "PAYMENT RECEIVED");
    }
}

/// Cash in on the eighth, a purchase on the ninth, a dividend in every quarter.
fn invest(pen: &mut Pen, day: NaiveDate, label: &str, paid_in: i64) {
    match (day.day(), day.month() % 3) {
        (8, _) => pen.book(day, paid_in, "CASH CONTRIBUTION"),
        (9, _) => {
            let cents = monthly(label, day, (paid_in * 8 / 10, paid_in));
            pen.row(day, -cents, "BUY 2.145 TOTAL WORLD INDEX").memo("2.145 @ market");
        }
        (15, 0) => {
            let cents = monthly(label, day, (900, 4_000));
            pen.row(day, cents, "DIVIDEND TOTAL WORLD INDEX").category("Dividends");
        }
        _ => {}
    }
}

/// A bill on the second; it is paid on the day on which checking pays it.
fn biller(pen: &mut Pen, day: NaiveDate, label: &str, bill: (i64, i64)) {
    let paid_on = if ["water", "phone"].contains(&label) { 16 } else { 18 };
    let cents = monthly(label, day, bill);
    match day.day() {
        2 => {
            pen.row(day, -cents, "STATEMENT").memo(&format!("for {}", day.format("%B %Y")));
        }
        due if due == paid_on => pen.book(day, cents, "PAYMENT RECEIVED - THANK YOU"),
        _ => {}
    }
}

/// The market value of an investment, told anew on each first of a month.
fn brokerage_market(account: &mut Account, days: &Days, label: &str) {
    account.available = Available::Null;
    let all = days.start().iter_days().take_while(|day| day <= days.end());
    let told = all.filter(|day| day == days.start() || day.day() == 1);
    account.market = told
        .enumerate()
        .map(|(month, day)| {
            let grown = 2_000_000 + 30_000 * i64::try_from(month).unwrap_or_default();
            (day, dollars(grown + monthly(label, day, (-90_000, 150_000))))
        })
        .collect();
}
