//! The alarm, a few milliseconds ahead, and one on a clock of the test's own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sophtron_sync::daemon::alarm::{Alarm, Sleep, Woken, real};
use tokio::sync::watch;

use super::{block_on, within};

#[allow(clippy::disallowed_methods, reason = "the real alarm needs the real clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[test]
fn it_rings_at_its_instant_and_not_before() {
    block_on(async {
        let (start, until) = (Instant::now(), now() + TimeDelta::milliseconds(80));
        assert_eq!(within(5_000, real()(until)).await, Some(Woken::Due));
        assert!(now() >= until, "woken early");
        assert!(start.elapsed() < Duration::from_secs(2), "woken late");
    });
}

#[test]
fn what_is_past_rings_at_once() {
    block_on(async {
        for until in
            [now(), now() - TimeDelta::days(9), DateTime::UNIX_EPOCH, DateTime::<Utc>::MIN_UTC]
        {
            assert_eq!(within(2_000, real()(until)).await, Some(Woken::Due), "{until}");
        }
    });
}

#[test]
fn what_is_far_off_does_not_ring_and_can_be_given_up() {
    block_on(async {
        let leap = DateTime::from_timestamp(4_102_444_799, 1_500_000_000).expect("a leap second");
        for until in [now() + TimeDelta::days(400), leap, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(within(50, real()(until)).await, None, "{until}");
        }
        let soon = within(2_000, real()(now() + TimeDelta::milliseconds(20))).await;
        assert_eq!(soon, Some(Woken::Due));
    });
}

#[test]
fn a_thousand_sleeps_leave_no_descriptor() {
    block_on(async {
        let timers = || {
            let open = std::fs::read_dir("/proc/self/fd").expect("descriptors").flatten();
            let leads_to = |entry: std::fs::DirEntry| std::fs::read_link(entry.path()).ok();
            open.filter_map(leads_to).filter(|it| it.ends_with("anon_inode:[timerfd]")).count()
        };
        for _ in 0..1_000 {
            assert_eq!(within(0, real()(now() + TimeDelta::days(1))).await, None);
        }
        assert!(timers() < 10, "{} timers", timers());
    });
}

/// An alarm on a clock that the test moves.
fn virtual_alarm(clock: &watch::Sender<DateTime<Utc>>) -> Alarm {
    let clock = clock.clone();
    Arc::new(move |until| {
        let mut clock = clock.subscribe();
        let sleep = async move {
            let before = *clock.borrow();
            match clock.wait_for(|now| *now >= until || *now < before).await {
                Ok(now) if *now < before => Woken::ClockSet,
                _ => Woken::Due,
            }
        };
        Box::pin(sleep) as Sleep
    })
}

#[test]
fn a_test_wakes_the_sleeper_by_its_own_clock() {
    block_on(async {
        let noon = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
        let clock = watch::Sender::new(noon);
        let alarm = virtual_alarm(&clock);
        let asleep = tokio::spawn(alarm(noon + TimeDelta::days(30)));
        tokio::task::yield_now().await;
        clock.send_replace(noon + TimeDelta::days(29));
        tokio::task::yield_now().await;
        assert!(!asleep.is_finished());
        clock.send_replace(noon + TimeDelta::days(30));
        assert_eq!(asleep.await.expect("woken"), Woken::Due);
        let asleep = tokio::spawn(alarm(noon + TimeDelta::days(60)));
        tokio::task::yield_now().await;
        clock.send_replace(noon);
        assert_eq!(asleep.await.expect("woken"), Woken::ClockSet);
    });
}
