//! A day of faults, edits, news and restarts, at high speed: in the end the files tell the truth.

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use rust_decimal::Decimal;
use sophtron_sync::daemon::signals::Signal;
use sophtron_sync::domain::parse_decimal;

use super::live::Daemon;
use super::process::figure;
use super::{families, world_on};
use crate::bank::{self, Fault, SecondRefresh, Shape, Story, Transport};
use crate::config::times;
use crate::home::Home;
use crate::readers::tables;

const SETTINGS: &str = "refresh = \"1h\"\n[schedule]\nevery = \"15m\"\njitter = \"2m\"\n";

/// A daemon that is treated badly.
struct Soak {
    home: Home,
    daemon: Option<Daemon>,
    rng: Rng,
    restarts: u32,
}

impl Soak {
    fn begin(seed: u64) -> Self {
        let mut world = world_on(bank::day("2026-03-04"));
        // A start whose answer is lost is not known to run.
        world.second_refresh = SecondRefresh::SameJob;
        let home = Home::in_memory(world);
        home.configure_with(SETTINGS, &families(&home, &["smith", "jones"]));
        let daemon = Some(Daemon::watched(&home));
        Self { home, daemon, rng: Rng::with_seed(seed), restarts: 0 }
    }

    fn daemon(&mut self) -> &mut Daemon {
        self.daemon.as_mut().expect("it runs")
    }

    fn now(&mut self) -> DateTime<Utc> {
        self.daemon().now()
    }

    /// Lets some minutes pass, and with them whatever is due.
    fn pass(&mut self, minutes: i64) {
        let now = self.now() + TimeDelta::minutes(minutes);
        self.home.bank.edit(|world| world.today = now.date_naive());
        self.daemon().set(now);
        self.daemon().until_it_rests();
        self.home.bank.forget_calls();
    }

    fn fault(&mut self) {
        let fault = match self.rng.u8(..8) {
            0 => Fault::Transport(Transport::ResetAtOnce),
            1 => Fault::Transport(Transport::Cut(self.rng.usize(..300))),
            2 => Fault::Transport(Transport::Html(503)),
            3 => Fault::Transport(Transport::Html(200)),
            4 => Fault::Shape(Shape::leave_out("Balance")),
            5 => Fault::Shape(Shape::leave_out("Amount")),
            6 => Fault::error_object(),
            _ => Fault::nothing(),
        };
        let calls = self.rng.u32(1..8);
        self.home.bank.edit(|world| {
            world.fault(fault).times(calls);
        });
    }

    fn news(&mut self, nth: u32) {
        let (account, cents) = (self.rng.usize(..4), self.rng.u32(1..9_999));
        self.home.bank.edit(|world| {
            let today = world.today;
            let account = world.accounts_mut().nth(account).expect("four");
            let amount = format!("-{}.{:02}", cents / 100, cents % 100);
            account.add_row_on(today, &amount, &format!("NEWS {nth}"));
        });
    }

    fn story(&mut self) {
        let story = match self.rng.u8(..3) {
            0 => Story::running(12),
            1 => Story::running(1),
            _ => Story::running(4),
        };
        self.home.bank.edit(|world| {
            for user in &mut world.users {
                user.logins[0].refresh = story.clone();
            }
        });
    }

    fn edit(&mut self) {
        let families = families(&self.home, &["smith", "jones"]);
        match self.rng.u8(..5) {
            0 => self.home.reconfigure("refresh = \"often\"", &families),
            1 => self.home.write("sophtron-sync.toml", "output_dir ="),
            2 => self.home.reconfigure(SETTINGS, &families.replace(":Checking", ":Other")),
            3 => {
                self.home
                    .reconfigure(&format!("{SETTINGS}[files]\nformats = [\"csv\"]"), &families);
            }
            _ => self.home.reconfigure(SETTINGS, &families),
        }
        // A reload may ask, and takes what the disk and the bank take.
        std::thread::sleep(std::time::Duration::from_millis(250));
    }

    fn restart(&mut self) {
        let daemon = self.daemon.take().expect("it runs");
        self.home.now = daemon.now();
        let (end, took) = daemon.stop();
        assert_eq!(end.expect("a good end").code(), 0);
        assert!(took < std::time::Duration::from_secs(5), "{took:?}");
        self.home.reconfigure(SETTINGS, &families(&self.home, &["smith", "jones"]));
        std::fs::remove_file(self.home.path("notify")).expect("removed");
        self.daemon = Some(Daemon::watched(&self.home));
        self.daemon().until_it_rests();
        self.restarts += 1;
    }

    fn step(&mut self, nth: u32) {
        match self.rng.u8(..100) {
            0..25 => self.news(nth),
            25..50 => self.fault(),
            50..60 => self.home.bank.edit(bank::World::lift_faults),
            60..68 => self.edit(),
            68..72 => self.restart(),
            72..76 => self.story(),
            76..80 => self.daemon().signal(Signal::SyncNow),
            _ => {}
        }
        let minutes = self.rng.i64(1..15);
        self.pass(minutes);
    }

    /// What the bank says must be what the files say.
    fn is_true(&self) {
        let folders: Vec<(String, String)> = self.home.bank.edit(|world| {
            let users = world.users.iter();
            let folder = |name: &str, account: &bank::Account| {
                (account.id.clone(), format!("bank/{name}/{}", account.suggestion.name))
            };
            users
                .flat_map(|user| user.accounts().map(|account| folder(&user.name, account)))
                .collect()
        });
        for (id, folder) in folders {
            let truth = self.home.bank.edit(|world| world.truth(&id));
            let mut meant: Vec<(String, Decimal, String)> = truth
                .rows_since(bank::day("2026-02-01"))
                .map(|row| (row.day.to_string(), money(&row.amount), row.description.clone()))
                .collect();
            let file = self.home.path(&format!("{folder}/2026.csv"));
            let mut read: Vec<(String, Decimal, String)> = tables::csv_rows(&file)
                .into_iter()
                .map(|row| (row.day, money(&row.amount), row.payee))
                .collect();
            meant.sort();
            read.sort();
            assert_eq!(read, meant, "{folder}");
        }
    }
}

fn money(text: &str) -> Decimal {
    parse_decimal(text).expect("an amount").normalize()
}

fn resident() -> u64 {
    figure("/proc/self/status", "VmRSS")
}

#[test]
fn a_day_of_troubles_ends_with_the_truth() {
    let hours = i64::from(times(3, 24));
    // What the test's own side takes at first is none of the daemon's growth.
    let mut warm = Soak::begin(99);
    (0..20).for_each(|nth| warm.step(nth));
    drop(warm);
    for seed in 0..u64::from(times(1, 5)) {
        let mut soak = Soak::begin(seed);
        soak.daemon().until_it_rests();
        let (start, mut nth, mut first) = (soak.now(), 0, None);
        while soak.now() < start + TimeDelta::hours(hours) {
            soak.step(nth);
            nth += 1;
            if first.is_none() && soak.now() > start + TimeDelta::hours(1) {
                first = Some(resident());
            }
        }
        let (first, last) = (first.expect("an hour"), resident());
        println!(
            "seed {seed}: {nth} steps, {} restarts, {first} KiB, then {last} KiB",
            soak.restarts
        );
        soak.home.bank.edit(|world| {
            world.lift_faults();
            world.users.iter_mut().for_each(|user| user.logins[0].refresh = Story::running(1));
            world.reveal_until(world.today);
        });
        soak.restart();
        // A backoff may have put the next attempt off.
        (0..30).for_each(|_| soak.pass(15));
        soak.is_true();
        assert!(last < first + 2_048, "{first} KiB, then {last} KiB");
        assert_eq!(soak.home.bank.violations(), [""; 0]);
    }
}
