"""Promise P3 and threat "header spoofing": whose report it is, in every way it may come: directly,
through nginx, HAProxy, HAProxy with PROXY protocol 2, nginx and then HAProxy, and from clients that lie about
their address; and reports through both proxies while the server is started again and again count once. Clients
are told apart by the rate of their network, since no address is ever stored: each has its own address of
127.0.0.0/8, the proxies have 127.0.0.1."""

import contextlib
import http.client
import os
import threading
import time

import harness
import proxies
import senders
from harness import check, check_equal

SECONDS = os.environ.get("KPI_TORTURE_SECONDS")
RESTARTS = int(os.environ.get("KPI_RESTARTS", "4"))
BURST, TRIALS = 5, 15
BODY = ("outcome=success&time_to_show_ui=100&time_to_continue=200&time_to_receive_token=300"
        "&turnaround_time=600")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NETWORKS = ("127.0.1.7", "127.0.2.7", "127.0.3.7")

HAPROXY_V2 = proxies.HAPROXY.replace("127.0.0.1:{upstream_port}", "127.0.0.1:{upstream_port} send-proxy-v2"
                                     ).replace("  option forwardfor\n", "")


class Upstream:
    """What a proxy is to connect to: another proxy, or a listener."""

    def __init__(self, address, http_socket):
        self.http, self.http_socket = address, http_socket


def haproxy_v2(directory, upstream):
    return proxies.Proxy(directory, "haproxy", upstream,
                         [harness.program("haproxy"), "-db", "-f", "{config}"], HAPROXY_V2)


def statuses(address, source, headers):
    """Of TRIALS reports from one address, on one connection."""
    connection = http.client.HTTPConnection(*address, timeout=harness.ANSWER_SECONDS,
                                            source_address=(source, 0))
    found = []
    for number in range(TRIALS):
        said = {name: value.format(number=number) for name, value in headers.items()}
        connection.request("POST", "/metrics", BODY, {**FORM, **said})
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
    connection.close()
    return found


def each_network_has_its_own_rate(address, headers):
    """Were two networks taken for one, the second would find the burst used up; were one taken for many,
    nothing would be refused."""
    for source in NETWORKS:
        begin = time.monotonic()
        found = statuses(address, source, headers)
        earned = BURST + int(time.monotonic() - begin) + 1  # One a second comes on top.
        check(set(found) <= {204, 429}, f"{source}: {found}")
        taken = found.count(204)
        check(BURST <= taken <= earned, f"{source}: {taken} taken, {BURST} to {earned} expected: {found}")


@contextlib.contextmanager
def server_with_rates(directory, *options):
    with harness.Server(directory, "--sender-rate", "1", "--rate-burst", f"{BURST}s", "--log-level",
                        "error", *options) as server:
        yield server


TRUSTED = ("--trusted-proxies", "127.0.0.1/32", "--trusted-proxies", "unix")
LIES = {"X-Forwarded-For": "8.8.{number}.8, 127.0.0.1"}


def directly():
    for options in ((), TRUSTED):
        with harness.directory() as directory, server_with_rates(directory, *options) as server:
            each_network_has_its_own_rate(server.http, {})


def directly_with_lies():
    """Who is no proxy is not believed."""
    with harness.directory() as directory, server_with_rates(directory, *TRUSTED) as server:
        each_network_has_its_own_rate(server.http, LIES)


def behind_one_proxy():
    for make_proxy in (proxies.nginx, proxies.haproxy):
        for headers in ({}, LIES):
            for front in ("tcp", "unix"):
                with harness.directory() as directory, server_with_rates(directory, *TRUSTED) as server, \
                        make_proxy(directory, server) as proxy:
                    each_network_has_its_own_rate(getattr(proxy, front), headers)


def behind_haproxy_with_its_own_header():
    for headers in ({}, LIES):
        with harness.directory() as directory:
            port = harness.free_port()
            with server_with_rates(directory, "--http-proxy-protocol", f"127.0.0.1:{port}",
                                   *TRUSTED) as server, \
                    haproxy_v2(directory, Upstream(("127.0.0.1", port), server.http_socket)) as proxy:
                each_network_has_its_own_rate(proxy.tcp, headers)


def behind_nginx_and_haproxy():
    for headers in ({}, LIES):
        with harness.directory() as directory, server_with_rates(directory, *TRUSTED) as server, \
                proxies.haproxy(directory, server) as inner, \
                proxies.nginx(directory, Upstream(inner.tcp, server.http_socket)) as outer:
            each_network_has_its_own_rate(outer.tcp, headers)


def untrusted_proxies_speak_for_nobody():
    """Without --trusted-proxies all that a proxy hands on is one sender's."""
    with harness.directory() as directory, server_with_rates(directory) as server, \
            proxies.nginx(directory, server) as proxy:
        begin = time.monotonic()
        found = [status for source in NETWORKS for status in statuses(proxy.tcp, source, {})]
        check(found.count(204) <= BURST + int(time.monotonic() - begin) + 1, f"{found}")


class Sender:
    """Sends each report until it is answered, with one key, through one proxy."""

    def __init__(self, address, number, base_ms, stopping):
        self.address, self.number, self.base_ms, self.stopping = address, number, base_ms, stopping
        self.sent, self.trials, self.failure = 0, 0, None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            while not self.stopping.is_set():
                body = harness.event_line(self.base_ms + self.sent, client=f"sender{self.number}",
                                          measures={senders.MEASURE: self.sent})
                self._until_answered(body, f"{self.number}-{self.sent}")
                self.sent += 1
        except Exception as error:  # Told by the main thread.
            self.failure = error

    def _until_answered(self, body, key):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            self.trials += 1
            try:
                answer = harness.post(self.address, "/v1/events", body, Content_Type="application/x-ndjson",
                                      Idempotency_Key=key)
                if answer.status == 200:
                    return check_equal(answer.json()["accepted"], 1, "events taken")
                check(answer.status in (502, 503, 504), f"status {answer.status} {answer.body[:200]}")
            except (OSError, ValueError, IndexError):
                pass
            self.stopping.wait(0.02)
        raise TimeoutError("no answer in 90 s")


class Restarted(harness.Server):
    """At the port where the last one listened: proxies know no other."""

    def __init__(self, directory, port):
        self.port = port
        super().__init__(directory, "--log-level", "error")

    def command(self, arguments):
        return [f"127.0.0.1:{self.port}" if each == "127.0.0.1:0" and arguments[i - 1] == "--http" else each
                for i, each in enumerate(arguments)]


def reports_count_once_while_the_server_restarts():
    base = harness.now_ms() - 3_600_000
    end = time.monotonic() + float(SECONDS) if SECONDS else None
    stopping, restarts = threading.Event(), 0
    with harness.directory() as directory:
        port = harness.free_port()
        server = Restarted(directory, port)
        with proxies.nginx(directory, server) as nginx, proxies.haproxy(directory, server) as haproxy:
            fronts = (nginx.tcp, nginx.unix, haproxy.tcp, haproxy.unix)
            running = [Sender(front, number, base, stopping) for number, front in enumerate(fronts * 2)]
            try:
                while restarts < RESTARTS if end is None else time.monotonic() < end:
                    before = [sender.sent for sender in running]
                    harness.wait_until(lambda: all(sender.failure or sender.sent > sent + 5 for sender, sent in
                                                   zip(running, before)), "every sender goes on", 90)
                    if restarts % 2:
                        server.kill()
                    else:
                        check_equal(server.stop(), 0, "exit status")
                    server = Restarted(directory, port)
                    restarts += 1
            finally:
                stopping.set()
                for sender in running:
                    sender.thread.join(120)
        try:
            failures = [sender.failure for sender in running if sender.failure]
            check(not failures, f"senders failed: {failures[:2]}")
            rows = server.rows(f"SELECT client, count(*) AS n, sum({senders.MEASURE}) AS s FROM events "
                               f"GROUP BY client")
            check_equal({row["client"]: (row["n"], row["s"]) for row in rows},
                        {f"sender{each.number}": (each.sent, sum(range(each.sent)))
                         for each in running}, "reports")
        finally:
            server.stop()
    sent, trials = sum(each.sent for each in running), sum(each.trials for each in running)
    print(f"{restarts} restarts, {sent} reports through 4 fronts, {trials - sent} sent again")
    if SECONDS:
        print(f"torture: topologies runs={sent} faults={restarts} violations=0")


if __name__ == "__main__":
    harness.main(directly, directly_with_lies, behind_one_proxy, behind_haproxy_with_its_own_header,
                 behind_nginx_and_haproxy, untrusted_proxies_speak_for_nobody,
                 reports_count_once_while_the_server_restarts)
