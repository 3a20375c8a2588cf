"""Promise P15: backups are taken online, consistent at one sequence, and restored
verified. A backup taken under load holds what was answered before it began, whole batches only, no
later batch without an earlier one; a damaged one is refused and the file named."""

import os
import random
import re
import shutil
import threading
import time

import harness
from archive_test import admin, answers, fill, record
from harness import check, check_equal

WRITERS = 2
BATCH = 1000
MINUTE_MS = 60_000
ROUNDS = 3
BATCHES_MAX = 25_000  # Then they have used up the past, and the store is left to itself.


class Writers:
    """Each sends batches in order, waiting for each answer. Batch n of a writer has minute n to
    itself, and carries how many batches of all writers had been answered when it was sent."""

    def __init__(self, server):
        self.server = server
        self.begin_ms = harness.now_ms() // MINUTE_MS * MINUTE_MS - 20 * 86_400_000
        self.answered = [0] * WRITERS
        self.sent = [0] * WRITERS
        self.stop = threading.Event()
        self.errors = []
        self.threads = [threading.Thread(target=self._run, args=(w,)) for w in range(WRITERS)]

    def body(self, writer, number):
        seen = self.answered[1 - writer]
        time_ms = self.begin_ms + number * MINUTE_MS
        return "".join(harness.event_line(time_ms + i, rp=f"https://rp{writer}.example",
                                          measures={"seen": seen}) for i in range(BATCH)).encode()

    def _run(self, writer):
        try:
            with harness.Client(self.server.http) as client:
                number = 0
                while not self.stop.is_set() and number < BATCHES_MAX:
                    body = self.body(writer, number)
                    self.sent[writer] = number + 1
                    answer = client.request("POST", "/v1/events", body)
                    check_equal(answer.status, 200, answer.body)
                    number += 1
                    self.answered[writer] = number
        except Exception as error:  # Told by the thread that waits.
            self.errors.append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def wait_for(self, batches):
        wanted = min(batches, BATCHES_MAX)
        harness.wait_until(lambda: self.errors or min(self.answered) >= wanted,
                           f"{wanted} batches", 60)


def ok(*arguments):
    done = admin(*arguments)
    check_equal((done.returncode, done.stderr), (0, ""), " ".join(arguments))
    return done.stdout


def stored(server):
    """Per writer: batch -> (events, batches of the other that it had seen)."""
    found = [{} for _ in range(WRITERS)]
    for row in harness.rows(server.http, "SELECT rp, time_bucket('1 minute', time) AS t, count(*)"
                            " AS n, max(seen) AS seen FROM events GROUP BY rp, t"):
        found[int(row["rp"][10])][row["t"]] = (row["n"], row["seen"])
    return [[batches[t] for t in sorted(batches)] for batches in found]


def check_consistent(batches, answered, sent):
    for writer, mine in enumerate(batches):
        check(all(n == BATCH for n, _ in mine), f"writer {writer}: a batch is not whole")
        check(answered[writer] <= len(mine) <= sent[writer],
              f"writer {writer}: {len(mine)} batches, {answered[writer]} answered before the "
              f"backup began, {sent[writer]} sent when it ended")
        # Sequence order: what was answered before a batch was sent comes before it.
        if mine:
            check(mine[-1][1] <= len(batches[1 - writer]),
                  f"writer {writer}: its last batch had seen {mine[-1][1]} of the other, "
                  f"which has {len(batches[1 - writer])}")


def drill(server, writers, directory, number, base):
    backup = os.path.join(directory, f"backup{number}")
    restored = os.path.join(directory, f"restored{number}")
    answered = list(writers.answered)
    linked = ["--base", base] if base else []
    said = ok("backup", "--data-dir", server.data_dir, "--out", backup, *linked)
    sent = list(writers.sent)
    check(re.match(r"backed up up to sequence [\d,]+: \d+ files", said), said)
    ok("verify", "--data-dir", backup)
    ok("restore", "--from", backup, "--data-dir", restored)
    ok("verify", "--data-dir", restored)
    elsewhere = os.path.join(directory, f"elsewhere{number}")
    os.mkdir(elsewhere)
    with harness.Server(elsewhere, data_dir=restored) as other:
        check_consistent(stored(other), answered, sent)
    shutil.rmtree(restored)
    return backup


def a_backup_under_load_is_one_moment_of_the_store():
    seconds = float(os.environ.get("KPI_TORTURE_SECONDS", "0"))
    end = time.monotonic() + seconds
    runs = 0
    with harness.directory() as directory, \
            harness.Server(directory, "--journal-max", "1MiB", "--settle", "0s") as server:
        base = None
        with Writers(server) as writers:
            while runs < ROUNDS or time.monotonic() < end:
                writers.wait_for(min(writers.answered) + 60)
                backup = drill(server, writers, directory, runs, base)
                if base:
                    shutil.rmtree(base)
                base = backup
                runs += 1
        check_equal(server.stop(), 0, "exit code")
        ok("verify", "--data-dir", server.data_dir)
    print(f"torture: backup runs={runs} faults=0 violations=0", flush=True)


def a_stopped_store_is_restored_with_every_answer():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            fill(server, 500)
            record(server)
            harness.rows(server.http, "CREATE MILESTONE 'v1' AT '2026-11-10T09:00Z'")
            expected = answers(server)
            check_equal(server.stop(), 0, "exit code")
        backup, restored = os.path.join(directory, "b"), os.path.join(directory, "r")
        ok("backup", "--data-dir", server.data_dir, "--out", backup)
        ok("restore", "--from", backup, "--data-dir", restored)
        again = ok("backup", "--data-dir", restored, "--out", backup + "2", "--base", backup)
        check("shared with the base" in again, again)
        os.mkdir(os.path.join(directory, "e"))
        with harness.Server(os.path.join(directory, "e"), data_dir=restored) as other:
            check_equal(answers(other), expected, "answers")


def damage(path, how, rng):
    if how == "missing":
        os.unlink(path)
        return
    with open(path, "r+b") as file:
        size = os.path.getsize(path)
        if how == "short":
            file.truncate(size - 1)
            return
        at = rng.randrange(size)
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << rng.randrange(8)]))


def a_damaged_backup_is_refused_and_the_file_named():
    rng = random.Random(int(os.environ.get("KPI_SEED", "1")))
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            fill(server, 200)
            check_equal(server.stop(), 0, "exit code")
        whole = os.path.join(directory, "whole")
        ok("backup", "--data-dir", server.data_dir, "--out", whole)
        bad, target = os.path.join(directory, "bad"), os.path.join(directory, "target")
        for name in sorted(os.listdir(whole)):
            for how in ("flipped", "short", "missing"):
                if how != "missing" and not os.path.getsize(os.path.join(whole, name)):
                    continue
                shutil.copytree(whole, bad)
                damage(os.path.join(bad, name), how, rng)
                for command in (["restore", "--from", bad, "--data-dir", target],
                                ["verify", "--data-dir", bad]):
                    if command[0] == "verify" and (name, how) == ("BACKUP", "missing"):
                        continue  # It is a store like any other, then.
                    done = admin(*command)
                    check_equal(done.returncode, 1, f"{command[0]}: {name} {how}")
                    check(name in done.stderr, f"{name} {how}: {done.stderr}")
                check_equal([n for n in os.listdir(directory) if n.startswith("target")], [],
                            "what a refused restore left")
                shutil.rmtree(bad)
        shutil.copytree(whole, bad)
        shutil.copyfile(os.path.join(bad, "CURRENT"), os.path.join(bad, "000999.sst"))
        strange = admin("restore", "--from", bad, "--data-dir", target)
        check_equal(strange.returncode, 1, strange.stderr)
        check("000999.sst" in strange.stderr, strange.stderr)


def nothing_is_overwritten():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            fill(server, 20)
            check_equal(server.stop(), 0, "exit code")
        backup = os.path.join(directory, "b")
        ok("backup", "--data-dir", server.data_dir, "--out", backup)
        before = sorted(os.listdir(server.data_dir))
        for command in (["restore", "--from", backup, "--data-dir", server.data_dir],
                        ["backup", "--data-dir", server.data_dir, "--out", backup]):
            done = admin(*command)
            check_equal(done.returncode, 1, command)
            check("not an empty directory" in done.stderr, done.stderr)
        check_equal(sorted(os.listdir(server.data_dir)), before, "files")
        none = admin("backup", "--data-dir", directory, "--out", os.path.join(directory, "c"))
        check_equal(none.returncode, 1, none.stderr)
        check("holds no store" in none.stderr, none.stderr)
        empty = os.path.join(directory, "empty")
        os.mkdir(empty)
        ok("restore", "--from", backup, "--data-dir", empty)


if __name__ == "__main__":
    harness.main(a_backup_under_load_is_one_moment_of_the_store,
                 a_stopped_store_is_restored_with_every_answer,
                 a_damaged_backup_is_refused_and_the_file_named, nothing_is_overwritten)
