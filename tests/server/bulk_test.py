"""Bulk posts as the README and common clients send them, and what a request holds at most."""

import os
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness

EVENTS_MAX = 1_000_000


def metric(server, name):
    page = harness.get(server.http, "/metrics").body.decode()
    return int(next(line for line in page.splitlines() if line.startswith(name + " ")).split()[1])


def clients_need_no_headers():
    """curl and Python call every body a form unless told."""
    with harness.directory() as directory, harness.Server(directory) as server:
        url = "http://%s:%d/v1/events" % server.http
        line = harness.event_line(harness.now_ms())
        answer = subprocess.run([harness.program("curl"), "-sS", "--data-binary", "@-", url],
                                input=line, capture_output=True, text=True, check=True)
        harness.check(answer.stdout.startswith('{"accepted":1,'), answer.stdout)
        with urllib.request.urlopen(url, data=line.encode()) as answer:
            harness.check_equal(answer.status, 200, "status")
        harness.check_equal(server.value("SELECT count(*) AS n FROM events"), 2, "stored")
        harness.check_equal(metric(server, 'kpi_events_accepted_total{dialect="ndjson"}'), 2,
                            "accepted")


def what_a_request_cannot_hold_is_refused_by_line():
    with harness.directory() as directory, harness.Server(directory) as server:
        body = b"{}\n" * ((64 << 20) // 3)
        lines = len(body) // 3
        answer = harness.post(server.http, "/v1/events", body,
                              Content_Type="application/x-ndjson").json()
        harness.check_equal(answer["accepted"], EVENTS_MAX, "accepted")
        harness.check_equal(answer["rejected_count"], lines - EVENTS_MAX, "rejected")
        harness.check_equal(answer["rejected"][0]["line"], EVENTS_MAX + 1, "first refused line")
        harness.check_equal(metric(server, "kpi_events_received_total"), lines, "received")
        harness.check_equal(metric(server, 'kpi_events_rejected_total{reason="limit"}'),
                            lines - EVENTS_MAX, "rejected")
        harness.check_equal(server.value("SELECT count(*) AS n FROM events"), EVENTS_MAX, "stored")
        answer = harness.post(server.http, "/v1/events", body + b"{}\n",
                              Content_Type="application/x-ndjson")
        harness.check_equal(answer.status, 413, "status of one line more than the limit")


harness.main(clients_need_no_headers, what_a_request_cannot_hold_is_refused_by_line)
