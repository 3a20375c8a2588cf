#!/usr/bin/env python3
"""Against a whole server. One mistake, four ways in: kpi-query at a server, kpi-query at a directory,
POST /v1/query and psql say the same of it, at the same place. And charts with milestones, and --follow.

Usage: errors_test.py BINARY_DIR
"""
import http.client
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BINARIES = sys.argv[1]
LIMIT_S = 30
# Statement, and what the hint says. A place in characters is tested by the statement with é.
MISTAKES = [
    ("SELECT p50(turnarund_time) FROM events", "turnaround_time"),
    ("SELECT count(*) FRM events", None),
    ("SELECT 'é', nonsense FROM events", None),
    ("SELECT count(*)\n  FROM events\n WHERE outcome = 'sucess'", "success"),
    ("SELECT succes_rate() FROM events", "success_rate"),
    ("SELECT count(*) FROM events LIMIT -1", None),
    ("SELECT (1", None),
    ("SHOW CLIENTS FOR 'https://nobody.example'", None),
]


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "KPI_"))}
    return {**env, "LC_ALL": "C.UTF-8"}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S,
                          env=environment(), stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def binary(name):
    return os.path.join(BINARIES, name)


class RealServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="kpi-errors-")
        cls.data = os.path.join(cls.dir, "data")
        cls.server = subprocess.Popen(
            [binary("kpi-server"), "--data-dir", cls.data, "--http", "127.0.0.1:0", "--query",
             "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environment())
        cls.ports = {}
        while (line := cls.server.stdout.readline().strip()) != "ready":
            assert line, "kpi-server did not start"
            found = re.match(r"listening (http|query) 127\.0\.0\.1:(\d+)$", line)
            if found:
                cls.ports[found.group(1)] = int(found.group(2))

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        cls.server.communicate(timeout=LIMIT_S)
        shutil.rmtree(cls.dir)


    def post(self, rp, time_ms=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=LIMIT_S)
        event = {"rp": rp, "outcome": "success", "measures": {"turnaround_time": 7}}
        if time_ms is not None:
            event["time"] = time_ms
        connection.request("POST", "/v1/events", json.dumps(event).encode())
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()


class Errors(RealServer):
    def by_http(self, statement):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=LIMIT_S)
        connection.request("POST", "/v1/query", statement.encode())
        answer = connection.getresponse()
        problem = json.loads(answer.read())
        connection.close()
        self.assertEqual(answer.getheader("Content-Type"), "application/problem+json")
        return problem["detail"], problem.get("hint"), problem.get("position", 0)

    def by_psql(self, statement):
        code, _, err = run("psql", "-X", "-h", "127.0.0.1", "-p", str(self.ports["query"]), "-U",
                           "kpi", "-d", "kpi", "-v", "VERBOSITY=default", "-c", statement)
        self.assertEqual(code, 1, statement)
        message = re.search(r"ERROR:  (.*)", err).group(1)
        hint = re.search(r"HINT:  (.*)", err)
        caret = re.search(r"LINE (\d+): (.*)\n( *)\^", err)
        column = len(caret.group(3)) - len(f"LINE {caret.group(1)}: ") + 1 if caret else 0
        return message, hint and hint.group(1), (int(caret.group(1)) if caret else 0, column)

    def by_kpi_query(self, statement, *where):
        code, out, err = run(binary("kpi-query"), *where, statement)
        self.assertEqual((code, out), (1, ""), statement)
        return err

    def test_all_ways_say_the_same(self):
        for statement, suggested in MISTAKES:
            with self.subTest(statement=statement):
                message, hint, position = self.by_http(statement)
                if suggested:
                    self.assertIn(suggested, hint or "")
                text = self.by_kpi_query(statement, "-h", "127.0.0.1", "-p",
                                         str(self.ports["query"]))
                self.assertEqual(self.by_kpi_query(statement, "--data-dir", self.data), text)
                first = re.match(r"error(?: at line (\d+), column (\d+))?: (.*)", text)
                place = (int(first.group(1) or 0), int(first.group(2) or 0))
                self.assertEqual(first.group(3), message)
                self.assertEqual(re.findall(r"^hint: (.*)$", text, re.M), [hint] if hint else [])
                self.assertEqual(self.by_psql(statement), (message, hint, place))
                before = statement.encode()[:max(position - 1, 0)].decode()
                expected = (before.count("\n") + 1, len(before.split("\n")[-1]) + 1)
                self.assertEqual(place, expected if position else (0, 0))
                if position:  # The caret stands under the place.
                    line, caret = text.split("\n")[1:3]
                    # An argument's statement is shown with the ; that ends it.
                    self.assertEqual(line, "  " + (statement + ";").split("\n")[place[0] - 1])
                    self.assertEqual(caret, " " * (1 + place[1]) + "^")


class Plots(RealServer):
    def test_milestones_of_the_server_are_marks_on_charts(self):
        query = [binary("kpi-query"), "-h", "127.0.0.1", "-p", str(self.ports["query"])]
        for hours in (9, 6, 3):
            self.post("https://a.example", int((time.time() - hours * 3600) * 1000))
        for statement in ("CREATE MILESTONE 'v42' AT now() - interval '5 hours'",
                          "CREATE MILESTONE 'long ago' AT '2020-01-01'"):
            self.assertEqual(run(*query, statement)[0], 0)
        for figure in ("count(*)", "histogram(turnaround_time)"):
            statement = f"SELECT time_bucket('1 hour', time) AS t, {figure} FROM events GROUP BY t"
            for where in (query, [binary("kpi-query"), "--data-dir", self.data]):
                code, out, err = run(*where, "--plot", statement)
                self.assertEqual((code, err), (0, ""))
                self.assertRegex(out, r"\n *└─+A─+\n")
                self.assertRegex(out, r"\n *A \d{4}-\d\d-\d\d \d\d:\d\d  v42\n")
                self.assertNotIn("long ago", out)
                code, out, err = run(*where, "--plot", "--ascii", statement)
                self.assertRegex(out, r"\n *\+-+A-+\n")


class Follow(RealServer):
    def follow(self):
        """kpi-query that follows one RP, and has printed an event."""
        client = subprocess.Popen(
            [binary("kpi-query"), "-h", "127.0.0.1", "-p", str(self.ports["query"]), "--follow",
             "-f", "ndjson", "rp = 'https://b.example'"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
        deadline = time.monotonic() + LIMIT_S
        while not select.select([client.stdout], [], [], 0.05)[0]:  # Until it listens.
            self.assertLess(time.monotonic(), deadline)
            self.post("https://a.example")
            self.post("https://b.example")
        self.assertEqual(json.loads(client.stdout.readline())["rp"], "https://b.example")
        return client

    def test_events_come_as_they_are_accepted_until_interrupted(self):
        client = self.follow()
        client.send_signal(signal.SIGINT)
        out, err = client.communicate(timeout=LIMIT_S)
        self.assertEqual((client.returncode, err), (130, ""))
        self.assertNotIn("https://a.example", out)

    def test_the_end_of_the_server_is_its_end(self):  # Runs last, by its name.
        client = self.follow()
        self.server.send_signal(signal.SIGTERM)
        _, err = client.communicate(timeout=LIMIT_S)
        self.assertEqual((client.returncode, err), (5, "error: terminating connection: "
                                                       "the server is shutting down\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
