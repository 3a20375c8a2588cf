"""Promise P3: a request with an ID counts once, whatever delivers it twice: nginx and HAProxy
that try again after an upstream broke off behind the delivery, also with a kill -9 between the two, and
clients that retry the ambiguous ones under a loop of kills."""

import os
import random
import socket
import subprocess
import threading
import time

import harness
import proxies
import senders
from harness import check, check_equal

SECONDS = os.environ.get("KPI_TORTURE_SECONDS")
KILLS = int(os.environ.get("KPI_KILLS", "8"))
SEED = int(os.environ.get("KPI_SEED", "1"))
CLIENTS = 16
TRUSTED = ("--trust-request-id", "127.0.0.1", "--trust-request-id", "unix", "--log-level", "error")


class Relay:
    """Hands each request on to the server, waits for its answer and drops it: a delivery that the sender
    takes for a failure. `between` runs after the server has answered, before the sender is told."""

    def __init__(self, upstream, between=lambda: None):
        self.upstream, self.between, self.delivered = upstream, between, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(connection,), daemon=True).start()

    def _relay(self, connection):
        connection.settimeout(harness.ANSWER_SECONDS)
        with connection:
            request = read_request(connection)
            if request is None:
                return
            with harness.Client(self.upstream) as server:
                server.send(request)
                self.delivered.append((request, server.receive()))
            self.between()

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def read_request(connection):
    """The bytes of one request with a Content-Length, or None."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines
                   if line.startswith("content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            return None
        body += piece
    return head + b"\r\n\r\n" + body


NGINX_TWICE = proxies.NGINX.replace(
    "upstream by_tcp {{ server 127.0.0.1:{upstream_port}; keepalive 16; }}",
    "upstream by_tcp {{ server 127.0.0.1:RELAY max_fails=0; server unix:{upstream_path} backup; }}"
).replace("proxy_http_version 1.1;",
          "proxy_http_version 1.1; proxy_next_upstream error timeout non_idempotent;")

HAPROXY_TWICE = proxies.HAPROXY.replace(
    "  option forwardfor\n",
    "  option forwardfor\n  retries 3\n  option redispatch 1\n  retry-on all-retryable-errors\n"
    "  unique-id-format %[uuid()]\n  unique-id-header X-Request-ID\n"
).replace("backend by_tcp\n", "backend by_tcp\n  balance first\n"
).replace("  server kpi 127.0.0.1:{upstream_port}\n",
          "  server first 127.0.0.1:RELAY id 1\n  server second unix@{upstream_path} id 2\n")


class FirstThenSecond:
    """A proxy in front of a relay that drops answers, then of the server itself."""

    def __init__(self, kind, directory, server, relay):
        template = {"nginx": NGINX_TWICE, "haproxy": HAPROXY_TWICE}[kind]
        arguments = {
            "nginx": [harness.program("nginx"), "-c", "{config}", "-p", "{directory}", "-e",
                      "stderr"],
            "haproxy": [harness.program("haproxy"), "-db", "-f", "{config}"]}[kind]
        self.proxy = proxies.Proxy(directory, kind, server, arguments,
                                   template.replace("RELAY", str(relay.port)))

    def __enter__(self):
        return self.proxy.__enter__()

    def __exit__(self, *reason):
        return self.proxy.__exit__(*reason)


def metric(server, name):
    text = harness.get(server.http, "/metrics").body.decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith(name) and line[len(name)] in " {")


def check_identity(server):
    check_equal(metric(server, "kpi_events_received_total"),
                metric(server, "kpi_events_accepted_total") +
                metric(server, "kpi_events_rejected_total"), "received")


def bulk(base, numbers, damaged=False):
    return "".join(senders.event_line(base, i) for i in numbers) + ("{oops\n" if damaged else "")


NDJSON = {"Content_Type": "application/x-ndjson"}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
FORM_BODY = "outcome=success&time_to_show_ui=100&time_to_continue=2000&time_to_receive_token=300" \
            "&turnaround_time=2400"


def delivered_twice_counted_once(kind):
    base = harness.now_ms() - 3_600_000
    with harness.directory() as directory:
        with harness.Server(directory, *TRUSTED) as server, Relay(server.http) as relay, \
                FirstThenSecond(kind, directory, server, relay) as proxy:
            for turn in range(5):
                answer = harness.post(proxy.tcp, "/v1/events",
                                      bulk(base, range(turn * 10, turn * 10 + 10), turn % 2),
                                      **NDJSON)
                check_equal(len(relay.delivered), turn + 1, f"deliveries of {kind} to the relay")
                first = relay.delivered[-1][1]
                check_equal((answer.status, answer.body), (first.status, first.body), "the answer")
                check_equal(first.headers.get("kpi-duplicate"), None, "mark of the first")
                check_equal(answer.headers.get("kpi-duplicate"), "1", "mark of the second")
            vector = harness.vector("chrome-v2-success")
            with harness.Client(proxy.tcp) as client:
                client.send(vector)
                answer = client.receive()
            check_equal((answer.status, answer.headers.get("kpi-duplicate")), (204, "1"), "single")
            check_equal(len(relay.delivered), 6, "deliveries")
            check_equal(server.value("SELECT count(*) AS n FROM events"), 51, "events stored")
            check_equal(metric_line(server, 'kpi_events_rejected_total{reason="duplicate"}'), 51,
                        "events known as duplicates")
            check_equal(metric(server, "kpi_dedup_requests_total"), 6, "requests known again")
            check_identity(server)


def metric_line(server, line):
    text = harness.get(server.http, "/metrics").body.decode()
    return next(float(each.rsplit(" ", 1)[1]) for each in text.splitlines()
                if each.startswith(line + " "))


def nginx_delivers_twice():
    delivered_twice_counted_once("nginx")


def haproxy_delivers_twice():
    delivered_twice_counted_once("haproxy")


def token_mode(directory, mode):
    keys = os.path.join(directory, "keys")
    subprocess.run([harness.binary("kpi-admin"), "token-key", "add", "--keys", keys], check=True,
                   stdout=subprocess.DEVNULL, timeout=60)
    return "--token-keys", keys, "--token-mode", mode


def mint(server):
    return harness.post(server.http, "/v1/token", "").json()["token"]


def retried_with_its_token(kind):
    """One token, one second's worth of rate: only what is no retry costs them. The last retry comes after a
    kill -9."""
    with harness.directory() as directory:
        options = (*TRUSTED, *token_mode(directory, "require"), "--total-rate", "1",
                   "--rate-burst", "4s")
        running = [harness.Server(directory, *options)]
        between = []

        def run_between():
            while between:
                between.pop()()

        def restart():
            running[0].kill()
            running[0] = harness.Server(directory, *options)

        try:
            with Relay(running[0].http, run_between) as relay, \
                    FirstThenSecond(kind, directory, running[0], relay) as proxy:
                for turn in range(4):
                    token = mint(running[0])
                    if turn == 3:
                        between.append(restart)
                    answer = harness.post(proxy.tcp, "/metrics?n=" + token, FORM_BODY, **FORM)
                    check_equal(len(relay.delivered), turn + 1, f"deliveries of {kind}")
                    check_equal(relay.delivered[-1][1].status, 204, "the first delivery")
                    check_equal((answer.status, answer.headers.get("kpi-duplicate")), (204, "1"),
                                f"the second delivery, turn {turn}")
                server = running[0]
                used = harness.post(server.http, "/metrics?n=" + token, FORM_BODY, **FORM)
                check_equal((used.status, used.json()["type"]),
                            (403, "urn:kpistore:problem:token-used"), "its token in another request")
                check_equal(server.value("SELECT count(*) AS n FROM events"), 4, "events stored")
                check_equal(server.value("SELECT count(*) AS n FROM events WHERE trust = 'token'"), 4,
                            "events with a token")
                check_identity(server)
        finally:
            running[0].stop()


def nginx_retries_with_a_token():
    retried_with_its_token("nginx")


def haproxy_retries_with_a_token():
    retried_with_its_token("haproxy")


def killed_between_the_deliveries(kind):
    base = harness.now_ms() - 3_600_000
    with harness.directory() as directory:
        running = [harness.Server(directory, *TRUSTED)]

        def restart():
            running[0].kill()
            running[0] = harness.Server(directory, *TRUSTED)

        try:
            with Relay(running[0].http, restart) as relay, \
                    FirstThenSecond(kind, directory, running[0], relay) as proxy:
                answer = harness.post(proxy.tcp, "/v1/events", bulk(base, range(10), True),
                                      **NDJSON)
                check_equal(len(relay.delivered), 1, f"deliveries of {kind} to the relay")
                first = relay.delivered[0][1]
                check_equal((answer.status, answer.body, answer.headers.get("kpi-duplicate")),
                            (first.status, first.body, "1"), "the answer")
                server = running[0]
                check_equal(server.value("SELECT count(*) AS n FROM events"), 10, "events stored")
                check_identity(server)
        finally:
            running[0].stop()


def nginx_delivers_again_after_a_kill():
    killed_between_the_deliveries("nginx")


def haproxy_delivers_again_after_a_kill():
    killed_between_the_deliveries("haproxy")


def keys_of_clients_are_kept_apart():
    base = harness.now_ms() - 3_600_000
    body = bulk(base, range(3))
    with harness.directory() as directory:
        with harness.Server(directory, *TRUSTED) as server, harness.Client(server.http) as client:
            def post(**headers):
                return client.request("POST", "/v1/events", body, **NDJSON, **headers)

            seen = []
            for headers, duplicate in (({"Idempotency_Key": "a"}, None),
                                       ({"Idempotency_Key": '"a"'}, "1"),
                                       ({"X_Request_ID": "a"}, None),
                                       ({"X_Request_ID": "a"}, "1"),
                                       ({"X_Request_ID": "b", "Idempotency_Key": "a"}, "1"),
                                       ({"Idempotency_Key": "x" * 255}, None),
                                       ({"Idempotency_Key": "x" * 255}, "1")):
                answer = post(**headers)
                check_equal((answer.status, answer.headers.get("kpi-duplicate")), (200, duplicate),
                            str(headers))
                seen.append(answer.body)
            check_equal(len(set(seen)), 1, "different answers")
            reused = client.request("POST", "/v1/events", bulk(base, range(4)), **NDJSON,
                                    Idempotency_Key="a")
            check_equal((reused.status, reused.json()["type"]),
                        (422, "urn:kpistore:problem:key-reused"), "a key used again")
            for bad in ('""', '"a', "x" * 256, "a b", '"a\\b"', "a,b", "", '"a";p=1'):
                answer = post(Idempotency_Key=bad)
                check_equal((answer.status, answer.json()["type"]),
                            (400, "urn:kpistore:problem:bad-request-key"), repr(bad))
            # A refused request is not remembered.
            refused = client.request("POST", "/v1/events", "oops\n", **NDJSON, Idempotency_Key="r")
            check_equal((refused.status, refused.json()["accepted"]), (200, 0), "a refused one")
            check_equal(post(Idempotency_Key="r").status, 200, "its key afterwards")
            form = [client.request("POST", "/metrics", FORM_BODY, **FORM, Idempotency_Key="f")
                    for _ in range(2)]
            check_equal([(a.status, a.headers.get("kpi-duplicate")) for a in form],
                        [(204, None), (204, "1")], "single reports")
            check_equal(server.value("SELECT count(*) AS n FROM events"), 13, "events stored")
            check_identity(server)


def ids_of_strangers_are_not_believed():
    base = harness.now_ms() - 3_600_000
    with harness.directory() as directory:
        with harness.Server(directory, "--trust-request-id", "10.0.0.0/8", "--log-level",
                            "error") as server:
            for address in (server.http, server.http_socket):
                for _ in range(2):
                    answer = harness.post(address, "/v1/events", bulk(base, range(2)), **NDJSON,
                                          X_Request_ID="same")
                    check_equal((answer.status, answer.headers.get("kpi-duplicate")), (200, None),
                                "a stranger's request ID")
            check_equal(server.value("SELECT count(*) AS n FROM events"), 8, "events stored")


def the_oldest_go_where_the_bound_is_reached():
    base = harness.now_ms() - 3_600_000
    with harness.directory() as directory:
        with harness.Server(directory, "--dedup-entries-max", "4", *TRUSTED) as server, \
                harness.Client(server.http) as client:
            def post(number):
                return client.request("POST", "/v1/events", bulk(base, [number]), **NDJSON,
                                      Idempotency_Key=str(number)).headers.get("kpi-duplicate")

            check_equal([post(i) for i in range(5)], [None] * 5, "new ones")
            check_equal([post(i) for i in range(1, 5)], ["1"] * 4, "the four last")
            check_equal(metric(server, "kpi_dedup_forgotten_total"), 1, "forgotten")
            check_equal(metric(server, "kpi_dedup_entries"), 4, "remembered")


def many_at_once_count_once():
    base = harness.now_ms() - 3_600_000
    body = bulk(base, range(10), True)
    with harness.directory() as directory:
        with harness.Server(directory, "--io-threads", "2", *TRUSTED) as server:
            answers = []

            def send(turn):
                request = harness.request("POST", "/v1/events", body, **NDJSON,
                                          X_Request_ID=str(turn))
                with harness.Client(server.http) as client:
                    answers.extend(client.pipeline([request] * 4))

            for turn in range(20):
                answers.clear()
                threads = [threading.Thread(target=send, args=(turn,)) for _ in range(6)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(60)
                check_equal(len(answers), 24, "answers")
                check_equal({(a.status, a.body) for a in answers},
                            {(200, answers[0].body)}, "answers")
                check_equal(sum("kpi-duplicate" not in a.headers for a in answers), 1, "new ones")
            check_equal(server.value("SELECT count(*) AS n FROM events"), 200, "events stored")
            check_identity(server)


def two_names_are_refused():
    with harness.directory() as directory:
        with harness.Server(directory, *TRUSTED) as server:
            for name in ("Idempotency-Key", "idempotency-key", "X-Request-ID", "x-request-id"):
                with harness.Client(server.http) as client:
                    client.send(harness.request("POST", "/metrics", FORM_BODY, **FORM).replace(
                        b"\r\n\r\n", f"\r\n{name}: a\r\n{name}: b\r\n\r\n".encode(), 1))
                    check_equal(client.receive().status, 400, f"two lines of {name}")
            check_equal(server.value("SELECT count(*) AS n FROM events"), 0, "events stored")


class Retrier:
    """A client that sends each of its requests until it is answered, with one ID."""

    def __init__(self, ledger, place, number):
        self.ledger, self.place, self.number = ledger, place, number
        self.retries = self.known = 0
        self.failure = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        choice = random.Random(SEED * 1000 + self.number)
        client = None
        try:
            while not self.place["stopping"].is_set():
                ids = self.ledger.take(choice.randint(1, 20))
                request = harness.request("POST", "/v1/events", bulk(self.ledger.base_ms, ids),
                                          **NDJSON, X_Request_ID=f"{self.number}-{ids[0]}")
                client, answer = self._until_answered(client, request)
                check_equal((answer.status, answer.json()), (200, {"accepted": len(ids),
                                                                   "rejected": []}), "the answer")
                self.known += answer.headers.get("kpi-duplicate") == "1"
                self.ledger.answer(ids, True)
        except Exception as error:  # Told by the main thread.
            self.failure = error
        if client:
            client.close()

    def _until_answered(self, client, request):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                client = client or harness.Client(self.place["address"])
                client.send(request)
                answer = client.receive()
                if answer.status != 503:
                    return client, answer
                client.close()
            except (OSError, ValueError, IndexError):
                pass
            client = None
            self.retries += 1
            self.place["up"].wait(1)
        raise TimeoutError("no answer within a minute")


def retried_ids_count_once_under_kills():
    choice = random.Random(SEED)
    ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
    end = time.monotonic() + float(SECONDS) if SECONDS else None
    kills = 0
    with harness.directory() as directory:
        options = (*TRUSTED, "--journal-max", "1M", "--live-max", "1M", "--settle", "0")
        server = harness.Server(directory, *options)
        place = {"stopping": threading.Event(), "up": threading.Event(),
                 "address": server.http_socket}
        place["up"].set()
        clients = [Retrier(ledger, place, i) for i in range(CLIENTS)]
        try:
            while kills < KILLS if end is None else time.monotonic() < end:
                ledger.wait_for_answers(len(ledger.answered) + choice.randint(1, 2000))
                place["up"].clear()
                server.kill()
                server = harness.Server(directory, *options)
                place["up"].set()
                kills += 1
        finally:
            place["stopping"].set()
            for client in clients:
                client.thread.join(90)
            failures = [client.failure for client in clients if client.failure]
            try:
                check(not failures, f"clients failed: {failures[:2]}")
                check_equal(len(ledger.answered), ledger.next_id, "ids answered in the end")
                senders.check_ids(server, ledger, 0, ledger.next_id)
                check_equal(server.value("SELECT count(*) AS n FROM events"), ledger.next_id,
                            "events stored")
                check_identity(server)
            finally:
                server.stop()
    known = sum(client.known for client in clients)
    print(f"{kills} kills, {ledger.next_id} events of {CLIENTS} clients, "
          f"{sum(client.retries for client in clients)} retries, {known} known by their ID")
    print(f"torture: exactly_once runs={kills} faults={kills} violations=0")


if __name__ == "__main__":
    harness.main(nginx_delivers_twice, haproxy_delivers_twice, nginx_delivers_again_after_a_kill,
                 haproxy_delivers_again_after_a_kill, nginx_retries_with_a_token,
                 haproxy_retries_with_a_token, keys_of_clients_are_kept_apart,
                 ids_of_strangers_are_not_believed, the_oldest_go_where_the_bound_is_reached,
                 many_at_once_count_once, two_names_are_refused,
                 retried_ids_count_once_under_kills)
