#!/usr/bin/env python3
"""kpi-query at a pseudo-terminal: the prompt, its commands, colours, pager, progress.

Usage: shell_test.py KPI_QUERY TEST_SERVER
"""
import os
import stat
import sys
import unittest

from client_harness import ENDLESS, RPS, ServerCase, Terminal


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
        shell.expect("draw charts[^\0]*kpi> ")
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


class Prompt(ServerCase):
    def open(self, *args, **env):
        shell = Terminal("-h", "127.0.0.1", "-p", self.port, *args,
                         **{"XDG_STATE_HOME": self.dir, **env})
        shell.expect("kpi> ")
        return shell

    def leave(self, shell):
        shell.send("\\q\n")
        self.assertEqual(shell.wait(), 0)

    def test_tab_completes_words_and_what_is_quoted(self):
        shell = self.open(TERM="vt100", NO_COLOR="1")
        shell.send("sel\t")
        shell.expect("ect ")
        shell.send("success_\t")
        shell.expect(r"rate\(\)")
        shell.send("from ev\t")
        shell.expect("ents ")
        shell.send("where rp = 'ht\t")
        shell.expect("tps://")
        shell.send("\t")
        shell.expect("https://a.example'[^\0]*https://b.example'")
        shell.send("b\t;\n")
        shell.expect("0.875[^\0]*kpi> ")
        shell.send("SHOW ME\t;\n")  # Capitals stay capitals.
        shell.expect("turnaround_time[^\0]*kpi> ")
        shell.send("\\wat\t")
        shell.expect("ch ")
        shell.send("\x03")
        shell.expect("kpi> ")
        self.leave(shell)

    def test_an_interrupt_at_any_moment_drops_the_line(self):
        for _ in range(5):
            shell = self.open()
            shell.send("SHOW \t")
            shell.expect("STATUS")
            shell.send("\x03")  # The editor may not be reading yet.
            shell.expect(r"\nkpi> (SHOW \r?\n?)?")
            shell.send("\\timing\n")
            shell.expect("timing is on")
            self.leave(shell)

    def test_history_goes_over_sessions(self):
        state = {"XDG_STATE_HOME": os.path.join(self.dir, "two"), "TERM": "vt100", "NO_COLOR": "1"}
        first = self.open(**state)
        first.send("SHOW\n")
        first.expect(r"\.\.\.> ")
        first.send("STATUS;\n")
        first.expect(r"rows?\)[^\0]*kpi> ")
        self.leave(first)
        history = os.path.join(state["XDG_STATE_HOME"], "kpi-query", "history")
        self.assertEqual(stat.S_IMODE(os.stat(history).st_mode), 0o600)
        second = self.open(**state)
        second.send("\x10")  # Ctrl-P
        second.expect("SHOW[^\0]*STATUS;")
        second.send("\n")
        second.expect(r"rows?\)[^\0]*kpi> ")
        self.leave(second)

    def test_interrupt_cancels_at_the_server_and_the_prompt_goes_on(self):
        shell = self.open()
        shell.send(ENDLESS + ";\n")
        shell.expect("Ctrl-C cancels")  # The sign of life: it has run for half a second.
        shell.send("\x03")
        shell.expect("error: interrupted[^\0]*kpi> ")
        shell.send("SHOW RPS;\n")
        shell.expect("2 rows[^\0]*kpi> ")
        self.leave(shell)

    def test_interrupt_stops_the_printing_of_a_long_answer(self):
        shell = self.open("-f", "tsv")
        shell.send("SELECT time_bucket('1 second', time) AS t, count(*) FROM events WHERE "
                   "time >= '2026-11-22' AND time < '2026-11-29' GROUP BY t FILL(0);\n")
        shell.expect("2026-11-22 00:01:00")
        shell.send("\x03")
        seen = shell.expect("interrupted[^\0]*kpi> ")
        self.assertTrue(seen)
        self.assertNotIn("2026-11-28 23:59:59", shell.everything)
        shell.send("SHOW RPS;\n")
        shell.expect("https://b.example[^\0]*kpi> ")
        self.leave(shell)

    def test_watch_runs_again_until_interrupted(self):
        shell = self.open()
        shell.send("\\watch\n")
        shell.expect("no statement to run again")
        shell.send("SHOW RPS;\n")
        shell.expect("2 rows[^\0]*kpi> ")
        shell.send("\\watch nonsense\n")
        shell.expect("expected seconds")
        shell.send(".watch 0.1\n")
        for _ in range(3):
            shell.expect(r"\(every 0\.1 s\)[^\0]*2 rows")
        shell.send("\x03")
        shell.expect("kpi> ")
        shell.send("SELECT nonsense\n")
        shell.expect(r"\.\.\.> ")
        shell.send("\\watch\n")  # The statement under way; an error ends it.
        shell.expect("error at line 1[^\0]*kpi> ")
        self.leave(shell)

    def test_expanded_formats_and_the_last_result(self):
        shell = self.open("--ascii")
        shell.send(".last\n")
        shell.expect("no last result")
        shell.send("\\x\n")
        shell.expect("expanded is on")
        shell.send(RPS + ";\n")
        shell.expect(r"-\[ row 2 \]-[^\0]*n +\| 192[^\0]*kpi> ")
        shell.send("\\x off\n")
        shell.expect("expanded is off")
        shell.send("\\last\n")
        shell.expect(r" https://b.example \| 192 \| 0.875\r\n\(2 rows\)[^\0]*kpi> ")
        shell.send("\\last csv\n")
        shell.expect(r"https://a.example,192,0.875[^\0]*kpi> ")
        shell.send(".last plot\n")
        shell.expect(r"https://a.example \|#+ 192[^\0]*kpi> ")
        shell.send(".mode json\n")
        shell.send("SHOW RPS;\n")
        shell.expect(r'\[\{"rp":"https://a.example"\}[^\0]*kpi> ')
        shell.send("\\last table\n")
        shell.expect(r"\(2 rows\)[^\0]*kpi> ")
        shell.send("\\format xml\n")
        shell.expect("a format is one of")
        shell.send("\\nonsense\n")
        shell.expect("no command")
        self.leave(shell)

    def test_wide_tables_expand_by_themselves_unless_told(self):
        shell = self.open("--ascii", columns=50)
        wide = ", ".join(f"p5{n}(turnaround_time)" for n in range(9))
        shell.send(f"SELECT {wide} FROM events;\n")
        shell.expect(r"-\[ row 1 \]-")
        shell.send("SHOW RPS;\n")
        shell.expect(r"\r\n rp\r\n---")
        shell.send("\\x\n")
        shell.expect("expanded is on")
        shell.send("\\x\n")
        shell.expect("expanded is off")
        shell.send(f"SELECT {wide} FROM events;\n")
        shell.expect(r"\r\n p50 +\| p51 +\| ")
        shell.send("\\x auto\n")
        shell.expect("expanded is auto")
        self.leave(shell)

    def test_the_editor_gives_a_statement_back(self):
        script = os.path.join(self.dir, "editor")
        with open(script, "w", encoding="ascii") as file:
            file.write('#!/bin/sh\nstat -c "mode %a" "$1"\necho "had: $(cat "$1")"\n'
                       'echo "SHOW RPS;" > "$1"\n')
        os.chmod(script, 0o700)
        shell = self.open(EDITOR=script, TMPDIR=self.dir)
        shell.send("SELECT\n")
        shell.expect(r"\.\.\.> ")
        shell.send("\\e\n")
        shell.expect("mode 600[^\0]*had: SELECT[^\0]*SHOW RPS;[^\0]*2 rows[^\0]*kpi> ")
        shell.send(".edit\n")
        shell.expect("had: SHOW RPS;[^\0]*2 rows[^\0]*kpi> ")
        self.leave(shell)
        self.assertEqual([name for name in os.listdir(self.dir) if "kpi-query-" in name], [])
        failing = self.open(EDITOR="false")
        failing.send("\\e\n")
        failing.expect("the editor failed[^\0]*kpi> ")
        self.leave(failing)

    def test_takes_all_characters_whatever_the_locale(self):
        for locale, *options in (("C.UTF-8",), ("C.UTF-8", "--ascii"), ("C",)):
            shell = self.open("-f", "json", *options, LC_ALL=locale)
            shell.send("SELECT 'h\u00e4\u65e5\U0001f389' AS t;\n")
            shell.expect('{"t":"h\u00e4\u65e5\U0001f389"}')
            self.leave(shell)

    def test_is_left_as_other_shells_are(self):
        for word in ("exit", "quit;"):
            shell = self.open()
            shell.send("SELECT\n")
            shell.expect(r"\.\.\.> ")
            shell.send(word + "\n")  # Within a statement a name like any.
            shell.expect(r"\.\.\.> " if word == "exit" else "error")
            shell.send("\x03")
            shell.expect("kpi> ")
            shell.send(word + "\n")
            self.assertEqual(shell.wait(), 0)

    def test_colours_at_a_terminal_unless_refused(self):
        shell = Terminal("-h", "127.0.0.1", "-p", self.port, TERM="xterm",
                         XDG_STATE_HOME=self.dir)
        shell.expect("\x1b\\[1;32mkpi>\x1b\\[0m ")  # What is typed and answered has its own.
        shell.send("SHOW RPS;\n")
        shell.expect("\x1b\\[1mrp")
        shell.send("SELECT p50(turnaround_time) FROM events WHERE rp = 'none';\n")
        shell.expect("\x1b\\[2m +\x1b")  # NULL
        shell.send("SELECT nonsense;\n")
        shell.expect("\x1b\\[1;31merror")
        self.leave(shell)
        for args, env in (((), {"NO_COLOR": "1"}), (("--color", "never"), {}),
                          ((), {"TERM": "dumb"})):
            plain = Terminal("-h", "127.0.0.1", "-p", self.port, *args,
                             **{"TERM": "xterm", "XDG_STATE_HOME": self.dir, **env})
            plain.expect("kpi> ")
            plain.send("SHOW RPS;\n")
            plain.expect("2 rows[^\0]*kpi> ")
            for code in ("\x1b[1m", "\x1b[2m", "\x1b[1;3"):
                self.assertNotIn(code, plain.everything)
            self.leave(plain)

    def test_long_tables_go_through_the_pager(self):
        pager = "sed 's/^/paged: /'"
        shell = self.open(PAGER=pager, rows=10)
        shell.send("SHOW RPS;\n")
        shell.expect("2 rows[^\0]*kpi> ")
        self.assertNotIn("paged:", shell.everything)
        long = ("SELECT time_bucket('1 hour', time) AS t, count(*) FROM events GROUP BY t "
                "FILL(0) HAVING true;\n").replace(" FILL(0) HAVING true", "")
        shell.send(long)
        shell.expect(r"paged: \(\d+ rows\)[^\0]*kpi> ")
        self.leave(shell)
        direct = self.open("--no-pager", PAGER=pager, rows=10)
        direct.send(long)
        direct.expect(r"rows\)[^\0]*kpi> ")
        self.assertNotIn("paged:", direct.everything)
        self.leave(direct)
        missing = self.open(PAGER="/does/not/exist", rows=10)
        missing.send(long)
        missing.expect(r"\(\d+ rows\)[^\0]*kpi> ")
        self.leave(missing)

    def test_progress_is_for_long_statements_at_a_terminal_only(self):
        shell = self.open(TERM="vt100", NO_COLOR="1")
        shell.send("SHOW RPS;\n")
        shell.expect("2 rows[^\0]*kpi> ")
        self.assertNotIn("cancels", shell.everything)
        shell.send(ENDLESS + ";\n")
        shell.expect("\r. 0\\.[5-9] s +\\(Ctrl-C cancels\\)")
        shell.expect("\r. 0\\.[6-9] s|\r. 1\\.\\d s")
        shell.send("\x03")
        shell.expect("\r {40}\r[^\0]*interrupted[^\0]*kpi> ")  # Erased before anything is said.
        self.leave(shell)
        code, _, err = self.query("--timeout", "0.8", ENDLESS)
        self.assertEqual(code, 3)
        self.assertNotIn("Ctrl-C", err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
