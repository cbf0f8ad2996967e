//! The program as a process of its own, which tells at its end what it took.
//!
//! `cargo run --example` builds no binary beside the example, so the process is this executable
//! once more; it does what `main.rs` of the program does, and nothing else.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use sophtron_sync::cli::{World, run};

/// The first argument of the process that is the program.
pub(crate) const MARK: &str = "as-the-program";

/// What one run of the program took.
pub(crate) struct Ran {
    /// From its start until it had ended, by the clock on the wall.
    pub(crate) wall: Duration,
    /// User and system time of all its threads.
    pub(crate) cpu: Duration,
    /// The most memory that it had at once, in KiB (`VmHWM`).
    pub(crate) peak_kib: u64,
    /// What it printed.
    pub(crate) out: String,
}

/// A home to run the program in.
pub(crate) struct Home {
    folder: PathBuf,
}

impl Home {
    /// Takes an empty folder.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// A path below the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs the program in the home; any failure of it ends the benchmark.
    pub(crate) fn run(&self, args: &[&str], stdin: &str) -> Ran {
        let report = self.path("report");
        let mut command = Command::new(std::env::current_exe().expect("this executable"));
        command.arg(MARK).arg(&report).args(args).current_dir(&self.folder);
        command.env_clear().env("HOME", &self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().expect("a process");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(stdin.as_bytes()).expect("the program reads its input");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        let wall = start.elapsed();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?} failed:\n{said}");
        let (cpu, peak_kib) = read_report(&report);
        Ran { wall, cpu, peak_kib, out: String::from_utf8_lossy(&output.stdout).into_owned() }
    }
}

/// Is the program: the path of the report, then its own arguments.
pub(crate) fn be(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let report = PathBuf::from(args.next().unwrap_or_default());
    let args = std::iter::once(OsString::from("sophtron-sync")).chain(args);
    let code = run(args, &mut World::real());
    #[allow(clippy::disallowed_methods, reason = "a file of the benchmark's own")]
    std::fs::write(report, format!("{} {}", cpu().as_micros(), peak_kib())).expect("a report");
    ExitCode::from(code)
}

fn read_report(path: &Path) -> (Duration, u64) {
    let text = std::fs::read_to_string(path).expect("a report");
    let (cpu, peak) = text.split_once(' ').expect("two figures");
    (Duration::from_micros(cpu.parse().expect("a figure")), peak.parse().expect("a figure"))
}

fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("time that has gone by")
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    figure.expect("VmHWM in /proc/self/status")
}
