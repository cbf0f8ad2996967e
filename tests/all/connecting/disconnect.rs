//! A login is deleted at the service, and nothing here.

use crate::bank::{Endpoint, Fault, Transport};
use crate::daemon::live;
use crate::home::Home;

use super::{NO_MFA, connect, home, logins};

fn connected() -> (Home, String) {
    let home = home();
    connect(&home, NO_MFA).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    let login = logins(&home).remove(0);
    (home, login)
}

#[test]
fn the_name_of_the_bank_is_typed_and_what_is_here_stays() {
    let (home, login) = connected();
    let (config, files) = (home.read("sophtron-sync.toml"), home.tree("bank"));
    let target = format!("smith/{}", &login[..8]);
    let other = home.run_answering(&["disconnect", &target], &[("type", "Another Bank")]);
    let other = other.ends_with(2);
    for words in ["Primary Checking …1234", "5 accounts", "stay here", "not the bank's name"] {
        assert!(other.err.contains(words), "{words}: {}", other.err);
    }
    assert_eq!(logins(&home).len(), 1);
    let typed = [("type the bank's name", "sophtron bank nomfa ")];
    let ran = home.run_answering(&["disconnect", &target], &typed).ends_with(0);
    assert!(ran.out.contains(&format!("login {login} is no more")), "{}", ran.out);
    let unlink = "    sophtron-sync unlink smith/sophtron-bank-nomfa-checking-1234\n";
    assert!(ran.out.contains(unlink), "{}", ran.out);
    assert_eq!(ran.out.matches("sophtron-sync unlink smith/").count(), 5);
    assert_eq!(logins(&home), [""; 0]);
    assert_eq!((home.read("sophtron-sync.toml"), home.tree("bank")), (config, files));
    home.run(&["export"]).ends_with(0);
    let again = home.run(&["disconnect", &format!("smith/{login}"), "--yes"]).ends_with(2);
    assert!(again.err.contains("has no login"), "{}", again.err);
    // The bank can be connected anew: its accounts go on, and none is offered as a new one.
    let config = home.read("sophtron-sync.toml");
    let anew = connect(&home, NO_MFA).ends_with(0).out;
    assert_eq!(logins(&home).len(), 1);
    let words = anew.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words.matches("`sophtron-sync relink smith ").count(), 5, "{anew}");
    assert_eq!(home.read("sophtron-sync.toml"), config);
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn a_script_says_yes_with_the_whole_id() {
    let (home, login) = connected();
    for (args, words) in [
        (vec!["disconnect", "smith"], "FAMILY/LOGIN"),
        (vec!["disconnect", "smith/nobody"], "has no login nobody"),
        (vec!["disconnect", "jones/nobody"], "no family"),
    ] {
        let told = home.run(&args).ends_with(2).err;
        assert!(told.contains(words), "{args:?}: {told}");
    }
    let whole = format!("smith/{login}");
    let account = "smith/sophtron-bank-nomfa-checking-1234";
    for target in [&whole[..12], account] {
        let told = home.run(&["disconnect", target, "--yes"]).ends_with(2).err;
        assert!(told.contains("--yes needs the whole id") && told.contains(&login), "{told}");
    }
    let told = home.run(&["disconnect", &whole]).ends_with(2).err;
    assert!(told.contains(&format!("sophtron-sync disconnect {whole} --yes")), "{told}");
    assert_eq!(home.bank.count(Endpoint::DeleteLogin), 0);
    home.run(&["disconnect", &whole, "--yes"]).ends_with(0);
    assert_eq!(logins(&home), [""; 0]);
}

#[test]
fn a_lost_answer_is_resolved_by_the_list() {
    for (fault, code, left) in [
        (Fault::Transport(Transport::ResetAtOnce), 0, 0),
        (Fault::Status(404), 1, 1),
        (Fault::Status(500), 69, 1),
        (Fault::Limited(None), 75, 1),
        (Fault::minus_one(), 0, 0),
        (Fault::empty_object(), 0, 0),
    ] {
        let told = format!("{fault:?}");
        let (home, login) = connected();
        home.bank.edit(|world| {
            world.fault(fault).on(Endpoint::DeleteLogin);
        });
        let ran = home.run(&["disconnect", &format!("smith/{login}"), "--yes"]);
        assert_eq!((ran.code, logins(&home).len()), (code, left), "{told}: {}", ran.err);
        assert!(!ran.err.contains("next sync") && !ran.err.contains("old data"), "{}", ran.err);
        assert_eq!(home.bank.count(Endpoint::DeleteLogin), 1, "{told}");
    }
}

#[test]
fn beside_a_daemon_it_asks_its_client() {
    let (home, login) = connected();
    let daemon = live::Daemon::start(&home);
    let target = format!("smith/{login}");
    home.run_answering(&["disconnect", &target], &[("type", "no")]).ends_with(2);
    home.run_answering(&["disconnect", &target], &[("type", NO_MFA)]).ends_with(0);
    assert_eq!(logins(&home), [""; 0]);
    let _ = daemon.stop();
}
