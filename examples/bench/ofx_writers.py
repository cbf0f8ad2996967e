"""Writes the rows of CSV files as OFX with another library, and prints how long that took.

    ofx_writers.py ofxstatement|ofxtools FOLDER-OF-CSV FOLDER-FOR-OFX RUNS

Reading the CSV and making dates, decimals and ofxstatement's statements is not counted, nor is the
start of the interpreter: the time is that of turning values in memory into files. It prints the
microseconds of each run, a line each.
"""

import csv
import sys
import time
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree


def read(path):
    """One account's year as values."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["day"] = datetime.fromisoformat(row["date"]).replace(hour=12, tzinfo=timezone.utc)
        row["value"] = Decimal(row["amount"])
        row["name"] = row["payee"][:32]
        row["text"] = row["description"][:255]
        row["kind"] = "DEBIT" if row["value"] < 0 else "CREDIT"
    return rows


def ofxstatement_inputs(rows):
    from ofxstatement.statement import Statement, StatementLine

    last = rows[-1]
    statement = Statement("000000000", last["account"], last["currency"])
    statement.start_date, statement.end_date = rows[0]["day"], last["day"]
    statement.end_balance = Decimal(last["balance"])
    for row in rows:
        line = StatementLine(row["id"], row["day"], row["text"], row["value"])
        line.payee, line.trntype, line.check_no = row["name"], row["kind"], row["check_number"]
        statement.lines.append(line)
    return statement


def ofxstatement_text(statement):
    from ofxstatement.ofx import OfxWriter

    return OfxWriter(statement).toxml()


def ofxtools_text(rows):
    from ofxtools import models
    from ofxtools.header import make_header

    def transaction(row):
        return models.STMTTRN(
            trntype=row["kind"],
            dtposted=row["day"],
            trnamt=row["value"],
            fitid=row["id"],
            checknum=row["check_number"] or None,
            name=row["name"],
            memo=row["text"] or None,
        )

    last = rows[-1]
    good = models.STATUS(code=0, severity="INFO")
    listed = models.BANKTRANLIST(
        *[transaction(row) for row in rows], dtstart=rows[0]["day"], dtend=last["day"]
    )
    account = models.BANKACCTFROM(
        bankid="000000000", acctid=last["account"][:22], accttype="CHECKING"
    )
    statement = models.STMTRS(
        curdef=last["currency"],
        bankacctfrom=account,
        banktranlist=listed,
        ledgerbal=models.LEDGERBAL(balamt=Decimal(last["balance"]), dtasof=last["day"]),
    )
    answer = models.STMTTRNRS(trnuid="0", status=good, stmtrs=statement)
    signon = models.SONRS(status=good, dtserver=last["day"], language="ENG")
    ofx = models.OFX(
        signonmsgsrsv1=models.SIGNONMSGSRSV1(sonrs=signon),
        bankmsgsrsv1=models.BANKMSGSRSV1(answer),
    )
    body = ElementTree.tostring(ofx.to_etree(), "unicode")
    return str(make_header(version=102)) + body


def write(inputs, text_of, folder):
    for place, values in enumerate(inputs):
        text = text_of(values)
        (folder / f"{place}.ofx").write_text(text, encoding="utf-8", newline="")


library, source, folder, runs = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
folder.mkdir(parents=True, exist_ok=True)
inputs = [read(path) for path in sorted(source.glob("**/[0-9][0-9][0-9][0-9].csv"))]
text_of = ofxtools_text
if library == "ofxstatement":
    inputs, text_of = [ofxstatement_inputs(rows) for rows in inputs], ofxstatement_text
write(inputs[:1], text_of, folder)
for _ in range(runs):
    start = time.perf_counter()
    write(inputs, text_of, folder)
    print(round((time.perf_counter() - start) * 1_000_000))
