//! A refresh job's record: does it run, is it done, does the bank ask its owner.

use html_escape::decode_html_entities;

use super::challenge::{self, flag, is};
use super::convert::{id, words};
use super::wire::{self, Misfit, Record};
use crate::domain::{Job, JobId, Said};

/// Keys of which a job's record has at least one.
const OF_A_JOB: [&str; 4] = ["jobid", "successflag", "laststatus", "laststep"];

/// Reads the record of the job that was asked for.
///
/// # Errors
/// [`Misfit`] for another job's record, and for an object that is no job's.
pub(super) fn job(text: &str, asked: &JobId) -> Result<Job, Misfit> {
    let record = wire::single(text)?;
    if id(&record.value("jobid")).is_some_and(|id| id != asked.as_str()) {
        return Err(Misfit::shape("the record of another job"));
    }
    if !OF_A_JOB.into_iter().any(|key| record.has(key)) {
        return Err(Misfit::shape("an object of another kind"));
    }
    let (challenges, answered) = challenge::read(&record);
    Ok(Job {
        success: flag(&record, "successflag"),
        status: words(record.value("laststatus")),
        challenges,
        answered,
        at_login: at_login(&record),
        said: said(&record),
    })
}

/// What the bank says of a failure, unless it repeats an answer that the record shows too.
fn said(job: &Record<'_>) -> Option<Said> {
    let text = words(job.value("errormessage"))?;
    let said = Said::new(decode_html_entities(&text).into_owned());
    let repeats = challenge::given(job).iter().any(|answer| said.repeats(answer));
    (!text.trim().is_empty() && !repeats).then_some(said)
}

/// Whether the bank's login form was the last step, and no time limit the end of it.
fn at_login(job: &Record<'_>) -> bool {
    let says = |key, word| words(job.value(key)).is_some_and(|text| is(&text, word));
    says("laststep", "loginpanel") && !says("laststatus", "timeout")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Verdict;

    fn read(members: &str) -> Result<Job, Misfit> {
        job(&format!(r#"{{"JobID":"J1"{members}}}"#), &JobId::new("j1"))
    }

    fn verdict(members: &str) -> Verdict {
        read(members).expect(members).verdict()
    }

    #[test]
    fn flags_come_bare_or_as_text() {
        for (members, success) in [
            ("", None),
            (r#","SuccessFlag":null"#, None),
            (r#","SuccessFlag":true"#, Some(true)),
            (r#","successFlag":false"#, Some(false)),
            (r#","SuccessFlag":"True""#, Some(true)),
            (r#","SuccessFlag":" false ""#, Some(false)),
            (r#","SuccessFlag":"""#, None),
            (r#","SuccessFlag":"perhaps""#, None),
            (r#","SuccessFlag":1"#, None),
        ] {
            assert_eq!(read(members).expect(members).success, success, "{members}");
        }
    }

    #[test]
    fn each_challenge_waits_for_its_owner() {
        for members in [
            r#","SecurityQuestion":"['First pet?']""#,
            r#","SecurityQuestion":["First pet?"]"#,
            r#","TokenMethod":"[\"Text me\"]""#,
            r#","TokenSentFlag":true"#,
            r#","TokenSentFlag":"true","TokenInput":"  ""#,
            r#","TokenInputName":"Token","TokenInput":null"#,
            r#","TokenInputName":"PIN""#,
            r#","LastStep":"TokenInput""#,
            r#","TokenRead":"4711""#,
            r#","TokenRead":"4711","VerifyPhoneFlag":false"#,
            r#","CaptchaImage":"iVBOR""#,
            r#","SecurityQuestion":"['a']","SecurityAnswer":"[\"x\"]","TokenMethod":"['b']""#,
        ] {
            assert_eq!(verdict(members), Verdict::NeedsOwner, "{members}");
        }
    }

    #[test]
    fn an_empty_or_answered_challenge_is_none() {
        for members in [
            r#","SecurityQuestion":null,"TokenMethod":"","TokenRead":null,"CaptchaImage":"""#,
            r#","SecurityQuestion":"[]","TokenMethod":[]"#,
            r#","SecurityQuestion":"['First pet?']","SecurityAnswer":"[\"Rex\"]""#,
            r#","TokenMethod":"['Text me']","TokenChoice":"Text me""#,
            r#","TokenSentFlag":true,"TokenInputName":"Token","TokenInput":"123456","LastStep":"TokenInput""#,
            r#","TokenSentFlag":false"#,
            r#","TokenRead":"4711","VerifyPhoneFlag":true"#,
            r#","CaptchaImage":"iVBOR","CaptchaInput":"word""#,
        ] {
            assert_eq!(verdict(members), Verdict::Running, "{members}");
        }
    }

    #[test]
    fn what_the_bank_says_is_read_unless_it_repeats_an_answer() {
        for (members, said) in [
            ("", None),
            (r#","ErrorMessage":null"#, None),
            (r#","ErrorMessage":" ""#, None),
            (r#","ErrorMessage":["no"]"#, None),
            (r#","ErrorMessage":"It&#39;s locked""#, Some("It's locked")),
            (r#","errorMessage":503"#, Some("503")),
            (r#","ErrorMessage":"no 0417","TokenInput":"""#, Some("no 0417")),
            (r#","ErrorMessage":"no 0417","TokenInput":"0417""#, None),
            (r#","ErrorMessage":"no wOrD","CaptchaInput":"word""#, None),
            (r#","ErrorMessage":"not Rex","SecurityAnswer":"[\"a z\",\"Rex\"]""#, None),
        ] {
            let job = read(members).expect(members);
            assert_eq!(job.said.as_ref().map(Said::text), said, "{members}");
        }
    }

    #[test]
    fn only_the_record_of_the_job_is_one() {
        let asked = JobId::new("j1");
        for text in ["{}", r#"{"error":"no"}"#, r#"{"JobID":"j2"}"#, "null", "", "[]", "-1"] {
            assert!(job(text, &asked).is_err(), "{text}");
        }
        assert!(job(r#"[{"JobID":"j1"}]"#, &asked).is_err());
        assert!(job(r#"{"SuccessFlag":null}"#, &asked).is_ok());
        assert!(job(r#"{"jobId":"J1"}"#, &asked).is_ok());
    }
}
