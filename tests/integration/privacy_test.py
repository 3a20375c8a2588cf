"""Privacy: what a request brings along and no event is made of - cookies, addresses, user agents,
paths, message texts, tokens, passwords - is nowhere afterwards: not in the data files, the log,
/metrics, an export or a core dump."""

import base64
import json
import os
import subprocess

import harness
import proxies
from harness import check, check_equal

# Each has a part of its own, so that a find says where it came from; long, so that no find is chance.
COOKIE, AGENT = "canarycookie-5b1c0ffee9", "canaryagent-77d2aa41/1.0"
ADDRESSES = ("203.0.113.77", "2001:db8:ca:4a11::77")
REFERER, MESSAGE = "canaryreferer-path-19e8", "canarymessage-text-83b0"
TOKEN, PASSWORD = "canarytoken-4c5d6e7f80", "canarypassword-d41d8cd98f00"
UNKNOWN, BROKEN = "canaryunknown-member-a0b1", "canarybroken-rest-c2d3"
CANARIES = (COOKIE, AGENT, *ADDRESSES, REFERER, MESSAGE, TOKEN, PASSWORD, UNKNOWN, BROKEN,
            base64.b64encode(f"nobody:{PASSWORD}".encode()).decode()[12:-4])
MARKER = "kept-client-e5f6a7"  # What is stored: the searches must find it, or they find nothing.

HEADERS = {"Cookie": f"session={COOKIE}; id={COOKIE}", "User_Agent": AGENT,
           "X_Forwarded_For": f"{ADDRESSES[0]}, {ADDRESSES[1]}", "X_Real_IP": ADDRESSES[0],
           "Forwarded": f"for={ADDRESSES[0]}", "Referer": f"https://rp.example/{REFERER}?q={REFERER}",
           "Authorization": "Basic " + base64.b64encode(f"nobody:{PASSWORD}".encode()).decode(),
           "Origin": "https://rp.example"}

# A front proxy that strips nothing, as a careless operator has it.
CARELESS = proxies.NGINX.replace('proxy_set_header Cookie "";', "")


def reports(time_ms):
    timing = {"time_to_show_ui": 3000, "time_to_continue": 3000, "time_to_receive_token": 2000,
              "turnaround_time": 8000}
    fedcm = {"body": {"clientId": MARKER, "timing": timing, "message": MESSAGE, UNKNOWN: UNKNOWN},
             "url": f"https://rp.example/{REFERER}?a={REFERER}#{REFERER}"}
    failure = {"body": {"clientId": MARKER, "errorId": 301, "message": MESSAGE + "\\n\u00e4"},
               "url": f"https://rp.example/{REFERER}", "user_agent": AGENT}
    batch = [{**failure, "type": "fedcm-metrics", "age": 10}, {**fedcm, "type": "fedcm-metrics"},
             {"type": "csp-violation", "body": {"sample": MESSAGE}, "url": "https://x.example",
              "user_agent": AGENT}]
    form = ("outcome=success&time_to_show_ui=3000&time_to_continue=3000&time_to_receive_token=2000"
            f"&turnaround_time=8000&message={MESSAGE}+%41&{UNKNOWN}=%20{UNKNOWN}")
    line = harness.event_line(time_ms, client=MARKER, measures={"turnaround_time": 5})
    strange = json.dumps({"time": time_ms, "rp": "https://rp.example", "client": MARKER,
                          "outcome": "success", "message": MESSAGE, "user_agent": AGENT})
    json_type, form_type = "application/json", "application/x-www-form-urlencoded"
    yield f"/metrics_endpoint?n={TOKEN}&x=%41{TOKEN}", json.dumps(fedcm), json_type
    yield f"/metrics?n={TOKEN}", form, form_type
    yield f"/metrics?n={TOKEN}", json.dumps(failure), json_type
    yield "/reports", json.dumps(batch), "application/reports+json"
    yield "/v1/events", line * 50 + strange + "\n" + '{"time":"' + BROKEN + '"}\n', \
        "application/x-ndjson"
    # Bodies that are refused.
    yield f"/metrics?n={TOKEN}", '{"body": "' + BROKEN, json_type
    yield "/metrics", f"outcome={BROKEN}&x=%4&{BROKEN}", form_type
    yield "/reports", f'[{{"type": "{BROKEN}"', "application/reports+json"
    yield "/wsapi/interaction_data", "data=%7B%22" + BROKEN, form_type
    yield "/wsapi/interaction_data", json.dumps({"data": [{BROKEN: 1}], "csrf": TOKEN}), json_type
    yield f"/{BROKEN}", BROKEN, "text/plain"
    yield "/metrics", BROKEN * 5_000, json_type
    yield "/v1/events", (strange + "\n") * 2_000, "application/x-ndjson"


def send_well_formed(address, time_ms):
    statuses = []
    with harness.Client(address) as client:
        for path, body, content_type in reports(time_ms):
            answer = client.request("POST", path, body, Content_Type=content_type, **HEADERS)
            statuses.append(answer.status)
            if answer.headers.get("connection") == "close":
                client.close()
                client.__init__(address)
        for path in (f"/metrics?n={TOKEN}", "/healthz", f"/wsapi/interaction_data/{BROKEN}"):
            client.request("GET", path, **HEADERS)
        client.request("POST", "/v1/query", f"SELECT count(*) FROM events WHERE client = '{BROKEN}'",
                       Content_Type="application/sql", **HEADERS)
    return statuses


def send_malformed(address):
    """Straight to the server: a proxy would not hand these on."""
    head = (f"POST /metrics?n={TOKEN} HTTP/1.1\r\nHost: x\r\nCookie: {COOKIE}\r\n"
            f"User-Agent: {AGENT}\r\nX-Forwarded-For: {ADDRESSES[0]}\r\n")
    requests = (
        head + f"Referer: {REFERER}\r\n folded {BROKEN}\r\n\r\n",
        head + f"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{BROKEN}",
        head + f"Transfer-Encoding: chunked\r\n\r\nzz\r\n{BROKEN}\r\n0\r\n\r\n",
        head + f"Transfer-Encoding: chunked\r\n\r\n17\r\n{MESSAGE}\r\n0\r\nX: {BROKEN}\r\n\r\n",
        head + f"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n{BROKEN * 30}",
        head + f"X-Long: {BROKEN * 1000}\r\n\r\n",
        f"{BROKEN} {COOKIE}\r\n\r\n",
        head,
    )
    for text in requests:
        connection = harness.connect(address)
        connection.sendall(text.encode())
        connection.shutdown(1)  # No more comes; what is there is read to its end.
        while connection.recv(65536):
            pass
        connection.close()


def failed_login(server):
    subprocess.run([harness.program("psql"), "-XwAt",
                    f"host={server.query[0]} port={server.query[1]} user=nobody dbname=kpi",
                    "-c", "SELECT 1"], env={**os.environ, "PGPASSWORD": PASSWORD},
                   capture_output=True, timeout=30)


def find_in(name, data, wanted_marker=True):
    found = [canary for canary in CANARIES if canary.encode() in data]
    check(not found, f"in {name}: {found}")
    if wanted_marker:
        check(MARKER.encode() in data, f"{name} does not even have what is stored")


def search_directory(path, what):
    data = b""
    for directory, _, files in os.walk(path):
        for file in files:
            with open(os.path.join(directory, file), "rb") as opened:
                data += opened.read()
    find_in(what, data)


def core_of(server, directory):
    """As a crash would leave it; the process goes on."""
    prefix = os.path.join(directory, "core")
    done = subprocess.run([harness.program("gcore"), "-a", "-o", prefix, str(server.child.pid)],
                          capture_output=True, text=True, timeout=120)
    path = f"{prefix}.{server.child.pid}"
    check(os.path.exists(path), f"gcore: {done.stdout[-300:]} {done.stderr[-300:]}")
    with open(path, "rb") as core:
        data = core.read()
    os.unlink(path)
    return data


def make_users(directory):
    users = os.path.join(directory, "users")
    subprocess.run([harness.binary("kpi-admin"), "user", "add", "dash", "--role", "reader", "--users",
                    users, "--password-file", "-"], input="staple of pencils\n", text=True,
                   check=True, capture_output=True, timeout=60)
    return users


def nothing_is_kept_of_what_is_no_event():
    with harness.directory() as directory:
        users = make_users(directory)
        options = ("--users", users, "--log-level", "debug")
        with harness.Server(directory, *options) as server:
            proxy = proxies.Proxy(directory, "nginx", server,
                                  [harness.program("nginx"), "-c", "{config}", "-p", "{directory}",
                                   "-e", "stderr"], CARELESS)
            with proxy:
                now = harness.now_ms()
                for address in (proxy.tcp, proxy.unix, server.http):
                    statuses = send_well_formed(address, now)
                    check(all(status // 100 == 2 for status in statuses[:5]),
                          f"reports are taken: {statuses}")
                    check(all(status // 100 == 4 for status in statuses[5:12]),
                          f"the rest is refused: {statuses}")
                send_malformed(server.http)
                send_malformed(server.http_socket)
                failed_login(server)
                metrics = harness.get(server.http, "/metrics")
                check_equal(metrics.status, 200, "/metrics")
                find_in("/metrics", metrics.body, wanted_marker=False)
                search_directory(server.data_dir, "data files before a seal")
                # Stacks are wiped ten times a second: a second dump is later than that.
                core_of(server, directory)
                find_in("a core dump", core_of(server, directory))
            check_equal(server.stop(), 0, "exit code")
            with open(server.log_path, "rb") as log:
                text = log.read()
            check(b'"event":"login_failed"' in text, "the log tells of the login that failed")
            find_in("the log", text, wanted_marker=False)
        with harness.Server(directory, *options) as server:
            check_equal(server.stop(), 0, "exit code")
        search_directory(os.path.join(directory, "data"), "data files after a seal")
        archive = os.path.join(directory, "archive")
        subprocess.run([harness.binary("kpi-admin"), "export", "--data-dir",
                        os.path.join(directory, "data"), "--out", archive, "--quiet"], check=True,
                       timeout=120)
        search_directory(archive, "an export")


if __name__ == "__main__":
    harness.main(nothing_is_kept_of_what_is_no_event)
