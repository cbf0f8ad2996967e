//! What is wrong with a configuration: every finding with its line and its cure, all at once.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::domain::Exit;
use crate::files::PathError;

/// How many findings a message shows before it only counts the rest.
const SHOWN: usize = 20;

/// How many characters of a wrong value a message quotes.
const QUOTED: usize = 40;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line in the file, counted from 1.
    pub line: usize,
    /// The key with its section, such as `sync.overlap`; empty where the file itself is broken.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub cure: String,
}

/// Why there is no configuration to work with.
#[derive(Debug)]
pub enum ConfigError {
    /// None of the places has one.
    NotFound {
        /// Where it was looked for, in this order.
        looked: Vec<PathBuf>,
    },
    /// It cannot be read.
    Unreadable(PathError),
    /// It says something wrong.
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong, by line.
        findings: Vec<Finding>,
    },
}

impl ConfigError {
    /// How a command ends that met it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::Config
    }

    /// What is wrong in the file, by line; empty where there is no readable file.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Wrong { findings, .. } => findings,
            _ => &[],
        }
    }

    /// Each problem, with its place before it, and its cure.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        match self {
            Self::NotFound { looked } => vec![not_found(looked)],
            Self::Unreadable(failure) => vec![(failure.message(), failure.help())],
            Self::Wrong { path, findings } => {
                findings.iter().map(|finding| told(path, finding)).collect()
            }
        }
    }
}

impl fmt::Display for ConfigError {
    /// Each problem on a line of its own, its cure behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = self.problems();
        for (at, (what, cure)) in problems.iter().take(SHOWN).enumerate() {
            write!(f, "{}{what}; {cure}", if at == 0 { "" } else { "\n" })?;
        }
        match problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for ConfigError {}

fn not_found(looked: &[PathBuf]) -> (String, String) {
    let places: Vec<String> =
        looked.iter().map(|place| format!("\n  {}", place.display())).collect();
    let cure = "make one with `sophtron-sync init` (sophtron-sync.toml.example shows every key), \
                or name yours with --config FILE";
    (format!("no configuration found; looked for{}", places.concat()), cure.to_owned())
}

fn told(path: &Path, finding: &Finding) -> (String, String) {
    let Finding { line, key, problem, cure } = finding;
    let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
    (format!("{}:{line}: {key}{problem}", path.display()), cure.clone())
}

/// Where something stands: its line and its key with the section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: usize,
    pub(super) key: String,
}

/// A value as typed, and where.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) spot: Spot,
}

/// What is wrong with one value, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) problem: String,
    pub(super) cure: String,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { problem: problem.into(), cure: cure.into() }
    }
}

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, spot: &Spot, wrong: Wrong) {
        let Wrong { problem, cure } = wrong;
        self.0.push(Finding { line: spot.line, key: spot.key.clone(), problem, cure });
    }

    /// Reads a typed value as it is meant; what is wrong with it becomes a finding.
    pub(super) fn read<R, T>(
        &mut self,
        typed: Option<&At<R>>,
        meaning: impl FnOnce(&R) -> Result<T, Wrong>,
    ) -> Option<T> {
        let typed = typed?;
        meaning(&typed.value).map_err(|wrong| self.add(&typed.spot, wrong)).ok()
    }

    /// Takes away what was found on lines that are not even TOML: one complaint a line is enough.
    pub(super) fn without_lines(mut self, lines: &[usize]) -> Self {
        self.0.retain(|finding| !lines.contains(&finding.line));
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// All of them in the order of the file.
    pub(super) fn by_line(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.line);
        self.0
    }
}

/// A typed text in quotes, cut short and without anything that a terminal would obey.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(QUOTED) {
        if c == '\'' { shown.push(c) } else { shown.extend(c.escape_debug()) }
    }
    if text.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}
