//! The client over real HTTP, against a loopback server that answers as each test scripts it.

mod answers;
mod scripted;
mod secrets;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sophtron_sync::domain::{
    AccountId, Credentials, Exit, JobId, LoginId, Name, Sent, State, Verdict, civil_day,
    parse_decimal,
};
use sophtron_sync::sophtron::{Broken, Client, Error, Gate, Pace, Patience, Phase};
use tokio::net::TcpListener;

use scripted::{Reply, Server, answer, header, json, status};

const USER: &str = "11111111-2222-3333-4444-555555555555";
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

impl Server {
    fn client(&self) -> Client {
        self.client_at(Pace::quick())
    }

    fn client_at(&self, pace: Pace) -> Client {
        client(&self.base_url, pace)
    }
}

fn client(base_url: &str, pace: Pace) -> Client {
    let pair = Credentials::new(USER.to_owned().into(), KEY.to_owned().into());
    match Client::new(base_url, pair, Gate::new(), pace) {
        Ok(client) => client,
        Err(error) => panic!("{error}"),
    }
}

fn smith() -> Name {
    Name::parse("smith").expect("a name")
}

fn login() -> LoginId {
    LoginId::new("6F1D0C52-7a0b-4d4e-9f0e-0c1b2a3d4e5f")
}

/// Reads the list of accounts, the plainest of reads.
async fn accounts(client: &Client) -> Result<usize, Error> {
    client.accounts(&login(), &Patience::new()).await.map(|accounts| accounts.len())
}

/// The error of a read whose every answer is the same, and how many requests it cost.
async fn failing(reply: Reply) -> (Error, u64) {
    failing_at(Pace::quick(), reply).await
}

async fn failing_at(pace: Pace, reply: Reply) -> (Error, u64) {
    let client = Server::start(vec![reply]).await.client_at(pace);
    let error = accounts(&client).await.expect_err("no good answer");
    (error, client.calls())
}

#[tokio::test]
async fn every_call_is_signed_and_worded_as_the_service_documents() {
    let server = Server::start(vec![
        status("200 OK", ""),
        json("[]"),
        json(r#"{"InstitutionName":"First Bank"}"#),
        json("[]"),
        json("[]"),
        json(r#"{"JobID":"5D5B7A10-0000-4000-9000-0000000000AA"}"#),
        json(r#"{"JobID":"5d5b7a10-0000-4000-9000-0000000000aa","SuccessFlag":true}"#),
    ])
    .await;
    let (client, patience) = (server.client(), Patience::new());
    let day = |text| civil_day(text).expect("a day");
    client.check_credentials().await.expect("good");
    client.logins(&patience).await.expect("a list");
    let name = client.institution_name("b1", &patience).await.expect("a record");
    assert_eq!(name.as_deref(), Some("First Bank"));
    client.accounts(&login(), &patience).await.expect("a list");
    let account = AccountId::new("A3C9E1D4");
    let (from, until) = (day("2026-02-01"), day("2026-03-05"));
    client.rows(&account, from, until, &patience).await.expect("a list");
    let job = client.start_refresh(&login()).await.expect("an answer").expect("a job");
    assert_eq!(client.job(&job, &patience).await.expect("a record").verdict(), Verdict::Done);
    assert_eq!(client.calls(), 7);

    let expected = [
        (
            "GET /api/Institution/HealthCheckAuth",
            "1E2wnChHuRnUpuFESsVAu0AYKdVWcLnaNQsXGBsz7AM=",
            "",
        ),
        (
            "POST /api/UserInstitution/GetUserInstitutionsByUser",
            "XNXDM55S+NSIFWWKlEiVL1RSeSDOfqf3RKR1cTP4Nuw=",
            r#"{"UserID":"11111111-2222-3333-4444-555555555555"}"#,
        ),
        ("POST /api/Institution/GetInstitutionByID", "", r#"{"InstitutionID":"b1"}"#),
        (
            "POST /api/UserInstitution/GetUserInstitutionAccounts",
            "rdGY2rhu2OV5QwwTLrfuT1W3Nv5r7FZTvOrK2KGByR8=",
            r#"{"UserInstitutionID":"6f1d0c52-7a0b-4d4e-9f0e-0c1b2a3d4e5f"}"#,
        ),
        (
            "POST /api/Transaction/GetTransactionsByTransactionDate",
            "THYCaFHrzK5dF4xPP3Meh+NEpG9ea0D+dPGHnKShUpg=",
            r#"{"AccountID":"a3c9e1d4","EndDate":"2026-03-05","StartDate":"2026-02-01"}"#,
        ),
        (
            "POST /api/UserInstitution/RefreshUserInstitution",
            "",
            r#"{"UserInstitutionID":"6f1d0c52-7a0b-4d4e-9f0e-0c1b2a3d4e5f"}"#,
        ),
        (
            "POST /api/Job/GetJobInformationByID",
            "RgxqcnQGlS5xBpOdJqQQU1kxVP75n1yPQ/4T0p/VmSo=",
            r#"{"JobID":"5d5b7a10-0000-4000-9000-0000000000aa"}"#,
        ),
    ];
    let seen = server.seen();
    assert_eq!(seen.len(), expected.len());
    for (request, (line, signature, body)) in seen.iter().zip(expected) {
        let path = line.rsplit('/').next().expect("a path").to_lowercase();
        assert!(request.starts_with(&format!("{line} HTTP/1.1\r\n")), "{request}");
        let signed = header(request, "authorization").expect("signed");
        assert!(signed.starts_with(&format!("FIApiAUTH:{USER}:{signature}")), "{signed}");
        assert!(signed.ends_with(&format!("=:/{path}")), "{signed}");
        assert!(request.ends_with(&format!("\r\n\r\n{body}")), "{request}");
        let agent = concat!("sophtron-sync/", env!("CARGO_PKG_VERSION"));
        assert_eq!(header(request, "user-agent"), Some(agent));
        assert_eq!(header(request, "accept"), Some("application/json"));
        assert_eq!(header(request, "accept-encoding"), None);
        let json = (!body.is_empty()).then_some("application/json");
        assert_eq!(header(request, "content-type"), json);
    }
}

#[tokio::test]
async fn values_arrive_digit_for_digit() {
    let body = "\u{feff}{\"transactions\":[{\"transactionId\":\"T1\",\"Amount\":-12345678901234567890.10,\
        \"Balance\":1e2,\"TransactionDate\":\"2026-03-02T23:59:59+14:00\",\"Description\":\"\\ud83dx\",\"UserID\":\"u\"}]}";
    let wrong_type = answer("200 OK", "Content-Type: text/html\r\n", body.as_bytes());
    let client = Server::start(vec![wrong_type]).await.client();
    let day = civil_day("2026-03-02").expect("a day");
    let rows = client.rows(&AccountId::new("a"), day, day, &Patience::new()).await.expect("rows");
    let [row] = rows.as_slice() else { panic!("one row") };
    let amount = parse_decimal("-12345678901234567890.10").expect("plain");
    assert_eq!(row.amount, Sent::Value(amount));
    assert_eq!(amount.to_string(), "-12345678901234567890.10");
    assert_eq!(row.balance, Sent::Unusable("1e2".to_owned()));
    assert_eq!(row.transaction_date, Sent::Value(day));
    assert_eq!(row.description.as_deref(), Some("\u{fffd}x"));
    assert!(row.raw.contains("-12345678901234567890.10"));
    assert!(!row.raw.contains("UserID"));
}

#[tokio::test]
async fn the_health_check_is_judged_by_its_status_alone() {
    for body in ["", "Healthy", "\"Healthy\"", "<html>sorry</html>"] {
        let client = Server::start(vec![answer("200 OK", "", body.as_bytes())]).await.client();
        assert_eq!(client.check_credentials().await, Ok(()), "{body}");
    }
    let client = Server::start(vec![status("401 Unauthorized", "")]).await.client();
    let error = client.check_credentials().await.expect_err("rejected");
    assert!(matches!(error, Error::Rejected { .. }));
    assert_eq!((client.calls(), error.fault(&smith()).exit), (1, Exit::Owner));
}

#[tokio::test]
async fn each_bad_status_costs_as_many_requests_as_it_may() {
    for (line, calls, state, exit) in [
        ("400 Bad Request", 1, State::Failed, Exit::Trouble),
        ("401 Unauthorized", 1, State::Rejected, Exit::Owner),
        // The second one asks whether anything is allowed.
        ("403 Forbidden", 2, State::Rejected, Exit::Owner),
        ("404 Not Found", 1, State::Failed, Exit::Trouble),
        ("408 Request Timeout", 3, State::Failed, Exit::Unavailable),
        ("429 Too Many Requests", 3, State::Limited, Exit::TryLater),
        ("500 Internal Server Error", 3, State::Failed, Exit::Unavailable),
        ("502 Bad Gateway", 3, State::Failed, Exit::Unavailable),
    ] {
        let page = "<html><body>secret echo</body></html>";
        let (error, sent) = failing(answer(line, "", page.as_bytes())).await;
        let fault = error.fault(&smith());
        assert_eq!((sent, fault.state, fault.exit), (calls, state, exit), "{line}");
        assert!(fault.message.contains(&line[..3]), "{}", fault.message);
        assert!(!format!("{fault:?} {error:?}").contains("echo"));
    }
}

#[tokio::test]
async fn a_read_that_fails_twice_is_good_the_third_time() {
    let server =
        Server::start(vec![status("500 Oops", ""), Reply::Reset, json("[{\"AccountID\":\"a\"}]")])
            .await;
    let client = server.client();
    assert_eq!(accounts(&client).await, Ok(1));
    assert_eq!(client.calls(), 3);
}

#[tokio::test]
async fn once_a_read_has_used_its_tries_the_others_have_one() {
    let server = Server::start(vec![status("500 Oops", "")]).await;
    let (client, patience) = (server.client(), Patience::new());
    for calls in [3, 4, 5] {
        let _ = client.accounts(&login(), &patience).await.expect_err("down");
        assert_eq!(client.calls(), calls);
    }
    assert!(patience.is_spent());
    let _ = accounts(&client).await.expect_err("down");
    assert_eq!(client.calls(), 8, "another login has its own patience");
}

#[tokio::test]
async fn a_retry_after_is_waited_for_or_handed_on() {
    let now = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let limited = |headers: &str| status("429 Slow Down", headers);
    for (headers, calls, told) in [
        ("Retry-After: 120\r\n".to_owned(), 1, Some(120)),
        (format!("{now}Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n"), 1, Some(120)),
        (format!("{now}Retry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n"), 3, None),
        ("Retry-After: 86400\r\n".to_owned(), 3, None),
        ("Retry-After: soon\r\n".to_owned(), 3, None),
    ] {
        let (error, sent) = failing(limited(&headers)).await;
        let wait = error.retry_after().map(|wait| wait.as_secs());
        assert_eq!((sent, wait), (calls, told), "{headers}");
    }
    let client = Server::start(vec![limited("Retry-After: 1\r\n"), json("[]")]).await.client();
    let began = Instant::now();
    assert_eq!(accounts(&client).await, Ok(0));
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_broken_connection_is_tried_again_and_named() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"AccountID\":".to_vec();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[    \r\n".to_vec();
    let head = b"HTTP/1.1 200 OK\r\nConte".to_vec();
    for reply in [
        Reply::Reset,
        Reply::Bytes(cut),
        Reply::Bytes(chunked),
        Reply::Bytes(head),
        Reply::Bytes(vec![]),
    ] {
        let (error, calls) = failing(reply).await;
        let Error::Unreachable { why: Broken::Cut { host }, .. } = &error else {
            panic!("{error:?}")
        };
        assert!(host.starts_with("127.0.0.1:"), "{host}");
        assert_eq!((calls, error.fault(&smith()).exit), (3, Exit::Unavailable));
    }
    let (error, _) = failing(Reply::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec())).await;
    assert!(matches!(error, Error::Unreachable { why: Broken::NotHttp { .. }, .. }), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_told_from_a_wrong_name_and_from_no_tls() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = gone.local_addr().expect("an address");
    drop(gone);
    let refused = client(&format!("http://{address}/api"), Pace::quick());
    let error = accounts(&refused).await.expect_err("nobody listens");
    let expected = format!(
        "the list of accounts did not come: {address} cannot be connected to: nobody listens there (connection refused)"
    );
    assert_eq!((error.to_string(), refused.calls()), (expected, 3));

    let nameless = client("https://no-such-host.invalid/api", Pace::quick());
    let error = accounts(&nameless).await.expect_err("no such name");
    assert!(matches!(error, Error::Unreachable { why: Broken::Name { .. }, .. }), "{error:?}");

    let plain = Server::start(vec![Reply::Bytes(b"HTTP/1.1 400 No\r\n\r\n".to_vec())]).await;
    let secure = client(&plain.base_url.replace("http://", "https://"), Pace::quick());
    let error = tokio::time::timeout(Duration::from_secs(30), accounts(&secure)).await;
    let error = error.expect("in time").expect_err("no TLS there");
    assert!(
        matches!(
            error,
            Error::Unreachable { why: Broken::Tls { .. }, .. } | Error::TimedOut { .. }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_time_limit_is_not_run_into_twice() {
    let short = Duration::from_millis(200);
    let pace = Pace { silence: short, whole: 3 * short, ..Pace::quick() };
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[".to_vec();
    for (reply, expected) in [
        (Reply::Silence(vec![]), Phase::Silence),
        (Reply::Silence(head), Phase::Silence),
        (Reply::Drip(short / 10), Phase::Whole),
    ] {
        let (error, calls) = failing_at(pace.clone(), reply).await;
        let Error::TimedOut { phase, limit, .. } = error else { panic!("{error:?}") };
        assert_eq!((phase, calls), (expected, 1));
        assert_eq!(limit, if expected == Phase::Whole { 3 * short } else { short });
        assert_eq!(error.fault(&smith()).exit, Exit::Unavailable);
    }
}

#[tokio::test]
async fn a_good_status_with_another_answer_is_suspect_and_not_repeated() {
    for (body, came) in [
        ("", "an empty answer"),
        ("null", "null or an empty text"),
        ("{}", "an empty object"),
        ("-1", "a bare number"),
        (r#"{"error":"echo"}"#, "an object of another kind"),
        ("<html>echo</html>", "an HTML page of 17 bytes"),
        ("[{\"AccountID\":\"echo\"},", "JSON that breaks off after 22 bytes"),
        ("[null]", "a list with an entry that is no object (entry 1)"),
        (
            r#"[{"AccountID":"a","accountId":"b"}]"#,
            "a list with an entry with the same key twice (entry 1)",
        ),
    ] {
        let (error, calls) = failing(json(body)).await;
        assert_eq!(error.to_string(), format!("{came} came when asked for the list of accounts"));
        let fault = error.fault(&smith());
        assert_eq!((fault.state, fault.exit, calls), (State::Suspect, Exit::Trouble, 1));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![json("[]")]).await;
    for line in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("Location: {}/x\r\n", elsewhere.base_url);
        let (error, calls) = failing(status(line, &location)).await;
        assert!(matches!(error, Error::Redirected { .. }), "{error:?}");
        assert_eq!((calls, error.fault(&smith()).exit), (1, Exit::Trouble));
    }
    assert_eq!(elsewhere.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_past_32_megabytes_is_refused_announced_or_not() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 33554433\r\n\r\n".to_vec();
    let mut counted = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    counted.resize(counted.len() + 33 * 1024 * 1024, b' ');
    for reply in [Reply::Silence(announced), Reply::Bytes(counted)] {
        let (error, calls) = failing(reply).await;
        assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
        assert_eq!((calls, error.fault(&smith()).state), (1, State::Suspect));
    }
}

#[tokio::test]
async fn many_large_answers_at_once_all_arrive() {
    let filler = " ".repeat(2 * 1024 * 1024);
    let server = Server::start(vec![json(&format!("[{filler}]"))]).await;
    let client = server.client_at(Pace { whole: Duration::from_secs(30), ..Pace::quick() });
    let client = Arc::new(client);
    let reads = (0..24).map(|_| {
        let client = Arc::clone(&client);
        tokio::spawn(async move { accounts(&client).await })
    });
    for read in reads.collect::<Vec<_>>() {
        assert_eq!(read.await.expect("no panic"), Ok(0));
    }
    assert_eq!(client.calls(), 24);
}

#[tokio::test]
async fn a_refresh_is_started_once_whatever_comes() {
    for reply in [
        Reply::Reset,
        status("500 Oops", ""),
        status("429 Slow Down", ""),
        status("408 Timeout", ""),
        json("<html>"),
    ] {
        let client = Server::start(vec![reply]).await.client();
        let _ = client.start_refresh(&login()).await.expect_err("no job");
        assert_eq!(client.calls(), 1);
    }
    for body in ["{}", "null", "", r#"{"JobID":"00000000-0000-0000-0000-000000000000"}"#] {
        let client = Server::start(vec![json(body)]).await.client();
        assert_eq!(client.start_refresh(&login()).await, Ok(None), "{body}");
    }
}

#[tokio::test]
async fn a_job_that_is_not_known_yet_says_so() {
    let client = Server::start(vec![status("404 Not Found", "")]).await.client();
    let error = client.job(&JobId::new("j"), &Patience::new()).await.expect_err("unknown");
    assert!(matches!(error, Error::NotFound { .. }));
}

#[test]
fn an_address_that_is_not_safe_is_refused() {
    for address in
        ["http://api.sophtron.com/api", "https://me:hush@api.sophtron.com/api", "nonsense"]
    {
        let pair = Credentials::new(USER.to_owned().into(), KEY.to_owned().into());
        let error = Client::new(address, pair, Gate::new(), Pace::quick()).err().expect(address);
        assert_eq!(error.fault(&smith()).exit, Exit::Config);
        assert!(!format!("{error}{error:?}").contains("hush"));
    }
}
