"""The scripts say in one line why they cannot go on."""

import os
import subprocess

import harness
from harness import check, check_equal

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def run(directory, script, *arguments):
    """Runs a script of the project from elsewhere, with the programs in `directory` first."""
    path = directory + ":" + os.environ["PATH"]
    return subprocess.run([os.path.join(ROOT, script), *arguments], cwd="/", text=True, timeout=60,
                          capture_output=True, env=dict(os.environ, PATH=path))


def stand_in(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n" + text + "\n")
    os.chmod(path, 0o755)


def setup_is_silent_where_all_is_there():
    with harness.directory() as directory:
        stand_in(directory, "dpkg-query", "echo installed")
        stand_in(directory, "apt-get", "echo called >&2; exit 1")
        done = run(directory, "tools/setup")
        check_equal((done.returncode, done.stdout, done.stderr),
                    (0, "tools/setup: everything is installed\n", ""), "setup")


def setup_says_what_it_cannot_install():
    with harness.directory() as directory:
        stand_in(directory, "dpkg-query", '[ "$3" = wrk ] || echo installed')
        stand_in(directory, "id", "echo 1000")
        stand_in(directory, "sudo", "exit 1")
        stand_in(directory, "apt-get", "exit 1")
        done = run(directory, "tools/setup")
        check(done.returncode == 1 and done.stderr.count("\n") == 1, f"setup: {done.stderr}")


def wrong_arguments_are_told():
    with harness.directory() as directory:
        for script, argument in (("tools/test", "--quack"), ("bench/run", "quack")):
            done = run(directory, script, argument)
            check_equal(done.returncode, 2, f"exit code of {script}")
            check("usage" in done.stderr, f"{script}: {done.stderr}")


if __name__ == "__main__":
    harness.main(setup_is_silent_where_all_is_there, setup_says_what_it_cannot_install,
                 wrong_arguments_are_told)
