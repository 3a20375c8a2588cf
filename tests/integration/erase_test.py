"""Privacy: kpi-admin erases an RP from a stopped store, and drops what has aged out."""

import os
import subprocess

import harness
from harness import check, check_equal

GONE, STAYS = "https://forgotten-rp.example", "https://other-rp.example"
DAY_MS = 86_400_000


def admin(*arguments):
    return subprocess.run([harness.binary("kpi-admin"), *arguments], capture_output=True, text=True,
                          timeout=120, stdin=subprocess.DEVNULL)


def fill(directory, *options):
    with harness.Server(directory, *options) as server:
        now = harness.now_ms()
        lines = "".join(harness.event_line(now - i * DAY_MS, rp=rp, client=f"client-of-{rp[8:]}",
                                           measures={"turnaround_time": 100 + i})
                        for i in range(9) for rp in (GONE, STAYS) for _ in range(5))
        answer = harness.post(server.http, "/v1/events", lines, Content_Type="application/x-ndjson")
        check_equal((answer.status, answer.json()["accepted"]), (200, 90), "events")
        check_equal(server.stop(), 0, "exit code")
        return server.data_dir


def files_with(data_dir, name):
    found = 0
    for file in os.listdir(data_dir):
        with open(os.path.join(data_dir, file), "rb") as opened:
            found += name.encode() in opened.read()
    return found


def an_rp_is_erased():
    with harness.directory() as directory:
        data_dir = fill(directory)
        check(files_with(data_dir, GONE) > 0, "the RP is there")
        erase = ("erase", "--data-dir", data_dir, "--rp", GONE)
        refused = admin(*erase)
        check(refused.returncode == 1 and "--yes" in refused.stderr, "it asks before it erases")
        rehearsal = admin(*erase, "--dry-run")
        check("would be erased: 45 events" in rehearsal.stdout, rehearsal.stdout + rehearsal.stderr)
        check(files_with(data_dir, GONE) > 0, "a rehearsal changes nothing")
        done = admin(*erase, "--yes")
        check(done.returncode == 0 and "no occurrence in" in done.stdout, done.stdout + done.stderr)
        check_equal(files_with(data_dir, GONE), 0, "files with the RP")
        check_equal(files_with(data_dir, "client-of-forgotten"), 0, "files with its client")
        unknown = admin(*erase, "--yes")
        check(unknown.returncode == 1 and "no RP" in unknown.stderr, "erased before")
        with harness.Server(directory) as server:
            rows = server.rows("SELECT rp, count(*) AS n FROM events GROUP BY rp")
            check_equal(rows, [{"rp": STAYS, "n": 45}], "what stays")
            check_equal(server.value("SELECT sum(turnaround_time) AS s FROM events"),
                        5 * sum(100 + i for i in range(9)), "figures over all RPs")
            busy = admin("erase", "--data-dir", data_dir, "--rp", STAYS, "--yes")
            check(busy.returncode == 1 and "open in another process" in busy.stderr, busy.stderr)


def what_has_aged_out_is_shown_and_dropped():
    keep = ("--retention-raw-days", "0", "--retention-minute-days", "0")
    with harness.directory() as directory:
        data_dir = fill(directory, *keep)
        check_equal(admin("retention", "show", "--data-dir", data_dir, *keep).stdout,
                    "0 bytes would go\n", "what would go of a store that keeps everything")
        less = ("--retention-raw-days", "3", "--retention-minute-days", "0")
        shown = admin("retention", "show", "--data-dir", data_dir, *less)
        days = {line.split()[1] for line in shown.stdout.splitlines() if line.startswith("raw ")}
        check_equal(len(days), 5, f"days of raw events that would go: {shown.stdout}")
        rehearsal = admin("retention", "apply", "--data-dir", data_dir, *less, "--dry-run")
        check_equal(rehearsal.stdout, shown.stdout, "a rehearsal")
        applied = admin("retention", "apply", "--data-dir", data_dir, *less)
        check(applied.returncode == 0 and applied.stdout.endswith("done\n"), applied.stderr)
        check_equal(admin("retention", "show", "--data-dir", data_dir, *less).stdout,
                    "0 bytes would go\n", "what would go afterwards")
        with harness.Server(directory, *less) as server:
            check_equal(server.value("SELECT count(*) AS n FROM events"), 90, "day figures stay")


if __name__ == "__main__":
    harness.main(an_rp_is_erased, what_has_aged_out_is_shown_and_dropped)
