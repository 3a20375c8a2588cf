#!/usr/bin/env python3
"""Manual pages and shell completions: free of mistakes, and every option is in them.

Usage: documents_test.py SOURCE_DIR BINARY_DIR
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

SOURCE, BINARIES = sys.argv[1:3]
MAN = os.path.join(SOURCE, "tools", "man")
COMPLETIONS = os.path.join(SOURCE, "tools", "completions")
PAGES = {"kpi-query": "kpi-query.1", "kpi-load": "kpi-load.1", "kpi-server": "kpi-server.8",
         "kpi-admin": "kpi-admin.1"}
COMMANDS = {"kpi-admin": ("backup", "doctor", "erase", "retention show", "retention apply",
                          "export", "import", "restore", "salvage", "token-key add",
                          "token-key list", "token-key remove", "user add", "user remove",
                          "user list", "verify")}
LIMIT_S = 30


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, **more)
    return done.returncode, done.stdout, done.stderr


def need(program):
    assert shutil.which(program), f"'{program}' is not installed; run tools/setup"
    return program


def read(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as file:
        return file.read()


def options_of(program, *commands):
    """Short and long options as --help prints them; of all commands where none is named."""
    found = {}
    for command in commands or ("",) + COMMANDS.get(program, ()):
        code, out, _ = run(os.path.join(BINARIES, program), *command.split(), "--help")
        assert code == 0
        pairs = re.findall(r"^ +(?:(-[a-zA-Z]), ?)?(--[a-z][a-z-]*)", out, re.M)
        assert pairs, out
        found.update({option: short for short, option in pairs})
    return [(short, option) for option, short in found.items()]


class Manual(unittest.TestCase):
    def test_pages_have_no_mistakes(self):
        for page in PAGES.values():
            path = os.path.join(MAN, page)
            self.assertEqual(run(need("mandoc"), "-T", "lint", "-W", "warning", path)[1:], ("", ""))
            text = run("mandoc", "-T", "utf8", path)[1]
            self.assertIn("EXIT STATUS", re.sub(".\b", "", text))

    def test_every_option_is_described(self):
        for program, page in PAGES.items():
            text = read(MAN, page)
            items = re.findall(r"^\.It (Fl .*)$", text, re.M)
            for short, option in options_of(program):
                name = re.compile(rf"\bFl Fl {option[2:]}(?![a-z-])")
                described = [item for item in items if name.search(item)]
                self.assertEqual(len(described), 1, f"{page}: {option}")
                if short:
                    self.assertIn(f"Fl {short[1:]} , Fl Fl", described[0], page)

    def test_nothing_else_is_described(self):
        for program, page in PAGES.items():
            known = {option for _, option in options_of(program)}
            items = re.findall(r"^\.It Fl (?:\w , Fl )?Fl ([a-z-]+)", read(MAN, page), re.M)
            self.assertEqual({"--" + item for item in items} - known, set(), page)


class Completion(unittest.TestCase):
    def bash(self, *words):
        """What bash offers for the last word."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); '
                  'spec=$(complete -p "$1"); spec=${spec##*-F }; "${spec%% *}" "$1"; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        path = os.environ["PATH"]
        code, out, err = run(need("bash"), "--norc", "-c", script, "bash",
                             os.path.join(COMPLETIONS, "kpi-query.bash"), *words,
                             env={**os.environ, "PATH": f"{BINARIES}:{path}"})
        self.assertEqual((code, err), (0, ""))
        return out.split()

    def test_bash_offers_every_option(self):
        offered = self.bash("kpi-query", "-")
        for short, option in options_of("kpi-query"):
            self.assertIn(option, offered)
            if short:
                self.assertIn(short, offered)
        self.assertEqual(len(offered), len(set(offered)))

    def test_bash_offers_values(self):
        self.assertEqual(self.bash("kpi-query", "--format", "m"), ["markdown"])
        self.assertEqual(self.bash("kpi-query", "--format", "=", "c"), ["csv"])
        self.assertEqual(self.bash("kpi-query", "--color", ""), ["auto", "always", "never"])
        self.assertEqual(self.bash("kpi-query", "--no-p"), ["--no-pager"])
        self.assertEqual(self.bash("kpi-query", "SEL"), [])

    def test_bash_offers_the_other_programs_options(self):
        self.assertEqual(self.bash("kpi-server", "--data"), ["--data-dir"])
        self.assertEqual(self.bash("kpi-load", "--pipe"), ["--pipeline"])
        for program in ("kpi-server", "kpi-load"):
            offered = self.bash(program, "--")
            for _, option in options_of(program):
                self.assertIn(option, offered, program)

    def operators_commands(self):
        out = run(os.path.join(BINARIES, "kpi-admin"), "--help")[1]
        found = re.findall(r"^  ([a-z-]+) {2,}[A-Z]", out[out.index("Subcommands:"):], re.M)
        self.assertEqual(set(found), {name.split()[0] for name in COMMANDS["kpi-admin"]})
        return sorted(found)

    def test_bash_offers_what_a_command_of_the_operator_takes(self):
        self.assertEqual(self.bash("kpi-admin", ""),
                         [*self.operators_commands(), "--help", "--version"])
        self.assertEqual(self.bash("kpi-admin", "user", "r"), ["remove"])
        self.assertEqual(self.bash("kpi-admin", "import", "--a"), ["--archive"])
        self.assertEqual(self.bash("kpi-admin", "user", "add", "x", "--role", "a"), ["admin"])
        for command in COMMANDS["kpi-admin"]:
            offered = self.bash("kpi-admin", *command.split(), "--")
            self.assertEqual(sorted(offered),
                             sorted(option for _, option in options_of("kpi-admin", command)))

    def test_zsh_and_fish_know_the_operators_options(self):
        path = os.path.join(COMPLETIONS, "_kpi-admin")
        self.assertEqual(run(need("zsh"), "-n", path), (0, "", ""))
        text = read(COMPLETIONS, "_kpi-admin")
        path = os.path.join(COMPLETIONS, "kpi-admin.fish")
        for command in COMMANDS["kpi-admin"]:
            code, out, _ = run(need("fish"), "--no-config", "-c",
                               f"source {path}; complete -C 'kpi-admin {command} --'")
            self.assertEqual(code, 0)
            offered = [line.split("\t")[0] for line in out.splitlines()]
            options = [option for _, option in options_of("kpi-admin", command)]
            self.assertEqual(sorted(offered), sorted(options), command)
            for option in options:
                self.assertRegex(text, rf"{option}(=?\[|\}})", option)
        code, out, _ = run("fish", "--no-config", "-c",
                           f"source {path}; complete -C 'kpi-admin '; complete -C 'kpi-admin user '")
        self.assertEqual((code, [line.split("\t")[0] for line in out.splitlines()]),
                         (0, [*self.operators_commands(), "add", "list", "remove"]))

    def test_zsh_knows_every_option(self):
        path = os.path.join(COMPLETIONS, "_kpi-query")
        self.assertEqual(run(need("zsh"), "-n", path), (0, "", ""))
        text = read(COMPLETIONS, "_kpi-query")
        for short, option in options_of("kpi-query"):
            pattern = rf"{option}=?\[" if not short else rf"\{{{short}\+,{option}=\}}"
            self.assertEqual(len(re.findall(pattern, text)), 1, option)

    def test_fish_offers_every_option(self):
        path = os.path.join(COMPLETIONS, "kpi-query.fish")
        self.assertEqual(run(need("fish"), "-n", path), (0, "", ""))
        code, out, _ = run("fish", "--no-config", "-c",
                           f"source {path}; complete -C 'kpi-query -'; complete -C 'kpi-query --'; "
                           "complete -C 'kpi-query --format m'")
        self.assertEqual(code, 0)
        offered = [line.split("\t")[0] for line in out.splitlines()]
        for short, option in options_of("kpi-query"):
            self.assertIn(option, offered)
            if short:
                self.assertIn(short, offered)
        self.assertIn("markdown", offered)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
