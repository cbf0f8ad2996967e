//! Ages in words.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// How long ago something was, as [`span_words`].
#[must_use]
pub fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    span_words((now - then).to_std().unwrap_or(Duration::ZERO))
}

/// A length of time in the largest unit that says enough: `5 min`, `3 h`, `12 d`.
#[must_use]
pub fn span_words(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    match minutes {
        0..90 => format!("{minutes} min"),
        90..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn ages_are_read_at_a_glance() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        for (ago, words) in
            [(0, "0 min"), (89, "89 min"), (90, "1 h"), (2879, "47 h"), (2880, "2 d")]
        {
            assert_eq!(age(now - TimeDelta::minutes(ago), now), words);
        }
        assert_eq!(age(now + TimeDelta::days(1), now), "0 min");
    }
}
