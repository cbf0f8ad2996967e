//! Texts for people: tables.

use chrono::{DateTime, Utc};

/// Lines of columns, each as wide as its widest cell, two spaces between; the last one is free.
pub(super) fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..count).map(|at| width(at).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(at, cell)| {
            let last = at + 1 == row.len();
            if last { cell.clone() } else { format!("{cell:width$}  ", width = widths[at]) }
        });
        cells.collect::<String>().trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Cuts a text to a number of characters, with a mark where something is missing.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Breaks a text into lines of at most `width` characters, at spaces; a longer word wherever it
/// must be.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// A word as a shell takes it.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,@".contains(c);
    let is_plain = !text.is_empty() && text.chars().all(plain);
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A number of things: `1 file`, `2 files`.
pub(super) fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// An instant for machines: RFC 3339 in UTC, to the second.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// An amount as people write it: without the zeros that some banks send behind the cents.
pub(super) fn figure(amount: &str) -> &str {
    let mut shown = amount;
    while let Some(shorter) = shown.strip_suffix('0') {
        if shorter.rfind('.').is_none_or(|point| shorter.len() - point < 3) {
            break;
        }
        shown = shorter;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_wrap() {
        let rows = [vec!["a".to_owned(), "bb".to_owned()], vec!["ccc".to_owned(), "d".to_owned()]];
        assert_eq!(columns(&rows), ["a    bb", "ccc  d"]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a thousand", 4), ["a", "thou", "sand"]);
        assert_eq!(cut("abcdef", 4), "abc…");
    }

    #[test]
    fn zeros_behind_the_cents_are_left_out() {
        for (sent, shown) in [
            ("39860.9900", "39860.99"),
            ("-220.930", "-220.93"),
            ("31.20", "31.20"),
            ("0.00", "0.00"),
            ("0.000", "0.00"),
            ("12.3456", "12.3456"),
            ("100", "100"),
            ("100.5", "100.5"),
        ] {
            assert_eq!(figure(sent), shown);
        }
    }
}
