//! What is made together stays together, or goes.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use sophtron_sync::files::{Access, Fresh, could_make, write_whole};

use super::{check, folder, is_root};

const SHARED: Access = Access { mode: 0o640, group: None };

#[test]
fn all_of_it_stays_or_none_and_what_was_there_is_never_touched() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("mine")).expect("made");
    fs::set_permissions(at("mine"), fs::Permissions::from_mode(0o700)).expect("a mode");
    write_whole(&at("mine/old"), b"old", &SHARED).expect("written");
    let begin = || {
        let mut fresh = Fresh::default();
        fresh.folder(&at("mine"), &SHARED).expect("there");
        fresh.folder(&at("mine/a/b/c"), &SHARED).expect("made");
        fresh.file(&at("mine/a/b/c/file"), b"x", &Access::PRIVATE).expect("made");
        fresh.file(&at("mine/new"), b"y", &SHARED).expect("made");
        let taken = fresh.file(&at("mine/old"), b"z", &SHARED).expect_err("it is taken");
        check(&taken, &at("mine/old"), &["it is there already", "nothing was overwritten"]);
        fresh
    };
    drop(begin());
    assert!(!at("mine/a").exists() && !at("mine/new").exists());
    assert_eq!(fs::read(at("mine/old")).expect("there"), b"old");
    let mode = fs::metadata(at("mine")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "it is not ours to set");
    // What somebody else puts there meanwhile stays, with the folders that it needs.
    let fresh = begin();
    write_whole(&at("mine/a/theirs"), b"", &SHARED).expect("written");
    drop(fresh);
    assert!(at("mine/a/theirs").exists() && !at("mine/a/b").exists());
    fs::remove_dir_all(at("mine/a")).expect("removed");
    let kept = begin().keep();
    let names = ["mine/a", "mine/a/b", "mine/a/b/c", "mine/a/b/c/file", "mine/new"];
    assert_eq!(kept, names.map(at));
    assert!(kept.iter().all(|path| path.exists()));
}

#[test]
fn what_stands_in_the_way_of_a_folder_is_told_before_anything_is_made() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    write_whole(&at("file"), b"", &SHARED).expect("written");
    symlink("nowhere", at("link")).expect("a link");
    could_make(&at("a/b/c")).expect("it could");
    could_make(folder.path()).expect("it is there");
    for (path, blamed) in [("file", "file"), ("file/below", "file")] {
        let told = could_make(&at(path)).expect_err("a file is in the way");
        check(&told, &at(blamed), &["it is there and is no folder"]);
        Fresh::default().folder(&at(path), &SHARED).expect_err("a file is in the way");
    }
    Fresh::default().folder(&at("link/below"), &SHARED).expect_err("a link is in the way");
    let closed = at("closed");
    fs::create_dir(&closed).expect("made");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).expect("a mode");
    if !is_root() {
        let told = could_make(&closed.join("below/it")).expect_err("no right to");
        check(&told, &closed.join("below/it"), &["no right to make files in"]);
    }
    assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 3, "nothing was made");
}
