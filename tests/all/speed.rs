//! Guards against work that grows with more than the news; figures come from the benchmark.

use std::time::Duration;

use chrono::{Days, NaiveDate};
use rustix::time::{ClockId, clock_gettime};
use sophtron_sync::books::{Asked, Fetched, Rules, Span, compare};
use sophtron_sync::domain::{
    AccountType, AmountSign, BalanceSign, Currency, KeptRow, ReceivedRow, RowCurrency, Sent,
    Standing, parse_decimal,
};

/// Ten times what the benchmark aims at, since this is no release build.
const LIMIT: Duration = Duration::from_millis(100);

fn first_day() -> NaiveDate {
    "2026-01-01".parse().expect("a day")
}

fn rules() -> Rules {
    Rules {
        kind: AccountType::Depository,
        currency: Currency::usd(),
        row_currency: RowCurrency::Strict,
        amount_sign: AmountSign::Type,
        untyped: None,
        balance_sign: BalanceSign::Auto,
        start: first_day(),
    }
}

fn row(id: String, nth: u32) -> ReceivedRow {
    let day = first_day() + Days::new(u64::from(nth) * 365 / 5_000);
    ReceivedRow {
        id: Some(id),
        status: Some("Posted".to_owned()),
        kind: Some("DEBIT".to_owned()),
        amount: parse_decimal(&format!("-{}.40", nth % 90)).map_or(Sent::Nothing, Sent::Value),
        transaction_date: Sent::Value(day),
        description: Some(format!("POS {:04} GREEN GROCER #12", nth % 700)),
        ..ReceivedRow::default()
    }
}

fn kept(nth: u32) -> KeptRow {
    let row = row(format!("id-{nth}"), nth);
    KeptRow {
        key: i64::from(nth),
        sequence: i64::from(nth),
        id: row.id.clone(),
        service_ids: row.id.iter().cloned().collect(),
        row,
        standing: Standing::Present,
        first_read: 1,
        anchored: true,
        at_anchor: None,
        agreed: true,
        missed: 0,
    }
}

/// How long this thread was at work: other work of the machine is none of it.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a time since the thread began")
}

#[test]
fn a_read_of_a_thousand_rows_is_compared_with_a_full_year_in_no_time() {
    let kept: Vec<_> = (0..5_000).map(kept).collect();
    let asked =
        Span { from: kept[4_000].row.day().value().copied().expect("a day"), end: NaiveDate::MAX };
    let asked = Asked { span: asked, overlap_days: 45, caught_up: NaiveDate::MIN };
    for (what, named) in [("known", "id"), ("issued anew", "new")] {
        let rows = (4_000..5_000).map(|nth| row(format!("{named}-{nth}"), nth)).collect();
        let fetched = Fetched { rows, outside: Vec::new() };
        // The best of some tries: the machine has other work too, which fills its caches.
        let best = (0..7).map(|_| {
            let start = worked();
            let plan = compare(&kept, &fetched, asked, &rules());
            let taken = worked().saturating_sub(start);
            assert!(plan.is_empty(), "ids {what}: {} new", plan.new.len());
            taken
        });
        let best = best.min().expect("some tries");
        assert!(best < LIMIT, "ids {what}: {best:?}");
    }
}
