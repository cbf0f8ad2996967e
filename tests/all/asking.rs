//! Questions to whoever sits at the terminal.

use crate::first_light::{families, one_account};
use crate::home::Home;

#[test]
fn credentials_are_asked_for_at_a_terminal() {
    let home = Home::beside(one_account());
    home.configure(&families(&home, "2026-01-01"));
    let pair = home.bank.edit(|world| {
        let user = &world.users[0];
        (user.name.clone(), user.id.clone(), user.access_key.clone())
    });
    let set = ["credentials", "set", &pair.0];
    let typed = [("user id", pair.1.as_str()), ("access key", pair.2.as_str())];
    home.run_typing(&set, &typed).ends_with(0);
    home.run(&["credentials", "check", &pair.0]).ends_with(0);
    let ended = home.run_typing(&set, &typed[..1]).ends_with(2);
    assert!(ended.err.contains("nothing was typed"), "{}", ended.err);
}
