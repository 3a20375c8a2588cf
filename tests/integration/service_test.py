"""Upkeep: the service's unit is hardened, the service manager hears how the server is, log and
metrics are as they are documented."""

import json
import os
import re
import signal
import socket
import subprocess

import harness
from harness import check, check_equal

EXPOSURE_MAX = 1.5
PROTOCOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "server",
                        "PROTOCOL.md")


def unit_is_hardened():
    unit = os.environ["KPI_UNIT"]
    report = subprocess.run(
        [harness.program("systemd-analyze"), "security", "--offline=true", "--no-pager",
         f"--threshold={int(EXPOSURE_MAX * 10)}", unit], capture_output=True, text=True, timeout=60)
    overall = [line for line in report.stdout.splitlines() if "Overall exposure level" in line]
    check(len(overall) == 1, f"systemd-analyze says: {report.stdout[-500:]} {report.stderr[-500:]}")
    exposure = float(overall[0].split(": ")[1].split()[0])
    check(report.returncode == 0 and exposure <= EXPOSURE_MAX,
          f"exposure {exposure}, at most {EXPOSURE_MAX} is allowed")


class Manager:
    """A service manager's notification socket, at an abstract address."""

    def __init__(self, watchdog_seconds):
        self.address = f"kpi-service-test-{os.getpid()}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.address)
        self.socket.settimeout(harness.START_SECONDS)
        os.environ["NOTIFY_SOCKET"] = "@" + self.address
        os.environ["WATCHDOG_USEC"] = str(int(watchdog_seconds * 1_000_000))
        os.environ.pop("WATCHDOG_PID", None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]

    def await_message(self, first_line):
        """The next message that is not a ping; pings before it."""
        pings = 0
        while True:
            message = self.socket.recv(4096).decode()
            if message == "WATCHDOG=1" and first_line != message:
                pings += 1
                continue
            check_equal(message.split("\n")[0], first_line, "what the manager is told")
            return message, pings


def manager_hears_of_everything():
    with harness.directory() as directory, Manager(watchdog_seconds=0.4) as manager:
        with harness.Server(directory) as server:
            manager.await_message("READY=1")
            for _ in range(5):
                manager.await_message("WATCHDOG=1")
            server.child.send_signal(signal.SIGHUP)
            reloading, _ = manager.await_message("RELOADING=1")
            check("MONOTONIC_USEC=" in reloading, "the moment of the reload")
            manager.await_message("READY=1")
            # A process that stands still says nothing: nothing arrives until it goes on.
            server.child.send_signal(signal.SIGSTOP)
            harness.wait_until(lambda: stopped(server.child.pid), "the server stands still")
            drain(manager.socket)
            manager.socket.settimeout(1.0)
            try:
                check(False, f"a message of a stopped process: {manager.socket.recv(4096)!r}")
            except TimeoutError:
                pass
            manager.socket.settimeout(harness.START_SECONDS)
            server.child.send_signal(signal.SIGCONT)
            manager.await_message("WATCHDOG=1")
            server.child.send_signal(signal.SIGTERM)
            manager.await_message("STOPPING=1")
            check_equal(server.child.wait(harness.STOP_SECONDS), 0, "exit code")


def stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0] == "T"


def drain(channel):
    channel.setblocking(False)
    try:
        while True:
            channel.recv(4096)
    except BlockingIOError:
        channel.setblocking(True)


def log_is_json_lines():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            log_path = server.log_path
            check_equal(server.stop(), 0, "exit code")
        with open(log_path, encoding="ascii") as log:
            lines = [json.loads(line) for line in log]
        for line in lines:
            check_equal(list(line)[:3], ["time", "level", "event"], "the first members of a line")
        events = [line["event"] for line in lines if line["event"] != "engine"]
        check_equal(events, ["opened", "ready", "closing", "closed"], "events of a quiet life")


def families_of(page):
    """[(name, type, labels, help)] in their order."""
    families = []
    for line in page.splitlines():
        if line.startswith("# HELP "):
            _, _, name, text = line.split(" ", 3)
            families.append([name, "", "", text])
        elif line.startswith("# TYPE "):
            families[-1][1] = line.split(" ")[3]
        elif not families[-1][2]:
            labels = [label for label in re.findall(r'(\w+)="', line) if label != "le"]
            families[-1][2] = ", ".join(labels)
    return [tuple(family) for family in families]


def metrics_are_as_documented():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            page = harness.get(server.http, "/metrics").body.decode()
    with open(PROTOCOL, encoding="utf-8") as protocol:
        section = protocol.read().split("\n## Metrics\n")[1].split("\n## ")[0]
    row = re.compile(r"\| `(\w+)`(?: \{(.*?)\})? \| (\w+) \| (.*) \|$", re.M)
    documented = [(name, kind, labels, text) for name, labels, kind, text in row.findall(section)]
    told = families_of(page)
    check_equal(sorted(set(told) - set(documented)), [], "on the page, not in PROTOCOL.md")
    check_equal(sorted(set(documented) - set(told)), [], "in PROTOCOL.md, not on the page")


if __name__ == "__main__":
    harness.main(unit_is_hardened, manager_hears_of_everything, log_is_json_lines,
                 metrics_are_as_documented)
