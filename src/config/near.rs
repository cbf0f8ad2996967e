//! Which known word a misspelt one was meant to be.

/// The word that is nearest to `typed`, if one is near enough to be meant.
pub(super) fn nearest<'w>(typed: &str, words: &[&'w str]) -> Option<&'w str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let typed = plain(typed);
    words
        .iter()
        .map(|word| (distance(&typed, &plain(word)), *word))
        .filter(|(far, word)| *far <= tolerance(&typed, word))
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
}

/// How many slips still let a word be recognised: one in three letters, and one in two.
fn tolerance(typed: &str, word: &str) -> usize {
    let letters = typed.chars().count().min(word.chars().count());
    if letters == 2 { 1 } else { letters / 3 }
}

/// How many slips (a letter left out, added, wrong, or two neighbours swapped) lie between them.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(64).collect();
    let other: Vec<char> = other.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let wrong = last[j] + usize::from(a != b);
            let mut best = wrong.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_are_counted() {
        for (one, other, slips) in [
            ("", "abc", 3),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("overlp", "overlap", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), slips, "{one} {other}");
            assert_eq!(distance(other, one), slips, "{other} {one}");
        }
    }

    #[test]
    fn only_a_near_word_is_proposed() {
        let words = ["refresh", "overlap", "poll"];
        assert_eq!(nearest("overlpa", &words), Some("overlap"));
        assert_eq!(nearest("Refresh", &words), Some("refresh"));
        assert_eq!(nearest("pol", &words), Some("poll"));
        assert_eq!(nearest("schedule", &words), None);
        assert_eq!(nearest("", &words), None);
    }
}
