//! Exact money. A decimal with its currency, never a float; two currencies never add.

use std::fmt;

use rust_decimal::Decimal;

/// A three-letter currency code in upper case, such as `USD` (ISO 4217).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Takes a three-letter code in any case; a symbol such as `$` is no code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.trim().as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_alphabetic).then(|| Self(code.map(|c| c.to_ascii_uppercase())))
    }

    /// The dollar of the United States, which stands where nobody names a currency.
    #[must_use]
    pub fn usd() -> Self {
        Self(*b"USD")
    }

    /// The code, such as `USD`.
    #[must_use]
    pub fn code(&self) -> &str {
        // It holds letters only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many digits stand behind the point by custom (ISO 4217's minor unit): 2 for most.
    #[must_use]
    pub fn usual_places(&self) -> u32 {
        match self.code() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An exact amount in one currency. Negative is out of the account (or owed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The digits, trailing zeros as sent.
    pub amount: Decimal,
    /// The currency that they count.
    pub currency: Currency,
}

/// Why two amounts of money have no sum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies met.
    #[error("{0} and {1} do not add")]
    Currencies(Currency, Currency),
    /// The sum has more digits than a decimal holds (28).
    #[error("the sum has more than 28 digits")]
    TooLarge,
}

impl Money {
    /// Adds an amount of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::Currencies`] for another currency, [`MoneyError::TooLarge`] past 28 digits.
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            let pair = (self.currency.clone(), other.currency.clone());
            return Err(MoneyError::Currencies(pair.0, pair.1));
        }
        let amount = exact_sum(self.amount, other.amount).ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, currency: self.currency.clone() })
    }

    /// The digits as files write them; see [`plain`].
    #[must_use]
    pub fn plain(&self) -> String {
        plain(self.amount, &self.currency)
    }
}

/// The most digits that every decimal of that many digits is held with exactly.
const MOST_DIGITS: usize = 28;

/// Reads a plain decimal, `-?digits[.digits]`, digit for digit, trailing zeros kept.
///
/// Gives `None` for an exponent, a thousands mark, a symbol, a plus sign, white space, and for
/// more digits than a decimal holds exactly (28): such an amount is quarantined, never rounded.
///
/// ```
/// use sophtron_sync::domain::parse_decimal;
/// assert_eq!(parse_decimal("12.30").unwrap().to_string(), "12.30");
/// assert_eq!(parse_decimal("1e2"), None);
/// ```
#[must_use]
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let some_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !some_digits(whole) || !fraction.is_none_or(some_digits) {
        return None;
    }
    // A decimal holds some numbers of 29 digits too, but hardly a sum with them.
    let significant = digits.trim_start_matches(['0', '.']).bytes().filter(|b| *b != b'.');
    if significant.count() > MOST_DIGITS {
        return None;
    }
    let value = Decimal::from_str_exact(text).ok()?;
    // "-0.00" is zero: a sign without a value would be written back as "-0.00".
    Some(if value.is_zero() { value.abs() } else { value })
}

/// Writes an amount with all its digits, and at least as many places as the currency has by
/// custom: `-18.4` in USD is `-18.40`, `1200` in JPY stays `1200`.
#[must_use]
pub fn plain(amount: Decimal, currency: &Currency) -> String {
    let mut amount = amount;
    if amount.scale() < currency.usual_places() {
        amount.rescale(currency.usual_places());
    }
    let places = currency.usual_places().max(amount.scale()) as usize;
    let text = amount.to_string();
    // A value near 28 digits has no room for more places: they are appended as text.
    let missing = places - text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match (missing, text.contains('.')) {
        (0, _) => text,
        (_, true) => text + &"0".repeat(missing),
        (_, false) => text + "." + &"0".repeat(missing),
    }
}

/// Writes an amount without trailing zeros: `-18.40` is `-18.4`, `0.00` is `0`.
#[must_use]
pub fn shortest(amount: Decimal) -> String {
    amount.normalize().to_string()
}

/// Drops the trailing zeros that a sum took over from its parts; [`plain`] brings the usual
/// places back.
#[must_use]
pub fn tidy(amount: Decimal) -> Decimal {
    let amount = amount.normalize();
    if amount.is_zero() { Decimal::ZERO } else { amount }
}

/// Adds two amounts exactly; `None` where the sum has more digits than a decimal holds. Zeros at
/// its end may be dropped.
///
/// The decimal's own checked addition rounds in silence where only the places behind the point do
/// not fit.
///
/// ```
/// use sophtron_sync::domain::{exact_sum, parse_decimal};
/// let (large, cent) = ("9999999999999999999999999999", "0.01");
/// assert_eq!(exact_sum(parse_decimal(large).unwrap(), parse_decimal(cent).unwrap()), None);
/// ```
#[must_use]
pub fn exact_sum(one: Decimal, other: Decimal) -> Option<Decimal> {
    let exact = |one: Decimal, other: Decimal| {
        let sum = one.checked_add(other)?;
        (sum.scale() >= one.scale().max(other.scale())).then_some(sum)
    };
    // Zeros at the end may be what does not fit.
    exact(one, other).or_else(|| exact(one.normalize(), other.normalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_stay_as_sent_and_places_are_filled_up() {
        for (text, code, written) in [
            ("-18.4", "USD", "-18.40"),
            ("12.3000", "USD", "12.3000"),
            ("1200", "JPY", "1200"),
            ("1200.0", "JPY", "1200.0"),
            ("1.5", "KWD", "1.500"),
            ("-0.00", "USD", "0.00"),
            ("12345678901234567890.12", "USD", "12345678901234567890.12"),
            ("9999999999999999999999999999", "USD", "9999999999999999999999999999.00"),
        ] {
            let currency = Currency::parse(code).expect("a code");
            let amount = parse_decimal(text).expect("a decimal");
            assert_eq!(plain(amount, &currency), written);
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1e2",
            "1,000",
            "$5",
            "+5",
            " 5",
            "5 ",
            "0x1",
            "--1",
            "12345678901234567890123456789",
            "-1234567890123456789012345678.9",
            "123456789012345678901234567890",
            "0.00000000000000000000000000001",
            "NaN",
        ] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_sum_is_exact_or_none() {
        for (one, other, sum) in [
            ("0.10", "0.20", Some("0.3")),
            ("5", "0.00", Some("5")),
            ("0.00", "5", Some("5")),
            ("-5.00", "5", Some("0")),
            ("12345678901234567890.12", "0.12345678", Some("12345678901234567890.24345678")),
            ("99999999999999999999999999.99", "0.001", None),
            ("9999999999999999999999999999", "0.01", None),
        ] {
            let read = |text| parse_decimal(text).expect("a decimal");
            let added = exact_sum(read(one), read(other)).map(shortest);
            assert_eq!(added.as_deref(), sum, "{one} + {other}");
        }
    }

    proptest! {
        #[test]
        fn parse_of_print_is_the_same_digits(whole in 0u64.., places in 0usize..9, digits in 0u32..1_000_000_000, minus: bool) {
            let fraction = format!("{digits:09}")[..places].to_owned();
            let point = if places > 0 { "." } else { "" };
            let text = format!("{}{whole}{point}{fraction}", if minus { "-" } else { "" });
            let read = parse_decimal(&text).expect("plain");
            prop_assert_eq!(read.to_string(), if read.is_zero() { text.replace('-', "") } else { text });
        }
    }
}
