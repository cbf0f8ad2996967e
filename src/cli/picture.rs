//! A picture at a terminal: shown in one that can, else in a file of its owner alone for as long as
//! he is asked about it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use tempfile::NamedTempFile;

use crate::config::Env;

/// How a terminal shows pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As kitty does, and others after it; PNG alone.
    Kitty,
    /// As iTerm2 does, and others after it.
    Iterm,
    /// It does not.
    No,
}

/// Where pictures are shown.
#[derive(Debug, Clone)]
pub(super) struct Easel {
    way: Way,
    folder: PathBuf,
}

/// The file that there is for the picture in question, for whoever ends the process meanwhile.
static SHOWN: Mutex<Option<PathBuf>> = Mutex::new(None);

/// A picture that is shown; the file is gone when this is dropped.
pub(super) struct Shown(Option<NamedTempFile>);

impl Drop for Shown {
    fn drop(&mut self) {
        if self.0.take().is_some() {
            *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// Removes the file of a picture, where there is one: the process ends in the middle of a question.
pub(super) fn remove() {
    if let Some(path) = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = std::fs::remove_file(path);
    }
}

impl Easel {
    /// What the environment says of the terminal, and of a place for files that only their owner
    /// sees.
    pub(super) fn of(env: &Env) -> Self {
        let says = |name: &str, words: &[&str]| {
            let value = env.get(name).map(|value| value.to_string_lossy().into_owned());
            value.is_some_and(|value| words.iter().any(|word| value.contains(word)))
        };
        let way = if says("TERM", &["kitty", "ghostty"]) {
            Way::Kitty
        } else if says("TERM_PROGRAM", &["iTerm", "WezTerm"]) {
            Way::Iterm
        } else {
            Way::No
        };
        let folder = |name: &str| {
            let folder = PathBuf::from(env.get(name)?);
            (folder.is_absolute() && folder.is_dir()).then_some(folder)
        };
        let folder = folder("XDG_RUNTIME_DIR").or_else(|| folder("TMPDIR"));
        Self { way, folder: folder.unwrap_or_else(|| PathBuf::from("/tmp")) }
    }

    /// Shows a picture, or says where it is.
    ///
    /// # Errors
    /// It is no picture, or nothing can be written.
    pub(super) fn show(&self, base64: &str, terminal: &mut dyn Write) -> io::Result<Shown> {
        // It may come as a `data:` address.
        let base64 = base64.rsplit_once(',').map_or(base64, |(_, behind)| behind);
        let packed: String = base64.split_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(packed).map_err(io::Error::other)?;
        let is_png = bytes.starts_with(b"\x89PNG");
        match self.way {
            Way::Kitty if is_png => kitty(&bytes, terminal)?,
            Way::Iterm => iterm(&bytes, terminal)?,
            Way::Kitty | Way::No => return self.keep(&bytes, is_png, terminal),
        }
        Ok(Shown(None))
    }

    /// Keeps a picture in a file that only its owner can read.
    fn keep(&self, bytes: &[u8], is_png: bool, terminal: &mut dyn Write) -> io::Result<Shown> {
        let suffix = if is_png { ".png" } else { ".img" };
        let mut file = tempfile::Builder::new()
            .prefix("sophtron-sync-")
            .suffix(suffix)
            .tempfile_in(&self.folder)?;
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(file.path().to_owned());
        file.write_all(bytes)?;
        told(file.path(), terminal)?;
        Ok(Shown(Some(file)))
    }
}

fn told(path: &Path, terminal: &mut dyn Write) -> io::Result<()> {
    writeln!(terminal, "The picture is in {} until you have answered.", path.display())
}

/// What is written was decoded and encoded again, so that nothing in it can command the terminal.
fn kitty(bytes: &[u8], terminal: &mut dyn Write) -> io::Result<()> {
    let base64 = BASE64_STANDARD.encode(bytes);
    let mut chunks = base64.as_bytes().chunks(4096).peekable();
    let mut control = "a=T,f=100,";
    while let Some(chunk) = chunks.next() {
        let more = u8::from(chunks.peek().is_some());
        write!(terminal, "\x1b_G{control}m={more};")?;
        terminal.write_all(chunk)?;
        write!(terminal, "\x1b\\")?;
        control = "";
    }
    writeln!(terminal)
}

fn iterm(bytes: &[u8], terminal: &mut dyn Write) -> io::Result<()> {
    let base64 = BASE64_STANDARD.encode(bytes);
    writeln!(terminal, "\x1b]1337;File=inline=1;size={}:{base64}\x07", bytes.len())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const PNG: &str = "iVBORw0KGgo=";

    fn easel(pairs: &[(&str, &str)]) -> Easel {
        Easel::of(&Env::from_pairs(pairs.iter().copied()))
    }

    fn shown(easel: &Easel, base64: &str) -> (io::Result<Shown>, String) {
        let mut said = Vec::new();
        let shown = easel.show(base64, &mut said);
        (shown, String::from_utf8(said).expect("text"))
    }

    #[test]
    fn a_terminal_that_can_shows_it() {
        for (pairs, said) in [
            ([("TERM", "xterm-kitty")], "\x1b_Ga=T,f=100,m=0;iVBORw0KGgo=\x1b\\\n"),
            ([("TERM_PROGRAM", "iTerm.app")], "\x1b]1337;File=inline=1;size=8:iVBORw0KGgo=\x07\n"),
        ] {
            for sent in [PNG, "data:image/png;base64,iVBORw0K\n  Ggo="] {
                assert_eq!(shown(&easel(&pairs), sent).1, said);
            }
        }
        let long = BASE64_STANDARD.encode([b"\x89PNG".as_slice(), &[7; 5000]].concat());
        let said = shown(&easel(&[("TERM", "xterm-kitty")]), &long).1;
        assert_eq!((said.matches("m=1;").count(), said.matches("m=0;").count()), (1, 1));
    }

    #[test]
    fn another_one_names_a_file_that_is_its_owners_and_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_str().expect("text");
        for (sent, end) in [(PNG, ".png"), ("R0lG", ".img")] {
            let easel = easel(&[("TERM", "xterm"), ("XDG_RUNTIME_DIR", path)]);
            let (kept, said) = shown(&easel, sent);
            let kept = kept.expect("kept");
            let file = said.split(' ').nth(4).expect("a path");
            assert!(file.starts_with(path) && file.ends_with(end), "{said}");
            assert_eq!(
                std::fs::read(file).expect("there"),
                BASE64_STANDARD.decode(sent).expect("it")
            );
            let mode = std::fs::metadata(file).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            drop(kept);
            assert!(!Path::new(file).exists());
        }
    }

    #[test]
    fn what_is_no_picture_is_not_shown() {
        for sent in ["\x1b]0;x\x07", "%%%", "iVBOR"] {
            let (kept, said) = shown(&easel(&[("TERM_PROGRAM", "WezTerm")]), sent);
            assert!(kept.is_err() && said.is_empty(), "{said:?}");
        }
    }
}
