use std::path::Path;

use super::super::{Env, preview};
use super::*;

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn new_account() -> NewAccount {
    NewAccount {
        id: AccountId::new("NEW-1"),
        login: Some(LoginId::new("login-1")),
        name: name("new-one"),
        kind: AccountType::CreditCard,
        ledger: "Liabilities:Café \"New\"".to_owned(),
        currency: None,
        start_date: crate::domain::civil_day("2026-02-01"),
        balance_sign: Some(BalanceSign::Owed),
        opening_entry: false,
    }
}

/// Links and unlinks; gives what stood in between.
fn there_and_back(text: &str, family: &str) -> String {
    let family = name(family);
    let linked = add_account(text, &family, &new_account()).unwrap_or_else(|| panic!("{text}"));
    let config = preview(&linked, Path::new("/nowhere/sophtron-sync.toml"), &env());
    let config = config.unwrap_or_else(|error| panic!("{error}\n{linked}"));
    let before = preview(text, Path::new("/nowhere/sophtron-sync.toml"), &env());
    let before = before.unwrap_or_else(|error| panic!("{error}\n{text}"));
    for (now, then) in config.families.iter().zip(&before.families) {
        let mut accounts = now.family.accounts.clone();
        if now.family.name == family {
            let added = accounts.pop().expect("one");
            assert_eq!((added.id, added.name), (new_account().id, new_account().name));
            assert_eq!(added.ledger, new_account().ledger);
        }
        assert_eq!(accounts, then.family.accounts, "{linked}");
    }
    let back = remove_account(&linked, &family, &new_account().name).expect("it is there");
    let lines = |text: &str| -> Vec<String> {
        let said = text.split_inclusive('\n').filter(|line| !line.trim().is_empty());
        said.map(str::to_owned).collect()
    };
    assert_eq!(lines(&back), lines(text), "\n{text}\n--- linked:\n{linked}\n--- back:\n{back}");
    linked
}

fn env() -> Env {
    Env::from_pairs([("HOME", "/nowhere")])
}

const TOP: &str = "output_dir = \"/nowhere/bank\" # files\n";

#[test]
fn an_account_goes_below_its_family_and_out_again() {
    let text = format!(
        "{TOP}\n[[family]]\nname = \"smith\"\ncredentials_file = \"s.age\"\n\n# mine\n[sync]\n"
    );
    let linked = there_and_back(&text, "smith");
    let block = "credentials_file = \"s.age\"\n\n[[family.account]]\nid = \"new-1\"\n\
        login = \"login-1\"\nname = \"new-one\"\ntype = \"credit_card\"\n\
        ledger = 'Liabilities:Café \"New\"'\nstart_date = 2026-02-01\n\
        balance_sign = \"owed\"\nopening_entry = false\n\n# mine\n";
    assert!(linked.contains(block), "{linked}");
    let back = remove_account(&linked, &name("smith"), &name("new-one"));
    assert_eq!(back.as_deref(), Some(&*text));
}

#[test]
fn lists_of_inline_tables_keep_their_form() {
    let one = "{ id = \"a\", name = \"a\", type = \"other\", ledger = \"A\" }";
    for list in [
        "[]".to_owned(),
        "[ ]".to_owned(),
        "[ # none, yet\n]".to_owned(),
        format!("[{one}]"),
        format!("[ {one}, ]"),
        format!("[\n  {one}\n]"),
        format!("[\n  {one}, # mine, too\n]"),
        format!("[\n\t{one} # a, b\n\t# and more\n]"),
        format!("[{one},\n]"),
    ] {
        let family = "name = \"smith\"\ncredentials_file = \"s.age\"\n";
        let text = format!("{TOP}[[family]]\n{family}account = {list} # end\n");
        let linked = there_and_back(&text, "smith");
        let back = remove_account(&linked, &name("smith"), &name("new-one"));
        assert_eq!(back.as_deref(), Some(&*text), "\n{linked}");
        let text = format!(
            "{TOP}family = [{{ name = \"smith\", credentials_file = \"s.age\", account = {list} }}]\n"
        );
        let linked = there_and_back(&text, "smith");
        let back = remove_account(&linked, &name("smith"), &name("new-one"));
        assert_eq!(back.as_deref(), Some(&*text), "\n{linked}");
    }
    let text = format!("{TOP}family = [{{ name = \"smith\", credentials_file = \"s.age\" }}]");
    let linked = there_and_back(&text, "smith");
    let back = remove_account(&linked, &name("smith"), &name("new-one"));
    assert_eq!(back.as_deref(), Some(&*text));
}

#[test]
fn comments_on_lines_of_their_own_outlive_an_account() {
    let text = format!(
        "{TOP}[[family]]\nname = \"smith\"\ncredentials_file = \"s.age\"\n# dad's\n[[family.account]]\n\
         id = \"a\"\n# asked the bank\nname = \"a\" # gone\n"
    );
    let left = remove_account(&text, &name("smith"), &name("a")).expect("it is there");
    assert!(left.ends_with("s.age\"\n# dad's\n# asked the bank\n"), "{left}");
    assert_eq!(remove_account(&text, &name("smith"), &name("b")), None);
    assert_eq!(remove_account(&text, &name("jones"), &name("a")), None);
    assert_eq!(add_account(&text, &name("jones"), &new_account()), None);
    assert_eq!(add_account("= 1", &name("smith"), &new_account()), None);
}

/// A configuration as somebody may have typed it.
fn typed(random: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    let end = |random: &mut fastrand::Rng| {
        ["\n", "\n", "  \n", " # so, [be] it\n", "\t#\"\n", "\n\n", "\n# a line = [[family]]\n"]
            [random.usize(..7)]
    };
    let equals = |random: &mut fastrand::Rng| [" = ", "=", "  =\t", " ="][random.usize(..4)];
    let mut line = |random: &mut fastrand::Rng, key: &str, value: &str| {
        let indent = ["", "", "  ", "\t"][random.usize(..4)];
        let line = [indent, key, equals(random), value, end(random)].concat();
        text.push_str(&line);
    };
    line(random, "output_dir", "\"/nowhere/bank\"");
    if random.bool() {
        line(random, "sync.refresh", "'never'");
    }
    let header = |random: &mut fastrand::Rng, name: &str| match random.usize(..3) {
        0 => format!("[[{name}]]"),
        1 => format!("[[ {} ]]", name.replace('.', " . ")),
        _ => format!("[[{name}]] # here"),
    };
    let mut all = text.clone();
    let families = random.usize(1..4);
    for family in 0..families {
        all.push_str(&header(random, "family"));
        all.push_str(end(random));
        let mut part = String::new();
        let put = |part: &mut String, random: &mut fastrand::Rng, key: &str, value: &str| {
            part.push_str(&[key, equals(random), value, end(random)].concat());
        };
        put(&mut part, random, "name", &format!("'f{family}'"));
        put(&mut part, random, "\"credentials_file\"", "\"x.age\"");
        if random.bool() {
            put(&mut part, random, "hooks.on_change", "[ '/bin/true', # it\n 'x' ]");
        }
        let form = random.usize(..3);
        let accounts = random.usize(..3);
        let id = |account: usize| format!("f{family}a{account}");
        if form == 0 {
            let one = |account: usize| {
                let id = id(account);
                format!("{{id='{id}',name = \"{id}\", type=\"other\" , ledger='A:{id}'}}")
            };
            let all: Vec<String> = (0..accounts).map(one).collect();
            let between = [", ", ",\n  ", " ,# so\n\t"][random.usize(..3)];
            let begin = ["", " ", "\n  ", " # list\n"][random.usize(..4)];
            let comma = if accounts == 0 { "" } else { ["", ",", " , # x"][random.usize(..3)] };
            let stop = if comma.contains('#') { "\n" } else { ["", " ", "\n"][random.usize(..3)] };
            let list = format!("[{begin}{}{comma}{stop}]", all.join(between));
            put(&mut part, random, "account", &list);
        } else {
            for account in 0..accounts {
                part.push_str(&header(random, "family.account"));
                part.push_str(end(random));
                let id = id(account);
                put(&mut part, random, "id", &format!("'{id}'"));
                put(&mut part, random, "name", &format!("\"{id}\""));
                put(&mut part, random, "type", "\"\"\"other\"\"\"");
                put(&mut part, random, "'ledger'", &format!("'A:{id}'"));
            }
        }
        all.push_str(&part);
        if random.usize(..4) == 0 {
            all.push_str("[files]\nmode = '0640'\n".repeat(usize::from(family == 0)).as_str());
        }
    }
    finished(all, random)
}

fn finished(mut text: String, random: &mut fastrand::Rng) -> String {
    if random.bool() {
        text.truncate(text.trim_end().len());
    }
    if random.usize(..3) == 0 {
        text = text.replace('\n', "\r\n");
    }
    if random.usize(..6) == 0 { format!("{BOM}{text}") } else { text }
}

#[test]
fn whatever_the_owner_typed_stays_as_it_was() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let text = typed(&mut random);
        let linked = there_and_back(&text, "f0");
        if text.contains("\r\n") {
            assert!(!linked.replace("\r\n", "").contains('\n'), "{linked:?}");
        }
    }
}
