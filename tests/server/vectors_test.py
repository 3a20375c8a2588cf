"""Every example request, byte for byte over TCP to a real server: status, and counters after."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness

# What is not 204. The readers of kpiggybank's API other than ping are not served.
STATUSES = {
    "browserid-interaction-data-client": 200,
    "fedcm-proposal-failure-106-verbatim": 400,
    "kpiggybank-get-all": 405,
    "kpiggybank-get-count": 404,
    "kpiggybank-get-last": 404,
    "kpiggybank-get-open-range": 405,
    "kpiggybank-get-ping": 200,
    "kpiggybank-get-range": 405,
    "kpiggybank-get-stream": 404,
    "kpiggybank-post-bad-json": 400,
    "kpiggybank-post-list": 201,
    "kpiggybank-post-no-data-param": 400,
    "kpiggybank-post-no-timestamp": 400,
    "kpiggybank-post-one": 201,
    "reporting-document-policy-verbatim": 400,
}


def metrics(server):
    page = harness.get(server.http, "/metrics").body.decode()
    samples = [line.rsplit(" ", 1) for line in page.splitlines() if line[:1] != "#"]
    return {name: float(value) for name, value in samples}


def total(samples, family):
    return sum(value for name, value in samples.items() if name.startswith(family + "{"))


def every_vector_gets_its_status():
    names = sorted(name[:-5] for name in os.listdir(harness.VECTORS) if name.endswith(".http"))
    assert names and set(STATUSES) <= set(names), set(STATUSES) - set(names)
    with harness.directory() as directory, harness.Server(directory) as server:
        wrong = []
        posts = 0
        for name in names:
            data = harness.vector(name)
            posts += data.startswith(b"POST")
            with harness.Client(server.http) as client:
                client.send(data)
                answer = client.receive()
            if answer.status != STATUSES.get(name, 204):
                wrong.append((name, answer.status, answer.body))
        assert not wrong, wrong
        samples = metrics(server)
        received = samples["kpi_events_received_total"]
        accepted = total(samples, "kpi_events_accepted_total")
        assert received == accepted + total(samples, "kpi_events_rejected_total"), samples
        assert received + samples["kpi_reports_foreign_total"] >= posts - 2, (received, posts)
        stored = server.value("SELECT count(*) FROM events")
        assert int(stored) >= accepted, (stored, accepted)
        assert samples["kpi_events_in_flight"] == 0


def one_connection_takes_all_that_keep_it_open():
    """The same requests pipelined on one connection, in one piece: as many answers, in order."""
    names = sorted(name[:-5] for name in os.listdir(harness.VECTORS) if name.endswith(".http"))
    with harness.directory() as directory, harness.Server(directory) as server:
        for address in (server.http, server.http_socket):
            with harness.Client(address) as client:
                answers = client.pipeline([harness.vector(name) for name in names])
            got = [answer.status for answer in answers]
            assert got == [STATUSES.get(name, 204) for name in names], list(zip(names, got))


harness.main(every_vector_gets_its_status, one_connection_takes_all_that_keep_it_open)
