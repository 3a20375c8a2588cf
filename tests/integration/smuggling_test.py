"""Promise P11 (threat "request smuggling"): bytes that two servers might cut into different requests
are read in one way only. Each of 100 and more vectors (smuggling_vectors.py) is sent to the server itself, and
to it through nginx and HAProxy, strict and lax. Every request has an Origin of its own: so what the proxy's log
says it has handed on, what the server has stored, and what the client was answered can be compared, request by
request, with those of bystanders on the same upstream connections."""

import collections
import concurrent.futures
import os
import random
import re
import time

import harness
import proxies
from harness import check, check_equal
from smuggling_vectors import A, PLACE, VECTORS

AT_A_TIME = 48
SECONDS = float(os.environ.get("KPI_TORTURE_SECONDS", "0"))
TALLY = {"runs": 0, "faults": 0}  # Vectors sent through a proxy; requests refused.
IMPATIENT = ("--header-timeout", "1s", "--body-timeout", "1s", "--log-level", "error")
ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
ORIGIN = re.compile(rb"^Access-Control-Allow-Origin: (\S+)\r?$", re.MULTILINE | re.IGNORECASE)

# Each proxy twice: as it stands at the TCP front, and as lax as it gets at the Unix front. One client's
# requests share upstream connections with everybody's.
NGINX = proxies.NGINX.replace("access_log off;", """
  log_format forwarded '$remote_port|$status|$upstream_status|$http_origin';
  access_log {directory}/access.log forwarded;
  client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 1s; proxy_next_upstream off;
""").replace("listen 127.0.0.1:{unix_port};", """listen 127.0.0.1:{unix_port};
  ignore_invalid_headers off; underscores_in_headers on; proxy_request_buffering off; merge_slashes off;
""").replace("keepalive 16;", "keepalive 4;")

HAPROXY = proxies.HAPROXY.replace(
    "  maxconn 512\n",  # Of two threads that log at once, one does not.
    "  maxconn 512\n  nbthread 1\n  log stdout format raw daemon\n").replace(
    "  timeout client 30s\n", "  timeout client 2s\n  timeout http-request 1s\n"
    "  timeout http-keep-alive 1s\n  http-reuse always\n").replace(
    "http-request del-header Cookie\n", """http-request del-header Cookie
  log global
  declare capture request len 64
  http-request capture req.hdr(Origin) id 0
  log-format "%cp|%ST|%s|%[capture.req.hdr(0)]"
""").replace("bind 127.0.0.1:{unix_port}\n",
           "bind 127.0.0.1:{unix_port}\n  option accept-invalid-http-request\n")

BYSTANDER = re.compile(r"https://v\d{3}z")


def origin(number, letter, front):
    return f"https://v{number:03d}{letter}{front}.example"


def bytes_of(vector, number, front):
    """The vector's bytes, with origins that no other has."""
    data = vector.data.replace(PLACE, b"v%03d" % number)
    return re.sub(rb"(v\d{3}[a-d])0(?=\.example)", rb"\g<1>%d" % front, data)


def send(address, data):
    """All that comes back until the connection ends: (local port, [(status, origin or None)])."""
    with harness.connect(address) as connection:
        port, received = connection.getsockname()[1], b""
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                received += piece
        except ConnectionError:
            pass  # What came before counts.
    answers = []
    for status, head in ANSWER.findall(received):
        allowed = ORIGIN.search(head)
        if status[0:1] != b"1":
            answers.append((int(status), allowed.group(1).decode() if allowed else None))
    return port, answers


def all_sent(address, front):
    """Every vector, each followed by a bystander's request: {number: (port, answers)}."""
    def one(entry):
        number, vector = entry
        result = send(address, bytes_of(vector, number, front))
        bystander = A.replace(PLACE, b"v%03d" % number).replace(b"a0.example", b"z%d.example" % front)
        _, answers = send(address, bystander)
        check_equal(answers, [(204, origin(number, "z", front))], f"the bystander of '{vector.name}'")
        return number, result

    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        return dict(pool.map(one, enumerate(VECTORS)))


def stored(server):
    """{origin: events}"""
    rows = server.rows("SELECT rp, count(*) AS n FROM events GROUP BY rp")
    return collections.Counter({row["rp"]: row["n"] for row in rows})


def answers_counted(server):
    text = harness.get(server.http, "/metrics").body.decode()
    return sum(int(value) for value in re.findall(r"^kpi_http_responses_total\{.*\} (\d+)$", text, re.M))


def the_table_is_large():
    check(len(VECTORS) >= 100, f"{len(VECTORS)} vectors")
    check_equal(len({vector.name for vector in VECTORS}), len(VECTORS), "different names")


def asked_directly_each_is_judged_as_the_table_says():
    with harness.directory() as directory:
        with harness.Server(directory, *IMPATIENT, "--idle-timeout", "1s") as server:
            results = all_sent(server.http, 0)
            there = stored(server)
            wrong = []
            for number, vector in enumerate(VECTORS):
                statuses = tuple(status for status, _ in results[number][1])
                letters = "".join(c for c in "abcd" for _ in range(there[origin(number, c, 0)]))
                if (statuses, letters) != (vector.statuses, vector.stored):
                    wrong.append(f"{vector.name}: {statuses} {letters!r}, expected {vector.statuses} "
                                 f"{vector.stored!r}")
            check(not wrong, "\n".join([f"{len(wrong)} vectors", *wrong]))


class Line:
    """What the proxy says of one request."""

    def __init__(self, text):
        port, status, upstream, name = text.split("|")
        self.port, self.status, self.name = int(port), int(status), name
        self.forwarded = upstream not in ("-", "", "<NOSRV>")


def logged(directory):
    with open(os.path.join(directory, "access.log"), encoding="latin-1") as log:
        return [line for line in log.read().splitlines() if line.count("|") == 3]


def check_one_reading(name, number, front, answers, lines, there):
    """The three accounts of one vector agree. The differences, as texts."""
    handed_on = collections.Counter(line.name for line in lines if line.forwarded and line.status == 204)
    taken = collections.Counter({key: there[key] for key in
                                 (origin(number, letter, front) for letter in "abcd") if there[key]})
    told = collections.Counter(allowed for status, allowed in answers if status == 204)
    wrong = []
    if handed_on != taken:
        wrong.append(f"{name}: handed on {dict(handed_on)}, stored {dict(taken)}")
    if told != taken:
        wrong.append(f"{name}: answered {dict(told)}, stored {dict(taken)}")
    if len(answers) > len(lines):
        wrong.append(f"{name}: {len(answers)} answers to {len(lines)} requests")
    return wrong


def the_comparison_sees_what_is_smuggled():
    """The oracle itself: a request more in the store, an answer that is another's, an answer too many."""
    a, b = origin(7, "a", 1), origin(7, "b", 1)
    line = Line(f"1|204|204|{a}")
    told = [(204, a)]
    check_equal(check_one_reading("x", 7, 1, told, [line], collections.Counter([a])), [], "one reading")
    for answers, lines, there in ((told, [line], [a, b]), (told, [line], []), ([(204, b)], [line], [a]),
                                  (told + [(400, None)], [line], [a]), (told, [], [a])):
        check(check_one_reading("x", 7, 1, answers, lines, collections.Counter(there)),
              f"{answers} {there} was taken for one reading")


def read_in_one_way(make_proxy):
    with harness.directory() as directory:
        with harness.Server(directory, *IMPATIENT) as server:
            before = answers_counted(server)
            with make_proxy(directory, server) as proxy:
                results = {front: all_sent(address, front)
                           for front, address in ((1, proxy.tcp), (2, proxy.unix))}
            lines = [Line(text) for text in logged(directory)]
            by_port = collections.defaultdict(list)
            for line in lines:
                if not BYSTANDER.match(line.name):
                    by_port[line.port].append(line)
            ports = [port for sent in results.values() for port, _ in sent.values()]
            there, wrong = stored(server), []
            for front, sent in results.items():
                for number, (port, answers) in sent.items():
                    if ports.count(port) > 1:
                        continue  # The system gave one port out twice: the log cannot tell them apart.
                    name = f"{VECTORS[number].name} (front {front})"
                    wrong += check_one_reading(name, number, front, answers, by_port[port], there)
            check(not wrong, "\n".join([f"{len(wrong)} differences", *wrong]))
            forwarded = sum(line.forwarded for line in lines)
            # Beside what was handed on: our own two requests, of which the second is not counted yet.
            check_equal(answers_counted(server) - before, forwarded + 2, "answers that the server has given")
            TALLY["runs"] += sum(map(len, results.values()))
            TALLY["faults"] += sum(not line.forwarded or line.status >= 400 for line in lines)
            print(f"{sum(map(len, results.values()))} vectors, {forwarded} requests handed on, "
                  f"{sum(there.values())} stored")


def behind_nginx_nothing_is_read_in_two_ways():
    def make(directory, server):
        return proxies.Proxy(directory, "nginx", server,
                             [harness.program("nginx"), "-c", "{config}", "-p", "{directory}", "-e", "stderr"],
                             NGINX)
    read_in_one_way(make)


def behind_haproxy_nothing_is_read_in_two_ways():
    def make(directory, server):
        # Into a file: what does not fit into a pipe at once is not logged at all.
        run = f"exec {harness.program('haproxy')} -db -f {{config}} > {{directory}}/access.log"
        return proxies.Proxy(directory, "haproxy", server, ["/bin/sh", "-c", run], HAPROXY)
    read_in_one_way(make)


def long_form():
    """Both proxies in turn for so many seconds, with other neighbours each time; nothing without."""
    end, choice = time.monotonic() + SECONDS, random.Random(len(VECTORS))
    while SECONDS and time.monotonic() < end:
        choice.shuffle(VECTORS)
        behind_nginx_nothing_is_read_in_two_ways()
        behind_haproxy_nothing_is_read_in_two_ways()
    if SECONDS:
        print(f"torture: smuggling runs={TALLY['runs']} faults={TALLY['faults']} violations=0")


if __name__ == "__main__":
    harness.main(the_table_is_large, the_comparison_sees_what_is_smuggled,
                 asked_directly_each_is_judged_as_the_table_says,
                 behind_nginx_nothing_is_read_in_two_ways, behind_haproxy_nothing_is_read_in_two_ways,
                 long_form)
