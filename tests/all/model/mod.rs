//! Random histories of an account, each of thirty syncs over real HTTP against the sandbox, then
//! three clean reads. After every sync the books are held against the bank; at the end they are
//! the bank's in every format.
//!
//! | file | does |
//! | --- | --- |
//! | `story` | what happens, made from a seed, printed, made shorter |
//! | `bank_side` | what an event does at the bank |
//! | `engine` | an owner: store, files and the program's own sync |
//! | `written` | what stands in the files |
//! | `judge` | holds the books against the bank |
//! | `life` | plays a story |
//!
//! `SOPHTRON_SYNC_LONG=1` plays 10,000 stories instead of 200, `SOPHTRON_SYNC_SEED=7` the one of
//! that seed, and with `SOPHTRON_SYNC_STORIES=50` so many from there on.

mod bank_side;
mod engine;
mod judge;
mod life;
mod story;
mod written;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use self::life::{Counts, Stage};
use self::story::Story;
use crate::readers::long;

/// How many threads play stories.
const THREADS: usize = 4;

/// How often a story is made shorter before it is printed.
const MOST_SHORTENINGS: usize = 250;

/// How many of the stories that failed are made shorter and printed.
const MOST_STORIES: usize = 2;

#[test]
fn whatever_the_service_does_the_books_stay_right() {
    let seeds = seeds();
    let next = AtomicU64::new(seeds.start);
    let begun = Instant::now();
    let played: Vec<(Counts, Vec<Story>)> = std::thread::scope(|scope| {
        let player = || scope.spawn(|| play(&next, seeds.end));
        let players: Vec<_> = (0..THREADS).map(|_| player()).collect();
        players.into_iter().map(|player| player.join().expect("a player")).collect()
    });
    let (mut counts, mut failed) = (Counts::default(), Vec::new());
    for (its, stories) in played {
        counts.add(&its);
        failed.extend(stories);
    }
    println!("{counts} in {:.1?}", begun.elapsed());
    println!("failed: {}", failed.len());
    failed.sort_by_key(|story| story.seed);
    let told = failed.iter().take(MOST_STORIES).map(shortest).collect::<Vec<_>>().join("\n");
    assert!(failed.is_empty(), "{} of {} stories failed\n{told}", failed.len(), counts.histories);
}

/// The seeds to play.
#[allow(clippy::disallowed_methods)]
fn seeds() -> std::ops::Range<u64> {
    let stated = |name| std::env::var(name).ok().and_then(|text: String| text.parse::<u64>().ok());
    match (stated("SOPHTRON_SYNC_SEED"), stated("SOPHTRON_SYNC_STORIES")) {
        (Some(seed), None) => seed..seed + 1,
        (first, Some(count)) => first.unwrap_or(0)..first.unwrap_or(0) + count,
        (None, None) if long() => 0..10_000,
        (None, None) => 0..200,
    }
}

/// Plays stories until there is none left; gives those that failed.
fn play(next: &AtomicU64, end: u64) -> (Counts, Vec<Story>) {
    let stage = Stage::new();
    let (mut counts, mut failed) = (Counts::default(), Vec::new());
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return (counts, failed);
        }
        let story = Story::of(seed);
        if let Err(why) = stage.play(&story, &mut counts) {
            println!("story {seed}: {why}");
            failed.push(story);
        }
    }
}

/// The shortest story of its kind that still fails, and how.
fn shortest(story: &Story) -> String {
    let stage = Stage::new();
    let fails = |story: &Story| stage.play(story, &mut Counts::default()).err();
    let (mut story, mut why) = (story.clone(), fails(story).unwrap_or_default());
    story.steps.truncate(syncs_until(&why).unwrap_or(story.steps.len()));
    let mut tried = 0;
    'again: loop {
        for shorter in story.shorter() {
            tried += 1;
            if tried > MOST_SHORTENINGS {
                break 'again;
            }
            if let Some(how) = fails(&shorter) {
                (story, why) = (shorter, how);
                continue 'again;
            }
        }
        break;
    }
    format!("{story}  {why}\n")
}

/// After how many syncs it was wrong.
fn syncs_until(why: &str) -> Option<usize> {
    why.strip_prefix("after sync ")?.split(':').next()?.parse().ok()
}
