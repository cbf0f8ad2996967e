"""Calls the API the way the service's published Python sample is described to: the signature
covers what follows the last slash, in lower case; bodies are JSON; dates are ISO."""

import base64
import hashlib
import hmac
import json
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone

BASE, USER_ID, ACCESS_KEY, TODAY = sys.argv[1:5]


def call(method, path, body=None):
    url = BASE + path
    auth_path = url[url.rindex("/"):].lower()
    text = (method.upper() + "\n" + auth_path).encode("utf-8")
    digest = hmac.new(base64.b64decode(ACCESS_KEY), text, hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode("ascii")
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Authorization": "FIApiAUTH:" + USER_ID + ":" + signature + ":" + auth_path,
    }
    data = None if body is None else json.dumps(body).encode("utf-8")
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        text = response.read().decode("utf-8")
    return json.loads(text) if text else None


def main():
    end = datetime.fromisoformat(TODAY).replace(tzinfo=timezone.utc)
    span = {"StartDate": (end - timedelta(days=30)).isoformat(), "EndDate": end.isoformat()}
    call("GET", "/Institution/HealthCheckAuth")
    rows = 0
    for login in call("POST", "/UserInstitution/GetUserInstitutionsByUser", {"UserID": USER_ID}):
        for account in call(
            "POST",
            "/UserInstitution/GetUserInstitutionAccounts",
            {"UserInstitutionID": login["UserInstitutionID"], "UserName": None},
        ):
            asked = {"AccountID": account["AccountID"]}
            job = call("POST", "/UserInstitutionAccount/RefreshUserInstitutionAccount", asked)
            while call("POST", "/Job/GetJobInformationByID", {"JobID": job["JobID"]})[
                "SuccessFlag"
            ] is None:
                time.sleep(0.01)
            rows += len(
                call("POST", "/Transaction/GetTransactionsByTransactionDate", {**asked, **span})
            )
    print(rows)


main()
