//! The troubles, one by one.

use std::fs::Permissions;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;

use super::Case;
use crate::bank::{Endpoint, Fault, World};
use crate::first_light::{families, with_line};
use crate::home::Home;

const CONFIG: &str = "sophtron-sync.toml";

pub(super) const TROUBLES: &[Case] = &[
    Case {
        name: "the configuration is no TOML",
        make: |home| home.write(CONFIG, "output_dir = \n"),
        code: 78,
        place: "configuration",
        what: "sophtron-sync.toml:1",
        help: "",
        offline: true,
    },
    Case {
        name: "there is no configuration",
        make: |home| std::fs::remove_file(home.path(CONFIG)).expect("removed"),
        code: 78,
        place: "configuration",
        what: "no configuration found",
        help: "--config FILE",
        offline: true,
    },
    Case {
        name: "everybody may write the configuration",
        make: |home| chmod(home, CONFIG, 0o666),
        code: 1,
        place: "sophtron-sync.toml",
        what: "everybody may write to it",
        help: "chmod o-w ",
        offline: true,
    },
    Case {
        name: "the identity is missing",
        make: |home| std::fs::remove_file(home.path("identity.txt")).expect("removed"),
        code: 78,
        place: "identity",
        what: "identity.txt",
        help: "keygen",
        offline: true,
    },
    Case {
        name: "others may read the identity",
        make: |home| chmod(home, "identity.txt", 0o640),
        code: 78,
        place: "identity",
        what: "identity.txt",
        help: "chmod 600",
        offline: true,
    },
    Case {
        name: "the identity is an SSH key",
        make: |home| home.write("identity.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\nxx\n"),
        code: 78,
        place: "identity",
        what: "SSH",
        help: "keygen",
        offline: true,
    },
    Case {
        name: "the identity is another one",
        make: |home| {
            std::fs::remove_file(home.path("identity.txt")).expect("removed");
            home.run(&["keygen", "identity.txt"]).ends_with(0);
        },
        code: 77,
        place: "smith",
        what: "credentials/smith.age",
        help: "credentials set",
        offline: true,
    },
    Case {
        name: "the credentials file is missing",
        make: |home| std::fs::remove_file(home.path("credentials/smith.age")).expect("removed"),
        code: 74,
        place: "smith",
        what: "credentials/smith.age",
        help: "credentials set",
        offline: true,
    },
    Case {
        name: "the access key is not base64",
        make: |home| set(home, "not/base64!"),
        code: 77,
        place: "smith",
        what: "access_key is not base64",
        help: "copy it again",
        offline: true,
    },
    Case {
        name: "the access key is too short",
        make: |home| set(home, "aHVudGVyMg=="),
        code: 77,
        place: "smith",
        what: "too short",
        help: "",
        offline: true,
    },
    Case {
        name: "the key was revoked",
        make: |home| new_key(home),
        code: 77,
        place: "smith",
        what: "they were good until 2026-03-04: the key was revoked",
        help: "credentials set",
        offline: false,
    },
    Case {
        name: "the key was never good",
        make: |home| {
            std::fs::remove_dir_all(home.path("state")).expect("removed");
            new_key(home);
        },
        code: 77,
        place: "smith",
        what: "they were never good",
        help: "must be active",
        offline: false,
    },
    Case {
        name: "the developer account is not active",
        make: |home| fault(home, Fault::Status(403), None),
        code: 77,
        place: "smith",
        what: "403",
        help: "developer profile",
        offline: false,
    },
    Case {
        name: "the key may not see accounts",
        make: |home| fault(home, Fault::Status(403), Some(Endpoint::Accounts)),
        code: 1,
        place: "smith",
        what: "403",
        help: "",
        offline: false,
    },
    Case {
        name: "the service wants fewer requests",
        make: |home| fault(home, Fault::Limited(None), None),
        code: 75,
        place: "smith",
        what: "429",
        help: "",
        offline: false,
    },
    Case {
        name: "the service fails",
        make: |home| fault(home, Fault::Status(500), None),
        code: 69,
        place: "smith",
        what: "500",
        help: "",
        offline: false,
    },
    Case {
        name: "the service is not reached",
        make: |home| {
            let all = families(home, "2026-01-01")
                .replace(&home.bank.base_url(), "http://127.0.0.1:9/api");
            home.reconfigure("", &all);
        },
        code: 69,
        place: "smith",
        what: "127.0.0.1:9",
        help: "",
        offline: false,
    },
    Case {
        name: "a web page comes instead of the list",
        make: |home| fault(home, Fault::body("<html></html>"), Some(Endpoint::Logins)),
        code: 1,
        place: "smith",
        what: "the list of logins",
        help: "",
        offline: false,
    },
    Case {
        name: "no account is behind the credentials",
        make: |home| {
            home.bank.edit(|world| world.users[0].logins.clear());
            unlinked(home);
        },
        code: 1,
        place: "smith",
        what: "there is no account behind these credentials",
        help: "connect a bank",
        offline: false,
    },
    Case {
        name: "a link is dead",
        make: |home| {
            home.bank.edit(|world| {
                let login = &mut world.users[0].logins[0];
                login.add_account("Savings");
                login.accounts.remove(0);
            });
        },
        code: 1,
        place: "smith/checking",
        what: "no login lists the account",
        help: "sophtron-sync accounts smith",
        offline: false,
    },
    Case {
        name: "an account is not linked",
        make: |home| {
            home.bank.edit(|world| {
                world.users[0].logins[0].add_account("Savings");
            });
        },
        code: 0,
        place: "smith",
        what: "1 account is not linked",
        help: "sophtron-sync accounts smith",
        offline: false,
    },
    Case {
        name: "two families have one key",
        make: |home| {
            let copy = home.path("credentials/jones.age");
            std::fs::copy(home.path("credentials/smith.age"), copy).expect("copied");
            let jones = format!(
                "[[family]]\nname = \"jones\"\ncredentials_file = \"credentials/jones.age\"\nbase_url = \"{}\"\n",
                home.bank.base_url()
            );
            home.reconfigure("", &format!("{}\n{jones}", families(home, "2026-01-01")));
        },
        code: 1,
        place: "jones",
        what: "it asks as the same Sophtron user as smith",
        help: "one family",
        offline: true,
    },
    Case {
        name: "a bank is connected twice",
        make: |home| {
            home.bank.edit(|world| {
                let number = world.users[0].logins[0].accounts[0].number.clone();
                world.users[0].add_login("Sandbox Bank").add_account("Checking").number = number;
            });
        },
        code: 1,
        place: "smith",
        what: "Sandbox Bank is connected by 2 logins",
        help: "sophtron-sync disconnect smith/",
        offline: false,
    },
    Case {
        name: "the clock is off",
        make: |home| home.now += TimeDelta::hours(25),
        code: 1,
        place: "clock",
        what: "it says 2026-03-05 13:00 UTC, the service of smith says 2026-03-04 12:00 UTC",
        help: "timedatectl",
        offline: false,
    },
    Case {
        name: "an output folder cannot be made",
        make: |home| {
            let text = home.read(CONFIG).replace("\"bank\"", "\"not/there/bank\"");
            home.write(CONFIG, &text);
        },
        code: 74,
        place: "not/there/bank",
        what: "it is no folder and cannot be made",
        help: "mount",
        offline: true,
    },
    Case {
        name: "others may read the store",
        make: |home| chmod(home, "state/store.sqlite", 0o644),
        code: 74,
        place: "state/store.sqlite",
        what: "not for the owner of its folder alone",
        help: "chmod 600",
        offline: true,
    },
    Case {
        name: "the store is damaged",
        make: |home| {
            let path = home.path("state/store.sqlite");
            let mut file = std::fs::OpenOptions::new().write(true).open(path).expect("a store");
            file.seek(SeekFrom::Start(4096 * 2)).expect("long enough");
            file.write_all(&[0x5a; 4096 * 10]).expect("written");
        },
        code: 74,
        place: "store in",
        what: "is damaged",
        help: "put a copy of the store back",
        offline: true,
    },
    Case {
        name: "another process has the state folder",
        make: |home| {
            let lock = sophtron_sync::files::Lock::take(
                &home.path("state"),
                sophtron_sync::files::LOCK_FILE,
            );
            std::mem::forget(lock.expect("free"));
        },
        code: 75,
        place: "state_dir",
        what: "in use by another sophtron-sync",
        help: "",
        offline: false,
    },
    Case {
        name: "a hook's program is not there",
        make: |home| {
            let all = families(home, "2026-01-01");
            home.reconfigure("[hooks]\non_ok = [\"/nowhere/kuma-up\"]", &all);
        },
        code: 1,
        place: "on_ok /nowhere/kuma-up",
        what: "/nowhere/kuma-up",
        help: "",
        offline: true,
    },
    Case {
        name: "the socket's folder cannot be made",
        make: |home| top(home, "control_socket = \"/nowhere/at/all/control.sock\""),
        code: 74,
        place: "control_socket /nowhere/at/all/control.sock",
        what: "its folder is not there",
        help: "set control_socket",
        offline: true,
    },
    Case {
        name: "the group of the socket is unknown",
        make: |home| {
            let socket = home.path("control.sock");
            let socket = socket.display();
            top(home, &format!("control_group = \"nobodies\"\ncontrol_socket = \"{socket}\""));
        },
        code: 78,
        place: "group",
        what: "nobodies",
        help: "",
        offline: true,
    },
    Case {
        name: "the group of the files is unknown",
        make: |home| {
            let all = families(home, "2026-01-01");
            home.reconfigure("[files]\ngroup = \"nobodies\"", &all);
        },
        code: 78,
        place: "group",
        what: "nobodies",
        help: "",
        offline: true,
    },
    Case {
        name: "the unit is not the one of this version",
        make: |home| {
            std::fs::create_dir_all(home.path(".config/systemd/user")).expect("folders");
            home.write(".config/systemd/user/sophtron-sync.service", "[Service]\nExecStart=x\n");
        },
        code: 1,
        place: "systemd/user/sophtron-sync.service",
        what: "not the unit that comes with this version",
        help: "drop-in",
        offline: true,
    },
    Case {
        name: "the budget is too small for the schedule",
        make: |home| {
            home.reconfigure("monthly_requests = 1400", &families(home, "2026-01-01"));
        },
        code: 1,
        place: "smith: monthly_requests",
        what: "lists (4), refreshes of 16 requests (2) and reads (2) are 38 requests a day and 1178 in 31 days; refreshes stop at 1120",
        help: "raise `every`",
        offline: true,
    },
    Case {
        name: "the budget is used up",
        make: |home| {
            home.reconfigure(
                "monthly_requests = 4\nrefresh = \"never\"",
                &families(home, "2026-01-01"),
            );
        },
        code: 75,
        place: "smith: monthly_requests",
        what: "all 4 requests of this month are used",
        help: "next month",
        offline: true,
    },
    Case {
        name: "a known account has another name",
        make: |home| {
            let all =
                families(home, "2026-01-01").replace("name = \"checking\"", "name = \"daily\"");
            home.reconfigure("", &all);
        },
        code: 78,
        place: "accounts",
        what: "known as smith/checking",
        help: "",
        offline: true,
    },
    Case {
        name: "a family rests",
        make: |home| {
            let all = with_line(&families(home, "2026-01-01"), "smith", "paused = true");
            home.reconfigure("", &all);
        },
        code: 0,
        place: "smith",
        what: "paused",
        help: "",
        offline: false,
    },
];

fn chmod(home: &Home, name: &str, mode: u32) {
    std::fs::set_permissions(home.path(name), Permissions::from_mode(mode)).expect("a mode");
}

/// Encrypts the user's id with another key.
fn set(home: &Home, key: &str) {
    crate::bad_inputs::deeds::seal(home, None, Some(key));
}

/// Lets the service know another key than the one in the credentials.
fn new_key(home: &Home) {
    home.bank.edit(|world| {
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".clone_into(&mut world.users[0].access_key);
    });
}

fn fault(home: &Home, fault: Fault, on: Option<Endpoint>) {
    home.bank.edit(|world: &mut World| {
        let rule = world.fault(fault);
        if let Some(endpoint) = on {
            rule.on(endpoint);
        }
    });
}

/// Puts a line above the sections of the configuration.
fn top(home: &Home, line: &str) {
    let text = home.read(CONFIG);
    home.write(CONFIG, &format!("{line}\n{text}"));
}

/// Takes the account out of the configuration.
fn unlinked(home: &Home) {
    home.run(&["unlink", "smith/checking"]).ends_with(0);
}
