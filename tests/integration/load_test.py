"""kpi-load sends what it says, and says what it sent."""

import os
import re
import subprocess

import harness
from harness import check, check_equal


def load(*arguments):
    return subprocess.run([harness.binary("kpi-load"), "--quiet", *arguments], text=True,
                          capture_output=True, timeout=120)


def address(server):
    return f"{server.http[0]}:{server.http[1]}"


def every_form_is_accepted_and_stored():
    with harness.directory() as directory, harness.Server(directory) as server:
        expected = 0
        for form in ("fedcm", "chrome", "reporting", "browserid", "ndjson", "all"):
            for pipeline in ("1", "8"):
                done = load("--http", address(server), "--mix", form, "--events", "1000",
                            "--pipeline", pipeline)
                check_equal((done.returncode, done.stderr), (0, ""), f"{form}: {done.stdout}")
                expected += 1000
                stored = server.value("SELECT count(*) AS n FROM events")
                check_equal(stored, expected, f"events after {form}")


def bulk_goes_by_unix_socket():
    with harness.directory() as directory, harness.Server(directory) as server:
        done = load("--http", "unix:" + server.http_socket, "--ndjson-batch", "1000", "--events",
                    "25500", "--bodies", "7")
        check_equal((done.returncode, done.stderr), (0, ""), done.stdout)
        check_equal(server.value("SELECT count(*) AS n FROM events"), 25_500, "events")


def a_file_is_sent_line_by_line():
    with harness.directory() as directory, harness.Server(directory) as server:
        path = os.path.join(directory, "events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            for i in range(1234):
                file.write(harness.event_line(harness.now_ms() - i, measures={"number": i}))
        done = load("--http", address(server), "--file", path, "--ndjson-batch", "100")
        check_equal((done.returncode, done.stderr), (0, ""), done.stdout)
        check_equal(server.value("SELECT sum(number) AS s FROM events"), sum(range(1234)), "sum")


def acknowledged_ids_are_recorded():
    with harness.directory() as directory, harness.Server(directory) as server:
        path = os.path.join(directory, "acks")
        for first, batch in (("0", "1"), ("5000", "64")):
            done = load("--http", address(server), "--acks", path, "--first-id", first,
                        "--events", "2000", "--ndjson-batch", batch, "--pipeline", "4")
            check_equal((done.returncode, done.stderr), (0, ""), done.stdout)
        with open(path, encoding="ascii") as file:
            ids = sorted(int(line) for line in file)
        check_equal(ids, [*range(2000), *range(5000, 7000)], "ids")
        check_equal(server.value("SELECT sum(ack_id) AS s FROM events"), sum(ids), "sum of ids")


def failures_are_told_in_one_line():
    done = load("--http", f"127.0.0.1:{harness.free_port()}")
    check(done.returncode == 1 and re.fullmatch(r"kpi-load: .*cannot connect.*\n", done.stderr),
          f"nobody listens: {done.returncode} {done.stderr}")
    for wrong in (("--mix", "smoke"), ("--mix", "chrome=0"), ("--connections", "0"),
                  ("--mix", "all", "--acks", "x"), ("--events",)):
        done = load(*wrong)
        check(done.returncode == 2 and done.stderr.count("\n") == 1, f"{wrong}: {done.stderr}")


def refused_events_make_it_fail():
    with harness.directory() as directory, harness.Server(directory) as server:
        path = os.path.join(directory, "events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write(harness.event_line(harness.now_ms()) + "{broken\n")
        done = load("--http", address(server), "--file", path, "--ndjson-batch", "10")
        check_equal(done.returncode, 1, f"exit code: {done.stdout}")


if __name__ == "__main__":
    harness.main(every_form_is_accepted_and_stored, bulk_goes_by_unix_socket,
                 a_file_is_sent_line_by_line, acknowledged_ids_are_recorded,
                 failures_are_told_in_one_line, refused_events_make_it_fail)
