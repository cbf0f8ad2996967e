//! No secret of a request, and nothing that an answer echoes, gets into an error or a log.

use std::io;
use std::sync::{Arc, Mutex};

use sophtron_sync::sophtron::Patience;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::scripted::{Reply, Server, answer, json, status};
use super::{KEY, USER, accounts, login, smith};

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that is secret about a request, and what a hostile answer might echo.
const CANARIES: [&str; 6] = [
    USER,
    KEY,
    "rdGY2rhu2OV5QwwTLrfuT1W3Nv5r7FZTvOrK2KGByR8=",
    "XNXDM55S+NSIFWWKlEiVL1RSeSDOfqf3RKR1cTP4Nuw=",
    "FIApiAUTH",
    "echoed-secret",
];

#[tokio::test]
async fn no_secret_is_in_an_error_or_in_the_finest_log() {
    let log = Log::default();
    let writer = log.clone();
    let guard = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish()
        .set_default();
    let echo = format!("{USER} {KEY} echoed-secret");
    let mut told = String::new();
    for reply in [
        json("[]"),
        json(&format!("{{\"{echo}\":\"{echo}\"}}")),
        json(&format!("[{{\"{echo}\":1,\"{echo}\":2}}]")),
        answer("200 OK", "Content-Type: echoed-secret\r\n", echo.as_bytes()),
        answer("500 Oops", &format!("Retry-After: {USER}\r\n"), echo.as_bytes()),
        answer("401 Unauthorized", "", echo.as_bytes()),
        status("302 Found", &format!("Location: http://{USER}.example/echoed-secret\r\n")),
        Reply::Reset,
        Reply::Bytes(echo.clone().into_bytes()),
    ] {
        let client = Server::start(vec![reply]).await.client();
        for error in [
            client.check_credentials().await.err(),
            client.logins(&Patience::new()).await.err(),
            accounts(&client).await.err(),
            client.start_refresh(&login()).await.err(),
        ] {
            told += &error
                .map(|error| format!("{error} {error:?} {:?}\n", error.fault(&smith())))
                .unwrap_or_default();
        }
    }
    drop(guard);
    let logged = String::from_utf8_lossy(&log.0.lock().expect("no panic")).into_owned();
    assert!(logged.contains("/UserInstitution/GetUserInstitutionAccounts"), "{logged}");
    assert!(logged.contains("TRACE") || logged.contains("starting new connection"), "{logged}");
    for canary in CANARIES {
        assert!(!told.contains(canary), "{canary} in {told}");
        assert!(!logged.contains(canary), "{canary} in {logged}");
    }
    for word in ["Err(", "reqwest", "hyper", "serde", "os error"] {
        assert!(!told.contains(word), "{word} in {told}");
    }
}
