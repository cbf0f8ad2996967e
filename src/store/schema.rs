//! The schema, as an ordered list of migrations that only grows.
//!
//! Rules: a migration that was released is never changed; a new one is appended; all that are due
//! run in one transaction; `user_version` counts those that ran. Amounts are TEXT, digit for
//! digit; days are `YYYY-MM-DD`, instants RFC 3339 in UTC. Figures keep the service's sign.

use rusqlite::Connection;

/// How many migrations there are: the version of a store that is up to date.
pub(super) const VERSION: usize = MIGRATIONS.len();

const MIGRATIONS: [&str; 8] = [FIRST, PLAN, TALLY, CALLS, ASIDE, CONNECTING, MOVES, FAILED_REFRESH];

pub(super) fn version(db: &Connection) -> rusqlite::Result<usize> {
    let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(version as usize)
}

pub(super) fn migrate(db: &Connection, from: usize) -> rusqlite::Result<()> {
    for migration in &MIGRATIONS[from..] {
        db.execute_batch(migration)?;
    }
    db.pragma_update(None, "user_version", u32::try_from(VERSION).unwrap_or(u32::MAX))
}

const FIRST: &str = "
CREATE TABLE family (
    name       TEXT PRIMARY KEY,
    start_date TEXT,                       -- fixed at the first sync, where none is configured
    rejected   TEXT,                       -- fingerprint of the credentials that the service refused
    exported   TEXT,                       -- fingerprint of what the files were last written from
    revision   INTEGER NOT NULL DEFAULT 0  -- counts changes that a file shows
) STRICT;

CREATE TABLE requests (
    family TEXT NOT NULL,
    month  TEXT NOT NULL,                  -- YYYY-MM, UTC
    used   INTEGER NOT NULL,
    PRIMARY KEY (family, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE login (
    family         TEXT NOT NULL,
    id             TEXT NOT NULL,
    institution_id TEXT,
    institution    TEXT,
    job            TEXT,                   -- the refresh job that is open
    refresh_tried  TEXT,
    login_refused  INTEGER NOT NULL DEFAULT 0, -- refreshes in a row that failed at the login
    blocked        TEXT,                   -- why no refresh is started until the owner acts
    PRIMARY KEY (family, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    key          INTEGER PRIMARY KEY,
    family       TEXT NOT NULL,
    id           TEXT NOT NULL,
    first_id     TEXT NOT NULL,
    name         TEXT NOT NULL,
    first_name   TEXT NOT NULL,
    login        TEXT,
    -- as configured when last linked; the first day that is booked
    linked_login TEXT, linked_kind TEXT NOT NULL, ledger TEXT NOT NULL, linked_currency TEXT,
    row_currency TEXT NOT NULL, linked_start TEXT, start TEXT NOT NULL,
    opening_entry INTEGER NOT NULL, linked_track TEXT, balance_sign TEXT NOT NULL,
    amount_sign TEXT NOT NULL, linked_refresh TEXT, max_age TEXT, closed TEXT,
    -- as last received
    label TEXT, mask TEXT, kind TEXT, sub_kind TEXT, balance TEXT, account_balance TEXT,
    available TEXT, cash TEXT, sent_currency TEXT, last_updated TEXT, status TEXT,
    routing_number TEXT, raw TEXT,
    -- settled at the first good read
    currency TEXT, track TEXT, bank_id TEXT, ofx_account TEXT, ofx_type TEXT,
    -- settled by evidence, with its words
    proved_balance_sign TEXT, balance_proof TEXT, proved_amount_sign TEXT, amount_proof TEXT,
    -- where reading stands
    reads INTEGER NOT NULL DEFAULT 0, read_from TEXT, read_at TEXT, read_updated TEXT,
    -- what the opening follows from
    anchor_balance TEXT, anchor_day TEXT, anchor_pending TEXT, anchor_waiting TEXT,
    anchor_counts_pending INTEGER,
    -- the last agreement
    agreed_balance TEXT, agreed_day TEXT,
    -- state and attempts
    state TEXT NOT NULL DEFAULT 'new', message TEXT, help TEXT, last_attempt TEXT,
    last_success TEXT, next_attempt TEXT, wait_until TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    UNIQUE (family, name),
    UNIQUE (family, id)
) STRICT;

CREATE TABLE transaction_row (
    key        INTEGER PRIMARY KEY,
    account    INTEGER NOT NULL REFERENCES account (key),
    sequence   INTEGER NOT NULL,           -- first-seen order
    id         TEXT,                       -- the id in the files
    standing   TEXT NOT NULL,
    first_read INTEGER NOT NULL,
    anchored   INTEGER,                    -- the read at which the opening counted it
    agreed     INTEGER NOT NULL DEFAULT 0,
    missed     INTEGER NOT NULL DEFAULT 0, -- good reads in a row that lacked it
    service_id TEXT, service_account TEXT, status TEXT, kind TEXT, amount TEXT, currency TEXT,
    transaction_date TEXT, date TEXT, post_date TEXT, description TEXT, merchant TEXT,
    category TEXT, check_number TEXT, memo TEXT, balance TEXT, raw TEXT NOT NULL,
    UNIQUE (account, sequence),
    UNIQUE (account, id)
) STRICT;

CREATE TABLE row_name (                    -- ids that the service gave a row beside its present one
    row        INTEGER NOT NULL REFERENCES transaction_row (key),
    service_id TEXT NOT NULL,
    PRIMARY KEY (row, service_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE row_version (                 -- what a row said before
    row        INTEGER NOT NULL REFERENCES transaction_row (key),
    until_read INTEGER NOT NULL,           -- the read that replaced it
    held       INTEGER NOT NULL,           -- 1: a form that cannot be booked and is not taken; 2: was such
    service_id TEXT, service_account TEXT, status TEXT, kind TEXT, amount TEXT, currency TEXT,
    transaction_date TEXT, date TEXT, post_date TEXT, description TEXT, merchant TEXT,
    category TEXT, check_number TEXT, memo TEXT, balance TEXT, raw TEXT NOT NULL
) STRICT;
CREATE INDEX row_version_row ON row_version (row, until_read);

CREATE TABLE pending_row (
    account INTEGER NOT NULL REFERENCES account (key),
    place   INTEGER NOT NULL,
    service_id TEXT, service_account TEXT, status TEXT, kind TEXT, amount TEXT, currency TEXT,
    transaction_date TEXT, date TEXT, post_date TEXT, description TEXT, merchant TEXT,
    category TEXT, check_number TEXT, memo TEXT, balance TEXT, raw TEXT NOT NULL,
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE report (                      -- every reported balance with its day
    account   INTEGER NOT NULL REFERENCES account (key),
    read      INTEGER NOT NULL,
    place     INTEGER NOT NULL,            -- a balance may move without a read of rows
    day       TEXT NOT NULL,
    balance   TEXT,
    available TEXT,
    disturbed INTEGER NOT NULL,            -- 1: a row changed or went with it
    computed  TEXT,
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE read (                        -- when each good read was
    account INTEGER NOT NULL REFERENCES account (key),
    number  INTEGER NOT NULL,
    at      TEXT NOT NULL,
    PRIMARY KEY (account, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE refused (                     -- the last answer that a guard refused
    account INTEGER PRIMARY KEY REFERENCES account (key),
    at      TEXT NOT NULL,
    why     TEXT NOT NULL,
    rows    TEXT NOT NULL                  -- the known keys of its rows, a line each
) STRICT;

CREATE TABLE event (
    key     INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (key),
    at      TEXT NOT NULL,
    row     INTEGER,
    what    TEXT NOT NULL
) STRICT;

CREATE TABLE file (                        -- files as last written
    path     TEXT PRIMARY KEY,
    sha256   TEXT NOT NULL,
    length   INTEGER NOT NULL,
    modified TEXT NOT NULL                 -- nanoseconds since 1970
) STRICT, WITHOUT ROWID;

CREATE TABLE file_version (                -- every version ever written, by its hash
    path   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (path, sha256)
) STRICT, WITHOUT ROWID;
";

const PLAN: &str = "
CREATE TABLE round (                       -- the last round that a family had its part in
    family TEXT PRIMARY KEY,
    at     TEXT NOT NULL                   -- when that round began
) STRICT, WITHOUT ROWID;
";

const TALLY: &str = "
CREATE TABLE tally (                       -- what was last counted from an account's rows
    account     INTEGER PRIMARY KEY REFERENCES account (key) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,             -- of all that it was counted from
    booked      INTEGER NOT NULL,
    pending     INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    drift       TEXT,
    drift_since TEXT,
    hint        TEXT,                      -- what the owner can set
    signs       TEXT NOT NULL              -- what evidence says of open signs, one a line
) STRICT;
";

const CALLS: &str = "
CREATE TABLE attention_call (              -- troubles that last, and when the owner was told
    family      TEXT NOT NULL,             -- empty: of no single family
    subject     TEXT NOT NULL,             -- an account, a path; empty: of everything
    trouble     TEXT NOT NULL,
    since       TEXT NOT NULL,
    called      TEXT,                      -- when he was told last
    looked      TEXT NOT NULL,             -- when it was looked at last
    seen        TEXT NOT NULL,             -- how it stood at the last look
    unreachable INTEGER NOT NULL,          -- 1: the service gave no usable answer
    PRIMARY KEY (family, subject, trouble)
) STRICT, WITHOUT ROWID;

CREATE TABLE untold_file (                 -- changed files that no hook was told of yet
    noted  INTEGER PRIMARY KEY AUTOINCREMENT, -- grows each time that a file is noted
    family TEXT NOT NULL,                  -- empty: those that families share
    path   TEXT NOT NULL,
    UNIQUE (family, path)
) STRICT;
";

/// The known keys of the records of accounts in an answer that was refused, a line each.
const ASIDE: &str = "ALTER TABLE refused ADD COLUMN accounts TEXT NOT NULL DEFAULT '';";

const CONNECTING: &str = "
CREATE TABLE connecting (                  -- banks whose connection was begun and is not through
    family         TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    begun          TEXT NOT NULL,
    known          TEXT NOT NULL,          -- the logins that there were before, a line each
    login          TEXT,                   -- the one that came of it
    PRIMARY KEY (family, institution_id)
) STRICT, WITHOUT ROWID;
";

const MOVES: &str = "
CREATE TABLE account_move (                -- accounts on their way to another name or id
    account   INTEGER PRIMARY KEY REFERENCES account (key) ON DELETE CASCADE,
    from_name TEXT NOT NULL,
    from_id   TEXT NOT NULL,
    to_name   TEXT NOT NULL,
    to_id     TEXT NOT NULL,
    to_login  TEXT
) STRICT;
";
/// What was told of the last refresh, where it ended without new data, and what to do about it.
const FAILED_REFRESH: &str = "
ALTER TABLE login ADD COLUMN failed TEXT;
ALTER TABLE login ADD COLUMN failed_help TEXT;
ALTER TABLE login ADD COLUMN failed_told INTEGER NOT NULL DEFAULT 0;
";
