//! The house is built as its map says: `src/lib.rs` has the table of rooms and floors, and no
//! room knows one beside or above it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room and its floor.
type Rooms = BTreeMap<String, u32>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a source file is text")
}

/// The rows of the table: `//! | 2 | `store` | … |`.
fn table(lib: &str) -> Rooms {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("//! |")?.split('|').map(str::trim);
        let floor = cells.next()?.parse().ok()?;
        Some((cells.next()?.trim_matches('`').to_owned(), floor))
    };
    lib.lines().filter_map(row).collect()
}

/// Every Rust file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// The module path of a source file: `src/store/mod.rs` is `[store]`.
fn module(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(source()).expect("below src").with_extension("");
    let parts = inside.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").collect()
}

/// The text without comments, which may speak of any room.
fn code(text: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The first names of a path or of a group of paths, such as `{domain::Day, files}`.
fn first_names(text: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.trim_start();
        text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '*')).collect()
    };
    let Some(group) = text.trim_start().strip_prefix('{') else { return vec![name(text)] };
    let (mut depth, mut start, mut names) = (0_u32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' if depth == 0 => {
                names.push(name(&group[start..at]));
                start = at + 1;
            }
            '}' if depth == 0 => {
                names.push(name(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The rooms that a file names through `crate::`.
fn through_crate(code: &str) -> Vec<String> {
    code.match_indices("crate::").flat_map(|(at, it)| first_names(&code[at + it.len()..])).collect()
}

/// The rooms that a file names through so many `super::` that they lead out of its own room.
/// Within a module inside the file one step less leads out, hence both are looked at; a name
/// that the room itself has is its own.
fn through_super(code: &str, module: &[String], rooms: &Rooms) -> Vec<String> {
    let mut named = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        let mut after = &rest[at..];
        let mut steps = 0;
        while let Some(next) = after.strip_prefix("super::") {
            (after, steps) = (next, steps + 1);
        }
        let own =
            |name: &String| source().join(&module[0]).join(name).with_extension("rs").exists();
        let out = first_names(after).into_iter().filter(|name| rooms.contains_key(name));
        if steps >= module.len() {
            named.extend(out.filter(|name| steps > module.len() || !own(name)));
        }
        rest = after;
    }
    named
}

/// What a file may not know.
fn trespasses(module: &[String], text: &str, rooms: &Rooms) -> Vec<String> {
    let code = code(text);
    let own = &module[0];
    let mut named = through_crate(&code);
    named.extend(through_super(&code, module, rooms));
    if code.contains("sophtron_sync::") {
        named.push("sophtron_sync".to_owned());
    }
    let above = |name: &String| rooms.get(name).is_none_or(|floor| *floor >= rooms[own]);
    named.retain(|name| name != own && above(name));
    named.into_iter().map(|name| format!("{} knows {name}", module.join("::"))).collect()
}

#[test]
fn every_room_stands_in_the_table_and_the_reverse() {
    let lib = read(&source().join("lib.rs"));
    let listed: BTreeSet<String> = table(&lib).into_keys().collect();
    let declared: BTreeSet<String> = lib
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect();
    let mut built: BTreeSet<String> =
        files(&source()).iter().map(|it| module(it)[0].clone()).collect();
    built.remove("lib");
    built.remove("main");
    assert_eq!(listed, declared, "the table and the modules of src/lib.rs");
    assert_eq!(listed, built, "the table and what is in src");
}

#[test]
fn no_room_knows_one_beside_or_above_it() {
    let rooms = table(&read(&source().join("lib.rs")));
    let mut wrong = Vec::new();
    for file in files(&source()) {
        let module = module(&file);
        if rooms.contains_key(&module[0]) {
            wrong.extend(trespasses(&module, &read(&file), &rooms));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_gate_sees_every_way_out() {
    let rooms = Rooms::from([
        ("cli".to_owned(), 5),
        ("config".to_owned(), 2),
        ("store".to_owned(), 2),
        ("domain".to_owned(), 0),
    ]);
    let module = |text: &str| -> Vec<String> { text.split("::").map(str::to_owned).collect() };
    for (at, text, seen) in [
        ("config", "use crate::domain::Day;", 0),
        ("config", "use crate::config::raw;", 0),
        ("config", "// crate::store", 0),
        ("config", "use crate::store::Store;", 1),
        ("config", "use crate::{domain::{Day, Name}, store, cli::run};", 2),
        ("config", "use crate::*;", 1),
        ("config", "fn f() { crate::unknown::g() }", 1),
        ("config::raw", "use super::super::store::Store;", 1),
        ("config::raw", "use super::super::super::store::Store;", 1),
        ("config::raw", "use super::store::Store;", 0),
        ("config", "use super::{domain, store};", 1),
        ("config", "use sophtron_sync::store;", 1),
        ("domain", "use crate::{\n    config::{self, load},\n};", 1),
    ] {
        assert_eq!(trespasses(&module(at), text, &rooms).len(), seen, "{text}");
    }
}
