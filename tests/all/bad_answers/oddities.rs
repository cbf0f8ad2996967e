//! Answers that are odd and true: each brings its news.

use super::kinds::{End, Next};
use super::{Pair, accounts, unhealed};
use crate::bank::{Endpoint, Fault, Json, KeyForm, MoneyForm, Shape, Transport, World};

/// Odd answers to the list of accounts and to the rows alike.
fn oddities() -> Vec<(&'static str, Fault)> {
    let kind =
        |kind: Option<&str>| Fault::Transport(Transport::ContentType(kind.map(str::to_owned)));
    vec![
        ("a byte order mark", Fault::Transport(Transport::Bom)),
        ("no content type", kind(None)),
        ("another content type", kind(Some("text/html"))),
        ("5 MB", Fault::Transport(Transport::Large(5 << 20))),
        ("a list in its wrapper", Fault::Shape(Shape::wrapped())),
        ("camel case", Fault::Shape(Shape::Keys(KeyForm::Camel))),
        ("upper case", Fault::Shape(Shape::Keys(KeyForm::Upper))),
        ("keys in Id", Fault::Shape(Shape::Keys(KeyForm::CamelIdSuffix))),
        ("money as text", Fault::Shape(Shape::Money(MoneyForm::Text))),
        ("more zeros", Fault::Shape(Shape::Money(MoneyForm::MoreZeros))),
        ("an unknown key", Fault::Shape(Shape::add("Fresh", Json::literal("{\"a\":[1]}")))),
        ("the other order", Fault::Shape(Shape::Reversed)),
    ]
}

#[test]
fn odd_answers_that_are_true_bring_their_news() {
    let mut pair = Pair::new();
    let mut wrong = Vec::new();
    for (name, fault) in oddities() {
        pair.news();
        for endpoint in [Endpoint::Accounts, Endpoint::Transactions] {
            super::meet(&pair.both, fault.clone(), endpoint);
        }
        let (ran, found) = pair.sync();
        wrong.extend(found);
        if ran.code != 0 || !ran.err.is_empty() || !ran.out.contains("1 new") {
            wrong.push(format!("## {name}: {} {}{}", ran.code, ran.out, ran.err));
        }
        assert!(accounts(&pair.both).iter().all(|account| account["drift"].is_null()), "{name}");
        pair.both.bank.edit(World::lift_faults);
        let well = End { code: 0, state: "ok", next: Next::Own };
        wrong.extend(unhealed(&mut pair, &well).into_iter().map(|told| format!("{name}: {told}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A trouble that passes within one sync is not even noticed.
#[test]
fn a_read_that_fails_twice_and_then_works_is_no_trouble() {
    let mut pair = Pair::new();
    for status in [408, 429, 500, 503] {
        pair.news();
        pair.both.bank.edit(|world| {
            world.fault(Fault::Status(status)).on(Endpoint::Transactions).of("smith").times(2);
        });
        let (ran, wrong) = pair.sync();
        assert_eq!((ran.code, ran.err.as_str(), wrong), (0, "", vec![]), "{status}");
        assert_eq!(ran.out.matches("1 new").count(), 3, "{}", ran.out);
    }
}
