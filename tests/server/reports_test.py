"""The statements of query/REPORTS.md, all of them, by every segment, on a week of generated BrowserID
traffic over HTTP: against numbers that are counted here."""

import datetime
import math
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import browserid_traffic as traffic
import harness

REPORTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "query",
                       "REPORTS.md")
SKETCH_ERROR = 0.003  # Of a quantile, relative; values below 183 are exact.
NEW_USER = ["screen.set_password", "user.user_staged", "user.user_confirmed",
            "assertion_generated"]
RESET = ["user.reset_password_staged", "user.reset_password_confirmed", "assertion_generated"]
OPTIONS = ["--retention-raw-days", "0", "--retention-minute-days", "0", "--retention-hour-days",
           "0", "--browserid-body-max", "1MiB"]
LABELS = [f"--label={name}" for name in traffic.SEGMENTS if name != "browser"]
LABELS.append("--label=browser=" + ",".join(traffic.BROWSERS))
LABELS.append("--label-alias=rp_api:watch_with_onready=watch with onready")


def statements():
    """Name -> statement, from the document."""
    with open(REPORTS, encoding="utf-8") as file:
        blocks = re.findall(r"```sql\n(.*?)```", file.read(), re.DOTALL)
    found = {}
    for block in blocks:
        name = re.match(r"-- (\w+)\n", block).group(1)
        assert name not in found, f"{name} twice"
        found[name] = block
    return found


# What a statement must say, counted from the attempts of one group. None is NULL.

def weight(attempts, condition=lambda attempt: True):
    return sum(attempt.weight for attempt in attempts if condition(attempt))


def ratio(part, whole):
    return None if whole == 0 else part / whole


def with_step(step):
    return lambda attempt: attempt.has(step)


def median(values):
    """The smallest of (value, weight) whose rank reaches half."""
    values = sorted(values)
    if not values:
        return None
    rank = math.ceil(0.5 * sum(w for _, w in values))
    for value, w in values:
        rank -= w
        if rank <= 0:
            return value
    raise AssertionError("no rank")


def attempts_of(group):
    return {"attempts": weight(group)}


def median_sites(group):
    return {"median_sites": median([(a.sites, a.weight) for a in group if a.sites is not None])}


def sites_of(group):
    named = [a for a in group if a.sites is not None]
    total = sum(a.sites * a.weight for a in named)
    return {**median_sites(group), "mean_sites": ratio(total, weight(named))}


def success_of(group):
    return {"success": ratio(weight(group, with_step("assertion_generated")), weight(group))}


def new_users_of(group):
    return {"new_users": weight(group) or None, **success_of(group)}


def progress_of(group):
    return {"sent": weight(group), "shown": weight(group, with_step("screen.rp_info")),
            "engaged_users": weight(group, traffic.Attempt.engaged),
            "error_screens": weight(group, traffic.Attempt.error_screen),
            "signed_in": weight(group, with_step("assertion_generated"))}


def progress_shares_of(group):
    counts = progress_of(group)
    sent = counts.pop("sent")
    return {name: ratio(count, sent) for name, count in counts.items()}


def bounce_of(group):
    engaged = ratio(weight(group, traffic.Attempt.engaged),
                    weight(group, with_step("screen.rp_info")))
    return {"bounce_rate": None if engaged is None else 1 - engaged}


def funnel_of(steps):
    def rows(group):
        stages = []
        reached = group
        for step in steps:
            before, reached = reached, [a for a in reached if a.has(step)]
            stages.append((step, before, reached))
        first, last = stages[0][2], stages[-1][2]
        found = []
        for i, (step, before, reached) in enumerate(stages):
            previous = steps[max(i - 1, 0)]
            offsets = [(a.steps[step] - a.steps[previous], a.weight) for a in reached]
            found.append({
                "stage": step, "count": weight(reached),
                "share_of_first": ratio(weight(reached), weight(first)),
                "share_of_previous": None if i == 0 else ratio(weight(reached), weight(before)),
                "completed_all": ratio(weight(last), weight(reached)),
                "p50_ms": None if i == 0 else median(offsets)})
        return found
    return rows


def is_new_user(attempt):
    return attempt.is_new_user()


def is_reset(attempt):
    return attempt.has(RESET[0])


def everyone(_):
    return True


# Name of the report -> (who is in it, what a group comes to).
MEANINGS = {"attempts": (everyone, attempts_of), "sites": (everyone, sites_of),
            "new_user_funnel": (is_new_user, funnel_of(NEW_USER)),
            "new_user_success": (is_new_user, new_users_of),
            "password_reset_funnel": (is_reset, funnel_of(RESET)),
            "progress": (everyone, progress_shares_of), "bounce": (everyone, bounce_of)}
EXCEPTIONS = {"progress": progress_of, "sites_by_day_and_segment": median_sites,
              "new_user_success_by_day_and_segment": success_of}


def meaning_of(name):
    report, _, split = name.partition("_by_")
    who, meaning = MEANINGS[report]
    return who, EXCEPTIONS.get(name, meaning), "day" in split, "segment" in split


def expected_rows(name, attempts, segment):
    """{(day or None, segment or None): {column: value} or a list of such}"""
    who, meaning, by_day, by_segment = meaning_of(name)
    chosen = [a for a in attempts if who(a)]
    groups = {}
    for attempt in chosen:
        key = (attempt.day if by_day else None, attempt.segments[segment] if by_segment else None)
        groups.setdefault(key, []).append(attempt)
    if by_day and "funnel" not in name:  # FILL: every day for every segment that there is.
        for value in {key[1] for key in groups} if by_segment else [None]:
            for day in traffic.DAYS:
                groups.setdefault((day, value), [])
    if not by_day and not by_segment:
        groups.setdefault((None, None), [])
    return {key: meaning(group) for key, group in groups.items()}


def same(actual, expected):
    if expected is None or actual is None or isinstance(expected, str):
        return actual == expected
    if isinstance(expected, int):
        return abs(actual - expected) <= abs(expected) * SKETCH_ERROR * (abs(expected) >= 183)
    return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=5.1e-5)  # 4 decimals.


def day_of(text):
    return datetime.date.fromisoformat(text[:10])


def keyed(rows, by_day, segment):
    """As expected_rows(): the key columns taken out of the rows; funnels have several of a key."""
    found = {}
    for row in rows:
        row = dict(row)
        day = day_of(row.pop("day", None) or row.pop("time_bucket")) if by_day else None
        value = row.pop(segment) if segment else None
        found.setdefault((day, value), []).append(row)
    return found


def compare(server, name, statement, attempts, segment):
    _, _, by_day, by_segment = meaning_of(name)
    text = re.sub(r"\bos\b", segment, statement) if by_segment else statement
    found = keyed(server.rows(text), by_day, segment if by_segment else None)
    expected = expected_rows(name, attempts, segment)
    harness.check_equal(set(found), set(expected), f"groups of {name} by {segment}")
    for key, meaning in expected.items():
        rows = meaning if isinstance(meaning, list) else [meaning]
        harness.check_equal(len(found[key]), len(rows), f"rows of {name}, {key}")
        for row, wanted in zip(found[key], rows):
            harness.check_equal(set(row), set(wanted), f"columns of {name}")
            for column, value in wanted.items():
                harness.check(same(row[column], value), f"{name} by {segment}, {key}, {column}: "
                                                        f"{row[column]!r}, expected {value!r}")


def check_all(server, attempts):
    ran = 0
    for name, statement in statements().items():
        for segment in traffic.SEGMENTS if meaning_of(name)[3] else [None]:
            compare(server, name, statement, attempts, segment)
            ran += 1
    harness.check(ran > 50, f"only {ran} statements ran")


def every_statement_is_right_live_and_sealed():
    attempts, outside = traffic.week(seed=1)
    with harness.directory() as directory:
        with harness.Server(directory, *OPTIONS, *LABELS) as server:
            traffic.send(server.http, [a.record for a in attempts] + outside)
            check_all(server, attempts)
            harness.check_equal(server.stop(), 0, "the exit status")
        with harness.Server(directory, *OPTIONS, *LABELS) as server:
            live = dict(row.values() for row in server.rows("SHOW STATUS"))["live_events"]
            harness.check_equal(int(live), 0, "live events: closing has sealed these days")
            check_all(server, attempts)


def every_statement_has_an_answer_on_an_empty_store():
    """No error for measures and labels that nobody has sent yet."""
    with harness.directory() as directory, harness.Server(directory, *OPTIONS, *LABELS) as server:
        check_all(server, [])


def one_attempt_makes_no_report_fall_over():
    """Days and segments with next to nothing in them: NULL and 0, no division."""
    attempts, _ = traffic.week(seed=3, per_day=2)
    needed = [a for a in traffic.week(seed=4)[0] if a.is_new_user() or is_reset(a)][:40]
    # One record of every stage, so that every measure is known; then almost nothing.
    with harness.directory() as directory, harness.Server(directory, *OPTIONS, *LABELS) as server:
        traffic.send(server.http, [a.record for a in attempts + needed])
        check_all(server, attempts + needed)


def the_document_has_every_report():
    names = set(statements())
    for report in MEANINGS:
        for split in ("by_day", "by_segment"):
            harness.check(f"{report}_{split}" in names, f"{report}_{split} is not in REPORTS.md")
    with open(REPORTS, encoding="utf-8") as file:
        text = file.read()
    for segment in traffic.SEGMENTS:
        harness.check(f"| `{segment}` |" in text, f"{segment} is not in REPORTS.md")


if __name__ == "__main__":
    harness.main(the_document_has_every_report, every_statement_is_right_live_and_sealed,
                 every_statement_has_an_answer_on_an_empty_store,
                 one_attempt_makes_no_report_fall_over)
