//! The loop: one `select!`, one place that handles an event.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{debug, error, info, warn};

use super::agenda::{Agenda, HOLD, Next};
use super::changes::Changes;
use super::control::{Answers, Request};
use super::news::News;
use super::outlook::{Outlook, outlook};
use super::reload::{Loaded, Taken, arrive, reload, watched, words};
use super::signals::Signal;
use super::voice::Voice;
use super::watch::Watch;
use super::{End, Rim, start};
use crate::domain::{DaemonInfo, Exit, Fault, Name};
use crate::round::{
    self, Berths, Ended, Exported, Failure, Glance, Ground, Household, InForce, Lent, Round,
};
use crate::sophtron::Gate;
use crate::store::{Store, StoreError};
use crate::sync::schedule::Plan;
use crate::sync::{Desk, FamilyOrder, Manner, Wanted};

/// How long what is in hand may take after the daemon was told to stop.
const LAST_WRITE: Duration = Duration::from_secs(3);

/// What the loop hears from the tasks that it began.
enum Event {
    /// The store was looked at.
    Planned(Result<Outlook, Fault>),
    /// A family is through.
    Ended(Arc<Ended>),
    /// A round of these families is over: how it ended for each, and what stood in the way of the
    /// status page and the metrics.
    RoundOver(BTreeSet<Name>, Vec<Arc<Ended>>, Vec<Fault>),
    /// What is configured was read anew.
    Loaded(Box<Loaded>),
    /// Files were written from the store.
    Exported(Result<Exported, Failure>),
    /// Somebody asks at the control socket.
    Called(Request, Answers),
    /// What was asked for at the control socket is done.
    Obeyed,
}

/// The daemon as it stands.
struct Keeper {
    rim: Rim,
    ground: Ground,
    in_force: InForce,
    berths: Berths,
    gate: Arc<Gate>,
    events: mpsc::UnboundedSender<Event>,
    /// Everything that was begun and is not over. At the end it is waited for.
    tasks: JoinSet<()>,
    agenda: Agenda,
    /// When to look at the plan again; none while that is being done.
    wake: Option<DateTime<Utc>>,
    /// The present when the loop last went to sleep.
    seen: DateTime<Utc>,
    planning: Work,
    loading: Work,
    /// Why the configuration on disk is not the one in force.
    config_error: Option<String>,
    /// What stood in the way of the status page and the metrics at the last round.
    beside: Vec<Fault>,
    news: News,
    voice: Voice,
}

/// Work of which there is one piece at a time: asked for while it is done, it is done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Rests,
    Runs,
    RunsAndIsWanted,
}

impl Work {
    /// Asks for it; true where it is to begin now.
    fn ask(&mut self) -> bool {
        let begins = *self == Self::Rests;
        *self = if begins { Self::Runs } else { Self::RunsAndIsWanted };
        begins
    }

    /// It is over; true where it is to begin anew.
    fn over(&mut self) -> bool {
        let again = *self == Self::RunsAndIsWanted;
        *self = Self::Rests;
        again
    }
}

/// Runs until it is told to stop.
///
/// # Errors
/// What stands in the way of the start.
pub fn run(rim: Rim) -> End {
    let (household, ground, listener) = start::start(&rim)?;
    let runtime = round::runtime()?;
    let ended = runtime.block_on(async {
        let (events, heard) = mpsc::unbounded_channel();
        let tell = events.clone();
        let in_force = InForce::new(household);
        let voice = Voice::new(&rim, &ground, &in_force);
        let stop = voice.surroundings.stop.clone();
        let serving = tokio::spawn(listener.serve(stop, move |request, answers| {
            let _ = tell.send(Event::Called(request, answers));
        }));
        let keeper = Keeper {
            voice,
            rim,
            ground,
            in_force,
            berths: Berths::default(),
            gate: Gate::new(),
            events,
            tasks: JoinSet::new(),
            agenda: Agenda::default(),
            wake: None,
            seen: DateTime::<Utc>::MIN_UTC,
            planning: Work::Rests,
            loading: Work::Rests,
            config_error: None,
            beside: Vec::new(),
            news: News::default(),
        };
        let ended = keeper.keep(heard).await;
        serving.abort();
        let _ = serving.await;
        ended
    });
    // Whatever still runs by then is cut off: what it committed stays, the rest never was.
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(ended)
}

impl Keeper {
    async fn keep(mut self, mut heard: mpsc::UnboundedReceiver<Event>) -> Exit {
        let mut watch = Watch::over(watched(&self.in_force.get().config));
        tell_blind(&watch);
        self.rim.notifier.ready();
        // What changed between the first look and the watch was seen by neither.
        self.read();
        info!(families = self.in_force.get().config.families.len(), "ready");
        self.plan();
        // Files may be older than the store, by a sync that was killed, or than the configuration.
        self.export(self.in_force.get());
        let mut food = self.rim.notifier.watchdog_interval().map(feeding);
        loop {
            self.look_at_clock();
            let alarm = self.wake.map(|wake| (self.rim.alarm)(wake));
            tokio::select! {
                Some(event) = heard.recv() => {
                    let loaded = match &event {
                        Event::Loaded(loaded) => Some(loaded.files.clone()),
                        _ => None,
                    };
                    self.handle(event);
                    let files = |read: Vec<_>| read.into_iter().chain(watched(&self.in_force.get().config));
                    if loaded.is_some_and(|read| watch.set(files(read))) {
                        tell_blind(&watch);
                        // What is newly watched may have changed since it was read.
                        self.load();
                    }
                }
                signal = self.rim.signals.next() => match signal {
                    Signal::Stop => break,
                    Signal::Reload => self.load(),
                    Signal::SyncNow => {
                        self.agenda.ask_for_all();
                        self.plan();
                    }
                },
                () = watch.changed() => self.load(),
                _ = rung(alarm) => {
                    self.wake = None;
                    self.plan();
                }
                () = fed(&mut food) => self.rim.notifier.watchdog(),
                Some(_) = self.tasks.join_next() => {}
            }
        }
        self.stop().await;
        Exit::Good
    }

    /// Notices a clock that was set back while something else woke the loop: the alarm that would
    /// have told of it is then gone, and what is planned may lie far off.
    fn look_at_clock(&mut self) {
        let now = (self.rim.clock)();
        if now < self.seen {
            self.wake = None;
            self.plan();
        }
        self.seen = now;
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Planned(outlook) => self.planned(outlook),
            Event::Ended(end) => self.ended(&end),
            Event::RoundOver(families, ended, notes) => {
                self.agenda.over(&families);
                self.beside(notes);
                self.tasks.spawn(self.voice.clone().round(ended, self.info()));
                self.plan();
            }
            Event::Loaded(loaded) => self.loaded(*loaded),
            Event::Exported(exported) => self.exported(exported),
            Event::Called(request, answers) => self.obey(request, answers),
            Event::Obeyed => self.plan(),
        }
    }

    /// Looks at the store for what is due.
    fn plan(&mut self) {
        if !self.planning.ask() {
            return;
        }
        let (store, household, now) =
            (self.ground.shelf.clone(), self.in_force.get(), (self.rim.clock)());
        let events = self.events.clone();
        self.tasks.spawn(async move {
            let outlook = store.with(move |store| outlook(store, &household, now)).await;
            let _ = events.send(Event::Planned(outlook));
        });
    }

    fn planned(&mut self, outlook: Result<Outlook, Fault>) {
        if self.planning.over() {
            return self.plan();
        }
        let now = (self.rim.clock)();
        match outlook {
            Ok(outlook) => {
                self.begin(&outlook.plan);
                self.wake = self.agenda.wake(&outlook.plan);
                let zone = self.in_force.get().config.schedule.zone;
                let mut words = outlook.in_words(self.agenda.is_busy(), zone, now);
                if let Some(error) = &self.config_error {
                    words = format!("{words}; the configuration on disk is not in force: {error}");
                }
                self.rim.notifier.status(&words);
            }
            Err(fault) => {
                error!("{}: {}", fault.message, fault.help);
                self.wake = Some(now + HOLD);
                self.rim.notifier.status(&fault.message);
            }
        }
    }

    fn ended(&mut self, end: &Ended) {
        let (now, family) = ((self.rim.clock)(), end.order.family.name.clone());
        self.news.ended(end, now);
        self.agenda.ended(family, end.counts && end.order.wanted == Wanted::All, now);
    }

    /// Begins a round with what is due and what is asked for.
    fn begin(&mut self, plan: &Plan) {
        let household = self.in_force.get();
        let families = household.families().into_iter().map(|family| family.name);
        let Next { wanted, by_hand } = self.agenda.next(plan, families, (self.rim.clock)());
        let manner =
            Manner { refresh: true, full: false, accept: false, looks_at_waiting: by_hand };
        let orders = wanted.into_iter();
        let orders = orders.filter_map(|(name, wanted)| household.order(&name, wanted, manner));
        let orders: Vec<FamilyOrder> = orders.collect();
        if !orders.is_empty() {
            self.round(&household, orders);
        }
    }

    fn round(&mut self, household: &Arc<Household>, orders: Vec<FamilyOrder>) {
        let config = &household.config;
        let round = Arc::new(Round {
            desk: Arc::new(Desk {
                shelf: self.ground.shelf.clone(),
                counter: self.ground.shelf.clone(),
                gate: Arc::clone(&self.gate),
                clock: Arc::clone(&self.rim.clock),
                settings: config.sync.clone(),
                schedule: config.schedule.clone(),
                files: config.files.clone(),
                pace: self.rim.pace.clone(),
                progress: Arc::new(|step| debug!(?step)),
            }),
            in_force: self.in_force.clone(),
            berths: self.berths.clone(),
            at: (self.rim.clock)(),
            daemon: self.info(),
            writes: true,
        });
        let families: BTreeSet<Name> =
            orders.iter().map(|order| order.family.name.clone()).collect();
        self.agenda.begun(families.iter().cloned());
        let events = self.events.clone();
        self.tasks.spawn(async move {
            let tell = |event| drop(events.send(event));
            let mut ended = Vec::new();
            let through = round::round(round, orders, |end| {
                let end = Arc::new(end);
                ended.push(Arc::clone(&end));
                tell(Event::Ended(end));
            });
            let notes = through.await;
            tell(Event::RoundOver(families, ended, notes));
        });
    }

    /// Reads what is configured anew.
    fn load(&mut self) {
        self.rim.notifier.reloading();
        self.read();
    }

    fn read(&mut self) {
        if !self.loading.ask() {
            return;
        }
        let (household, ground, env) =
            (self.in_force.get(), self.ground.clone(), self.rim.env.clone());
        let (berths, in_force, events) =
            (self.berths.clone(), self.in_force.clone(), self.events.clone());
        self.tasks.spawn(async move {
            let held = ground.clone();
            let loaded = tokio::task::spawn_blocking(move || reload(&household, &held, &env));
            let loaded = loaded.await.unwrap_or_else(|_| Loaded::halted());
            let loaded = arrive(loaded, &ground, &berths, &in_force).await;
            let _ = events.send(Event::Loaded(Box::new(loaded)));
        });
    }

    fn loaded(&mut self, loaded: Loaded) {
        let again = self.loading.over();
        let is_in_force = loaded.taken.as_ref().is_ok_and(|taken| taken.moved.is_some());
        if again && !is_in_force {
            return self.load();
        }
        match loaded.taken {
            Ok(taken) => self.take(taken),
            Err(failure) => {
                let words = words(&failure);
                if self.config_error.as_ref() != Some(&words) {
                    error!("{words}; the configuration before it stays in force");
                }
                self.config_error = Some(words);
            }
        }
        self.tasks.spawn(self.voice.clone().configuration(self.info()));
        self.rim.notifier.ready();
        self.plan();
        if again {
            self.load();
        }
    }

    /// Puts a new household in force: as one step, for whoever asks for it afterwards.
    fn take(&mut self, taken: Taken) {
        let Taken { household, changes, waits, moved } = taken;
        if self.config_error.is_some() && waits.is_none() {
            info!("the configuration is good again");
        }
        if let Some(waits) =
            waits.as_ref().filter(|waits| self.config_error.as_ref() != Some(waits))
        {
            warn!("{waits}");
        }
        self.config_error = waits;
        if !changes.any {
            return;
        }
        info!(families = household.config.families.len(), "the configuration is taken");
        let Changes { cleared, asked, .. } = changes;
        self.in_force.set(Arc::clone(&household));
        // A sync that ended for it is taken up again.
        let ended = cleared.into_iter().filter(|name| self.berths.clear(name));
        let ended: Vec<Name> = ended.collect();
        for (name, wanted) in
            asked.into_iter().chain(ended.into_iter().map(|name| (name, Wanted::All)))
        {
            self.agenda.ask(name, wanted);
        }
        if let Some(moved) = moved {
            self.exported(Ok(moved));
        }
        self.export(household);
    }

    /// Writes from the store what the household changes in files. Before the first round there is
    /// nothing to write but empty ones.
    fn export(&mut self, household: Arc<Household>) {
        let (kept, now, daemon) = (self.ground.shelf.clone(), (self.rim.clock)(), self.info());
        let events = self.events.clone();
        self.tasks.spawn(async move {
            let work = move |store: &mut Store| -> Result<_, StoreError> {
                if store.rounds()?.is_empty() {
                    return Ok(Ok(Exported::default()));
                }
                Ok(round::export(store, &Glance { config: &household.config, daemon, now }))
            };
            let exported = kept.with(work).await.map_err(Failure::from);
            let _ = events.send(Event::Exported(exported.and_then(|exported| exported)));
        });
    }

    /// What is told of this daemon.
    fn info(&self) -> DaemonInfo {
        let (pid, config_error) = (Some(std::process::id()), self.config_error.clone());
        DaemonInfo { running: true, pid, config_error }
    }

    /// Tells what stands in the way of the status page and the metrics, once while it stays.
    fn beside(&mut self, notes: Vec<Fault>) {
        for note in notes.iter().filter(|note| !self.beside.contains(note)) {
            warn!(help = note.help, "{}", note.message);
        }
        self.beside = notes;
    }

    fn exported(&mut self, exported: Result<Exported, Failure>) {
        match exported {
            Ok(exported) => {
                if exported.written() > 0 {
                    info!(files = exported.written(), "written");
                }
                for note in exported.notes() {
                    warn!(help = note.help, "{}", note.message);
                }
                self.tasks.spawn(self.voice.clone().exported(exported, self.info()));
            }
            Err(failure) => error!(help = failure.help, "{}", failure.message),
        }
    }

    fn obey(&mut self, request: Request, answers: Answers) {
        let (news, clock) = (self.news.clone(), Arc::clone(&self.rim.clock));
        let lent = Lent {
            hears: Arc::new(move |end| news.ended(end, clock())),
            household: self.in_force.get(),
            in_force: self.in_force.clone(),
            ground: self.ground.clone(),
            berths: self.berths.clone(),
            gate: Arc::clone(&self.gate),
            surroundings: self.voice.surroundings.clone(),
            runtime: tokio::runtime::Handle::current(),
            config_error: self.config_error.clone(),
        };
        let (obey, events) = (Arc::clone(&self.rim.obey), self.events.clone());
        self.tasks.spawn(async move {
            let said = answers.clone();
            let obeyed = tokio::task::spawn_blocking(move || obey(request, said, lent));
            answers.exit(obeyed.await.unwrap_or(Exit::Trouble.code()));
            let _ = events.send(Event::Obeyed);
        });
    }

    /// Lets what is in hand come to its end, within a bound.
    async fn stop(&mut self) {
        self.rim.notifier.stopping();
        info!("stopping");
        self.voice.fall_silent();
        for family in self.in_force.get().families() {
            self.berths.clear(&family.name);
        }
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_WRITE, ended).await.is_err() {
            warn!("what was in hand took too long, and is cut off");
        }
    }
}

fn tell_blind(watch: &Watch) {
    if let Some(blind) = watch.blind() {
        warn!("changes of files may go unseen: {blind}");
    }
}

async fn rung(alarm: Option<super::alarm::Sleep>) -> super::alarm::Woken {
    match alarm {
        Some(alarm) => alarm.await,
        None => pending().await,
    }
}

/// A third of the time that the service manager waits: one that comes late does no harm.
fn feeding(patience: Duration) -> tokio::time::Interval {
    let mut food = tokio::time::interval(patience / 3);
    food.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    food
}

async fn fed(food: &mut Option<tokio::time::Interval>) {
    match food {
        Some(food) => drop(food.tick().await),
        None => pending().await,
    }
}
