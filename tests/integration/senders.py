"""Senders that keep their own record: every event has an id, and an id is either answered with
2xx, or in doubt (its connection broke first). An id is a measure, and second, RP and client of its
event are its own, so that the store can be asked for each of them."""

import random
import threading

import harness

MEASURE = "ack_id"
RPS, CLIENTS = 10, 10  # So many ids share a second.


def event_line(base_ms, number):
    place = number % (RPS * CLIENTS)
    return harness.event_line(base_ms + number // (RPS * CLIENTS) * 1000 + place,
                              rp=f"https://rp{place // CLIENTS}.example",
                              client=f"c{place % CLIENTS}",
                              measures={MEASURE: number, "turnaround_time": number % 700})


class Ledger:
    """Ids handed out, answered and in doubt. Thread-safe."""

    def __init__(self, base_ms):
        self.base_ms = base_ms - base_ms % 1000
        self.lock = threading.Condition()
        self.next_id = 0
        self.answered = set()
        self.refused = set()

    def take(self, count):
        with self.lock:
            first = self.next_id
            self.next_id += count
            return range(first, first + count)

    def answer(self, ids, accepted):
        with self.lock:
            (self.answered if accepted else self.refused).update(ids)
            self.lock.notify_all()

    def wait_for_answers(self, count, seconds=30):
        with self.lock:
            if not self.lock.wait_for(lambda: len(self.answered) >= count, seconds):
                raise TimeoutError(f"{len(self.answered)} answers after {seconds} s, not {count}")


class Senders:
    """Threads that post batches to one server until it breaks or stop() is called."""

    def __init__(self, ledger, address, threads, seed, batch_max=40):
        self.ledger, self.address, self.batch_max = ledger, address, batch_max
        self.stopping = threading.Event()
        self.unexpected = []
        self.threads = [threading.Thread(target=self._run, args=(random.Random(seed * 1000 + i),))
                        for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def _body(self, ids):
        return "".join(event_line(self.ledger.base_ms, i) for i in ids)

    def _run(self, choice):
        try:
            with harness.Client(self.address) as client:
                while not self.stopping.is_set():
                    batches = [self.ledger.take(choice.randint(1, self.batch_max))
                               for _ in range(choice.choice((1, 1, 4)))]
                    client.send(b"".join(
                        harness.request("POST", "/v1/events", self._body(ids),
                                        Content_Type="application/x-ndjson") for ids in batches))
                    for ids in batches:
                        self._settle(ids, client.receive())
        except (OSError, ValueError, IndexError):
            return  # The server went away: what was not answered is in doubt.

    def _settle(self, ids, answer):
        if answer.status == 200 and answer.json()["accepted"] == len(ids):
            self.ledger.answer(ids, True)
        elif answer.status == 503:
            self.ledger.answer(ids, False)
        else:
            self.unexpected.append((answer.status, answer.body[:200]))

    def join(self):
        for thread in self.threads:
            thread.join(60)
            if thread.is_alive():
                raise TimeoutError("a sender did not end")
        if self.unexpected:
            raise AssertionError(f"unexpected answers: {self.unexpected[:3]}")

    def stop(self):
        self.stopping.set()
        self.join()


def check_ids(server, ledger, begin, end):
    """Each answered id of [begin, end) is stored exactly once, each other at most once."""
    step = 200_000
    for first in range(begin, end, step):
        last = min(end, first + step)
        rows = server.rows(
            f"SELECT time_bucket('1 second', time) AS t, rp, client, count(*) AS n, "
            f"sum({MEASURE}) AS id FROM events WHERE {MEASURE} >= {first} AND {MEASURE} < {last} "
            f"GROUP BY t, rp, client")
        twice = [row for row in rows if row["n"] != 1]
        harness.check(not twice, f"stored more than once: {twice[:3]}")
        stored = {int(row["id"]) for row in rows}
        lost = [i for i in range(first, last) if i in ledger.answered and i not in stored]
        harness.check(not lost, f"{len(lost)} answered events are lost, as {lost[:5]}")
        wrong = stored & ledger.refused
        harness.check(not wrong, f"refused events are stored: {sorted(wrong)[:5]}")


def check_totals(server, ledger):
    """The count of all events lies between those answered and those handed out."""
    count = server.value("SELECT count(*) AS n FROM events")
    possible = ledger.next_id - len(ledger.refused)
    harness.check(len(ledger.answered) <= count <= possible,
                  f"{count} events, {len(ledger.answered)} answered, {possible} possible")
