//! Which currency an account and its rows are in.

use super::{Refusal, Rules, one_line};
use crate::domain::{Currency, RowCurrency};

/// The currencies that write a bare `$`.
const DOLLARS: &[&str] = &[
    "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "BBD",
    "BMD", "BND", "BSD", "BZD", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SRD", "TTD", "XCD",
];

/// Signs that stand for a currency, in lower case, and the codes that each may mean.
const SYMBOLS: &[(&str, &[&str])] = &[
    ("$", DOLLARS),
    ("us$", &["USD"]),
    ("u$s", &["USD"]),
    ("usd$", &["USD"]),
    ("c$", &["CAD"]),
    ("ca$", &["CAD"]),
    ("can$", &["CAD"]),
    ("cad$", &["CAD"]),
    ("a$", &["AUD"]),
    ("au$", &["AUD"]),
    ("nz$", &["NZD"]),
    ("hk$", &["HKD"]),
    ("s$", &["SGD"]),
    ("nt$", &["TWD"]),
    ("mx$", &["MXN"]),
    ("r$", &["BRL"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("¥", &["JPY", "CNY"]),
    ("￥", &["JPY", "CNY"]),
    ("₹", &["INR"]),
    ("₩", &["KRW"]),
    ("₪", &["ILS"]),
    ("₫", &["VND"]),
    ("₱", &["PHP"]),
    ("₺", &["TRY"]),
    ("₽", &["RUB"]),
    ("₴", &["UAH"]),
    ("฿", &["THB"]),
    ("zł", &["PLN"]),
    ("kč", &["CZK"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("kr.", &["SEK", "NOK", "DKK", "ISK"]),
    ("fr", &["CHF"]),
    ("fr.", &["CHF"]),
    ("ft", &["HUF"]),
    ("r", &["ZAR"]),
    ("rm", &["MYR"]),
    ("rp", &["IDR"]),
];

/// How much of an unknown text is told.
const TOLD: usize = 12;

/// What a text says of a currency.
enum Told {
    Nothing,
    Code(Currency),
    /// A known symbol: what it may stand for.
    Symbol(&'static [&'static str]),
    Unknown,
}

impl Told {
    fn by(text: &str) -> Self {
        if text.is_empty() {
            return Self::Nothing;
        }
        let small = text.to_lowercase();
        match Currency::parse(text) {
            Some(code) => Self::Code(code),
            None => SYMBOLS
                .iter()
                .find(|(symbol, _)| *symbol == small)
                .map_or(Self::Unknown, |(_, codes)| Self::Symbol(codes)),
        }
    }

    /// Whether it may be said of a currency; `None` where nobody can tell.
    fn fits(&self, currency: &Currency) -> Option<bool> {
        match self {
            Self::Nothing => Some(true),
            Self::Code(code) => Some(code == currency),
            Self::Symbol(codes) => Some(codes.contains(&currency.code())),
            Self::Unknown => None,
        }
    }

    /// The only currency that it can mean.
    fn only(self) -> Option<Currency> {
        match self {
            Self::Code(code) => Some(code),
            Self::Symbol([code]) => Currency::parse(code),
            _ => None,
        }
    }
}

/// The currency of an account: the configured one, else the one that it was settled in, else the
/// code that the service sends, else USD where it sends nothing or a bare `$`.
///
/// # Errors
/// A sent text that contradicts the configured currency, or the settled one where none is
/// configured; or one that is no code and no bare `$`, where nothing is known yet.
pub fn account_currency(
    configured: Option<&Currency>,
    settled: Option<&Currency>,
    sent: Option<&str>,
) -> Result<Currency, CurrencyTrouble> {
    let sent = sent.map_or("", str::trim);
    let told = Told::by(sent);
    let contradicts = |ours: &Currency| told.fits(ours) == Some(false);
    match (configured, settled) {
        (Some(ours), _) if contradicts(ours) => {
            Err(CurrencyTrouble::Contradiction { ours: ours.clone(), theirs: sent.to_uppercase() })
        }
        (None, Some(before)) if contradicts(before) => {
            Err(CurrencyTrouble::Moved { before: before.clone(), now: sent.to_uppercase() })
        }
        (Some(known), _) | (None, Some(known)) => Ok(known.clone()),
        (None, None) => match told {
            Told::Code(code) => Ok(code),
            Told::Nothing => Ok(Currency::usd()),
            _ if sent == "$" => Ok(Currency::usd()),
            _ => Err(CurrencyTrouble::Unknown),
        },
    }
}

/// Why an account's currency is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyTrouble {
    /// The service names another one than the configuration.
    #[error("the service says that the account is in {theirs}, the configuration says {ours}")]
    Contradiction {
        /// The configured one.
        ours: Currency,
        /// The sent one, a code or a symbol.
        theirs: String,
    },
    /// The service names another one than it was settled in, and the configuration none.
    #[error("its currency was {before} and the service says {now} now")]
    Moved {
        /// The settled one.
        before: Currency,
        /// The sent one, a code or a symbol.
        now: String,
    },
    /// The service sent something that is no code.
    #[error("the service sends a currency that is no ISO code, and the configuration names none")]
    Unknown,
}

/// The currency that a row is booked in.
///
/// # Errors
/// What the row says, where it is not the account's and the settings do not take it.
pub(super) fn row_currency(sent: Option<&str>, rules: &Rules) -> Result<Currency, Refusal> {
    let (account, sent) = (&rules.currency, sent.map_or("", str::trim));
    let told = Told::by(sent);
    if told.fits(account) == Some(true) || rules.row_currency == RowCurrency::Ignore {
        return Ok(account.clone());
    }
    match told.only() {
        Some(other) if rules.row_currency == RowCurrency::Own => Ok(other),
        Some(other) => Err(Refusal::ForeignCurrency(other)),
        None => Err(Refusal::ForeignSymbol(one_line(sent).chars().take(TOLD).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::totals::samples::rules;
    use super::*;

    fn code(text: &str) -> Currency {
        Currency::parse(text).unwrap()
    }

    #[test]
    fn usd_is_assumed_only_where_nothing_or_a_bare_dollar_is_sent() {
        let cad = code("CAD");
        let first = |sent| account_currency(None, None, sent);
        assert_eq!(first(None), Ok(Currency::usd()));
        assert_eq!(first(Some(" ")), Ok(Currency::usd()));
        assert_eq!(first(Some("$")), Ok(Currency::usd()));
        assert_eq!(first(Some("cad")), Ok(cad.clone()));
        for odd in ["€", "US$", "dollars"] {
            assert_eq!(first(Some(odd)), Err(CurrencyTrouble::Unknown), "{odd}");
        }
    }

    #[test]
    fn what_was_settled_stands_until_it_is_contradicted() {
        let (cad, usd) = (code("CAD"), Currency::usd());
        for silent in [None, Some(""), Some("$"), Some("C$"), Some("CAD"), Some("Dollars")] {
            assert_eq!(account_currency(None, Some(&cad), silent), Ok(cad.clone()), "{silent:?}");
            let stated = account_currency(Some(&cad), Some(&usd), silent);
            assert_eq!(stated, Ok(cad.clone()), "{silent:?}");
        }
        for other in ["USD", "US$", "€", "eur"] {
            let now = other.to_uppercase();
            let moved = CurrencyTrouble::Moved { before: cad.clone(), now: now.clone() };
            assert_eq!(account_currency(None, Some(&cad), Some(other)), Err(moved));
            let stated = CurrencyTrouble::Contradiction { ours: cad.clone(), theirs: now };
            assert_eq!(account_currency(Some(&cad), None, Some(other)), Err(stated));
        }
    }

    #[test]
    fn a_symbol_fits_the_currencies_that_write_it() {
        for (symbol, fitting, other) in [
            ("$", "USD", "EUR"),
            ("$", "CAD", "GBP"),
            ("$", "AUD", "JPY"),
            ("$", "NZD", "CHF"),
            ("US$", "USD", "CAD"),
            ("us$", "USD", "CAD"),
            ("C$", "CAD", "USD"),
            ("CA$", "CAD", "USD"),
            ("€", "EUR", "USD"),
            ("£", "GBP", "USD"),
            ("¥", "JPY", "USD"),
            ("¥", "CNY", "CAD"),
        ] {
            let booked = |currency: &str, how| {
                let rules = Rules { currency: code(currency), row_currency: how, ..rules() };
                row_currency(Some(symbol), &rules)
            };
            assert_eq!(booked(fitting, RowCurrency::Strict), Ok(code(fitting)), "{symbol}");
            assert!(booked(other, RowCurrency::Strict).is_err(), "{symbol} {other}");
            assert_eq!(booked(other, RowCurrency::Ignore), Ok(code(other)), "{symbol}");
        }
    }

    #[test]
    fn a_symbol_that_does_not_fit_is_the_only_currency_that_it_can_mean() {
        let booked = |sent, how| row_currency(Some(sent), &Rules { row_currency: how, ..rules() });
        assert_eq!(booked("€", RowCurrency::Own), Ok(code("EUR")));
        let euro = Refusal::ForeignCurrency(code("EUR"));
        assert_eq!(booked("€", RowCurrency::Strict), Err(euro));
        for unclear in ["¥", "doubloons"] {
            let refused = Err(Refusal::ForeignSymbol(unclear.to_owned()));
            assert_eq!(booked(unclear, RowCurrency::Own), refused, "it may be several");
            assert_eq!(booked(unclear, RowCurrency::Strict), refused);
        }
    }
}
