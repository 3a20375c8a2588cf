"""Promises P11 and P12: slow and hostile clients. Thousands of connections that send their heads or
bodies byte by byte, or take their answers so (slowhttptest), connections whose other end has vanished, and more
connections than there may be, or than there are file descriptors: the others are served on, the store goes on,
and in the end everything is given back."""

import contextlib
import os
import resource
import socket
import subprocess
import threading
import time

import harness
from harness import check, check_equal, wait_until

SECONDS = os.environ.get("KPI_TORTURE_SECONDS")
SLOW = int(os.environ.get("KPI_SLOW_CONNECTIONS", "5000"))
CLIENTS = 4
LATENCY_MAX = 5.0  # Of anybody else's request, on a machine that has much else to do.
MEMORY_MAX = 256 << 20  # Half of the budget: beside the slow ones there is little to hold.
BODY = ("outcome=success&time_to_show_ui=100&time_to_continue=200&time_to_receive_token=300"
        "&turnaround_time=600")
FORM = {"Content_Type": "application/x-www-form-urlencoded", "Origin": "https://rp.example"}
TCP_REPAIR = 19


def metric(server, name):
    text = harness.get(server.http, "/metrics").body.decode()
    return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + " "))


def open_files(server):
    return len(os.listdir(f"/proc/{server.child.pid}/fd"))


def memory(server, what):
    with open(f"/proc/{server.child.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what + ":"))


class Others:
    """Clients that behave: half of them keep their connection, half make one for each request."""

    def __init__(self, address):
        self.address, self.latencies, self.wrong = address, [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(i % 2 == 0,)) for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _run(self, keeps):
        kept = harness.Client(self.address) if keeps else None
        try:
            while not self.stopping.is_set():
                begin = time.monotonic()
                client = kept or harness.Client(self.address)
                answer = client.request("POST", "/metrics", BODY, **FORM)
                if not keeps:
                    client.close()
                self.latencies.append((begin, time.monotonic() - begin))
                if answer.status != 204:
                    self.wrong.append(answer.status)
                self.stopping.wait(0.002)
        except (OSError, ValueError, IndexError) as error:
            self.wrong.append(repr(error))
        if kept:
            kept.close()

    def p99_ms(self, begin, end):
        taken = sorted(latency for at, latency in list(self.latencies) if begin <= at < end)
        check(len(taken) >= 20, f"{len(taken)} requests of the others from {begin} to {end}")
        return taken[len(taken) * 99 // 100] * 1000

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        check(not self.wrong, f"answers of the others: {self.wrong[:5]}")
        slowest = max(latency for _, latency in self.latencies)
        check(slowest < LATENCY_MAX, f"a request of the others took {slowest:.1f} s")
        return len(self.latencies)


ATTACKS = {
    "heads": ["-H", "-i", "1", "-x", "10"],
    "bodies": ["-B", "-i", "1", "-s", "60000", "-x", "10"],
    "reads": ["-X", "-n", "1", "-w", "1", "-y", "2", "-z", "1", "-k", "5"],
}


def attack(server, kind, seconds):
    """Runs slowhttptest; the largest number of connections that were open at a time."""
    process = subprocess.Popen(
        [harness.program("slowhttptest"), *ATTACKS[kind], "-c", str(SLOW), "-r", str(SLOW // 2), "-l",
         str(seconds), "-v", "0", "-u", f"http://127.0.0.1:{server.http[1]}/metrics"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    try:
        while process.poll() is None:
            peak = max(peak, metric(server, "kpi_http_connections"))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return peak


def slow_clients_hold_nobody_up(kind, seconds):
    with harness.directory() as directory:
        with harness.Server(directory, "--idle-timeout", "8s", "--write-timeout", "5s") as server:
            others = Others(server.http)
            quiet = time.monotonic()
            wait_until(lambda: len(others.latencies) > 400, "the others have begun")
            begin, accepted = time.monotonic(), metric(server, "kpi_http_connections_accepted_total")
            files = open_files(server)
            peak = attack(server, kind, seconds)
            end = time.monotonic()
            accepted = metric(server, "kpi_http_connections_accepted_total") - accepted
            check(accepted >= SLOW, f"{accepted} connections were made, of {SLOW} slow ones")
            wait_until(lambda: metric(server, "kpi_http_connections") < 3 * CLIENTS,
                       "connections are given back", 60)
            wait_until(lambda: open_files(server) < files + 3 * CLIENTS, "files are given back", 60)
            before, during = others.p99_ms(quiet, begin), others.p99_ms(begin, end)
            served = others.stop()
            most = memory(server, "VmHWM")
            check(most < MEMORY_MAX, f"{most >> 20} MiB of memory")
            check_equal(server.value("SELECT count(*) AS n FROM events"), served, "events of the others")
            if kind != "reads":
                check(metric(server, "kpi_http_timeouts_total") >= peak / 2, "slow clients were cut off")
            print(f"slow {kind}: {accepted:.0f} connections, {peak:.0f} at a time; p99 of {served} others "
                  f"{before:.1f} ms before, {during:.1f} ms during, x {during / before:.2f}; "
                  f"{most >> 20} MiB at most")


def slow_heads_hold_nobody_up():
    slow_clients_hold_nobody_up("heads", 8)


def slow_bodies_hold_nobody_up():
    slow_clients_hold_nobody_up("bodies", 14)


def slow_readers_hold_nobody_up():
    slow_clients_hold_nobody_up("reads", 8)


def beyond_the_bound_connections_are_told_so():
    """Also: those that say nothing make room for those that speak."""
    with harness.directory() as directory:
        with harness.Server(directory, "--connections-max", "40", "--header-timeout", "1s") as server:
            silent = [harness.connect(server.http) for _ in range(40)]
            with harness.Client(server.http) as one_more:
                answer = one_more.receive()
                check_equal((answer.status, answer.headers["retry-after"], answer.headers["connection"]),
                            (503, "1", "close"), "the answer to one more")
            wait_until(lambda: harness.get(server.http, "/healthz").status == 200, "there is room again")
            for connection in silent:
                connection.close()


def clients_that_vanish_are_forgotten():
    """Half-open connections: the other end is gone, and said nothing."""
    with harness.directory() as directory:
        with harness.Server(directory, "--idle-timeout", "1s", "--header-timeout", "1s") as server:
            files = open_files(server)
            gone = [harness.connect(server.http) for _ in range(200)]
            for i, connection in enumerate(gone):
                if i % 2:
                    connection.sendall(b"POST /metrics HTTP/1.1\r\nHo")
                with contextlib.suppress(OSError):  # Not allowed: then it says that it ends.
                    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
                connection.close()
            wait_until(lambda: open_files(server) <= files + 1, "files are given back")
            check_equal(harness.post(server.http, "/metrics", BODY, **FORM).status, 204, "a report afterwards")


class Limited(harness.Server):
    """With few file descriptors."""

    def command(self, arguments):
        return [harness.program("prlimit"), "--nofile=256:256", *arguments]


def clients_leave_the_store_its_files():
    """The bound of connections is lowered to what the system allows; the store opens and drops files
    meanwhile."""
    with harness.directory() as directory:
        with Limited(directory, "--journal-max", "1M", "--live-max", "1M", "--settle", "0",
                     "--write-buffer", "1M") as server:
            check_equal(metric(server, "kpi_http_connections_max"), 32, "connections at most")
            with contextlib.ExitStack() as open_ones:
                writer = open_ones.enter_context(harness.Client(server.http))
                for _ in range(400):
                    with contextlib.suppress(OSError):
                        open_ones.callback(harness.connect(server.http).close)
                base, events = harness.now_ms() - 86_400_000, 0
                for turn in range(60):
                    lines = "".join(harness.event_line(base + turn * 1_000_000 + i,
                                                       measures={"turnaround_time": i})
                                    for i in range(500))
                    answer = writer.request("POST", "/v1/events", lines,
                                            Content_Type="application/x-ndjson")
                    check(answer.status == 200, f"a batch: {answer.status} {answer.body}")
                    events += 500
            wait_until(lambda: harness.get(server.http, "/healthz").status == 200, "connections are taken again")
            check_equal(server.value("SELECT count(*) AS n FROM events"), events, "events")
            check(metric(server, "kpi_seals_total") > 0, "nothing was sealed")


def without_file_descriptors_accepting_waits():
    """Not by the bound, but by the system: counted, without spinning, and it goes on by itself."""
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            limits = resource.prlimit(server.child.pid, resource.RLIMIT_NOFILE)
            with harness.Client(server.http) as kept:
                check_equal(kept.request("GET", "/healthz").status, 200, "health")
                resource.prlimit(server.child.pid, resource.RLIMIT_NOFILE, (open_files(server) + 5, limits[1]))
                waiting = [harness.connect(server.http) for _ in range(50)]

                def failures():
                    text = kept.request("GET", "/metrics").body.decode()
                    return next(int(line.split()[1]) for line in text.splitlines()
                                if line.startswith("kpi_http_accepts_failed_total "))
                first = wait_until(failures, "accepting failed")
                begin = time.monotonic()
                wait_until(lambda: failures() > first + 10, "it tries again")
                took = time.monotonic() - begin
                check(took > 0.5, f"ten trials in {took:.2f} s: it spins")
                check_equal(kept.request("POST", "/metrics", BODY, **FORM).status, 204, "others are served")
                resource.prlimit(server.child.pid, resource.RLIMIT_NOFILE, limits)
                for connection in waiting:
                    connection.sendall(harness.request("GET", "/healthz", Connection="close"))
                for connection in waiting:
                    check(connection.makefile("rb").readline().startswith(b"HTTP/1.1 200"), "one that waited")
                    connection.close()
            check_equal(server.stop(), 0, "exit status")


def silent_query_clients_hold_nobody_up():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            silent = [harness.connect(server.query) for _ in range(300)]
            done = subprocess.run([harness.binary("kpi-query"), "-h", server.query[0], "-p",
                                   str(server.query[1]), "SELECT count(*) FROM events"],
                                  capture_output=True, text=True, timeout=60)
            check_equal((done.returncode, done.stderr), (0, ""), "a statement meanwhile")
            for connection in silent:
                connection.close()


def long_form():
    """All attacks in turn for so many seconds."""
    end, runs = time.monotonic() + float(SECONDS or 0), 0
    while SECONDS and (time.monotonic() < end or not runs):
        for kind in ATTACKS:
            slow_clients_hold_nobody_up(kind, 20)
            runs += 1
    if SECONDS:
        print(f"torture: slow_clients runs={runs} faults={runs * SLOW} violations=0")


if __name__ == "__main__":
    if SECONDS:
        harness.main(long_form)
    harness.main(slow_heads_hold_nobody_up, slow_bodies_hold_nobody_up, slow_readers_hold_nobody_up,
                 beyond_the_bound_connections_are_told_so, clients_that_vanish_are_forgotten,
                 clients_leave_the_store_its_files, without_file_descriptors_accepting_waits,
                 silent_query_clients_hold_nobody_up)
