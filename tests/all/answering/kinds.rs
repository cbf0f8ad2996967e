//! Every kind of challenge, alone and chained, with what lingers and what becomes of wrong answers:
//! the bank hears the owner's bytes, in one job.

use std::time::Duration;

use chrono::TimeDelta;

use super::{LINGER, heard, pairs, story, waiting, waiting_beside_with, waiting_with};
use crate::bank::{Challenge, Endpoint, Json, Lingers, Poll, Story, Wrong};
use crate::home::Home;
use crate::jobs::{is_fresh, started, status};

/// A bank's story, what its owner types to which words, and what the bank hears of it.
#[derive(Clone)]
struct Case {
    name: String,
    story: Story,
    typed: Vec<(&'static str, &'static str)>,
    heard: Vec<(&'static str, &'static str)>,
    /// What is told besides.
    says: &'static str,
    code: u8,
    linger: Duration,
}

impl Case {
    fn says(self, says: &'static str, code: u8) -> Self {
        Self { says, code, linger: Duration::from_millis(200), ..self }
    }
}

fn case(
    name: &str,
    story: Story,
    typed: &[(&'static str, &'static str)],
    heard: &[(&'static str, &'static str)],
) -> Case {
    let (typed, heard) = (typed.to_vec(), heard.to_vec());
    Case { name: name.to_owned(), story, typed, heard, says: "", code: 0, linger: LINGER }
}

type One =
    (&'static str, Challenge, Vec<(&'static str, &'static str)>, (&'static str, &'static str));

/// Each kind: the challenge, what is typed, what is heard.
fn each() -> Vec<One> {
    let single = "['Text  •••• 0417 ', 'Mail']";
    let double = "[\"Mail\", \"Text  \u{2022}\u{2022} &amp; \\\"17\\\"\"]";
    vec![
        (
            "a question",
            Challenge::questions("['First pet?']").answered_by("[\"Rex \"]"),
            vec![("Sandbox Bank: First pet?", "Rex ")],
            ("SecurityAnswer", "[\"Rex \"]"),
        ),
        (
            "several questions",
            Challenge::questions("[\"Pet?\", \"Mother&#39;s name?\"]"),
            vec![("question 1 of 2: Pet?", "Rex \"the\" dog"), ("2 of 2: Mother's name?", "Æ\\'")],
            ("SecurityAnswer", r#"["Rex \"the\" dog","Æ\\'"]"#),
        ),
        (
            "apostrophes in single quotes",
            Challenge::questions("['Mother's name?', 'Who's 'Rex', then?']"),
            vec![("1 of 2: Mother's name?", "a"), ("2 of 2: Who's 'Rex', then?", "b")],
            ("SecurityAnswer", r#"["a","b"]"#),
        ),
        (
            "ways in single quotes",
            Challenge::ways(single, &["Text  •••• 0417 ", "Mail"]),
            vec![("Sandbox Bank sends a code", "0")],
            ("TokenChoice", "Text  •••• 0417 "),
        ),
        (
            "ways in double quotes",
            Challenge::ways(double, &["Mail", "Text  •• &amp; \"17\""]),
            vec![("Sandbox Bank sends a code", "1")],
            ("TokenChoice", "Text  •• &amp; \"17\""),
        ),
        (
            "a code",
            Challenge::code("Token").answered_by(" 0417"),
            vec![("the code that it sent", " 0417")],
            ("TokenInput", " 0417"),
        ),
        (
            "a code of one's own",
            Challenge::code("PIN").answered_by("00"),
            vec![("your PIN there", "00")],
            ("TokenInput", "00"),
        ),
        (
            "a code without a name",
            Challenge::nameless_code(),
            vec![("the code", "é7")],
            ("TokenInput", "é7"),
        ),
        (
            "an approval",
            Challenge::approval("47 &amp; 11"),
            vec![("says: 47 & 11. Is it done", "yes")],
            ("VerifyPhoneFlag", "true"),
        ),
        (
            "a picture",
            Challenge::picture("iVBORw0KGgo=").answered_by("wOrd 1"),
            vec![("what the picture shows", "wOrd 1")],
            ("CaptchaInput", "wOrd 1"),
        ),
    ]
}

fn alone(lingers: Lingers) -> Vec<Case> {
    let one = |(name, asked, typed, heard): One| {
        let name = format!("{name}, lingering {lingers:?}");
        case(&name, story([asked.lingering(lingers)]), &typed, &[heard])
    };
    each().into_iter().map(one).collect()
}

/// All kinds that can follow one another, the last one first too.
fn chained(lingers: Lingers) -> Vec<Case> {
    let chain = |name: &str, places: &[usize]| {
        let all = each();
        let links: Vec<One> = places.iter().map(|place| all[*place].clone()).collect();
        let asked = links.iter().map(|(_, asked, ..)| asked.clone().lingering(lingers));
        let typed: Vec<_> = links.iter().flat_map(|(_, _, typed, _)| typed.clone()).collect();
        let heard: Vec<_> = links.iter().map(|(.., heard)| *heard).collect();
        case(&format!("{name}, lingering {lingers:?}"), story(asked), &typed, &heard)
    };
    vec![
        chain("captcha, question, method, code", &[9, 0, 3, 5]),
        chain("approval, then a code", &[8, 5]),
        chain("two sets of questions, then a PIN", &[0, 1, 6]),
    ]
}

/// A second question of a kind beside the answer to the first one, as a bank does that shows a new
/// picture after a wrong answer.
fn a_new_one_beside_an_old_answer() -> Case {
    let pictures = ["iVBORw0KGgo=", "iVBORw0KGgp="].map(Challenge::picture);
    let ways = [["Mail", "Text"], ["Work", "Home"]]
        .map(|items| Challenge::ways(&format!("[\"{}\", \"{}\"]", items[0], items[1]), &items));
    let asked = pictures.into_iter().chain(ways);
    let asked = asked.map(|asked| asked.lingering(Lingers::WithAnswer));
    let typed =
        [("picture", "one"), ("picture", "two"), ("sends a code", "0"), ("sends a code", "1")];
    let heard = [
        ("CaptchaInput", "one"),
        ("CaptchaInput", "two"),
        ("TokenChoice", "Mail"),
        ("TokenChoice", "Home"),
    ];
    case("another of the same kind", story(asked), &typed, &heard)
}

/// Lives through each: the bank waits, its owner answers, and the job's end is taken.
fn live_through(cases: Vec<Case>, beside: bool) {
    let mut wrong = Vec::new();
    for case in cases {
        let (home, daemon) = if beside {
            let (home, daemon) = waiting_beside_with(case.story.clone(), case.linger);
            (home, Some(daemon))
        } else {
            (waiting_with(case.story.clone(), case.linger), None)
        };
        let found = answer(&home, &case);
        if !found.is_empty() {
            wrong.push(format!("## {}: {}", case.name, found.join("\n")));
        }
        drop(daemon);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn answer(home: &Home, case: &Case) -> Vec<String> {
    let ran = home.run_typing(&["answer"], &case.typed);
    let account = status(home);
    let good = case.code == 0;
    let mut wrong = Vec::new();
    let mut expect = |is: bool, what: &str| {
        if !is {
            wrong.push(what.to_owned());
        }
    };
    expect(ran.code == case.code, "the exit code");
    expect(ran.err.contains(case.says), "what it says");
    expect(ran.err.is_empty() == case.says.is_empty(), "that it says something");
    expect(heard(home) == pairs(&case.heard), &format!("heard {:?}", heard(home)));
    expect(started(home) == 1, "one job");
    expect(is_fresh(home) == good, "the new row");
    let state = match case.code {
        77 => "waiting",
        1 => "failed",
        _ => "ok",
    };
    expect(account["state"] == state, "the state");
    expect(home.bank.violations().is_empty(), "violations");
    if !wrong.is_empty() {
        wrong.push(format!("{}\n{}{}{account}", ran.code, ran.out, ran.err));
    }
    wrong
}

#[test]
fn each_kind_is_answered() {
    for lingers in [Lingers::No, Lingers::WithAnswer, Lingers::Bare(3)] {
        live_through(alone(lingers), false);
    }
}

#[test]
fn each_kind_is_answered_beside_a_daemon() {
    for lingers in [Lingers::No, Lingers::WithAnswer, Lingers::Bare(3)] {
        live_through(alone(lingers), true);
    }
}

#[test]
fn chains_are_answered_to_their_end() {
    for lingers in [Lingers::No, Lingers::WithAnswer, Lingers::Bare(3)] {
        live_through(chained(lingers), false);
        live_through(chained(lingers), true);
    }
    live_through(vec![a_new_one_beside_an_old_answer()], false);
}

/// What lingers longer than anybody waits for hides nothing that is asked after it, nor the end.
#[test]
fn what_lingers_for_long_hides_no_new_question() {
    let asked = [
        Challenge::questions("['Pet?']").lingering(Lingers::Bare(10_000)),
        Challenge::code("Token").answered_by("1"),
    ];
    let typed = [("Pet?", "Rex"), ("the code", "1")];
    let heard = [("SecurityAnswer", "[\"Rex\"]"), ("TokenInput", "1")];
    let then_asked = case("a question, then a code", story(asked.clone()), &typed, &heard);
    let [question, _] = asked;
    let ends = vec![Poll::asks(question), Poll::completed_without_flag()];
    let then_done = case("a question, then the end", Story::told(ends), &typed[..1], &heard[..1]);
    live_through(vec![then_asked, then_done], false);
}

fn wrong(wrong: Wrong) -> Challenge {
    Challenge::code("Token").answered_by("1234").when_wrong(wrong)
}

fn wrong_cases() -> Vec<Case> {
    let twice = [("the code", "1235"), ("the code", "1234")];
    let both = [("TokenInput", "1235"), ("TokenInput", "1234")];
    let same = [("the code", "1235"), ("the code", "1235"), ("the code", "1234")];
    let all = [("TokenInput", "1235"), ("TokenInput", "1235"), ("TokenInput", "1234")];
    vec![
        case("asked again", story([wrong(Wrong::AsksAgain)]), &twice, &both)
            .says("the bank asks the same again", 0),
        case("not taken", story([wrong(Wrong::NotAccepted)]), &same, &all)
            .says("the answer was not taken", 0),
        case("the end", story([wrong(Wrong::Fails)]), &twice[..1], &both[..1])
            .says("`sophtron-sync sync smith/checking` asks the bank anew", 1),
        case("given up", story([wrong(Wrong::NotAccepted)]), &twice[..1], &both[..1])
            .says("go on with `sophtron-sync answer smith/checking`", 77),
    ]
}

#[test]
fn a_wrong_answer_is_asked_for_again_and_never_sent_twice_by_itself() {
    live_through(wrong_cases(), false);
    live_through(wrong_cases(), true);
}

/// A question that nobody answered in time is told to be over, and the next sync asks anew.
#[test]
fn a_question_that_expired_is_told_and_the_bank_can_be_asked_anew() {
    let code = || Challenge::code("Token");
    let timeout = story([code().expiring_after(1)]);
    let gone = Story::told([Poll::asks(code()), Poll::unknown()]);
    for (name, story, forget) in [("timeout", timeout, false), ("gone", gone, true)] {
        let mut home = waiting(story);
        home.now += TimeDelta::minutes(2);
        home.bank.forget_calls();
        if forget {
            home.bank.edit(|world| world.jobs.clear());
        }
        let ran = home.run_typing(&["answer"], &[]).ends_with(1);
        assert!(ran.err.contains("has expired"), "{name}: {}", ran.err);
        assert_eq!(home.bank.count(Endpoint::Job), 1, "{name}: told at once");
        assert!(ran.err.contains("`sophtron-sync sync smith/checking`"), "{name}: {}", ran.err);
        let state = if forget { "ok" } else { "failed" };
        assert_eq!((status(&home)["state"].as_str(), started(&home)), (Some(state), 0), "{name}");
        home.bank.edit(|world| world.users[0].logins[0].refresh = Story::running(0));
        home.run(&["sync"]).ends_with(0);
        assert_eq!((started(&home), is_fresh(&home)), (1, true), "{name}");
    }
}

/// What was answered is no question that nobody answered, whatever becomes of it.
#[test]
fn an_end_after_an_answer_speaks_of_the_answer() {
    let elsewhere = |status| Poll { step: Json::text("TransactionTable"), ..Poll::failed(status) };
    for (end, says) in [
        (Poll::failed("Timeout"), "by a time limit, after it was answered"),
        (elsewhere("Error"), "an answer may have been wrong"),
        (Poll::failed("Error"), "the login or an answer was wrong"),
        (Poll::unknown(), "what the answer did is not known"),
    ] {
        let mut home = waiting(Story::told([Poll::asks(Challenge::code("Token")), end]));
        home.now += TimeDelta::minutes(2);
        let ran = home.run_typing(&["answer"], &[("the code", "1")]).ends_with(1);
        assert!(ran.err.contains(says), "{}", ran.err);
        assert!(!ran.err.contains("expired"), "{}", ran.err);
        let update = ran.err.contains("`sophtron-sync connect smith checking --update`");
        assert_eq!(update, says.contains("login"), "{}", ran.err);
    }
}
