//! The sandbox's banks ask, and hear the answers byte for byte.

use serde_json::{Value, json};

use crate::bank::{Bank, Challenge, Lingers, Poll, Story, World, Wrong, day};

use super::caller::Caller;

/// A bank with one job that asks this.
fn asking(polls: Vec<Poll>) -> (Bank, String) {
    let mut world = World::new(day("2026-03-05"));
    let login = world.add_user("smith").add_login("Sophtron Bank");
    login.refresh = Story::told(polls);
    let login = login.id.clone();
    let job = world.start_job(&login, None);
    (Bank::start(world), job)
}

fn look(bank: &Bank, job: &str) -> Value {
    Caller::family(bank, "smith").post("/Job/GetJobInformationByID", &json!({"JobID": job})).json()
}

fn say(bank: &Bank, job: &str, method: &str, property: &str, value: &Value) -> String {
    let body = json!({"JobID": job, property: value});
    Caller::family(bank, "smith").post(&format!("/Job/{method}"), &body).text().to_owned()
}

/// Every kind: the challenge, the key that shows it, the method, the property, an answer.
fn kinds() -> Vec<(Challenge, &'static str, &'static str, &'static str, Value)> {
    let ways = Challenge::ways(r#"["Text  •••• 0417 ","Mail"]"#, &["Text  •••• 0417 ", "Mail"]);
    let (question, token) = ("UpdateJobSecurityAnswer", "UpdateJobTokenInput");
    vec![
        (
            Challenge::picture("iVBORw0KGgo="),
            "CaptchaImage",
            "UpdateJobCaptchaInput",
            "CaptchaInput",
            json!("wOrd"),
        ),
        (
            Challenge::picture("iVBORw0KGgo="),
            "CaptchaImage",
            "UpdateJobCaptcha",
            "CaptchaInput",
            json!("wOrd"),
        ),
        (
            Challenge::questions("['Mother's name?']"),
            "SecurityQuestion",
            question,
            "SecurityAnswer",
            json!(r#"["Æ "]"#),
        ),
        (ways, "TokenMethod", token, "TokenChoice", json!("Text  •••• 0417 ")),
        (Challenge::code("Token"), "TokenSentFlag", token, "TokenInput", json!(" 0417")),
        (Challenge::code("PIN"), "TokenInputName", token, "TokenInput", json!("0")),
        (Challenge::approval("47 11"), "TokenRead", token, "VerifyPhoneFlag", json!(true)),
    ]
}

#[test]
fn each_kind_holds_its_job_up_until_it_is_answered_alone_and_chained() {
    let mut polls: Vec<Poll> = kinds().into_iter().map(|(asked, ..)| Poll::asks(asked)).collect();
    polls.push(Poll::done());
    let (bank, job) = asking(polls);
    let mut told = Vec::new();
    for (_, key, method, property, value) in kinds() {
        for _ in 0..3 {
            assert!(!look(&bank, &job)[key].is_null(), "{key}");
        }
        assert_eq!(say(&bank, &job, method, property, &value), "0", "{key}");
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        told.push((property.to_owned(), text));
    }
    assert_eq!(look(&bank, &job)["SuccessFlag"], true);
    assert_eq!(bank.edit(|world| world.jobs[0].heard.clone()), told);
    assert!(bank.violations().is_empty());
}

#[test]
fn a_wrong_answer_is_asked_again_or_ends_the_job_or_is_not_taken() {
    for (wrong, taken, still) in [
        (Wrong::AsksAgain, "0", true),
        (Wrong::Fails, "0", false),
        (Wrong::NotAccepted, "-1", true),
    ] {
        let asked = Challenge::code("Token").answered_by("1234").when_wrong(wrong);
        let (bank, job) = asking(vec![Poll::asks(asked), Poll::done()]);
        look(&bank, &job);
        let said = say(&bank, &job, "UpdateJobTokenInput", "TokenInput", &json!("1235"));
        assert_eq!(said, taken, "{wrong:?}");
        let record = look(&bank, &job);
        assert_eq!(record["TokenInputName"] == "Token", still, "{wrong:?}");
        assert_eq!(record["SuccessFlag"] == false, !still, "{wrong:?}");
    }
}

#[test]
fn what_was_answered_may_linger_and_what_was_not_expires() {
    let code = || Challenge::code("Token");
    let tail = || vec![Poll::running(), Poll::running(), Poll::done()];
    for (lingers, seen) in [
        (Lingers::No, [false, false, false]),
        (Lingers::Bare(2), [true, true, false]),
        (Lingers::WithAnswer, [true, true, true]),
    ] {
        let (bank, job) = asking([vec![Poll::asks(code().lingering(lingers))], tail()].concat());
        say(&bank, &job, "UpdateJobTokenInput", "TokenInput", &json!("1"));
        let records = [(); 3].map(|()| look(&bank, &job));
        assert_eq!(records.clone().map(|one| one["TokenInputName"] == "Token"), seen);
        let echoed = lingers == Lingers::WithAnswer;
        assert!(records.iter().all(|one| (one["TokenInput"] == "1") == echoed), "{lingers:?}");
    }
    let (bank, job) = asking(vec![Poll::asks(code().expiring_after(2)), Poll::done()]);
    let statuses = [(); 3].map(|()| look(&bank, &job)["LastStatus"].clone());
    assert_eq!(statuses, ["Waiting", "Waiting", "Timeout"]);
    assert_eq!(say(&bank, &job, "UpdateJobTokenInput", "TokenInput", &json!("1")), "-1");
}

#[test]
fn answers_to_foreign_jobs_and_two_at_once_are_refused() {
    let (bank, job) = asking(vec![Poll::asks(Challenge::code("Token"))]);
    let caller = Caller::family(&bank, "smith");
    let post = |body: Value| caller.post("/Job/UpdateJobTokenInput", &body).status;
    assert_eq!(
        post(json!({"JobID": "00000000-0000-4000-8000-00000000dead", "TokenInput": "1"})),
        404
    );
    assert_eq!(post(json!({"JobID": job, "TokenInput": "1", "TokenChoice": "x"})), 400);
    assert_eq!(post(json!({"JobID": job, "TokenInput": null, "TokenChoice": null})), 400);
    assert_eq!(post(json!({"JobID": job, "TokenInput": "1", "TokenChoice": null})), 200);
}
