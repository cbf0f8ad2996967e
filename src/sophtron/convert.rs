//! Records as the owner's nouns. Nothing is filled in: what cannot be read says so.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::call::Call;
use super::scrub::{last_four, scrub};
use super::wire::{self, Misfit, Record, Value};
use crate::domain::{
    AccountId, Day, JobId, LoginId, ReceivedAccount, ReceivedLogin, ReceivedRow, Sent, civil_day,
    parse_decimal,
};

/// How much of an unusable value is kept, in characters.
const UNUSABLE_CHARACTERS: usize = 40;

/// The longest id of a row that counts as one, in bytes: OFX gives a FITID 255 characters. A row with a
/// longer one is known by what it says, as one without.
const LONGEST_ROW_ID: usize = 255;

/// .NET's "no id".
const ZERO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Reads the list of logins. A login without an id is refused: nothing could be asked about it.
pub(super) fn logins(text: &str) -> Result<Vec<ReceivedLogin>, Misfit> {
    each(wire::list(text, Call::Logins.wrappers())?, |record| {
        let id = id(&record.value("userinstitutionid")).ok_or_else(|| no_id("a login"))?;
        Ok(ReceivedLogin {
            id: LoginId::new(&id),
            institution_id: self::id(&record.value("institutionid")),
        })
    })
}

/// Reads the list of accounts. An account without an id is refused likewise.
pub(super) fn accounts(text: &str) -> Result<Vec<ReceivedAccount>, Misfit> {
    each(wire::list(text, Call::Accounts.wrappers())?, account)
}

fn account(record: &Record<'_>) -> Result<ReceivedAccount, Misfit> {
    let id = id(&record.value("accountid")).ok_or_else(|| no_id("an account"))?;
    Ok(ReceivedAccount {
        id: AccountId::new(&id),
        login: self::id(&record.value("userinstitutionid")).map(|id| LoginId::new(&id)),
        name: words(record.value("accountname")),
        mask: words(record.value("accountnumber")).as_deref().and_then(last_four),
        kind: words(record.value("accounttype")),
        sub_kind: words(record.first(["subtype", "accountsubtype"])),
        balance: money(record.value("balance")),
        account_balance: money(record.value("accountbalance")),
        available: money(record.value("availablebalance")),
        cash: money(record.value("cashbalance")),
        currency: words(record.value("balancecurrency")),
        last_updated: words(record.value("lastupdated")),
        status: words(record.first(["status", "accountstatus"])),
        routing_number: words(record.value("routingnumber")),
        raw: scrub(record.text)?,
    })
}

/// Reads the list of transactions. A row that makes no sense is still a row.
pub(super) fn rows(text: &str) -> Result<Vec<ReceivedRow>, Misfit> {
    each(wire::list(text, Call::Rows.wrappers())?, row)
}

fn row(record: &Record<'_>) -> Result<ReceivedRow, Misfit> {
    Ok(ReceivedRow {
        id: id(&record.value("transactionid")).filter(|id| id.len() <= LONGEST_ROW_ID),
        account_id: id(&record.value("userinstitutionaccountid")),
        status: words(record.value("status")),
        kind: words(record.value("type")),
        amount: money(record.value("amount")),
        currency: words(record.value("currency")),
        transaction_date: day(record.value("transactiondate")),
        date: day(record.value("date")),
        post_date: day(record.first(["postdate", "posteddate"])),
        description: words(record.value("description")),
        merchant: words(record.value("merchant")),
        category: words(record.value("category")),
        check_number: words(record.value("checknum")),
        memo: words(record.value("memo")),
        balance: money(record.value("balance")),
        raw: scrub(record.text)?,
    })
}

/// Reads a bank's record for its name.
pub(super) fn institution_name(text: &str, asked: &str) -> Result<Option<String>, Misfit> {
    let record = wire::single_or_only(text)?;
    match id(&record.value("institutionid")) {
        Some(id) if id != asked.trim().to_ascii_lowercase() => {
            Err(Misfit::shape("the record of another bank"))
        }
        _ => Ok(words(record.value("institutionname")).filter(|name| !name.trim().is_empty())),
    }
}

/// Reads the answer to the start of a refresh: the job's id, or `None` where the service answered
/// without one, so that whether a job runs is unclear.
pub(super) fn started(text: &str) -> Result<Option<JobId>, Misfit> {
    match wire::single(text) {
        Ok(answer) => Ok(id(&answer.value("jobid")).map(|id| JobId::new(&id))),
        // `-1`, `null`, nothing at all: a good status without a job's id. A list or a page, though,
        // is no answer to this call.
        Err(Misfit::Empty | Misfit::Shape(_)) if !text.trim_start().starts_with(['[', '{']) => {
            Ok(None)
        }
        Err(misfit) => Err(misfit),
    }
}

/// Reads the entries of a list, one after the other.
fn each<T>(
    items: Vec<&RawValue>,
    read: impl Fn(&Record<'_>) -> Result<T, Misfit>,
) -> Result<Vec<T>, Misfit> {
    let number = |at: usize, misfit| match misfit {
        Misfit::Shape(what) => Misfit::Shape(format!("a list with {what} (entry {})", at + 1)),
        other => other,
    };
    let entries = items.into_iter().enumerate();
    entries
        .map(|(at, item)| {
            let record = Record::read(item.get());
            record.and_then(|record| read(&record)).map_err(|misfit| number(at, misfit))
        })
        .collect()
}

fn no_id(what: &str) -> Misfit {
    Misfit::Shape(format!("{what} that has no id"))
}

/// A text exactly as sent, or the digits of a number.
pub(super) fn words(value: Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        Value::Number(digits) => Some(digits.to_owned()),
        Value::Nothing | Value::Flag(_) | Value::Nested(_) => None,
    }
}

/// An id in lower case. An empty one and .NET's zero id are none.
pub(super) fn id(value: &Value<'_>) -> Option<String> {
    let id = words(value.clone())?.trim().to_ascii_lowercase();
    (!id.is_empty() && id != ZERO_ID).then_some(id)
}

/// A plain decimal, as a number or as a text (where white space around it does no harm), digit
/// for digit. Exponents, thousands marks, symbols and more than 28 digits are unusable.
fn money(value: Value<'_>) -> Sent<Decimal> {
    read(value, parse_decimal)
}

/// The first ten characters of a timestamp.
fn day(value: Value<'_>) -> Sent<Day> {
    read(value, civil_day)
}

fn read<T>(value: Value<'_>, parse: fn(&str) -> Option<T>) -> Sent<T> {
    let text = match value {
        Value::Nothing => return Sent::Nothing,
        Value::Text(text) => text,
        Value::Number(digits) => digits.to_owned(),
        Value::Flag(flag) => return Sent::Unusable(flag.to_string()),
        Value::Nested(_) => return Sent::Unusable("an object or a list".to_owned()),
    };
    match text.trim() {
        "" => Sent::Nothing,
        trimmed => parse(trimmed).map_or_else(|| Sent::Unusable(short(trimmed)), Sent::Value),
    }
}

/// The beginning of a text, fit to be shown.
fn short(text: &str) -> String {
    let shown = |sign: char| if sign.is_control() { char::REPLACEMENT_CHARACTER } else { sign };
    text.chars().take(UNUSABLE_CHARACTERS).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn only_row(members: &str) -> ReceivedRow {
        let mut read = rows(&format!("[{{{members}}}]")).expect(members);
        read.pop().expect("one row")
    }

    fn decimal(text: &str) -> Sent<Decimal> {
        Sent::Value(parse_decimal(text).expect("plain"))
    }

    fn unusable<T>(text: &str) -> Sent<T> {
        Sent::Unusable(text.to_owned())
    }

    #[test]
    fn money_is_read_digit_for_digit_or_not_at_all() {
        for (sent, amount) in [
            ("-18.4", decimal("-18.4")),
            ("12.3000", decimal("12.3000")),
            ("0", decimal("0")),
            ("-0.00", decimal("0.00")),
            ("12345678901234567890.12", decimal("12345678901234567890.12")),
            ("-9007199254740993.01", decimal("-9007199254740993.01")),
            (r#""-18.40""#, decimal("-18.40")),
            (r#"" 5.00 ""#, decimal("5.00")),
            ("null", Sent::Nothing),
            (r#""""#, Sent::Nothing),
            (r#""  ""#, Sent::Nothing),
            ("1e2", unusable("1e2")),
            ("1E-2", unusable("1E-2")),
            (r#""1,000.00""#, unusable("1,000.00")),
            (r#""$5""#, unusable("$5")),
            (r#""(5.00)""#, unusable("(5.00)")),
            (r#""+5""#, unusable("+5")),
            ("true", unusable("true")),
            ("{}", unusable("an object or a list")),
            ("123456789012345678901234567890", unusable("123456789012345678901234567890")),
            (r#""a\nb""#, unusable("a\u{fffd}b")),
        ] {
            assert_eq!(only_row(&format!("\"Amount\":{sent}")).amount, amount, "{sent}");
        }
        assert_eq!(only_row("").amount, Sent::Nothing);
        let long = only_row(&format!("\"Amount\":\"{}\"", "€".repeat(99)));
        assert_eq!(long.amount, Sent::Unusable("€".repeat(40)));
    }

    #[test]
    fn days_are_the_first_ten_characters() {
        let march = || civil_day("2026-03-02").map(Sent::Value).expect("a day");
        for (sent, day) in [
            (r#""2026-03-02T23:59:59+14:00""#, march()),
            (r#""2026-03-02T07:12:09.54""#, march()),
            (r#""2026-03-02""#, march()),
            ("null", Sent::Nothing),
            (r#""""#, Sent::Nothing),
            (r#""03/02/2026""#, unusable("03/02/2026")),
            (r#""2026-02-30T00:00:00""#, unusable("2026-02-30T00:00:00")),
            ("20260302", unusable("20260302")),
        ] {
            let row = only_row(&format!("\"TransactionDate\":{sent}"));
            assert_eq!(row.transaction_date, day, "{sent}");
        }
        assert_eq!(only_row(r#""PostedDate":"2026-03-02""#).post_date, march());
        let both = r#""PostDate":"2026-03-02","PostedDate":"2026-03-09""#;
        assert_eq!(only_row(both).post_date, march());
    }

    #[test]
    fn texts_stay_as_sent_and_ids_are_lower_cased() {
        let row = only_row(
            r#""transactionId":" 0B7E5A52-AAAA","UserInstitutionAccountID":"00000000-0000-0000-0000-000000000000","Status":1,"Type":"Debit","Description":" POS\u202e 1 ","Memo":"","CheckNum":42.0,"Category":["x"],"Merchant":null"#,
        );
        assert_eq!(row.id.as_deref(), Some("0b7e5a52-aaaa"));
        assert_eq!(row.account_id, None);
        assert_eq!(row.status.as_deref(), Some("1"));
        assert_eq!(row.kind.as_deref(), Some("Debit"));
        assert_eq!(row.description.as_deref(), Some(" POS\u{202e} 1 "));
        assert_eq!(row.check_number.as_deref(), Some("42.0"));
        assert_eq!((row.memo, row.category, row.merchant), (None, None, None));
        assert!(row.raw.contains(r#""Category":["x"]"#));
    }

    #[test]
    fn an_id_that_no_file_can_hold_is_none() {
        let id = |length| only_row(&format!("\"TransactionID\":\"{}\"", "a".repeat(length))).id;
        assert_eq!(id(255), Some("a".repeat(255)));
        assert_eq!(id(256), None);
    }

    #[test]
    fn an_account_is_read_whole_and_kept_without_its_number() {
        let text = r#"{"Accounts":[{"UserID":"u-secret","AccountId":"A1","userInstitutionID":"L1","AccountName":"Everyday","AccountNumber":"4000123456789010","AccountType":"Checking","AccountSubType":"Personal","Balance":2310.50,"AccountBalance":null,"AvailableBalance":"2290.55","BalanceCurrency":"$","LastUpdated":"2026-03-04T07:12:09.54","Status":1,"FullAccountNumber":"4000123456789010"}]}"#;
        let account = accounts(text).expect("a list").pop().expect("one account");
        let kept = r#"{"AccountId":"A1","userInstitutionID":"L1","AccountName":"Everyday","AccountNumber":"9010","AccountType":"Checking","AccountSubType":"Personal","Balance":2310.50,"AccountBalance":null,"AvailableBalance":"2290.55","BalanceCurrency":"$","LastUpdated":"2026-03-04T07:12:09.54","Status":1}"#;
        let text = |text: &str| Some(text.to_owned());
        let expected = ReceivedAccount {
            id: AccountId::new("a1"),
            login: Some(LoginId::new("l1")),
            name: text("Everyday"),
            mask: text("9010"),
            kind: text("Checking"),
            sub_kind: text("Personal"),
            balance: decimal("2310.50"),
            account_balance: Sent::Nothing,
            available: decimal("2290.55"),
            cash: Sent::Nothing,
            currency: text("$"),
            last_updated: text("2026-03-04T07:12:09.54"),
            status: text("1"),
            routing_number: None,
            raw: kept.to_owned(),
        };
        assert_eq!(account, expected);
    }

    #[test]
    fn a_list_with_one_bad_entry_is_no_list() {
        for (text, entry) in [
            ("[{},null]", "entry 2"),
            ("[1]", "entry 1"),
            (r#"[{},{},{"Amount":1,"amount":2}]"#, "entry 3"),
        ] {
            let Err(Misfit::Shape(what)) = rows(text) else { panic!("no error: {text}") };
            assert!(what.contains(entry), "{what}");
        }
        for text in [
            r#"[{"AccountName":"x"}]"#,
            r#"[{"AccountID":"00000000-0000-0000-0000-000000000000"}]"#,
            r#"[{"AccountID":" "}]"#,
        ] {
            assert!(accounts(text).is_err(), "{text}");
            assert!(logins(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refresh_is_named_or_unclear() {
        let named = |text: &str| started(text).map(|job| job.map(|job| job.to_string()));
        assert_eq!(named(r#"{"JobID":"5D5B"}"#), Ok(Some("5d5b".to_owned())));
        for text in ["{}", "null", "", "-1", "0", r#""""#, r#"{"jobid":null}"#] {
            assert_eq!(named(text), Ok(None), "{text}");
        }
        assert_eq!(named(&format!(r#"{{"JobID":"{ZERO_ID}"}}"#)), Ok(None));
        for text in ["<html>", "[]", r#"[{"JobID":"5D5B"}]"#, "{", "sorry"] {
            assert!(named(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bank_has_a_name_or_none() {
        let name = |text| institution_name(text, "I1");
        for (text, read) in [
            (r#"{"InstitutionName":"First Bank"}"#, Some("First Bank")),
            (r#"[{"institutionId":"i1","institutionName":"First Bank"}]"#, Some("First Bank")),
            (r#"{"InstitutionID":"i1","InstitutionName":" "}"#, None),
            ("{}", None),
        ] {
            assert_eq!(name(text), Ok(read.map(str::to_owned)), "{text}");
        }
        for text in ["null", "", "[]", r#"{"InstitutionID":"i2","InstitutionName":"x"}"#] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_plain_amount_comes_back_digit_for_digit(whole in 0u64.., fraction in "[0-9]{0,8}", minus: bool, quoted: bool) {
            let point = if fraction.is_empty() { "" } else { "." };
            let text = format!("{}{whole}{point}{fraction}", if minus { "-" } else { "" });
            let sent = if quoted { format!("\"{text}\"") } else { text.clone() };
            let row = only_row(&format!("\"Amount\":{sent}"));
            prop_assert_eq!(row.amount, decimal(&text));
            prop_assert_eq!(row.raw, format!("{{\"Amount\":{sent}}}"));
        }

        #[test]
        fn any_description_comes_back_as_sent(text in "\\PC{1,40}") {
            let json = serde_json::to_string(&text).expect("JSON");
            let row = only_row(&format!("\"Description\":{json}"));
            prop_assert_eq!(row.description, Some(text));
        }
    }
}
