//! Where a change must be looked for: the way of a path through folders and links.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// How many links the kernel follows in one path: `path_resolution(7)`.
const MOST_LINKS: usize = 40;

/// Every place that decides what some paths lead to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The folders, free of links, each with the names in it that the paths go through.
    pub(super) folders: BTreeMap<PathBuf, Names>,
    /// The files at the ends, free of links.
    pub(super) files: BTreeSet<PathBuf>,
}

/// What matters in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// The names, there or not.
    pub(super) names: BTreeSet<OsString>,
    /// Whether anything but a folder is among them: a link, a file, or what is not there. A folder
    /// is watched itself, and tells when it goes.
    pub(super) near: bool,
}

impl Places {
    /// Goes the ways of these paths, which are absolute, as they are now.
    pub(super) fn of<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut places = Self::default();
        for path in paths {
            places.go(path);
        }
        places
    }

    /// Goes one way, step by step, as far as it leads.
    fn go(&mut self, path: &Path) {
        let mut folder = PathBuf::from("/");
        let mut ahead = steps(path);
        let mut links = 0;
        while let Some(step) = ahead.pop() {
            let name = match step {
                Step::Root => {
                    folder = PathBuf::from("/");
                    continue;
                }
                Step::Up => {
                    folder.pop();
                    continue;
                }
                Step::Name(name) => name,
            };
            let place = folder.join(&name);
            let kind = fs::symlink_metadata(&place).map(|seen| seen.file_type());
            let is_folder = kind.as_ref().is_ok_and(fs::FileType::is_dir);
            self.pass(&folder, name, !is_folder || ahead.is_empty());
            match kind {
                Ok(_) if is_folder => folder = place,
                Ok(kind) if kind.is_symlink() => {
                    links += 1;
                    let Ok(target) = fs::read_link(&place) else { return };
                    if links > MOST_LINKS {
                        return;
                    }
                    ahead.extend(steps(&target));
                }
                Ok(_) => {
                    self.files.insert(place);
                    return;
                }
                Err(_) => return,
            }
        }
    }

    fn pass(&mut self, folder: &Path, name: OsString, near: bool) {
        let here = self.folders.entry(folder.to_owned()).or_default();
        here.names.insert(name);
        here.near |= near;
    }
}

/// A step of a path.
enum Step {
    Root,
    Up,
    Name(OsString),
}

/// The steps of a path, the first one last.
fn steps(path: &Path) -> Vec<Step> {
    let step = |part| match part {
        Component::RootDir => Some(Step::Root),
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Name(name.to_owned())),
        Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().rev().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// What is looked at below a folder, as text.
    fn told(root: &Path, path: &str) -> (Vec<String>, Vec<String>) {
        let places = Places::of([&root.join(path)]);
        let short = |path: &Path| path.strip_prefix(root).ok().map(|it| it.display().to_string());
        let names = |names: &Names| {
            let texts = names.names.iter().map(|name| name.to_string_lossy().into_owned());
            let near = if names.near { "!" } else { "" };
            texts.collect::<Vec<_>>().join(",") + near
        };
        let folder =
            |(folder, it): (&PathBuf, &Names)| Some(format!("{}: {}", short(folder)?, names(it)));
        let folders = places.folders.iter().filter_map(folder).collect();
        (folders, places.files.iter().filter_map(|file| short(file)).collect())
    }

    fn check(root: &Path, path: &str, folders: &[&str], files: &[&str]) {
        let (seen_folders, seen_files) = told(root, path);
        assert_eq!((seen_folders, seen_files), (strings(folders), strings(files)), "{path}");
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().copied().map(str::to_owned).collect()
    }

    #[test]
    fn every_folder_and_link_of_the_way_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("there");
        fs::create_dir_all(root.join("real/deep")).expect("made");
        fs::File::create_new(root.join("real/deep/file")).expect("made");
        symlink("real", root.join("link")).expect("made");
        symlink(root.join("link/deep/../deep/file"), root.join("end")).expect("made");
        symlink("loop", root.join("loop")).expect("made");

        let way = ["real: deep", "real/deep: file!"];
        check(&root, "real/deep/file", &[": real", way[0], way[1]], &["real/deep/file"]);
        check(&root, "link/deep/file", &[": link,real!", way[0], way[1]], &["real/deep/file"]);
        check(&root, "end", &[": end,link,real!", way[0], way[1]], &["real/deep/file"]);
        check(&root, "none/file", &[": none!"], &[]);
        check(&root, "real/none", &[": real", "real: none!"], &[]);
        check(
            &root,
            "real/deep/file/below",
            &[": real", "real: deep", "real/deep: file!"],
            &["real/deep/file"],
        );
        check(&root, "loop", &[": loop!"], &[]);
        check(&root, "real/deep", &[": real", "real: deep!"], &[]);
    }
}
