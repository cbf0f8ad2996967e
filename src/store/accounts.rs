//! Accounts as kept, one group of columns a change.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use super::columns::{Column, day, decimal, instant, instant_text, odd, parsed, read_sent, sent};
use super::{Store, StoreError};
use crate::domain::{
    Account, AccountId, AccountType, Agreement, AmountSign, Anchor, BalanceSign, Condition,
    Currency, Cursor, KeptAccount, Linked, LoginId, Name, OfxIdentity, Proved, ReadNumber,
    ReceivedAccount, Refresh, Report, RowCurrency, Settled, State, Track, parse_decimal,
};

/// What stands for "never" where a time may stand.
const NEVER: &str = "never";

const COLUMNS: &str = "key, family, id, first_id, name, first_name, login, \
    label, mask, kind, sub_kind, balance, account_balance, available, cash, sent_currency, \
    last_updated, status, routing_number, raw, \
    currency, track, bank_id, ofx_account, ofx_type, \
    proved_balance_sign, balance_proof, proved_amount_sign, amount_proof, \
    reads, read_from, read_at, read_updated, \
    anchor_balance, anchor_day, anchor_pending, anchor_waiting, anchor_counts_pending, \
    agreed_balance, agreed_day, \
    state, message, help, last_attempt, last_success, next_attempt, wait_until, failures, \
    linked_login, linked_kind, ledger, linked_currency, row_currency, linked_start, start, \
    opening_entry, linked_track, balance_sign, amount_sign, linked_refresh, max_age, \
    closed";

impl Store {
    /// Every account that a family ever had, by name.
    pub fn accounts(&self, family: &Name) -> Result<Vec<KeptAccount>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM account WHERE family = ?1 ORDER BY name");
        self.run(|db| {
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([family.as_str()], read_account)?;
            rows.collect()
        })
    }

    /// One account by its present name.
    pub fn account(&self, family: &Name, name: &Name) -> Result<Option<KeptAccount>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM account WHERE family = ?1 AND name = ?2");
        self.run(|db| {
            let mut query = db.prepare_cached(&sql)?;
            query.query_row([family.as_str(), name.as_str()], read_account).optional()
        })
    }

    /// Makes the record of an account that is linked for the first time.
    pub fn add_account(&self, family: &Name, linked: &Linked) -> Result<(), StoreError> {
        let sql = "INSERT INTO account (family, name, first_name, id, first_id,
            linked_login, linked_kind, ledger, linked_currency, row_currency, linked_start, start,
            opening_entry, linked_track, balance_sign, amount_sign, linked_refresh, max_age, closed)
            VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
        let account = &linked.account;
        let first_name = self.free_first_name(family, &account.name)?;
        let named = [family.as_str(), account.name.as_str(), &first_name, account.id.as_str()]
            .map(|text| Some(text.to_owned()));
        let values = named.into_iter().chain(linked_values(linked));
        self.run(|db| db.execute(sql, params_from_iter(values)).map(drop))
    }

    /// What ids of the account's rows are minted from: its name, unless that was the first one of
    /// another account, which has another name now.
    fn free_first_name(&self, family: &Name, name: &Name) -> Result<String, StoreError> {
        let sql = "SELECT first_name FROM account WHERE family = ?1";
        let taken: Vec<String> = self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            query.query_map([family.as_str()], |row| row.get(0))?.collect()
        })?;
        let short: String = name.as_str().chars().take(Name::LONGEST - 5).collect();
        let others = (2_usize..).map(|nth| format!("{short}-{nth}"));
        let mut names = std::iter::once(name.to_string()).chain(others);
        // Of one name more than there are accounts, one is free.
        let free = names.find(|name| !taken.contains(name));
        Ok(free.unwrap_or_else(|| name.to_string()))
    }

    /// Keeps how an account is configured now.
    pub fn save_linked(&self, key: i64, linked: &Linked) -> Result<(), StoreError> {
        let sql = "UPDATE account SET linked_login = ?2, linked_kind = ?3, ledger = ?4,
            linked_currency = ?5, row_currency = ?6, linked_start = ?7, start = ?8,
            opening_entry = ?9, linked_track = ?10, balance_sign = ?11, amount_sign = ?12,
            linked_refresh = ?13, max_age = ?14, closed = ?15 WHERE key = ?1";
        let values = std::iter::once(Some(key.to_string())).chain(linked_values(linked));
        self.run(|db| db.execute(sql, params_from_iter(values)).map(drop))
    }

    /// Forgets the sums that balances were held against: they are made anew, under other settings.
    pub fn forget_computed(&self, key: i64) -> Result<(), StoreError> {
        let sql = "UPDATE report SET computed = NULL WHERE account = ?1";
        self.run(|db| db.execute(sql, [key]).map(drop))
    }

    /// Forgets an account that was linked but never read: its name or id may be given anew.
    pub fn drop_unread_account(&self, key: i64) -> Result<(), StoreError> {
        // What was refused of it, or happened to it, is all that can hang on it.
        let unread = "(SELECT key FROM account WHERE key = ?1 AND reads = 0)";
        self.run(|db| {
            for table in ["refused", "event"] {
                let sql = format!("DELETE FROM {table} WHERE account = {unread}");
                db.execute(&sql, [key])?;
            }
            db.execute(&format!("DELETE FROM account WHERE key = {unread}"), [key]).map(drop)
        })
    }

    /// Keeps which login an account belongs to.
    pub fn save_login_of(&self, key: i64, login: &LoginId) -> Result<(), StoreError> {
        let sql = "UPDATE account SET login = ?2 WHERE key = ?1";
        self.run(|db| db.execute(sql, params![key, login.as_str()]).map(drop))
    }

    /// Keeps the list's record of an account.
    pub fn save_received(&self, key: i64, received: &ReceivedAccount) -> Result<(), StoreError> {
        let sql = "UPDATE account SET label = ?2, mask = ?3, kind = ?4, sub_kind = ?5,
            balance = ?6, account_balance = ?7, available = ?8, cash = ?9, sent_currency = ?10,
            last_updated = ?11, status = ?12, routing_number = ?13, raw = ?14 WHERE key = ?1";
        let values = params![
            key,
            received.name,
            received.mask,
            received.kind,
            received.sub_kind,
            sent(&received.balance),
            sent(&received.account_balance),
            sent(&received.available),
            sent(&received.cash),
            received.currency,
            received.last_updated,
            received.status,
            received.routing_number,
            received.raw,
        ];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Keeps what the first good read settled.
    pub fn save_settled(&self, key: i64, settled: &Settled) -> Result<(), StoreError> {
        let sql = "UPDATE account SET currency = ?2, track = ?3, bank_id = ?4, ofx_account = ?5,
            ofx_type = ?6, proved_balance_sign = ?7, balance_proof = ?8, proved_amount_sign = ?9,
            amount_proof = ?10 WHERE key = ?1";
        let (balance, amount) = (&settled.balance_sign, &settled.amount_sign);
        let values = params![
            key,
            settled.currency.code(),
            settled.track.word(),
            settled.ofx.bank_id,
            settled.ofx.account_id,
            settled.ofx.account_type,
            balance.as_ref().map(|proved| proved.sign.word()),
            balance.as_ref().map(|proved| proved.proof.as_str()),
            amount.as_ref().map(|proved| proved.sign.word()),
            amount.as_ref().map(|proved| proved.proof.as_str()),
        ];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Keeps where reading stands after a good read.
    pub fn save_cursor(
        &self,
        key: i64,
        reads: ReadNumber,
        cursor: &Cursor,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE account SET reads = ?2, read_from = ?3, read_at = ?4, read_updated = ?5
            WHERE key = ?1";
        let values = params![
            key,
            reads,
            cursor.read_from.map(|day| day.to_string()),
            cursor.read_at.map(instant_text),
            cursor.last_updated,
        ];
        self.run(|db| {
            let note = "INSERT OR REPLACE INTO read (account, number, at) VALUES (?1, ?2, ?3)";
            db.execute(note, params![key, reads, cursor.read_at.map(instant_text)])?;
            db.execute(sql, values).map(drop)
        })
    }

    /// Keeps what the opening follows from.
    pub fn save_anchor(&self, key: i64, anchor: &Anchor) -> Result<(), StoreError> {
        let sql = "UPDATE account SET anchor_balance = ?2, anchor_day = ?3, anchor_pending = ?4,
            anchor_waiting = ?5, anchor_counts_pending = ?6 WHERE key = ?1";
        let values = params![
            key,
            anchor.balance.to_string(),
            anchor.day.to_string(),
            anchor.pending.to_string(),
            anchor.waiting.join("\n"),
            anchor.counts_pending,
        ];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Keeps the last agreement. Which rows it counted stands with the rows.
    pub fn save_agreement(&self, key: i64, agreement: &Agreement) -> Result<(), StoreError> {
        let sql = "UPDATE account SET agreed_balance = ?2, agreed_day = ?3 WHERE key = ?1";
        let values = params![key, agreement.balance.to_string(), agreement.day.to_string()];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Forgets the last agreement, which was one with books that were wrong.
    pub fn forget_agreement(&self, key: i64) -> Result<(), StoreError> {
        let account = "UPDATE account SET agreed_balance = NULL, agreed_day = NULL WHERE key = ?1";
        let rows = "UPDATE transaction_row SET agreed = 0 WHERE account = ?1";
        self.run(|db| {
            db.execute(account, [key])?;
            db.execute(rows, [key]).map(drop)
        })
    }

    /// Keeps state and attempts.
    pub fn save_condition(&self, key: i64, condition: &Condition) -> Result<(), StoreError> {
        let sql = "UPDATE account SET state = ?2, message = ?3, help = ?4, last_attempt = ?5,
            last_success = ?6, next_attempt = ?7, wait_until = ?8, failures = ?9 WHERE key = ?1";
        let values = params![
            key,
            condition.state.word(),
            condition.message,
            condition.help,
            condition.last_attempt.map(instant_text),
            condition.last_success.map(instant_text),
            condition.next_attempt.map(instant_text),
            condition.wait_until.map(instant_text),
            condition.failures,
        ];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Keeps another thing to do about an account's trouble.
    pub fn save_help(&self, key: i64, help: &str) -> Result<(), StoreError> {
        let sql = "UPDATE account SET help = ?2 WHERE key = ?1";
        self.run(|db| db.execute(sql, params![key, help]).map(drop))
    }

    /// The reported balances of an account, in the order in which they came.
    pub fn reports(&self, key: i64) -> Result<Vec<Report>, StoreError> {
        let sql = "SELECT read, day, balance, available, disturbed, computed FROM report
            WHERE account = ?1 ORDER BY place";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let rows = query.query_map([key], |row| {
                Ok(Report {
                    read: row.get(0)?,
                    day: day(row, 1)?.ok_or_else(|| odd(1))?,
                    balance: decimal(row, 2)?,
                    available: decimal(row, 3)?,
                    disturbed: row.get(4)?,
                    computed: decimal(row, 5)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Keeps a reported balance.
    pub fn add_report(&self, key: i64, report: &Report) -> Result<(), StoreError> {
        let sql = "INSERT INTO report (account, place, read, day, balance, available, disturbed, computed)
            SELECT ?1, coalesce(max(place), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM report WHERE account = ?1";
        let text = |amount: &rust_decimal::Decimal| amount.to_string();
        let values = params![
            key,
            report.read,
            report.day.to_string(),
            report.balance.as_ref().map(text),
            report.available.as_ref().map(text),
            report.disturbed,
            report.computed.as_ref().map(text),
        ];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Records something that happened to an account, or to one row of it.
    pub fn add_event(
        &self,
        key: i64,
        at: DateTime<Utc>,
        row: Option<i64>,
        what: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO event (account, at, row, what) VALUES (?1, ?2, ?3, ?4)";
        self.run(|db| db.execute(sql, params![key, instant_text(at), row, what]).map(drop))
    }
}

fn read_account(row: &Row) -> rusqlite::Result<KeptAccount> {
    let id = AccountId::new(&row.get::<_, String>("id")?);
    let login: Option<String> = row.get("login")?;
    let login = login.as_deref().map(LoginId::new);
    Ok(KeptAccount {
        key: row.get("key")?,
        family: name(row, "family")?,
        received: read_received(row, &id, login.as_ref())?,
        id,
        first_id: AccountId::new(&row.get::<_, String>("first_id")?),
        name: name(row, "name")?,
        first_name: name(row, "first_name")?,
        login,
        settled: read_settled(row)?,
        reads: row.get("reads")?,
        cursor: Cursor {
            read_from: day(row, "read_from")?,
            read_at: instant(row, "read_at")?,
            last_updated: row.get("read_updated")?,
        },
        anchor: read_anchor(row)?,
        agreement: match (decimal(row, "agreed_balance")?, day(row, "agreed_day")?) {
            (Some(balance), Some(day)) => Some(Agreement { balance, day }),
            _ => None,
        },
        condition: read_condition(row)?,
        linked: read_linked(row)?,
    })
}

fn linked_values(linked: &Linked) -> [Option<String>; 14] {
    let account = &linked.account;
    [
        account.login.as_ref().map(ToString::to_string),
        Some(account.kind.word().to_owned()),
        Some(account.ledger.clone()),
        account.currency.as_ref().map(ToString::to_string),
        Some(account.row_currency.word().to_owned()),
        account.start_date.map(|day| day.to_string()),
        Some(linked.start.to_string()),
        Some(u8::from(account.opening_entry).to_string()),
        account.track.map(|track| track.word().to_owned()),
        Some(account.balance_sign.word().to_owned()),
        Some(account.amount_sign.word().to_owned()),
        account.refresh.map(refresh_text),
        account.max_age.map(|age| age.as_millis().to_string()),
        account.closed.map(|day| day.to_string()),
    ]
}

fn read_linked(row: &Row) -> rusqlite::Result<Linked> {
    let login: Option<String> = row.get("linked_login")?;
    let kinds = AccountType::ALL.map(|kind| (kind.word(), kind));
    let account = Account {
        id: AccountId::new(&row.get::<_, String>("id")?),
        login: login.as_deref().map(LoginId::new),
        name: name(row, "name")?,
        kind: meaning(row, "linked_kind", &kinds)?.ok_or_else(|| odd("linked_kind"))?,
        ledger: row.get("ledger")?,
        currency: parsed(row, "linked_currency", Currency::parse)?,
        row_currency: meaning(row, "row_currency", RowCurrency::WORDS)?
            .ok_or_else(|| odd("row_currency"))?,
        start_date: day(row, "linked_start")?,
        opening_entry: row.get("opening_entry")?,
        track: meaning(row, "linked_track", Track::WORDS)?,
        balance_sign: meaning(row, "balance_sign", BalanceSign::WORDS)?
            .ok_or_else(|| odd("balance_sign"))?,
        amount_sign: meaning(row, "amount_sign", AmountSign::WORDS)?
            .ok_or_else(|| odd("amount_sign"))?,
        refresh: parsed(row, "linked_refresh", refresh)?,
        max_age: parsed(row, "max_age", millis)?,
        closed: day(row, "closed")?,
    };
    Ok(Linked { account, start: day(row, "start")?.ok_or_else(|| odd("start"))? })
}

fn refresh_text(refresh: Refresh) -> String {
    match refresh {
        Refresh::Never => NEVER.to_owned(),
        Refresh::Every(time) => time.as_millis().to_string(),
    }
}

fn refresh(text: &str) -> Option<Refresh> {
    if text == NEVER { Some(Refresh::Never) } else { millis(text).map(Refresh::Every) }
}

fn millis(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_millis)
}

fn proved<S: Copy>(
    row: &Row,
    sign: &str,
    proof: &str,
    words: &[(&str, S)],
) -> rusqlite::Result<Option<Proved<S>>> {
    match meaning(row, sign, words)? {
        Some(sign) => Ok(Some(Proved { sign, proof: row.get(proof)? })),
        None => Ok(None),
    }
}

/// What a word in a column means, where there is one.
fn meaning<T: Copy>(
    row: &Row,
    at: impl Column,
    words: &[(&str, T)],
) -> rusqlite::Result<Option<T>> {
    parsed(row, at, |text| {
        words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
    })
}

fn name(row: &Row, at: impl Column) -> rusqlite::Result<Name> {
    Name::parse(&row.get::<_, String>(at)?).map_err(|_| odd(at))
}

fn read_received(
    row: &Row,
    id: &AccountId,
    login: Option<&LoginId>,
) -> rusqlite::Result<Option<ReceivedAccount>> {
    let Some(raw) = row.get::<_, Option<String>>("raw")? else { return Ok(None) };
    Ok(Some(ReceivedAccount {
        id: id.clone(),
        login: login.cloned(),
        name: row.get("label")?,
        mask: row.get("mask")?,
        kind: row.get("kind")?,
        sub_kind: row.get("sub_kind")?,
        balance: read_sent(row, "balance", parse_decimal)?,
        account_balance: read_sent(row, "account_balance", parse_decimal)?,
        available: read_sent(row, "available", parse_decimal)?,
        cash: read_sent(row, "cash", parse_decimal)?,
        currency: row.get("sent_currency")?,
        last_updated: row.get("last_updated")?,
        status: row.get("status")?,
        routing_number: row.get("routing_number")?,
        raw,
    }))
}

fn read_settled(row: &Row) -> rusqlite::Result<Option<Settled>> {
    let Some(currency) = parsed(row, "currency", Currency::parse)? else { return Ok(None) };
    Ok(Some(Settled {
        currency,
        track: meaning(row, "track", Track::WORDS)?.ok_or_else(|| odd("track"))?,
        ofx: OfxIdentity {
            bank_id: row.get("bank_id")?,
            account_id: row.get("ofx_account")?,
            account_type: row.get("ofx_type")?,
        },
        balance_sign: proved(row, "proved_balance_sign", "balance_proof", BalanceSign::WORDS)?,
        amount_sign: proved(row, "proved_amount_sign", "amount_proof", AmountSign::WORDS)?,
    }))
}

fn read_anchor(row: &Row) -> rusqlite::Result<Option<Anchor>> {
    let (Some(balance), Some(day)) = (decimal(row, "anchor_balance")?, day(row, "anchor_day")?)
    else {
        return Ok(None);
    };
    let waiting: Option<String> = row.get("anchor_waiting")?;
    Ok(Some(Anchor {
        balance,
        day,
        pending: decimal(row, "anchor_pending")?.ok_or_else(|| odd("anchor_pending"))?,
        waiting: waiting.unwrap_or_default().lines().map(str::to_owned).collect(),
        counts_pending: row.get("anchor_counts_pending")?,
    }))
}

fn read_condition(row: &Row) -> rusqlite::Result<Condition> {
    Ok(Condition {
        state: parsed(row, "state", State::parse)?.ok_or_else(|| odd("state"))?,
        message: row.get("message")?,
        help: row.get("help")?,
        last_attempt: instant(row, "last_attempt")?,
        last_success: instant(row, "last_success")?,
        next_attempt: instant(row, "next_attempt")?,
        wait_until: instant(row, "wait_until")?,
        failures: row.get("failures")?,
    })
}
