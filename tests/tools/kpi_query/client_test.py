#!/usr/bin/env python3
"""kpi-query and psql against a query socket: formats, exit codes, settings, Ctrl-C.

Usage: client_test.py KPI_QUERY TEST_SERVER
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

from client_harness import ENDLESS, KPI_QUERY, LIMIT_S, RPS, ServerCase, clean_environment


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

    def test_markdown_and_forms_of_time(self):
        code, out, _ = self.query("-f", "markdown", RPS)
        self.assertEqual(code, 0)
        self.assertEqual(out.splitlines()[1:3],
                         ["| --- | ---: | ---: |", "| https://a.example | 192 | 0.875 |"])
        day = "SELECT time_bucket('1 day', time) AS t FROM events GROUP BY t ORDER BY t LIMIT 1"
        for form, text in (("rfc3339", "2026-11-22T00:00:00Z"), ("unix", "1795305600"),
                           ("local", "2026-11-22 05:30:00+05:30")):
            _, out, _ = self.query("--no-header", "--time", form, day,
                                   env=clean_environment(TZ="IST-5:30"))
            self.assertEqual(out, text + "\n")

    def test_expanded_and_sparklines(self):
        _, out, _ = self.query("-f", "table", "-x", "on", "--ascii", RPS)
        self.assertIn("-[ row 2 ]-\nrp   | https://b.example\nn    | 192\n", out)
        code, out, err = self.query("--spark", "--ascii", "SELECT time_bucket('1 hour', time) AS t,"
                                    " rp, count(*) AS n FROM events GROUP BY t, rp ORDER BY t")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r" series +\| course +\| last \| min \| max\n")
        self.assertRegex(out, r"\n https://a.example \| [-_.+#]+ ")

    def test_rows_of_a_large_answer_leave_as_they_come(self):
        reader = subprocess.Popen([KPI_QUERY, "-h", "127.0.0.1", "-p", self.port, "-f", "ndjson",
                                   "SELECT time_bucket('1 second', time) AS t, count(*) FROM events"
                                   " WHERE time >= '2026-11-22' AND time < '2026-11-25'"
                                   " GROUP BY t FILL(0)"],
                                  stdout=subprocess.PIPE, text=True, env=clean_environment())
        first = json.loads(reader.stdout.readline())
        self.assertEqual(first["t"], "2026-11-22T00:00:00Z")
        # 259,200 rows do not fit into a pipe: the client still has most of them to read.
        self.assertIsNone(reader.poll())
        with open(f"/proc/{reader.pid}/statm", encoding="ascii") as file:
            resident_mib = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
        with open(f"/proc/{reader.pid}/maps", encoding="ascii") as file:
            sanitized = "libasan" in file.read()
        if not sanitized:  # Whose allocator keeps what is freed.
            self.assertLess(resident_mib, 40)
        self.assertEqual(sum(1 for _ in reader.stdout), 259_199)
        self.assertEqual(reader.wait(LIMIT_S), 0)
        reader.stdout.close()

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
        self.assertEqual(self.query(stdin="\ufeff" + text)[1], expected)  # As some editors save.
        self.assertEqual(self.query("--file", "-", stdin=text)[1], expected)
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


class Follow(ServerCase):
    def test_only_a_server_can_be_followed(self):
        code, out, err = self.query("--follow", "--data-dir", "/tmp", server=False)
        self.assertEqual((code, out), (2, ""))
        self.assertIn("--follow needs a server", err)

    def test_a_mistake_in_the_condition_has_its_place(self):
        code, out, err = self.query("--follow", "outcom = 'failure'")
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r"\n  FOLLOW WHERE outcom = 'failure'\n {15}\^\n")
        self.assertEqual(self.query("--follow", "a", "b")[0], 2)


class SettingsOutsideTheCommandLine(ServerCase):
    def config(self, text):
        directory = tempfile.mkdtemp(dir=self.dir)
        os.mkdir(os.path.join(directory, "kpi"))
        self.path = os.path.join(directory, "kpi", "query.toml")
        with open(self.path, "w", encoding="ascii") as file:
            file.write(text)
        return directory

    def first_line(self, *args, **env):
        return self.query(*args, RPS, env=clean_environment(**env))[1].split("\n")[0]

    def test_flags_win_over_the_environment_and_that_over_files(self):
        config = self.config('format = "csv"\nno-header = true\n')
        self.assertEqual(self.first_line(), "rp\tn\trate")
        self.assertEqual(self.first_line(XDG_CONFIG_HOME=config),
                         "https://a.example,192,0.875")
        self.assertEqual(self.first_line(XDG_CONFIG_HOME=config, KPI_FORMAT="tsv"),
                         "https://a.example\t192\t0.875")
        self.assertEqual(self.first_line("-f", "ndjson", XDG_CONFIG_HOME=config, KPI_FORMAT="tsv"),
                         '{"rp":"https://a.example","n":192,"rate":0.875}')
        self.assertEqual(self.first_line(XDG_CONFIG_HOME=config, KPI_NO_HEADER="false"),
                         "rp,n,rate")

    def test_print_config_says_where_each_value_comes_from(self):
        config = self.config('format = "csv"\nhost = "unused"\n')
        code, out, _ = self.query("--print-config", "--null", "NONE",
                                  env=clean_environment(XDG_CONFIG_HOME=config, KPI_COLOR="never",
                                                        PGUSER="alice"))
        self.assertEqual(code, 0)
        lines = out.splitlines()
        self.assertIn(f'format = "csv"  # {self.path}', lines)
        self.assertIn('color = "never"  # KPI_COLOR', lines)
        self.assertIn('username = "alice"  # PGUSER', lines)
        self.assertIn('null = "NONE"  # command line', lines)
        self.assertIn('host = "127.0.0.1"  # command line', lines)
        self.assertIn("# timeout is not set", lines)

    def test_the_address_of_a_stronger_source_wins(self):
        config = self.config(f'data-dir = "/does/not/exist"\n')
        self.assertEqual(self.first_line(XDG_CONFIG_HOME=config), "rp\tn\trate")
        self.assertEqual(self.query("SHOW RPS", server=False,
                                    env=clean_environment(XDG_CONFIG_HOME=config))[0], 3)
        env = clean_environment(XDG_CONFIG_HOME=config, PGHOST="127.0.0.1", PGPORT=self.port)
        self.assertEqual(self.query("SHOW RPS", server=False, env=env)[0], 0)

    def test_mistakes_are_usage_and_name_their_source(self):
        for text, said in (('formt = "csv"', "'formt' is no setting"), ('format = "xml"', "xml"),
                           ("[a]\nformat = 'csv'", "[a]"), ("plot = 'maybe'\n", "plot")):
            config = self.config(text)
            code, _, err = self.query(RPS, env=clean_environment(XDG_CONFIG_HOME=config))
            self.assertEqual(code, 2, text)
            self.assertIn(self.path, err)
            self.assertIn(said, err)
        code, _, err = self.query(RPS, env=clean_environment(KPI_TIME="noon"))
        self.assertEqual(code, 2)
        self.assertIn("KPI_TIME", err)


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
