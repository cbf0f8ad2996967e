//! Log lines: one an event on stderr, of this program alone.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::args::LogFormat;
use crate::config::Env;

/// Starts the log. Libraries are not heard at any level: what they say may show what travels.
///
/// The daemon tells events unasked. The first `-v` adds a line a request, which shows method,
/// endpoint, status and time.
pub(super) fn start(verbose: u8, format: LogFormat, is_daemon: bool, env: &Env) {
    let quiet = if is_daemon { "info" } else { "warn" };
    let level = [quiet, "info", "debug", "trace"][usize::from(verbose.min(3))];
    let requests = if verbose == 0 { "off" } else { level };
    let ours = EnvFilter::new(format!("off,sophtron_sync={level},requests={requests}"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(ours)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let plain = Format::default().with_ansi(false).with_target(false);
    // The journal has its own clock, and takes the level from before the line.
    let _ = match (format, is_journal(env)) {
        (LogFormat::Json, false) => lines.json().event_format(plain.json()).try_init(),
        (LogFormat::Json, true) => {
            lines.json().event_format(Prioritised(plain.json().without_time())).try_init()
        }
        (LogFormat::Text, false) => lines.event_format(plain).try_init(),
        (LogFormat::Text, true) => {
            lines.event_format(Prioritised(plain.without_time().with_level(false))).try_init()
        }
    };
}

/// Whether stderr is the stream that systemd connected to the journal: a program that is started
/// from a service inherits the variable, but may write elsewhere.
fn is_journal(env: &Env) -> bool {
    let named = env.get("JOURNAL_STREAM").and_then(|stream| stream.to_str());
    let stderr = rustix::fs::fstat(std::io::stderr());
    matches!((named, stderr), (Some(named), Ok(is)) if named == format!("{}:{}", is.st_dev, is.st_ino))
}

/// Lines with the priority of `sd-daemon(3)` before them.
struct Prioritised<F>(F);

impl<S, N, F> FormatEvent<S, N> for Prioritised<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(context, writer, event)
    }
}
