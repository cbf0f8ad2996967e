//! What the owner answers a bank is sent once, whatever becomes of it.

use sophtron_sync::domain::{JobId, Reply};
use sophtron_sync::sophtron::Error;

use super::scripted::{self, Server, answer, json, status};

fn picture() -> Reply {
    Reply::Picture("wOrd".to_owned().into())
}

fn code() -> Reply {
    Reply::Code(" 0417".to_owned().into())
}

async fn told(script: Vec<scripted::Reply>, reply: Reply) -> (Result<bool, Error>, Vec<String>) {
    let server = Server::start(script).await;
    let client = server.client();
    let ended = client.answer(&JobId::new("J1"), &reply).await;
    assert_eq!(usize::try_from(client.calls()).expect("few"), server.seen().len());
    (ended, server.seen())
}

#[tokio::test]
async fn it_is_taken_or_not() {
    for (body, taken) in [("0", true), ("-1", false)] {
        let (ended, seen) = told(vec![json(body)], code()).await;
        assert_eq!((ended, seen.len()), (Ok(taken), 1));
        assert!(seen[0].starts_with("POST /api/Job/UpdateJobTokenInput "), "{}", seen[0]);
        let sent =
            r#"{"JobID":"j1","TokenChoice":null,"TokenInput":" 0417","VerifyPhoneFlag":null}"#;
        assert!(seen[0].ends_with(sent), "{}", seen[0]);
    }
}

#[tokio::test]
async fn nothing_that_may_have_arrived_is_sent_again() {
    let page = |line| answer(line, "", b"<html>4711</html>");
    for (reply, may_have_arrived) in [
        (page("500 Internal Server Error"), true),
        (page("408 Request Timeout"), true),
        (page("302 Found"), true),
        (page("200 OK"), true),
        (json("7"), true),
        (json(""), true),
        (scripted::Reply::Bytes(Vec::new()), true),
        (scripted::Reply::Silence(Vec::new()), true),
        (page("429 Too Many Requests"), false),
        (page("400 Bad Request"), false),
        (page("401 Unauthorized"), false),
        (page("404 Not Found"), false),
    ] {
        let (ended, seen) = told(vec![reply], code()).await;
        let error = ended.expect_err("no answer");
        assert_eq!(error.may_have_arrived(), may_have_arrived, "{error}");
        assert_eq!(seen.len(), 1, "{error}");
        assert!(!error.to_string().contains("4711") && !error.to_string().contains("0417"));
    }
}

#[tokio::test]
async fn a_picture_has_two_ways_and_the_second_only_where_the_first_is_unknown() {
    let not_found = || status("404 Not Found", "");
    for (script, taken, ways) in [
        (vec![json("0")], Some(true), &["UpdateJobCaptchaInput"][..]),
        (
            vec![not_found(), json("-1")],
            Some(false),
            &["UpdateJobCaptchaInput", "UpdateJobCaptcha"],
        ),
        (vec![not_found()], None, &["UpdateJobCaptchaInput", "UpdateJobCaptcha"]),
        (vec![status("500 Oh", "")], None, &["UpdateJobCaptchaInput"]),
    ] {
        let (ended, seen) = told(script, picture()).await;
        assert_eq!(ended.ok(), taken);
        let paths: Vec<&str> = seen
            .iter()
            .filter_map(|request| request.split(' ').nth(1)?.strip_prefix("/api/Job/"))
            .collect();
        assert_eq!(paths, ways);
        assert!(
            seen.iter().all(|request| request.ends_with(r#"{"JobID":"j1","CaptchaInput":"wOrd"}"#))
        );
    }
}
