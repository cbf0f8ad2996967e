//! Records of banks with their login forms, and what comes of a filled one.

use super::call::Call;
use super::convert::{id, words};
use super::wire::{self, Misfit, Record, Value};
use crate::domain::{FormField, FormPart, Institution, JobId, LoginForm, LoginId, NewLogin};

/// What stands for the label of a password where a bank asks for none.
const NO_PASSWORD: &str = "none";

/// Reads the banks that a search found. One without an id or a name cannot be chosen.
pub(super) fn institutions(text: &str) -> Result<Vec<Institution>, Misfit> {
    let mut found = Vec::new();
    for item in wire::list(text, Call::InstitutionsNamed.wrappers())? {
        found.extend(institution_of(&Record::read(item.get())?)?);
    }
    Ok(found)
}

/// Reads the record of the bank that was asked for.
pub(super) fn institution(text: &str, asked: &str) -> Result<Institution, Misfit> {
    let record = wire::single_or_only(text)?;
    match institution_of(&record)? {
        Some(found) if found.id == asked.trim().to_ascii_lowercase() => Ok(found),
        Some(_) => Err(Misfit::shape("the record of another bank")),
        None => Err(Misfit::shape("the record of a bank that has no id or no name")),
    }
}

fn institution_of(record: &Record<'_>) -> Result<Option<Institution>, Misfit> {
    let name = label(record, "institutionname");
    let (Some(id), Some(name)) = (id(&record.value("institutionid")), name) else {
        return Ok(None);
    };
    let form = match record.value("institutiondetail") {
        Value::Nested(detail) if detail.starts_with('{') => Some(form(&Record::read(detail)?)?),
        _ => None,
    };
    Ok(Some(Institution { id, name, form }))
}

fn form(detail: &Record<'_>) -> Result<LoginForm, Misfit> {
    let usual = LoginForm::default();
    let password = label(detail, "loginformpassword");
    let asks_none = |label: &String| label.eq_ignore_ascii_case(NO_PASSWORD);
    Ok(LoginForm {
        user_name: label(detail, "loginformusername").unwrap_or(usual.user_name),
        password: match password {
            Some(label) if asks_none(&label) => None,
            Some(label) => Some(label),
            None => usual.password,
        },
        more: match detail.value("loginformfields") {
            Value::Nested(list) => {
                let fields = wire::list(list, &[])?.into_iter();
                fields
                    .map(|field| Ok(field_of(&Record::read(field.get())?)))
                    .collect::<Result<_, Misfit>>()?
            }
            _ => Vec::new(),
        },
    })
}

fn field_of(record: &Record<'_>) -> FormField {
    let mapped = label(record, "mappedfield").unwrap_or_default();
    let part = match mapped.to_ascii_lowercase().as_str() {
        "pin" => Some(FormPart::Pin),
        "companyid" => Some(FormPart::Company),
        _ => None,
    };
    let optional = match record.value("optional") {
        Value::Flag(flag) => flag,
        value => words(value).is_some_and(|text| text.trim().eq_ignore_ascii_case("true")),
    };
    FormField { part, label: label(record, "displaytext").unwrap_or(mapped), optional }
}

/// A text that is more than white space, without that around it.
fn label(record: &Record<'_>, key: &str) -> Option<String> {
    let text = words(record.value(key))?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Reads what came of the request for a new login; `None` where it was refused.
pub(super) fn created(text: &str) -> Result<Option<NewLogin>, Misfit> {
    if wire::whole(text)?.trim_matches('"') == "-1" {
        return Ok(None);
    }
    let record = wire::single_or_only(text)?;
    if !record.has("userinstitutionid") {
        return Err(Misfit::shape("an object of another kind"));
    }
    let job = id(&record.value("jobid")).map(|id| JobId::new(&id));
    let login = id(&record.value("userinstitutionid")).map(|id| LoginId::new(&id));
    Ok(login.map(|id| NewLogin { id, job }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETAIL: &str = r#"{"LoginFormUserName":" Card number ","LoginFormPassword":"Web word",
        "LoginFormFields":[{"MappedField":"PIN","DisplayText":"Your PIN","Optional":"True"},
        {"mappedField":"companyId","displayText":null,"optional":false},{"MappedField":"Branch"}]}"#;

    fn one(members: &str) -> Institution {
        let text = format!(r#"{{"InstitutionID":"I1","InstitutionName":"A Bank"{members}}}"#);
        institution(&text, "i1").expect(members)
    }

    #[test]
    fn a_form_asks_by_the_labels_of_the_bank() {
        let form = one(&format!(",\"InstitutionDetail\":{DETAIL}")).form.expect("a form");
        let field =
            |part, label: &str, optional| FormField { part, label: label.to_owned(), optional };
        assert_eq!(
            form,
            LoginForm {
                user_name: "Card number".to_owned(),
                password: Some("Web word".to_owned()),
                more: vec![
                    field(Some(FormPart::Pin), "Your PIN", true),
                    field(Some(FormPart::Company), "companyId", false),
                    field(None, "Branch", false),
                ],
            }
        );
        let usual = r#","InstitutionDetail":{"LoginFormPassword":null,"LoginFormFields":null}"#;
        assert_eq!(one(usual).form, Some(LoginForm::default()));
        for word in ["None", "none"] {
            let none = format!(r#","InstitutionDetail":{{"LoginFormPassword":"{word}"}}"#);
            assert_eq!(one(&none).form.expect("a form").password, None);
        }
        assert_eq!((one("").form, one(r#","InstitutionDetail":null"#).form), (None, None));
    }

    #[test]
    fn a_bank_is_read_from_an_object_or_the_only_entry_of_a_list() {
        let text = r#"[{"institutionId":"I1","institutionName":"A Bank"}]"#;
        assert_eq!(institution(text, " I1 "), Ok(one("")));
        for other in ["[]", "{}", "null", r#"{"InstitutionID":"i2","InstitutionName":"x"}"#] {
            assert!(institution(other, "i1").is_err(), "{other}");
        }
        let hits = r#"{"institutions":[{"InstitutionID":"I1","InstitutionName":"A Bank"},{},
            {"InstitutionID":"00000000-0000-0000-0000-000000000000","InstitutionName":"x"}]}"#;
        assert_eq!(institutions(hits), Ok(vec![one("")]));
        assert_eq!(institutions("[]"), Ok(vec![]));
        assert!(institutions("{}").is_err());
    }

    #[test]
    fn a_new_login_has_an_id_or_there_is_none() {
        let login = |job: Option<&str>| {
            let job = job.map(JobId::new);
            Ok(Some(NewLogin { id: LoginId::new("l1"), job }))
        };
        let zero = "00000000-0000-0000-0000-000000000000";
        for (text, read) in [
            (r#"{"JobID":"J1","UserInstitutionID":"L1"}"#.to_owned(), login(Some("j1"))),
            (r#"[{"jobId":"J1","userInstitutionId":"L1"}]"#.to_owned(), login(Some("j1"))),
            (format!(r#"{{"JobID":"{zero}","UserInstitutionID":"L1"}}"#), login(None)),
            (format!(r#"{{"JobID":"{zero}","UserInstitutionID":"{zero}"}}"#), Ok(None)),
            (r#"{"JobID":"","UserInstitutionID":""}"#.to_owned(), Ok(None)),
            ("-1".to_owned(), Ok(None)),
            ("\"-1\"".to_owned(), Ok(None)),
        ] {
            assert_eq!(created(&text), read, "{text}");
        }
        for text in ["", "null", "{}", "0", r#"{"JobID":"J1"}"#, "<html>", "[]"] {
            assert!(created(text).is_err(), "{text}");
        }
    }
}
