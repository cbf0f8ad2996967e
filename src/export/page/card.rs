//! The card of one account: its state, how old its data are, how much it is, and what to do.

use chrono::{DateTime, Utc};

use super::curve::curve;
use super::html::Html;
use super::{instant, level_class};
use crate::domain::{
    AccountOverview, AccountType, Concern, FamilyOverview, Level, Notice, State, cure,
    drift_notice, plain, span_words,
};

/// One account with what is not well with it.
pub(super) struct Card<'a> {
    pub(super) family: &'a FamilyOverview,
    pub(super) account: &'a AccountOverview,
    pub(super) concerns: Vec<Concern>,
}

impl Card<'_> {
    /// How bad it is.
    pub(super) fn level(&self) -> Level {
        self.concerns.first().map_or(Level::Good, |concern| concern.level())
    }

    /// What is not well with it, in a few words.
    pub(super) fn what(&self) -> String {
        let mut words: Vec<String> = self.concerns.iter().map(ToString::to_string).collect();
        let is_long = self.concerns.iter().any(|it| matches!(it, Concern::Drift(_)));
        if self.drift().is_some() && !is_long {
            words.push("drift".to_owned());
        }
        words.join(", ")
    }

    /// What to do, if anything.
    pub(super) fn cures(&self) -> Vec<String> {
        let drift = self.drift().map(|drift| drift.help);
        cure(self.account, &self.concerns).into_iter().chain(drift).collect()
    }

    /// The drift of an account that is read.
    fn drift(&self) -> Option<Notice> {
        drift_notice(&self.family.name, self.account).filter(|_| !self.account.rests())
    }

    /// The card.
    pub(super) fn render(&self, now: DateTime<Utc>) -> Html {
        let mut html = Html::default();
        html.raw("<article class=\"card ").raw(level_class(self.level()));
        html.raw(if self.account.rests() { " rests" } else { "" }).raw("\" id=\"");
        html.text(&format!("{}/{}", self.family.name, self.account.name)).raw("\">");
        self.head(&mut html);
        self.figures(now, &mut html);
        if let Some(curve) = curve(self.account, now) {
            html.piece(&curve);
        }
        self.troubles(&mut html);
        self.details(&mut html);
        html.raw("</article>\n");
        html
    }

    fn head(&self, html: &mut Html) {
        let account = self.account;
        html.raw("<header><div>").element(("<h3>", "</h3>"), account.name.as_str());
        html.element(("<p class=\"kind\">", ""), kind_words(account.kind));
        if let Some(institution) = &account.institution {
            html.raw(" · ").text(institution);
        }
        html.raw("</p></div><span class=\"state ").raw(self.state_class());
        html.element(("\">", "</span>"), account.state.word()).raw("</header>");
    }

    fn state_class(&self) -> &'static str {
        match self.account.state {
            State::Rejected | State::Waiting => "critical",
            State::Stale => level_class(self.level()),
            State::Ok => "good",
            State::Suspect | State::Failed | State::Limited => "warning",
            State::Closed | State::Paused | State::New => "quiet",
        }
    }

    fn figures(&self, now: DateTime<Utc>, html: &mut Html) {
        let account = self.account;
        html.raw("<p class=\"balance\">");
        match (account.balance, &account.currency) {
            (Some(balance), Some(currency)) => html.money(balance, currency),
            _ => html.raw("<span class=\"none\">balance not known</span>"),
        };
        html.raw("</p><p class=\"age\">");
        let old =
            self.concerns.iter().any(|it| matches!(it, Concern::Old(_) | Concern::UnknownAge));
        html.raw(if old { "<b class=\"old\">" } else { "<b>" });
        match account.age(now) {
            Some(age) => html.text(&format!("data {} old", span_words(age))),
            None => html.raw("age of the data not known"),
        };
        html.raw("</b>");
        if let Some(at) = account.data_as_of {
            html.raw(" · ").piece(&instant(at));
        }
        html.raw("</p>");
    }

    fn troubles(&self, html: &mut Html) {
        let account = self.account;
        if let (Some(drift), Some(currency)) = (&account.drift, &account.currency) {
            html.raw("<p class=\"note drifts\"><b>Drift</b> ");
            html.text(&plain(drift.amount, currency)).raw(" ").text(currency.code());
            html.raw(" since ").text(&drift.since.to_string());
            html.raw(": the bank's balance is not what the rows say.</p>");
        }
        if account.balances_differ {
            html.raw("<p class=\"note\">Two balances were sent that differ: none is shown.</p>");
        }
        if let Some(message) = &account.message {
            html.raw("<p class=\"note\">").prose(message).raw("</p>");
        }
        for cure in self.cures() {
            html.raw("<p class=\"cure\">").prose(&cure).raw("</p>");
        }
    }

    fn details(&self, html: &mut Html) {
        let account = self.account;
        html.raw("<dl>");
        if let (Some(available), Some(currency)) = (account.available, &account.currency) {
            html.raw("<div><dt>available</dt><dd>").money(available, currency).raw("</dd></div>");
        }
        let times = [
            ("<div><dt>last success</dt><dd>", account.last_success),
            ("<div><dt>last attempt</dt><dd>", account.last_attempt),
            ("<div><dt>next attempt</dt><dd>", account.next_attempt),
        ];
        let twice = account.last_attempt == account.last_success;
        for (nth, (name, at)) in times.into_iter().enumerate() {
            if let Some(at) = at.filter(|_| nth != 1 || !twice) {
                html.raw(name).piece(&instant(at)).raw("</dd></div>");
            }
        }
        let counts = [
            ("<div><dt>booked</dt><dd>", account.transactions, true),
            ("<div><dt>pending</dt><dd>", account.pending, account.pending > 0),
            ("<div><dt>quarantined</dt><dd class=\"odd\">", account.quarantined, false),
        ];
        for (name, count, always) in counts {
            if always || count > 0 {
                html.element((name, "</dd></div>"), &count.to_string());
            }
        }
        html.raw("</dl>");
    }
}

fn kind_words(kind: AccountType) -> &'static str {
    match kind {
        AccountType::CreditCard => "credit card",
        kind => kind.word(),
    }
}
