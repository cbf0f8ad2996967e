//! The real program at a real pseudo-terminal, with a test at the keyboard.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::home::Home;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal of 24 lines and 80 columns, with the program started at it.
pub(crate) struct Terminal {
    /// What the keyboard and the screen are connected to.
    master: File,
    /// The side of the program, kept open to see its modes.
    line: File,
    child: Child,
    screen: Arc<Mutex<Vec<u8>>>,
    /// How much of the screen was waited for already.
    read: usize,
}

impl Terminal {
    /// Starts the program in a folder of a home, which is its HOME, with more environment.
    pub(crate) fn start(home: &Home, folder: &str, args: &[&str], env: &[(&str, &str)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("its other side");
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).expect("its size");
        let name = ptsname(&master, Vec::new()).expect("its name").into_string().expect("text");
        let no_ctty = i32::try_from(OpenptFlags::NOCTTY.bits()).expect("a flag");
        let mut line = OpenOptions::new();
        let line = line.read(true).write(true).custom_flags(no_ctty).open(&name).expect("it opens");
        let end = || line.try_clone().expect("one more");
        let master = File::from(master);
        // The session's own terminal: prompts open it as /dev/tty, and Ctrl-C comes from it.
        let child = Command::new("setsid")
            .arg("--ctty")
            .arg(env!("CARGO_BIN_EXE_sophtron-sync"))
            .args(args)
            .current_dir(home.path(folder))
            .env_clear()
            .env("HOME", home.path(folder))
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .envs(env.iter().copied())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("it runs");
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut from, to) = (master.try_clone().expect("one more"), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut bytes) {
                to.lock().expect("whole").extend_from_slice(&bytes[..length]);
            }
        });
        Self { master, line, child, screen, read: 0 }
    }

    /// Everything that was ever on the screen, what moves the cursor included.
    pub(crate) fn seen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().expect("whole")).into_owned()
    }

    /// Waits until the screen shows a text behind what was waited for before.
    pub(crate) fn shows(&mut self, text: &str) {
        let begun = Instant::now();
        loop {
            let found = {
                let screen = self.screen.lock().expect("whole");
                let mut behind = screen[self.read..].windows(text.len());
                behind.position(|piece| piece == text.as_bytes())
            };
            if let Some(found) = found {
                self.read += found + text.len();
                return;
            }
            assert!(begun.elapsed() <= PATIENCE, "{text:?} never came:\n{}", self.seen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types keys.
    pub(crate) fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("typed");
    }

    /// Waits for a text, and then types keys.
    pub(crate) fn answer(&mut self, text: &str, keys: &str) {
        self.shows(text);
        self.types(keys);
    }

    /// Waits until the program has ended.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(ended) = self.child.try_wait().expect("a child") {
                // The screen may lag behind.
                std::thread::sleep(Duration::from_millis(50));
                return ended;
            }
            assert!(begun.elapsed() < PATIENCE, "it never ended:\n{}", self.seen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it has ended, with a code.
    pub(crate) fn ends_with(&mut self, code: i32) {
        let ended = self.ends();
        assert_eq!(ended.code(), Some(code), "{}", self.seen());
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the terminal shows what is typed, edits lines and knows Ctrl-C: as a shell left it.
    pub(crate) fn is_as_before(&self) -> bool {
        let modes = tcgetattr(&self.line).expect("modes").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// The lines that were ever on the screen, without what moves the cursor or colours.
    pub(crate) fn lines(&self) -> Vec<String> {
        let seen = self.seen();
        let mut plain = String::new();
        let mut rest = seen.chars();
        while let Some(c) = rest.next() {
            match c {
                '\u{1b}' => drop(rest.by_ref().skip(1).find(char::is_ascii_alphabetic)),
                '\r' => plain.push('\n'),
                c => plain.push(c),
            }
        }
        plain.lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
