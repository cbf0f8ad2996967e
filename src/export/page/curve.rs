//! A balance over the last year, as inline SVG.

use chrono::{DateTime, Days, Utc};
use rust_decimal::Decimal;

use super::html::Html;
use super::scale::{MoneyAxis, TimeAxis};
use crate::domain::{AccountOverview, Currency, Day, Drift, plain};

/// The drawing within its margins, in units of the drawing.
const WIDTH: i64 = 296;
const HEIGHT: i64 = 92;

/// The margins: for the figures at the left, and above for the highest of them.
const LEFT: i64 = 42;
const TOP: i64 = 8;

/// The fewest days that are drawn.
const LEAST_DAYS: u64 = 14;

/// How wide a piece must be to be hovered over, in tenths.
const HOVERED: i64 = 18;

/// What a curve is drawn from.
struct Plot<'a> {
    points: &'a [(Day, Decimal)],
    currency: &'a Currency,
    money: MoneyAxis,
    time: TimeAxis,
    /// The day of the data: what is behind it is only assumed.
    known_until: Day,
    drift: Option<&'a Drift>,
}

/// The curve of an account, where a balance was ever reported and can be drawn.
pub(super) fn curve(account: &AccountOverview, now: DateTime<Utc>) -> Option<Html> {
    let points = account.curve.as_slice();
    let (first, last) = (points.first()?.0, points.last()?.0);
    let today = now.date_naive().max(last);
    let from = first.min(today.checked_sub_days(Days::new(LEAST_DAYS)).unwrap_or(first));
    let balances = || points.iter().map(|(_, balance)| *balance);
    let as_of = account.data_as_of.map_or(last, |at| at.date_naive());
    let plot = Plot {
        points,
        currency: account.currency.as_ref()?,
        money: MoneyAxis::between(balances().min()?, balances().max()?)?,
        time: TimeAxis { from, until: today },
        known_until: as_of.clamp(last, today),
        drift: account.drift.as_ref(),
    };
    Some(plot.draw())
}

impl Plot<'_> {
    fn draw(&self) -> Html {
        let mut svg = Html::default();
        svg.raw("<svg class=\"curve\" viewBox=\"0 0 348 122\" role=\"img\" aria-label=\"");
        svg.text(&self.told()).raw("\">");
        self.axes(&mut svg);
        if let Some(drift) = self.drift {
            self.drift(drift, &mut svg);
        }
        self.line(&mut svg);
        self.hovers(&mut svg);
        svg.raw("</svg>");
        svg
    }

    /// The curve in words.
    fn told(&self) -> String {
        let (first, last) = (self.points.first(), self.points.last());
        let told = |point: Option<&(Day, Decimal)>| {
            point.map(|point| self.words(point)).unwrap_or_default()
        };
        format!("Balance over time: {} at first, {} at last", told(first), told(last))
    }

    fn words(&self, (day, balance): &(Day, Decimal)) -> String {
        format!("{day}: {} {}", plain(*balance, self.currency), self.currency)
    }

    fn axes(&self, svg: &mut Html) {
        svg.raw("<g class=\"axis\">");
        for (figure, label) in self.money.marks() {
            let y = self.y(figure);
            let zero = figure.is_zero() && self.money.crosses_zero();
            svg.raw(if zero { "<path class=\"zero\" d=\"" } else { "<path d=\"" });
            svg.places(&format!("M{LEFT} {}h{WIDTH}", tenths(y))).raw("\"/><text class=\"y\" x=\"");
            svg.places(&(LEFT - 5).to_string()).raw("\" y=\"").places(&tenths(y + 32));
            svg.element(("\">", "</text>"), &label);
        }
        for (day, label) in self.time.marks() {
            let x = self.x(day);
            svg.raw("<path d=\"").places(&format!("M{} {}v4", tenths(x), TOP + HEIGHT));
            svg.raw("\"/><text x=\"").places(&tenths(x)).raw("\" y=\"");
            svg.places(&(TOP + HEIGHT + 14).to_string()).element(("\">", "</text>"), &label);
        }
        svg.raw("</g>");
    }

    /// Each balance holds until the next one; behind the day of the data it is only assumed.
    fn line(&self, svg: &mut Html) {
        let Some((first, last)) = self.points.first().zip(self.points.last()) else { return };
        let mut path = format!("M{} {}", tenths(self.x(first.0)), tenths(self.y(first.1)));
        for (day, balance) in &self.points[1..] {
            path += &["H", &tenths(self.x(*day)), "V", &tenths(self.y(*balance))].concat();
        }
        let (known, end) = (self.x(self.known_until), self.x(self.time.until));
        path += &["H", &tenths(known)].concat();
        let floor = format!("V{}H{}Z", TOP + HEIGHT, tenths(self.x(first.0)));
        svg.raw("<path class=\"area\" d=\"").places(&path).places(&floor);
        svg.raw("\"/><path class=\"line\" d=\"").places(&path).raw("\"/>");
        let y = tenths(self.y(last.1));
        if end > known {
            let rest = format!("M{} {y}H{}", tenths(known), tenths(end));
            svg.raw("<path class=\"assumed\" d=\"").places(&rest).raw("\"/>");
        }
        svg.raw("<circle class=\"last\" r=\"2.6\" cx=\"").places(&tenths(known));
        svg.raw("\" cy=\"").places(&y).raw("\"/>");
    }

    fn drift(&self, drift: &Drift, svg: &mut Html) {
        let (from, end) = (self.x(drift.since), self.x(self.time.until));
        // A drift of today is a line at the edge.
        let width = tenths((end - from).max(10));
        svg.raw("<g class=\"drift\"><rect x=\"").places(&tenths(from)).raw("\" y=\"");
        svg.places(&TOP.to_string()).raw("\" width=\"").places(&width).raw("\" height=\"");
        svg.places(&HEIGHT.to_string()).raw("\"/><path d=\"");
        svg.places(&format!("M{} {TOP}v{HEIGHT}", tenths(from))).raw("\"/>");
        let right = from > (LEFT + WIDTH / 2) * 10;
        svg.raw(if right { "<text class=\"end\" x=\"" } else { "<text x=\"" });
        svg.places(&tenths(if right { from - 40 } else { from + 40 })).raw("\" y=\"");
        svg.places(&(TOP + 10).to_string()).raw("\">drift</text></g>");
    }

    /// What is told where the mouse rests: the balance that held then.
    fn hovers(&self, svg: &mut Html) {
        svg.raw("<g class=\"hover\">");
        let end = self.x(self.time.until);
        let ends = self.points[1..].iter().map(|(day, _)| self.x(*day)).chain([end]);
        let mut from = self.points.first().map_or(0, |(day, _)| self.x(*day));
        for (point, until) in self.points.iter().zip(ends) {
            // A piece too narrow to be met is told with the one behind it.
            let is_last = until >= end;
            if until - from < HOVERED && !is_last {
                continue;
            }
            svg.raw("<rect x=\"").places(&tenths(from)).raw("\" y=\"").places(&TOP.to_string());
            svg.raw("\" width=\"").places(&tenths((until - from).max(HOVERED)));
            svg.raw("\" height=\"").places(&HEIGHT.to_string()).raw("\"><title>");
            svg.text(&self.words(point));
            if let Some(drift) = self.drift.filter(|drift| self.x(drift.since) < until) {
                let amount = plain(drift.amount, self.currency);
                svg.text(&format!("; drift {amount} since {}", drift.since));
            }
            svg.raw("</title></rect>");
            from = until;
        }
        svg.raw("</g>");
    }

    fn x(&self, day: Day) -> i64 {
        LEFT * 10 + self.time.place(day, WIDTH)
    }

    fn y(&self, figure: Decimal) -> i64 {
        TOP * 10 + self.money.place(figure, HEIGHT)
    }
}

/// A place of so many tenths.
fn tenths(place: i64) -> String {
    let (whole, rest) = (place / 10, place % 10);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest}") }
}
