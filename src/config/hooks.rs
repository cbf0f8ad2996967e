//! `[hooks]` and `[family.hooks]` as they are meant.

use std::path::Path;

use super::findings::{At, Findings, Wrong, quoted};
use super::raw::{RawConfig, RawFamilyHooks};
use super::{find, values};
use crate::domain::{AttentionSettings, FamilyHooks, HookSettings, Hooks, Name, Own, Program};

/// What to write in place of a program that is none.
const CURE: &str = "write its whole path, such as [\"/usr/local/bin/tell-me\"]; one beside this \
                    file is \"./tell-me\"";

/// Every hook, with the defaults of `[hooks]`.
pub(super) fn hooks(raw: &RawConfig, base: &Path, findings: &mut Findings) -> HookSettings {
    let typed = &raw.hooks;
    let mut general = |typed: &Option<At<Vec<String>>>| {
        findings.read(typed.as_ref(), |words| program(words, base))
    };
    let general = Hooks {
        on_change: general(&typed.on_change),
        on_attention: general(&typed.on_attention),
        on_ok: general(&typed.on_ok),
    };
    let after = findings.read(typed.attention_after.as_ref(), |text| values::duration(text));
    let repeat = findings.read(typed.attention_repeat.as_ref(), |text| values::duration(text));
    let usual = AttentionSettings::default();
    let attention = AttentionSettings {
        after: after.unwrap_or(usual.after),
        repeat: repeat.unwrap_or(usual.repeat),
    };
    let families = raw.families.iter().filter_map(|family| {
        let own = own(&family.hooks, base, findings);
        // A family without a sound name is among the findings already.
        let name = Name::parse(&family.name.as_ref()?.value).ok()?;
        (own != FamilyHooks::default()).then_some((name, own))
    });
    HookSettings { general, families: families.collect(), attention }
}

fn own(raw: &RawFamilyHooks, base: &Path, findings: &mut Findings) -> FamilyHooks {
    let mut own = |typed: &Option<At<Vec<String>>>| match typed {
        Some(typed) if typed.value.is_empty() => Own::Nothing,
        typed => match findings.read(typed.as_ref(), |words| program(words, base)) {
            Some(program) => Own::Program(program),
            None => Own::General,
        },
    };
    FamilyHooks { on_change: own(&raw.on_change), on_attention: own(&raw.on_attention) }
}

/// A program and its arguments. It is named by its path: where it would be searched for otherwise
/// differs between a shell, a timer and a service.
fn program(words: &[String], base: &Path) -> Result<Program, Wrong> {
    let Some((path, arguments)) = words.split_first() else {
        return Err(Wrong::new("there is no program in it", "name one, or leave the key out"));
    };
    if words.iter().any(|word| word.contains('\0')) {
        return Err(Wrong::new("an argument cannot hold a NUL", "take it out"));
    }
    let named = find::typed_path(base, path);
    let path =
        named.map_err(|Wrong { problem, .. }| Wrong::new(problem, CURE)).and_then(|named| {
            let problem =
                || format!("{} is no path, and programs are not searched for", quoted(path));
            if path.contains('/') { Ok(named) } else { Err(Wrong::new(problem(), CURE)) }
        })?;
    Ok(Program { path, arguments: arguments.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_by_its_path() {
        let base = Path::new("/etc/sophtron-sync");
        for (words, path) in [
            (vec!["/usr/bin/true"], Some("/usr/bin/true")),
            (vec!["./tell-me", "", "a b"], Some("/etc/sophtron-sync/tell-me")),
            (vec!["hooks/tell-me"], Some("/etc/sophtron-sync/hooks/tell-me")),
            (vec!["mail", "me@example.net"], None),
            (vec!["~/bin/tell-me"], None),
            (vec!["/bin/sh", "a\0b"], None),
            (vec![" "], None),
            (vec![], None),
        ] {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            let read = program(&words, base).ok();
            assert_eq!(read.as_ref().and_then(|read| read.path.to_str()), path, "{words:?}");
            assert!(read.is_none_or(|read| read.arguments == words[1..]));
        }
    }
}
