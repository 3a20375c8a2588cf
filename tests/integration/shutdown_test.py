"""SIGTERM drains: the server answers what it has begun, ends with 0, and nothing is lost."""

import harness
import senders
from harness import check, check_equal


def sigterm_under_load_loses_nothing():
    ledger = senders.Ledger(harness.now_ms() - 3_600_000)
    with harness.directory() as directory:
        for round_number in range(3):
            with harness.Server(directory) as server:
                load = senders.Senders(ledger, server.http, 8, round_number)
                ledger.wait_for_answers(len(ledger.answered) + 5_000)
                check_equal(server.stop(), 0, "exit code after SIGTERM")
                load.join()
        with harness.Server(directory) as server:
            senders.check_totals(server, ledger)
            senders.check_ids(server, ledger, 0, ledger.next_id)


def sigterm_answers_what_was_begun():
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            body = "".join(harness.event_line(harness.now_ms() - i) for i in range(50_000))
            with harness.Client(server.http) as client:
                client.send(harness.request("POST", "/v1/events", body,
                                            Content_Type="application/x-ndjson"))
                code = server.stop()
                try:
                    answered = client.receive().json()["accepted"]
                except (ConnectionError, OSError):
                    answered = 0  # It had not been begun: then nothing of it may be stored.
            check_equal(code, 0, "exit code")
        with harness.Server(directory) as server:
            stored = server.value("SELECT count(*) AS n FROM events")
            check(stored in (answered, 50_000), f"{stored} stored, {answered} answered")


def a_second_server_is_refused_in_one_line():
    with harness.directory() as directory, harness.Server(directory) as server:
        try:
            with harness.directory() as other:
                harness.Server(other, "--log-level", "error", data_dir=server.data_dir)
        except RuntimeError as error:
            check("open in another process" in str(error) and "|" not in str(error), str(error))
        else:
            raise AssertionError("two servers had one directory open")


def a_stopped_server_starts_again_with_the_same_answers():
    with harness.directory() as directory:
        statement = ("SELECT client, count(*) AS n, p95(turnaround_time) AS p FROM events "
                     "GROUP BY client ORDER BY client")
        lines = "".join(harness.event_line(harness.now_ms() - i * 60_000, client=f"c{i % 7}",
                                           measures={"turnaround_time": i % 977})
                        for i in range(10_000))
        with harness.Server(directory) as server:
            harness.post(server.http, "/v1/events", lines, Content_Type="application/x-ndjson")
            before = server.rows(statement)
            check_equal(server.stop(), 0, "exit code")
        with harness.Server(directory) as server:
            check_equal(server.rows(statement), before, "answers after a restart")


if __name__ == "__main__":
    harness.main(sigterm_under_load_loses_nothing, sigterm_answers_what_was_begun,
                 a_second_server_is_refused_in_one_line,
                 a_stopped_server_starts_again_with_the_same_answers)
