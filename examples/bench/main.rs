//! What the program takes for 100,000 rows in 20 accounts, beside what it is measured against.
//!
//! ```sh
//! tests/run                                  # once: installs ofxstatement and ofxtools
//! cargo run --release --example bench
//! cargo run --release --example bench -- 500 # so many rows an account instead of 5,000
//! ```
//!
//! It ends with 1 if a limit is missed; an aim may be. Everything lies in a temporary folder in
//! the build folder, since that of the system may be no disk. Each figure is the median of some
//! runs with warm caches; memory is that of the worst run. The bank is the sandbox, in this
//! process; the program is a process of its own.

#[path = "../sandbox/bank/mod.rs"]
mod bank;
mod bank_of_many;
mod program;
mod table;
mod writing;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use sophtron_sync::books::{Asked, Fetched, Rules, Span, compare};
use sophtron_sync::config::{Env, load};
use sophtron_sync::domain::{KeptAccount, KeptRow};
use sophtron_sync::store::Store;

use bank::{Bank, family_toml};
use bank_of_many::ACCOUNTS;
use program::{Home, Ran};
use table::Line;

/// How many rows an account has.
const ROWS_AN_ACCOUNT: usize = 5_000;

/// How many rows one read brings, to be compared with those that are kept.
const ROWS_A_READ: usize = 1_000;

/// How many of those ledger is asked about one by one.
const ROWS_ASKED: usize = 20;

/// How often each thing is measured.
const RUNS: usize = 5;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let first = args.next();
    if first.as_ref().is_some_and(|word| word == program::MARK) {
        return program::be(args);
    }
    let rows = first.and_then(|word| word.to_str()?.parse().ok()).unwrap_or(ROWS_AN_ACCOUNT);
    let folder = tempfile::tempdir_in(build_folder()).expect("a folder");
    let home = Home::at(folder.path());
    println!("{} rows in {ACCOUNTS} accounts, medians of {RUNS} runs", rows * ACCOUNTS);
    println!("(writing OFX: values in memory to files, without a start and without fsync)");
    println!("(* ledger-autosync's way: scaled up from {ROWS_ASKED} rows)\n");
    println!("{}", table::head());
    let mut missed = false;
    for measure in [syncing, writing::whole, writing::ofx, comparing] {
        for line in measure(&home, rows) {
            println!("{line}");
            missed |= line.is_missed();
        }
    }
    ExitCode::from(u8::from(missed))
}

/// `target/release`, on the disk that is measured.
fn build_folder() -> std::path::PathBuf {
    let executable = std::env::current_exe().expect("this executable");
    executable.ancestors().nth(2).expect("it lies in a folder").to_owned()
}

/// The first sync, those without news, and `status`.
fn syncing(home: &Home, rows: usize) -> Vec<Line> {
    let today = today();
    let bank = Bank::start(bank_of_many::world(today, rows));
    set_up(home, &bank, today);
    let first = home.run(&["sync"], "");
    check_rows(home, rows);
    home.run(&["sync"], "");
    let quiet: Vec<Ran> = (0..RUNS).map(|_| home.run(&["sync"], "")).collect();
    assert!(quiet[0].out.contains("nothing new"), "{}", quiet[0].out);
    assert_eq!(bank.violations(), [""; 0]);
    let status = (0..RUNS).map(|_| home.run(&["status"], "").wall);
    let usage = (0..RUNS).map(|_| home.run(&["--help"], "").wall);
    vec![
        Line::told("first sync", first.wall),
        Line::told("first sync, CPU without the bank", first.cpu),
        Line::memory("first sync, peak memory", first.peak_kib, 150),
        Line::below(
            "sync without news, CPU",
            median(quiet.iter().map(|ran| ran.cpu)),
            Duration::from_millis(300),
        ),
        Line::told("sync without news", median(quiet.iter().map(|ran| ran.wall))),
        Line::told("status", median(status)),
        Line::told("start and end (--help)", median(usage)),
    ]
}

#[allow(clippy::disallowed_methods, reason = "the program that is measured has today's clock")]
fn today() -> NaiveDate {
    chrono::Utc::now().date_naive()
}

fn set_up(home: &Home, bank: &Bank, today: NaiveDate) {
    home.run(&["keygen", "identity.txt"], "");
    let families = bank.edit(|world| {
        let toml = |user| family_toml(user, &bank.base_url(), bank_of_many::start(today));
        world.users.iter().map(toml).collect::<Vec<_>>().join("\n")
    });
    let settings = "output_dir = \"bank\"\nstate_dir = \"state\"\n[sync]\nrefresh = \"never\"\n";
    #[allow(clippy::disallowed_methods, reason = "the benchmark's own file")]
    std::fs::write(home.path("sophtron-sync.toml"), format!("{settings}\n{families}"))
        .expect("a file");
    std::fs::create_dir(home.path("credentials")).expect("a folder");
    let keys = bank.edit(|world| {
        let pair = |user: &bank::User| {
            let lines =
                format!("user_id = \"{}\"\naccess_key = \"{}\"\n", user.id, user.access_key);
            (user.name.clone(), lines)
        };
        world.users.iter().map(pair).collect::<Vec<_>>()
    });
    for (family, lines) in keys {
        home.run(&["credentials", "set", &family], &lines);
    }
}

/// Makes sure that what is measured is the whole work.
fn check_rows(home: &Home, rows: usize) {
    let status = home.run(&["status", "--json"], "").out;
    let whole = format!("\"transactions\":{rows},");
    assert_eq!(status.matches(&whole).count(), ACCOUNTS, "{status}");
    assert_eq!(status.matches("\"drift\":null").count(), ACCOUNTS, "{status}");
}

/// One read against all that is kept of an account.
fn comparing(home: &Home, rows: usize) -> Vec<Line> {
    let (store, accounts) = kept(home);
    let account = &accounts[0];
    let rules = Rules::of(account, account.settled.as_ref().expect("it was read"));
    let kept = store.rows(account.key).expect("rows");
    let newest = kept[rows.saturating_sub(ROWS_A_READ)..].iter().map(|kept| kept.row.clone());
    let fetched = Fetched { rows: newest.collect(), outside: Vec::new() };
    let asked =
        Span { from: fetched.rows[0].day().value().copied().expect("a day"), end: NaiveDate::MAX };
    let asked = Asked { span: asked, overlap_days: 45, caught_up: NaiveDate::MIN };
    let compared = || {
        let plan = compare(&kept, &fetched, asked, &rules);
        assert!(plan.is_empty() && plan.renamed.is_empty());
    };
    let by_id = timed(compared);
    let mut anew = fetched.clone();
    anew.rows.iter_mut().for_each(|row| row.id = row.id.take().map(|id| format!("new-{id}")));
    let by_content = timed(|| {
        let plan = compare(&kept, &anew, asked, &rules);
        assert_eq!((plan.is_empty(), plan.renamed.len()), (true, anew.rows.len()));
    });
    let limit = Duration::from_millis(10);
    let mut lines = vec![
        Line::below("1,000 rows against 5,000 kept", by_id, limit),
        Line::below("the same, all ids issued anew", by_content, limit),
    ];
    lines.push(match asked_one_by_one(home, account, &kept) {
        Ok(asked) => {
            Line::faster_than("than asking ledger row by row *", by_id, ("ledger", asked), 1)
        }
        Err(why) => Line::failed("than asking ledger row by row *", why),
    });
    lines
}

/// What the same costs in ledger-autosync's way: one start of ledger a row, over the file of the
/// newest year. Scaled up from fewer rows, since all of them take a minute.
fn asked_one_by_one(
    home: &Home,
    account: &KeptAccount,
    kept: &[KeptRow],
) -> Result<Duration, String> {
    let newest = kept.last().and_then(|row| row.row.day().value().copied()).ok_or("no row")?;
    let year = newest.format("%Y");
    let file = home.path(&format!("bank/{}/{}/{year}.ledger", account.family, account.name));
    let ids = kept.iter().rev().take(ROWS_ASKED).filter_map(|row| row.id.as_deref());
    let start = Instant::now();
    for id in ids {
        let mut ledger = Command::new("ledger");
        ledger.args(["--args-only", "-f"]).arg(&file).args(["csv", "-E", "meta"]);
        let answer = ledger.arg(format!("sophtron-id={id}")).output();
        let answer = answer.map_err(|_| "ledger is missing: tests/run installs it".to_owned())?;
        if answer.stdout.is_empty() {
            return Err(format!("ledger does not find {id}"));
        }
    }
    let scale = u32::try_from(ROWS_A_READ / ROWS_ASKED).unwrap_or(1);
    Ok(start.elapsed() * scale)
}

/// The store of the home, and every account in it.
fn kept(home: &Home) -> (Store, Vec<KeptAccount>) {
    let store = Store::look(&home.path("state")).expect("a store");
    let families = configuration(home).families.into_iter();
    let accounts =
        families.flat_map(|family| store.accounts(&family.family.name).expect("accounts"));
    let accounts = accounts.collect();
    (store, accounts)
}

fn configuration(home: &Home) -> sophtron_sync::config::Config {
    let none: [(&str, &Path); 0] = [];
    load(&home.path("sophtron-sync.toml"), &Env::from_pairs(none)).expect("a configuration")
}

/// The median time of some work, once done before it counts.
fn timed(work: impl Fn()) -> Duration {
    work();
    median((0..RUNS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    }))
}

fn median(times: impl IntoIterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.into_iter().collect();
    times.sort();
    times[times.len() / 2]
}
