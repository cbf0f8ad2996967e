//! A family and its accounts as they are meant.

use std::path::{Path, PathBuf};

use super::findings::Findings;
use super::raw::{RawAccount, RawFamily};
use super::{CredentialsSource, FamilyConfig, base_url, find, ledger_name, values};
use crate::domain::{
    Account, AccountId, AccountType, AmountSign, BalanceSign, Family, FileSettings, LoginId,
    RowCurrency, Track,
};

/// Reads one family; `None` where something that it cannot do without is missing or wrong, which
/// is among the findings then.
pub(super) fn family(
    raw: &RawFamily,
    base: &Path,
    files: &FileSettings,
    findings: &mut Findings,
) -> Option<FamilyConfig> {
    let accounts = raw.accounts.iter().filter_map(|raw| {
        let line = raw.name.as_ref().map_or(0, |name| name.spot.line);
        Some((account(raw, findings)?, line))
    });
    let (accounts, account_lines) = accounts.unzip();
    let credentials = credentials(raw, base, findings);
    let url = findings.read(raw.base_url.as_ref(), |text| base_url::base_url(text));
    let start_date = findings.read(raw.start_date.as_ref(), values::day);
    let own = findings.read(raw.output_dir.as_ref(), |text| find::typed_path(base, text));
    let group = findings.read(raw.group.as_ref(), |text| values::group(text));
    let mode = findings.read(raw.mode.as_ref(), |text| values::mode(text));
    let name = findings.read(raw.name.as_ref(), |text| values::name(text))?;
    let output_dir = own.as_deref().map(find::resolved);
    let family = Family {
        base_url: url.unwrap_or_else(|| base_url::SERVICE.to_owned()),
        start_date,
        own_folder: output_dir.is_some(),
        output_dir: output_dir.unwrap_or_else(|| files.output_dir.join(name.as_str())),
        group: group.or_else(|| files.group.clone()),
        mode: mode.unwrap_or(files.mode),
        paused: raw.paused.as_ref().is_some_and(|flag| flag.value),
        accounts,
        name,
    };
    let group_line = raw.group.as_ref().map(|group| group.spot.line);
    Some(FamilyConfig { family, credentials: credentials?, group_line, account_lines })
}

fn credentials(raw: &RawFamily, base: &Path, findings: &mut Findings) -> Option<CredentialsSource> {
    let file: Option<PathBuf> =
        findings.read(raw.credentials_file.as_ref(), |text| find::typed_path(base, text));
    let inline = raw.credentials.as_ref().map(|inline| inline.value.clone());
    file.map(CredentialsSource::File).or(inline.map(CredentialsSource::Inline))
}

fn account(raw: &RawAccount, findings: &mut Findings) -> Option<Account> {
    let id = findings.read(raw.id.as_ref(), |text| values::id(text));
    let login = findings.read(raw.login.as_ref(), |text| values::id(text));
    let name = findings.read(raw.name.as_ref(), |text| values::name(text));
    let kind = findings.read(raw.kind.as_ref(), |text| {
        values::one_of(text, &AccountType::ALL.map(|kind| (kind.word(), kind)))
    });
    let ledger = findings.read(raw.ledger.as_ref(), |text| ledger_name::account(text));
    let currency = findings.read(raw.currency.as_ref(), |text| values::currency(text));
    let start_date = findings.read(raw.start_date.as_ref(), values::day);
    let closed = findings.read(raw.closed.as_ref(), values::day);
    let track = track(raw, findings);
    let row_currency = row_currency(raw, findings);
    let balance_sign = balance_sign(raw, findings);
    let amount_sign = amount_sign(raw, findings);
    let refresh = findings.read(raw.refresh.as_ref(), |text| values::refresh(text));
    let max_age = findings.read(raw.max_age.as_ref(), |text| values::duration(text));
    let kind = kind?;
    Some(Account {
        id: AccountId::new(&id?),
        login: login.map(|login| LoginId::new(&login)),
        name: name?,
        kind,
        ledger: ledger?,
        currency,
        row_currency: row_currency.unwrap_or(RowCurrency::Strict),
        start_date,
        opening_entry: raw.opening_entry.as_ref().is_none_or(|flag| flag.value),
        track,
        balance_sign: balance_sign.unwrap_or(default_balance_sign(kind)),
        amount_sign: amount_sign.unwrap_or(AmountSign::Auto),
        refresh,
        max_age,
        closed,
    })
}

/// Only a debt's balance can be meant either way; every other is what it says.
fn default_balance_sign(kind: AccountType) -> BalanceSign {
    if kind.is_debt() { BalanceSign::Auto } else { BalanceSign::Signed }
}

fn track(raw: &RawAccount, findings: &mut Findings) -> Option<Track> {
    findings.read(raw.track.as_ref(), |text| values::one_of(text, Track::WORDS))
}

fn row_currency(raw: &RawAccount, findings: &mut Findings) -> Option<RowCurrency> {
    findings.read(raw.row_currency.as_ref(), |text| values::one_of(text, RowCurrency::WORDS))
}

fn balance_sign(raw: &RawAccount, findings: &mut Findings) -> Option<BalanceSign> {
    findings.read(raw.balance_sign.as_ref(), |text| values::one_of(text, BalanceSign::WORDS))
}

fn amount_sign(raw: &RawAccount, findings: &mut Findings) -> Option<AmountSign> {
    findings.read(raw.amount_sign.as_ref(), |text| values::one_of(text, AmountSign::WORDS))
}
