"""Promise P10, on the shipped program: the kernel fails an operation of the disk (strace
injects the error), whichever it is. The server answers what it could not store with an error, ends
with 74 (or with 78 where it could not open), and a restart finds every answered event once.

Promise P13: it goes in time, even where closing hangs."""

import contextlib
import os
import random
import re
import signal
import time

import harness
import senders

# (operation, error, the when-th of a thread, on which files of the data directory)
CASES = (
    ("write", "EIO", 1, "log"), ("write", "EIO", 12, "log"), ("write", "ENOSPC", 1, "log"),
    ("write", "ENOSPC", 25, "log"), ("write", "EIO", 1, "sst"), ("write", "ENOSPC", 2, "sst"),
    ("write", "EIO", 1, "manifest"), ("write", "ENOSPC", 3, "manifest"),
    ("write", "EIO", 1, "current"), ("pwrite64", "EIO", 1, "watermark"),
    ("pwrite64", "ENOSPC", 2, "watermark"), ("fdatasync", "EIO", 1, "log"),
    ("fdatasync", "EIO", 9, "log"), ("fdatasync", "ENOSPC", 4, "log"),
    ("fdatasync", "EIO", 1, "sst"), ("fdatasync", "EIO", 3, "manifest"),
    ("fdatasync", "EIO", 1, "watermark"), ("fsync", "EIO", 1, "directory"),
    ("fsync", "EIO", 5, "directory"), ("rename", "EIO", 1, "current"),
    ("rename", "ENOSPC", 1, "current"), ("openat", "ENOSPC", 2, "log"), ("openat", "EIO", 3, "sst"),
    ("openat", "EMFILE", 1, "manifest"), ("read", "EIO", 1, "manifest"), ("read", "EIO", 1, "current"),
    ("pread64", "EIO", 1, "sst"), ("pread64", "EIO", 8, "sst"), ("unlink", "EIO", 1, "log"),
    ("fallocate", "ENOSPC", 1, "log"), ("ftruncate", "EIO", 1, "log"),
    ("pwrite64", "EIO", 1, "listmark"), ("fdatasync", "EIO", 2, "listmark"),
)
FILES = {
    "log": ("{:06d}.log",), "sst": ("{:06d}.sst",), "manifest": ("MANIFEST-{:06d}",),
    "current": ("CURRENT", "{:06d}.dbtmp"), "watermark": ("WATERMARK",),
    "listmark": ("LISTMARK",), "directory": ("",),
}
NUMBERS_AHEAD = 600  # Of files that are made while a case runs.
FIRE_SECONDS, DIE_SECONDS = 30, 3
OPTIONS = ("--journal-max", "1M", "--live-max", "1M", "--settle", "0", "--log-level", "error",
           "--min-free", "1")
EVENTS_A_RUN = 20_000
FAIL_STOP, DATA = 74, 78
CLOSE_SECONDS = 15


class Traced(harness.Server):
    """A server of which strace fails or delays operations on some files of its data directory. The
    tracer is a grandchild, so that signals and exit codes are those of the server."""

    def __init__(self, directory, inject, files, *options):
        self.inject, self.files = inject, files
        self.trace_path = os.path.join(directory, "trace")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.trace_path)
        super().__init__(directory, *OPTIONS, *options)

    def command(self, arguments):
        call = self.inject.partition(":")[0]
        return [harness.program("strace"), "-D", "-f", "-qq", "-o", self.trace_path,
                "-e", f"trace={call}", "-e", f"inject={self.inject}", *self.paths(), *arguments]

    def paths(self):
        """strace knows a file by its path: those that are there, and those that will be."""
        there = [int(number) for name in os.listdir(self.data_dir)
                 for number in re.findall(r"[0-9]{6,}", name)]
        numbers = range(min(there), max(there) + NUMBERS_AHEAD)
        for form in FILES[self.files]:
            for name in [form.format(n) for n in numbers] if "{" in form else [form]:
                yield "-P"
                yield os.path.join(self.data_dir, name).rstrip("/")


def has_fired(directory):
    with contextlib.suppress(FileNotFoundError), \
            open(os.path.join(directory, "trace"), encoding="utf-8", errors="replace") as trace:
        return any("(INJECTED)" in line for line in trace)
    return False


def fill(directory, ledger):
    """A store with sealed and live events in it."""
    with harness.Server(directory, *OPTIONS) as server:
        load = senders.Senders(ledger, server.http, 2, 1)
        ledger.wait_for_answers(EVENTS_A_RUN)
        load.stop()
        harness.check_equal(server.stop(), 0, "exit code")


def run_case(directory, ledger, operation, error, when, files):
    """True: the fault fired."""
    inject = f"{operation}:error={error}:when={when}"
    try:
        server = Traced(directory, inject, files)
    except RuntimeError as ended:  # It could not open the store.
        code = int(str(ended).split("ended with ")[1].split(":")[0])
        harness.check(code in (FAIL_STOP, DATA), f"{inject}: {ended}")
        return has_fired(directory)
    with server:
        load = senders.Senders(ledger, server.http, 4, when)
        begin = time.monotonic()
        with contextlib.suppress(TimeoutError):
            harness.wait_until(lambda: not server.alive() or has_fired(directory), inject,
                               FIRE_SECONDS)
            harness.wait_until(lambda: not server.alive() or
                               time.monotonic() > begin + DIE_SECONDS, inject)
        load.stopping.set()
        code = server.stop()
        load.join()
        ledger.refused.clear()  # By a write that failed: they may be stored.
        harness.check(code in (0, FAIL_STOP), f"{inject}: exit code {code}: {server.last_log()}")
        return has_fired(directory)


def every_failing_operation_stops_the_server_cleanly():
    ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
    until = time.monotonic() + int(os.environ.get("KPI_TORTURE_SECONDS", "0"))
    choice = random.Random(int(os.environ.get("KPI_SEED", "1")))
    cases, runs, fired, checked = list(CASES), 0, 0, 0
    with harness.directory() as directory:
        fill(directory, ledger)
        while cases or time.monotonic() < until:
            operation, error, when, files = cases.pop(0) if cases else choice.choice(CASES)
            # In the long form, another one of the same operations.
            when = when if runs < len(CASES) else choice.randint(1, 2 * when)
            one = run_case(directory, ledger, operation, error, when, files)
            harness.check(one or runs >= len(CASES), f"{operation} {error} {when} {files}: not fired")
            fired += one
            runs += 1
            with harness.Server(directory, *OPTIONS) as server:
                senders.check_totals(server, ledger)
                senders.check_ids(server, ledger, checked, ledger.next_id)
                checked = ledger.next_id
        with harness.Server(directory, *OPTIONS) as server:
            senders.check_ids(server, ledger, 0, ledger.next_id)
    print(f"torture: strace_faults runs={runs} faults={fired} violations=0")


def state(pid):
    """(letter of its state, pid of its tracer), as the kernel has them."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return fields["State"][0], int(fields["TracerPid"])


def a_close_that_hangs_is_cut_short():
    """Every fsync takes a minute but those of opening. strace does not let go of a dead thread that
    it delays: the process is gone once it is a zombie."""
    with harness.directory() as directory:
        ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
        fill(directory, ledger)
        with Traced(directory, "fsync:delay_enter=60000000:when=4+", "directory") as server:
            ids = ledger.take(100)
            answer = harness.post(server.http, "/v1/events",
                                  "".join(senders.event_line(ledger.base_ms, i) for i in ids),
                                  Content_Type="application/x-ndjson")
            harness.check_equal(answer.status, 200, "status")
            ledger.answer(ids, True)
            tracer = state(server.child.pid)[1]
            server.child.send_signal(signal.SIGTERM)
            harness.wait_until(lambda: state(server.child.pid)[0] == "Z", "gone",
                               CLOSE_SECONDS + 1)
            os.kill(tracer, signal.SIGKILL)
            harness.check_equal(server.child.wait(harness.STOP_SECONDS), FAIL_STOP, "exit code")
        with harness.Server(directory, *OPTIONS) as server:
            senders.check_totals(server, ledger)
            senders.check_ids(server, ledger, 0, ledger.next_id)


if __name__ == "__main__":
    harness.main(every_failing_operation_stops_the_server_cleanly, a_close_that_hangs_is_cut_short)
