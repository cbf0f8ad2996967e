"""Prints what Python's csv module reads in CSV files, as JSON: a list of rows a file."""

import csv
import json
import sys


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


json.dump([rows(path) for path in sys.argv[1:]], sys.stdout)
