//! The status page and the metrics, put in their places.
//!
//! Both tell of time and change with it, so they are written at each sync and export, and are
//! known as ours by what they begin with.

use std::path::{Path, PathBuf};

use super::outcome::fault;
use super::output::{Halt, access};
use crate::domain::{Exit, Family, FamilyOverview, Fault, FileSettings, Overview, Patience, State};
use crate::export::{METRICS_MARK, PAGE_MARK, PAGE_NAME, metrics, status_page};
use crate::files;

/// The mode of the metrics: whoever collects them runs as a user of its own.
const METRICS_MODE: u32 = 0o644;

/// Writes the status pages and the metrics, as far as they are configured: one page for the
/// families that share the output folder, one for each that has a folder of its own, and the
/// metrics of all. Gives what stood in the way; a file there that is not ours is left alone.
#[must_use]
pub fn write_overview(
    overview: &Overview,
    families: &[Family],
    settings: &FileSettings,
    patience: &Patience,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for page in pages(families, settings) {
        let shown = only(overview, |family| page.shows(family));
        let write = || page.file.write(&status_page(&shown, patience));
        faults.extend(write().err());
    }
    if let Some(path) = &settings.metrics {
        let file =
            OwnFile { path: path.clone(), mark: METRICS_MARK, mode: METRICS_MODE, group: None };
        faults.extend(file.write(&metrics(overview)).err());
    }
    faults
}

/// A status page: of one family with a folder of its own, or of all that have none.
struct Page<'a> {
    file: OwnFile<'a>,
    family: Option<&'a Family>,
}

impl Page<'_> {
    fn shows(&self, shown: &FamilyOverview) -> bool {
        match self.family {
            Some(family) => family.name == shown.name,
            None => !shown.own_folder,
        }
    }
}

fn pages<'a>(families: &'a [Family], settings: &'a FileSettings) -> Vec<Page<'a>> {
    let Some(shared) = &settings.status_page else { return Vec::new() };
    let page = |path: PathBuf, mode, group: &'a Option<String>, family| Page {
        file: OwnFile { path, mark: PAGE_MARK, mode, group: group.as_deref() },
        family,
    };
    let own = families.iter().filter(|family| family.own_folder).map(|family| {
        page(family.output_dir.join(PAGE_NAME), family.mode, &family.group, Some(family))
    });
    let any_shared = families.iter().any(|family| !family.own_folder);
    let of_all = any_shared.then(|| page(shared.clone(), settings.mode, &settings.group, None));
    of_all.into_iter().chain(own).collect()
}

fn only(overview: &Overview, shown: impl Fn(&FamilyOverview) -> bool) -> Overview {
    let families = overview.families.iter().filter(|family| shown(family)).cloned().collect();
    Overview { families, ..overview.clone() }
}

/// A file that is known as ours by its beginning.
struct OwnFile<'a> {
    path: PathBuf,
    mark: &'static str,
    mode: u32,
    group: Option<&'a str>,
}

impl OwnFile<'_> {
    fn write(&self, bytes: &[u8]) -> Result<(), Fault> {
        match self.try_write(bytes) {
            Ok(()) => Ok(()),
            Err(Halt::Fault(fault)) => Err(fault),
            Err(Halt::Store(error)) => Err(super::store_fault(&error)),
        }
    }

    fn try_write(&self, bytes: &[u8]) -> Result<(), Halt> {
        if !files::is_free_for(&self.path, self.mark.as_bytes())? {
            return Err(Halt::Fault(not_ours(&self.path)));
        }
        Ok(files::write_whole(&self.path, bytes, &access(self.mode, self.group)?)?)
    }
}

fn not_ours(path: &Path) -> Fault {
    let message = format!("{} was not written by this program and is left alone", path.display());
    let help = "move it aside, or set status_page or metrics in [files] to another path";
    fault(State::Ok, Exit::Good, message, help)
}
