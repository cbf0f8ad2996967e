"""Prints what ofxparse reads in an OFX file, as JSON."""

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


with open(sys.argv[1], "rb") as file:
    json.dump([read(account) for account in OfxParser.parse(file).accounts], sys.stdout)
