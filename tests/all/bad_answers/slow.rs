//! A family whose service hangs for longer than anybody would wait: the other one's files are
//! there as if it were alone.

use std::time::{Duration, Instant};

use sophtron_sync::sophtron::Pace;

use super::{MOST_DELAY, Pair, meet};
use crate::bank::{Endpoint, Fault, Story, Transport, World};

/// Longer than the other family may be late.
const HANGS: Duration = Duration::from_millis(2500);

fn patient() -> Pair {
    let mut pair = Pair::new();
    pair.both.pace = Pace { silence: HANGS, whole: HANGS, refresh: HANGS, ..Pace::quick() };
    pair
}

#[test]
fn a_service_that_hangs_delays_no_other_family() {
    let long = Duration::from_mins(1);
    let trickle = Transport::SlowBody { piece: 40, pause: Duration::from_millis(400) };
    let mut pair = patient();
    for (transport, endpoint) in [
        (Transport::SlowHead(long), Endpoint::Accounts),
        (trickle, Endpoint::Accounts),
        (Transport::SlowBody { piece: 64, pause: long }, Endpoint::Transactions),
    ] {
        pair.news();
        meet(&pair.both, Fault::Transport(transport.clone()), endpoint);
        let began = Instant::now();
        let (ran, wrong) = pair.sync();
        assert!(began.elapsed() > MOST_DELAY, "{transport:?} does not hang");
        assert_eq!(wrong, [""; 0], "{transport:?}");
        assert_eq!(ran.code, 69, "{}", ran.err);
        pair.both.bank.edit(World::lift_faults);
        let (ran, wrong) = pair.sync();
        assert_eq!((ran.code, wrong), (0, vec![]), "{}", ran.err);
    }
    println!("at most {:?} later", pair.delay);
}

#[test]
fn a_job_that_never_ends_delays_no_other_family() {
    let mut pair = patient();
    pair.each(|home| {
        let tomorrow = home.now.date_naive() + chrono::Days::new(1);
        home.bank.edit(|world| {
            world.user_mut("smith").logins[0].refresh = Story::never_ending();
            world.user_mut("tremblay").logins[0].refresh = Story::running(0);
        });
        home.sleep_until(tomorrow);
    });
    let began = Instant::now();
    let (ran, wrong) = pair.sync();
    assert!(began.elapsed() > MOST_DELAY, "its job does not last");
    assert_eq!((ran.code, wrong), (0, vec![]), "{}", ran.err);
    assert!(ran.err.contains("not there in time"), "{}", ran.err);
    println!("at most {:?} later", pair.delay);
}
