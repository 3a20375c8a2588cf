"""kpi-admin export beside a running server, import elsewhere: every answer alike."""

import json
import os
import subprocess

import harness
from harness import check, check_equal

STATEMENTS = [
    "SELECT rp, client, outcome, error, count(*), sum(turnaround_time) FROM events"
    " GROUP BY rp, client, outcome, error",
    "SELECT time_bucket('1 hour', time) AS t, p50(turnaround_time), histogram(turnaround_time)"
    " FROM events GROUP BY t",
    "SELECT browser, count(*) FROM events GROUP BY browser",
    "SHOW RPS",
    "SHOW MILESTONES",
    "SELECT * FROM events ORDER BY time LIMIT 100",
]


def admin(*arguments):
    return subprocess.run([harness.binary("kpi-admin"), *arguments], text=True,
                          capture_output=True, timeout=120)


def fill(server, events):
    lines = []
    for i in range(events):
        lines.append(harness.event_line(
            harness.now_ms() - i * 60_000, rp=f"https://rp{i % 5}.example",
            outcome=("success", "failure")[i % 7 == 0],
            measures=None if i % 7 == 0 else {"turnaround_time": 100 + i}))
    answer = harness.post(server.http, "/v1/events", "".join(lines).encode())
    check_equal(answer.status, 200, answer.body)


def record(server):
    body = json.dumps({"data": [{"timestamp": harness.now_ms(), "lang": "en",
                                 "event_stream": [["screen.signin", 7]]}], "csrf": "x"})
    answer = harness.post(server.http, "/wsapi/interaction_data", body.encode(),
                          Content_Type="application/json")
    check_equal(answer.status, 200, answer.body)


def answers(server):
    got = [harness.rows(server.http, statement) for statement in STATEMENTS]
    return got + [harness.get(server.http, "/wsapi/interaction_data").body]


def a_running_store_is_exported_and_answers_alike_elsewhere():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server, 500)
        record(server)
        harness.rows(server.http, "CREATE MILESTONE 'v1' AT '2026-11-10T09:00Z'")
        out = os.path.join(directory, "archive")
        done = admin("export", "--data-dir", server.data_dir, "--out", out)
        check_equal((done.returncode, done.stderr), (0, ""), done.stdout)
        check("501 events" in done.stdout, done.stdout)
        expected = answers(server)
        busy = admin("import", "--data-dir", server.data_dir, "--archive", out)
        check_equal(busy.returncode, 1, busy.stderr)
        check("open in another process" in busy.stderr, busy.stderr)
        other = os.path.join(directory, "other")
        for said in ("501 events", "nothing to do"):
            taken = admin("import", "--data-dir", other, "--archive", out)
            check_equal((taken.returncode, taken.stderr), (0, ""), taken.stdout)
            check(said in taken.stdout, taken.stdout)
        os.mkdir(os.path.join(directory, "elsewhere"))
        with harness.Server(os.path.join(directory, "elsewhere"), data_dir=other) as moved:
            check_equal(answers(moved), expected, "answers elsewhere")


def answers_are_written_as_csv():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server, 50)
        out = os.path.join(directory, "rps.csv")
        statement = "SELECT rp, count(*) AS n FROM events GROUP BY rp"
        done = admin("export", "--data-dir", server.data_dir, "--query", statement, "--out", out)
        check_equal((done.returncode, done.stderr), (0, ""), "export of an answer")
        wrong = admin("export", "--data-dir", server.data_dir, "--out", out,
                      "--query", "SELECT count(*),\n  coun(*) FROM events")
        check_equal((wrong.returncode, wrong.stderr),
                    (1, "error at line 2, column 3: expected a function, found coun\n"
                        "    coun(*) FROM events\n    ^\nhint: did you mean count?\n"), "a mistake")
        with open(out, encoding="utf-8") as file:
            lines = file.read().splitlines()
        check_equal(lines, ["rp,n"] + [f"https://rp{i}.example,10" for i in range(5)], "csv")
        wrong = admin("export", "--data-dir", server.data_dir, "--query", "SELECT", "--out", out)
        check_equal(wrong.returncode, 1, wrong.stderr)


def wrong_commands_say_what_is_expected():
    with harness.directory() as directory:
        for arguments in (["import"], ["import", "--data-dir", "x"], ["export"], [],
                          ["import", "--data-dir", "x", "--archive", "y", "--events", "z"]):
            check_equal(admin(*arguments).returncode, 2, arguments)
        missing = admin("import", "--data-dir", os.path.join(directory, "d"), "--archive",
                        os.path.join(directory, "none"))
        check_equal(missing.returncode, 1, missing.stderr)
        check("manifest.json" in missing.stderr, missing.stderr)


if __name__ == "__main__":
    harness.main(a_running_store_is_exported_and_answers_alike_elsewhere,
                 answers_are_written_as_csv, wrong_commands_say_what_is_expected)
