"""Reports arrive whole through stock front proxies, over TCP and over a Unix socket."""

import os
import re
import subprocess

import harness
import proxies
from harness import check, check_equal

ERROR_NAMES = {
    ("fedcm", 101): "fedcm.idp_unavailable", ("fedcm", 102): "fedcm.invalid_well_known_response",
    ("fedcm", 103): "fedcm.invalid_config_response",
    ("fedcm", 105): "fedcm.invalid_client_metadata_response",
    ("fedcm", 106): "fedcm.invalid_token_response", ("fedcm", 201): "fedcm.rp_failure",
    ("chrome", 1): "chrome.other", ("chrome", 100): "chrome.rp_failure",
    ("chrome", 200): "chrome.user_failure", ("chrome", 300): "chrome.idp_server_invalid_response",
    ("chrome", 301): "chrome.idp_server_unavailable", ("chrome", 302): "chrome.manifest_error",
    ("chrome", 401): "chrome.accounts_endpoint_invalid_response",
    ("chrome", 402): "chrome.token_endpoint_invalid_response",
}


def fedcm_vectors():
    """(name, expected error or None) of every well-formed FedCM report."""
    found = []
    for file in sorted(os.listdir(harness.VECTORS)):
        name, extension = os.path.splitext(file)
        match = re.match(r"(fedcm|chrome)-(?:proposal|v1|v2)-(?:success|failure-(\d+))", name)
        if extension == ".http" and match and not name.endswith("verbatim"):
            code = match.group(2)
            found.append((name, ERROR_NAMES[match.group(1), int(code)] if code else None))
    return found


def send_vectors(address, rounds):
    vectors = fedcm_vectors()
    check(len(vectors) >= 28, f"{len(vectors)} vectors found, at least 28 expected")
    with harness.Client(address) as client:
        for _ in range(rounds):
            for (name, _), answer in zip(vectors, client.pipeline(
                    [harness.vector(name) for name, _ in vectors])):
                check_equal(answer.status, 204, f"status of {name}")
            for name, status in (("fedcm-proposal-failure-106-verbatim", (400,)),
                                 ("reporting-fedcm-hypothetical", (200, 202, 204)),
                                 ("reporting-preflight", (200, 204))):
                client.send(harness.vector(name))
                check(client.receive().status in status, f"status of {name} is not in {status}")
    return len(vectors)


def check_stored(server, sendings):
    """Every event of `sendings` passes over the vectors is there, with its error, once."""
    expected = {}
    for _, error in fedcm_vectors():
        expected[error] = expected.get(error, 0) + sendings
    expected["fedcm.user_failure"] = expected.get("fedcm.user_failure", 0) + sendings
    expected[None] += sendings  # The Reporting API batch: one of either.
    rows = server.rows("SELECT error, count(*) AS n FROM events GROUP BY error")
    check_equal({row["error"]: row["n"] for row in rows}, expected, "events by error")
    with_timing = server.value("SELECT count(turnaround_time) AS n FROM events")
    check_equal(with_timing, expected[None], "events with a turnaround time")
    slowest = server.value("SELECT max(turnaround_time) AS m FROM events")
    check_equal(slowest, 8000, "largest turnaround time")


def check_proxy(make_proxy):
    with harness.directory() as directory:
        with harness.Server(directory) as server, make_proxy(directory, server) as proxy:
            rounds = 5
            send_vectors(proxy.tcp, rounds)
            send_vectors(proxy.unix, rounds)
            check_stored(server, 2 * rounds)


def nginx_hands_on_every_report():
    check_proxy(proxies.nginx)


def haproxy_hands_on_every_report():
    check_proxy(proxies.haproxy)


def load_through_nginx_arrives_whole():
    events = 20_000
    with harness.directory() as directory:
        with harness.Server(directory) as server, proxies.nginx(directory, server) as proxy:
            for front in (proxy.tcp, proxy.unix):
                subprocess.run([harness.binary("kpi-load"), "--http", f"{front[0]}:{front[1]}",
                                "--events", str(events), "--mix", "all", "--connections", "16",
                                "--quiet"], check=True, stdout=subprocess.DEVNULL, timeout=120)
            stored = server.value("SELECT count(*) AS n FROM events")
            check_equal(stored, 2 * events, "events stored")


def bulk_through_nginx_arrives_whole():
    lines = "".join(harness.event_line(harness.now_ms() - i, measures={"turnaround_time": i})
                    for i in range(20_000))
    with harness.directory() as directory:
        with harness.Server(directory) as server, proxies.nginx(directory, server) as proxy:
            for front in (proxy.tcp, proxy.unix):
                answer = harness.post(front, "/v1/events", lines,
                                      Content_Type="application/x-ndjson")
                check_equal((answer.status, answer.json()["accepted"]), (200, 20_000), "bulk post")
            total = server.value("SELECT sum(turnaround_time) AS s FROM events")
            check_equal(total, 2 * sum(range(20_000)), "sum of turnaround times")


if __name__ == "__main__":
    harness.main(nginx_hands_on_every_report, haproxy_hands_on_every_report,
                 load_through_nginx_arrives_whole, bulk_through_nginx_arrives_whole)
