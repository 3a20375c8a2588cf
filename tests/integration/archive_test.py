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


SHARES = [
    "SELECT rp, time_bucket('1 hour', time) AS t, count(*), largest_sender_share() FROM events"
    " GROUP BY rp, t",
    "SELECT largest_sender_share() AS share FROM events",
    "SELECT rp FROM events WHERE time >= now() - interval '2 days' GROUP BY rp"
    " HAVING largest_sender_share() > 0.5",
]


def senders_are_known_elsewhere():
    """Those of a store that has ended: what a running one knows is written each minute."""
    trusted = ("--trusted-proxies", "127.0.0.1")
    with harness.directory() as directory:
        with harness.Server(directory, *trusted) as server:
            now = harness.now_ms()
            for rp, hours, network, events in (("a", 0, 1, 6), ("a", 0, 2, 2), ("a", 3, 3, 1),
                                               ("b", 0, 1, 1), ("b", 0, 2, 1), ("b", 0, 3, 1)):
                lines = [harness.event_line(now - hours * 3_600_000, rp=f"https://{rp}.example")
                         for _ in range(events)]
                answer = harness.post(server.http, "/v1/events", "".join(lines),
                                      X_Forwarded_For=f"192.0.{network}.9")
                check_equal(answer.status, 200, answer.body)
            expected = [server.rows(statement) for statement in SHARES]
            check_equal(expected[1], [{"share": 0.6667}], "the share of the loudest")
            check_equal(expected[2], [{"rp": "https://a.example"}], "those with a loud one")
            check_equal(server.stop(), 0, "stop")
            data_dir = server.data_dir
        out, other = os.path.join(directory, "archive"), os.path.join(directory, "other")
        done = admin("export", "--data-dir", data_dir, "--out", out)
        check_equal((done.returncode, done.stderr), (0, ""), done.stdout)
        with open(os.path.join(out, "rest.ndjson"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.startswith('{"senders":')]
        check_equal(sorted((line["senders"], line["known"], line["largest"]) for line in lines),
                    [("https://a.example", 1, 1), ("https://a.example", 8, 6),
                     ("https://b.example", 3, 1)], "lines")
        taken = admin("import", "--data-dir", other, "--archive", out)
        check_equal((taken.returncode, taken.stderr), (0, ""), taken.stdout)
        with harness.Server(directory, *trusted, data_dir=other) as moved:
            check_equal([moved.rows(statement) for statement in SHARES], expected, "elsewhere")


def retries_are_known_after_an_import():
    """Promise P3: events that come in meanwhile make no store forget what it has answered."""
    with harness.directory() as directory:
        def send(server, key):
            return harness.post(server.http, "/v1/events", body, Idempotency_Key=key)
        body = harness.event_line(harness.now_ms()) * 2
        with harness.Server(directory) as server:
            first = {key: send(server, key) for key in ("one", "two")}
            check_equal({answer.status for answer in first.values()}, {200}, "first")
            check_equal(server.stop(), 0, "stop")
            data_dir = server.data_dir
        more = os.path.join(directory, "more.ndjson")
        with open(more, "w", encoding="utf-8") as file:
            file.write(harness.event_line(harness.now_ms()) * 20_000)
        taken = admin("import", "--data-dir", data_dir, "--events", more)
        check_equal((taken.returncode, taken.stderr), (0, ""), taken.stdout)
        with harness.Server(directory, data_dir=data_dir) as server:
            for key, answer in first.items():
                again = send(server, key)
                check_equal((again.status, again.body), (200, answer.body), "a retry of " + key)
            check_equal(server.value("SELECT count(*) AS n FROM events"), 20_004, "events")
            check_equal(send(server, "three").status, 200, "another request")
            check_equal(server.value("SELECT count(*) AS n FROM events"), 20_006, "events")


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
                 senders_are_known_elsewhere, retries_are_known_after_an_import,
                 answers_are_written_as_csv, wrong_commands_say_what_is_expected)
