//! Finds the ids of rows in files that were written before.

use crate::domain::Format;

/// The ids of the rows in a yearly file, in the file's order. Of a file that somebody edited,
/// those that can still be found.
#[must_use]
pub fn row_ids(format: Format, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    match format {
        Format::Ledger => ledger(&text),
        Format::Csv => csv(&text),
        Format::Ofx => ofx(&text),
    }
}

fn ledger(text: &str) -> Vec<String> {
    let tags = text.lines().filter_map(|line| line.trim_start().strip_prefix("; sophtron-id:"));
    tags.map(|id| id.trim().to_owned()).collect()
}

fn ofx(text: &str) -> Vec<String> {
    let behind = text.split("<FITID>").skip(1);
    behind.filter_map(|rest| rest.split('<').next()).map(|id| id.trim().to_owned()).collect()
}

fn csv(text: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let Ok(head) = reader.headers() else { return Vec::new() };
    let Some(at) = head.iter().position(|name| name == "id") else { return Vec::new() };
    let rows = reader.records().filter_map(Result::ok);
    let ids = rows.filter_map(|row| row.get(at).map(str::to_owned));
    ids.filter(|id| !id.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_every_format() {
        let ledger = "2026-01-05 * x\n    ; sophtron-id: a-1\n    A  1 USD\n";
        assert_eq!(row_ids(Format::Ledger, ledger.as_bytes()), ["a-1"]);
        let ofx = "<STMTTRN><FITID>a-1</FITID><NAME>x</NAME></STMTTRN>\n<FITID>b-2</FITID>";
        assert_eq!(row_ids(Format::Ofx, ofx.as_bytes()), ["a-1", "b-2"]);
        let csv = "date,notes,id\n2026-01-05,\"a\nb,c\",a-1\n2026-01-06,,\n";
        assert_eq!(row_ids(Format::Csv, csv.as_bytes()), ["a-1"]);
    }
}
