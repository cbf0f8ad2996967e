//! Writing files: all formats beside a plain copy, OFX beside two Python libraries.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sophtron_sync::domain::{Format, Statement};
use sophtron_sync::export::account_files;
use sophtron_sync::sync::account_statement;

use crate::program::{Home, Ran};
use crate::table::Line;
use crate::{RUNS, configuration, kept, median, timed};

const READERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/readers/bin/python");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/bench/ofx_writers.py");

/// All formats from the store into an empty folder, beside a plain copy of the same bytes to the
/// same disk; both sync every file and every folder.
pub(crate) fn whole(home: &Home, _rows: usize) -> Vec<Line> {
    let files = read_tree(&home.path("bank"));
    let (mut written, mut copied) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        copied.push(copy(&files, &home.path("copy")));
        fs::remove_dir_all(home.path("bank")).expect("it was there");
        rustix::fs::sync();
        written.push(home.run(&["export"], ""));
    }
    assert!(read_tree(&home.path("bank")) == files, "other bytes than the sync wrote");
    let beside = ("plain copy", median(copied));
    vec![
        Line::at_most(
            "all formats from the store",
            median(written.iter().map(|ran| ran.wall)),
            beside,
            10,
            3,
        ),
        Line::told("export, CPU", median(written.iter().map(|ran| ran.cpu))),
        Line::memory("export, peak memory", highest(&written), 150),
    ]
}

fn highest(runs: &[Ran]) -> u64 {
    runs.iter().map(|ran| ran.peak_kib).max().unwrap_or_default()
}

/// Every file below a folder with its bytes, but for the lock and the page, which tells the time.
fn read_tree(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "lock" && ending != "html") {
                let below = path.strip_prefix(root).expect("below").to_owned();
                found.push((below, fs::read(&path).expect("bytes")));
            }
        }
    }
    found.sort();
    found
}

fn copy(files: &[(PathBuf, Vec<u8>)], folder: &Path) -> Duration {
    rustix::fs::sync();
    let start = Instant::now();
    let mut folders = std::collections::BTreeSet::new();
    for (path, bytes) in files {
        let path = folder.join(path);
        let parent = path.parent().expect("it lies in a folder").to_owned();
        fs::create_dir_all(&parent).expect("a folder");
        let mut file = File::create_new(&path).expect("a new file");
        file.write_all(bytes).expect("room");
        file.sync_all().expect("a disk");
        folders.insert(parent);
    }
    for folder in folders {
        File::open(folder).and_then(|folder| folder.sync_all()).expect("a disk");
    }
    let time = start.elapsed();
    fs::remove_dir_all(folder).expect("it was there");
    time
}

/// Yearly OFX files of all accounts, from values in memory, beside the Python libraries.
pub(crate) fn ofx(home: &Home, rows: usize) -> Vec<Line> {
    let files = configuration(home).files;
    let (store, accounts) = kept(home);
    let statements: Vec<Statement> = accounts
        .iter()
        .filter_map(|kept| account_statement(&store, kept, &files.style).expect("a statement"))
        .collect();
    let ours = home.path("ofx");
    let time = timed(|| {
        for statement in &statements {
            let name = format!("{}-{}", statement.family, statement.account);
            for file in account_files(statement, &files.style, &[Format::Ofx]) {
                let path = ours.join(&name).join(&file.path);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                #[allow(clippy::disallowed_methods, reason = "as plain as Python writes them")]
                fs::write(path, file.bytes).expect("room");
            }
        }
    });
    assert_eq!(count_rows(&ours), rows * statements.len());
    let beside = |library| match python(home, library, rows * statements.len()) {
        Ok(theirs) => {
            Line::faster_than("OFX of all accounts", time, (library, theirs), times(library))
        }
        Err(why) => Line::failed("OFX of all accounts", why),
    };
    ["ofxstatement", "ofxtools"].map(beside).into()
}

/// How many times as fast as a library we must be.
fn times(library: &str) -> u128 {
    if library == "ofxtools" { 10 } else { 3 }
}

/// The same rows, read from our CSV files, written by a Python library.
fn python(home: &Home, library: &str, rows: usize) -> Result<Duration, String> {
    if !Path::new(READERS).exists() {
        return Err(format!("{library} is missing: run tests/run, which installs it"));
    }
    let folder = home.path(library);
    let mut command = Command::new(READERS);
    command.arg(SCRIPT).arg(library).arg(home.path("bank")).arg(&folder).arg("3");
    let output = command.output().map_err(|error| format!("{READERS}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{library} failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    assert_eq!(count_rows(&folder), rows, "{library} wrote the same rows");
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(median(text.lines().filter_map(|line| Some(Duration::from_micros(line.parse().ok()?)))))
}

fn count_rows(folder: &Path) -> usize {
    let rows = |bytes: &[u8]| String::from_utf8_lossy(bytes).matches("<STMTTRN>").count();
    read_tree(folder).iter().map(|(_, bytes)| rows(bytes)).sum()
}
