"""Promise of a store that stays as it is: under mixed load, with a restart now and then, memory, open
files and the log's size do not creep. KPI_SOAK_SECONDS says for how long (60); a restart comes every
KPI_SOAK_RESTART_SECONDS (600). Prints one line that tools/torture collects."""

import glob
import os
import subprocess
import time

import harness
from harness import check

SECONDS = int(os.environ.get("KPI_SOAK_SECONDS", "60"))
RESTART_SECONDS = int(os.environ.get("KPI_SOAK_RESTART_SECONDS", "600"))
EVENTS_A_ROUND = 20_000
# Between restarts: the last third may be so much above the middle one.
# Small, so that they are filled early: what grows afterwards is no budget.
BUDGETS = ("--journal-max", "16MiB", "--live-max", "32MiB", "--block-cache", "8MiB",
           "--write-buffer", "4MiB")
GROWTH_MAX = {"rss_bytes": 32 << 20, "files": 16, "log_bytes": 256 << 20}
QUERIES = ("SELECT rp, p95(turnaround_time), count(*) FROM events GROUP BY rp LIMIT 10",
           "SELECT time_bucket('1 hour', time) AS t, count(*) FROM events GROUP BY t",
           "SELECT browser, count(*) FROM events GROUP BY browser")


def sample(server):
    pid = server.child.pid
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        rss = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))
    logs = glob.glob(os.path.join(server.data_dir, "*.log"))
    return {"rss_bytes": rss, "files": len(os.listdir(f"/proc/{pid}/fd")),
            "log_bytes": sum(os.path.getsize(path) for path in logs if os.path.exists(path))}


def load(server, seed):
    """One round of every dialect; how many events were answered."""
    done = subprocess.run([harness.binary("kpi-load"), "--quiet", "--http",
                           f"{server.http[0]}:{server.http[1]}", "--mix", "all", "--pipeline", "8",
                           "--events", str(EVENTS_A_ROUND), "--seed", str(seed)],
                          capture_output=True, text=True, timeout=300)
    check(done.returncode == 0, done.stdout + done.stderr)
    return EVENTS_A_ROUND


def mean(samples, key):
    return sum(each[key] for each in samples) / len(samples)


def growth(samples):
    """What crept: a list of texts."""
    third = len(samples) // 3
    if third < 3:
        return []
    crept = []
    for key, most in GROWTH_MAX.items():
        more = mean(samples[-third:], key) - mean(samples[third:2 * third], key)
        if more > most:
            crept.append(f"{key} grew by {more:.0f}")
    return crept


def soak():
    end = time.monotonic() + SECONDS
    events = restarts = rounds = 0
    violations = []
    with harness.directory() as directory:
        while time.monotonic() < end or restarts == 0:
            samples = []
            with harness.Server(directory, *BUDGETS, "--log-level", "error") as server:
                stored = server.value("SELECT count(*) AS n FROM events")
                if stored != events:
                    violations.append(f"{stored} events are there, {events} were answered")
                    events = stored
                until = min(end, time.monotonic() + RESTART_SECONDS)
                while time.monotonic() < until or not samples:
                    events += load(server, rounds)
                    for query in QUERIES:
                        server.rows(query)
                    samples.append(sample(server))
                    rounds += 1
            restarts += 1
            violations += growth(samples)
    for violation in violations:
        print(violation)
    print(f"torture: soak runs={rounds} faults={restarts} violations={len(violations)}")
    check(not violations, violations)


if __name__ == "__main__":
    harness.main(soak)
