//! The signature of a request, after the service's direct-auth samples.
//!
//! `Authorization: FIApiAUTH:<UserID>:<Signature>:<AuthPath>`, where the signature is
//! `base64(HMAC-SHA256(base64-decoded access key, METHOD + "\n" + AuthPath))`. Neither body nor
//! time is signed: whoever sees one header can replay the call with any body, so the header is as
//! secret as the key.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::HeaderValue;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Error;
use crate::domain::{Credentials, Said};

/// Signs the requests of one family. It has no `Debug`: it cannot be printed.
pub(super) struct Signer {
    credentials: Credentials,
    key: Zeroizing<Vec<u8>>,
}

impl Signer {
    /// Decodes the access key: standard base64 with padding, outer white space aside.
    ///
    /// # Errors
    /// [`Error::Credentials`] for a key that is not base64 and for a user id that no header holds.
    pub(super) fn new(credentials: Credentials) -> Result<Self, Error> {
        let text = credentials.access_key().trim();
        let key = BASE64_STANDARD.decode(text).map_err(|_| Error::Credentials("access key"))?;
        let user = credentials.user_id();
        let sound = !user.is_empty() && user.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if key.is_empty() || !sound {
            return Err(Error::Credentials(if sound { "access key" } else { "user id" }));
        }
        Ok(Self { credentials, key: Zeroizing::new(key) })
    }

    /// The user id, for the one request body that needs it.
    pub(super) fn user_id(&self) -> &str {
        self.credentials.user_id()
    }

    /// Whether a text repeats the key pair.
    pub(super) fn is_repeated_in(&self, said: &Said) -> bool {
        said.repeats(self.credentials.user_id()) || said.repeats(self.credentials.access_key())
    }

    /// The value of the `Authorization` header for a request, marked sensitive.
    ///
    /// # Errors
    /// [`Error::Credentials`] where no header can hold it.
    pub(super) fn header(&self, method: &str, url: &str) -> Result<HeaderValue, Error> {
        let path = auth_path(url);
        let signature = Zeroizing::new(self.signature(method, &path));
        let user = self.credentials.user_id();
        let text = Zeroizing::new(format!("FIApiAUTH:{user}:{}:{path}", signature.as_str()));
        let mut value = HeaderValue::from_str(&text).map_err(|_| Error::Credentials("user id"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn signature(&self, method: &str, auth_path: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(method.to_ascii_uppercase().as_bytes());
        mac.update(b"\n");
        mac.update(auth_path.as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }
}

/// The part of a URL that is signed: from its last slash on, query included, in lower case.
fn auth_path(url: &str) -> String {
    url[url.rfind('/').unwrap_or(0)..].to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const USER: &str = "11111111-2222-3333-4444-555555555555";
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn signer() -> Signer {
        let pair = Credentials::new(USER.to_owned().into(), KEY.to_owned().into());
        Signer::new(pair).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Method, URL below the base, signed path, signature.
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
            "post",
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

    #[test]
    fn every_known_signature_comes_out() {
        for (method, url, path, signature) in VECTORS {
            let url = format!("https://api.sophtron.com/api{url}");
            assert_eq!(auth_path(&url), path);
            let header = signer().header(method, &url).expect("a header");
            assert!(header.is_sensitive());
            let text = header.to_str().expect("ASCII");
            assert_eq!(text, format!("FIApiAUTH:{USER}:{signature}:{path}"), "{method} {url}");
        }
    }

    /// What other readings of the samples give; none of them may come out of this one.
    #[test]
    fn the_wrong_readings_are_known_and_not_ours() {
        let hmac = |key: &[u8], message: &str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
            mac.update(message.as_bytes());
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        };
        let key = BASE64_STANDARD.decode(KEY).expect("base64");
        let wrong = [
            (
                hmac(&key, "GET\n/HealthCheckAuth"),
                "i8B6Shjth4PYneGJRfhiKJy93fCC0HmhH/0OPHfEK6I=",
                0,
            ),
            (
                hmac(KEY.as_bytes(), "GET\n/healthcheckauth"),
                "xeVAbVy7bPPFDAxDu60ou6na7JfdHfjvQkSlpy14LBk=",
                0,
            ),
            (
                hmac(&key, "GET\r\n/healthcheckauth"),
                "6qCFLhU8UR1xqqQ5nuSDQvdPr/W6WFGjMmU12SHraAk=",
                0,
            ),
            (
                hmac(&key, "get\n/healthcheckauth"),
                "0WrUr7XGTSksuj2qqoN5QSDzN3/V4hjhEdMgDrclx3k=",
                0,
            ),
            (hmac(&key, "GET\n/transactions"), "cZhFQwV3AIJB/Cv4b9832w3DXR/OzlsK4qkwfcYcWBE=", 10),
            (
                hmac(&key, "GET\n/api/institution/healthcheckauth"),
                "hyOX6VHN4Vg+PNfJ3tXPAK265h6zr2NWdGmbrYFql6Q=",
                0,
            ),
            (
                hmac(&key, "GET\n/institution/healthcheckauth"),
                "jLbO5l01Xcldif3LRBOuQYK/aZiJKpQFRjuV8h9yDUI=",
                0,
            ),
        ];
        for (computed, expected, vector) in wrong {
            assert_eq!(computed, expected, "the wrong reading itself");
            assert_ne!(VECTORS[vector].3, expected);
        }
    }

    #[test]
    fn a_key_or_user_id_that_cannot_sign_is_refused_without_showing_it() {
        for (user, key) in [
            (USER, "no base64!"),
            (USER, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
            (USER, ""),
            ("", KEY),
            ("a:b", KEY),
            ("a\r\nEvil: yes", KEY),
            ("ä", KEY),
        ] {
            let pair = Credentials::new(user.to_owned().into(), key.to_owned().into());
            let error = Signer::new(pair).err().expect("refused");
            assert!(matches!(error, Error::Credentials(_)), "{user} {key}");
            assert!(key.is_empty() || !format!("{error} {error:?}").contains(key));
        }
        let padded = Credentials::new(USER.to_owned().into(), format!(" {KEY}\n").into());
        assert!(Signer::new(padded).is_ok());
    }

    proptest! {
        #[test]
        fn any_url_gives_a_path_in_lower_case_without_a_second_slash(url in "https://h/[ -~]{0,60}") {
            let path = auth_path(&url);
            prop_assert!(path.starts_with('/'));
            prop_assert_eq!(path.matches('/').count(), 1);
            prop_assert_eq!(&path, &path.to_lowercase());
            prop_assert!(url.to_lowercase().ends_with(&path));
        }
    }
}
