//! Markup being written. What is not our own markup goes in as text, and there is no other way in.

use rust_decimal::Decimal;

use super::super::text;
use crate::domain::{Currency, plain, tidy};

/// A piece of HTML or SVG.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Adds markup of ours.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a text, whoever wrote it: cleaned and escaped, for between tags and within quotes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.spaced(&text::clean(text))
    }

    /// Adds a part of a clean text, with the spaces at its ends.
    fn spaced(&mut self, text: &str) -> &mut Self {
        for char in text.chars() {
            match char {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                char => self.0.push(char),
            }
        }
        self
    }

    /// Adds a text in which what stands in backquotes is to be typed.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        for (nth, part) in text::clean(text).split('`').enumerate() {
            let tags = if nth % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
            self.raw(tags.0).spaced(part).raw(tags.1);
        }
        self
    }

    /// Adds figures and letters of a drawing; anything else is left out.
    pub(super) fn places(&mut self, path: &str) -> &mut Self {
        let sound = |char: &char| char.is_ascii_alphanumeric() || matches!(char, ' ' | '.' | '-');
        self.0.extend(path.chars().filter(sound));
        self
    }

    /// Adds a piece that is made already.
    pub(super) fn piece(&mut self, piece: &Self) -> &mut Self {
        self.0.push_str(&piece.0);
        self
    }

    /// Adds an element with a class around a text.
    pub(super) fn element(
        &mut self,
        (open, close): (&'static str, &'static str),
        text: &str,
    ) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    /// Adds an amount with its currency. Thousands stand apart to the eye only: the text has the
    /// digits as files have them.
    pub(super) fn money(&mut self, amount: Decimal, currency: &Currency) -> &mut Self {
        let digits = plain(tidy(amount), currency);
        let (whole, places) = match digits.split_once('.') {
            Some((whole, places)) => (whole, Some(places)),
            None => (digits.as_str(), None),
        };
        self.raw("<span class=\"n\">");
        let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
        let (first, rest) = whole.split_at((whole.len() - 1) % 3 + 1);
        self.text(sign).text(first);
        for group in rest.as_bytes().chunks(3) {
            self.element(("<i>", "</i>"), std::str::from_utf8(group).unwrap_or_default());
        }
        if let Some(places) = places {
            self.element(("<small>.", "</small>"), places);
        }
        self.element(("</span> <span class=\"c\">", "</span>"), currency.code())
    }

    /// The bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_decimal;

    #[test]
    fn what_is_not_ours_is_text() {
        let mut html = Html::default();
        html.raw("<b title=\"").text("\"><script>alert('&')</script>\u{202e}\n").raw("\">");
        let written = "<b title=\"&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\">";
        assert_eq!(html.as_str(), written);
        let mut html = Html::default();
        html.prose("run `a <b>` now").places("M1 -2.5\"><script>");
        assert_eq!(html.as_str(), "run <code>a &lt;b&gt;</code> nowM1 -2.5script");
    }

    #[test]
    fn thousands_stand_apart_to_the_eye_only() {
        for (amount, code, written) in [
            ("-902.65", "USD", "-902<small>.65</small>"),
            ("2761.97", "USD", "2<i>761</i><small>.97</small>"),
            ("1234567", "JPY", "1<i>234</i><i>567</i>"),
            ("0", "USD", "0<small>.00</small>"),
        ] {
            let currency = Currency::parse(code).unwrap();
            let mut html = Html::default();
            html.money(parse_decimal(amount).unwrap(), &currency);
            let wanted =
                format!("<span class=\"n\">{written}</span> <span class=\"c\">{code}</span>");
            assert_eq!(html.as_str(), wanted);
        }
    }
}
