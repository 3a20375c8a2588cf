"""A write error ends the server with 74: a file-size limit stands in for a broken disk."""

import contextlib
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness

FILE_BYTES_MAX = 256 << 10


@contextlib.contextmanager
def small_files():
    """What is started within cannot write a file larger than FILE_BYTES_MAX."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def post_lines(server, count, client="c"):
    """Events of a day that has closed: a seal has to write all of them."""
    then = harness.now_ms() - 2 * 86_400_000
    lines = "".join(harness.event_line(then - i, client=client + str(i % 500),
                                       measures={"turnaround_time": i % 5000})
                    for i in range(count))
    return harness.post(server.http, "/v1/events", lines, Content_Type="application/x-ndjson")


def a_write_error_is_answered_and_ends_the_process():
    with harness.directory() as directory:
        with small_files():
            server = harness.Server(directory)
        answered = refused = 0
        now = harness.now_ms()
        with server:
            while not refused:
                lines = "".join(harness.event_line(now - answered - i) for i in range(1000))
                try:
                    answer = harness.post(server.http, "/v1/events", lines,
                                          Content_Type="application/x-ndjson")
                except OSError:
                    break
                harness.check(answer.status in (200, 503), answer.status)
                answered += 1000 if answer.status == 200 else 0
                refused += answer.status == 503
            harness.check_equal(server.child.wait(harness.STOP_SECONDS), 74, "exit code")
        with harness.Server(directory) as server:
            stored = server.value("SELECT count(*) AS n FROM events")
            harness.check(answered <= stored <= answered + 1000, f"{stored} of {answered}")


def a_seal_that_fails_at_the_end_is_no_crash():
    """The disk is full when the server starts again; nothing is posted, but closing wants to write."""
    with harness.directory() as directory:
        with harness.Server(directory) as server:
            for i in range(4):
                answer = post_lines(server, 50_000, "seal" + str(i))
                harness.check_equal(answer.json()["accepted"], 50_000, "accepted")
            server.kill()
        with small_files():
            server = harness.Server(directory)
        with server:
            harness.check_equal(server.value("SELECT count(*) AS n FROM events"), 200_000, "stored")
            harness.check_equal(server.stop(), 74, "exit code")
        with harness.Server(directory) as server:
            harness.check_equal(server.value("SELECT count(*) AS n FROM events"), 200_000, "stored")
            harness.check_equal(server.stop(), 0, "exit code")


harness.main(a_write_error_is_answered_and_ends_the_process,
             a_seal_that_fails_at_the_end_is_no_crash)
