//! A home for one test: a folder with configuration, identity and credentials, a sandbox bank
//! beside it, and the program run through its own entry with a clock of the test's.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use sophtron_sync::cli::{Ask, Shared, World, run};
use sophtron_sync::config::Env;
use sophtron_sync::domain::{Form, NotAsked, Question};
use sophtron_sync::hooks::Limits;
use sophtron_sync::sophtron::Pace;

use crate::bank::{self, Bank};

/// What one run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Asserts that the command ended with a code, and shows what it said if not.
    pub(crate) fn ends_with(self, code: u8) -> Self {
        assert_eq!(self.code, code, "\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// What it printed, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {}", self.out))
    }
}

/// A home with its bank.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) bank: Bank,
    pub(crate) now: DateTime<Utc>,
    /// The waits of the program, all short.
    pub(crate) pace: Pace,
    /// How long hooks may take.
    pub(crate) hook_limits: Limits,
    /// Variables of the environment besides HOME.
    pub(crate) variables: Vec<(String, String)>,
}

impl Home {
    /// Makes a home beside a bank, with an identity and no configuration yet. The clock stands at
    /// noon of the bank's today.
    pub(crate) fn beside(world: bank::World) -> Self {
        Self::in_folder(tempfile::tempdir().expect("a folder"), world)
    }

    /// The same, in memory where the system has a folder for that: for a test of hundreds of syncs
    /// that asks nothing of the disk.
    pub(crate) fn in_memory(world: bank::World) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self::in_folder(folder.expect("a folder"), world)
    }

    fn in_folder(folder: tempfile::TempDir, world: bank::World) -> Self {
        let today = world.today;
        let home = Self {
            folder,
            bank: Bank::start(world),
            now: noon(today),
            pace: Pace::quick(),
            hook_limits: Limits::default(),
            variables: Vec::new(),
        };
        home.run(&["keygen", "identity.txt"]).ends_with(0);
        home
    }

    /// Writes the configuration, with `output_dir`, `state_dir` and quick polls set, and encrypts
    /// the credentials of every family in it that the bank knows.
    pub(crate) fn configure(&self, families: &str) {
        self.configure_with("", families);
    }

    /// Like [`Home::configure`], with further lines before the families.
    pub(crate) fn configure_with(&self, settings: &str, families: &str) {
        self.reconfigure(settings, families);
        std::fs::create_dir_all(self.path("credentials")).expect("a folder");
        let users = self.bank.edit(|world| {
            let user =
                |user: &bank::User| (user.name.clone(), user.id.clone(), user.access_key.clone());
            world.users.iter().map(user).collect::<Vec<_>>()
        });
        for (name, id, key) in users {
            if families.contains(&format!("name = \"{name}\"")) {
                let lines = format!("user_id = \"{id}\"\naccess_key = \"{key}\"\n");
                self.run_with(&["credentials", "set", &name], &lines).ends_with(0);
            }
        }
    }

    /// Writes the configuration alone: the credentials stay the files that they are.
    pub(crate) fn reconfigure(&self, settings: &str, families: &str) {
        let text = format!(
            "output_dir = \"bank\"\nstate_dir = \"state\"\n[sync]\npoll = \"10ms\"\n{settings}\n{families}"
        );
        self.write("sophtron-sync.toml", &text);
    }

    /// Lets it become another day, while the service's copy of the banks stays what it was.
    pub(crate) fn sleep_until(&mut self, day: NaiveDate) {
        self.bank.edit(|world| world.today = day);
        self.now = noon(day);
    }

    /// Lets the day go on to another one, at the bank and on the clock.
    pub(crate) fn day(&mut self, day: NaiveDate) {
        self.bank.edit(|world| world.reveal_until(day));
        self.now = noon(day);
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    /// Runs the program with something on stdin.
    pub(crate) fn run_with(&self, args: &[&str], stdin: &str) -> Ran {
        Self::run_in(self.world(stdin), args)
    }

    /// Runs the program at a terminal at which these answers are typed, each to the question that
    /// holds the words before it; an empty one is Enter alone. Whoever typed them all goes away.
    pub(crate) fn run_typing(&self, args: &[&str], typed: &[(&str, &str)]) -> Ran {
        let typed = typed.iter().map(|(words, answer)| ((*words).to_owned(), (*answer).to_owned()));
        let mut typed: VecDeque<(String, String)> = typed.collect();
        let ask = move |question: &Question| {
            let (words, answer) = typed.pop_front().ok_or(NotAsked::Ended)?;
            assert!(question.words.contains(&words), "{question:?} is not about {words}");
            Ok(SecretString::from(if answer.is_empty() { enter(&question.form) } else { answer }))
        };
        self.run_asking(args, Box::new(ask))
    }

    /// Runs the program at a terminal where somebody answers its questions.
    pub(crate) fn run_asking(&self, args: &[&str], ask: Ask) -> Ran {
        let mut world = self.world("");
        world.stdin_is_terminal = true;
        world.ask = ask;
        Self::run_in(world, args)
    }

    /// Runs the program at a terminal whose owner answers every question that holds some words with
    /// the answer to the first of them, and goes away at any other one.
    pub(crate) fn run_answering(&self, args: &[&str], answers: &[(&str, &str)]) -> Ran {
        let mut world = self.world("");
        world.stdin_is_terminal = true;
        world.stderr_is_terminal = true;
        let answers = answers.iter().map(|(words, said)| ((*words).to_owned(), (*said).to_owned()));
        let answers: Vec<(String, String)> = answers.collect();
        world.ask = Box::new(move |question: &Question| {
            let fits = |(words, _): &&(String, String)| question.words.contains(words.as_str());
            let said = answers.iter().find(fits).ok_or(NotAsked::Ended)?;
            Ok(SecretString::from(said.1.as_str()))
        });
        Self::run_in(world, args)
    }

    fn run_in(mut world: World, args: &[&str]) -> Ran {
        let (out, err) = (Pipe::default(), Pipe::default());
        world.stdout = Box::new(out.clone());
        world.stderr = Shared::new(err.clone());
        let args = std::iter::once("sophtron-sync").chain(args.iter().copied()).map(OsString::from);
        let code = run(args, &mut world);
        Ran { code, out: out.text(), err: err.text() }
    }

    /// The world as the program sees it here. What it says goes nowhere.
    pub(crate) fn world(&self, stdin: &str) -> World {
        let now = self.now;
        World {
            env: Env::from_pairs(self.environment()),
            cwd: self.folder.path().to_owned(),
            is_root: false,
            clock: Arc::new(move || now),
            stdin: Box::new(Cursor::new(stdin.to_owned())) as Box<dyn Read + Send>,
            stdin_is_terminal: false,
            stdout: Box::new(io::sink()),
            colour: false,
            stderr: Shared::new(io::sink()),
            stderr_is_terminal: false,
            ask: Box::new(|_| Err(NotAsked::NoTerminal)),
            pace: self.pace.clone(),
            hook_limits: self.hook_limits,
            lent: None,
            logs: false,
        }
    }

    fn environment(&self) -> Vec<(OsString, OsString)> {
        let own = [(OsString::from("HOME"), self.folder.path().into())];
        let more = self.variables.iter().map(|(name, value)| (name.into(), value.into()));
        own.into_iter().chain(more).collect()
    }

    /// A path below the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file below the home.
    pub(crate) fn write(&self, name: &str, text: &str) {
        #[allow(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// Reads a file below the home.
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no file {}", path.display()))
    }

    /// Every file below a folder of the home: relative path, bytes, time of change. Without the
    /// status page, which tells of time.
    pub(crate) fn tree(&self, name: &str) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
        let mut found = Vec::new();
        gather(&self.path(name), &self.path(name), &mut found);
        found.sort();
        found
    }
}

/// What Enter alone means at a terminal.
fn enter(form: &Form) -> String {
    match form {
        Form::Text { proposed } => proposed.clone().unwrap_or_default(),
        Form::Choice { first, .. } => first.to_string(),
        Form::YesNo { proposed } => if *proposed { "yes" } else { "no" }.to_owned(),
        Form::Hidden | Form::Picture { .. } => String::new(),
    }
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(12, 0, 0).expect("noon").and_utc()
}

fn gather(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>, std::time::SystemTime)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(root, &path, found);
        } else if ![".sophtron-sync.lock", "status.html"]
            .iter()
            .any(|name| entry.file_name() == *name)
        {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            let changed = entry.metadata().and_then(|seen| seen.modified()).expect("a time");
            found.push((name, std::fs::read(&path).expect("bytes"), changed));
        }
    }
}

/// Collects what is written, from whichever thread.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("whole")).into_owned()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
