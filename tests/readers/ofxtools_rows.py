"""Prints what ofxtools reads in OFX files, one account each, as JSON. Days are those of the local zone."""

import json
import sys

from ofxtools.Parser import OFXTree


def text(value):
    return None if value is None else str(value)


def read(statement):
    # An attribute that is not there sends ofxtools into endless recursion: ask by type.
    invested = type(statement).__name__ == "INVSTMTRS"
    if invested:
        rows = [row.stmttrn for row in statement.invtranlist]
        account, balance = statement.invacctfrom, None
    else:
        rows = list(statement.banktranlist)
        account, balance = statement.account, statement.ledgerbal.balamt
    return {
        "account": account.acctid,
        "currency": statement.curdef,
        "balance": text(balance),
        "rows": [read_row(row) for row in rows],
    }


def read_row(row):
    return {
        "id": row.fitid,
        "day": row.dtposted.astimezone().date().isoformat(),
        "amount": text(row.trnamt),
        "payee": row.name or "",
        "description": row.memo or "",
        "check_number": row.checknum or "",
    }


def read_file(path):
    parser = OFXTree()
    parser.parse(path)
    (statement,) = parser.convert().statements
    return read(statement)


json.dump([read_file(path) for path in sys.argv[1:]], sys.stdout)
