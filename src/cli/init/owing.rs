//! What the balance of an account means that may be a debt: asked only of those that may be, and only
//! where there is something to owe.

use super::Picked;
use crate::cli::text;
use crate::domain::{AccountType, BalanceSign};

/// A question about one balance, and what each answer to it makes of the account. The first answer
/// is what Enter alone takes.
pub(super) struct Owing {
    pub(super) words: String,
    pub(super) answers: Vec<(String, Answer)>,
}

/// What an answer makes of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// What is configured; nothing where the default says it.
    pub(super) sign: Option<BalanceSign>,
    /// Whether the account is a debt then.
    pub(super) is_debt: bool,
}

/// The question about an account, if there is one.
pub(super) fn owing(picked: &Picked) -> Option<Owing> {
    let kind = picked.account.kind;
    let is_other = kind == AccountType::Other;
    let balance = picked.found.balance.as_deref().filter(|balance| {
        balance.contains(|digit: char| ('1'..='9').contains(&digit)) && (kind.is_debt() || is_other)
    })?;
    let (minus, figure) = match balance.strip_prefix('-') {
        Some(figure) => (true, figure),
        None => (false, balance),
    };
    let currency = picked.found.currency.as_deref().unwrap_or("USD");
    let figure = format!("{} {currency}", text::figure(figure));
    let answer = |words: String, is_debt: bool| {
        let as_it_says = minus == is_debt;
        let sign = if as_it_says { BalanceSign::Signed } else { BalanceSign::Owed };
        let sign = Some(sign).filter(|_| !(is_other && as_it_says));
        (words, Answer { sign, is_debt })
    };
    let mut answers =
        vec![answer(format!("I owe {figure}"), true), answer(format!("{figure} are mine"), false)];
    if is_other {
        // What is proposed comes first, which is what stands without a word of the owner.
        answers.sort_by_key(|(_, answer)| answer.sign != picked.account.balance_sign);
    } else {
        let unknown = Answer { sign: Some(BalanceSign::Auto), is_debt: true };
        answers.insert(0, ("not sure: rows will prove it".to_owned(), unknown));
    }
    let sign = if minus { "-" } else { "" };
    Some(Owing { words: format!("{} is at {sign}{figure}", picked.account.name), answers })
}
