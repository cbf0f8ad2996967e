//! Where the two families spend money.

/// A place and what it costs.
pub struct Payee {
    /// The bank's text; each `#` is a digit of the day.
    pub text: &'static str,
    /// `Merchant`.
    pub merchant: Option<&'static str>,
    /// `Category`.
    pub category: Option<&'static str>,
    /// Least and most, in cents.
    pub cents: (i64, i64),
}

const fn payee(
    text: &'static str,
    merchant: Option<&'static str>,
    category: Option<&'static str>,
    cents: (i64, i64),
) -> Payee {
    Payee { text, merchant, category, cents }
}

/// Of the American family.
pub const AMERICAN: [Payee; 14] = [
    payee("POS #### GREEN GROCER #12", Some("Green Grocer"), Some("Groceries"), (840, 18_400)),
    payee("DEBIT CARD PURCHASE XX4417 TRADER MOE'S", None, Some("Groceries"), (1_200, 9_900)),
    payee("SQ *CORNER BAKERY", Some("Corner Bakery"), Some("Restaurants"), (450, 2_600)),
    payee("SHELLEY OIL ########", Some("Shelley Oil"), Some("Gas & Fuel"), (2_100, 7_400)),
    payee("AMZ*Marketplace ####", Some("AMZ Marketplace"), Some("Shopping"), (600, 24_000)),
    payee("NETFLICKS.COM", Some("Netflicks"), Some("Entertainment"), (1_549, 1_549)),
    payee("ATM WITHDRAWAL 000### MAIN ST", None, Some("Cash & ATM"), (2_000, 20_000)),
    payee("PHARMACY PLUS #0417", Some("Pharmacy Plus"), Some("Health"), (399, 8_700)),
    payee("CITY PARKING METER", None, None, (100, 900)),
    payee("TST* THE NOODLE HOUSE", Some("The Noodle House"), Some("Restaurants"), (1_400, 8_800)),
    payee("HARDWARE & MORE", Some("Hardware & More"), Some("Home Improvement"), (300, 31_000)),
    payee("UBR TRIP HELP.UBR.EXAMPLE", Some("Ubr"), Some("Travel"), (700, 5_400)),
    payee("LITTLE STEPS DAYCARE LLC", None, Some("Kids"), (12_000, 45_000)),
    payee("O'MALLEY, SONS & CO.", Some("O'Malley, Sons & Co."), None, (1_000, 60_000)),
];

/// Of the Canadian family.
pub const CANADIAN: [Payee; 12] = [
    payee("ACHAT INTERAC - #### - MARCHÉ JEAN-TALON", None, Some("Épicerie"), (700, 15_000)),
    payee("PROVIGO PLUS MONTRÉAL QC", Some("Provigo Plus"), Some("Groceries"), (900, 19_000)),
    payee("TIM'S #####", Some("Tim's"), Some("Restaurants"), (189, 1_400)),
    payee("SAQ ##### ST-DENIS", Some("SAQ"), Some("Alcohol & Bars"), (1_300, 9_000)),
    payee("PETRO-NORD ####", Some("Petro-Nord"), Some("Auto"), (3_000, 9_900)),
    payee("CANADIAN TYRE #0###", Some("Canadian Tyre"), Some("Shopping"), (900, 30_000)),
    payee("STM OPUS RECHARGE", Some("STM"), Some("Transport"), (375, 9_700)),
    payee("PHARMAPRIX ####", Some("Pharmaprix"), Some("Santé"), (400, 7_000)),
    payee("CAFÉ MÉLIÈS", Some("Café Méliès"), Some("Restaurants"), (350, 4_200)),
    payee("RETRAIT GAB ####", None, None, (2_000, 30_000)),
    payee("LIBRAIRIE L'ÉCUME DES JOURS", Some("L'Écume des jours"), None, (900, 8_000)),
    payee("ROGERS & BELLE *WIRELESS", Some("Rogers & Belle"), Some("Phone"), (5_500, 9_500)),
];
