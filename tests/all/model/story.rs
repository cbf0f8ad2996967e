//! A story: what happens at a bank between thirty syncs of one account, told so that it can be
//! read, made from a seed, and made shorter.

use std::fmt;

use fastrand::Rng;

/// How many syncs a story has before its three clean reads.
pub(super) const SYNCS: usize = 30;

/// Few amounts and texts: many rows look like another one.
const AMOUNTS: [&str; 7] = ["-4.75", "-4.7500", "-4.7", "-18.40", "4.75", "250", "0.00"];
const TEXTS: [&str; 4] = ["COFFEE", "GROCER", "RENT", ""];

/// One account's life.
#[derive(Clone)]
pub(super) struct Story {
    /// What it was made from.
    pub(super) seed: u64,
    /// `overlap`, in days.
    pub(super) overlap: u32,
    /// How many days before the first sync the start date is.
    pub(super) history: i64,
    /// What the reported balance counts.
    pub(super) balance: Balance,
    /// What there is at the first sync, and what happens before each later one.
    pub(super) steps: Vec<Step>,
}

/// What a bank's balance counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Balance {
    /// Every posted row.
    Posted,
    /// Every row, pending ones too.
    All,
    /// The rows up to its own day, which is so many days before the read.
    ToDay(i64),
}

/// What happens before one sync, and how the service answers in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    /// How many days after the last sync it is.
    pub(super) days: i64,
    /// What happens.
    pub(super) events: Vec<Event>,
    /// How the service answers.
    pub(super) spoilt: Vec<Spoilt>,
}

/// Something that happens at the bank. `of` chooses among the rows that it may happen to; days are
/// so many before the sync's.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A row comes; a day long ago makes it a late one.
    Row { back: i64, amount: &'static str, text: &'static str, pending: bool },
    /// A row comes that says what another one says.
    Twin { of: usize },
    /// A row gets another amount.
    Amount { of: usize, amount: &'static str },
    /// A row gets another text.
    Text { of: usize, text: &'static str },
    /// A row moves to another day.
    Day { of: usize, back: i64 },
    /// So many rows go.
    Vanish { of: usize, rows: usize },
    /// A row that went comes back.
    Return { of: usize },
    /// A pending row goes without ever being posted.
    Drop { of: usize },
    /// A pending row is posted, as it was or not.
    Settle {
        of: usize,
        new_id: bool,
        amount: Option<&'static str>,
        text: Option<&'static str>,
        back: Option<i64>,
    },
    /// A row is called by another id, or by none.
    Id { of: usize, lost: bool },
    /// All rows are called by other ids, or by none.
    Ids { lost: bool },
    /// Two rows change their ids.
    Swap { of: usize, with: usize },
    /// A row is called by the id of another one, which keeps it.
    Share { of: usize, with: usize },
    /// A new row gets the id of another one, which gets a new one.
    HandOn { of: usize, back: i64, amount: &'static str, text: &'static str },
    /// A row older than all others was there all the time. No other row is of its amount: a balance
    /// that stands still tells no more than that.
    Old { amount: &'static str },
    /// Rows are sent in another order.
    Shuffle { by: u64 },
}

/// How the service answers in one sync.
#[derive(Debug, Clone)]
pub(super) enum Spoilt {
    /// So many calls are refused with a status.
    Status(u16, u32),
    /// 429, with a Retry-After.
    Limited(Option<&'static str>),
    /// A page of HTML with a status.
    Html(u16),
    /// So many answers are cut after so many bytes.
    Cut(usize, u32),
    /// Something that is no list of rows.
    Body(&'static str),
    /// The list of accounts fails.
    NoAccounts,
    /// No rows.
    Empty,
    /// So many rows and no more.
    Truncated(usize),
    /// The other order.
    Reversed,
    /// The first row twice.
    FirstTwice,
    /// Every id another one.
    NewIds(u64),
}

impl Spoilt {
    /// Whether the books are the bank's all the same, should the read be taken.
    pub(super) fn is_harmless(&self) -> bool {
        !matches!(self, Self::Empty | Self::Truncated(_))
    }

    /// Whether a read may fail by it.
    pub(super) fn may_fail(&self) -> bool {
        !matches!(self, Self::Reversed | Self::FirstTwice | Self::NewIds(_))
    }
}

impl Story {
    /// Tells the story of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let balance = match rng.u8(0..10) {
            0 => Balance::All,
            1 => Balance::ToDay(rng.i64(0..3)),
            _ => Balance::Posted,
        };
        let mut teller = Teller { rng, balance };
        let mut steps = vec![teller.first()];
        steps.extend((1..SYNCS).map(|_| teller.step()));
        let rng = &mut teller.rng;
        let overlap = pick(rng, &[30, 45]);
        let history = pick(rng, &[25, 25, 60, 130]);
        Self { seed, overlap, history, balance, steps }
    }

    /// Shorter stories, the shortest first: without some syncs, one sync's events, or one event or
    /// fault.
    pub(super) fn shorter(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for size in [16, 8, 4, 2, 1] {
            for from in (1..self.steps.len()).step_by(size).rev() {
                let mut story = self.clone();
                story.steps.drain(from..(from + size).min(self.steps.len()));
                all.push(story);
            }
        }
        for at in (0..self.steps.len()).rev() {
            let mut without = |change: &dyn Fn(&mut Step)| {
                let mut story = self.clone();
                change(&mut story.steps[at]);
                all.push(story);
            };
            let Step { events, spoilt, .. } = &self.steps[at];
            if events.len() > 1 {
                without(&|step| step.events.clear());
            }
            (0..spoilt.len()).for_each(|nth| without(&|step| _ = step.spoilt.remove(nth)));
            (0..events.len()).rev().for_each(|nth| without(&|step| _ = step.events.remove(nth)));
        }
        all
    }
}

struct Teller {
    rng: Rng,
    balance: Balance,
}

impl Teller {
    /// The rows of the first read. A balance that is dated before some of them leaves open what it
    /// counted, and so there are none.
    fn first(&mut self) -> Step {
        let lag = match self.balance {
            Balance::ToDay(days) => days,
            _ => -2,
        };
        let rows = self.rng.usize(0..14);
        let events = (0..rows).map(|_| self.row(lag..12, 0.15)).collect();
        let spoilt = self.spoilt(0.1);
        let spoilt = if lag < 0 { spoilt } else { Vec::new() };
        Step { days: 0, events, spoilt }
    }

    fn step(&mut self) -> Step {
        let days = pick(&mut self.rng, &[0, 1, 1, 1, 1, 2, 3]);
        let events = match self.rng.u8(0..20) {
            0 => vec![Event::Old { amount: ["61.07", "-0.29"][self.rng.usize(0..2)] }],
            1 | 2 => Vec::new(),
            _ => (0..self.rng.usize(0..6)).map(|_| self.event()).collect(),
        };
        Step { days, events, spoilt: self.spoilt(0.3) }
    }

    fn row(&mut self, back: std::ops::Range<i64>, pending: f64) -> Event {
        Event::Row {
            back: self.rng.i64(back),
            amount: self.amount(),
            text: self.text(),
            pending: self.rng.f64() < pending,
        }
    }

    fn event(&mut self) -> Event {
        let (of, with) = (self.rng.usize(0..60), self.rng.usize(0..60));
        match self.rng.u8(0..34) {
            0..=8 => self.row(-2..6, 0.25),
            9 => self.row(6..20, 0.0),
            10 => Event::Twin { of },
            11 | 12 => Event::Amount { of, amount: self.amount() },
            13 | 14 => Event::Text { of, text: self.text() },
            15 | 16 => Event::Day { of, back: self.rng.i64(-2..8) },
            17 | 18 => Event::Vanish { of, rows: pick(&mut self.rng, &[1, 1, 1, 2, 7]) },
            19 => Event::Return { of },
            20 => Event::Drop { of },
            21..=24 => self.settle(of),
            25 | 26 => Event::Id { of, lost: self.rng.u8(0..3) == 0 },
            27 => Event::Ids { lost: self.rng.u8(0..3) == 0 },
            28 | 29 => Event::Swap { of, with },
            30 => Event::Share { of, with },
            31 | 32 => {
                let back = self.rng.i64(-2..6);
                Event::HandOn { of, back, amount: self.amount(), text: self.text() }
            }
            _ => Event::Shuffle { by: self.rng.u64(0..1000) },
        }
    }

    fn settle(&mut self, of: usize) -> Event {
        let other = |rng: &mut Rng| rng.u8(0..3) == 0;
        Event::Settle {
            of,
            new_id: other(&mut self.rng),
            amount: other(&mut self.rng).then(|| self.amount()),
            text: other(&mut self.rng).then(|| self.text()),
            back: other(&mut self.rng).then(|| self.rng.i64(-1..3)),
        }
    }

    fn spoilt(&mut self, chance: f64) -> Vec<Spoilt> {
        if self.rng.f64() >= chance {
            return Vec::new();
        }
        let rng = &mut self.rng;
        let times = rng.u32(1..5);
        vec![match rng.u8(0..16) {
            0 => Spoilt::Status(500, times),
            1 => Spoilt::Status(pick(rng, &[502, 503, 504, 403]), times),
            2 => Spoilt::Limited(pick(rng, &[None, Some("0"), Some("600"), Some("7200")])),
            3 => Spoilt::Html(pick(rng, &[200, 503])),
            4 | 5 => Spoilt::Cut(rng.usize(0..2000), times),
            6 => Spoilt::Body(pick(rng, &["-1", "null", "{}", "", "{\"transactions\":null}"])),
            7 => Spoilt::NoAccounts,
            8 => Spoilt::Empty,
            9 | 10 => Spoilt::Truncated(rng.usize(0..20)),
            11 => Spoilt::Reversed,
            12 | 13 => Spoilt::FirstTwice,
            _ => Spoilt::NewIds(rng.u64(0..3)),
        }]
    }

    fn amount(&mut self) -> &'static str {
        pick(&mut self.rng, &AMOUNTS)
    }

    fn text(&mut self) -> &'static str {
        pick(&mut self.rng, &TEXTS)
    }
}

fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(0..of.len())]
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, overlap, history, balance, steps } = self;
        writeln!(
            f,
            "seed {seed}: overlap {overlap}, {history} days of history, balance {balance:?}"
        )?;
        for (nth, Step { days, events, spoilt }) in steps.iter().enumerate() {
            writeln!(
                f,
                "  sync {}, {days} days later{}",
                nth + 1,
                if spoilt.is_empty() { "" } else { ", answered with:" }
            )?;
            spoilt.iter().try_for_each(|spoilt| writeln!(f, "    ! {spoilt:?}"))?;
            events.iter().try_for_each(|event| writeln!(f, "    {event:?}"))?;
        }
        Ok(())
    }
}
