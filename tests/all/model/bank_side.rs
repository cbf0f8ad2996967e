//! What an event does at the bank, and what a fault does to its answers.

use chrono::{Days, NaiveDate, TimeDelta};
use fastrand::Rng;
use rust_decimal::Decimal;
use sophtron_sync::domain::parse_decimal;

use super::story::{Balance, Event, Spoilt};
use crate::bank::{Account, Endpoint, Fault, Json, Row, Shape, Shown, Transport, World};

/// Rows change up to so many days after their own: older ones leave the overlap before they could
/// be taken for gone.
const RECENT_DAYS: i64 = 10;

/// The bank's own view of a story's account.
pub(super) struct Side {
    /// The day of the sync.
    pub(super) today: NaiveDate,
    /// The first day that is booked.
    pub(super) start: NaiveDate,
    /// The earliest day that a good read asks for.
    pub(super) reach: NaiveDate,
    /// The day of the earliest row that the opening was computed with.
    pub(super) earliest: Option<NaiveDate>,
    /// Whether something happened since the last good read.
    pub(super) news: bool,
    /// Whether nothing told yet whether the first balance counted the rows that were pending.
    pub(super) untold: bool,
    /// What an old row that came since then says.
    pub(super) old_waits: Option<String>,
    ids: u32,
}

impl Side {
    pub(super) fn new(today: NaiveDate, start: NaiveDate) -> Self {
        let (reach, earliest) = (start, None);
        let (news, untold) = (false, true);
        Self { today, start, reach, earliest, news, untold, old_waits: None, ids: 0 }
    }

    fn day(&self, back: i64) -> NaiveDate {
        let day = self.today - TimeDelta::days(back);
        let first = self.start.max(self.reach);
        let first = if self.old_waits.is_some() {
            first.max(self.earliest.unwrap_or(first))
        } else {
            first
        };
        day.max(first)
    }

    fn new_id(&mut self) -> String {
        self.ids += 1;
        format!("id-{}", self.ids)
    }

    /// Lets an event happen, where there is a row that it can happen to.
    pub(super) fn happen(&mut self, account: &mut Account, event: &Event) {
        match event {
            Event::Old { amount } => return self.old(account, amount),
            Event::Row { back, amount, text, pending } => {
                self.add(account, *back, amount, text).pending = *pending;
            }
            Event::Twin { of } => {
                if let Some(row) = self.posted(account, *of) {
                    let twin = row.clone();
                    let id = self.new_id();
                    account.rows.push(twin);
                    account.rows.last_mut().expect("just added").id(&id);
                }
            }
            Event::HandOn { of, back, amount, text } => {
                self.hand_on(account, *of, *back, amount, text);
            }
            Event::Ids { lost } => self.all_ids(account, *lost),
            Event::Swap { of, with } => self.swap(account, *of, *with),
            Event::Share { of, with } => self.share(account, *of, *with),
            Event::Shuffle { by } => Rng::with_seed(*by).shuffle(&mut account.rows),
            Event::Vanish { of, rows } => {
                for _ in 0..*rows {
                    if let Some(row) = self.posted(account, *of) {
                        row.shown(Shown::Gone);
                    }
                }
            }
            _ => self.change(account, event),
        }
        self.news = true;
    }

    /// What happens to one row alone.
    fn change(&mut self, account: &mut Account, event: &Event) {
        let new_id = self.new_id();
        let day = |back: &i64| self.day(*back);
        match event {
            Event::Amount { of, amount } => {
                if let Some(row) = self.posted(account, *of) {
                    (*amount).clone_into(&mut row.amount);
                }
            }
            Event::Text { of, text } => {
                if let Some(row) = self.posted(account, *of) {
                    (*text).clone_into(&mut row.description);
                }
            }
            Event::Day { of, back } => {
                let day = day(back);
                if let Some(row) = self.posted(account, *of) {
                    (row.day, row.posted) = (day, day);
                }
            }
            Event::Id { of, lost } => {
                if let Some(row) = self.posted(account, *of) {
                    row.id(if *lost { "" } else { &new_id });
                }
            }
            Event::Return { of } => {
                let gone = |row: &Row| row.shown == Shown::Gone && !row.pending;
                if let Some(row) = nth(account, *of, |row| gone(row) && self.is_recent(row)) {
                    row.shown(Shown::Now);
                }
            }
            Event::Drop { of } => {
                if let Some(row) = nth(account, *of, is_waiting) {
                    row.shown(Shown::Gone);
                }
            }
            Event::Settle { of, new_id: renamed, amount, text, back } => {
                let Some(row) = nth(account, *of, is_waiting) else { return };
                row.pending = false;
                if *renamed {
                    row.id(&new_id);
                }
                if let Some(amount) = amount {
                    (*amount).clone_into(&mut row.amount);
                }
                if let Some(text) = text {
                    (*text).clone_into(&mut row.description);
                }
                row.day = back.as_ref().map_or(row.day.max(self.day(RECENT_DAYS)), day);
                row.posted = row.day;
            }
            _ => unreachable!("{event:?} is no change of one row"),
        }
    }

    fn add<'a>(
        &mut self,
        account: &'a mut Account,
        back: i64,
        amount: &str,
        text: &str,
    ) -> &'a mut Row {
        let id = self.new_id();
        account.add_row_on(self.day(back), amount, text).id(&id)
    }

    /// A row that the balance counted from the first read on, though it is shown only now. It comes
    /// alone: a balance cannot tell one late row from another.
    fn old(&mut self, account: &mut Account, amount: &str) {
        let Some(earliest) = self.earliest.filter(|_| !self.news && self.old_waits.is_none())
        else {
            return;
        };
        let day = earliest - Days::new(1);
        if day < self.reach.max(self.start) {
            return;
        }
        let id = self.new_id();
        let text = format!("OLD {id}");
        let row = account.add_row_on(day, amount, &text).id(&id).value();
        account.opening = (value(&account.opening) - row).to_string();
        (self.old_waits, self.news) = (Some(text), true);
    }

    fn hand_on(&mut self, account: &mut Account, of: usize, back: i64, amount: &str, text: &str) {
        let new_id = self.new_id();
        let Some(row) = self.posted(account, of) else { return };
        let id = std::mem::replace(&mut row.id, new_id);
        self.add(account, back, amount, text).id(&id);
    }

    fn all_ids(&mut self, account: &mut Account, lost: bool) {
        for row in &mut account.rows {
            let id = self.new_id();
            row.id(if lost { "" } else { &id });
        }
    }

    fn swap(&self, account: &mut Account, of: usize, with: usize) {
        let Some(one) = self.place(account, of) else { return };
        let Some(other) = self.place(account, with) else { return };
        let id = account.rows[one].id.clone();
        account.rows[one].id = std::mem::replace(&mut account.rows[other].id, id);
    }

    /// Two rows that say the same under one id are one row sent twice.
    fn share(&self, account: &mut Account, of: usize, with: usize) {
        let Some(one) = self.place(account, of) else { return };
        let Some(other) = self.place(account, with) else { return };
        account.rows[one].id = account.rows[other].id.clone();
    }

    fn is_recent(&self, row: &Row) -> bool {
        row.day >= self.today - TimeDelta::days(RECENT_DAYS)
    }

    /// A row that something may happen to.
    ///
    /// Nothing happens to an old row before a read showed it. The answers would tell only what
    /// became of it: that it came on a later day, with another amount, twice, as what a known
    /// row's id names now, or not at all, while the balance moved by something else. A bank whose
    /// balance is wrong by as much answers with the same figures, and then it is right to say so.
    fn place(&self, account: &Account, of: usize) -> Option<usize> {
        let waits = |row: &Row| self.old_waits.as_ref() == Some(&row.description);
        let fits = |row: &Row| row.shown == Shown::Now && !row.pending && self.is_recent(row);
        let rows = account.rows.iter().enumerate();
        let places = rows.filter(|(_, row)| fits(row) && !waits(row)).map(|(place, _)| place);
        let places: Vec<_> = places.collect();
        (!places.is_empty()).then(|| places[of % places.len()])
    }

    fn posted<'a>(&self, account: &'a mut Account, of: usize) -> Option<&'a mut Row> {
        let place = self.place(account, of)?;
        account.rows.get_mut(place)
    }
}

fn is_waiting(row: &Row) -> bool {
    row.shown == Shown::Now && row.pending
}

fn nth(account: &mut Account, of: usize, fits: impl Fn(&Row) -> bool) -> Option<&mut Row> {
    let count = account.rows.iter().filter(|row| fits(row)).count();
    let at = of.checked_rem(count)?;
    account.rows.iter_mut().filter(|row| fits(row)).nth(at)
}

/// Gives rows that would be one row sent twice, the same words under one id, an id each.
pub(super) fn tell_apart(account: &mut Account) {
    let mut seen: Vec<(String, NaiveDate, Decimal, String, bool)> = Vec::new();
    for (nth, row) in account.rows.iter_mut().enumerate() {
        if row.shown != Shown::Now || row.id.is_empty() {
            continue;
        }
        let told = (row.id.clone(), row.day, row.value(), row.description.clone(), row.pending);
        if seen.contains(&told) {
            row.id = format!("{}-{nth}", row.id);
        } else {
            seen.push(told);
        }
    }
}

/// Lets pending rows lapse before they leave the days that are asked for.
pub(super) fn lapse(account: &mut Account, today: NaiveDate) {
    let old = |row: &Row| is_waiting(row) && (today - row.day).num_days() > 2 * RECENT_DAYS;
    for row in account.rows.iter_mut().filter(|row| old(row)) {
        row.shown(Shown::Gone);
    }
}

/// Has the service copy the bank: balance and `LastUpdated` move.
pub(super) fn publish(account: &mut Account, balance: Balance, today: NaiveDate) {
    account.fixed_balance = None;
    account.publish(today);
    let sum = |takes: &dyn Fn(&Row) -> bool| {
        let rows = account.rows.iter().filter(|row| row.shown == Shown::Now && takes(row));
        value(&account.opening) + rows.map(Row::value).sum::<Decimal>()
    };
    match balance {
        Balance::Posted => {}
        Balance::All => account.fixed_balance = Some(sum(&|_| true).to_string()),
        Balance::ToDay(lag) => {
            let day = today - TimeDelta::days(lag);
            account.fixed_balance = Some(sum(&|row| !row.pending && row.day <= day).to_string());
            let text =
                format!("{day}T07:{:02}:{:02}", account.refreshes / 60, account.refreshes % 60);
            account.last_updated = Some(Json::Text(text));
        }
    }
}

/// Has the service answer badly from now on.
pub(super) fn spoil(world: &mut World, spoilt: &Spoilt) {
    use Endpoint::{Accounts, Transactions};
    let html = |status| Fault::Transport(Transport::Html(status));
    let (fault, on, times) = match spoilt {
        Spoilt::Status(status, times) => (Fault::Status(*status), Transactions, Some(*times)),
        Spoilt::Limited(after) => (Fault::Limited(after.map(str::to_owned)), Transactions, None),
        Spoilt::Html(status) => (html(*status), Transactions, None),
        Spoilt::Cut(bytes, times) => {
            (Fault::Transport(Transport::Cut(*bytes)), Transactions, Some(*times))
        }
        Spoilt::Body(text) => (Fault::body(text), Transactions, None),
        Spoilt::NoAccounts => (Fault::Status(500), Accounts, None),
        Spoilt::Empty => (Fault::Shape(Shape::Empty), Transactions, None),
        Spoilt::Truncated(rows) => (Fault::Shape(Shape::Truncated(*rows)), Transactions, None),
        Spoilt::Reversed => (Fault::Shape(Shape::Reversed), Transactions, None),
        Spoilt::FirstTwice => (Fault::Shape(Shape::FirstTwice), Transactions, None),
        Spoilt::NewIds(salt) => (Fault::Shape(Shape::NewIds(salt.to_string())), Transactions, None),
    };
    let rule = world.fault(fault).on(on);
    if let Some(times) = times {
        rule.times(times);
    }
}

fn value(digits: &str) -> Decimal {
    parse_decimal(digits).expect("a decimal")
}
