//! Log lines: one an event on stderr, of this program alone.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use super::args::LogFormat;
use crate::config::Env;

/// Starts the log. Libraries are not heard at any level: what they say may show what travels.
pub(super) fn start(verbose: u8, format: LogFormat, env: &Env) {
    let level = ["warn", "info", "debug", "trace"][usize::from(verbose.min(3))];
    let ours = EnvFilter::new(format!("off,sophtron_sync={level}"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(ours)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_span_events(FmtSpan::NONE);
    // The journal has its own clock.
    let journal = env.get("JOURNAL_STREAM").is_some();
    let _ = match (format, journal) {
        (LogFormat::Json, false) => lines.json().try_init(),
        (LogFormat::Json, true) => lines.json().without_time().try_init(),
        (LogFormat::Text, false) => lines.try_init(),
        (LogFormat::Text, true) => lines.without_time().try_init(),
    };
}
