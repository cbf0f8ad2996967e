//! `init`: from a key to a configuration, by flags and by answers; nothing half made is left.

mod at_a_terminal;
mod for_the_machine;

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::bank::{self, BalanceSign, Endpoint, Fault, World, day};
use crate::home::{Home, Ran};

const CONFIG: &str = ".config/sophtron-sync/sophtron-sync.toml";
const IDENTITY: &str = ".config/sophtron-sync/identity.txt";
const CREDENTIALS: &str = ".config/sophtron-sync/credentials/smith.age";

/// Three accounts at one bank: checking, savings, and a card that is owed on.
fn three_accounts(today: chrono::NaiveDate) -> World {
    let mut world = World::new(today);
    let before = |days| today - chrono::Days::new(days);
    let bank = world.add_user("smith").add_login("First Harbor Bank");
    let checking = bank.add_account("Joint Checking");
    checking.opening("1000.00").add_row_on(before(40), "-18.40", "GREEN GROCER");
    checking.add_row_on(before(3), "250.00", "PAYROLL");
    let savings = bank.add_account("Rainy Day").kind("Savings");
    savings.opening("5000.00").add_row_on(before(10), "12.50", "INTEREST");
    let card = bank.add_account("Visa").kind("Credit_Card").balance_sign(BalanceSign::Owed);
    card.opening("-800.00").add_row_on(before(5), "-40.55", "BOOKS");
    world
}

/// A home with nothing in it.
fn empty_home() -> Home {
    let home = Home::beside(three_accounts(day("2026-03-04")));
    std::fs::remove_file(home.path("identity.txt")).expect("a test's own");
    home
}

/// The user id and the key of the family.
fn pair(home: &Home) -> (String, String) {
    home.bank.edit(|world| (world.users[0].id.clone(), world.users[0].access_key.clone()))
}

/// Runs `init --yes` with a key on stdin and more flags.
fn init(home: &Home, user_id: &str, key: &str, more: &[&str]) -> Ran {
    let url = home.bank.base_url();
    let mut args = vec!["init", "--yes", "--family", "smith", "--user-id", user_id];
    args.extend(["--key-stdin", "--base-url", &url]);
    args.extend(more);
    home.run_with(&args, &format!("{key}\n"))
}

/// Every file and folder of a home.
fn everything(home: &Home) -> Vec<String> {
    let mut find = std::process::Command::new("find");
    let found = find.arg(home.folder.path()).arg("-mindepth").arg("1").output().expect("find runs");
    String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned).collect()
}

fn mode(home: &Home, name: &str) -> u32 {
    home.path(name).metadata().expect(name).mode() & 0o777
}

#[test]
fn flags_alone_make_everything_and_the_first_sync_follows() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    let told = init(&home, &user_id, &key, &[]).ends_with(0);
    assert_eq!(told.err.matches("Liabilities:First Harbor Bank:Card").count(), 1, "{}", told.err);
    for words in [
        "\n  sophtron-sync sync\n",
        &format!("\n  include {}\n", home.path("finance/bank/all.ledger").display()),
        "systemctl --user enable --now sophtron-sync\n",
        "loginctl enable-linger",
        &format!("Keep a copy of {}", home.path(IDENTITY).display()),
    ] {
        assert!(told.out.contains(words), "{words} in {}", told.out);
    }
    assert!(!told.out.contains("--config") && !told.out.contains("Environment="), "{}", told.out);
    for line in told.out.lines().chain(told.err.lines()) {
        let path = line.contains(&home.folder.path().display().to_string());
        assert!(path || line.chars().count() < 80, "{line}");
    }
    for (name, bits) in [(CONFIG, 0o600), (IDENTITY, 0o600), (CREDENTIALS, 0o600)] {
        assert_eq!(mode(&home, name), bits, "{name}");
    }
    assert_eq!(mode(&home, ".config/sophtron-sync/credentials"), 0o700);
    let text = home.read(CONFIG);
    assert!(text.contains("start_date = 2025-11-01\n"), "{text}");
    assert_eq!(text.matches("balance_sign = \"auto\"\n").count(), 1, "{text}");
    home.run(&["check"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    let files = home.read("finance/bank/accounts.csv");
    assert!(files.contains("1231.60") && files.contains("5012.50"), "{files}");
    assert!(home.read("finance/bank/all.ledger").contains("include"));
}

#[test]
fn run_again_it_changes_nothing_and_says_how_to_go_on() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    init(&home, &user_id, &key, &[]).ends_with(0);
    let before = home.tree(".config");
    let calls = home.bank.calls().len();
    let go_on = |words: &str| {
        let again = init(&home, &user_id, &key, &[]).ends_with(1).err;
        assert!(again.contains("is there already; nothing was changed"), "{again}");
        assert!(again.contains(words), "{again}");
        // Without an answer either: nothing is asked first.
        assert_eq!(home.run_typing(&["init"], &[]).ends_with(1).err, again);
    };
    go_on("`sophtron-sync accounts`");
    assert_eq!(home.tree(".config"), before);
    std::fs::remove_file(home.path(CREDENTIALS)).expect("there");
    go_on("`sophtron-sync credentials set smith`");
    std::fs::remove_file(home.path(IDENTITY)).expect("there");
    go_on("`sophtron-sync keygen`");
    home.write(CONFIG, "x");
    go_on("`sophtron-sync check --offline`");
    assert_eq!(home.read(CONFIG), "x");
    assert_eq!(home.bank.calls().len(), calls);
}

#[test]
fn what_is_there_is_used_and_never_overwritten() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    std::fs::create_dir_all(home.path(".config/sophtron-sync/credentials")).expect("folders");
    home.run(&["keygen", IDENTITY]).ends_with(0);
    let identity = home.read(IDENTITY);
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(home.path(IDENTITY), open).expect("a mode");
    let refused = init(&home, &user_id, &key, &[]).ends_with(78).err;
    assert!(refused.contains("chmod 600"), "{refused}");
    std::fs::set_permissions(home.path(IDENTITY), std::fs::Permissions::from_mode(0o600))
        .expect("");
    home.write(CREDENTIALS, "mine");
    let refused = init(&home, &user_id, &key, &[]).ends_with(77).err;
    assert!(refused.contains("smith.age: this is no age-encrypted text"), "{refused}");
    assert!(refused.contains("move") && refused.contains("another family name"), "{refused}");
    assert!(!home.path(CONFIG).exists());
    std::fs::remove_file(home.path(CREDENTIALS)).expect("there");
    init(&home, &user_id, &key, &[]).ends_with(0);
    assert_eq!(home.read(IDENTITY), identity);
    // As after an end between the credentials and the configuration.
    let credentials = home.read(CREDENTIALS);
    std::fs::remove_file(home.path(CONFIG)).expect("there");
    let other = home.bank.edit(|world| {
        world.add_user("jones");
        (world.users[1].id.clone(), world.users[1].access_key.clone())
    });
    let refused = init(&home, &other.0, &other.1, &[]).ends_with(1).err;
    assert!(refused.contains("holds another pair"), "{refused}");
    init(&home, &user_id, &key, &[]).ends_with(0);
    assert_eq!((home.read(IDENTITY), home.read(CREDENTIALS)), (identity, credentials));
    home.run(&["sync"]).ends_with(0);
}

/// What a biller says is owed to it, also where nobody is asked.
#[test]
fn a_bill_is_owed() {
    let mut world = World::new(day("2026-03-04"));
    let biller = world.add_user("smith").add_login("City Water");
    biller.add_account("Water").kind("Utility").fixed_balance = Some("31.20".to_owned());
    let home = Home::beside(world);
    let (user_id, key) = pair(&home);
    init(&home, &user_id, &key, &[]).ends_with(0);
    let text = home.read(".config/sophtron-sync/sophtron-sync.toml");
    assert!(text.contains("ledger = \"Liabilities:City Water:Account "), "{text}");
    assert!(text.contains("balance_sign = \"owed\"\n"), "{text}");
    home.run(&["sync"]).ends_with(0);
    assert!(home.run(&["status"]).out.contains("-31.20 USD"));
}

/// A bank that was connected anew beside its old login lists everything twice.
#[test]
fn an_account_that_two_logins_list_is_linked_once() {
    for number in [Some("xxx4417"), None] {
        let mut world = World::new(day("2026-03-04"));
        let user = world.add_user("smith");
        for _ in 0..2 {
            let account = user.add_login("First Harbor Bank").add_account("Everyday");
            number.unwrap_or_default().clone_into(&mut account.number);
            account.opening("10.00").add_row("2026-03-01", "-1.00", "ONE");
        }
        let home = Home::beside(world);
        let (user_id, key) = pair(&home);
        let told = init(&home, &user_id, &key, &[]).ends_with(0).err;
        assert!(told.contains("seems to be first-harbor-bank-checking"), "{told}");
        let text = home.read(".config/sophtron-sync/sophtron-sync.toml");
        assert_eq!(text.matches("[[family.account]]").count(), 1, "{text}");
    }
}

#[test]
fn a_bank_whose_accounts_do_not_come_is_left_out_and_told() {
    let mut world = three_accounts(day("2026-03-04"));
    let fresh = world.users[0].add_login("Fresh Bank");
    fresh.add_account("Later").opening("1.00");
    let id = fresh.id.clone();
    world.fault(Fault::Status(404)).on(Endpoint::Accounts).about(&id);
    let home = Home::beside(world);
    std::fs::remove_file(home.path("identity.txt")).expect("a test's own");
    let (user_id, key) = pair(&home);
    let told = init(&home, &user_id, &key, &[]).ends_with(0).err;
    assert!(told.contains(&format!("Fresh Bank, login {id}: ")), "{told}");
    assert!(told.contains("its accounts are left out"), "{told}");
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(World::lift_faults);
    let listed = home.run(&["accounts"]).ends_with(0).out;
    assert_eq!(listed.matches("linked as ").count(), 3, "{listed}");
    assert!(listed.contains("Later"), "{listed}");
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    let wrong = key.replacen(|c: char| c.is_alphabetic(), "A", 1).replacen('a', "b", 1);
    let before = everything(&home);
    let told = init(&home, &user_id, &wrong, &[]).ends_with(77).err;
    assert!(told.contains("refused the credentials (401)"), "{told}");
    assert!(told.contains("nothing was written") && !told.contains("credentials set"), "{told}");
    for (user_id, key, code, words) in [
        (&*user_id, "not base64", 77, "access_key is not base64"),
        ("no id!", &*key, 77, "user_id has a character"),
        (&*user_id, "", 2, "no access key came on stdin"),
    ] {
        let told = init(&home, user_id, key, &[]).ends_with(code).err;
        assert!(told.contains(words), "{told}");
    }
    for (flags, code, words) in [
        (vec!["--base-url", "http://example.org"], 2, "without https"),
        (vec!["--base-url", "http://127.0.0.1:1/api"], 69, "cannot be connected to"),
        (vec!["--start-date", "2027-01-01"], 2, "is yet to come"),
        (vec!["--output-dir", "/dev/null/bank"], 74, "no folder"),
        (vec!["--output-dir", ".local/state"], 2, "state_dir"),
        (vec!["--config", "/dev/null/x.toml"], 74, "no folder"),
        (vec!["--config", "/proc/none/x.toml"], 74, "/proc"),
    ] {
        let replaced = flags[0] == "--base-url";
        let ran = if replaced {
            let mut args = vec!["init", "--yes", "--family", "smith", "--user-id", &user_id];
            args.extend(["--key-stdin"]);
            args.extend(&flags);
            home.run_with(&args, &key)
        } else {
            init(&home, &user_id, &key, &flags)
        };
        let told = ran.ends_with(code).err;
        assert!(told.contains(words), "{flags:?}: {told}");
        assert!(!told.contains("sophtron-sync.toml:"), "no line of a file that is not: {told}");
    }
    for (endpoint, code) in [(Endpoint::Logins, 69), (Endpoint::Accounts, 69)] {
        home.bank.edit(|world| {
            world.fault(Fault::Answer(500, b"no".to_vec())).on(endpoint);
        });
        init(&home, &user_id, &key, &[]).ends_with(code);
        home.bank.edit(|world| world.rules.clear());
    }
    assert_eq!(everything(&home), before);
}

/// A disk that is full: no file may be longer than nothing, than an identity, than credentials.
#[test]
fn a_write_that_fails_takes_the_others_back() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    home.write("key", &key);
    let before = everything(&home);
    for blocks in ["0", "1", "2"] {
        let mut shell = std::process::Command::new("sh");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_sophtron-sync")]);
        shell.args(["init", "--yes", "--family", "smith", "--user-id", &user_id, "--key-stdin"]);
        shell.args(["--base-url", &home.bank.base_url()]);
        shell.current_dir(home.folder.path()).env_clear().env("HOME", home.folder.path());
        shell.env("SOPHTRON_SYNC_CONFIG", home.path(CONFIG));
        shell.stdin(std::fs::File::open(home.path("key")).expect("there"));
        let ran = shell.output().expect("it runs");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(74), "{told}");
        assert!(told.contains("cannot write"), "{told}");
        assert_eq!(everything(&home), before);
    }
}

#[test]
fn without_a_terminal_the_missing_flags_are_named() {
    let home = empty_home();
    let before = everything(&home);
    let refused = |args: &[&str]| home.run(&[&["init"], args].concat()).ends_with(2).err;
    let all = refused(&[]);
    assert!(all.contains("pass --yes --family NAME --user-id ID --key-stdin too"), "{all}");
    assert!(all.contains("there is no terminal to ask at"), "{all}");
    let one = refused(&["--yes", "--family", "smith", "--user-id", "x"]);
    assert!(one.contains("pass --key-stdin too"), "{one}");
    let yes = refused(&["--family", "smith", "--user-id", "x", "--key-stdin"]);
    assert!(yes.contains("pass --yes too"), "{yes}");
    let asked = home.run_typing(&["init", "--yes"], &[]).ends_with(2).err;
    assert!(asked.contains("pass --family NAME --user-id ID --key-stdin too"), "{asked}");
    assert_eq!(everything(&home), before);
}

#[test]
fn answers_change_what_is_proposed() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    let url = home.bank.base_url();
    let typed = [
        ("Name of the family", "Smith"),
        ("Name of the family", "smith"),
        ("user id", &*user_id),
        ("access key", "bm90IHRoZSByaWdodCBrZXk="),
        ("user id", &user_id),
        ("access key", &key),
        ("Take these", "no"),
        ("Joint Checking", "1"),
        ("name", "daily money"),
        ("name", "daily"),
        ("type", "0"),
        ("ledger", "Assets:  Daily"),
        ("ledger", "Assets:Daily"),
        ("Rainy Day", "2"),
        ("Visa", "1"),
        ("name", "daily"),
        ("name", "visa"),
        ("type", "1"),
        ("ledger", "Assets:Daily"),
        ("ledger", "Liabilities:Visa"),
        ("Where do the files go", "~/money"),
        ("From which day on", "soon"),
        ("From which day on", "2026-01-01"),
        ("in a journal of yours", "1"),
        ("daily: its last day there", "2026-02-30"),
        ("daily: its last day there", "2026-02-15"),
        ("Another one", "0"),
        ("visa is at 840.55", "1"),
    ];
    let told = home.run_typing(&["init", "--base-url", &url], &typed).ends_with(0);
    let text = home.read(CONFIG);
    let (_, accounts) = text.split_once("[[family.account]]").expect("accounts");
    for line in [
        "name = \"daily\"\ntype = \"depository\"\nledger = \"Assets:Daily\"\nstart_date = 2026-02-16\nopening_entry = false\n",
        "name = \"visa\"\ntype = \"credit_card\"\nledger = \"Liabilities:Visa\"\nbalance_sign = \"owed\"\n",
    ] {
        assert!(accounts.contains(line), "{line} in {accounts}");
    }
    assert!(!accounts.contains("Rainy"), "{accounts}");
    assert!(text.contains("\nstart_date = 2026-01-01\n"), "{text}");
    assert!(home.path("money").is_dir());
    for words in ["a name is lower-case letters", "two spaces", "stands on line", "is no day"] {
        assert!(told.err.contains(words), "{words} in {}", told.err);
    }
    home.run(&["sync"]).ends_with(0);
    let card = home.read("money/smith/visa/2026.ledger");
    assert!(card.contains("-800.00 USD"), "{card}");
    let daily = home.read("money/smith/daily/2026.ledger");
    assert!(!daily.contains("Opening") && daily.contains("PAYROLL"), "{daily}");
}

/// How each of four balances is asked about, and what each answer writes.
#[test]
fn whatever_may_be_a_debt_is_asked_about_once() {
    let rows = [
        // What the bank says, the answer, the line of the configuration.
        ("Loan", "-500.00", "0", "Liabilities:", "balance_sign = \"auto\"\n"),
        ("Loan", "-500.00", "1", "Liabilities:", "balance_sign = \"signed\"\n"),
        ("Credit_Card", "20.00", "2", "Liabilities:", "balance_sign = \"signed\"\n"),
        ("Credit_Card", "-20.00", "2", "Liabilities:", "balance_sign = \"owed\"\n"),
        ("Utility", "31.20", "0", "Liabilities:", "balance_sign = \"owed\"\n"),
        ("Utility", "31.20", "1", "Assets:", ""),
        ("Utility", "-31.20", "0", "Assets:", "balance_sign = \"owed\"\n"),
        ("Utility", "-31.20", "1", "Liabilities:", ""),
        ("Gift", "31.20", "0", "Assets:", ""),
        ("Gift", "31.20", "1", "Liabilities:", "balance_sign = \"owed\"\n"),
    ];
    for (kind, balance, answer, root, line) in rows {
        let mut world = bank::World::new(day("2026-03-04"));
        let bank = world.add_user("smith").add_login("First Harbor Bank");
        let account = bank.add_account("Account").kind(kind);
        account.fixed_balance = Some(balance.to_owned());
        let home = Home::beside(world);
        let (user_id, key) = pair(&home);
        let typed = [
            ("Name of the family", "smith"),
            ("user id", &*user_id),
            ("access key", &key),
            ("Take these", "yes"),
            ("Where do the files go", "~/money"),
            ("From which day on", "2026-01-01"),
            ("in a journal of yours", "0"),
            (&*format!(" is at {balance} USD"), answer),
        ];
        let args = ["init", "--base-url", &home.bank.base_url()];
        home.run_typing(&args, &typed).ends_with(0);
        let text = home.read(CONFIG);
        let (_, block) = text.split_once("[[family.account]]\n").expect("an account");
        let (_, behind) = block.split_once("ledger = \"").expect("a ledger account");
        let told = format!("{kind} at {balance}, {answer}: {block}");
        assert!(behind.starts_with(root), "{told}");
        assert_eq!(behind.split_once('\n').expect("a line").1, line, "{told}");
    }
}

#[test]
fn an_end_at_any_question_leaves_nothing() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    let url = home.bank.base_url();
    let all = [
        ("Name of the family", "smith"),
        ("user id", &*user_id),
        ("access key", &key),
        ("Take these", "yes"),
        ("Where do the files go", "~/money"),
        ("From which day on", "2026-01-01"),
        ("in a journal of yours", "0"),
    ];
    let before = everything(&home);
    for answered in 0..=all.len() {
        let args = ["init", "--base-url", &url];
        let told = home.run_typing(&args, &all[..answered]).ends_with(2).err;
        assert!(
            told.contains("nothing was typed") && told.contains("nothing was written"),
            "{told}"
        );
        assert_eq!(everything(&home), before);
    }
}

#[test]
fn a_family_without_an_account_is_told_how_to_connect_one() {
    let mut world = bank::World::new(day("2026-03-04"));
    world.add_user("smith");
    let home = Home::beside(world);
    let (user_id, key) = pair(&home);
    let told = init(&home, &user_id, &key, &["--output-dir", "bank"]).ends_with(0);
    assert!(told.out.contains("\n  sophtron-sync connect smith\n"), "{}", told.out);
    assert!(told.err.contains("No account is behind these credentials yet"), "{}", told.err);
    assert!(!home.read(CONFIG).contains("[[family.account]]\n"));
    assert!(home.read(CONFIG).contains(&format!("\"{}\"", home.path("bank").display())));
    home.run(&["sync"]).ends_with(0);
}

#[test]
fn accounts_that_were_all_left_out_can_be_linked_later() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    let typed = [
        ("Name of the family", "smith"),
        ("user id", &*user_id),
        ("access key", &key),
        ("Take these", "no"),
        ("Joint Checking", "2"),
        ("Rainy Day", "2"),
        ("Visa", "2"),
        ("Where do the files go", "money"),
        ("From which day on", "2026-01-01"),
    ];
    let told = home.run_typing(&["init", "--base-url", &home.bank.base_url()], &typed).ends_with(0);
    assert!(told.out.contains("\n  sophtron-sync accounts smith\n"), "{}", told.out);
    assert!(!told.out.contains("connect"), "{}", told.out);
    let listed = home.run(&["accounts"]).ends_with(0).out;
    assert_eq!(listed.matches("    sophtron-sync link smith ").count(), 3, "{listed}");
}

#[test]
fn elsewhere_every_next_command_names_the_configuration() {
    let home = empty_home();
    let (user_id, key) = pair(&home);
    let told = init(&home, &user_id, &key, &["--config", "my place/x.toml"]).ends_with(0).out;
    let path = home.path("my place/x.toml").display().to_string();
    assert!(told.contains(&format!("\n  sophtron-sync --config '{path}' sync\n")), "{told}");
    assert!(told.contains(&format!("Environment=\"SOPHTRON_SYNC_CONFIG={path}\"\n")), "{told}");
    let again = init(&home, &user_id, &key, &["--config", "my place/x.toml"]).ends_with(1).err;
    assert!(again.contains(&format!("`sophtron-sync --config '{path}' accounts`")), "{again}");
    home.run(&["--config", "my place/x.toml", "check"]).ends_with(0);
}
