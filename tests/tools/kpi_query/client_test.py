#!/usr/bin/env python3
"""kpi-query and psql against a query socket: formats, exit codes, Ctrl-C, the prompt.

Usage: client_test.py KPI_QUERY TEST_SERVER
"""
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

KPI_QUERY, TEST_SERVER = sys.argv[1:3]
RPS = "SELECT rp, count(*) AS n, success_rate() AS rate FROM events GROUP BY rp ORDER BY rp"
ENDLESS = "SELECT p50(slow) FROM events"
LIMIT_S = 30


def clean_environment(**extra):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k != "NO_COLOR"}
    return {**env, "LC_ALL": "C.UTF-8", **extra}


class ServerCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="kpi-client-")
        cls.server = subprocess.Popen([TEST_SERVER, cls.dir], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        cls.port = cls.server.stdout.readline().strip()

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        assert cls.server.wait(LIMIT_S) == 0
        cls.server.stdout.close()
        shutil.rmtree(cls.dir)

    def query(self, *args, stdin="", env=None, server=True):
        where = ["-h", "127.0.0.1", "-p", self.port] if server else []
        done = subprocess.run([KPI_QUERY, *where, *args], input=stdin, capture_output=True,
                              text=True, timeout=LIMIT_S, env=env or clean_environment())
        return done.returncode, done.stdout, done.stderr


class Formats(ServerCase):
    def test_tsv_is_the_format_of_pipes(self):
        self.assertEqual(self.query(RPS), (0, "rp\tn\trate\n"
                                           "https://a.example\t192\t0.875\n"
                                           "https://b.example\t192\t0.875\n", ""))

    def test_table(self):
        code, out, _ = self.query("--format", "table", RPS)
        self.assertEqual(code, 0)
        self.assertIn("│ https://a.example │ 192 │ 0.875 │\n", out)
        self.assertTrue(out.endswith("(2 rows)\n"))
        _, out, _ = self.query("--format", "table", "--ascii", RPS)
        self.assertIn(" https://a.example | 192 | 0.875\n", out)

    def test_csv_json_and_ndjson(self):
        _, out, _ = self.query("--format", "csv", "--no-header", RPS)
        self.assertEqual(out.splitlines()[0], "https://a.example,192,0.875")
        _, out, _ = self.query("--format", "json", RPS)
        self.assertEqual(json.loads(out)[1], {"rp": "https://b.example", "n": 192, "rate": 0.875})
        _, out, _ = self.query("--format", "ndjson",
                               "SELECT time_bucket('1 day', time) AS t, count(*) AS n FROM events "
                               "GROUP BY t ORDER BY t LIMIT 1")
        self.assertEqual(json.loads(out), {"t": "2026-11-22T00:00:00Z", "n": 192})

    def test_null_has_the_text_that_was_asked_for(self):
        _, out, _ = self.query("--no-header", "--null", "NONE",
                               "SELECT p50(turnaround_time) FROM events WHERE rp = 'none'")
        self.assertEqual(out, "NONE\n")

    def test_plot(self):
        code, out, _ = self.query("--plot", "SELECT time_bucket('1 hour', time) AS t, "
                                  "p50(turnaround_time) FROM events GROUP BY t ORDER BY t")
        self.assertEqual(code, 0)
        self.assertIn("p50", out)
        self.assertRegex(out, "[\u2801-\u28ff]")
        code, out, err = self.query("--plot", "SHOW RPS")
        self.assertIn("note: nothing to plot", err)
        self.assertIn("https://a.example", out)

    def test_several_statements_from_arguments_file_and_standard_input(self):
        expected = "rp\nhttps://a.example\nhttps://b.example\n"
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write("-- two\nSHOW RPS;\nSET a = 1;SELECT rp FROM events GROUP BY rp ORDER BY rp")
            file.flush()
            self.assertEqual(self.query("--file", file.name)[0], 0)
            self.assertEqual(self.query("--file", file.name)[1].count("https://a.example"), 2)
        text = "SELECT rp FROM events GROUP BY rp ORDER BY rp"
        self.assertEqual(self.query(stdin=text)[1], expected)
        self.assertEqual(self.query("-f", "-", stdin=text)[1], expected)
        self.assertEqual(self.query(text, text)[1], expected * 2)
        self.assertEqual(self.query(stdin=" ; \n")[0], 0)


class ExitCodes(ServerCase):
    def test_query_error_with_caret_and_hint(self):
        code, out, err = self.query("SHOW RPS;\nSELECT count(*)\n  FRM events; SHOW RPS")
        self.assertEqual(code, 1)
        self.assertEqual(out.count("https://a.example"), 1)
        self.assertRegex(err, r"^error at line 3, column 7: ")
        self.assertIn("\n    FRM events", err)
        self.assertRegex(err, r"\n        \^")

    def test_usage(self):
        self.assertEqual(self.query("--format", "xml", "SHOW RPS")[0], 2)
        self.assertEqual(self.query("--no-such-flag")[0], 2)
        self.assertEqual(self.query("--file", "/does/not/exist")[0], 2)
        self.assertEqual(self.query("--file", "x", "SHOW RPS")[0], 2)
        self.assertEqual(self.query("--data-dir", "x", "SHOW RPS")[0], 2)

    def test_help_and_version(self):
        code, out, _ = self.query("--help", server=False)
        self.assertEqual(code, 0)
        self.assertLess(out.index("Examples:"), out.index("--format"))
        self.assertRegex(self.query("--version", server=False)[1], r"^kpi-query \d+\.\d+\.\d+\n$")

    def test_no_server_and_timeout(self):
        code, _, err = self.query("-p", "1", "-h", "127.0.0.1", "SHOW RPS", server=False)
        self.assertEqual(code, 3)
        self.assertIn("kpi-server", err)
        code, _, err = self.query("--timeout", "0.2", ENDLESS)
        self.assertEqual(code, 3)
        self.assertIn("--timeout", err)

    def test_empty_answers_fail_on_request_only(self):
        empty = "SELECT rp, count(*) FROM events WHERE rp = 'none' GROUP BY rp"
        self.assertEqual(self.query(empty)[0], 0)
        self.assertEqual(self.query("--fail-on-empty", empty)[0], 1)
        self.assertEqual(self.query("--fail-on-empty", "SHOW RPS")[0], 0)

    def test_interrupt_cancels_at_the_server(self):
        client = subprocess.Popen([KPI_QUERY, "-h", "127.0.0.1", "-p", self.port,
                                   "SHOW RPS;" + ENDLESS], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, env=clean_environment())
        for _ in range(3):
            client.stdout.readline()
        client.send_signal(signal.SIGINT)
        _, err = client.communicate(timeout=LIMIT_S)
        self.assertEqual((client.returncode, err), (130, "error: interrupted\n"))

    def test_full_output_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([KPI_QUERY, "-h", "127.0.0.1", "-p", self.port, "SHOW RPS"],
                                  stdout=full, stderr=subprocess.PIPE, env=clean_environment())
        self.assertEqual(done.returncode, 5)

    def test_environment_and_unix_sockets(self):
        env = clean_environment(PGHOST="127.0.0.1", PGPORT=self.port)
        self.assertEqual(self.query("SHOW RPS", env=env, server=False)[0], 0)
        self.assertEqual(self.query("-h", self.dir, "SHOW RPS", server=False)[0], 0)
        env = clean_environment(PGHOST=self.dir)
        self.assertEqual(self.query("SHOW RPS", env=env, server=False)[0], 0)


class Terminal:
    """kpi-query at a pseudo-terminal."""

    def __init__(self, *args, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(KPI_QUERY, [KPI_QUERY, *args], clean_environment(TERM="dumb", **env))
        self.text = ""

    def expect(self, pattern):
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.fd], [], [], LIMIT_S)
            assert ready, f"no {pattern!r} in {self.text!r}"
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            assert data, f"no {pattern!r} in {self.text!r}"
            self.text += data.decode()
        self.text = self.text[found.end():]

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self):
        self.text = ""
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Shell(ServerCase):
    def test_a_session(self):
        shell = Terminal("-h", "127.0.0.1", "-p", self.port, "--color", "never",
                         XDG_STATE_HOME=self.dir)
        shell.expect("connected to 15.0 \\(kpistore 0.1.0\\)[^\0]*kpi> ")
        shell.send("SHOW\n")
        shell.expect(r"\.\.\.> ")
        shell.send("RPS;\n")
        shell.expect("https://b.example[^\0]*\\(2 rows\\)[^\0]*kpi> ")
        shell.send("SELECT nonsense;\n")
        shell.expect("error at line 1, column 8[^\0]*kpi> ")
        shell.send("\\timing\n")
        shell.expect("timing is on")
        shell.send("SELECT 1;\n")
        shell.expect(r"time: [0-9.]+ ms")
        shell.send("\\?\n")
        shell.expect("draw charts")
        shell.send(ENDLESS + ";\n")
        shell.expect("slow\\) FROM events;\r\n")
        shell.send("\x03")
        shell.expect("interrupted[^\0]*kpi> ")
        shell.send("SELECT forgotten\n")
        shell.expect(r"\.\.\.> ")
        shell.send("\x03")
        shell.expect("kpi> ")
        shell.send("SHOW RPS;\n")
        shell.expect("2 rows[^\0]*kpi> ")
        shell.send("\\q\n")
        self.assertEqual(shell.wait(), 0)
        history = os.path.join(self.dir, "kpi-query", "history")
        self.assertEqual(os.stat(history).st_mode & 0o777, 0o600)
        with open(history) as file:
            self.assertIn("SHOW\\040RPS;", file.read())

    def test_end_of_input_leaves(self):
        shell = Terminal("-h", "127.0.0.1", "-p", self.port, XDG_STATE_HOME=self.dir)
        shell.expect("kpi> ")
        shell.send("\x04")
        self.assertEqual(shell.wait(), 0)


class Psql(ServerCase):
    def psql(self, *commands, host=None, args=()):
        flags = [flag for command in commands for flag in ("-c", command)]
        where = ["-h", host] if host else ["-h", "127.0.0.1", "-p", self.port]
        done = subprocess.run(["psql", "-X", *where, "-U", "alice", "-d", "kpi", *args, *flags],
                              capture_output=True, text=True, timeout=LIMIT_S,
                              env=clean_environment())
        return done.returncode, done.stdout, done.stderr

    def test_statements_over_tcp_and_unix_sockets(self):
        for host in (None, self.dir):
            code, out, err = self.psql(RPS, host=host, args=["-At"])
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(out, "https://a.example|192|0.875\nhttps://b.example|192|0.875\n")

    def test_errors_have_their_place(self):
        code, _, err = self.psql("SELECT count(*) FRM events")
        self.assertEqual(code, 1)
        self.assertRegex(err, r"ERROR:.*\nLINE 1: SELECT count\(\*\) FRM events\n {28}\^")

    def test_backslash_commands(self):
        code, out, err = self.psql("\\dt", "\\l", "\\d", "\\dn", "\\conninfo", "\\du", "\\di")
        self.assertEqual(code, 0, err)
        self.assertIn("| events | table | kpi", out)
        self.assertIn("UTF8", out)
        code, out, err = self.psql("\\d events")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"rp +\| text +\| +\| not null")
        self.assertRegex(out, r"turnaround_time +\| bigint")
        code, _, err = self.psql("\\d nothing")
        self.assertIn('Did not find any relation named "nothing"', err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
