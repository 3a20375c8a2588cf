"""Every example request, byte for byte over TCP to a real server: status, and counters after."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness

# What is not 204.
STATUSES = {
    "browserid-interaction-data-client": 200,
    "fedcm-proposal-failure-106-verbatim": 400,
    "kpiggybank-get-all": 200,
    "kpiggybank-get-count": 200,
    "kpiggybank-get-last": 200,
    "kpiggybank-get-open-range": 200,
    "kpiggybank-get-ping": 200,
    "kpiggybank-get-range": 200,
    "kpiggybank-get-stream": 200,
    "kpiggybank-post-bad-json": 400,
    "kpiggybank-post-list": 201,
    "kpiggybank-post-no-data-param": 400,
    "kpiggybank-post-no-timestamp": 400,
    "kpiggybank-post-one": 201,
    "reporting-document-policy-verbatim": 400,
}
STREAM = "kpiggybank-get-stream"  # Its answer has no end.


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
                answer = client.receive(body=name != STREAM)
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
    names.remove(STREAM)
    with harness.directory() as directory, harness.Server(directory) as server:
        for address in (server.http, server.http_socket):
            with harness.Client(address) as client:
                answers = client.pipeline([harness.vector(name) for name in names])
            got = [answer.status for answer in answers]
            assert got == [STATUSES.get(name, 204) for name in names], list(zip(names, got))


def the_readers_get_the_records_of_the_posts():
    with harness.directory() as directory, harness.Server(directory) as server:
        def ask(name):
            with harness.Client(server.http) as client:
                client.send(harness.vector("kpiggybank-" + name))
                return client.receive().json()

        with harness.Client(server.http) as stream:
            stream.send(harness.vector(STREAM))
            harness.check_equal(stream.receive(body=False).status, 200, "the stream")
            for name in ("post-one", "post-list"):
                with harness.Client(server.http) as client:
                    client.send(harness.vector("kpiggybank-" + name))
                    client.receive()
            size = int(stream.input.readline(), 16)
            change = json.loads(stream.input.read(size).partition(b"\r\n")[0])
        harness.check_equal(ask("get-count"), 4, "the count")
        rows = ask("get-all")
        harness.check_equal([row["key"] for row in rows], [1365000000000] * 2 +
                            [1365000000001, 1365000000002], "keys")
        one, listed = rows[0]["value"], rows[1]["value"]
        harness.check_equal(one, listed, "records that differ in their older names alone")
        harness.check_equal((change["id"], change["doc"]), (rows[0]["id"], one), "the change")
        harness.check_equal(listed["event_stream"][3],
                            ["xhr_complete.GET/wsapi/session_context", 262, 118], "a step")
        harness.check_equal(ask("get-open-range"), rows, "an open range")
        harness.check_equal(ask("get-range"), [], "a range of before")
        harness.check_equal(ask("get-last"), rows[-1], "the last")


harness.main(every_vector_gets_its_status, one_connection_takes_all_that_keep_it_open,
             the_readers_get_the_records_of_the_posts)
