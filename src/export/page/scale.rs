//! The axes of a curve: round figures for money, days for time. Places are whole tenths of a unit
//! of the drawing, so that no amount ever becomes a floating-point number.

use chrono::{Datelike, Days, Months};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Day, shortest};

/// How many steps a money axis has at least.
const STEPS: i64 = 3;

/// A money axis never shows less than this part of its largest figure: a balance that hardly moves
/// is a line that hardly moves, and its labels stay short.
const LEAST_PART: i64 = 200;

/// The days from which on months are marked instead of days.
const MONTHLY_FROM: i64 = 50;

/// The most marks on a time axis.
const MOST_MARKS: i64 = 6;

/// A money axis between two round figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MoneyAxis {
    low: Decimal,
    high: Decimal,
    step: Decimal,
}

impl MoneyAxis {
    /// The axis of figures between two; `None` where they are too large to be drawn.
    pub(super) fn between(least: Decimal, most: Decimal) -> Option<Self> {
        let span = most.checked_sub(least)?;
        let largest = most.abs().max(least.abs());
        let part = largest.checked_div(LEAST_PART.into())?;
        let wanted = if largest.is_zero() { Decimal::ONE } else { span.max(part) };
        let step = round_up(wanted.checked_div(STEPS.into())?)?;
        let multiple = |figure: Decimal| figure.checked_div(step);
        let low = multiple(least)?.floor().checked_mul(step)?;
        let high = multiple(most)?.ceil().checked_mul(step)?;
        let (low, high) = if low == high { (low - step, high + step) } else { (low, high) };
        Some(Self { low, high, step })
    }

    /// The place of a figure, counted in tenths from the top of a drawing that is so high.
    pub(super) fn place(&self, figure: Decimal, height: i64) -> i64 {
        let part = (self.high - figure).checked_div(self.high - self.low);
        part.and_then(|part| (part * Decimal::from(height * 10)).round().to_i64()).unwrap_or(0)
    }

    /// The marked figures with their labels, ascending.
    pub(super) fn marks(&self) -> Vec<(Decimal, String)> {
        let figures = (0..).map(|nth| self.low + self.step * Decimal::from(nth));
        let figures = figures.take_while(|figure| *figure <= self.high).take(12);
        let largest = self.low.abs().max(self.high.abs());
        figures.map(|figure| (figure, label(figure, largest))).collect()
    }

    /// Whether zero lies within.
    pub(super) fn crosses_zero(&self) -> bool {
        self.low < Decimal::ZERO && self.high > Decimal::ZERO
    }
}

/// The next of 1, 2 and 5 times a power of ten.
fn round_up(step: Decimal) -> Option<Decimal> {
    let ten = Decimal::TEN;
    let mut unit = Decimal::ONE;
    while unit.checked_mul(ten)? <= step {
        unit = unit.checked_mul(ten)?;
    }
    while unit > step && unit.scale() < 6 {
        unit = unit.checked_div(ten)?;
    }
    let factors = [1, 2, 5, 10].into_iter().filter_map(|factor| unit.checked_mul(factor.into()));
    factors.into_iter().find(|round| *round >= step)
}

/// A figure in few characters, in the unit that suits the largest one of its axis.
fn label(figure: Decimal, largest: Decimal) -> String {
    const UNITS: [(i64, &str); 4] =
        [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k")];
    let unit = UNITS.into_iter().find(|(from, _)| largest >= Decimal::from(*from));
    let text = match unit {
        Some((_, "k")) => shortest(figure / Decimal::from(1000)) + "k",
        Some((from, suffix)) => shortest(figure / Decimal::from(from)) + suffix,
        None => shortest(figure),
    };
    if text.trim_end_matches(char::is_alphabetic) == "0" { "0".to_owned() } else { text }
}

/// A time axis from a day to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeAxis {
    pub(super) from: Day,
    pub(super) until: Day,
}

impl TimeAxis {
    /// The place of a day, counted in tenths from the left of a drawing that is so wide. A day
    /// outside stands at the end.
    pub(super) fn place(self, day: Day, width: i64) -> i64 {
        let past = (day.clamp(self.from, self.until) - self.from).num_days();
        past * width * 10 / self.days()
    }

    /// The marked days with their labels: months, or days where it is short.
    pub(super) fn marks(self) -> Vec<(Day, String)> {
        if self.days() < MONTHLY_FROM { self.day_marks() } else { self.month_marks() }
    }

    fn days(self) -> i64 {
        (self.until - self.from).num_days().max(1)
    }

    fn day_marks(self) -> Vec<(Day, String)> {
        let step = u64::try_from(self.days() / 4).unwrap_or(1).max(1);
        let days = (0..4).filter_map(|nth| self.from.checked_add_days(Days::new(nth * step)));
        let days = days.filter(|day| *day <= self.until);
        days.map(|day| (day, day.format("%-d %b").to_string())).collect()
    }

    fn month_marks(self) -> Vec<(Day, String)> {
        let months = self.days() / 30 + 1;
        let step = [1, 2, 3].into_iter().find(|step| months / step <= MOST_MARKS).unwrap_or(3);
        let first = self.from.with_day(1).unwrap_or(self.from);
        let marked = (0..14).filter_map(|nth| first.checked_add_months(Months::new(nth)));
        let marked = marked.filter(|day| {
            *day >= self.from && *day <= self.until && i64::from(day.month0()) % step == 0
        });
        let label = |day: Day| if day.month() == 1 { "%Y" } else { "%b" };
        marked.map(|day| (day, day.format(label(day)).to_string())).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{civil_day, parse_decimal};

    fn money(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    #[test]
    fn figures_are_round_and_labels_short() {
        for (least, most, labels) in [
            ("1012.30", "2987.65", "1000 2000 3000"),
            ("-902.65", "-840.55", "-950 -900 -850 -800"),
            ("0", "0", "-0.5 0 0.5"),
            ("0.00", "250000", "0 100k 200k 300k"),
            ("1250000", "2750000", "1M 1.5M 2M 2.5M 3M"),
            ("1000000.01", "1000000.02", "1M 1.002M"),
            ("-50.5", "120", "-100 0 100 200"),
        ] {
            let axis = MoneyAxis::between(money(least), money(most)).unwrap();
            let told: Vec<String> = axis.marks().into_iter().map(|(_, label)| label).collect();
            assert_eq!(told.join(" "), labels, "{least} to {most}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_not() {
        assert_eq!(MoneyAxis::between(Decimal::MIN, Decimal::MAX), None);
    }

    #[test]
    fn months_are_marked_on_a_year_and_days_on_a_fortnight() {
        let marks = |from, until| {
            let axis =
                TimeAxis { from: civil_day(from).unwrap(), until: civil_day(until).unwrap() };
            let labels: Vec<String> = axis.marks().into_iter().map(|(_, label)| label).collect();
            labels.join(" ")
        };
        assert_eq!(marks("2025-11-25", "2026-11-25"), "2026 Mar May Jul Sep Nov");
        assert_eq!(marks("2026-05-03", "2026-09-10"), "Jun Jul Aug Sep");
        assert_eq!(marks("2026-05-03", "2026-05-17"), "3 May 6 May 9 May 12 May");
        assert_eq!(marks("2026-05-03", "2026-05-03"), "3 May");
    }

    proptest! {
        #[test]
        fn every_figure_lies_on_its_axis(one: i64, other: i64, places in 0_u32..6) {
            let (one, other) = (Decimal::new(one, places), Decimal::new(other, places));
            let (least, most) = (one.min(other), one.max(other));
            let axis = MoneyAxis::between(least, most).expect("it can be drawn");
            for figure in [least, most] {
                prop_assert!((0..=1000).contains(&axis.place(figure, 100)), "{axis:?} {figure}");
            }
            prop_assert!(axis.place(most, 100) <= axis.place(least, 100));
            prop_assert!((2..12).contains(&axis.marks().len()), "{:?}", axis.marks());
        }
    }
}
