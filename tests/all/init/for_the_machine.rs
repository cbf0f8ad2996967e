//! `init` by root, for the machine's service: on an /etc, a /srv and a /var/lib of the test's own.

use std::process::{Command, Stdio};

use super::{pair, three_accounts};
use crate::daemon::process::today;
use crate::home::Home;

/// Puts empty folders over the real ones, in a mount namespace, with the service's user in them.
const MACHINE: &str = "\
set -e
mkdir over && mount -t tmpfs none over && mkdir over/etc over/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=over/etc,workdir=over/work /etc
mount -t tmpfs -o mode=755 none /srv
mount -t tmpfs -o mode=755 none /var/lib
echo 'sophtron-sync:x:54321:54321::/var/lib/sophtron-sync:/usr/sbin/nologin' >> /etc/passwd
echo 'sophtron-sync:x:54321:' >> /etc/group
";

#[test]
fn root_makes_what_the_service_can_use_and_nothing_of_its_own() {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        // Whoever is not root sets up the own folder, which the other tests tell of.
        return;
    }
    let home = Home::beside(three_accounts(today()));
    let (user_id, key) = pair(&home);
    home.write("key", &key);
    let script = format!(
        "{MACHINE}
        \"$0\" init --yes --family smith --user-id {user_id} --key-stdin --base-url {} < key
        cd /etc/sophtron-sync
        stat -c '%a %U:%G %n' . * credentials/* /srv/finance /srv/finance/bank /var/lib/sophtron-sync
        \"$0\" sync > /dev/null
        find /srv/finance/bank /var/lib/sophtron-sync ! -user sophtron-sync",
        home.bank.base_url()
    );
    let ran = Command::new("unshare")
        .args(["--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_sophtron-sync")])
        .current_dir(home.folder.path())
        .env_clear()
        .env("HOME", home.folder.path())
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    let (said, made) = out.split_once("750 root:sophtron-sync .\n").expect(&out);
    assert_eq!(
        made,
        "750 root:sophtron-sync credentials\n\
         600 root:sophtron-sync identity.txt\n\
         640 root:sophtron-sync sophtron-sync.toml\n\
         640 root:sophtron-sync credentials/smith.age\n\
         755 root:root /srv/finance\n\
         750 sophtron-sync:sophtron-sync /srv/finance/bank\n\
         700 sophtron-sync:sophtron-sync /var/lib/sophtron-sync\n"
    );
    for words in [
        "\n  sophtron-sync sync\n",
        "\n  systemctl edit sophtron-sync, and write there:\n      [Service]\n      \
         LoadCredential=identity:/etc/sophtron-sync/identity.txt\n      \
         ReadWritePaths=/srv/finance/bank\n",
        "\n  systemctl enable --now sophtron-sync\n",
        "\n  include /srv/finance/bank/all.ledger\n",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(!said.contains("--user"), "{said}");
}
