"""Prints what ofxparse reads in OFX files, one account each, as JSON."""

import json
import sys

from ofxparse import OfxParser


def read(account):
    statement = account.statement
    balance = getattr(statement, "balance", None)
    return {
        "account": account.account_id,
        "currency": statement.currency.upper(),
        "balance": None if balance is None else str(balance),
        "rows": [read_row(row) for row in statement.transactions],
    }


def read_row(row):
    return {
        "id": row.id,
        "day": row.date.date().isoformat(),
        "amount": str(row.amount),
        "payee": row.payee or "",
        "description": row.memo or "",
        "check_number": row.checknum or "",
    }


def read_file(path):
    with open(path, "rb") as file:
        (account,) = OfxParser.parse(file).accounts
        return read(account)


json.dump([read_file(path) for path in sys.argv[1:]], sys.stdout)
