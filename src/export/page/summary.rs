//! The top of the page: what needs its owner, how old the oldest data are, how much it is in all.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::card::Card;
use super::html::Html;
use super::{instant, level_class};
use crate::domain::{
    Currency, FamilyOverview, Health, Level, Overview, State, exact_sum, span_words,
};

type Families<'a> = [(&'a FamilyOverview, Vec<Card<'a>>)];

/// How many accounts of one trouble are named.
const NAMED: usize = 8;

fn cards<'a>(families: &'a Families) -> impl Iterator<Item = &'a Card<'a>> {
    families.iter().flat_map(|(_, cards)| cards)
}

/// The verdict as a sentence begins.
pub(super) fn verdict(overview: &Overview, health: &Health) -> String {
    let words = health.words(overview);
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Renders the top of the page.
pub(super) fn render(overview: &Overview, health: &Health, families: &Families, html: &mut Html) {
    html.raw("<section class=\"verdict ").raw(level_class(health.level)).raw("\">\n<h1>");
    html.text(&verdict(overview, health)).raw("</h1>\n<p class=\"when\">as of ");
    html.piece(&instant(overview.now));
    if let Some(next) = overview.next_attempt() {
        html.raw("; next sync due ").piece(&instant(next));
    }
    html.raw("</p>\n");
    if let Some(error) = &overview.daemon.config_error {
        html.raw("<p class=\"config\"><b>The configuration on disk is not in force:</b> ");
        html.prose(error).raw("</p>\n");
    }
    troubles(families, html);
    html.raw("</section>\n<section class=\"figures\">\n");
    oldest(overview, html);
    totals(families, html);
    html.raw("</section>\n");
}

/// One trouble, and the accounts that have it.
struct Trouble<'a> {
    level: Level,
    what: String,
    cures: Vec<String>,
    cards: Vec<&'a Card<'a>>,
}

/// What needs its owner, the worst first; what several accounts have is told once.
fn troubles(families: &Families, html: &mut Html) {
    let mut troubles: Vec<Trouble> = Vec::new();
    for card in cards(families) {
        let (what, cures) = (card.what(), card.cures());
        if what.is_empty() && cures.is_empty() {
            continue;
        }
        match troubles.iter_mut().find(|other| other.what == what && other.cures == cures) {
            Some(other) => other.cards.push(card),
            None => troubles.push(Trouble { level: card.level(), what, cures, cards: vec![card] }),
        }
    }
    troubles.sort_by_key(|trouble| std::cmp::Reverse(trouble.level));
    if troubles.is_empty() {
        return;
    }
    html.raw("<ul>\n");
    for trouble in &troubles {
        trouble.render(html);
    }
    html.raw("</ul>\n");
}

impl Trouble<'_> {
    fn render(&self, html: &mut Html) {
        html.raw("<li class=\"").raw(level_class(self.level)).raw("\"><span class=\"who\">");
        for (nth, card) in self.cards.iter().take(NAMED).enumerate() {
            let name = format!("{}/{}", card.family.name, card.account.name);
            html.raw(if nth > 0 { ", " } else { "" });
            html.raw("<a href=\"#").text(&name).raw("\">").text(&name).raw("</a>");
        }
        if self.cards.len() > NAMED {
            html.raw(" and ").text(&(self.cards.len() - NAMED).to_string()).raw(" more");
        }
        html.raw("</span>");
        if !self.what.is_empty() {
            html.element((" <span class=\"what\">", "</span>"), &self.what);
        }
        for cure in &self.cures {
            html.raw(" <span class=\"cure\">").prose(cure).raw("</span>");
        }
        html.raw("</li>\n");
    }
}

fn oldest(overview: &Overview, html: &mut Html) {
    let Some(at) = overview.oldest_data() else { return };
    let age = (overview.now - at).to_std().unwrap_or_default();
    html.raw("<div><h2>Oldest data</h2><p class=\"big\">").text(&span_words(age));
    html.raw("</p><p class=\"of\">").piece(&instant(at)).raw("</p></div>\n");
}

/// What the balances of one currency add up to.
#[derive(Default)]
struct Total {
    sum: Option<Decimal>,
    accounts: usize,
}

fn totals(families: &Families, html: &mut Html) {
    let open = || cards(families).map(|card| card.account).filter(|it| it.state != State::Closed);
    let mut totals: BTreeMap<&Currency, Total> = BTreeMap::new();
    for account in open() {
        let (Some(balance), Some(currency)) = (account.balance, &account.currency) else {
            continue;
        };
        let total = totals.entry(currency).or_default();
        let before = if total.accounts == 0 { Some(Decimal::ZERO) } else { total.sum };
        total.sum = before.and_then(|sum| exact_sum(sum, balance));
        total.accounts += 1;
    }
    let unknown = open().filter(|it| it.balance.is_none()).count();
    for (currency, total) in &totals {
        let Some(sum) = total.sum else { continue };
        html.raw("<div><h2>In all</h2><p class=\"big\">").money(sum, currency);
        html.raw("</p><p class=\"of\">").text(&count(total.accounts)).raw("</p></div>\n");
    }
    if unknown > 0 {
        html.raw("<div><h2>Balance not known</h2><p class=\"big\">").text(&unknown.to_string());
        html.raw("</p><p class=\"of\">").text(&format!("{} left out", count(unknown)));
        html.raw("</p></div>\n");
    }
}

fn count(accounts: usize) -> String {
    format!("{accounts} {}", if accounts == 1 { "account" } else { "accounts" })
}
