//! The status page and the metrics: what is in them, where they go, and that a real browser shows
//! the page without asking anybody for anything.

mod browser;
pub(crate) mod sample;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sophtron_sync::domain::{Currency, Overview, Patience, plain};
use sophtron_sync::export::{PAGE_MARK, status_page};

use crate::bank::World;
use crate::first_light::{day, families, one_account, settled, with_line};
use crate::home::Home;
use browser::{load, text_of};
use sample::{account, family, overview, troubled};

fn page(overview: &Overview) -> String {
    String::from_utf8(status_page(overview, &Patience::default())).expect("UTF-8")
}

/// The page as the browser has it, in a folder of its own.
fn loaded(overview: &Overview) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("status.html");
    #[allow(clippy::disallowed_methods, reason = "a test's own file")]
    std::fs::write(&path, page(overview)).expect("a page");
    load(&path)
}

#[test]
fn a_browser_shows_every_account_and_balance_and_asks_nobody_for_anything() {
    let many = (7..60).map(|nth| account(&format!("account-{nth}"), nth)).collect();
    let overview = overview(vec![family("smith", troubled()), family("tremblay", many)]);
    let (dom, asked) = loaded(&overview);
    assert_eq!(asked, [""; 0]);
    assert!(!dom.contains("://"), "no address to ask");
    assert_eq!(dom.matches("<article").count(), 60);
    let text = text_of(&dom);
    for (_, account) in overview.accounts() {
        assert!(text.contains(account.name.as_str()), "{}", account.name);
        if let (Some(balance), Some(currency)) = (account.balance, &account.currency) {
            let balance = format!("{} {currency}", plain(balance, currency));
            assert!(text.contains(&balance), "{}: {balance}", account.name);
        }
    }
    assert_eq!(dom.matches("<svg").count(), 58, "all that have a curve");
}

#[test]
fn the_trap_for_requests_catches_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("loud.html");
    let html = "<!DOCTYPE html><link rel=stylesheet href=\"http://example.invalid/x.css\"><p>hi";
    #[allow(clippy::disallowed_methods, reason = "a test's own file")]
    std::fs::write(&path, html).expect("a page");
    assert_eq!(load(&path).1, ["GET http://example.invalid/x.css HTTP/1.1"]);
}

#[test]
fn what_needs_its_owner_comes_first_with_what_to_do() {
    let text = text_of(&page(&overview(vec![family("smith", troubled())])));
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words} in {text}"));
    let order = [
        "2 of 7 accounts need you",
        "smith/visa the bank asks its owner, data 10 d old",
        "answer it with sophtron-sync answer smith/visa",
        "smith/joint-checking drift for 72 d",
        "run sophtron-sync reconcile smith/joint-checking",
        "Oldest data 10 d",
        "In all",
        "3127 of 10000 requests in 2026-11",
        "Drift 3.00 USD since 2026-09-14",
        "closed",
    ];
    let places: Vec<usize> = order.iter().map(|words| place(words)).collect();
    assert!(places.is_sorted(), "{places:?}");
    let good = text_of(&page(&overview(vec![family("smith", vec![account("visa", 1)])])));
    assert!(good.contains("All is well") && !good.contains("need"), "{good}");
}

#[test]
fn texts_of_a_bank_are_texts() {
    let mut evil = account("visa", 1);
    let markup = "</p><script>alert(1)</script><img src=x onerror=alert(1)>\u{202e}\"'";
    evil.institution = Some(markup.to_owned());
    evil.message = Some(markup.to_owned());
    evil.help = Some(format!("`{markup}`"));
    let (dom, asked) = loaded(&overview(vec![family("smith", vec![evil])]));
    assert!(!dom.contains("<script") && !dom.contains("<img"), "{dom}");
    assert_eq!(text_of(&dom).matches("<script>alert(1)</script>").count(), 4);
    assert_eq!(asked, [""; 0]);
}

#[test]
fn a_curve_marks_the_drift_and_tells_each_balance() {
    let overview = overview(vec![family("smith", troubled())]);
    let page = page(&overview);
    let curve = page.split("<svg").find(|part| part.contains("class=\"drift\"")).expect("one");
    let usd = Currency::usd();
    let last = overview.families[0].accounts[0].curve.last().expect("a point");
    let told = format!("<title>{}: {} USD; drift 3.00 since", last.0, plain(last.1, &usd));
    assert!(curve.contains(&told), "{told}");
    assert_eq!(page.matches("class=\"drift\"").count(), 1);
    assert!(page.len() < 150_000, "{} bytes", page.len());
}

/// The family `smith` with one account, and further lines of `[files]`.
fn with_files(lines: &str) -> Home {
    let home = Home::beside(one_account());
    home.configure_with(&format!("[files]\n{lines}"), &families(&home, "2026-01-01"));
    home
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("a file").permissions().mode() & 0o7777
}

#[test]
fn each_sync_and_export_writes_them_where_they_are_configured() {
    let home = with_files("mode = \"0600\"\nmetrics = \"m.prom\"");
    home.run(&["export"]).ends_with(0);
    assert!(home.read("bank/status.html").contains("never synced"));
    home.run(&["sync"]).ends_with(0);
    assert!(text_of(&home.read("bank/status.html")).contains("1226.35 USD"));
    assert!(home.read("bank/status.html").starts_with(PAGE_MARK));
    assert!(home.read("m.prom").contains("sophtron_sync_rows"));
    assert_eq!(mode(&home.path("bank/status.html")), 0o600);
    assert_eq!(mode(&home.path("m.prom")), 0o644, "whoever collects them is another user");
    home.run(&["sync", "--dry-run"]).ends_with(0);

    let elsewhere = with_files("status_page = \"page.html\"");
    elsewhere.run(&["sync"]).ends_with(0);
    assert!(elsewhere.path("page.html").exists() && !elsewhere.path("bank/status.html").exists());
    let nowhere = with_files("status_page = false");
    nowhere.run(&["sync"]).ends_with(0);
    assert!(!nowhere.path("bank/status.html").exists());
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let home = with_files("status_page = \"index.html\"\nmetrics = \"notes.txt\"");
    home.write("index.html", "<h1>my own</h1>");
    home.write("notes.txt", "");
    let told = home.run(&["sync"]).ends_with(0).err;
    assert!(told.contains("note: ") && told.contains("index.html was not written by"), "{told}");
    assert_eq!(home.read("index.html"), "<h1>my own</h1>");
    assert!(home.read("notes.txt").contains("# TYPE"), "an empty file is nobody's");
    std::fs::remove_file(home.path("index.html")).expect("removed");
    assert_eq!(home.run(&["sync"]).ends_with(0).err, "");
    assert!(home.read("index.html").starts_with(PAGE_MARK));
    home.run(&["sync"]).ends_with(0);
}

#[test]
fn a_page_that_cannot_be_written_spoils_no_sync() {
    let home = with_files("status_page = \"missing/index.html\"");
    let ran = home.run(&["sync"]).ends_with(74);
    assert!(ran.err.contains("missing/index.html") && ran.err.contains("mkdir -p"), "{}", ran.err);
    assert!(home.path("bank/smith/checking/2026.csv").exists());
    assert!(home.run(&["status"]).ends_with(0).out.contains("all is well"));
}

#[test]
fn a_family_with_a_folder_of_its_own_has_a_page_of_its_own() {
    let mut world = World::new(day("2026-03-04"));
    for (user, account) in [("smith", "Checking"), ("jones", "Savings")] {
        let account = world.add_user(user).add_login("Sandbox Bank").add_account(account);
        account.opening("1000.00").add_row("2026-02-10", "-18.40", "GREEN GROCER");
    }
    let home = Home::beside(world);
    let toml = with_line(&families(&home, "2026-01-01"), "jones", "output_dir = \"apart\"");
    home.configure_with("[files]\nmetrics = \"m.prom\"", &toml);
    home.run(&["sync"]).ends_with(0);
    let (shared, own) = (home.read("bank/status.html"), home.read("apart/status.html"));
    assert!(shared.contains("smith/checking") && !shared.contains("jones"));
    assert!(own.contains("jones/savings") && !own.contains("smith"));
    let metrics = home.read("m.prom");
    assert!(metrics.contains("\"smith\"") && metrics.contains("\"jones\""), "of all families");
}

#[test]
fn wrong_places_are_told_by_line() {
    for (lines, told) in [
        ("status_page = 3", "a number cannot stand here"),
        ("status_page = \"\"", "is no path"),
        ("status_page = \"/srv/www/\"", "names no file"),
        ("metrics = true", "true or false cannot stand here"),
        ("metrics = \"~/m.prom\"", "~ and $ mean nothing here"),
        ("metrics = \"bank/status.html\"", "the status page has this path"),
    ] {
        let home = settled(one_account(), "2026-01-01");
        home.reconfigure(&format!("[files]\n{lines}"), &families(&home, "2026-01-01"));
        let said = home.run(&["status"]).ends_with(78).err;
        assert!(said.contains(told) && said.contains("sophtron-sync.toml:6: files."), "{said}");
    }
}
