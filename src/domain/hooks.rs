//! `[hooks]`: the owner's programs, and when he is called.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{EventKind, Name};

/// A program with its arguments. No shell takes part: every argument arrives as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its absolute path.
    pub path: PathBuf,
    /// What follows the program's name.
    pub arguments: Vec<String>,
}

/// The programs of every family, those of single ones, and when a trouble calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HookSettings {
    /// What runs for the events of every family that has none of its own.
    pub general: Hooks,
    /// `[family.hooks]`, of the families that have one.
    pub families: BTreeMap<Name, FamilyHooks>,
    /// When a trouble calls.
    pub attention: AttentionSettings,
}

/// One program for each kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hooks {
    /// Files of a family changed.
    pub on_change: Option<Program>,
    /// Something needs the owner, or needs him no longer.
    pub on_attention: Option<Program>,
    /// A round ended with nothing wrong.
    pub on_ok: Option<Program>,
}

/// A family's own programs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FamilyHooks {
    /// In place of the general `on_change`.
    pub on_change: Own,
    /// In place of the general `on_attention`.
    pub on_attention: Own,
}

/// What a family states of one of its hooks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Own {
    /// Nothing: the general one runs.
    #[default]
    General,
    /// No program at all (`[]`).
    Nothing,
    /// This one.
    Program(Program),
}

/// When a trouble calls the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionSettings {
    /// How long a trouble that may pass by itself lasts before it calls.
    pub after: Duration,
    /// How long after a call the same trouble calls again.
    pub repeat: Duration,
}

impl Default for AttentionSettings {
    fn default() -> Self {
        Self { after: Duration::from_hours(3 * 24), repeat: Duration::from_hours(7 * 24) }
    }
}

impl HookSettings {
    /// The programs that run for an event: at most one for a family's.
    ///
    /// An attention call that is no family's goes to the general program, and where there is none
    /// to every family's own, so that it reaches somebody.
    #[must_use]
    pub fn programs(&self, kind: EventKind, family: Option<&Name>) -> Vec<&Program> {
        let general = self.general.of(kind);
        match family {
            Some(family) => self.of_family(kind, family).into_iter().collect(),
            None if general.is_some() || kind != EventKind::Attention => {
                general.into_iter().collect()
            }
            None => self.own_of_families(kind),
        }
    }

    /// Whether any program runs for events of a kind.
    #[must_use]
    pub fn has_program(&self, kind: EventKind) -> bool {
        let own = |hooks: &FamilyHooks| matches!(hooks.of(kind), Own::Program(_));
        self.general.of(kind).is_some() || self.families.values().any(own)
    }

    /// Every program with the key that names it, each once: `hooks.on_change`.
    #[must_use]
    pub fn all(&self) -> Vec<(String, &Program)> {
        let of = |kind: EventKind| Some((format!("hooks.{}", kind.key()), self.general.of(kind)?));
        let general = EventKind::ALL.into_iter().filter_map(of);
        let own = self.families.iter().flat_map(|(family, hooks)| {
            EventKind::ALL.into_iter().filter_map(move |kind| match hooks.of(kind) {
                Own::Program(program) => Some((format!("{family} hooks.{}", kind.key()), program)),
                Own::General | Own::Nothing => None,
            })
        });
        general.chain(own).collect()
    }

    fn of_family(&self, kind: EventKind, family: &Name) -> Option<&Program> {
        match self.families.get(family).map_or(&Own::General, |hooks| hooks.of(kind)) {
            Own::General => self.general.of(kind),
            Own::Nothing => None,
            Own::Program(program) => Some(program),
        }
    }

    fn own_of_families(&self, kind: EventKind) -> Vec<&Program> {
        let mut programs = Vec::new();
        for hooks in self.families.values() {
            match hooks.of(kind) {
                Own::Program(program) if !programs.contains(&program) => programs.push(program),
                _ => {}
            }
        }
        programs
    }
}

impl Hooks {
    fn of(&self, kind: EventKind) -> Option<&Program> {
        match kind {
            EventKind::Change => self.on_change.as_ref(),
            EventKind::Attention => self.on_attention.as_ref(),
            EventKind::Ok => self.on_ok.as_ref(),
        }
    }
}

impl FamilyHooks {
    fn of(&self, kind: EventKind) -> &Own {
        match kind {
            EventKind::Change => &self.on_change,
            EventKind::Attention => &self.on_attention,
            // A round is of all families.
            EventKind::Ok => &Own::General,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(path: &str) -> Program {
        Program { path: path.into(), arguments: Vec::new() }
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn paths(hooks: &HookSettings, kind: EventKind, family: Option<&str>) -> Vec<String> {
        let family = family.map(name);
        let programs = hooks.programs(kind, family.as_ref());
        programs.iter().map(|program| program.path.display().to_string()).collect()
    }

    #[test]
    fn a_familys_own_program_stands_in_for_the_general_one() {
        let own = FamilyHooks { on_change: Own::Program(program("/own")), ..Default::default() };
        let silent = FamilyHooks { on_change: Own::Nothing, ..Default::default() };
        let hooks = HookSettings {
            general: Hooks { on_change: Some(program("/all")), ..Default::default() },
            families: [(name("smith"), own), (name("jones"), silent)].into(),
            attention: AttentionSettings::default(),
        };
        assert_eq!(paths(&hooks, EventKind::Change, Some("smith")), ["/own"]);
        assert_eq!(paths(&hooks, EventKind::Change, Some("jones")), Vec::<String>::new());
        assert_eq!(paths(&hooks, EventKind::Change, Some("other")), ["/all"]);
        let named: Vec<_> = hooks.all().into_iter().map(|(key, _)| key).collect();
        assert_eq!(named, ["hooks.on_change", "smith hooks.on_change"]);
    }

    #[test]
    fn a_call_that_is_no_familys_reaches_somebody() {
        let own = |path| FamilyHooks {
            on_attention: Own::Program(program(path)),
            ..FamilyHooks::default()
        };
        let mut hooks = HookSettings {
            families: [(name("a"), own("/x")), (name("b"), own("/y")), (name("c"), own("/x"))]
                .into(),
            ..HookSettings::default()
        };
        assert_eq!(paths(&hooks, EventKind::Attention, None), ["/x", "/y"]);
        assert_eq!(paths(&hooks, EventKind::Ok, None), Vec::<String>::new());
        hooks.general.on_attention = Some(program("/all"));
        assert_eq!(paths(&hooks, EventKind::Attention, None), ["/all"]);
    }
}
