"""COMPARE over HTTP: the answer carries its warnings and methods beside the rows."""

import json
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness

STATEMENT = ("COMPARE p50(turnaround_time) BASELINE variant = 'A' CANDIDATE variant = 'B' "
             "GROUP BY browser")


def events():
    """Of A all succeed, of B half of them: the timings of B are those of the lucky half."""
    now = harness.now_ms()
    for number in range(400):
        variant = "AB"[number % 2]
        event = {"time": now - number, "rp": "https://rp.example", "outcome": "success",
                 "labels": {"variant": variant, "browser": "Fox\u00e9"},
                 "measures": {"turnaround_time": 100 + number % 7}}
        if variant == "B" and number % 4 == 1:
            event["outcome"] = "failure"
            del event["measures"]
        yield json.dumps(event) + "\n"


def ask(server, statement, accept="application/json"):
    """The notes and the body of an answer."""
    request = urllib.request.Request("http://%s:%d/v1/query" % server.http, statement.encode(),
                                     {"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.headers.get_all("Kpi-Note", []), answer.read().decode()


def warnings_reach_scripts():
    with harness.directory() as directory, harness.Server(directory) as server:
        body = "".join(events()).encode()
        taken = harness.post(server.http, "/v1/events", body, Content_Type="application/x-ndjson")
        harness.check_equal(taken.json()["accepted"], 400, "accepted")
        for accept in ("application/json", "text/csv"):
            notes, rows = ask(server, STATEMENT, accept)
            harness.check(notes and notes[0].startswith("survivorship in 'Fox"), str(notes))
            harness.check(any("Hutson 1999" in note for note in notes), str(notes))
            harness.check("(added)" in rows, rows)
        harness.check_equal(ask(server, "SHOW RPS")[0], [], "notes of SHOW")


harness.main(warnings_reach_scripts)
