//! However the configuration is saved, what it says is in force within two seconds.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::Signal;

use super::process::{Service, today};
use super::{families, home, started, world_on};
use crate::config::times;
use crate::home::Home;

/// How soon a saved file is in force, whatever else goes on.
const SOON: Duration = Duration::from_secs(2);

const FILE: &str = "sophtron-sync.toml";

/// A configuration that shows its number in every ledger file.
fn numbered(home: &Home, nth: usize) -> String {
    let families = families(home, &["smith", "jones"]);
    text(home, &format!("[files]\nunknown_expense = \"Expenses:N{nth}\""), "1h", &families)
}

fn text(home: &Home, files: &str, every: &str, families: &str) -> String {
    let root = home.folder.path().display();
    let families = families.replace("\"credentials/", &format!("\"{root}/credentials/"));
    format!(
        "output_dir = \"{root}/bank\"\nstate_dir = \"{root}/state\"\n\
         identity = \"{root}/identity.txt\"\n[sync]\nrefresh = \"never\"\npoll = \"10ms\"\n\
         [schedule]\nevery = \"{every}\"\n{files}\n{families}"
    )
}

/// The number of the configuration that each ledger file was written under.
fn shown(home: &Home) -> Vec<usize> {
    let files = ["smith", "jones"].map(|family| format!("bank/{family}/checking"));
    let years =
        files.iter().flat_map(|folder| fs::read_dir(home.path(folder)).into_iter().flatten());
    let paths = years.flatten().map(|entry| entry.path());
    let ledgers = paths.filter(|path| path.extension().is_some_and(|it| it == "ledger"));
    ledgers.filter_map(|path| number(&fs::read_to_string(path).ok()?)).collect()
}

/// The one number in a text.
fn number(text: &str) -> Option<usize> {
    let numbers = text.split("Expenses:N").skip(1).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().expect("a number")
    });
    let numbers: std::collections::BTreeSet<usize> = numbers.collect();
    assert!(numbers.len() <= 1, "a file of two configurations: {numbers:?}");
    numbers.into_iter().next()
}

fn is_shown(home: &Home, nth: usize) -> bool {
    let shown = shown(home);
    shown.len() >= 2 && shown.iter().all(|number| *number == nth)
}

fn write(path: &Path, text: &str) {
    #[allow(clippy::disallowed_methods, reason = "saved as others save")]
    fs::write(path, text).expect("written");
}

fn by_rename(file: &Path, text: &str) {
    write(&file.with_extension("swp"), text);
    fs::rename(file.with_extension("swp"), file).expect("renamed");
}

fn with_backup(file: &Path, text: &str) {
    fs::rename(file, file.with_extension("toml~")).expect("renamed");
    write(file, text);
}

fn slowly(file: &Path, text: &str) {
    let mut file = OpenOptions::new().write(true).truncate(true).open(file).expect("open");
    for part in text.as_bytes().chunks(200) {
        file.write_all(part).expect("written");
        sleep(Duration::from_millis(10));
    }
}

fn by_deleting(file: &Path, text: &str) {
    fs::remove_file(file).expect("removed");
    sleep(Duration::from_millis(50));
    write(file, text);
}

fn by_hard_link(file: &Path, text: &str) {
    let next = file.with_extension("next");
    write(&next, text);
    fs::remove_file(file).expect("removed");
    fs::hard_link(&next, file).expect("linked");
    fs::remove_file(&next).expect("removed");
}

fn through_another_name(file: &Path, text: &str) {
    let _ = fs::hard_link(file, file.with_extension("other"));
    write(&file.with_extension("other"), text);
}

fn by_exchange(file: &Path, text: &str) {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let next = file.with_extension("next");
    write(&next, text);
    if renameat_with(CWD, &next, CWD, file, RenameFlags::EXCHANGE).is_err() {
        fs::rename(&next, file).expect("renamed");
    }
}

fn appended(file: &Path, text: &str) {
    let (first, rest) = text.split_at(text.len() / 2);
    write(file, first);
    let mut file = OpenOptions::new().append(true).open(file).expect("open");
    file.write_all(rest.as_bytes()).expect("written");
}

#[test]
fn nine_ways_of_saving_take_effect() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    let ways: [fn(&Path, &str); 9] = [
        by_rename,
        with_backup,
        write,
        slowly,
        by_deleting,
        by_hard_link,
        through_another_name,
        by_exchange,
        appended,
    ];
    for (nth, way) in ways.into_iter().enumerate() {
        way(&home.path(FILE), &numbered(&home, nth));
        let saved = Instant::now();
        daemon.until("it is in force", || is_shown(&home, nth));
        assert!(saved.elapsed() < SOON, "way {nth}: {:?}", saved.elapsed());
    }
    assert_eq!(super::calls(&home), 0);
}

/// Puts a link in the place of another in one step.
fn relink(target: &Path, link: &Path) {
    let new = link.with_extension("new-link");
    symlink(target, &new).expect("a link");
    fs::rename(new, link).expect("renamed");
}

#[test]
fn swapped_links_and_folders_take_effect() {
    let home = home("every = \"1h\"");
    for name in ["etc/one", "etc/two"] {
        fs::create_dir_all(home.path(name)).expect("made");
    }
    let at = |name: &str| home.path(name);
    write(&at("etc/one/file"), &numbered(&home, 90));
    symlink("one", at("etc/live")).expect("a link");
    relink(&PathBuf::from("etc/live/file"), &at(FILE));
    let daemon = started(&home);
    let shown = |nth: usize| {
        let saved = Instant::now();
        daemon.until("it is in force", || is_shown(&home, nth));
        assert!(saved.elapsed() < SOON, "{nth}: {:?}", saved.elapsed());
    };
    shown(90);
    write(&at("etc/two/file"), &numbered(&home, 91));
    relink(Path::new("two"), &at("etc/live"));
    shown(91);
    fs::create_dir(at("etc/three")).expect("made");
    write(&at("etc/three/file"), &numbered(&home, 92));
    fs::rename(at("etc/two"), at("etc/old")).expect("renamed");
    fs::rename(at("etc/three"), at("etc/two")).expect("renamed");
    shown(92);
    write(&at("etc/else"), &numbered(&home, 93));
    relink(Path::new("etc/else"), &at(FILE));
    shown(93);
    write(&at("etc/else"), &numbered(&home, 94));
    shown(94);
    assert_eq!(super::calls(&home), 0);
}

#[test]
fn ten_saves_a_second_put_nothing_off() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    let begun = Instant::now();
    let mut saved: Vec<Instant> = Vec::new();
    for nth in 0..times(30, 300) as usize {
        by_rename(&home.path(FILE), &numbered(&home, nth));
        saved.push(Instant::now());
        let next = begun + Duration::from_millis(100) * u32::try_from(nth + 1).expect("few");
        while Instant::now() < next {
            let now = Instant::now();
            let due = saved.iter().rposition(|at| now - *at > SOON);
            let shown = shown(&home);
            if let Some(due) = due {
                assert!(shown.iter().all(|number| *number >= due), "{shown:?}, {due} is due");
            }
            sleep(Duration::from_millis(10));
        }
    }
    let last = saved.len() - 1;
    daemon.until("the last one is in force", || is_shown(&home, last));
    assert!(saved[last].elapsed() < SOON);
    assert_eq!(super::calls(&home), 0);
}

/// A configuration that is good, of a random shape.
fn good(home: &Home, nth: usize, rng: &mut Rng) -> String {
    let formats = ["\"ledger\"", "\"ledger\", \"csv\"", "\"ledger\", \"csv\", \"ofx\""];
    let formats = formats[rng.usize(..3)];
    let names: &[&str] = if rng.u8(..4) == 0 { &["smith"] } else { &["smith", "jones"] };
    let families = families(home, names).replace(":Checking", &format!(":K{}", rng.u8(..5)));
    let files = format!("[files]\nformats = [{formats}]\nunknown_expense = \"Expenses:N{nth}\"");
    text(home, &files, "1s", &families)
}

/// One that is not.
fn bad(good: &str, rng: &mut Rng) -> String {
    match rng.u8(..6) {
        0 => String::new(),
        1 => good.replace("every", "evry"),
        2 => good.replace("name = \"checking\"", "name = \"savings\""),
        3 => format!("{}\n[[[", &good[..rng.usize(..good.len())]),
        4 => good.replace(".age\"", ".age"),
        _ => good.replace("[files]", "[[rulez]]\n[files]"),
    }
}

/// What the files say, but for when they were written.
fn contents(home: &Home) -> Vec<(String, Vec<u8>)> {
    home.tree("bank").into_iter().map(|(name, bytes, _)| (name, bytes)).collect()
}

#[test]
fn random_edits_under_load_leave_the_last_good_one_in_force() {
    let mut home = Home::in_memory(world_on(today()));
    home.sleep_until(today());
    let mut rng = Rng::with_seed(5);
    let mut last = good(&home, 0, &mut rng);
    home.configure_with("", &families(&home, &["smith", "jones"]));
    write(&home.path(FILE), &last);
    let mut service = Service::start(&home);
    service.until("it is in force", || is_shown(&home, 0));
    let edits = times(60, 1_000) as usize;
    let mut early = None;
    for nth in 1..=edits {
        let text = good(&home, nth, &mut rng);
        if rng.u8(..3) == 0 {
            by_rename(&home.path(FILE), &bad(&text, &mut rng));
        } else {
            write(&home.path(FILE), &text);
            last = text;
        }
        if nth % 10 == 0 {
            home.bank.forget_calls();
            home.bank.edit(|world| {
                let account = world.accounts_mut().next().expect("one");
                account.add_row_on(today(), "-1.00", &format!("NEWS {nth}"));
            });
        }
        sleep(Duration::from_millis(rng.u64(5..90)));
        if nth == edits / 5 {
            early = Some((service.figure("VmRSS"), service.descriptors()));
        }
    }
    let nth = number(&last).expect("it has one");
    by_rename(&home.path(FILE), &last);
    service.until("the last good one is in force", || shown(&home).contains(&nth));
    by_rename(&home.path(FILE), &bad(&last, &mut rng));
    sleep(SOON);
    let (early, late) = (early.expect("some"), (service.figure("VmRSS"), service.descriptors()));
    println!("{edits} edits: KiB and descriptors {early:?}, then {late:?}");
    assert!(late.1 <= early.1 + 2, "descriptors {early:?} {late:?}");
    assert!(late.0 <= early.0 + 4_096, "KiB {early:?} {late:?}");
    let (code, ..) = service.end_by(Signal::TERM);
    assert_eq!(code, Some(0), "{}", service.log());
    let before = contents(&home);
    write(&home.path(FILE), &last);
    home.run(&["export"]).ends_with(0);
    assert!(contents(&home) == before, "the files are not those of the last good one");
    assert_eq!(home.bank.violations(), [""; 0]);
}
