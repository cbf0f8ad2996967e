//! Signatures: fifteen known ones, and the wrong ones that clients are known to make.

use crate::bank::sign::{Mode, Presented, Wrong};
use crate::bank::{Bank, World, day};

use super::caller::Caller;

const USER: &str = "11111111-2222-3333-4444-555555555555";
/// The bytes 00 to 1f.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Method, target below `/api`, signed path, signature.
const VECTORS: [(&str, &str, &str, &str); 15] = [
    (
        "GET",
        "/Institution/HealthCheckAuth",
        "/healthcheckauth",
        "1E2wnChHuRnUpuFESsVAu0AYKdVWcLnaNQsXGBsz7AM=",
    ),
    (
        "POST",
        "/UserInstitution/GetUserInstitutionsByUser",
        "/getuserinstitutionsbyuser",
        "XNXDM55S+NSIFWWKlEiVL1RSeSDOfqf3RKR1cTP4Nuw=",
    ),
    (
        "POST",
        "/UserInstitution/GetUserInstitutionAccounts",
        "/getuserinstitutionaccounts",
        "rdGY2rhu2OV5QwwTLrfuT1W3Nv5r7FZTvOrK2KGByR8=",
    ),
    (
        "POST",
        "/Transaction/GetTransactionsByTransactionDate",
        "/gettransactionsbytransactiondate",
        "THYCaFHrzK5dF4xPP3Meh+NEpG9ea0D+dPGHnKShUpg=",
    ),
    (
        "POST",
        "/JOB/GetJobInformationByID",
        "/getjobinformationbyid",
        "RgxqcnQGlS5xBpOdJqQQU1kxVP75n1yPQ/4T0p/VmSo=",
    ),
    (
        "POST",
        "/UserInstitutionAccount/RefreshUserInstitutionAccount",
        "/refreshuserinstitutionaccount",
        "EvZv4Txq/qSNAka6mCf1mhRSPkWhEmowpxz4OGRGVBw=",
    ),
    ("GET", "/v2/customers", "/customers", "azHvkiZoZO+GWdV6z7TqIgVm/Hbj8VFQX8oxvVFrnVA="),
    (
        "GET",
        "/v2/customers?uniqueID=Alice",
        "/customers?uniqueid=alice",
        "moQwNyEGTqGYltSy0eZ5N52gxHAbMKIucg0teEU7qOo=",
    ),
    (
        "GET",
        "/v2/customers/?uniqueID=Alice",
        "/?uniqueid=alice",
        "fzLWXUKqYU8seZM6be3QshgB2W8qTVcYOUeBHWURVfs=",
    ),
    (
        "GET",
        "/v2/customers/C0FFEE00-0000-4000-8000-000000000001/accounts",
        "/accounts",
        "fuYtN+5hcZhi8MV092d6NPF3R0gMzrW/BRUIX6SGM+Y=",
    ),
    (
        "GET",
        "/v2/customers/C0FFEE00-0000-4000-8000-000000000001/accounts/ACC/transactions?startDate=2026-01-01&endDate=2026-01-31",
        "/transactions?startdate=2026-01-01&enddate=2026-01-31",
        "ETUNv+A+7nageTgcBplnDh0DksUF7CfpxZcCrGY0kzw=",
    ),
    (
        "GET",
        "/v2/job/ABCDEF00-0000-4000-8000-00000000000A",
        "/abcdef00-0000-4000-8000-00000000000a",
        "SMd8Cg2AP6WOTK/5H9TQLC6aathHVAVu/UkDQbOLR4c=",
    ),
    (
        "PUT",
        "/v2/job/ABCDEF00-0000-4000-8000-00000000000A/challenge/TokenInput",
        "/tokeninput",
        "yRHnoDZmLuLmJpxddAdXcsgFBW3qEa+kn32qqWH3P4w=",
    ),
    (
        "DELETE",
        "/v2/customers/C0FFEE00-0000-4000-8000-000000000001/members/DEADBEEF-0000-4000-8000-000000000002",
        "/deadbeef-0000-4000-8000-000000000002",
        "AgGvVniW2Md6y20uV7bhA0QR0AbvynykaYYA4TFrTe8=",
    ),
    (
        "GET",
        "/v2/institutions?query=A%20B/C&type=All",
        "/c&type=all",
        "HthU5ii5XqAQPlgsmaokgyX6QuAF1oVdY1qfh9TgAaE=",
    ),
];

/// What clients get wrong with the first vector: signed path, signature, what they did.
const WRONG: [(&str, &str, &str); 6] = [
    ("/HealthCheckAuth", "i8B6Shjth4PYneGJRfhiKJy93fCC0HmhH/0OPHfEK6I=", "not lower-cased"),
    ("/healthcheckauth", "i8B6Shjth4PYneGJRfhiKJy93fCC0HmhH/0OPHfEK6I=", "signed in mixed case"),
    ("/healthcheckauth", "xeVAbVy7bPPFDAxDu60ou6na7JfdHfjvQkSlpy14LBk=", "key not decoded"),
    ("/healthcheckauth", "6qCFLhU8UR1xqqQ5nuSDQvdPr/W6WFGjMmU12SHraAk=", "CRLF"),
    ("/healthcheckauth", "0WrUr7XGTSksuj2qqoN5QSDzN3/V4hjhEdMgDrclx3k=", "lower-case method"),
    ("/healthcheckauth", "1E2wnChHuRnUpuFESsVAu0AYKdVWcLnaNQsXGBsz7AA=", "one letter off"),
];

/// The first vector, signed by the minority rules: more of the path.
const LONGER: [(&str, &str); 2] = [
    ("/api/institution/healthcheckauth", "hyOX6VHN4Vg+PNfJ3tXPAK265h6zr2NWdGmbrYFql6Q="),
    ("/institution/healthcheckauth", "jLbO5l01Xcldif3LRBOuQYK/aZiJKpQFRjuV8h9yDUI="),
];

/// Vector 11 with its query dropped.
const WITHOUT_QUERY: (&str, &str) =
    ("/transactions", "cZhFQwV3AIJB/Cv4b9832w3DXR/OzlsK4qkwfcYcWBE=");

const MODES: [Mode; 3] = [Mode::Strict, Mode::LenientSuffix, Mode::NoQuery];

fn check(
    mode: Mode,
    method: &str,
    target: &str,
    signed: &str,
    signature: &str,
) -> Result<(), Wrong> {
    let header = format!("FIApiAUTH:{USER}:{signature}:{signed}");
    Presented::parse(&header)?.check(mode, method, &format!("/api{target}"), KEY)
}

#[test]
fn the_fifteen_known_signatures_are_right() {
    for (method, target, signed, signature) in VECTORS {
        for mode in [Mode::Strict, Mode::LenientSuffix] {
            assert_eq!(check(mode, method, target, signed, signature), Ok(()), "{mode:?} {target}");
        }
        let without = check(Mode::NoQuery, method, target, signed, signature);
        let has_query = target.contains('?');
        assert_eq!(without, if has_query { Err(Wrong::Path) } else { Ok(()) }, "{target}");
    }
}

#[test]
fn the_wrong_forms_are_refused_in_every_mode() {
    let (method, target, ..) = VECTORS[0];
    for (signed, signature, what) in WRONG {
        for mode in MODES {
            assert!(check(mode, method, target, signed, signature).is_err(), "{mode:?} {what}");
        }
    }
    for (method, target, signed, signature) in VECTORS {
        let other = if method == "GET" { "POST" } else { "GET" };
        assert_eq!(check(Mode::Strict, other, target, signed, signature), Err(Wrong::Signature));
    }
}

#[test]
fn more_of_the_path_is_taken_in_the_lenient_mode_alone() {
    let (method, target, ..) = VECTORS[0];
    for (signed, signature) in LONGER {
        assert_eq!(check(Mode::LenientSuffix, method, target, signed, signature), Ok(()));
        assert_eq!(check(Mode::Strict, method, target, signed, signature), Err(Wrong::Path));
        assert_eq!(check(Mode::NoQuery, method, target, signed, signature), Err(Wrong::Path));
    }
}

#[test]
fn a_dropped_query_is_taken_in_the_no_query_mode_alone() {
    let (method, target, ..) = VECTORS[10];
    let (signed, signature) = WITHOUT_QUERY;
    assert_eq!(check(Mode::NoQuery, method, target, signed, signature), Ok(()));
    assert_eq!(check(Mode::Strict, method, target, signed, signature), Err(Wrong::Path));
    assert_eq!(check(Mode::LenientSuffix, method, target, signed, signature), Err(Wrong::Path));
}

#[test]
fn a_path_with_colons_is_one_piece() {
    let header = "FIApiAUTH:u:s:/x?time=10:30:00";
    let presented = Presented::parse(header).expect("four pieces");
    assert_eq!(presented.path, "/x?time=10:30:00");
    for header in ["", "FIApiAUTH", "FIApiAUTH u:s:/p", "Bearer:u:s:/p", "FIApiAUTH:u:s"] {
        assert_eq!(Presented::parse(header), Err(Wrong::Form), "{header}");
    }
}

/// A bank with the family of the known signatures.
fn bank() -> Bank {
    let mut world = World::new(day("2026-03-04"));
    let user = world.add_user("known");
    USER.clone_into(&mut user.id);
    KEY.clone_into(&mut user.access_key);
    Bank::start(world)
}

fn status(caller: &Caller, user: &str, signed: &str, signature: &str) -> u16 {
    let (method, target, ..) = VECTORS[0];
    let header = format!("FIApiAUTH:{user}:{signature}:{signed}");
    caller.send(method, &format!("/api{target}"), &[("Authorization", &header)], "").status
}

#[test]
fn the_bank_takes_the_right_header_and_no_other() {
    let bank = bank();
    let caller = Caller::with(&bank, USER, KEY);
    let (.., signed, signature) = VECTORS[0];
    assert_eq!(status(&caller, USER, signed, signature), 200);
    assert_eq!(status(&caller, "99999999-2222-3333-4444-555555555555", signed, signature), 401);
    for (signed, signature, what) in WRONG {
        assert_eq!(status(&caller, USER, signed, signature), 401, "{what}");
    }
    for (signed, signature) in LONGER {
        assert_eq!(status(&caller, USER, signed, signature), 401);
        bank.edit(|world| world.signatures = Mode::LenientSuffix);
        assert_eq!(status(&caller, USER, signed, signature), 200);
        bank.edit(|world| world.signatures = Mode::Strict);
    }
    assert_eq!(caller.send("GET", "/api/Institution/HealthCheckAuth", &[], "").status, 401);
}

#[test]
fn the_bank_takes_each_known_signature_of_an_endpoint_that_it_has() {
    let bank = bank();
    let caller = Caller::with(&bank, USER, KEY);
    for (method, target, signed, signature) in &VECTORS[..6] {
        let header = format!("FIApiAUTH:{USER}:{signature}:{signed}");
        let headers = [("Authorization", header.as_str()), ("Content-Type", "application/json")];
        let got = caller.send(method, &format!("/api{target}"), &headers, "{}");
        // Past the signature, an empty body is what is wrong with them.
        assert_eq!(got.status, if *method == "GET" { 200 } else { 400 }, "{target}: {got:?}");
    }
}
