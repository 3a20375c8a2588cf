"""Promise P10, on the shipped program: the kernel fails an operation of the disk (strace
injects the error), whichever it is. The server answers what it could not store with an error, ends
with 74 (or with 78 where it could not open), and a restart finds every answered event once.

Promise P13: it goes in time, even where closing hangs."""

import contextlib
import os
import random
import signal
import time

import harness
import senders

# (operation, error, the when-th of them). Only files of the data directory are failed.
CASES = (
    ("write", "EIO", 1), ("write", "EIO", 12), ("write", "EIO", 40), ("write", "ENOSPC", 7),
    ("write", "ENOSPC", 25), ("write", "ENOSPC", 60), ("fdatasync", "EIO", 1),
    ("fdatasync", "EIO", 4), ("fdatasync", "EIO", 9), ("fdatasync", "ENOSPC", 6),
    ("fsync", "EIO", 1), ("fsync", "EIO", 3), ("fsync", "EIO", 5), ("pwrite64", "EIO", 1),
    ("pwrite64", "ENOSPC", 2), ("rename", "EIO", 1), ("rename", "ENOSPC", 2),
    ("pread64", "EIO", 2), ("pread64", "EIO", 30), ("openat", "ENOSPC", 9),
)
OPTIONS = ("--journal-max", "1M", "--live-max", "1M", "--settle", "0", "--log-level", "error",
           "--min-free", "1")
EVENTS_A_RUN = 20_000
FAIL_STOP, DATA = 74, 78
CLOSE_SECONDS = 15


class Traced(harness.Server):
    """A server of which strace fails or delays operations on its data directory. The tracer is
    a grandchild, so that signals and exit codes are those of the server."""

    def __init__(self, directory, inject, *options):
        self.inject = inject
        super().__init__(directory, *OPTIONS, *options)

    def command(self, arguments):
        call = self.inject.partition(":")[0]
        return [harness.program("strace"), "-D", "-f", "-qq", "-o", "/dev/null",
                "-e", f"trace={call}", "-e", f"inject={self.inject}", "-P", self.data_dir, *self.paths(), *arguments]

    def paths(self):
        """strace knows a file by its path: those that are there, and those that will be."""
        names = {f"{number:06d}.{kind}" for number in range(1, 80) for kind in ("log", "sst")}
        names |= {f"MANIFEST-{number:06d}" for number in range(1, 80)}
        names |= {f"{number:06d}.dbtmp" for number in range(1, 80)} | {"CURRENT", "WATERMARK"}
        for name in sorted(names):
            yield "-P"
            yield os.path.join(self.data_dir, name)


def fill(directory, ledger):
    """A store with sealed and live events in it."""
    with harness.Server(directory, *OPTIONS) as server:
        load = senders.Senders(ledger, server.http, 2, 1)
        ledger.wait_for_answers(EVENTS_A_RUN)
        load.stop()
        harness.check_equal(server.stop(), 0, "exit code")


def run_case(directory, ledger, operation, error, when):
    """True: the fault fired."""
    inject = f"{operation}:error={error}:when={when}"
    try:
        server = Traced(directory, inject)
    except RuntimeError as ended:  # It could not open the store.
        code = int(str(ended).split("ended with ")[1].split(":")[0])
        harness.check(code in (FAIL_STOP, DATA), f"{inject}: {ended}")
        return True
    with server:
        load = senders.Senders(ledger, server.http, 4, when)
        with contextlib.suppress(TimeoutError):
            until = time.monotonic() + 3
            harness.wait_until(lambda: not server.alive() or time.monotonic() > until, inject)
        load.stopping.set()
        fired = not server.alive()
        code = server.stop()
        load.join()
        ledger.refused.clear()  # By a write that failed: they may be stored.
        harness.check(code in (0, FAIL_STOP), f"{inject}: exit code {code}: {server.last_log()}")
        return fired or code == FAIL_STOP


def every_failing_operation_stops_the_server_cleanly():
    ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
    until = time.monotonic() + int(os.environ.get("KPI_TORTURE_SECONDS", "0"))
    choice = random.Random(int(os.environ.get("KPI_SEED", "1")))
    cases, runs, fired, checked = list(CASES), 0, 0, 0
    with harness.directory() as directory:
        fill(directory, ledger)
        while cases or time.monotonic() < until:
            operation, error, when = cases.pop(0) if cases else choice.choice(CASES)
            # In the long form, another one of the same operations.
            when = when if runs < len(CASES) else choice.randint(1, 2 * when)
            fired += run_case(directory, ledger, operation, error, when)
            runs += 1
            with harness.Server(directory, *OPTIONS) as server:
                senders.check_totals(server, ledger)
                senders.check_ids(server, ledger, checked, ledger.next_id)
                checked = ledger.next_id
        with harness.Server(directory, *OPTIONS) as server:
            senders.check_ids(server, ledger, 0, ledger.next_id)
    print(f"torture: strace_faults runs={runs} faults={fired} violations=0")
    harness.check(fired >= runs // 3, f"only {fired} of {runs} faults fired")


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
        with Traced(directory, "fsync:delay_enter=60000000:when=4+") as server:
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
