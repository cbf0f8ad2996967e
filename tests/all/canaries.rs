//! Secrets, looked for in everything that the real program says, writes and shows of itself.
//!
//! Canary values go in as keys and come back from the bank in every record and in bodies of
//! errors; nothing but the encrypted credentials may hold one.

mod answers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use chrono::{Days, NaiveDate};

use crate::bank::{self, Endpoint, Fault, Json, Shape, Transport, family_toml, sign};
use crate::fed;
use crate::home::Home;

/// The user id and the access key.
const USER_ID: &str = "ca9a57e1-c0de-4bad-8bad-5ec2e7c0ffee";
const ACCESS_KEY: &str = "Q2FuYXJ5LUtleS1OZXZlci1TZWVuLTAxMjM0NTY3ODk=";

/// A whole account number, of which four digits may be seen.
const NUMBER: &str = "400012345678";

/// What the bank tells of the owner, by key.
const PERSONAL: [(&str, &str); 8] = [
    ("UserName", "canary.bank.login"),
    ("FullAccountNumber", "990088776655443"),
    ("OwnerName", "Canary Q. Ownersson"),
    ("Address", "17 Canary Crescent, Owlstown"),
    ("CheckImage", "iVBORw0KGgoCANARYCHECKIMAGE"),
    ("Phone", "555-0199-canary"),
    ("Email", "canary@owner.example"),
    ("UserID", USER_ID),
];

/// The last pieces of the paths that are signed.
const SIGNED: [(&str, &str); 14] = [
    ("GET", "/healthcheckauth"),
    ("POST", "/getinstitutionbyid"),
    ("POST", "/getuserinstitutionsbyuser"),
    ("POST", "/getinstitutionbyname"),
    ("POST", "/createuserinstitutionwithrefresh"),
    ("POST", "/updateuserinstitution"),
    ("POST", "/retryaddinguserinstitution"),
    ("POST", "/deleteuserinstitution"),
    ("POST", "/getuserinstitutionaccounts"),
    ("POST", "/getuserinstitutionbyid"),
    ("POST", "/refreshuserinstitution"),
    ("POST", "/refreshuserinstitutionaccount"),
    ("POST", "/getjobinformationbyid"),
    ("POST", "/gettransactionsbytransactiondate"),
];

/// Every text that must not be seen, with what it is.
fn canaries() -> Vec<(String, String)> {
    let mut plain: Vec<(String, Vec<u8>)> = vec![
        ("the access key".to_owned(), ACCESS_KEY.into()),
        ("the access key's bytes".to_owned(), BASE64_STANDARD.decode(ACCESS_KEY).expect("base64")),
        ("the user id".to_owned(), USER_ID.into()),
        ("the user id without dashes".to_owned(), USER_ID.replace('-', "").into()),
        ("the header".to_owned(), b"FIApiAUTH".to_vec()),
        ("the account number".to_owned(), NUMBER.into()),
        ("five digits of the account number".to_owned(), NUMBER[NUMBER.len() - 5..].into()),
    ];
    plain.extend(PERSONAL.map(|(key, value)| (key.to_owned(), value.into())));
    plain.extend(SIGNED.map(|(method, path)| {
        let signature = sign::signature(method, path, ACCESS_KEY).expect("signed");
        (format!("the signature of {path}"), signature.into())
    }));
    let mut all = Vec::new();
    for (what, bytes) in plain {
        all.extend(forms(&bytes).map(|form| (what.clone(), as_text(&form))));
        all.push((what, as_text(&bytes)));
    }
    all
}

/// The ways in which a text might be written down.
fn forms(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).expect("a digit");
    let hex: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let url: String = url::form_urlencoded::byte_serialize(bytes).collect();
    // The end of a base64 text depends on what follows.
    let whole = bytes.len() / 3 * 3;
    let base64 = BASE64_STANDARD.encode(&bytes[..whole]);
    let base64_url = BASE64_URL_SAFE_NO_PAD.encode(&bytes[..whole]);
    [hex.to_uppercase(), hex, url, base64, base64_url].into_iter().map(String::into_bytes)
}

/// Looks for every canary, in any case.
fn look(place: &str, bytes: &[u8], canaries: &[(String, String)]) {
    let seen = as_text(bytes);
    for (what, canary) in canaries {
        let shown = || String::from_utf8_lossy(bytes).into_owned();
        assert!(!seen.contains(canary), "{what} is in {place}:\n{}", shown());
    }
}

/// Bytes as a text in lower case, one character each.
fn as_text(bytes: &[u8]) -> String {
    bytes.to_ascii_lowercase().into_iter().map(char::from).collect()
}

fn look_below(folder: &Path, canaries: &[(String, String)]) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files += look_below(&path, canaries);
        } else if let Ok(bytes) = fs::read(&path) {
            // A file that went while we looked was seen before or held nothing.
            look(&path.display().to_string(), &bytes, canaries);
            files += 1;
        }
    }
    files
}

/// A family whose every record is full of secrets.
fn world(today: NaiveDate) -> bank::World {
    let mut world = bank::World::new(today);
    let user = world.add_user("smith");
    USER_ID.clone_into(&mut user.id);
    ACCESS_KEY.clone_into(&mut user.access_key);
    let login = user.add_login("Sandbox Bank");
    let account = login.add_account("Checking");
    NUMBER.clone_into(&mut account.number);
    account.set("CreditCardData", Json::object([("CardNumber", Json::text(NUMBER))]));
    account.opening("100.00").add_row_on(today - Days::new(9), "-18.40", "GREEN GROCER");
    account.add_row_on(today - Days::new(3), "1200.00", "PAYROLL").memo("salary");
    for (key, value) in PERSONAL {
        world.fault(Fault::Shape(Shape::set(key, Json::text(value))));
    }
    world
}

/// A home, and what must not be seen in it.
struct Watched {
    home: Home,
    canaries: Vec<(String, String)>,
}

/// Ways of logging: none, and everything in both forms.
const LOGS: [&[&str]; 3] = [&[], &["-vvv"], &["-vvv", "--log-format", "json"]];

impl Watched {
    /// Runs the real program in every way of logging and looks at all of it.
    fn run(&self, args: &[&str], code: i32) {
        for logs in LOGS {
            self.run_logging(logs, args, "", code);
        }
    }

    fn run_logging(&self, logs: &[&str], args: &[&str], stdin: &str, code: i32) {
        let mut program = fed::program(&self.home, &[logs, args].concat());
        program
            .env_clear()
            .envs([("HOME", self.home.folder.path()), ("RUST_BACKTRACE", Path::new("full"))])
            .env("RUST_LOG", "trace")
            .stdout(Stdio::from(self.create("stdout")))
            .stderr(Stdio::from(self.create("stderr")));
        let mut child = fed::begin(&mut program, stdin.as_bytes());
        let status = self.watch(&mut child);
        let said = self.home.read("stdout") + &self.home.read("stderr");
        assert_eq!(status.code(), Some(code), "{logs:?} {args:?}\n{said}");
        look(&format!("{args:?}"), said.as_bytes(), &self.canaries);
        let is_asked = code != 78 && !said.contains("not asked again");
        let asks = ["sync", "accounts", "check"].contains(&args[0]) && is_asked;
        assert!(!asks || logs.is_empty() || said.contains("endpoint"), "no log: {said}");
        self.look_around();
    }

    fn create(&self, name: &str) -> fs::File {
        let how = fs::OpenOptions::new().write(true).create(true).truncate(true).to_owned();
        how.open(self.home.path(name)).expect("a file")
    }

    /// Looks at a running program from outside until it ends.
    fn watch(&self, child: &mut Child) -> std::process::ExitStatus {
        let process = PathBuf::from(format!("/proc/{}", child.id()));
        loop {
            for name in ["cmdline", "environ", "comm"] {
                // Only root may read the environment of a process that cannot be dumped.
                let shown = fs::read(process.join(name)).unwrap_or_default();
                look(name, &shown, &self.canaries);
            }
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                return status;
            }
            self.look_around();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn look_around(&self) {
        look_below(&self.home.path("state"), &self.canaries);
        look_below(&self.home.path("bank"), &self.canaries);
    }
}

/// A home whose keys were given to the real program on stdin, as an owner would.
fn watched() -> Watched {
    #[allow(clippy::disallowed_methods, reason = "the real program reads the real clock")]
    let today = chrono::Utc::now().date_naive();
    let home = Home::beside(world(today));
    let family = home
        .bank
        .edit(|world| family_toml(world.user("smith"), "{base_url}", today - Days::new(20)));
    let family = family.replace("{base_url}", &home.bank.base_url());
    let settings = "output_dir = \"bank\"\nstate_dir = \"state\"\n[sync]\npoll = \"10ms\"\n";
    home.write("sophtron-sync.toml", &(settings.to_owned() + &family));
    fs::create_dir(home.path("credentials")).expect("made");
    let watched = Watched { home, canaries: canaries() };
    let pair = format!("user_id = \"{USER_ID}\"\naccess_key = \"{ACCESS_KEY}\"\n");
    watched.run_logging(LOGS[1], &["credentials", "set", "smith"], &pair, 0);
    watched
}

#[test]
fn no_secret_is_said_written_or_shown() {
    let watched = watched();
    watched.run(&["check"], 0);
    watched.run(&["accounts"], 0);
    watched.run(&["accounts", "--json"], 0);
    watched.run(&["sync"], 0);
    watched.run(&["status", "-v"], 0);
    watched.run(&["status", "--json"], 0);
    watched.run(&["export"], 0);
    for format in ["ledger", "csv", "ofx"] {
        watched.run(&["export", "--stdout", format, "smith/checking"], 0);
    }
    let accounts = watched.home.read("bank/accounts.csv");
    assert!(accounts.contains(&NUMBER[NUMBER.len() - 4..]), "four digits stay: {accounts}");
    assert!(look_below(&watched.home.path("bank"), &watched.canaries) > 10);
    assert!(look_below(&watched.home.path("state"), &watched.canaries) > 0);
    assert_eq!(watched.home.bank.violations(), [""; 0]);
}

/// The user id as a flag is the owner's own word; the program repeats it nowhere.
#[test]
fn what_init_makes_and_says_holds_no_secret() {
    let watched = watched();
    let wrong = BASE64_STANDARD.encode("Canary, but of another feather");
    for (at, logs) in LOGS.iter().enumerate() {
        for (key, code) in [(wrong.as_str(), 77), (ACCESS_KEY, 0)] {
            let folder = watched.home.path(&format!("init-{at}"));
            let mut init = fed::program(&watched.home, logs);
            init.arg("--config")
                .arg(folder.join("x.toml"))
                .args(["init", "--yes", "--family", "smith", "--user-id", USER_ID, "--key-stdin"])
                .args(["--base-url", &watched.home.bank.base_url(), "--output-dir"])
                .arg(folder.join("bank"))
                .env("RUST_LOG", "trace");
            let said = fed::fed(init, key.as_bytes());
            let all = [said.stdout, said.stderr].concat();
            assert_eq!(said.status.code(), Some(code), "{}", String::from_utf8_lossy(&all));
            look("what it said", &all, &watched.canaries);
            assert!(!String::from_utf8_lossy(&all).contains(&wrong));
            assert_eq!(look_below(&folder, &watched.canaries) > 0, code == 0);
        }
    }
}

/// All that a hostile or broken service might echo.
fn echo() -> String {
    let header = format!(
        "Authorization: FIApiAUTH:{USER_ID}:{}:/getuserinstitutionaccounts",
        sign::signature("POST", "/getuserinstitutionaccounts", ACCESS_KEY).expect("signed")
    );
    let personal = PERSONAL.map(|(key, value)| format!("{key}={value}")).join(" ");
    format!("{header} {ACCESS_KEY} {NUMBER} {personal}")
}

#[test]
fn no_secret_that_an_error_echoes_is_said_written_or_shown() {
    let watched = watched();
    watched.run_logging(LOGS[0], &["sync"], "", 0);
    let (echo, bank) = (echo(), &watched.home.bank);
    let object = Json::object([("Message", Json::text(&echo))]).to_string();
    let key_twice = format!("[{{{0}:1,{0}:2}}]", Json::text(&echo));
    let location = format!("https://{USER_ID}.example/{ACCESS_KEY}");
    let answers: [(Fault, i32); 9] = [
        (Fault::Answer(400, object.clone().into_bytes()), 1),
        (Fault::Answer(500, object.clone().into_bytes()), 69),
        (Fault::Answer(403, echo.clone().into_bytes()), 1),
        (Fault::Limited(Some(USER_ID.to_owned())), 75),
        (Fault::body(&object), 1),
        (Fault::body(&echo), 1),
        (Fault::body(&key_twice), 1),
        (Fault::Transport(Transport::Redirect(location)), 1),
        (Fault::Transport(Transport::ContentType(Some(echo.clone()))), 0),
    ];
    for (fault, code) in answers {
        println!("{fault:?}");
        let healthy = bank.edit(|world| world.rules.clone());
        bank.edit(|world| {
            let more = Transport::Header("X-Echo".to_owned(), echo.clone());
            world.fault(Fault::Transport(more));
            world.fault(fault).on(Endpoint::Accounts);
        });
        // In one form of logs alone: a service that fails is asked three times, with waits.
        watched.run_logging(LOGS[2], &["sync"], "", code);
        watched.run_logging(LOGS[1], &["status", "-v"], "", 0);
        bank.edit(|world| world.rules = healthy);
    }
    bank.edit(|world| {
        world.fault(Fault::Answer(401, echo.clone().into_bytes()));
    });
    watched.run(&["accounts"], 77);
    watched.run(&["credentials", "check"], 77);
    watched.run(&["check"], 77);
    watched.run(&["sync"], 77);
    watched.run(&["status", "--json"], 0);
}

#[test]
fn no_secret_that_was_typed_wrong_is_said() {
    let watched = watched();
    let said = |args: &[&str], stdin: &str, code| watched.run_logging(LOGS[1], args, stdin, code);
    let set = ["credentials", "set", "smith"];
    said(&set, &format!("user_id = \"{ACCESS_KEY}\"\naccess_key = \"{USER_ID}\"\n"), 77);
    said(&set, &format!("user_id = {USER_ID}\naccess_key = {ACCESS_KEY}\n"), 77);
    said(&set, &format!("{USER_ID}\n{ACCESS_KEY}\n"), 77);
    said(&set, &format!("user_id = \"{USER_ID}\"\n{ACCESS_KEY} = \"\"\n"), 77);
    let config = watched.home.read("sophtron-sync.toml");
    for slip in [
        format!("access_key = \"{ACCESS_KEY}\""),
        format!("access_key = {ACCESS_KEY}"),
        format!("credentials = \"user_id = '{USER_ID}' access_key = '{ACCESS_KEY}'\""),
        format!("base_url = \"https://{USER_ID}:{ACCESS_KEY}@api.sophtron.com/api\""),
    ] {
        watched.home.write(
            "sophtron-sync.toml",
            &config.replace("[[family]]", &format!("[[family]]\n{slip}")),
        );
        said(&["status"], "", 78);
        said(&["sync"], "", 78);
    }
    let clear = format!("user_id = \"{USER_ID}\"\naccess_key = \"{ACCESS_KEY}\"\n");
    watched.home.write("sophtron-sync.toml", &config);
    watched.home.write("credentials/smith.age", &clear);
    said(&["credentials", "check"], "", 77);
}

/// Whatever the umask of whoever starts it.
#[test]
fn nobody_else_can_read_what_the_state_folder_holds() {
    use std::os::unix::fs::PermissionsExt;
    let mut world = bank::World::new(bank::day("2026-06-01"));
    world.add_user("smith");
    let home = Home::beside(world);
    let url = home.bank.base_url();
    let family =
        home.bank.edit(|world| family_toml(world.user("smith"), &url, bank::day("2026-05-01")));
    home.configure(&family);
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$0\" sync", env!("CARGO_BIN_EXE_sophtron-sync")]);
    let ran = shell.current_dir(home.folder.path()).env("HOME", home.folder.path()).output();
    let ran = ran.expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
    let state = home.path("state");
    assert_eq!(mode(&state), 0o700);
    let mut held = 0;
    for entry in fs::read_dir(&state).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        held += 1;
    }
    assert!(held >= 2, "the lock and the store");
}

#[test]
fn no_core_file_is_written() {
    let watched = watched();
    watched.home.bank.edit(|world| {
        world.fault(Fault::Transport(Transport::SlowHead(Duration::from_secs(30))));
    });
    let calls = watched.home.bank.watch();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sophtron-sync"))
        .arg("sync")
        .current_dir(watched.home.folder.path())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    calls.recv_timeout(Duration::from_secs(20)).expect("it calls");
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("limits");
    child.kill().expect("ended");
    child.wait().expect("ended");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{core}");
}
