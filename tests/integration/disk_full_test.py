"""Promise P9: a disk that fills up. Below --min-free reports are answered 503, queries go
on, and everything comes back by itself once there is space; nothing answered is lost, and the
server never dies of it. With the watch off the disk really fills: the server ends with 74, never by
a signal, and what was answered is there when there is space again. Each way of filling it, watched
and not: by a neighbour, by the reports themselves, before the start; and freed again.

On a small tmpfs of its own, so it must be run by root."""

import contextlib
import os
import subprocess
import threading
import time

import harness
import senders

DISK_MIB = 48
MIN_FREE = 12 << 20
SMALL = ("--journal-max", "1M", "--live-max", "1M", "--write-buffer", "1M", "--settle", "0")
WATCHED = (*SMALL, "--min-free", str(MIN_FREE))
UNWATCHED = (*SMALL, "--min-free", "1")
NOTICED_SECONDS = 15  # It looks each second; this is for a busy machine. The longest is printed.
FAIL_STOP, DATA = 74, 78
TORTURE_SECONDS = int(os.environ.get("KPI_TORTURE_SECONDS", "0"))


@contextlib.contextmanager
def small_disk():
    """(directory for sockets and logs, directory on the small disk)"""
    with harness.directory() as directory:
        disk = os.path.join(directory, "disk")
        os.mkdir(disk)
        mounted = subprocess.run([harness.program("mount"), "-t", "tmpfs", "-o",
                                  f"size={DISK_MIB}m", "tmpfs", disk], capture_output=True)
        if mounted.returncode != 0:
            raise harness.Missing("a small tmpfs cannot be mounted (are you root?): " +
                                  mounted.stderr.decode().strip())
        try:
            yield directory, disk
        finally:
            subprocess.run([harness.program("umount"), "-l", disk], check=True)


def free_bytes(disk):
    stat = os.statvfs(disk)
    return stat.f_frsize * stat.f_bavail


def take_space(disk, leave):
    """A neighbour's file that leaves so many bytes."""
    path = os.path.join(disk, "neighbour")
    with open(path, "ab") as file:
        for _ in range(100):  # A store that is just writing may be faster.
            with contextlib.suppress(OSError):
                os.posix_fallocate(file.fileno(), file.tell(), max(free_bytes(disk) - leave, 1))
                return path
    raise AssertionError("the space is taken by somebody else")


def start(directory, disk, *options):
    return harness.Server(directory, *options, data_dir=os.path.join(disk, "data"))


def send(server, ledger, count=500):
    """One bulk post; the status."""
    ids = ledger.take(count)
    answer = harness.post(server.http, "/v1/events",
                          "".join(senders.event_line(ledger.base_ms, i) for i in ids),
                          Content_Type="application/x-ndjson")
    if answer.status in (200, 503):
        ledger.answer(ids, answer.status == 200)
    return answer


def check_read_only(server):
    answer = send(server, senders.Ledger(harness.now_ms() - 3_600_000), 1)
    harness.check_equal(answer.status, 503, "status")
    harness.check_equal(answer.json()["type"], "urn:kpistore:problem:disk-full", "type")
    harness.check(int(answer.headers["retry-after"]) >= 1, answer.headers)
    ready = harness.get(server.http, "/readyz")
    harness.check_equal(ready.status, 503, "readyz")
    harness.check(b"disk" in ready.body, ready.body)
    harness.check(b"\nkpi_read_only 1\n" in harness.get(server.http, "/metrics").body, "metrics")


def is_ready(server):
    return harness.get(server.http, "/readyz").status == 200


def is_not_ready(server):
    try:
        return not is_ready(server)
    except (OSError, ValueError, IndexError):  # It is ending.
        return False


def check_all(server, ledger):
    senders.check_totals(server, ledger)
    senders.check_ids(server, ledger, 0, ledger.next_id)


def neighbour_cycle(server, ledger, disk, leave):
    """The neighbour takes all but so much, and gives it back; how long until reports are taken."""
    harness.check_equal(send(server, ledger).status, 200, "status")
    neighbour = take_space(disk, leave)
    harness.wait_until(lambda: not is_ready(server), "read-only", NOTICED_SECONDS)
    check_read_only(server)
    check_all(server, ledger)
    # A little space is not enough: it would run out at once.
    os.truncate(neighbour, os.stat(neighbour).st_size -
                (MIN_FREE + MIN_FREE // 8 - free_bytes(disk)))
    check_read_only(server)
    os.unlink(neighbour)
    freed = time.monotonic()
    harness.wait_until(lambda: is_ready(server), "ready again", NOTICED_SECONDS)
    took = time.monotonic() - freed
    harness.check_equal(send(server, ledger).status, 200, "status")
    return took


def everything_is_taken_at_once(directory, disk, ledger):
    """Between two looks: it is noticed, or what was being written then has failed."""
    with start(directory, disk, *WATCHED) as server:
        harness.check_equal(send(server, ledger).status, 200, "status")
        neighbour = take_space(disk, 0)
        harness.wait_until(lambda: not server.alive() or is_not_ready(server), "read-only",
                           NOTICED_SECONDS)
        harness.check(server.stop() in (0, FAIL_STOP), "exit code: " + server.last_log())
    os.unlink(neighbour)
    with start(directory, disk, *WATCHED) as server:
        check_all(server, ledger)


def filled_by_a_neighbour_and_freed_again():
    until = time.monotonic() + TORTURE_SECONDS // 2
    longest, cycles = 0, 0
    while not cycles or time.monotonic() < until:
        ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
        with small_disk() as (directory, disk):
            with start(directory, disk, *WATCHED) as server:
                for leave in (MIN_FREE // 2, MIN_FREE // 8, MIN_FREE // 4):
                    longest = max(longest, neighbour_cycle(server, ledger, disk, leave))
                    cycles += 1
                check_all(server, ledger)
            everything_is_taken_at_once(directory, disk, ledger)
    print(f"reports taken again at most {longest * 1000:.0f} ms after there was space")
    print(f"torture: disk_full runs={cycles} faults={cycles} violations=0")


def filled_by_ingest():
    """As much as goes in: then the store is read-only, is stopped, and starts again."""
    ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
    with small_disk() as (directory, disk):
        take_space(disk, MIN_FREE + (7 << 20))
        with start(directory, disk, *WATCHED) as server:
            while (answer := send(server, ledger, 5000)).status == 200:
                pass
            harness.check_equal(answer.json()["type"], "urn:kpistore:problem:disk-full", "type")
            harness.check(free_bytes(disk) > MIN_FREE // 4, f"{free_bytes(disk)} left")
            check_all(server, ledger)
            harness.check_equal(server.stop(), 0, "exit code")
        with start(directory, disk, *WATCHED) as server:
            check_all(server, ledger)
            os.unlink(os.path.join(disk, "neighbour"))
            harness.wait_until(lambda: is_ready(server), "ready again", NOTICED_SECONDS)
            harness.check_equal(send(server, ledger).status, 200, "status")
            check_all(server, ledger)
    print(f"{len(ledger.answered)} events went onto the disk")


def ask_the_files(disk):
    """Without a server, on the full disk."""
    return subprocess.run([harness.binary("kpi-query"), "--data-dir", os.path.join(disk, "data"),
                           "--format", "csv", "--no-header", "SELECT count(*) FROM events"],
                          capture_output=True, text=True, timeout=60).stdout.strip()


def full_at_the_start():
    """The server waits, says so, and opens the store when there is space. Who needs an answer
    before that asks the files."""
    ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
    with small_disk() as (directory, disk):
        with start(directory, disk, *WATCHED) as server:
            harness.check_equal(send(server, ledger).status, 200, "status")
            server.kill()
        neighbour = take_space(disk, 0)
        freed = threading.Event()
        answers = []

        def free_later():
            harness.wait_until(lambda: b"disk_nearly_full" in log(directory), "the log says why")
            answers.append(ask_the_files(disk))
            os.unlink(neighbour)
            freed.set()

        thread = threading.Thread(target=free_later)
        thread.start()
        with start(directory, disk, *WATCHED) as server:
            thread.join()
            harness.check(freed.is_set(), "ready on a full disk")
            harness.check_equal(answers, [str(len(ledger.answered))], "events in the files")
            check_all(server, ledger)
            harness.check_equal(send(server, ledger).status, 200, "status")
            check_all(server, ledger)


def log(directory):
    with open(os.path.join(directory, "kpi-server.log"), "rb") as file:
        return file.read()


def send_until_it_ends(server, ledger):
    """With 74; or it notices that nothing at all is free before it writes, and is stopped."""
    codes = (FAIL_STOP,)
    with contextlib.suppress(OSError, ValueError, IndexError):
        while (answer := send(server, ledger, 2000)).status == 200:
            pass
        if b"disk-full" in answer.body:
            codes = (0, FAIL_STOP)
            server.stop()
    code = server.child.wait(harness.STOP_SECONDS)
    harness.check(code in codes, f"exit code {code}: {server.last_log()}")
    ledger.refused.clear()  # Refused by a failing write: they may be stored.


def unwatched_and_filled():
    """By the reports, and by a neighbour who takes everything between two of them."""
    until = time.monotonic() + TORTURE_SECONDS // 2
    cycles = 0
    while not cycles or time.monotonic() < until:
        ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
        with small_disk() as (directory, disk):
            for leave in (2 << 20, 0, 2 << 20, 0):
                with start(directory, disk, *UNWATCHED) as server:
                    check_all(server, ledger)
                    harness.check_equal(send(server, ledger).status, 200, "status")
                    neighbour = take_space(disk, leave)
                    send_until_it_ends(server, ledger)
                os.unlink(neighbour)
                cycles += 1
            with start(directory, disk, *UNWATCHED) as server:
                check_all(server, ledger)
    print(f"torture: disk_full_unwatched runs={cycles} faults={cycles} violations=0")


def unwatched_and_full_at_the_start():
    """It ends, and opens the store as it was when there is space."""
    ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
    with small_disk() as (directory, disk):
        with start(directory, disk, *UNWATCHED) as server:
            harness.check_equal(send(server, ledger).status, 200, "status")
            server.kill()
        neighbour = take_space(disk, 0)
        for _ in range(3):
            try:
                server = start(directory, disk, *UNWATCHED)
            except RuntimeError as ended:
                harness.check(any(f"ended with {code}:" in str(ended) for code in (FAIL_STOP, DATA)),
                              ended)
            else:  # What the last try gave back was enough to open it.
                with server:
                    check_all(server, ledger)
                    harness.check(server.stop() in (0, FAIL_STOP), server.last_log())
        os.unlink(neighbour)
        with start(directory, disk, *UNWATCHED) as server:
            check_all(server, ledger)
            harness.check_equal(send(server, ledger).status, 200, "status")
            check_all(server, ledger)


harness.main(filled_by_a_neighbour_and_freed_again, filled_by_ingest, full_at_the_start,
             unwatched_and_filled, unwatched_and_full_at_the_start)
