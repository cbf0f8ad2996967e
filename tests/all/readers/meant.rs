//! What each program must read, said once more in the plainest way: by the rules of the formats,
//! and not by the code that writes them.

use sophtron_sync::domain::Booking;

use super::ReadRow;

/// A text after the rules that hold for every format.
fn plain(text: &str, most_bytes: usize) -> String {
    let dropped = |char: &char| {
        let code = *char as u32;
        matches!(code, 0x200E | 0x200F | 0x061C | 0x202A..=0x202E | 0x2066..=0x2069 | 0xFEFF)
    };
    let spaced: String = text
        .chars()
        .filter(|char| !dropped(char))
        .map(|char| if char.is_control() || char.is_whitespace() { ' ' } else { char })
        .map(|char| if matches!(char as u32, 0xFFFE | 0xFFFF) { '\u{FFFD}' } else { char })
        .collect();
    let mut words = spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    while words.len() > most_bytes {
        words.pop();
    }
    words.trim_end().to_owned()
}

fn field(text: Option<&String>) -> String {
    text.map(|text| plain(text, 512)).unwrap_or_default()
}

fn memo(row: &Booking) -> String {
    row.memo.as_ref().map(|text| plain(text, 1024)).unwrap_or_default()
}

fn payee(row: &Booking) -> String {
    let payee = plain(&row.payee, 512);
    if payee.is_empty() { "Unknown".to_owned() } else { payee }
}

fn row(booking: &Booking) -> ReadRow {
    ReadRow {
        day: booking.day.to_string(),
        id: booking.id.clone(),
        amount: booking.amount.plain(),
        ..ReadRow::default()
    }
}

/// A row in a ledger file of the account `ledger`.
pub(crate) fn in_ledger(booking: &Booking, ledger: &str) -> ReadRow {
    let description = field(booking.description.as_ref());
    let told = if description == payee(booking) { String::new() } else { description };
    let code = booking.check_number.clone().unwrap_or_default();
    let kept = |char: &char| char.is_ascii_alphanumeric() || "./_-".contains(*char);
    ReadRow {
        account: ledger.to_owned(),
        other_side: booking.other_side.clone(),
        currency: booking.amount.currency.code().to_owned(),
        payee: payee(booking).replace(';', ","),
        description: told.replace(',', ";"),
        category: field(booking.category.as_ref()).replace(',', ";"),
        memo: memo(booking).replace(',', ";"),
        check_number: code.chars().filter(kept).take(20).collect(),
        ..row(booking)
    }
}

/// A row in the CSV file of `account`.
pub(crate) fn in_csv(booking: &Booking, account: &str) -> ReadRow {
    ReadRow {
        account: account.to_owned(),
        currency: booking.amount.currency.code().to_owned(),
        payee: payee(booking),
        description: field(booking.description.as_ref()),
        category: field(booking.category.as_ref()),
        memo: memo(booking),
        check_number: field(booking.check_number.as_ref()),
        ..row(booking)
    }
}

/// A row in an OFX file.
pub(crate) fn in_ofx(booking: &Booking) -> ReadRow {
    let cut = |text: String, most| {
        let text: String = text.chars().take(most).collect();
        text.trim_end().to_owned()
    };
    let parts = [field(booking.description.as_ref()), memo(booking)];
    let check = field(booking.check_number.as_ref());
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    ReadRow {
        // libofx keeps 96 bytes of it, 390 of the memo.
        payee: plain(&cut(payee(booking), 32), 96),
        description: plain(&cut(parts.join(" / "), 255), 390),
        check_number: if check.bytes().all(|byte| byte.is_ascii_digit()) {
            cut(check, 12)
        } else {
            String::new()
        },
        ..row(booking)
    }
}
