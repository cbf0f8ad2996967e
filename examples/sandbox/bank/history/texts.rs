//! Texts that break careless readers of ledger, CSV, OFX and JSON.

/// Each of them has broken a reader of plain-text books, or could.
const HOSTILE: [&str; 34] = [
    "bell \u{7} and escape \u{1b}[31mred\u{1b}[0m",
    "null \u{0} delete \u{7f} next line \u{85}",
    "two\nlines\r\nand\ta tab",
    "line separator \u{2028} paragraph separator \u{2029} end",
    "right-to-left \u{202e}evil\u{202c} mark \u{200f} isolate \u{2067}x\u{2069}",
    "חשבון 123 العربية",
    "CAFE; LIQUOR ; AND MORE",
    "(unclosed",
    "(1042) looks like a code",
    ") closed only",
    "[2020-01-01] in brackets",
    "[12]",
    "date:2020-01-01, date2:2020-02-02",
    "key: value, tag: other",
    "he said \"quoted\" and 'single' and `tick`",
    "\"",
    "AT&T <b>bold</b> &amp; &lt;STMTTRN&gt;",
    "</NAME><TRNAMT>999999.99",
    "]]> <![CDATA[ x",
    "=SUM(A1:A9)",
    "+1 (555) 010-0199",
    "-2+3",
    "@cmd|' /C calc'!A0",
    "pipe | and backslash \\ and %7C",
    "* starred",
    "! exclaimed",
    "~ weekly  expense",
    "Coffee ☕ 👩\u{200d}🚀 emoji 🏦",
    "\u{feff}byte order mark \u{fffe}\u{ffff}",
    "wide\u{3000}space and no\u{a0}break and thin\u{2009}space",
    "   ",
    "2026-01-01 * A transaction",
    "include all.ledger",
    "comma,separated,\"fields\",1.00",
];

/// How many hostile texts there are.
pub const COUNT: usize = HOSTILE.len() + 2;

/// The hostile text of a number; they repeat.
pub fn hostile(number: usize) -> String {
    match number % COUNT {
        0 => "very long ".to_owned() + &"é€😀; ".repeat(700),
        1 => String::new(),
        at => HOSTILE[at - 2].to_owned(),
    }
}
