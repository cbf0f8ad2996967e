//! The units of `packaging/`, before systemd's own eyes, and against what the documents say.
//! `tests/boot` tries them in a booted system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::readers::long;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SERVICE: &str = "system/sophtron-sync.service";

fn packaged(name: &str) -> String {
    let path = Path::new(ROOT).join("packaging").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()))
}

/// Every file of `packaging/` but its README, as a path from there.
fn all_packaged() -> Vec<String> {
    let packaging = Path::new(ROOT).join("packaging");
    let mut found = Vec::new();
    for entry in fs::read_dir(&packaging).expect("packaging").map(|entry| entry.expect("it")) {
        let folder = entry.file_name().into_string().expect("a name");
        for file in fs::read_dir(entry.path()).into_iter().flatten() {
            let name = file.expect("a file").file_name().into_string().expect("a name");
            if name != "__pycache__" {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 15, "{found:?}");
    found
}

/// A folder of units as systemd has them, where programs are those of this build.
struct Units {
    folder: tempfile::TempDir,
}

impl Units {
    /// The service, with drop-ins.
    fn of(service: &str, drop_ins: &[&str]) -> Self {
        let units = Self { folder: tempfile::tempdir().expect("a folder") };
        let name = units.add(service);
        for drop_in in drop_ins {
            units.put(&format!("{name}.d/{}", base(drop_in)), &packaged(drop_in));
        }
        units
    }

    /// Puts a unit there, and gives its name.
    fn add(&self, unit: &str) -> String {
        let program = env!("CARGO_BIN_EXE_sophtron-sync");
        let text = packaged(unit)
            .replace("ExecStart=/usr/bin/sophtron-sync ", &format!("ExecStart={program} "))
            .replace("ExecStart=sophtron-sync ", &format!("ExecStart={program} "))
            .replace("/usr/share/sophtron-sync/hooks", &format!("{ROOT}/packaging/hooks"));
        self.put(base(unit), &text);
        base(unit).to_owned()
    }

    #[allow(clippy::disallowed_methods, reason = "a test's own file")]
    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a unit");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `systemd-analyze` says of one of the units: its success, stdout and stderr.
    fn analyze(&self, args: &[&str], unit: &str) -> (bool, String, String) {
        let mut command = Command::new("systemd-analyze");
        command.args(args).arg(self.path(unit)).env_clear();
        // The manager of a user asks for these two.
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.folder.path());
        command.env("XDG_RUNTIME_DIR", self.folder.path()).env("LC_ALL", "C.UTF-8");
        let output = command.output().expect("systemd-analyze: install Debian's package systemd");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    #[track_caller]
    fn verified(&self, unit: &str, more: &[&str]) {
        let args = [&["verify", "--man=no"], more].concat();
        let silence = (true, String::new(), String::new());
        assert_eq!(self.analyze(&args, unit), silence, "{unit}");
    }

    /// The exposure that systemd gives the service, such as `1.2`.
    fn exposure(&self) -> String {
        let args = ["security", "--offline=true", "--no-pager"];
        let (_, table, said) = self.analyze(&args, "sophtron-sync.service");
        let last = "Overall exposure level for sophtron-sync.service: ";
        let figure = table.split_once(last).unwrap_or_else(|| panic!("{table}{said}")).1;
        figure.split_whitespace().next().expect("a figure").to_owned()
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().expect("a name")
}

#[test]
fn systemd_has_nothing_to_say_on_any_unit() {
    for drop_ins in [&[][..], &["drop-ins/srv.conf"], &["drop-ins/home.conf"]] {
        Units::of(SERVICE, drop_ins).verified("sophtron-sync.service", &[]);
    }
    let user = Units::of("user/sophtron-sync.service", &[]);
    user.verified("sophtron-sync.service", &["--user"]);
    for what in ["changed", "attention"] {
        let units = Units::of(&format!("examples/sophtron-sync-{what}.service"), &[]);
        let path = units.add(&format!("examples/sophtron-sync-{what}.path"));
        units.verified(&path, &[]);
    }
}

#[test]
fn systemd_does_speak_up_on_a_wrong_unit() {
    let units = Units::of(SERVICE, &[]);
    units.put("sophtron-sync.service.d/wrong.conf", "[Service]\nProtectHoem=yes\n");
    let (_, _, said) = units.analyze(&["verify", "--man=no"], "sophtron-sync.service");
    assert!(said.contains("ProtectHoem"), "{said}");
}

#[test]
fn the_exposure_is_at_most_what_is_said() {
    assert_eq!(Units::of(SERVICE, &[]).exposure(), "1.2");
    for (drop_in, most) in [("drop-ins/srv.conf", "1.2"), ("drop-ins/home.conf", "1.3")] {
        assert_eq!(Units::of(SERVICE, &[drop_in]).exposure(), most, "{drop_in}");
        let says = format!("`systemd-analyze security`: {most}");
        assert!(packaged(drop_in).contains(&says), "{drop_in} does not say {most}");
    }
}

/// The settings of a unit, a line each.
fn settings(unit: &str) -> Vec<String> {
    let lines = unit.lines().map(str::trim);
    lines.filter(|line| line.contains('=') && !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn the_service_is_kept_alive_and_closed_in() {
    let unit = settings(&packaged(SERVICE));
    for setting in [
        "Type=notify",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "Restart=on-failure",
        "RestartSec=30",
        "StartLimitIntervalSec=0",
        "RestartPreventExitStatus=77 78",
        "UMask=0027",
        "LimitCORE=0",
        "LoadCredential=identity",
        "PrivateUsers=no",
        "ProtectHome=yes",
        "RuntimeDirectoryMode=0755",
        "StateDirectoryMode=0700",
        "SystemCallFilter=~@privileged @resources",
    ] {
        assert!(unit.iter().any(|line| line == setting), "no {setting} in {unit:#?}");
    }
    // It would tell the service to do what it has no call for.
    assert!(!unit.iter().any(|line| line == "SystemCallFilter=@chown"));
    let user = settings(&packaged("user/sophtron-sync.service"));
    for setting in ["Type=notify", "RestartPreventExitStatus=77 78", "StartLimitIntervalSec=0"] {
        assert!(user.iter().any(|line| line == setting), "no {setting} in {user:#?}");
    }
    // A user's manager of systemd 252 would put it below ~/.config, where no command looks.
    assert!(!user.iter().any(|line| line.starts_with("StateDirectory=")));
}

#[test]
fn the_drop_in_for_later_systemds_replaces_the_reload() {
    let drop_in = packaged("drop-ins/notify-reload.conf");
    assert_eq!(settings(&drop_in), ["Type=notify-reload", "ExecReload="]);
}

#[test]
fn examples_do_nothing_when_the_service_stops() {
    for what in ["changed", "attention"] {
        let kept = format!("/run/sophtron-sync/{what}.json");
        let unit = packaged(&format!("examples/sophtron-sync-{what}.service"));
        assert!(unit.contains(&format!("\nConditionPathExists={kept}\n")), "{unit}");
        let path = packaged(&format!("examples/sophtron-sync-{what}.path"));
        assert!(path.contains(&format!("\nPathChanged={kept}\n")), "{path}");
    }
}

#[test]
fn every_packaged_file_has_its_place_in_the_readme() {
    let readme = packaged("README.md");
    for file in all_packaged() {
        let all_of_it = format!("`{}/*`", file.split('/').next().expect("a folder"));
        let named = readme.contains(&format!("`{file}`")) || readme.contains(&all_of_it);
        assert!(named, "{file} is not in packaging/README.md");
    }
    for row in readme.lines().filter(|line| line.starts_with("| `")) {
        for name in row.split('|').nth(1).expect("a cell").split('`').skip(1).step_by(2) {
            let there =
                Path::new(ROOT).join("packaging").join(name.trim_end_matches("/*")).exists();
            assert!(there, "packaging/README.md names {name}");
        }
    }
}

#[test]
fn units_and_documents_name_the_same_places() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    for name in ["drop-ins/srv.conf", "drop-ins/home.conf", "drop-ins/notify-reload.conf"] {
        assert!(readme.contains(&format!("packaging/{name}")), "README.md does not name {name}");
    }
    let unit = packaged(SERVICE);
    for (in_unit, in_readme) in [
        ("/etc/sophtron-sync/sophtron-sync.toml", "/etc/sophtron-sync/sophtron-sync.toml"),
        ("StateDirectory=sophtron-sync", "/var/lib/sophtron-sync"),
        ("LoadCredential=identity", "/etc/credstore/identity"),
        ("RuntimeDirectory=sophtron-sync", "/run/sophtron-sync"),
    ] {
        assert!(unit.contains(in_unit), "{SERVICE} has no {in_unit}");
        assert!(readme.contains(in_readme), "README.md does not name {in_readme}");
    }
}

/// Only in the long run, see `.config/nextest.toml`: it makes a Debian, and boots it.
#[test]
fn the_service_lives_in_a_booted_debian() {
    let boot = Path::new(ROOT).join("tests/boot");
    for script in ["run", "inside"] {
        let reads = Command::new("bash").arg("-n").arg(boot.join(script)).status().expect("bash");
        assert!(reads.success(), "{script}");
    }
    if !long() {
        return;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_sophtron-sync"));
    let sandbox = program.with_file_name("examples").join("sandbox");
    let output = Command::new(boot.join("run")).arg(program).arg(sandbox).output().expect("bash");
    let report = String::from_utf8_lossy(&output.stdout);
    println!("{report}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && report.ends_with("all good\n"), "{report}");
}
