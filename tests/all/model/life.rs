//! Plays a story: bank, owner and judge, sync after sync.

use std::fmt;

use chrono::{NaiveDate, TimeDelta};
use sophtron_sync::domain::{Anchor, Fault, ReadNumber, ReceivedRow, Standing, State};
use tokio::runtime::Runtime;

use super::bank_side::{Side, lapse, publish, spoil, tell_apart};
use super::engine::{Known, Owner, Synced};
use super::judge::{Seen, all_there, at_the_end, nothing_lost, sent};
use super::story::{Balance, Event, Spoilt, Step, Story};
use super::written::{Told, bytes_below};
use crate::bank::{Account, Bank, Truth, World};
use crate::readers::ledgers;

/// How many clean reads end a story.
const CLEAN_READS: usize = 3;

/// Every so many stories ledger and hledger read what the last sync wrote, and the story is told
/// to a second owner, who must have the same bytes.
const SAMPLE: u64 = 40;

/// What was played.
#[derive(Debug, Default, Clone)]
pub(super) struct Counts {
    pub(super) histories: u64,
    syncs: u64,
    rows: u64,
    faults: u64,
    failed_reads: u64,
    suspect: u64,
    accepted: u64,
    vanished: u64,
    returned: u64,
    read_by_ledgers: u64,
    told_twice: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.syncs += other.syncs;
        self.rows += other.rows;
        self.faults += other.faults;
        self.failed_reads += other.failed_reads;
        self.suspect += other.suspect;
        self.accepted += other.accepted;
        self.vanished += other.vanished;
        self.returned += other.returned;
        self.read_by_ledgers += other.read_by_ledgers;
        self.told_twice += other.told_twice;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} histories, {} syncs, {} rows at the end, {} faults; {} reads failed, {} were \
             suspect, {} accepted; {} rows vanished, {} came back; {} read by ledger and hledger, \
             {} told twice",
            self.histories,
            self.syncs,
            self.rows,
            self.faults,
            self.failed_reads,
            self.suspect,
            self.accepted,
            self.vanished,
            self.returned,
            self.read_by_ledgers,
            self.told_twice
        )
    }
}

/// Where stories are played: one bank, one after the other.
pub(super) struct Stage {
    bank: Bank,
    runtime: Runtime,
}

impl Stage {
    pub(super) fn new() -> Self {
        let bank = Bank::start(World::new(first_day()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { bank, runtime: runtime.expect("a runtime") }
    }

    /// Plays a story; the error says what is wrong with the books, and after which sync.
    pub(super) fn play(&self, story: &Story, counts: &mut Counts) -> Result<(), String> {
        counts.histories += 1;
        let life = self.live(story, counts)?;
        if story.seed.is_multiple_of(SAMPLE) {
            life.read_by_ledgers(counts)?;
            let other = self.live(story, &mut Counts::default())?;
            counts.told_twice += 1;
            let relative = |life: &Life| {
                let folder = life.owner.family_folder();
                let files = bytes_below(&folder).into_iter();
                files
                    .map(|(path, bytes)| {
                        (path.strip_prefix(&folder).expect("below").to_owned(), bytes)
                    })
                    .collect::<Vec<_>>()
            };
            if relative(&life) != relative(&other) {
                return Err("told twice, it gives other bytes".to_owned());
            }
        }
        Ok(())
    }

    fn live(&self, story: &Story, counts: &mut Counts) -> Result<Life<'_>, String> {
        let mut life = Life::new(self, story);
        for (nth, step) in story.steps.iter().enumerate() {
            life.step(step, counts).map_err(|why| format!("after sync {}: {why}", nth + 1))?;
        }
        life.ends = story.balance == Balance::All;
        for nth in 1..=CLEAN_READS {
            let step = Step { days: 1, events: Vec::new(), spoilt: Vec::new() };
            life.step(&step, counts).map_err(|why| format!("after clean read {nth}: {why}"))?;
        }
        life.end(counts).map_err(|why| format!("at the end: {why}"))?;
        Ok(life)
    }
}

/// The day of the first sync: the histories cross a year's end.
fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 4).expect("a day")
}

struct Life<'s> {
    bank: &'s Bank,
    owner: Owner<'s>,
    side: Side,
    balance: Balance,
    overlap: u32,
    seen: Seen,
    /// Whether the last answer that was taken was not true: while `LastUpdated` stands still, the
    /// rows are not read again.
    misled: bool,
    /// Whether all pending rows lapse: a balance that counts them agrees with no books.
    ends: bool,
    /// Whether a Retry-After may still run.
    limited: bool,
    /// How many answers were taken.
    reads: ReadNumber,
}

impl<'s> Life<'s> {
    fn new(stage: &'s Stage, story: &Story) -> Self {
        let (today, start) = (first_day(), first_day() - TimeDelta::days(story.history));
        stage.bank.forget_calls();
        stage.bank.edit(|world| {
            *world = World::new(today);
            let login = world.add_user("smith").add_login("Sandbox Bank");
            login.add_account("Checking").opening("1000.00");
        });
        Self {
            owner: Owner::beside(&stage.bank, &stage.runtime, start, story.overlap),
            bank: &stage.bank,
            side: Side::new(today, start),
            balance: story.balance,
            overlap: story.overlap,
            seen: Seen::default(),
            misled: false,
            ends: false,
            limited: false,
            reads: 0,
        }
    }

    fn step(&mut self, step: &Step, counts: &mut Counts) -> Result<(), String> {
        counts.syncs += 1;
        self.side.today += TimeDelta::days(step.days);
        self.limited &= step.days == 0;
        let spoilt = self.spoilt(step);
        counts.faults += spoilt.len() as u64;
        let ends = self.ends;
        let truth = self.edit(|side, world, balance, misled| {
            world.today = side.today;
            world.lift_faults();
            let account = world.accounts_mut().next().expect("an account");
            let moves = !step.events.is_empty() || step.days > 0;
            step.events.iter().for_each(|event: &Event| side.happen(account, event));
            lapse(account, if ends { NaiveDate::MAX } else { side.today });
            tell_apart(account);
            if moves {
                *misled = false;
                publish(account, balance, side.today);
            }
            let id = account.id.clone();
            for spoilt in &spoilt {
                spoil(world, spoilt);
            }
            world.truth(&id)
        });
        let before = bytes_below(&self.owner.account_folder());
        let synced = self.owner.sync(self.side.today, false)?;
        self.bank.forget_calls();
        match synced.read {
            Ok(_) => self.taken(&synced, &truth, &spoilt, counts),
            Err(fault) => {
                if bytes_below(&self.owner.account_folder()) != before {
                    return Err(format!("a read that failed changed files: {fault:?}"));
                }
                self.refused(&fault, &spoilt, &truth, counts)
            }
        }
    }

    fn edit<T>(&mut self, work: impl FnOnce(&mut Side, &mut World, Balance, &mut bool) -> T) -> T {
        let (side, balance, misled) = (&mut self.side, self.balance, &mut self.misled);
        self.bank.edit(|world| work(side, world, balance, misled))
    }

    /// How the service answers: before the first good read nothing tells that rows are lacking, and
    /// of rows without ids nothing tells that one came twice.
    ///
    /// Nor does anything tell that an answer lacks pending rows: a balance that counts them and
    /// stands still is then, figure by figure, one that never counted a row that lapsed. Once it
    /// is told what the balance counts, that does no harm. Nor does anything tell of an old row,
    /// where the answer that first shows it lacks other new ones: its balance agrees with nothing,
    /// and that the next one is off by the old row's amount, a row of the opposite amount that is
    /// still lacking explains as well.
    fn spoilt(&self, step: &Step) -> Vec<Spoilt> {
        let first = self.seen.sent.is_none() && self.seen.booked.is_empty();
        let first = first || (self.side.untold && self.balance == Balance::All);
        let may_lack = !first && self.side.old_waits.is_none();
        let nameless = self.bank.edit(|world| {
            let mut rows = world.accounts().flat_map(Account::shown_rows);
            rows.any(|row| row.id.is_empty())
        });
        let by_id = |spoilt: &Spoilt| matches!(spoilt, Spoilt::NewIds(_) | Spoilt::FirstTwice);
        let loses = step
            .events
            .iter()
            .any(|event| matches!(event, Event::Id { lost: true, .. } | Event::Ids { lost: true }));
        let told = step.spoilt.iter().filter(|spoilt| spoilt.is_harmless() || may_lack);
        told.filter(|spoilt| !(by_id(spoilt) && (nameless || loses))).cloned().collect()
    }

    /// A read that was not taken: a fault's work, or more rows gone at once than a guard lets go.
    fn refused(
        &mut self,
        fault: &Fault,
        spoilt: &[Spoilt],
        truth: &Truth,
        counts: &mut Counts,
    ) -> Result<(), String> {
        counts.failed_reads += 1;
        counts.suspect += u64::from(fault.state == State::Suspect);
        let late = matches!(spoilt, [Spoilt::Limited(Some(_))]);
        let held_back = self.limited && fault.state == State::Limited;
        self.limited |= late;
        if held_back || spoilt.iter().any(Spoilt::may_fail) {
            return Ok(());
        }
        if fault.state != State::Suspect || !self.many_went(truth) {
            return Err(format!("refused without a reason: {fault:?}"));
        }
        let synced = self.owner.sync(self.side.today, true)?;
        counts.accepted += 1;
        match &synced.read {
            Ok(_) => self.taken(&synced, truth, spoilt, counts),
            Err(fault) => Err(format!("not even accepted: {fault:?}")),
        }
    }

    /// Whether more rows say something else than a guard lets go, or more than half of them.
    fn many_went(&self, truth: &Truth) -> bool {
        let asked = |told: &Told| told.0 >= self.side.reach;
        let sent = sent(truth).into_iter().map(|(_, told)| told);
        let mut left: Vec<_> = sent.filter(asked).collect();
        let count = left.len();
        let gone = self.seen.there.values().filter(|told| asked(told)).filter(|told| {
            let place = left.iter().position(|other| other == *told);
            place.map(|place| left.remove(place)).is_none()
        });
        gone.count() > 5 || count * 2 < self.seen.booked.values().filter(|told| asked(told)).count()
    }

    fn taken(
        &mut self,
        synced: &Synced,
        truth: &Truth,
        spoilt: &[Spoilt],
        counts: &mut Counts,
    ) -> Result<(), String> {
        let is_true = spoilt.iter().all(Spoilt::is_harmless) && !self.misled;
        self.misled = !is_true;
        let renamed = spoilt.iter().any(|spoilt| matches!(spoilt, Spoilt::NewIds(_)));
        if let Ok(news) = &synced.read {
            counts.vanished += news.vanished.len() as u64;
            counts.returned += news.returned as u64;
        }
        let known = self.owner.known().ok_or("no statement after a good read")?;
        let last_sent = self.seen.sent.clone();
        let seen = nothing_lost(&self.owner, &known, &self.seen)?;
        self.seen = if is_true {
            all_there(&self.owner, &known, truth, &self.seen, seen, renamed)?
        } else {
            seen
        };
        let told = std::mem::replace(&mut self.reads, known.kept.reads);
        if told == known.kept.reads {
            // No row was read: the ids that the service gave are those of the last answer.
            self.seen.sent = last_sent;
        } else if renamed && let Some(sent) = &mut self.seen.sent {
            for (id, _) in sent {
                id.clear();
            }
        }
        if is_true {
            (self.side.news, self.side.old_waits) = (false, None);
        }
        self.look_back(&known);
        Ok(())
    }

    /// How far back the next read asks, which row is the earliest that the opening was computed
    /// with, and whether nothing told yet what the first balance counted.
    fn look_back(&mut self, known: &Known) {
        let day = |row: &ReceivedRow| row.day().value().copied();
        let present = known.rows.iter().filter(|row| row.standing == Standing::Present);
        let newest = present.filter_map(|row| day(&row.row)).max();
        // While nothing told what the first balance counted, nothing tells of older rows either.
        let settled =
            |anchor: &Anchor| anchor.waiting.is_empty() || anchor.counts_pending.is_some();
        let is_fixed = known.kept.anchor.as_ref().is_some_and(settled);
        let anchored = known.rows.iter().filter(|row| row.anchored && is_fixed);
        let then = anchored.map(|row| row.at_anchor.as_deref().unwrap_or(&row.row));
        self.side.earliest = then.filter_map(day).min();
        self.side.untold = !is_fixed;
        let reach = newest.map(|day| day - TimeDelta::days(i64::from(self.overlap)));
        self.side.reach = reach.unwrap_or(self.side.start).max(self.side.start);
    }

    fn end(&self, counts: &mut Counts) -> Result<(), String> {
        let truth = self.bank.edit(|world| {
            let id = world.accounts().next().expect("an account").id.clone();
            world.truth(&id)
        });
        let known = self.owner.known().ok_or("never read")?;
        counts.rows += self.seen.booked.len() as u64;
        at_the_end(&self.owner, &known, &truth, &self.seen, self.balance)?;
        let again = self.owner.sync(self.side.today, false)?;
        if !again.written.is_empty() || again.read.is_err() {
            return Err(format!("a second sync writes {:?}: {:?}", again.written, again.read));
        }
        Ok(())
    }

    /// ledger and hledger read the same rows, and find every balance right.
    fn read_by_ledgers(&self, counts: &mut Counts) -> Result<(), String> {
        counts.read_by_ledgers += 1;
        let folder = self.owner.family_folder();
        let checks = folder.join("checks.journal");
        ledgers::hledger_check(&checks)?;
        ledgers::ledger_check(&checks)?;
        let mut ours: Vec<_> =
            self.seen.booked.iter().map(|(id, told)| (told.0.to_string(), id.clone())).collect();
        ours.sort();
        let all = folder.join("all.ledger");
        for rows in [ledgers::hledger_rows(&all), ledgers::ledger_rows(&all)] {
            let rows = rows.into_iter().filter(|row| !row.id.is_empty());
            let mut read: Vec<_> = rows.map(|row| (row.day, row.id)).collect();
            read.sort();
            if read != ours {
                return Err(format!("read {read:?}, written {ours:?}"));
            }
        }
        Ok(())
    }
}
