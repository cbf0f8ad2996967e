//! Signals, as one stream; the real ones go to a process of their own.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal as Kill, kill_process};
use sophtron_sync::daemon::signals::{Signal, Signals};

use super::{again, block_on, second, within};

/// A process that says which signals it heard.
struct Listener {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Listener {
    fn start(test: &str) -> Self {
        let mut child = again(&format!("signals::{test}"));
        let said = BufReader::new(child.stdout.take().expect("its stdout"));
        let mut listener = Self { child, said };
        listener.says("listening");
        listener
    }

    fn kill(&self, signal: Kill) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is there");
    }

    /// Waits for a line.
    fn says(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            let read = self.said.read_line(&mut line).expect("a line");
            assert!(read > 0, "it ended without {words}");
        }
    }

    /// How it ended, and how long that took.
    fn end(mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        (self.child.wait().expect("it ends"), start.elapsed())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// A line past the test harness.
fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("said");
}

#[test]
fn each_signal_is_heard_for_what_it_asks() {
    if second() {
        return block_on(async {
            let mut signals = Signals::listen().expect("handlers");
            say("listening");
            loop {
                let signal = signals.next().await;
                say(&format!("heard {signal:?}"));
                if signal == Signal::Stop {
                    return;
                }
            }
        });
    }
    for stop in [Kill::TERM, Kill::INT] {
        let mut listener = Listener::start("each_signal_is_heard_for_what_it_asks");
        for (signal, words) in
            [(Kill::HUP, "heard Reload"), (Kill::USR1, "heard SyncNow"), (stop, "heard Stop")]
        {
            listener.kill(signal);
            listener.says(words);
        }
        assert!(listener.end().0.success(), "the first stop lets it end by itself");
    }
}

#[test]
fn a_second_stop_ends_it_though_all_is_stuck() {
    if second() {
        return block_on(async {
            let mut signals = Signals::listen().expect("handlers");
            say("listening");
            signals.next().await;
            drop(signals);
            say("stuck");
            loop {
                std::thread::sleep(Duration::from_mins(1));
            }
        });
    }
    for (first, last) in [(Kill::TERM, Kill::TERM), (Kill::INT, Kill::INT), (Kill::INT, Kill::TERM)]
    {
        let mut listener = Listener::start("a_second_stop_ends_it_though_all_is_stuck");
        listener.kill(first);
        listener.says("stuck");
        listener.kill(Kill::HUP);
        listener.kill(last);
        let (status, took) = listener.end();
        assert_eq!(status.signal(), Some(last.as_raw()), "{first:?} {last:?} {status}");
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
}

#[test]
fn a_flood_loses_no_kind_of_signal() {
    if second() {
        return block_on(async {
            let mut signals = Signals::listen().expect("handlers");
            say("listening");
            std::thread::sleep(Duration::from_millis(200));
            let mut seen = Vec::new();
            while !seen.contains(&Signal::Stop) {
                seen.push(signals.next().await);
            }
            assert!(seen.contains(&Signal::Reload) && seen.contains(&Signal::SyncNow), "{seen:?}");
        });
    }
    let listener = Listener::start("a_flood_loses_no_kind_of_signal");
    for _ in 0..500 {
        listener.kill(Kill::HUP);
        listener.kill(Kill::USR1);
    }
    listener.kill(Kill::TERM);
    assert!(listener.end().0.success());
}

#[test]
fn a_test_sends_its_own_or_none() {
    block_on(async {
        let (tell, heard) = tokio::sync::mpsc::channel(4);
        let mut signals = Signals::from_channel(heard);
        tell.send(Signal::Reload).await.expect("sent");
        tell.send(Signal::Stop).await.expect("sent");
        assert_eq!(signals.next().await, Signal::Reload);
        assert_eq!(signals.next().await, Signal::Stop);
        assert_eq!(within(20, signals.next()).await, None);
        drop(tell);
        assert_eq!(within(20, signals.next()).await, None, "a closed stream is a silent one");
        assert_eq!(within(20, Signals::none().next()).await, None);
    });
}
