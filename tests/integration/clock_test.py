"""Promise P5: the shipped binary under a wall clock that is set back and forth, wrong from
the start, slewed and smeared. libfaketime turns the clock; the monotonic one stays as it is."""

import calendar
import glob
import os
import time

import harness
from harness import check, check_equal
from senders_test import SUCCESS, mint, report, token_key

MINUTE, HOUR, DAY = 60, 3600, 86400


def faketime_library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise harness.Missing("'faketime' is not installed; run tools/setup")
    return found[0]


class TurnedServer(harness.Server):
    """`offset`: what its wall clock begins with, as libfaketime has it."""

    def __init__(self, directory, *options, offset="+0", **more):
        self.offset_path = os.path.join(directory, "offset")
        self.turn(offset)
        super().__init__(directory, *options, **more)

    def command(self, arguments):
        return ["env", "LD_PRELOAD=" + faketime_library(), "FAKETIME_DONT_FAKE_MONOTONIC=1",
                "DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1", "FAKETIME_DISABLE_SHM=1",
                "FAKETIME_TIMESTAMP_FILE=" + self.offset_path, *arguments]

    def turn(self, offset):
        """Puts the clock to another offset, at once and whole."""
        new = self.offset_path + ".new"
        with open(new, "w", encoding="ascii") as file:
            file.write(offset + "\n")
        os.replace(new, self.offset_path)


def metric(server, name):
    for line in harness.get(server.http, "/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"{name} is not on the page")


def steps(server, direction):
    return metric(server, 'kpi_clock_steps_total{direction="%s"}' % direction)


def parse(text):
    whole, _, rest = text.partition(".")
    moment = time.strptime(whole[:19].replace("T", " "), "%Y-%m-%d %H:%M:%S")
    digits = "".join(c for c in rest if c.isdigit())[:3]
    return calendar.timegm(moment) + (int(digits) / 1000 if digits else 0)


def times(server):
    return sorted(parse(row["time"]) for row in server.rows("SELECT * FROM events LIMIT 1000"))


def stamped(server):
    """Sends one report and returns the time that it got."""
    before = times(server)
    check_equal(report(server.http), 204, "a report")
    after = times(server)
    for each in before:
        after.remove(each)
    (new,) = after
    return new


def near(what, got, expected, slack=20.0):
    check(abs(got - expected) <= slack, f"{what}: {got}, expected about {expected}")


def log_of(server):
    with open(server.log_path, encoding="utf-8", errors="replace") as log:
        return log.read()


def wait_for_steps(server, direction, count):
    harness.wait_until(lambda: steps(server, direction) >= count, f"{count} steps {direction}")


def a_step_forward_is_followed_counted_and_told():
    with harness.directory() as directory, TurnedServer(directory) as server:
        near("before", stamped(server), time.time())
        server.turn("+2d")
        wait_for_steps(server, "forward", 1)
        near("after", stamped(server), time.time() + 2 * DAY)
        check_equal(steps(server, "back"), 0, "steps back")
        check('"clock_step"' in log_of(server), "the event in the log")
        check_equal(server.stop(), 0, "exit code")


def a_step_back_is_held_counted_and_told():
    with harness.directory() as directory, TurnedServer(directory) as server:
        first = stamped(server)
        server.turn("-1h")
        wait_for_steps(server, "back", 1)
        held = stamped(server)
        check(first - MINUTE - 1 <= held <= time.time(), f"{held} after {first}")
        near("held", held, first - MINUTE)
        check(metric(server, "kpi_clock_held_seconds") > HOUR - 3 * MINUTE, "held_seconds")
        server.turn("+0")
        wait_for_steps(server, "forward", 1)
        near("back again", stamped(server), time.time())
        check_equal(metric(server, "kpi_clock_held_seconds"), 0, "held_seconds")
        check_equal(server.stop(), 0, "exit code")


def steps_within_the_tolerance_are_followed():
    with harness.directory() as directory, TurnedServer(directory) as server:
        stamped(server)
        server.turn("-30")
        wait_for_steps(server, "back", 1)
        near("30 s back", stamped(server), time.time() - 30, 10)
        check_equal(server.stop(), 0, "exit code")


def a_clock_set_again_and_again_loses_no_event():
    with harness.directory() as directory:
        sent = 0
        with TurnedServer(directory) as server:
            for offset in ("+2d", "-1h", "+0", "-3d", "+400d", "+0", "-20y", "+1h"):
                server.turn(offset)
                for _ in range(5):
                    check_equal(report(server.http), 204, "a report at " + offset)
                    sent += 1
            check_equal(server.value("SELECT count(*) AS n FROM events"), sent, "events")
            check_equal(server.stop(), 0, "exit code")
        with TurnedServer(directory, offset="+0", data_dir=server.data_dir) as server:
            check_equal(server.value("SELECT count(*) AS n FROM events"), sent, "events after a restart")


def old_events(server, days):
    lines = "".join(harness.event_line(harness.now_ms() - day * DAY * 1000) for day in range(days))
    check_equal(harness.post(server.http, "/v1/events", lines).status, 200, "events")


def listed(server):
    return len(server.rows("SELECT * FROM events LIMIT 1000"))


def a_step_forward_ages_nothing():
    """Not while it runs, and not at the next start with the same wrong clock."""
    options = ("--retention-raw-days", "30", "--retention-minute-days", "7")
    with harness.directory() as directory:
        with TurnedServer(directory, *options) as server:
            old_events(server, 20)
            server.turn("+300d")
            wait_for_steps(server, "forward", 1)
            check_equal(listed(server), 20, "raw events")
            check_equal(server.stop(), 0, "exit code")
        with TurnedServer(directory, *options, offset="+300d", data_dir=server.data_dir) as server:
            harness.wait_until(lambda: metric(server, "kpi_retention_behind_seconds") > 0,
                               "the first look for what has aged out")
            near("behind", metric(server, "kpi_retention_behind_seconds"), 300 * DAY, 600)
            check_equal(listed(server), 20, "raw events after a restart")
            check("ahead of the time that has passed" in log_of(server), "the warning in the log")
            check_equal(server.stop(), 0, "exit code")
        with TurnedServer(directory, *options, data_dir=server.data_dir) as server:
            check_equal(listed(server), 20, "raw events once the clock is right")
            check_equal(server.stop(), 0, "exit code")


def retention_goes_on_with_a_clock_that_is_right():
    with harness.directory() as directory:
        with TurnedServer(directory, "--retention-raw-days", "0") as server:
            old_events(server, 20)
            check_equal(server.stop(), 0, "exit code")
        with TurnedServer(directory, "--retention-raw-days", "5",
                          data_dir=server.data_dir) as server:
            harness.wait_until(lambda: listed(server) <= 6, "raw events have aged out")
            check_equal(server.stop(), 0, "exit code")


def a_slewed_and_a_smeared_clock_are_no_steps():
    with harness.directory() as directory, TurnedServer(directory) as server:
        for offset in ("+0 x1.0005", "+0 x1.0000116"):
            server.turn(offset)
            stamped(server)
        near("slewed", stamped(server), time.time())
        check_equal(steps(server, "forward") + steps(server, "back"), 0, "steps")
        check_equal(server.stop(), 0, "exit code")


def a_request_id_is_known_after_steps():
    with harness.directory() as directory:
        with TurnedServer(directory, "--dedup-window", "10m") as server:
            line = harness.event_line(harness.now_ms())
            post = lambda: harness.post(server.http, "/v1/events", line, Idempotency_Key="one")
            check_equal(post().headers.get("kpi-duplicate"), None, "the first")
            for offset in ("+2d", "-1h", "-2d", "+0"):
                server.turn(offset)
                check_equal(post().headers.get("kpi-duplicate"), "1", "again at " + offset)
            server.turn("-5h")
            check_equal(server.stop(), 0, "exit code")
        with TurnedServer(directory, "--dedup-window", "10m", offset="-5h",
                          data_dir=server.data_dir) as server:
            check_equal(post().headers.get("kpi-duplicate"), "1", "after a restart")
            check_equal(server.value("SELECT count(*) AS n FROM events"), 1, "events")


def tokens_live_by_the_held_clock():
    with harness.directory() as directory:
        keys = os.path.join(directory, "keys")
        token_key("add", "--keys", keys)
        with TurnedServer(directory, "--token-keys", keys, "--token-mode", "require") as server:
            use = lambda token: report(server.http, "/metrics?n=" + token)
            old, unused = mint(server), mint(server)
            check_equal(use(old), 204, "a token")
            server.turn("+2h")
            check_equal(use(unused), 403, "a token two hours later")
            fresh = mint(server)
            server.turn("+0")
            check_equal(use(unused), 403, "a token that had expired, the clock set back")
            check_equal(use(old), 403, "a token that was used, the clock set back")
            check_equal(use(fresh), 204, "a token that had not")
            check_equal(use(fresh), 403, "and only once")
            check_equal(server.stop(), 0, "exit code")


def timeouts_and_rates_do_not_look_at_the_wall_clock():
    with harness.directory() as directory:
        with TurnedServer(directory, "--sender-rate", "1", "--rate-burst", "2s") as server:
            with harness.Client(server.http) as client:
                check_equal(client.request("GET", "/healthz").status, 200, "health")
                server.turn("+30d")
                check_equal(client.request("GET", "/healthz").status, 200, "the same connection")
                server.turn("-30d")
                check_equal(client.request("GET", "/healthz").status, 200, "the same connection")
            answers = []
            for offset in ("+0", "+1d", "-1d", "+2d") * 10:
                server.turn(offset)
                answers.append(report(server.http))
            check(429 in answers, "a bucket was filled by a step of the clock")
            check_equal(server.stop(), 0, "exit code")


def it_stops_in_time_whatever_the_clock_says():
    for offset in ("+2d", "-1h"):
        with harness.directory() as directory, TurnedServer(directory) as server:
            check_equal(report(server.http), 204, "a report")
            server.turn(offset)
            check_equal(server.stop(), 0, "exit code at " + offset)


def it_starts_with_a_wrong_clock():
    for offset in ("+2d", "-1h", "-20y", "+50y"):
        with harness.directory() as directory, TurnedServer(directory, offset=offset) as server:
            check_equal(report(server.http), 204, "a report at " + offset)
            check_equal(server.value("SELECT count(*) AS n FROM events"), 1, "events at " + offset)
            check_equal(server.stop(), 0, "exit code at " + offset)


if __name__ == "__main__":
    harness.main(a_step_forward_is_followed_counted_and_told, a_step_back_is_held_counted_and_told,
                 steps_within_the_tolerance_are_followed,
                 a_clock_set_again_and_again_loses_no_event, a_step_forward_ages_nothing,
                 retention_goes_on_with_a_clock_that_is_right,
                 a_slewed_and_a_smeared_clock_are_no_steps, a_request_id_is_known_after_steps,
                 tokens_live_by_the_held_clock, timeouts_and_rates_do_not_look_at_the_wall_clock,
                 it_stops_in_time_whatever_the_clock_says, it_starts_with_a_wrong_clock)
