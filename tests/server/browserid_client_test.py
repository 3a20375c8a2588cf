"""Clients of the original backend (mozilla/kpiggybank), as its own module and the dashboard's data
layer were written, against a real server: live, sealed, after restarts and a kill."""

import json
import os
import re
import socket
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import browserid_traffic as traffic
import harness

PATH = "/wsapi/interaction_data"
START_TIME = 1333046104322
TWO_WEEKS = 1209600000
KEEP = ["--retention-raw-days", "0", "--browserid-body-max", "1MiB"]


class KpiggyBank:
    """kpiggybank's lib/api.js: a request a call, no keep-alive, texts parsed as JSON."""

    def __init__(self, address):
        self.address = address

    def _get(self, path, **options):
        query = "&".join(f"{key}={value}" for key, value in options.items())
        answer = harness.get(self.address, path + ("?" + query if query else ""))
        return json.loads(answer.body)

    def save_data(self, record):
        body = urllib.parse.urlencode({"data": json.dumps(record)})
        answer = harness.post(self.address, PATH, body,
                              content_type="application/x-www-form-urlencoded")
        harness.check_equal(answer.status, 201, "the status of a post")

    def count(self):
        return int(str(self._get(PATH + "/count")), 10)

    def fetch_range(self, **options):
        return self._get(PATH, **options)


class Changes:
    """followChanges(): a response that never ends, split at CRLF, lines parsed as JSON."""

    def __init__(self, address):
        self.socket = harness.connect(address)
        self.socket.sendall(harness.request("GET", PATH + "/stream"))
        self.input = self.socket.makefile("rb")
        self.status = int(self.input.readline().split()[1])
        while self.input.readline() not in (b"\r\n", b""):
            pass
        self.text = b""

    def next(self):
        while b"\r\n" not in self.text:
            size = int(self.input.readline(), 16)
            if size == 0:
                return None
            self.text += self.input.read(size)
            self.input.readline()
        line, _, self.text = self.text.partition(b"\r\n")
        change = json.loads(line)
        for key in ("timestamp", "number_emails", "number_sites_logged_in", "sample_rate"):
            if key in change["doc"]:
                change["doc"][key] = int(change["doc"][key])
        return change

    def close(self):
        self.input.close()
        self.socket.close()


def get_data(address, options):
    """kpi-dashboard's lib/data.js getData()."""
    return harness.get(address, PATH + "?" + urllib.parse.urlencode(options)).json()


def populate(address, start, end):
    """kpi-dashboard's bin/update: windows of two weeks, the next one a ms after the last."""
    found = []
    while start < end:
        interval = min(start + TWO_WEEKS, end)
        found += get_data(address, {"start": start, "end": interval})
        start = start + TWO_WEEKS + 1
    return found


def dashboard_date_and_sites(row):
    """What its reports read of a row; every one of these is there, or they throw."""
    value = row["value"]
    assert isinstance(value["event_stream"], list)
    sites = (value.get("number_sites_logged_in") or value.get("sites_signed_in")
             or value.get("number_sites_signed_in") or 0)
    return value["timestamp"] // 1000 // 86400, sites, [step[0] for step in value["event_stream"]]


def metric(server, name):
    page = harness.get(server.http, "/metrics").body.decode()
    return float(re.search(rf"^{name} (\S+)$", page, re.MULTILINE).group(1))


def blob(timestamp):
    return {"timestamp": timestamp, "event_stream": [["screen.rp_info", 210], ["x", 3, None, 2]],
            "language": "en", "number_emails": 2, "number_sites_logged_in": 3, "sample_rate": 1}


def stored(record):
    """What a record reads back as: older names under the newest."""
    newest = {"language": "lang", "number_sites_logged_in": "number_sites_signed_in",
              "sites_signed_in": "number_sites_signed_in",
              "sites_visited": "number_sites_remembered"}
    return {newest.get(key, key): value for key, value in record.items()}


def check_vows(server):
    """kpiggybank's test/end_to_end_vows.js, the part that reads."""
    api = KpiggyBank(server.http)
    harness.check_equal(api.count(), 101, "the count")
    closed = api.fetch_range(start=START_TIME, end=START_TIME + 9)
    harness.check_equal([row["key"] for row in closed],
                        list(range(START_TIME, START_TIME + 10)), "a closed range")
    harness.check_equal(len(api.fetch_range(start=START_TIME + 91)), 10, "an open range")
    everything = api.fetch_range()
    harness.check_equal([row["value"] for row in everything],
                        [stored(blob(START_TIME + i)) for i in range(101)], "all")
    ids = [row["id"] for row in everything]
    harness.check(len(set(ids)) == 101 and all(re.fullmatch("[0-9a-f]{32}", i) for i in ids), ids)
    one = harness.get(server.http, f"{PATH}?id={ids[7]}&start=0&end=0").json()
    harness.check_equal(one, {"results": everything[7]["value"]}, "one by its id")
    harness.check_equal(harness.get(server.http, PATH + "/last").json(), everything[-1], "last")
    return everything


def the_vows_of_the_original_hold_live_killed_sealed_and_reopened():
    with harness.directory() as directory:
        with harness.Server(directory, *KEEP, "--settle", "1h") as server:
            api = KpiggyBank(server.http)
            for i in range(101):
                api.save_data(blob(START_TIME + i))
            before = check_vows(server)
            server.kill()
        with harness.Server(directory, *KEEP, "--settle", "0s") as server:
            harness.check_equal(check_vows(server), before, "after a kill")
            harness.wait_until(lambda: metric(server, "kpi_seal_events_total") >= 101, "a seal")
            harness.check_equal(check_vows(server), before, "after the seal")
            harness.check_equal(server.stop(), 0, "the exit status")
        with harness.Server(directory, *KEEP) as server:
            harness.check_equal(check_vows(server), before, "after a restart")


def documents_outlive_events_of_long_ago():
    """Raw events of 2012 are beyond their 30 days; what arrived today can be read for as long."""
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            KpiggyBank(server.http).save_data(blob(START_TIME))
            harness.check_equal(server.stop(), 0, "the exit status")
        with harness.Server(directory) as server:
            rows = KpiggyBank(server.http).fetch_range(end=START_TIME)
            harness.check_equal([row["value"] for row in rows], [stored(blob(START_TIME))], "it")


def the_dashboard_gets_every_record_once():
    attempts, outside = traffic.week(seed=5, per_day=300)
    records = [a.record for a in attempts] + outside
    with harness.directory() as directory, harness.Server(directory, *KEEP) as server:
        harness.check_equal(harness.get(server.http, PATH + "/count").body, b"0", "nothing yet")
        harness.check_equal(harness.get(server.http, PATH + "/last").body, b"null", "nothing yet")
        harness.check_equal(harness.get(server.http, PATH).body, b"[]", "nothing yet")
        traffic.send(server.http, records)
        first = min(record["timestamp"] for record in records)
        rows = populate(server.http, first - 3 * TWO_WEEKS, first + 3 * TWO_WEEKS)
        harness.check_equal(len({row["id"] for row in rows}), len(records), "rows")
        harness.check_equal([row["key"] for row in rows], sorted(r["timestamp"] for r in records),
                            "keys in order of time")
        in_text = sorted(json.dumps(row["value"], sort_keys=True) for row in rows)
        sent = sorted(json.dumps(stored(record), sort_keys=True) for record in records)
        harness.check_equal(in_text, sent, "records in their shape")
        sites = [dashboard_date_and_sites(row)[1] for row in rows]
        harness.check_equal(sum(sites), sum(stored(r).get("number_sites_signed_in", 0)
                                            for r in records), "sites")


def a_range_larger_than_memory_allows_at_once_is_whole():
    record = blob(START_TIME - START_TIME % traffic.FLOOR_MS)
    record["event_stream"] = [[f"step.{i}", i] for i in range(60)]
    number = 6000  # About 6 MB, all of one moment, as senders floor it.
    with harness.directory() as directory, harness.Server(directory, *KEEP) as server:
        traffic.send(server.http, [record] * number, per_post=500)
        rows = KpiggyBank(server.http).fetch_range()
        harness.check_equal(len({row["id"] for row in rows}), number, "rows")
        harness.check(all(row["value"] == stored(record) for row in rows), "another record")


def a_stream_gives_what_comes_and_ends_with_the_server():
    with harness.directory() as directory:
        with harness.Server(directory, *KEEP, "--idle-timeout", "50ms") as server:
            api = KpiggyBank(server.http)
            api.save_data(blob(START_TIME))
            changes, other = Changes(server.http), Changes(server.http_socket)
            harness.check_equal(changes.status, 200, "the status of a stream")
            with harness.Client(server.http) as idle:
                harness.check_equal(idle.socket.recv(1), b"", "an idle connection's end")
            api.save_data(blob(1336575273))
            for stream in (changes, other):
                change = stream.next()
                harness.check_equal(change["doc"], stored(blob(1336575273)), "the record")
                harness.check_equal((change["seq"], sorted(change)), (1, ["doc", "id", "seq"]),
                                    "a change")
                found = harness.get(server.http, f"{PATH}?id={change['id']}").json()
                harness.check_equal(found["results"], change["doc"], "by its id")
            harness.post(server.http, "/v1/events", harness.event_line(1336575273))  # No record.
            api.save_data([blob(START_TIME + 1), blob(START_TIME + 2)])
            harness.check_equal([changes.next()["doc"]["timestamp"] for _ in range(2)],
                                [START_TIME + 1, START_TIME + 2], "the next two")
            harness.check_equal(metric(server, "kpi_streams"), 2, "open streams")
            other.close()
            harness.wait_until(lambda: metric(server, "kpi_streams") == 1, "one has gone")
            harness.check_equal(server.stop(), 0, "the exit status")
            harness.check_equal(changes.next(), None, "the end of the stream")
            changes.close()


def a_slow_reader_is_cut_off_and_others_are_not():
    with harness.directory() as directory:
        with harness.Server(directory, *KEEP, "--write-timeout", "200ms") as server:
            slow, quick = Changes(server.http), Changes(server.http)
            slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            record = blob(START_TIME)
            record["event_stream"] = [[f"step.{i}", i] for i in range(400)]
            sent = 0
            while metric(server, "kpi_stream_cut_total") == 0:
                KpiggyBank(server.http).save_data([record] * 20)
                sent += 20
                for _ in range(20):
                    quick.next()
                harness.check(sent < 20_000, "the slow reader lives on")
            harness.check_equal(metric(server, "kpi_streams"), 1, "open streams")
            slow.close()
            quick.close()


def streams_are_limited():
    with harness.directory() as directory:
        with harness.Server(directory, "--streams-max", "1") as server:
            first = Changes(server.http)
            with harness.Client(server.http) as client:
                harness.check_equal(client.request("GET", PATH + "/stream").status, 503, "second")
                harness.check_equal(client.request("GET", "/wsapi/ping").body, b"pong", "ping")
            first.close()


def nothing_private_is_kept():
    record = {**blob(START_TIME), "email": "canary@mail.example", "cookie": "canary",
              "user_agent": {"os": "Mozilla/5.0 (canary)", "browser": "Firefox", "canary": 1}}
    body = json.dumps({"data": [record], "csrf": "canary"})
    with harness.directory() as directory, harness.Server(directory, *KEEP) as server:
        answer = harness.post(server.http, PATH, body, Content_Type="application/json",
                              Cookie="session=canary", User_Agent="Mozilla/5.0 (canary)",
                              X_Forwarded_For="canary")
        harness.check_equal(answer.status, 200, "the post")
        text = harness.get(server.http, PATH).body
        harness.check(b"canary" not in text and b"Firefox" in text, text)
        harness.check_equal(server.stop(), 0, "the exit status")
        for folder, _, names in os.walk(server.data_dir):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    harness.check(b"canary" not in file.read(), name)


def only_what_was_accepted_can_be_read():
    with harness.directory() as directory, harness.Server(directory, *KEEP) as server:
        records = [blob(START_TIME), {"lang": "de"}, blob(-1), [blob(START_TIME + 1)], "x"]
        answer = harness.post(server.http, PATH, json.dumps({"data": records}),
                              Content_Type="application/json")
        harness.check_equal(answer.json(), {"success": True, "accepted": 2, "rejected": 3}, "post")
        harness.check_equal(KpiggyBank(server.http).count(), 2, "the count")
        harness.check_equal(int(server.value("SELECT count(*) FROM events")), 2, "the events")


if __name__ == "__main__":
    harness.main(the_vows_of_the_original_hold_live_killed_sealed_and_reopened,
                 documents_outlive_events_of_long_ago,
                 the_dashboard_gets_every_record_once,
                 a_range_larger_than_memory_allows_at_once_is_whole,
                 a_stream_gives_what_comes_and_ends_with_the_server,
                 a_slow_reader_is_cut_off_and_others_are_not, streams_are_limited,
                 nothing_private_is_kept, only_what_was_accepted_can_be_read)
