//! The owner's nouns, as plain values: money, days, names, accounts, rows as received, rows as
//! booked, statements, states and faults. Everything above speaks in these words.
//!
//! Nothing here knows a wire format, SQL, a file, the clock or the configuration's spelling.

mod account;
mod age;
mod challenge;
mod credentials;
mod day;
mod digest;
mod event;
mod fault;
mod health;
mod hooks;
mod institution;
mod job;
mod kept;
mod money;
mod moved;
mod name;
mod notice;
mod overview;
mod question;
mod received;
mod said;
mod schedule;
mod settings;
mod statement;

pub use account::{Account, AccountType, AmountSign, BalanceSign, RowCurrency, Track};
pub use age::{age, span_words};
pub use challenge::{Challenge, Reply};
pub use credentials::Credentials;
pub use day::{Day, civil_day};
pub use digest::sha256_hex;
pub use event::{About, Call, Event, EventAccount, EventKind, Trouble};
pub use fault::{Again, Exit, Fault, State};
pub use health::{Concern, Health, Level, Patience, concerns, cure, health};
pub use hooks::{AttentionSettings, FamilyHooks, HookSettings, Hooks, Own, Program};
pub use institution::{
    BankLogin, Connecting, FormField, FormPart, HistoryDepth, Institution, LoginForm, NewLogin,
};
pub use job::{Job, Verdict};
pub use kept::{
    Agreement, Anchor, Condition, Cursor, FailedRefresh, KeptAccount, KeptLogin, KeptRow, Linked,
    Proved, ReadNumber, Report, Settled, Standing,
};
pub use money::{Currency, Money, MoneyError, exact_sum, parse_decimal, plain, shortest, tidy};
pub use moved::{KnownBy, Move};
pub use name::{AccountId, JobId, LoginId, Name, NameError};
pub use notice::{Notice, NoticeOf, STALE, drift_notice, notices, quarantined};
pub use overview::{
    AccountOverview, BalanceGap, DaemonInfo, FamilyOverview, Overview, RefusedAnswer, Requests,
    Tally, WaitingLogin,
};
pub use question::{Form, NotAsked, Question};
pub use received::{ReceivedAccount, ReceivedLogin, ReceivedRow, Sent};
pub use said::Said;
pub use schedule::{Quiet, Schedule, Ticks};
pub use settings::{
    DecimalMark, DescriptionStyle, Family, FileSettings, Format, Refresh, Style, SyncSettings,
};
pub use statement::{AccountLine, Assertion, BalanceLine, Booking, Drift, OfxIdentity, Statement};
