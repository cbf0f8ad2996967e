//! What the documents say is true: commands parse, files exist, pictures are what comes out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bank::{BalanceSign, World, day, family_toml};
use crate::home::Home;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|_| panic!("no {name}"))
}

/// Every file of the sources.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("it").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.into_iter().chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

/// The commands that a text names: from the program's name to the end of the line, of the quote or
/// of the command. A `{family}` of a message is one.
fn commands(text: &str) -> Vec<String> {
    let ends = ['`', '>', '|', '&', '#', ';', '"', '\n'];
    let begins = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '-');
    let after = text.split("sophtron-sync ").skip(1).filter(begins);
    after
        .map(|rest| rest.split(ends).next().unwrap_or_default().trim())
        .map(|command| match command {
            // A message that does not know the family says so in words.
            "credentials set" => "credentials set smith".to_owned(),
            _ => command
                .replace("{family}", "smith")
                .replace("{name}", "smith")
                .replace("{account}", "visa"),
        })
        .collect()
}

/// The commands of a source, which stand in backquotes.
fn quoted_commands(text: &str) -> Vec<String> {
    let quoted = text.split("`sophtron-sync ").skip(1);
    quoted.flat_map(|rest| commands(&format!("sophtron-sync {rest}")).into_iter().take(1)).collect()
}

#[test]
fn every_command_that_is_named_is_one() {
    let mut named = Vec::new();
    named.extend(commands(&blocks(&read("README.md"))));
    for document in ["README.md", "CHANGELOG.md", "sophtron-sync.toml.example"] {
        named.extend(quoted_commands(&read(document)));
    }
    for source in sources(&Path::new(ROOT).join("src")) {
        named.extend(quoted_commands(&fs::read_to_string(source).expect("text")));
    }
    named.sort();
    named.dedup();
    assert!(named.len() > 10, "{named:?}");
    let mut home = Home::beside(World::new(day("2026-03-06")));
    // Not that of the machine, which may have one.
    home.variables.push(("SOPHTRON_SYNC_CONFIG".to_owned(), "none.toml".to_owned()));
    for command in named {
        let ran = home.run(&command.split_whitespace().collect::<Vec<_>>());
        // Without a configuration nothing that parses goes further, nor what asks without a terminal.
        let asks = command == "init" && ran.err.contains("there is no terminal to ask at");
        assert!(ran.code != 2 || asks, "sophtron-sync {command}: {}", ran.err);
    }
}

/// A message is typed as it stands: what it names is the owner's own family, not a word for one.
#[test]
fn no_command_of_a_message_holds_a_word_that_stands_for_a_family() {
    for source in sources(&Path::new(ROOT).join("src")) {
        let text = fs::read_to_string(&source).expect("text");
        let is_told = |line: &&str| !line.trim_start().starts_with("//");
        for line in text.lines().filter(is_told) {
            let mut quoted = line.split('`').skip(1).step_by(2);
            let stands_for = quoted.find(|words| words.contains("FAMILY"));
            assert_eq!(stands_for, None, "{}: {line}", source.display());
            let commands = line.split("sophtron-sync ").skip(1);
            let bare = commands.map(|rest| rest.split(';').next().unwrap_or_default());
            let stands_for = bare.into_iter().find(|command| command.contains("FAMILY"));
            assert_eq!(stands_for, None, "{}: {line}", source.display());
        }
    }
}

/// The blocks of code of a document.
fn blocks(text: &str) -> String {
    text.split("```").skip(1).step_by(2).collect::<Vec<_>>().join("\n")
}

/// What stands in backquotes outside of those blocks.
fn spans(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Where the links of a document lead to.
fn links(text: &str) -> Vec<String> {
    let behind = text.split("](").skip(1);
    behind.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

#[test]
fn every_file_of_the_project_that_is_named_is_there() {
    let readme = read("README.md");
    let folders = ["tests/", "examples/", "src/", ".ci/"];
    let mut named = spans(&readme);
    named.retain(|name| folders.iter().any(|folder| name.starts_with(folder)));
    named.extend(links(&readme).into_iter().filter(|link| !link.starts_with("https://")));
    assert!(named.len() > 4, "{named:?}");
    for name in named {
        let path = name.split(' ').next().unwrap_or_default();
        assert!(Path::new(ROOT).join(path).exists(), "README.md names {name}");
    }
}

/// A family with a few rows, synced.
fn synced() -> Home {
    let mut world = World::seeded(day("2026-03-06"), 1);
    let bank = world.add_user("smith").add_login("First Harbor Bank");
    let checking = bank.add_account("Joint Checking").opening("1250.00");
    checking
        .add_row("2026-03-02", "-18.40", "POS 0417 GREEN GROCER #12")
        .merchant("Green Grocer")
        .category("Groceries");
    checking.add_row("2026-03-03", "-1450.00", "CHECK 1042").check_number("1042").memo("rent");
    checking.add_row("2026-03-05", "2980.37", "ACME CORP PAYROLL").category("Paycheck");
    checking.add_row("2026-03-06", "-6.25", "SQ *CORNER BAKERY").pending();
    let visa = bank.add_account("Visa").kind("Credit_Card").balance_sign(BalanceSign::Owed);
    visa.opening("-840.55").suggest("credit_card", "Liabilities:Visa", "USD");
    visa.add_row("2026-03-04", "-62.10", "CITY PARKING METER");
    let home = Home::beside(world);
    let url = home.bank.base_url();
    let start = day("2026-03-01");
    let family = home.bank.edit(|world| family_toml(world.user("smith"), &url, start));
    home.configure(&family);
    home.run(&["sync"]).ends_with(0);
    home
}

/// The pictures of a document: what a comment says of where it comes from, and the block below it.
fn pictures(text: &str) -> Vec<(String, String)> {
    let below = |rest: &str| {
        let (from, rest) = rest.split_once(" -->\n```")?;
        let (_, block) = rest.split_once('\n')?;
        let (block, _) = block.split_once("```")?;
        Some((from.to_owned(), block.to_owned()))
    };
    text.split("<!-- ").skip(1).filter_map(below).collect()
}

#[test]
fn the_pictures_are_what_comes_out() {
    let home = synced();
    let pictures = pictures(&read("README.md"));
    assert_eq!(pictures.len(), 2);
    for (from, shown) in pictures {
        let true_one = match from.strip_prefix("$ sophtron-sync ") {
            Some(command) => home.run(&command.split(' ').collect::<Vec<_>>()).ends_with(0).out,
            None => home.read(&from),
        };
        assert!(true_one == shown, "README.md, {from}: put this there:\n{true_one}");
    }
}

#[test]
fn every_output_file_of_the_table_is_written_and_the_reverse() {
    let home = synced();
    let readme = read("README.md");
    let (_, table) = readme.split_once("| file | what it is |\n").expect("the table of files");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let mut told: Vec<String> = table
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned()))
        .collect();
    told.sort();
    let written = home.tree("bank").into_iter().map(|(name, _, _)| name);
    let of_one_account = |name: &String| name != ".gitignore" && !name.starts_with("smith/visa/");
    let mut written: Vec<String> = written.filter(of_one_account).collect();
    // It tells of time, and so no tree has it.
    assert!(home.path("bank/status.html").exists());
    written.push("status.html".to_owned());
    written.sort();
    assert_eq!(told, written);
}
