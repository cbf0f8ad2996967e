//! Banks, among them the eight test banks that the real service offers.

use super::ids::guid;
use super::json::Json;

/// One bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// `InstitutionID`.
    pub id: String,
    /// `InstitutionName`.
    pub name: String,
    /// `InstitutionDetail`: what its login form asks.
    pub form: Form,
}

/// What a bank's login form asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// `LoginFormUserName`.
    pub user_name: String,
    /// `LoginFormPassword`; the word `None` where it asks for none.
    pub password: String,
    /// `LoginFormFields`: `MappedField`, `DisplayText`, `Optional`.
    pub fields: Vec<(String, String, bool)>,
}

impl Default for Form {
    fn default() -> Self {
        let (user_name, password) = ("User name".to_owned(), "Password".to_owned());
        Self { user_name, password, fields: Vec::new() }
    }
}

impl Form {
    /// Asks for something more, such as a `PIN`.
    pub fn field(mut self, mapped: &str, shown: &str, optional: bool) -> Self {
        self.fields.push((mapped.to_owned(), shown.to_owned(), optional));
        self
    }

    fn json(&self) -> Json {
        let field = |(mapped, shown, optional): &(String, String, bool)| {
            Json::object([
                ("MappedField", Json::text(mapped)),
                ("DisplayText", Json::text(shown)),
                ("Optional", Json::literal(if *optional { "true" } else { "false" })),
            ])
        };
        Json::object([
            ("LoginFormUserName", Json::text(&self.user_name)),
            ("LoginFormPassword", Json::text(&self.password)),
            ("LoginFormFields", Json::List(self.fields.iter().map(field).collect())),
            ("RoutingNumber", Json::null()),
            ("MultipleRoutingNumbers", Json::null()),
        ])
    }
}

/// The test banks by name and id. The id of the business one is not known to the public; ours
/// is made up.
pub const TEST_BANKS: [(&str, &str); 8] = [
    ("Sophtron Bank", "8d0d9991-5e35-4b82-afa4-e93695e5ca7d"),
    ("Sophtron Bank Business", "b5be0000-0000-4000-8000-000000000008"),
    ("Sophtron Bank Captcha", "8ad00f00-72b7-4642-a0de-b3f31e08510a"),
    ("Sophtron Bank NoMFA", "926623ca-5952-4921-8f77-2023f1cdde8e"),
    ("Sophtron Bank SecurityQuestion", "8809dee7-9e23-4039-a723-02bc01fce0f2"),
    ("Sophtron Bank SecurityQuestion Multiple", "8f32ccc1-acaf-4e6b-93b8-1f2cd398647d"),
    ("Sophtron Bank Token", "337fe0c2-476e-46f5-a360-bf33f9fe1937"),
    ("Sophtron Bank TokenRead", "0fe7236b-079a-4fe6-aed9-cf194790a553"),
];

impl Institution {
    /// The bank of that name: a test bank, or one whose id follows from its name.
    pub fn named(name: &str) -> Self {
        let known = TEST_BANKS.iter().find(|(known, _)| *known == name);
        let id = known.map_or_else(|| guid(&["institution", name]), |(_, id)| (*id).to_owned());
        Self { id, name: name.to_owned(), form: Form::default() }
    }

    /// The eight test banks.
    pub fn test_banks() -> impl Iterator<Item = Self> {
        TEST_BANKS.iter().map(|(name, _)| Self::named(name))
    }

    /// The record that is sent.
    pub fn json(&self) -> Json {
        let host = self.name.to_lowercase().replace(' ', "-");
        Json::object([
            ("InstitutionID", Json::text(&self.id)),
            ("InstitutionName", Json::text(&self.name)),
            ("URL", Json::Text(format!("https://{host}.example/"))),
            ("Logo", Json::Text(format!("https://{host}.example/logo.png "))),
            ("InstitutionDetail", self.form.json()),
        ])
    }
}
