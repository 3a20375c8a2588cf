"""Threats "bogus submissions", "header spoofing" and "floods": tokens, trust and rates of whole
processes, with nginx and HAProxy in front."""

import base64
import contextlib
import http.client
import os
import signal
import subprocess
import time
from json import dumps

import harness
import proxies
from harness import check, check_equal

SUCCESS = ("outcome=success&time_to_show_ui=100&time_to_continue=200&time_to_receive_token=300"
           "&turnaround_time=600")
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


def report(address, path="/metrics", body=SUCCESS, **headers):
    return harness.post(address, path, body, **FORM, **headers).status


def token_key(*arguments):
    return subprocess.run([harness.binary("kpi-admin"), "token-key", *arguments], check=True,
                          capture_output=True, text=True, timeout=60).stdout


def mint(server):
    return harness.post(server.http, "/v1/token", "").json()["token"]


def tokens_decide_trust():
    with harness.directory() as directory:
        keys = os.path.join(directory, "keys")
        token_key("add", "--keys", keys)
        check_equal(os.stat(keys).st_mode & 0o777, 0o600, "mode of the keys file")
        with harness.Server(directory, "--token-keys", keys, "--token-mode", "count") as server:
            token = mint(server)
            check_equal(report(server.http, "/metrics?n=" + token), 204, "first use")
            check_equal(report(server.http, "/metrics?n=" + token), 204, "second use, counted")
            check_equal(report(server.http, "/metrics?trust=token"), 204, "trust cannot be set")
            check_equal(report(server.http, "/metrics", Sec_Fetch_Dest="webidentity",
                               Origin="https://rp.example"), 204, "a browser's own")
            rows = server.rows("SELECT trust, count(*) AS n FROM events GROUP BY trust")
            check_equal({row["trust"]: row["n"] for row in rows},
                        {"token": 1, "low": 2, "native": 1}, "events by trust")
            check_equal(server.value("SELECT count(*) AS n FROM events WHERE trust = 'token'"), 1,
                        "events with a token")


def tokens_are_required_and_keys_rotate():
    with harness.directory() as directory:
        keys = os.path.join(directory, "keys")
        token_key("add", "--keys", keys)
        with harness.Server(directory, "--token-keys", keys, "--token-mode", "require") as server:
            by_old = mint(server)
            check_equal(report(server.http), 403, "without a token")
            token_key("add", "--keys", keys)
            server.child.send_signal(signal.SIGHUP)
            first = token_key("list", "--keys", keys).splitlines()[0].split("\t")[0]

            def newest_signs():
                raw = base64.urlsafe_b64decode(mint(server) + "==")
                return raw[1:5].hex() != first
            harness.wait_until(newest_signs, "the new key signs")
            check_equal(report(server.http, "/metrics?n=" + by_old), 204, "token of the old key")
            check_equal(report(server.http, "/metrics?n=" + mint(server)), 204, "of the new key")


def tokens_stay_used():
    """Over kill -9, restarts, a change of keys and of the mode."""
    with harness.directory() as directory:
        keys = os.path.join(directory, "keys")
        token_key("add", "--keys", keys)
        require = ("--token-keys", keys, "--token-mode", "require")
        with harness.Server(directory, *require) as server:
            used, spare, expired_by_refusal = mint(server), mint(server), mint(server)
            check_equal(report(server.http, "/metrics?n=" + used), 204, "first use")
            check_equal(report(server.http, "/metrics?n=" + expired_by_refusal, body="outcome=no"),
                        422, "a report that is refused")
            server.kill()
        with harness.Server(directory, *require) as server:
            check_equal(report(server.http, "/metrics?n=" + used), 403, "used before the kill")
            check_equal(report(server.http, "/metrics?n=" + expired_by_refusal), 204,
                        "a refused report used nothing up")
            token_key("add", "--keys", keys)
            server.child.send_signal(signal.SIGHUP)
            harness.wait_until(lambda: key_of(mint(server)) == newest_key(keys), "the new key signs")
            check_equal(report(server.http, "/metrics?n=" + used), 403, "used, before the rotation")
            check_equal(report(server.http, "/metrics?n=" + spare), 204, "of the old key")
            by_new = mint(server)
            check_equal(report(server.http, "/metrics?n=" + by_new), 204, "of the new key")
            check_equal(server.stop(), 0, "exit code")
        with harness.Server(directory, "--token-keys", keys, "--token-mode", "count") as server:
            for token in (used, spare, expired_by_refusal, by_new):
                check_equal(report(server.http, "/metrics?n=" + token), 204, "counted only")
            check_equal(report(server.http, "/metrics?n=" + mint(server)), 204, "a new one")
            check_equal(server.value("SELECT count(*) AS n FROM events WHERE trust = 'token'"), 5,
                        "events with a token")
            check_equal(server.value("SELECT count(*) AS n FROM events WHERE trust = 'low'"), 4,
                        "events with a used one")
        with harness.Server(directory) as server:
            check_equal(report(server.http, "/metrics?n=" + used), 204, "tokens are off")
        with harness.Server(directory, *require) as server:
            check_equal(report(server.http, "/metrics?n=" + by_new), 403, "required again")


def recipe():
    """The Python of PROTOCOL.md, section Tokens, as it stands there."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "server", "PROTOCOL.md")
    with open(path, encoding="utf-8") as text:
        section = text.read().split("### Tokens", 1)[1]
    return section.split("```python\n", 1)[1].split("```", 1)[0]


class Requests:
    """As much of the module `requests` as the recipe uses, with the server's own port."""

    def __init__(self, address):
        self.address = address

    def post(self, url, json, auth):
        check(url.startswith("http://127.0.0.1:8090/"), url)
        password = base64.b64encode(":".join(auth).encode()).decode()
        self.answer = harness.post(self.address, url[len("http://127.0.0.1:8090"):],
                                   dumps(json), Authorization="Basic " + password)
        return self.answer


def the_recipe_of_the_manual_works():
    with harness.directory() as directory:
        keys, users = os.path.join(directory, "keys"), os.path.join(directory, "users")
        token_key("add", "--keys", keys)
        subprocess.run([harness.binary("kpi-admin"), "user", "add", "idp", "--users", users, "--role",
                        "admin", "--password-file", "-"], input="secret\n", text=True, check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
        with harness.Server(directory, "--token-keys", keys, "--token-mode", "require", "--users",
                            users) as server:
            provider = {"requests": Requests(server.http), "time": time, "PASSWORD": "secret"}
            exec(recipe(), provider)  # pylint: disable=exec-used
            endpoints = [provider["config"](None)["metrics_endpoint"] for _ in range(101)]
            check_equal(len(set(endpoints)), 101, "endpoints, each for one fetch")
            for endpoint in endpoints[::50]:
                check_equal(report(server.http, endpoint), 204, "a browser's report")
                check_equal(report(server.http, endpoint), 403, "the same endpoint again")


def key_of(token):
    return base64.urlsafe_b64decode(token + "==")[1:5].hex()


def newest_key(keys):
    return token_key("list", "--keys", keys).splitlines()[-1].split("\t")[0]


def spoofed_addresses_help_nobody():
    for make_proxy in (proxies.nginx, proxies.haproxy):
        with harness.directory() as directory:
            with harness.Server(directory, "--sender-rate", "1", "--rate-burst", "3s",
                                "--trusted-proxies", "127.0.0.1", "--trusted-proxies", "unix"
                                ) as server, make_proxy(directory, server) as proxy:
                # The client is at loopback too: what it says of itself would be believed, had it
                # not been told apart by what stands right of it. Different claims, one sender.
                spoofed = [report(proxy.tcp, X_Forwarded_For=f"8.8.{i}.8, 9.9.9.9")
                           for i in range(5)]
                check_equal(spoofed, [204, 204, 204, 429, 429], "one network behind its proxy")
                check_equal(report(proxy.unix, X_Forwarded_For="7.7.7.7"), 204, "another network")


HAPROXY_V2 = """
global
  maxconn 512
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend tcp_front
  bind 127.0.0.1:{tcp_port}
  default_backend kpi
frontend unix_front
  bind 127.0.0.1:{unix_port}
  default_backend kpi
backend kpi
  server kpi 127.0.0.1:{upstream_port} send-proxy-v2
"""


class Upstream:
    """What a proxy is to connect to."""
    def __init__(self, http, http_socket):
        self.http, self.http_socket = http, http_socket


def haproxy_sends_its_header():
    with harness.directory() as directory:
        port = harness.free_port()
        with harness.Server(directory, "--http-proxy-protocol", f"127.0.0.1:{port}",
                            "--sender-rate", "1", "--rate-burst", "2s") as server:
            upstream = Upstream(("127.0.0.1", port), server.http_socket)
            with proxies.Proxy(directory, "haproxy", upstream,
                               [harness.program("haproxy"), "-db", "-f", "{config}"],
                               HAPROXY_V2) as proxy:
                statuses = [report(proxy.tcp) for _ in range(3)]
                check_equal(statuses, [204, 204, 429], "reports through HAProxy")
            with harness.connect(("127.0.0.1", port)) as bare:
                bare.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                with contextlib.suppress(ConnectionResetError):
                    check(bare.recv(100) == b"", "an answer without a header")


def clients_are_registered():
    with harness.directory() as directory:
        path = os.path.join(directory, "clients")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# clients\nclient1 https://rp.example\n")
        with harness.Server(directory, "--clients", path) as server:
            check_equal(report(server.http, Origin="https://rp.example"), 204, "known origin")
            check_equal(report(server.http, Origin="https://new.example"), 403, "unknown origin")
            check_equal(report(server.http, body="outcome=failure&error_code=200", Origin="null"),
                        204, "failures need no origin")
            with open(path, "a", encoding="utf-8") as file:
                file.write("client2 https://new.example\n")
            server.child.send_signal(signal.SIGHUP)
            harness.wait_until(lambda: report(server.http, Origin="https://new.example") == 204,
                               "the new client is known")
            with open(path, "a", encoding="utf-8") as file:
                file.write("client3\n")
            server.child.send_signal(signal.SIGHUP)
            harness.wait_until(lambda: "clients:4:" in server.last_log(), "line 4 is named")
            check_equal(report(server.http, Origin="https://new.example"), 204, "the old file stays")


def stored_bytes(directory):
    for root, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(FileNotFoundError), open(os.path.join(root, name), "rb") as file:
                yield file.read()


def a_loud_sender_is_seen():
    """One network of eleven sends nine of ten reports of an RP; who sends others' nobody knows."""
    shares = "SELECT rp, count(*) AS n, largest_sender_share() AS share FROM events GROUP BY rp"

    def expect(server, what):
        rows = {row["rp"]: (row["n"], row["share"]) for row in server.rows(shares)}
        loud = rows.pop("https://loud.example")
        check_equal(loud[0], 100, what)
        check(abs(loud[1] - 0.9) < 0.02, f"share of the loud sender {what}: {loud[1]}")
        check_equal(rows, {"https://proxy.example": (5, None), "https://unix.example": (3, None)},
                    what)

    with harness.directory() as directory:
        options = ["--trusted-proxies", "127.0.0.1"]
        with harness.Server(directory, *options) as server:
            for i in range(100):
                sender = f"198.51.{i}.7" if i % 10 == 5 else f"203.0.113.{i + 1}"
                check_equal(report(server.http, Origin="https://loud.example",
                                   X_Forwarded_For=sender), 204, "a report")
            for _ in range(5):
                report(server.http, Origin="https://proxy.example")  # It says nothing of whom.
            for _ in range(3):
                report(server.http_socket, Origin="https://unix.example")
            expect(server, "while the hour goes on")
            by_hour = server.rows("SELECT time_bucket('1 hour', time) AS t, largest_sender_share() "
                                  "AS share FROM events WHERE rp = 'https://loud.example' "
                                  "GROUP BY t")
            check(all(row["share"] >= 0.5 for row in by_hour), f"by hour: {by_hour}")
        with harness.Server(directory, *options) as server:
            expect(server, "after a restart")
        for data in stored_bytes(directory):
            for address in (b"203.0.113", b"198.51."):
                check(address not in data, "an address is stored")


def a_loud_sender_is_no_trend():
    """Warned of over HTTP, whatever the format, and by kpi-query."""
    with harness.directory() as directory:
        with harness.Server(directory, "--trusted-proxies", "127.0.0.1") as server:
            hour = harness.now_ms() // 3_600_000 * 3_600_000
            for hours_ago, networks in ((5, range(4)), (2, [9, 9, 9, 1])):
                for network in networks:
                    lines = harness.event_line(hour - hours_ago * 3_600_000) * 10
                    answer = harness.post(server.http, "/v1/events", lines,
                                          X_Forwarded_For=f"192.0.{network}.1")
                    check_equal(answer.status, 200, answer.body)
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(hour / 1000 - 4 * 3_600))
            statement = (f"COMPARE success_rate() BASELINE time < '{at}' CANDIDATE time >= '{at}'"
                         " WHERE rp = 'https://rp.example'")
            warning = ("loud sender: 0 % of the baseline's reports and 75 % of the candidate's came"
                       " from a network")
            for accept in ("application/json", "text/csv", "application/x-ndjson"):
                connection = http.client.HTTPConnection(*server.http,
                                                        timeout=harness.ANSWER_SECONDS)
                with contextlib.closing(connection):
                    connection.request("POST", "/v1/query", statement,
                                       {"Content-Type": "application/sql", "Accept": accept})
                    answer = connection.getresponse()
                    check_equal(answer.status, 200, answer.read())
                    notes = [value for name, value in answer.getheaders() if name == "Kpi-Note"]
                check(any(note.startswith(warning) for note in notes), f"{accept}: {notes}")
            host, port = server.query
            for form in ("table", "json", "csv"):
                done = subprocess.run([harness.binary("kpi-query"), "--host", host, "--port",
                                       str(port), "--format", form, statement], text=True,
                                      capture_output=True, timeout=60)
                check_equal(done.returncode, 0, done.stderr)
                check(warning in done.stdout + done.stderr, f"{form}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    harness.main(a_loud_sender_is_seen, a_loud_sender_is_no_trend, tokens_decide_trust, tokens_are_required_and_keys_rotate,
                 spoofed_addresses_help_nobody, haproxy_sends_its_header, clients_are_registered, tokens_stay_used,
                 the_recipe_of_the_manual_works)
