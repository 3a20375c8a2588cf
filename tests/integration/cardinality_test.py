"""Promise P16: through HTTP, any number of made-up origins leaves memory flat and known relying
parties untouched; what is beyond a limit counts under (other), in totals and metrics.
KPI_TORTURE_SECONDS: so long."""

import json
import os
import random
import time

import harness
from harness import check, check_equal

KNOWN = "https://known.example"
RPS_MAX = 1_000
ORIGINS = 60_000
LINES = 5_000
GROWTH_BYTES_MAX = 48 << 20


def resident_bytes(server):
    with open(f"/proc/{server.child.pid}/status", encoding="ascii") as status:
        (line,) = (line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def metric(server, name):
    for line in harness.get(server.http, "/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no metric {name}")


def bulk(server, events):
    body = "".join(json.dumps(event) + "\n" for event in events)
    answer = harness.post(server.http, "/v1/events", body, Content_Type="application/x-ndjson")
    check_equal(answer.status, 200, "status of a bulk post")
    check_equal(answer.json()["accepted"], len(events), "accepted")


def event(rp, client, value):
    return {"rp": rp, "client": client, "outcome": "success",
            "measures": {"turnaround_time": value}}


def attack(server, seed):
    """Batches of made-up origins, one known event in a hundred. Gives how many of both."""
    rng = random.Random(seed)
    until = time.monotonic() + int(os.environ.get("KPI_TORTURE_SECONDS", 0))
    origins, known, warm = 0, 0, 0
    while origins < ORIGINS or time.monotonic() < until:
        events = [event(f"https://{rng.getrandbits(64):x}.example", "c", 7) for _ in range(LINES)]
        events += [event(KNOWN, "web", 1 + known + i) for i in range(LINES // 100)]
        bulk(server, events)
        origins += LINES
        known += LINES // 100
        if origins == ORIGINS // 2:
            warm = resident_bytes(server)
    return origins, known, resident_bytes(server) - warm


def figures(server, rp):
    (row,) = server.rows("SELECT count(*) AS n, min(turnaround_time) AS low, "
                         "max(turnaround_time) AS high, sum(turnaround_time) AS sum "
                         f"FROM events WHERE rp = '{rp}'")
    return row


def made_up_origins_change_nothing():
    with harness.directory() as directory:
        options = ["--rps-max", str(RPS_MAX), "--journal-max", "4M", "--live-max", "8M"]
        with harness.Server(directory, *options) as server:
            bulk(server, [event(KNOWN, "web", 1)])
            origins, known, growth = attack(server, 16)
            folded = origins - (RPS_MAX - 1)
            expected = {"n": known + 1, "low": 1, "high": known,
                        "sum": known * (known + 1) // 2 + 1}
            check_equal(figures(server, KNOWN), expected, "the known RP")
            check_equal(figures(server, "(other)")["n"], folded, "(other)")
            check_equal(server.value("SELECT count(*) AS n FROM events"), origins + known + 1,
                        "all events")
            check_equal(metric(server, 'kpi_cardinality_other_total{kind="rp"}'), folded,
                        "events under (other)")
            check_equal(metric(server, "kpi_rps_max"), RPS_MAX, "the limit")
            check_equal(metric(server, "kpi_rps"), RPS_MAX + 1, "the names")
            check(growth < GROWTH_BYTES_MAX, f"memory grew by {growth} bytes")
            harness.wait_until(lambda: "is reached" in server.last_log() or "is reached" in open(
                server.log_path, encoding="utf-8").read(), "a warning in the log")
        with harness.Server(directory, *options) as server:
            bulk(server, [event("https://late.example", "c", 7)])
            check_equal(figures(server, KNOWN), expected, "the known RP after a restart")
            check_equal(figures(server, "(other)")["n"], folded + 1, "(other) after a restart")
        print(f"{origins} origins, memory grew by {growth / (1 << 20):.1f} MiB")
        print(f"torture: cardinality_http runs={origins} faults={folded} violations=0", flush=True)


def registered_origins_keep_their_names():
    with harness.directory() as directory:
        clients = os.path.join(directory, "clients")
        with open(clients, "w", encoding="utf-8") as file:
            file.write("ours https://ours.example\n")
        with harness.Server(directory, "--rps-max", "1", "--clients", clients) as server:
            bulk(server, [event("https://first.example", "c", 1)])
            bulk(server, [event("https://ours.example", "ours", 1),
                          event("https://other.example", "ours", 1)])
            rows = server.rows("SELECT rp, client, count(*) AS n FROM events GROUP BY rp, client")
            check_equal({(row["rp"], row["client"]): row["n"] for row in rows},
                        {("https://first.example", "c"): 1, ("https://ours.example", "ours"): 1,
                         ("(other)", "(other)"): 1}, "events by name")


def built_in_measures_keep_their_names():
    with harness.directory() as directory:
        with harness.Server(directory, "--measures-max", "2") as server:
            for name in ("made_up", "made_up_too", "made_up_again"):
                bulk(server, [{"rp": KNOWN, "outcome": "success", "measures": {name: 1}}])
            bulk(server, [event(KNOWN, "web", 42)])
            check_equal(figures(server, KNOWN)["high"], 42, "turnaround_time")
            check_equal(metric(server, 'kpi_cardinality_other_total{kind="measure"}'), 1,
                        "events under (other)")


def nobody_can_send_the_word():
    with harness.directory() as directory, harness.Server(directory) as server:
        bulk(server, [event("null", "c", 1)])  # An opaque origin: unknown.
        for rp in ("(other)", "(OTHER)", " (other)", "//(other)"):
            body = json.dumps(event(rp, "c", 1)) + "\n"
            answer = harness.post(server.http, "/v1/events", body,
                                  Content_Type="application/x-ndjson")
            check_equal(answer.json().get("accepted", 0), 0, f"RP {rp}")
        check_equal(server.rows("SHOW RPS"), [], "RPs")
        check_equal(figures(server, "")["n"], 1, "the unknown RP")


if __name__ == "__main__":
    harness.main(made_up_origins_change_nothing, registered_origins_keep_their_names,
                 built_in_measures_keep_their_names, nobody_can_send_the_word)
