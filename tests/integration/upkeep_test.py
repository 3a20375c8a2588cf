"""Promises P7, P8: doctor, salvage, and the scrub of a running server, as whole processes."""

import os
import stat

import harness
from archive_test import admin, fill
from harness import check, check_equal


def tables(data_dir):
    return sorted(name for name in os.listdir(data_dir) if name.endswith(".sst"))


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def metric(server, name):
    for line in harness.get(server.http, "/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"{name} is not on the page")


def damage_is_told_while_the_server_goes_on():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            fill(server, 100)
            check_equal(server.stop(), 0, "exit code")
        damaged = tables(server.data_dir)[0]
        with harness.Server(directory, "--scrub-rate", "64MiB", "--scrub-every", "1s") as server:
            harness.wait_until(lambda: metric(server, "kpi_scrub_passes_total") >= 1, "a pass")
            check_equal(metric(server, "kpi_scrub_damages_total"), 0, "damages")
            check(metric(server, "kpi_scrub_last_pass_timestamp_seconds") > 0, "when it ended")
            name = next((n for n in tables(server.data_dir) if n == damaged), None)
            name = name or tables(server.data_dir)[0]
            flip(os.path.join(server.data_dir, name), 10)
            harness.wait_until(lambda: metric(server, "kpi_scrub_damages_total") >= 1, "damage")
            check_equal(harness.get(server.http, "/readyz").status, 200, "readiness")
            with open(server.log_path, encoding="utf-8") as log:
                check("scrub_damage" in log.read(), "the event in the log")
            flip(os.path.join(server.data_dir, name), 10)
            check_equal(server.stop(), 0, "exit code")


def the_scrub_can_be_off():
    with harness.directory() as directory:
        with harness.Server(directory, "--scrub-rate", "0") as server:
            check_equal(metric(server, "kpi_scrub_passes_total"), 0, "passes")


def doctor_names_what_is_wrong():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            fill(server, 10)
            os.chmod(server.data_dir, 0o750)
            well = admin("doctor", "--data-dir", server.data_dir)
            found = {line.split()[1]: line.split()[0] for line in well.stdout.splitlines()}
            check_equal(found["store"], "ok", well.stdout)
            check_equal(found["permissions"], "ok", well.stdout)
            check_equal(found["events"], "ok", well.stdout)
            check(f"held by process {server.child.pid} (kpi-server)" in well.stdout, well.stdout)
            check("format version 4" in well.stdout and "program" in found, well.stdout)
            check_equal(well.returncode, 1 if "wrong" in found.values() else 0, well.stdout)
            future = harness.event_line(harness.now_ms() + 3_000_000)
            harness.post(server.http, "/v1/events", future)
            users = os.path.join(directory, "users")
            with open(users, "w", encoding="utf-8"):
                os.chmod(users, 0o644)
            os.chmod(server.data_dir, 0o777)
            ill = admin("doctor", "--data-dir", server.data_dir, "--users", users)
            check_equal(ill.returncode, 1, ill.stdout)
            for what in ("users", "permissions"):
                check(f"wrong  {what}" in ill.stdout, ill.stdout)
            check(stat.S_IMODE(os.stat(users).st_mode) == 0o644, "doctor changed a file")
            check_equal(server.stop(), 0, "exit code")
            idle = admin("doctor", "--data-dir", server.data_dir)
            check("held by nobody" in idle.stdout, idle.stdout)
            check("ok     watermark    whole" in idle.stdout, idle.stdout)
            with open(os.path.join(server.data_dir, "WATERMARK"), "r+b") as watermark:
                for slot in (0, 512):
                    watermark.seek(slot)
                    watermark.write(b"damaged.")
            broken = admin("doctor", "--data-dir", server.data_dir)
            check("wrong  watermark" in broken.stdout, broken.stdout)
        none = admin("doctor", "--data-dir", os.path.join(directory, "none"))
        check_equal(none.returncode, 1, none.stdout)


def a_damaged_store_is_salvaged_and_what_is_lost_told():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            fill(server, 100)
            busy = admin("salvage", "--data-dir", server.data_dir, "--out",
                         os.path.join(directory, "busy"))
            check_equal(busy.returncode, 1, busy.stderr)
            check("open in another process" in busy.stderr, busy.stderr)
            server.kill()
        out = os.path.join(directory, "out")
        whole = admin("salvage", "--data-dir", server.data_dir, "--out", out)
        check_equal((whole.returncode, whole.stderr), (0, ""), whole.stdout)
        check("lost" not in whole.stdout, whole.stdout)
        os.mkdir(os.path.join(directory, "e"))
        with harness.Server(os.path.join(directory, "e"), data_dir=out) as other:
            check_equal(other.value("SELECT count(*) AS n FROM events"), 100, "events")
        (log,) = [n for n in os.listdir(server.data_dir) if n.endswith(".log")
                  and os.path.getsize(os.path.join(server.data_dir, n))]
        size = os.path.getsize(os.path.join(server.data_dir, log))
        flip(os.path.join(server.data_dir, log), size - 60)
        cut = admin("salvage", "--data-dir", server.data_dir, "--out", out + "2")
        check_equal((cut.returncode, cut.stderr), (5, ""), cut.stdout)
        check("\nlost " in cut.stdout and "sequence" in cut.stdout, cut.stdout)
        check_equal(sorted(n for n in os.listdir(directory) if n.startswith("out")),
                    ["out", "out2"], "what is left")


if __name__ == "__main__":
    harness.main(damage_is_told_while_the_server_goes_on, the_scrub_can_be_off,
                 doctor_names_what_is_wrong, a_damaged_store_is_salvaged_and_what_is_lost_told)
