"""Aliases of label values: what is asked for by any name is found, also what came in before there
was an alias, and alike on every surface."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness


def send(server, *names):
    lines = "".join(harness.event_line(harness.now_ms(), labels={"os": name}) for name in names)
    answer = harness.post(server.http, "/v1/events", lines, Content_Type="application/x-ndjson")
    harness.check_equal(answer.json()["accepted"], len(names), "accepted")


def count(server, condition):
    """Over HTTP; the query socket must say the same."""
    statement = "SELECT count(*) AS n FROM events WHERE " + condition
    found = server.value(statement)
    shown = subprocess.run(
        [harness.binary("kpi-query"), "-h", server.query[0], "-p", str(server.query[1]),
         "--no-header", statement], capture_output=True, text=True, check=True)
    harness.check_equal(int(shown.stdout), found, condition)
    return found


def conditions_name_any_spelling():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            send(server, "Windows NT 6.1", "Windows 7", "SunOS", "Linux")
            harness.check_equal(count(server, "os = 'Windows NT 6.1'"), 2, "built-in alias")
            harness.check_equal(count(server, "os = 'Windows 7'"), 2, "what it is stored as")
            harness.check_equal(count(server, "os = 'Solaris'"), 0, "not yet an alias")
            server.stop()
        with harness.Server(directory, "--label-alias", "os:SunOS=Solaris",
                            "--label-alias", "os:Windows NT 6.1=Windows NT 6.1") as server:
            send(server, "SunOS", "Solaris", "Windows NT 6.1")
            for name in ("SunOS", "Solaris"):
                harness.check_equal(count(server, f"os = '{name}'"), 3, name)
                harness.check_equal(count(server, f"os <> '{name}'"), 4, "not " + name)
            harness.check_equal(count(server, "os = 'Windows NT 6.1'"), 1, "no alias any more")
            harness.check_equal(count(server, "os = 'Windows 7'"), 2, "no alias any more")


harness.main(conditions_name_any_spelling)
