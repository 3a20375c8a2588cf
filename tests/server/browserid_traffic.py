"""A week of BrowserID traffic, the same for the same seed, and what it comes to: each record with its
segments, steps and weight, so that a test can count for itself."""

import datetime
import json
import random
import urllib.parse

import harness

DAYS = [datetime.date(2013, 7, day) for day in range(1, 8)]
EMPTY_DAY = datetime.date(2013, 7, 4)
FLOOR_MS = 600_000  # Senders floor their times to ten minutes.
ENGAGED = {"screen.set_password", "screen.pick_email", "screen.provision_primary_user",
           "screen.verify_primary_user", "authenticate.enter_password"}
ALIASES = {"Windows NT 6.1": "Windows 7", "Windows NT 5.1": "Windows XP", "iPad": "iOS"}
API_ALIASES = {"watch_with_onready": "watch with onready"}  # Of the test's server.
BROWSERS = ["Firefox", "Chrome", "MSIE", "Safari"]  # The allow-list of the test's server.
SEGMENTS = ["os", "browser", "screen", "emails", "locale", "rp_api", "email_type"]


class Attempt:
    """One record as it is sent, and what is known of it."""

    def __init__(self, record):
        self.record = record
        self.weight = {1: 1, 0.1: 10}[record.get("sample_rate", 1)]
        self.day = datetime.datetime.fromtimestamp(record["timestamp"] / 1000, datetime.UTC).date()
        self.steps = {}
        for step in record["event_stream"]:
            self.steps.setdefault(step[0], step[1])
        self.sites = record.get("number_sites_signed_in", record.get("number_sites_logged_in"))
        self.segments = self._segments(record)

    @staticmethod
    def _segments(record):
        agent = record.get("user_agent", {})
        width = record.get("screen_size", {}).get("width")
        emails = record.get("number_emails")
        browser = agent.get("browser")
        return {
            "os": ALIASES.get(agent.get("os"), agent.get("os")),
            "browser": browser if browser is None or browser in BROWSERS else "(other)",
            "screen": None if width is None else
                      "desktop" if width >= 1024 else "mobile" if width <= 640 else "tablet",
            "emails": None if emails is None else str(emails) if emails < 3 else "3+",
            "locale": record.get("lang", record.get("language")),
            "rp_api": API_ALIASES.get(record.get("rp_api"), record.get("rp_api")),
            "email_type": record.get("email_type"),
        }

    def has(self, step):
        return step in self.steps

    def engaged(self):
        return any(step in self.steps for step in ENGAGED)

    def error_screen(self):
        return any(step.startswith("screen.error") for step in self.steps)

    def is_new_user(self):
        return self.has("screen.set_password") and not self.has("authenticate.enter_password")


def _steps(rng):
    """Names in the order of a dialog that may end anywhere."""
    kind = rng.choices(["new", "returning", "reset", "bounce", "error"], [30, 35, 10, 15, 10])[0]
    steps = ["screen.rp_info"] if rng.random() < 0.95 else []  # A dialog that never showed.
    ways = {
        "new": ["screen.authenticate", "screen.set_password", "user.user_staged",
                "user.user_confirmed", "assertion_generated"],
        "returning": ["screen.authenticate", "authenticate.enter_password", "generate_assertion",
                      "assertion_generated"],
        "reset": ["screen.reset_password", "user.reset_password_staged",
                  "user.reset_password_confirmed", "assertion_generated"],
        "bounce": ["user.can_interact"],
        "error": ["screen.pick_email", rng.choice(["screen.error", "screen.error.cookies"])],
    }
    for step in ways[kind]:
        if rng.random() < 0.12:
            return steps
        steps.append(step)
    if kind == "new" and rng.random() < 0.1:  # Not so new after all.
        steps.insert(rng.randrange(len(steps)), "authenticate.enter_password")
    if kind == "error" and rng.random() < 0.3:
        steps.append("assertion_generated")
    return steps


def _stream(rng):
    offset, stream = 0, []
    for name in _steps(rng):
        offset += rng.randrange(20, 9000)
        stream.append([name, offset])
    if stream and rng.random() < 0.3:  # Repeats count once; offsets do not always ascend.
        stream.append([rng.choice(stream)[0], offset + 50, rng.choice([None, 17]), 2])
    if len(stream) > 2 and rng.random() < 0.1:
        stream[-1], stream[-2] = stream[-2], stream[-1]
    return stream


def _maybe(rng, record, key, value):
    if rng.random() < 0.92:
        record[key] = value


def _record(rng, day, minute):
    midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    ms = int(midnight.timestamp()) * 1000 + minute * 60_000
    record = {"timestamp": ms - ms % FLOOR_MS, "event_stream": _stream(rng)}
    _maybe(rng, record, rng.choice(["lang", "language"]),
           rng.choice(["en", "en-US", "de", "fr", "pt-BR"]))
    width = rng.choice([320, 640, 641, 1023, 1024, 1920])
    _maybe(rng, record, "screen_size", {"width": width, "height": 800})
    _maybe(rng, record, "number_emails", rng.randrange(6))
    _maybe(rng, record, rng.choice(["number_sites_signed_in", "number_sites_logged_in"]),
           rng.choice([0, 1, 1, 2, 3, 5, 8, 40]))
    _maybe(rng, record, "email_type", rng.choice(["primary", "secondary"]))
    _maybe(rng, record, "rp_api", rng.choice(["get", "getVerifiedEmail", "watch_with_onready"]))
    _maybe(rng, record, "user_agent", {
        "os": rng.choice(["Windows NT 6.1", "Windows NT 5.1", "Windows 7", "Macintosh", "Linux",
                          "iPad"]),
        "browser": rng.choice([*BROWSERS, "Opera"]), "version": rng.randrange(9, 25)})
    rate = rng.choice([1, 0.1, None])
    if rate is not None:
        record["sample_rate"] = rate
    return record


def week(seed, per_day=250):
    """Attempts of all days but the empty one; the first and the last moments of days among them."""
    rng = random.Random(seed)
    attempts = []
    for day in DAYS:
        if day == EMPTY_DAY:
            continue
        minutes = [0, 24 * 60 - 1] + [rng.randrange(24 * 60) for _ in range(per_day - 2)]
        attempts += [Attempt(_record(rng, day, minute)) for minute in minutes]
    # Neighbours of the week, which no report may count.
    outside = [_record(rng, datetime.date(2013, 6, 30), 24 * 60 - 1),
               _record(rng, datetime.date(2013, 7, 8), 0)]
    return attempts, outside


def send(http, records, per_post=40):
    """Posts them as browsers do, by turns as a form and as JSON."""
    with harness.Client(http) as client:
        for begin in range(0, len(records), per_post):
            part = records[begin:begin + per_post]
            if begin // per_post % 2:
                body = urllib.parse.urlencode({"data": json.dumps(part)})
                answer = client.request("POST", "/wsapi/interaction_data", body,
                                        Content_Type="application/x-www-form-urlencoded")
                harness.check_equal((answer.status, answer.body), (201, b"ok"), "a form")
            else:
                body = json.dumps({"data": part, "csrf": "vN9xQe5s1Jk="})
                answer = client.request("POST", "/wsapi/interaction_data", body,
                                        Content_Type="application/json")
                harness.check_equal(answer.json(), {"success": True}, "JSON")
