//! Every output file, byte for byte, as written by hand.

use std::collections::BTreeMap;

use sophtron_sync::domain::{
    AccountLine, AccountType, Assertion, BalanceLine, Booking, Currency, Day, DecimalMark,
    DescriptionStyle, Drift, Format, Money, Name, OfxIdentity, Statement, Style, Track,
    parse_decimal,
};
use sophtron_sync::export::{
    AccountIndex, OutputFile, account_files, accounts_csv, family_files, index, shared_all_ledger,
    whole,
};

/// The style of a configuration that says nothing.
pub(crate) fn style() -> Style {
    Style {
        unknown_expense: "Expenses:Unknown".to_owned(),
        unknown_income: "Income:Unknown".to_owned(),
        opening: "Equity:Opening Balances".to_owned(),
        description: DescriptionStyle::Tag,
        commodity: BTreeMap::new(),
        decimal_mark: DecimalMark::Point,
        declarations: true,
        spreadsheet_safe: false,
    }
}

/// A day that exists.
pub(crate) fn day(text: &str) -> Day {
    sophtron_sync::domain::civil_day(text).expect("a day")
}

/// An amount such as `-18.40 USD`.
pub(crate) fn money(text: &str) -> Money {
    let (amount, code) = text.split_once(' ').expect("an amount and a code");
    let amount = parse_decimal(amount).expect("a decimal");
    Money { amount, currency: Currency::parse(code).expect("a code") }
}

/// A row with nothing but a day, an amount and a payee; its description is the same text.
pub(crate) fn row(id: &str, on: &str, amount: &str, payee: &str) -> Booking {
    let amount = money(amount);
    let out = amount.amount.is_sign_negative();
    Booking {
        id: id.to_owned(),
        day: day(on),
        payee: payee.to_owned(),
        description: Some(payee.to_owned()),
        category: None,
        memo: None,
        check_number: None,
        posted: None,
        kind: Some(if out { "DEBIT" } else { "CREDIT" }.to_owned()),
        has_status: true,
        other_side: if out { "Expenses:Unknown" } else { "Income:Unknown" }.to_owned(),
        amount,
    }
}

/// A checking account of the family `smith` without rows, opened with 1000.00 USD.
pub(crate) fn checking() -> Statement {
    Statement {
        family: Name::parse("smith").expect("a name"),
        account: Name::parse("joint-checking").expect("a name"),
        account_id: "a3c9e1d4-1111-4222-8333-444455556666".to_owned(),
        kind: AccountType::Depository,
        track: Track::Cash,
        ledger: "Assets:Bank:Joint Checking".to_owned(),
        currency: Currency::usd(),
        start: day("2026-01-01"),
        opening: parse_decimal("1000"),
        opening_account: "Equity:Opening Balances".to_owned(),
        opening_entry: true,
        bookings: Vec::new(),
        pending: Vec::new(),
        assertion: None,
        ofx: OfxIdentity {
            bank_id: "000000000".to_owned(),
            account_id: "joint-checkin-8744b70f".to_owned(),
            account_type: "CHECKING".to_owned(),
        },
    }
}

/// The checking account with some rows of every kind in two years.
fn lived_in() -> Statement {
    let groceries = Booking {
        payee: "Green Grocer".to_owned(),
        description: Some("POS 0417 GREEN GROCER; 12".to_owned()),
        category: Some("Groceries, Food".to_owned()),
        check_number: Some("1042".to_owned()),
        ..row("0b7e5a52-9c1f-4f7a-8a55-1d2c3b4a5968", "2026-01-05", "-18.4 USD", "")
    };
    let interest = Booking {
        memo: Some("for \"December\"".to_owned()),
        posted: Some(day("2026-02-01")),
        kind: Some("Interest".to_owned()),
        has_status: false,
        ..row("i-2", "2026-01-31", "5.125 USD", "(Bank) <Interest> & more")
    };
    let next_year = Booking {
        posted: Some(day("2027-03-02")),
        description: None,
        ..row("i-3", "2027-03-02", "-100.00 USD", "\u{200E}\n")
    };
    let waiting =
        Booking { has_status: true, ..row("i-4", "2027-03-04", "-7.00 USD", "=Coffee, hot") };
    Statement {
        bookings: vec![groceries, interest, next_year],
        pending: vec![waiting],
        assertion: Some(Assertion {
            day: day("2027-03-02"),
            amount: parse_decimal("886.725").expect("a decimal"),
            agreed_on: day("2027-03-03"),
            agreed: parse_decimal("886.725").expect("a decimal"),
            drift: None,
        }),
        ..checking()
    }
}

/// The text of one of the files.
fn text_of(files: &[OutputFile], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path);
    let file = file.unwrap_or_else(|| panic!("no {path} among {:?}", paths(files)));
    String::from_utf8(file.bytes.clone()).expect("UTF-8")
}

fn paths(files: &[OutputFile]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

fn family(statements: &[&Statement], style: &Style) -> Vec<OutputFile> {
    let indexes: Vec<AccountIndex> = statements.iter().map(|of| index(of, style)).collect();
    family_files(&indexes, &[], style, &Format::ALL)
}

#[test]
fn a_year_in_ledger() {
    let files = account_files(&lived_in(), &style(), &Format::ALL);
    assert_eq!(
        paths(&files),
        [
            "joint-checking/2026.ledger",
            "joint-checking/2026.csv",
            "joint-checking/2026.ofx",
            "joint-checking/2027.ledger",
            "joint-checking/2027.csv",
            "joint-checking/2027.ofx",
            "joint-checking/pending.csv",
        ]
    );
    assert_eq!(
        text_of(&files, "joint-checking/2026.ledger"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

2026-01-01 * Opening balance
    Assets:Bank:Joint Checking              1000.00 USD
    Equity:Opening Balances                -1000.00 USD

2026-01-05 * (1042) Green Grocer
    ; sophtron-id: 0b7e5a52-9c1f-4f7a-8a55-1d2c3b4a5968
    ; description: POS 0417 GREEN GROCER; 12
    ; category: Groceries; Food
    Assets:Bank:Joint Checking               -18.40 USD
    Expenses:Unknown                          18.40 USD

2026-01-31 * () (Bank) <Interest> & more
    ; sophtron-id: i-2
    ; memo: for \"December\"
    ; posted: 2026-02-01
    ; type: Interest
    Assets:Bank:Joint Checking                5.125 USD
    Income:Unknown                           -5.125 USD
"
    );
    assert_eq!(
        text_of(&files, "joint-checking/2027.ledger"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

2027-03-02 * Unknown
    ; sophtron-id: i-3
    Assets:Bank:Joint Checking              -100.00 USD
    Expenses:Unknown                         100.00 USD
"
    );
}

#[test]
fn a_year_in_csv() {
    let files = account_files(&lived_in(), &style(), &[Format::Csv]);
    assert_eq!(
        text_of(&files, "joint-checking/2026.csv"),
        "\
date,payee,amount,currency,notes,category,status,check_number,description,type,posted_date,balance,account,account_id,id
2026-01-05,Green Grocer,-18.40,USD,,\"Groceries, Food\",posted,1042,POS 0417 GREEN GROCER; 12,DEBIT,,981.60,joint-checking,a3c9e1d4-1111-4222-8333-444455556666,0b7e5a52-9c1f-4f7a-8a55-1d2c3b4a5968
2026-01-31,(Bank) <Interest> & more,5.125,USD,\"for \"\"December\"\"\",,,,(Bank) <Interest> & more,Interest,2026-02-01,986.725,joint-checking,a3c9e1d4-1111-4222-8333-444455556666,i-2
"
    );
    assert_eq!(
        text_of(&files, "joint-checking/2027.csv").lines().nth(1),
        Some(
            "2027-03-02,Unknown,-100.00,USD,,,posted,,,DEBIT,2027-03-02,886.725,joint-checking,a3c9e1d4-1111-4222-8333-444455556666,i-3"
        )
    );
    assert_eq!(
        text_of(&files, "joint-checking/pending.csv"),
        "\
date,payee,amount,currency,notes,category,status,check_number,description,type,posted_date,balance,account,account_id,id
2027-03-04,\"=Coffee, hot\",-7.00,USD,,,pending,,\"=Coffee, hot\",DEBIT,,,joint-checking,a3c9e1d4-1111-4222-8333-444455556666,i-4
"
    );
    let safe = Style { spreadsheet_safe: true, ..style() };
    let files = account_files(&lived_in(), &safe, &[Format::Csv]);
    let pending = text_of(&files, "joint-checking/pending.csv");
    assert!(pending.contains(",\" =Coffee, hot\",-7.00,"), "{pending}");
}

#[test]
fn a_year_in_ofx() {
    let files = account_files(&lived_in(), &style(), &[Format::Ofx]);
    assert_eq!(
        text_of(&files, "joint-checking/2026.ofx"),
        "\
OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:UTF-8
CHARSET:NONE
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX>
<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><DTSERVER>20260131105900.000[0:GMT]</DTSERVER><LANGUAGE>ENG</LANGUAGE><FI><ORG>SOPHTRON</ORG><FID>99999</FID></FI></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><STMTRS><CURDEF>USD</CURDEF>
<BANKACCTFROM><BANKID>000000000</BANKID><ACCTID>joint-checkin-8744b70f</ACCTID><ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260101105900.000[0:GMT]</DTSTART><DTEND>20260131105900.000[0:GMT]</DTEND>
<STMTTRN><TRNTYPE>CHECK</TRNTYPE><DTPOSTED>20260105105900.000[0:GMT]</DTPOSTED><TRNAMT>-18.40</TRNAMT><FITID>0b7e5a52-9c1f-4f7a-8a55-1d2c3b4a5968</FITID><CHECKNUM>1042</CHECKNUM><NAME>Green Grocer</NAME><MEMO>POS 0417 GREEN GROCER; 12</MEMO></STMTTRN>
<STMTTRN><TRNTYPE>INT</TRNTYPE><DTPOSTED>20260131105900.000[0:GMT]</DTPOSTED><TRNAMT>5.125</TRNAMT><FITID>i-2</FITID><NAME>(Bank) &lt;Interest&gt; &amp; more</NAME><MEMO>(Bank) &lt;Interest&gt; &amp; more / for \"December\"</MEMO></STMTTRN>
</BANKTRANLIST>
<LEDGERBAL><BALAMT>986.725</BALAMT><DTASOF>20260131105900.000[0:GMT]</DTASOF></LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1>
</OFX>
"
    );
    let next = text_of(&files, "joint-checking/2027.ofx");
    assert!(next.contains("<DTSTART>20270101105900.000[0:GMT]</DTSTART><DTEND>20270302105900"));
    assert!(next.contains("<BALAMT>886.725</BALAMT><DTASOF>20270302105900"));
    assert!(next.contains("<NAME>Unknown</NAME></STMTTRN>\n"));
}

#[test]
fn ofx_of_other_kinds_of_account() {
    let of = |kind, opening: Option<&str>| {
        let opening = opening.and_then(parse_decimal);
        let statement = Statement { kind, opening, ..lived_in() };
        let files = account_files(&statement, &style(), &[Format::Ofx]);
        files.first().map(|file| String::from_utf8(file.bytes.clone()).expect("UTF-8"))
    };
    let card = of(AccountType::CreditCard, Some("-1000")).expect("a file");
    let tail: Vec<_> = card.lines().skip(12).collect();
    assert_eq!(
        tail[0],
        "<CREDITCARDMSGSRSV1><CCSTMTTRNRS><TRNUID>0</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><CCSTMTRS><CURDEF>USD</CURDEF>"
    );
    assert_eq!(tail[1], "<CCACCTFROM><ACCTID>joint-checkin-8744b70f</ACCTID></CCACCTFROM>");
    assert_eq!(
        tail[6..],
        [
            "<LEDGERBAL><BALAMT>-1013.275</BALAMT><DTASOF>20260131105900.000[0:GMT]</DTASOF></LEDGERBAL>",
            "</CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1>",
            "</OFX>"
        ]
    );
    let loan = of(AccountType::Loan, Some("-1000")).expect("a file");
    assert!(loan.contains("<ACCTTYPE>CREDITLINE</ACCTTYPE>"));
    assert!(loan.contains("<BALAMT>-1013.275</BALAMT>"));
    let other = of(AccountType::Other, Some("0")).expect("a file");
    assert!(other.contains("<ACCTTYPE>CHECKING</ACCTTYPE>"));
    assert_eq!(of(AccountType::Depository, None), None, "its balance is not known");
    assert_eq!(of(AccountType::CreditCard, None), None, "its balance is not known");

    let investment = of(AccountType::Investment, None).expect("a file");
    let tail: Vec<_> = investment.lines().skip(12).collect();
    assert_eq!(
        tail[..4],
        [
            "<INVSTMTMSGSRSV1><INVSTMTTRNRS><TRNUID>0</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><INVSTMTRS><DTASOF>20260131105900.000[0:GMT]</DTASOF><CURDEF>USD</CURDEF>",
            "<INVACCTFROM><BROKERID>000000000</BROKERID><ACCTID>joint-checkin-8744b70f</ACCTID></INVACCTFROM>",
            "<INVTRANLIST><DTSTART>20260101105900.000[0:GMT]</DTSTART><DTEND>20260131105900.000[0:GMT]</DTEND>",
            "<INVBANKTRAN><STMTTRN><TRNTYPE>CHECK</TRNTYPE><DTPOSTED>20260105105900.000[0:GMT]</DTPOSTED><TRNAMT>-18.40</TRNAMT><FITID>0b7e5a52-9c1f-4f7a-8a55-1d2c3b4a5968</FITID><CHECKNUM>1042</CHECKNUM><NAME>Green Grocer</NAME><MEMO>POS 0417 GREEN GROCER; 12</MEMO></STMTTRN><SUBACCTFUND>CASH</SUBACCTFUND></INVBANKTRAN>",
        ]
    );
    assert_eq!(
        tail[5..],
        ["</INVTRANLIST>", "</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>", "</OFX>"]
    );
}

#[test]
fn what_a_family_includes() {
    let card = Statement {
        account: Name::parse("amex").expect("a name"),
        kind: AccountType::CreditCard,
        ledger: "Liabilities:Amex".to_owned(),
        opening: parse_decimal("-20.5"),
        opening_entry: false,
        start: day("2025-12-31"),
        bookings: vec![row("c-1", "2026-02-01", "-1 JPY", "Tea")],
        assertion: Some(Assertion {
            day: day("2026-02-01"),
            amount: parse_decimal("-20.50").expect("a decimal"),
            agreed_on: day("2026-01-30"),
            agreed: parse_decimal("-20.50").expect("a decimal"),
            drift: Some(Drift {
                amount: parse_decimal("-3.00").expect("a decimal"),
                since: day("2026-02-02"),
            }),
        }),
        ..checking()
    };
    let files = family(&[&lived_in(), &card], &style());
    assert_eq!(
        paths(&files),
        [
            "balances.csv",
            "all.ledger",
            "declarations.ledger",
            "checks.journal",
            "assertions.journal",
            "2026.journal",
            "2027.journal",
        ]
    );
    assert_eq!(
        text_of(&files, "all.ledger"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

include declarations.ledger
include amex/2026.ledger
include joint-checking/2026.ledger
include joint-checking/2027.ledger
"
    );
    assert_eq!(
        text_of(&files, "2026.journal"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

include declarations.ledger
include amex/2026.ledger
include joint-checking/2026.ledger
"
    );
    assert_eq!(
        text_of(&files, "declarations.ledger"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

commodity JPY
commodity USD
    format 1000.00 USD

tag category
tag description
tag memo
tag posted
tag sophtron-id
tag type

account Assets:Bank:Joint Checking
    ; type: C
account Equity:Opening Balances
    ; type: E
account Expenses:Unknown
    ; type: X
account Income:Unknown
    ; type: R
account Liabilities:Amex
    ; type: L
"
    );
    assert_eq!(
        text_of(&files, "checks.journal"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

include declarations.ledger

2025-12-31 * Opening balance
    Liabilities:Amex                         -20.50 USD
    Equity:Opening Balances                   20.50 USD

include all.ledger
include assertions.journal
"
    );
    assert_eq!(
        text_of(&files, "assertions.journal"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

; On 2026-01-30 the bank reported -20.50 USD, and the books agreed.
; drift: -3.00 USD since 2026-02-02
2026-02-01 * Balance assertion
    Liabilities:Amex                           0.00 USD = -20.50 USD

; On 2027-03-03 the bank reported 886.725 USD, and the books agreed.
2027-03-02 * Balance assertion
    Assets:Bank:Joint Checking                 0.00 USD = 886.725 USD
"
    );
}

#[test]
fn a_family_without_declarations_or_without_anything() {
    let style = Style { declarations: false, ..style() };
    let files = family(&[&lived_in()], &style);
    for path in ["all.ledger", "2026.journal", "2027.journal", "checks.journal"] {
        assert!(!text_of(&files, path).contains("declarations"), "{path}");
    }
    let header =
        "; Generated by sophtron-sync. Do not edit: this file is rewritten.\ndecimal-mark .\n";
    let files = family(&[], &style);
    assert_eq!(text_of(&files, "all.ledger"), header);
    assert_eq!(text_of(&files, "declarations.ledger"), header);
    assert_eq!(paths(&family_files(&[], &[], &style, &[Format::Csv])), ["balances.csv"]);
}

#[test]
fn the_shared_folder() {
    let name = |text| Name::parse(text).expect("a name");
    let shared = shared_all_ledger(&[name("smith"), name("jones")], &style());
    assert_eq!(
        String::from_utf8(shared).expect("UTF-8"),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark .

include jones/all.ledger
include smith/all.ledger
"
    );
    let line = AccountLine {
        family: name("smith"),
        account: name("joint-checking"),
        account_id: "a3c9e1d4".to_owned(),
        institution: Some("Bank \"One\"\n, Ltd".to_owned()),
        kind: AccountType::CreditCard,
        mask: Some("6789".to_owned()),
        currency: Currency::usd(),
        balance: parse_decimal("-937.5"),
        available: None,
        balance_date: Some(day("2026-01-31")),
    };
    let unknown = AccountLine {
        account: name("a"),
        institution: None,
        mask: None,
        balance: None,
        balance_date: None,
        ..line.clone()
    };
    assert_eq!(
        String::from_utf8(accounts_csv(&[line, unknown], &style())).expect("UTF-8"),
        "\
family,account,account_id,institution,type,mask,currency,balance,available,balance_date
smith,a,a3c9e1d4,,credit_card,,USD,,,
smith,joint-checking,a3c9e1d4,\"Bank \"\"One\"\" , Ltd\",credit_card,6789,USD,-937.50,,2026-01-31
"
    );
}

#[test]
fn balances_over_time() {
    let line = |on, account, balance: &str, drift: Option<&str>| BalanceLine {
        date: day(on),
        account: Name::parse(account).expect("a name"),
        balance: parse_decimal(balance),
        available: None,
        currency: Currency::usd(),
        computed: drift.and(parse_decimal("10.00")),
        drift: drift.and_then(parse_decimal),
    };
    let lines = [
        line("2026-02-01", "b", "9.5", Some("-0.500")),
        line("2026-02-01", "a", "10", Some("0.000")),
        line("2026-01-01", "b", "9", None),
    ];
    let files = family_files(&[], &lines, &style(), &[]);
    assert_eq!(
        text_of(&files, "balances.csv"),
        "\
date,account,balance,available,currency,computed,drift
2026-01-01,b,9.00,,USD,,
2026-02-01,a,10.00,,USD,10.00,0.00
2026-02-01,b,9.50,,USD,10.00,-0.50
"
    );
}

#[test]
fn which_years_have_a_file() {
    let early = Statement { start: day("2025-06-01"), ..lived_in() };
    let files = account_files(&early, &style(), &Format::ALL);
    assert_eq!(paths(&files)[..2], ["joint-checking/2025.ledger", "joint-checking/2026.ledger"]);
    assert!(text_of(&files, "joint-checking/2025.ledger").ends_with(
        "\n2025-06-01 * Opening balance
    Assets:Bank:Joint Checking              1000.00 USD
    Equity:Opening Balances                -1000.00 USD\n"
    ));
    assert_eq!(index(&early, &style()).years, [2025, 2026, 2027]);

    let zero = Statement { opening: parse_decimal("0"), bookings: Vec::new(), ..early.clone() };
    let files = account_files(&zero, &style(), &[Format::Ledger]);
    assert!(text_of(&files, "joint-checking/2025.ledger").ends_with(
        "
    Assets:Bank:Joint Checking                 0.00 USD
    Equity:Opening Balances                    0.00 USD\n"
    ));

    let unknown = Statement { opening: None, ..early.clone() };
    let files = account_files(&unknown, &style(), &Format::ALL);
    assert_eq!(paths(&files)[..2], ["joint-checking/2026.ledger", "joint-checking/2026.csv"]);
    assert!(text_of(&files, "joint-checking/2026.csv").contains(",DEBIT,,,joint-checking,"));
    assert!(!paths(&files).iter().any(|path| path.contains(".ofx")));

    let detached = Statement { opening_entry: false, ..early.clone() };
    assert_eq!(index(&detached, &style()).years, [2026, 2027]);
    let value = Statement { track: Track::Value, ..early };
    assert_eq!(account_files(&value, &style(), &Format::ALL), []);
    assert_eq!(index(&value, &style()).years, [0_i32; 0]);
}

#[test]
fn rows_in_another_currency_count_in_no_balance() {
    let abroad = Statement {
        bookings: vec![
            row("1", "2026-01-05", "-1.00 USD", "Bread"),
            row("2", "2026-01-06", "-300 JPY", "Tea"),
            row("3", "2027-01-06", "-300 JPY", "Tea"),
        ],
        ..checking()
    };
    let files = account_files(&abroad, &style(), &Format::ALL);
    let csv = text_of(&files, "joint-checking/2026.csv");
    assert!(csv.contains("\n2026-01-06,Tea,-300,JPY,,,posted,,Tea,DEBIT,,999.00,"), "{csv}");
    let ofx = text_of(&files, "joint-checking/2026.ofx");
    assert!(!ofx.contains("Tea") && ofx.contains("<DTEND>20260105"), "{ofx}");
    assert!(!paths(&files).contains(&"joint-checking/2027.ofx"));
    let ledger = text_of(&files, "joint-checking/2026.ledger");
    assert!(ledger.ends_with("                         300 JPY\n"), "{ledger}");

    let made_up = Statement { currency: Currency::parse("XYZ").expect("a code"), ..abroad };
    let files = account_files(&made_up, &style(), &[Format::Ofx]);
    assert_eq!(files, [], "readers of OFX refuse a code that is not of ISO 4217");
}

#[test]
fn other_styles_of_ledger_files() {
    let noted = Booking {
        payee: "A|B; C".to_owned(),
        description: Some("d|e; f".to_owned()),
        ..row("1", "2026-01-05", "-1.500 KWD", "")
    };
    let statement = Statement {
        opening: None,
        currency: Currency::parse("KWD").expect("a code"),
        bookings: vec![noted],
        ..checking()
    };
    let text = |style: &Style| {
        let files = account_files(&statement, style, &[Format::Ledger]);
        text_of(&files, "joint-checking/2026.ledger")
    };
    let payee = Style { description: DescriptionStyle::Payee, ..style() };
    assert!(
        text(&payee).contains("2026-01-05 * A/B, C | d|e, f\n    ; sophtron-id: 1\n    Assets")
    );
    let off = Style { description: DescriptionStyle::Off, ..style() };
    assert!(text(&off).contains("2026-01-05 * A|B, C\n    ; sophtron-id: 1\n    Assets"));

    let commodity = BTreeMap::from([(statement.currency.clone(), "K.D.".to_owned())]);
    let comma = Style { decimal_mark: DecimalMark::Comma, commodity, ..style() };
    assert_eq!(
        text(&comma),
        "\
; Generated by sophtron-sync. Do not edit: this file is rewritten.
decimal-mark ,

2026-01-05 * A|B, C
    ; sophtron-id: 1
    ; description: d|e; f
    Assets:Bank:Joint Checking              -1,5000 \"K.D.\"
    Expenses:Unknown                         1,5000 \"K.D.\"
"
    );
    let declarations = text_of(&family(&[&statement], &comma), "declarations.ledger");
    assert!(
        declarations.contains("\ncommodity \"K.D.\"\n    format 1000,0000 \"K.D.\"\n"),
        "{declarations}"
    );
}

#[test]
fn a_cut_of_the_books() {
    let cut = |format, from: Option<&str>, to: Option<&str>| {
        let bytes = whole(&lived_in(), &style(), format, from.map(day), to.map(day))?;
        Some(String::from_utf8(bytes).expect("UTF-8"))
    };
    let all = cut(Format::Ledger, None, None).expect("a file");
    assert!(all.contains("Opening balance") && all.contains("2027-03-02 * Unknown"));
    assert_eq!(all.matches("decimal-mark").count(), 1);
    let late = cut(Format::Ledger, Some("2026-01-06"), None).expect("a file");
    assert!(!late.contains("Opening") && !late.contains("1042") && late.contains("i-2"));
    let to = cut(Format::Csv, Some("2026-01-05"), Some("2026-01-05")).expect("a file");
    assert_eq!(to.lines().count(), 2);
    assert!(to.contains(",981.60,"), "the balance is that of the whole books: {to}");
    let ofx = cut(Format::Ofx, Some("2026-01-06"), None).expect("a file");
    assert!(ofx.contains("<DTSTART>20260106") && ofx.contains("<BALAMT>886.725</BALAMT>"));
    assert_eq!(cut(Format::Ofx, Some("2028-01-01"), None), None);
    assert_eq!(cut(Format::Ofx, Some("2027-01-01"), Some("2026-01-01")), None);
}
