//! What is refused, and how somebody without a terminal is told.

use crate::bank::{Endpoint, Fault, Form, TEST_BANKS};
use crate::first_light::day;

use super::{ANSWERS, NO_MFA, NO_MFA_ID, beside, connect, created, home, logins, test_banks};

#[test]
fn a_part_of_a_name_lets_the_owner_choose() {
    let home = home();
    let mut answers = vec![("Which of these", "0"), ("Which bank", "sophtron question")];
    answers.extend(ANSWERS);
    let ran = home.run_answering(&["connect", "smith"], &answers).ends_with(0);
    let bank =
        home.bank.edit(|world| world.logins().map(|one| one.institution.name.clone()).last());
    assert_eq!(bank.as_deref(), Some("Sophtron Bank SecurityQuestion Multiple"), "{}", ran.err);
    answers[0].1 = "2";
    let none = home.run_answering(&["connect", "smith", "question"], &answers).ends_with(2);
    assert!(none.err.contains("no bank was chosen"), "{}", none.err);
    assert_eq!(created(&home), 1);
}

#[test]
fn without_a_terminal_the_banks_are_listed_and_an_id_is_exact() {
    let home = home();
    let listed = home.run(&["connect", "smith", "sophtron"]).ends_with(2);
    for (name, id) in TEST_BANKS {
        let short: String = name.chars().take(30).collect();
        assert!(listed.err.contains(id) && listed.err.contains(&short), "{}", listed.err);
    }
    assert!(listed.err.contains("sophtron-sync connect smith INSTITUTION_ID"), "{}", listed.err);
    for line in listed.err.lines().filter(|line| !line.contains("help")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for query in [NO_MFA_ID, NO_MFA] {
        let told = home.run(&["connect", "smith", query]).ends_with(2).err;
        assert!(told.contains("never taken from a flag"), "{told}");
    }
    let open = home.run(&["connect", "smith"]).ends_with(2).err;
    assert!(open.contains("which bank is meant is not said"), "{open}");
    assert_eq!((created(&home), logins(&home).len()), (0, 0));
}

#[test]
fn what_the_service_does_not_know_or_refuses_is_told_and_leaves_nothing_behind() {
    let home = home();
    for (query, words) in [
        ("nobody at all", "knows no bank whose name has"),
        ("00000000-0000-4000-8000-00000000dead", "knows no bank with the id"),
    ] {
        let told = home.run_answering(&["connect", "smith", query], &ANSWERS).ends_with(2).err;
        assert!(told.contains(words), "{told}");
    }
    for (fault, code, words) in [
        (Fault::minus_one(), 1, "refused what was typed"),
        (Fault::body(r#"{"JobID":"","UserInstitutionID":""}"#), 1, "refused what was typed"),
        (Fault::Status(400), 1, "status 400"),
        (Fault::Status(403), 1, "403"),
        (Fault::Limited(None), 75, "429"),
        (Fault::Status(401), 77, "refused the credentials"),
    ] {
        home.bank.edit(|world| {
            let endpoint = Endpoint::CreateWithRefresh;
            let status = matches!(fault, Fault::Status(_) | Fault::Limited(_));
            if !status {
                world.branches.clear();
            }
            world.fault(fault.clone()).on(endpoint).times(1);
        });
        let ran = connect(&home, NO_MFA).ends_with(code);
        assert!(ran.err.contains(words), "{fault:?}: {}", ran.err);
        for promise in ["next sync", "asked again", "old data"] {
            assert!(!ran.err.contains(promise), "nothing happens by itself: {}", ran.err);
        }
        home.bank.edit(|world| {
            world.lift_faults();
            world.branches.clear();
            world.open_test_banks();
        });
    }
    let rejected = connect(&home, NO_MFA).ends_with(77);
    assert!(rejected.err.contains("refused these credentials before"), "{}", rejected.err);
    home.run(&["credentials", "check"]).ends_with(0);
    connect(&home, NO_MFA).ends_with(0);
    assert_eq!(logins(&home).len(), 1, "nothing was looked for, and one was made");
}

#[test]
fn a_bank_is_asked_by_the_labels_of_its_form() {
    let mut world = test_banks(day("2026-03-04"));
    let form = Form {
        user_name: "Card\u{1b}[2J number".to_owned(),
        password: "None".to_owned(),
        ..Form::default()
    };
    world.branch_mut(NO_MFA).institution.form =
        form.field("PIN", "Secret number", false).field("CompanyID", "Branch", true);
    let home = beside(world);
    let typed = [("Card", "4000"), ("Secret number", "0815"), ("Branch, if it is needed", "")];
    home.run_typing(&["connect", "smith", NO_MFA], &typed).ends_with(0);
    let calls = home.bank.calls();
    let body = calls.iter().find(|call| call.endpoint == Some(Endpoint::CreateWithRefresh));
    let body = &body.expect("a call").body;
    assert_eq!(
        (&body["UserName"], &body["PIN"], &body["Password"]),
        (&"4000".into(), &"0815".into(), &"".into())
    );
    assert!(body.get("CompanyID").is_none(), "{body}");
}

#[test]
fn a_field_that_has_no_place_is_refused_before_anything_is_sent() {
    let mut world = test_banks(day("2026-03-04"));
    world.branch_mut(NO_MFA).institution.form =
        Form::default().field("Branch", "Branch code", false);
    let home = beside(world);
    let told = connect(&home, NO_MFA).ends_with(2).err;
    assert!(told.contains("Branch code") && told.contains("at sophtron.com"), "{told}");
    assert_eq!(created(&home), 0);
}

#[test]
fn a_bank_that_is_connected_is_not_connected_again_unasked() {
    let home = home();
    connect(&home, NO_MFA).ends_with(0);
    let login = logins(&home).remove(0);
    let cure = format!("sophtron-sync connect smith {login} --update");
    for ran in [home.run(&["connect", "smith", NO_MFA]), connect(&home, NO_MFA)] {
        let told = ran.ends_with(2).err;
        assert!(told.contains("has a login at") && told.contains(&cure), "{told}");
    }
    assert_eq!(created(&home), 1);
    let mut answers = vec![("Connect another", "yes")];
    answers.extend(ANSWERS);
    home.run_answering(&["connect", "smith", NO_MFA], &answers).ends_with(0);
    assert_eq!(logins(&home).len(), 2, "the owner wants two");
}

#[test]
fn every_request_counts_into_the_month() {
    let home = home();
    home.bank.forget_calls();
    connect(&home, NO_MFA).ends_with(0);
    let told = home.run(&["status", "--json"]).ends_with(0).json();
    assert_eq!(told["families"][0]["requests"]["used"], home.bank.calls().len());
}

#[test]
fn a_family_that_is_paused_is_asked_nothing() {
    let home = home();
    home.write(
        "sophtron-sync.toml",
        &home.read("sophtron-sync.toml").replace("start_date", "paused = true\nstart_date"),
    );
    home.bank.forget_calls();
    let told = connect(&home, NO_MFA).ends_with(2).err;
    assert!(told.contains("smith is paused"), "{told}");
    assert_eq!(home.bank.calls().len(), 0);
}
