//! Edits take effect while it runs.

use super::{calls, families, home, started};

#[test]
fn another_format_is_written_without_a_request() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    home.bank.forget_calls();
    let names = families(&home, &["smith", "jones"]);
    home.reconfigure("refresh = \"never\"\n[files]\nformats = [\"csv\"]\n", &names);
    daemon.until("only csv is left", || !home.path("bank/all.ledger").exists());
    assert_eq!(calls(&home), 0);
    let _ = daemon.stop();
}
