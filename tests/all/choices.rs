//! Where the service's documentation is silent, the program chooses with care. Each choice stands
//! here in words, beside the tests that show it; a test that is no longer there is missed.

use std::collections::BTreeSet;
use std::path::Path;

use crate::bank::{self, Endpoint, Json, Shape, Shown, UnknownIds, World, family_toml, history};
use crate::home::Home;

/// What is chosen, and the tests that show it.
const CHOICES: [(&str, &[&str]); 35] = [
    (
        "the last segment of the path is signed, its query with it, and no endpoint that is used has a query",
        &[
            "the_fifteen_known_signatures_are_right",
            "every_call_is_signed_and_worded_as_the_service_documents",
        ],
    ),
    (
        "no bar is ever sent in a path: its encoding in the signed text is not known",
        &["no_path_holds_what_could_be_signed_in_two_ways"],
    ),
    (
        "a check of the credentials is judged by its status, whatever its body says",
        &["the_health_check_is_judged_by_its_status_alone"],
    ),
    (
        "an error is told by its status, and no text of its body is kept or shown",
        &[
            "each_bad_status_costs_as_many_requests_as_it_may",
            "no_secret_that_an_error_echoes_is_said_written_or_shown",
        ],
    ),
    (
        "429 waits as long as it says, up to an hour, else 1, 5, 15 and 60 minutes, and is never an empty list",
        &[
            "retry_after_comes_as_seconds_or_as_a_date",
            "waits_grow_with_each_failure_and_a_success_forgets_them",
            "no_kind_of_bad_answer_to_the_rows_harms_anything",
        ],
    ),
    (
        "every call counts, in calendar months of UTC, against a budget of the owner's",
        &[
            "every_call_is_counted_and_status_shows_the_budget",
            "a_family_whose_budget_is_used_up_waits_for_the_next_month",
            "the_example_loads_and_shows_the_defaults",
        ],
    ),
    (
        "Balance and AccountBalance are one balance; where they differ there is none",
        &["two_balances_that_differ_are_told_and_not_taken"],
    ),
    (
        "whether a debt comes positive or negative is settled by evidence or by its owner, never guessed",
        &[
            "a_debt_whose_sign_is_open_has_no_opening_and_status_says_what_to_set",
            "a_debt_is_negative_when_owed_and_unknown_until_settled",
        ],
    ),
    (
        "Type tells the direction of an amount, and a sign that contradicts it is quarantined",
        &[
            "the_direction_is_told_by_the_setting_and_never_guessed",
            "untyped_amounts_wait_until_a_setting_tells_their_direction",
        ],
    ),
    (
        "a symbol that fits is the account's currency, and another code or symbol is an error",
        &[
            "a_foreign_code_is_quarantined_ignored_or_kept_and_a_symbol_fits",
            "a_symbol_fits_the_currencies_that_write_it",
            "a_currency_that_is_told_no_more_moves_nothing",
            "a_code_that_contradicts_the_settled_one_changes_nothing_until_the_owner_states_it",
        ],
    ),
    (
        "a row without Status is posted, and its status stays empty",
        &["a_row_without_a_status_is_posted_and_its_status_empty"],
    ),
    (
        "a pending row is in no ledger until it is posted",
        &[
            "a_pending_row_posts_under_its_id_or_another_and_a_row_vanishes",
            "pending_rows_on_the_way_leave_no_trace_in_the_bytes",
        ],
    ),
    (
        "a row is known by its id, else by its content: ids that are issued anew double nothing",
        &[
            "new_ids_for_all_rows_double_and_lose_none",
            "all_ids_issued_anew_is_no_news_but_new_names",
        ],
    ),
    (
        "windows overlap, reach five days ahead, and are filtered here by the first ten characters of a date",
        &[
            "windows_adjoin_and_cover_the_span",
            "a_row_on_a_bound_counts_once_and_none_is_dropped",
            "days_are_the_first_ten_characters",
        ],
    ),
    (
        "TransactionDate, else Date, else PostDate, else quarantine",
        &["days_are_taken_in_their_order_and_never_filled_in", "nothing_missing_is_filled_in"],
    ),
    (
        "no window is longer than 90 days, and an answer that was cut off is noticed",
        &["windows_adjoin_and_cover_the_span", "no_kind_of_bad_answer_to_the_rows_harms_anything"],
    ),
    (
        "an empty list where rows were changes nothing and is asked for again",
        &[
            "no_kind_of_bad_answer_to_the_rows_harms_anything",
            "no_kind_of_bad_answer_to_the_list_of_accounts_harms_anything",
        ],
    ),
    ("an empty body or null is an error, and no empty list", &["no_other_answer_is_an_empty_list"]),
    (
        "a job that is false has failed whatever its status; one without a flag is done if that is seen twice",
        &[
            "jobs_that_fail_in_every_form_are_told_and_the_data_are_read",
            "jobs_that_succeed_in_every_form_bring_their_rows",
        ],
    ),
    (
        "a job that is gone is over: what the service has is read",
        &["a_job_that_stays_unknown_is_read_on_without"],
    ),
    (
        "a login has one open job, whose id is on disk",
        &[
            "two_accounts_of_one_login_have_one_job",
            "a_program_killed_while_it_looks_at_a_job_takes_up_the_same_one",
            "a_job_that_never_ends_is_left_and_looked_at_again",
        ],
    ),
    (
        "a bank is asked once in twelve hours, and not at all after a question or a refused login",
        &[
            "a_refresh_is_due_when_copy_and_attempt_are_both_old",
            "a_question_that_expired_is_told_and_not_asked_again",
            "a_refused_login_is_not_tried_again_until_the_owner_acts",
        ],
    ),
    (
        "no answer to a bank's question is ever guessed or sent twice: the owner is waited for",
        &[
            "each_challenge_waits_for_its_owner_and_costs_one_look",
            "nothing_but_the_job_is_asked_about_while_its_owner_is_waited_for",
        ],
    ),
    (
        "a picture that is to be typed waits like every other question, since its endpoint has two names",
        &[
            "each_challenge_waits_for_its_owner_and_costs_one_look",
            "nothing_is_called_that_could_change_a_login",
        ],
    ),
    (
        "of an account's status only the word Untracked means anything; a number is none",
        &["only_the_word_untracked_sets_an_account_aside"],
    ),
    (
        "a list is bare or in its one wrapper, keys match without regard to case, and two alike are an error",
        &[
            "a_list_is_bare_or_in_one_known_wrapper",
            "keys_match_without_regard_to_case_and_only_once",
        ],
    ),
    (
        "money is a plain decimal, as a number or a text: no exponent, no marks, no symbol",
        &["money_is_read_digit_for_digit_or_not_at_all", "what_is_no_plain_decimal_is_refused"],
    ),
    (
        "an id that the service no longer knows may get an error or an empty list: neither changes anything",
        &["an_unknown_id_changes_nothing_whatever_the_service_answers"],
    ),
    (
        "one version of the interface is used for everything",
        &[
            "every_call_is_signed_and_worded_as_the_service_documents",
            "nothing_is_called_that_could_change_a_login",
        ],
    ),
    (
        "rows of another account and accounts of another login are refused with their whole answer",
        &[
            "no_kind_of_bad_answer_to_the_rows_harms_anything",
            "no_kind_of_bad_answer_to_the_list_of_accounts_harms_anything",
        ],
    ),
    (
        "of objects without a known shape only the names of their keys are kept",
        &["of_objects_without_a_known_shape_the_names_stay"],
    ),
    (
        "how fresh data are is what LastUpdated says, and nothing else",
        &[
            "old_data_are_stale_only_where_reads_succeed",
            "data_without_a_date_is_read_each_time_and_changes_nothing",
        ],
    ),
    (
        "HTTP/1.1 over TLS, and nothing compressed",
        &[
            "every_call_is_signed_and_worded_as_the_service_documents",
            "nobody_there_is_told_from_a_wrong_name_and_from_no_tls",
        ],
    ),
    (
        "nothing creates, changes or deletes a login or a customer",
        &["nothing_is_called_that_could_change_a_login"],
    ),
    (
        "after the first 401 a family is silent until its configuration or credentials change",
        &[
            "a_refused_key_stops_all_logins_of_its_family_at_once",
            "refused_credentials_are_asked_again_once_they_are_others",
            "refused_credentials_are_asked_again_after_a_good_check",
        ],
    ),
];

#[test]
fn each_choice_has_tests_that_show_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests"] {
        gather(&root.join(folder), &mut tests);
    }
    let words: BTreeSet<_> = CHOICES.iter().map(|(choice, _)| choice).collect();
    assert_eq!(words.len(), CHOICES.len(), "a choice stands twice");
    for (choice, shown_by) in CHOICES {
        assert!(!shown_by.is_empty(), "nothing shows that {choice}");
        let missing: Vec<_> = shown_by.iter().filter(|name| !tests.contains(**name)).collect();
        assert!(missing.is_empty(), "no test {missing:?} shows that {choice}");
    }
}

/// The names of the functions below a folder that are tests.
fn gather(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, tests);
        } else if path.extension().is_some_and(|end| end == "rs") {
            tests.extend(tests_in(&std::fs::read_to_string(&path).expect("text")));
        }
    }
}

fn tests_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        }
        let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let (true, Some(name)) = (is_test, name) {
            found.extend(name.split('(').next().map(str::to_owned));
            is_test = false;
        }
    }
    found
}

fn home(world: World) -> Home {
    let home = Home::in_memory(world);
    home.configure(&family(&home));
    home
}

fn family(home: &Home) -> String {
    let base_url = home.bank.base_url();
    home.bank.edit(|world| family_toml(&world.users[0], &base_url, bank::day("2026-01-01")))
}

fn one_account() -> World {
    let mut world = World::new(bank::day("2026-03-04"));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("100.00").add_row("2026-02-20", "-1.00", "SHOP");
    account.add_row("2026-02-21", "-2.00", "SHOP");
    world
}

fn news(home: &mut Home) {
    home.bank.edit(|world| {
        let account = world.accounts_mut().next().expect("an account");
        account.add_row("2026-03-05", "-3.00", "NEWS").shown(Shown::Now);
    });
    home.day(bank::day("2026-03-05"));
}

fn state(home: &Home) -> String {
    let told = home.run(&["status", "--json"]).ends_with(0).json();
    told["families"][0]["accounts"][0]["state"].as_str().expect("a state").to_owned()
}

#[test]
fn a_row_without_a_status_is_posted_and_its_status_empty() {
    for (shape, shown) in [
        (Shape::leave_out("Status"), ""),
        (Shape::set("Status", Json::null()), ""),
        (Shape::set("Status", Json::text("")), ""),
        (Shape::set("Status", Json::text("POSTED")), "posted"),
    ] {
        let home = home(one_account());
        home.bank.edit(|world| {
            world.fault(bank::Fault::Shape(shape.clone())).on(Endpoint::Transactions);
        });
        home.run(&["sync"]).ends_with(0);
        assert_eq!(home.read("bank/smith/checking/2026.ledger").matches("* SHOP").count(), 2);
        let mut csv = csv::Reader::from_reader(std::io::Cursor::new(
            home.read("bank/smith/checking/2026.csv").into_bytes(),
        ));
        let at = csv.headers().expect("a header").iter().position(|name| name == "status");
        let at = at.expect("a column");
        let statuses: Vec<_> =
            csv.records().map(|row| row.expect("a row")[at].to_owned()).collect();
        assert_eq!(statuses, [shown, shown], "{shape:?}");
    }
}

#[test]
fn only_the_word_untracked_sets_an_account_aside() {
    for (status, code) in [
        (Json::literal("0"), 0),
        (Json::literal("1"), 0),
        (Json::literal("7"), 0),
        (Json::text("Tracked"), 0),
        (Json::text("Closed"), 0),
        (Json::null(), 0),
        (Json::text("Untracked"), 1),
        (Json::text("UNTRACKED "), 1),
    ] {
        let mut home = home(one_account());
        home.run(&["sync"]).ends_with(0);
        news(&mut home);
        let shape = Shape::set("Status", status.clone());
        home.bank.edit(|world| {
            world.fault(bank::Fault::Shape(shape)).on(Endpoint::Accounts);
        });
        home.run(&["sync"]).ends_with(code);
        assert_eq!(state(&home), if code == 0 { "ok" } else { "failed" }, "{status:?}");
    }
}

#[test]
fn an_unknown_id_changes_nothing_whatever_the_service_answers() {
    for (unknown, state_then) in [(UnknownIds::NotFound, "failed"), (UnknownIds::Empty, "suspect")]
    {
        let mut home = home(one_account());
        home.run(&["sync"]).ends_with(0);
        let before = home.tree("bank");
        news(&mut home);
        // The login is connected anew: its id is another one.
        let old = home.bank.edit(|world| {
            world.unknown_ids = unknown;
            let login = &mut world.users[0].logins[0];
            std::mem::replace(&mut login.id, "b2222222-2222-4222-8222-222222222222".to_owned())
        });
        let said = home.run(&["sync"]).ends_with(1).err;
        assert!(said.contains("sophtron-sync accounts"), "{said}");
        assert_eq!(state(&home), state_then);
        assert!(home.tree("bank") == before, "{unknown:?}");
        home.bank.edit(|world| world.users[0].logins[0].id = old);
        home.run(&["sync"]).ends_with(0);
        assert!(home.read("bank/smith/checking/2026.ledger").contains("* NEWS"));
    }
}

/// A home with all that it can do: families, refreshes, lists, checks.
fn full_life() -> Home {
    let day = bank::day;
    let mut home = Home::beside(history::two_families(7, day("2026-05-01"), day("2026-06-30")));
    let base_url = home.bank.base_url();
    let families = home.bank.edit(|world| {
        let of = |user| family_toml(user, &base_url, day("2026-05-01"));
        world.users.iter().map(of).collect::<Vec<_>>().join("\n")
    });
    home.configure(&families);
    home.run(&["accounts"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    home.run(&["credentials", "check"]).ends_with(0);
    home.sleep_until(day("2026-07-02"));
    home.run(&["sync", "--full"]).ends_with(0);
    home
}

#[test]
fn nothing_is_called_that_could_change_a_login() {
    let home = full_life();
    let called: BTreeSet<_> =
        home.bank.calls().into_iter().map(|call| format!("{:?}", call.endpoint)).collect();
    let allowed = [
        Endpoint::HealthCheck,
        Endpoint::InstitutionById,
        Endpoint::Logins,
        Endpoint::Accounts,
        Endpoint::Transactions,
        Endpoint::RefreshLogin,
        Endpoint::Job,
    ];
    let allowed: BTreeSet<_> = allowed.iter().map(|one| format!("{:?}", Some(one))).collect();
    assert_eq!(called, allowed);
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn no_path_holds_what_could_be_signed_in_two_ways() {
    let calls = full_life().bank.calls();
    assert!(calls.len() > 40, "{}", calls.len());
    for call in calls {
        let (_, path) = call.request.split_once(' ').expect("method and path");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '/';
        assert!(path.chars().all(plain) && path.matches('/').count() == 3, "{path}");
    }
}
