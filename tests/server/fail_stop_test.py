"""A write error ends the server with 74: a file-size limit stands in for a broken disk."""

import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness

FILE_BYTES_MAX = 256 << 10


def a_write_error_is_answered_and_ends_the_process():
    with harness.directory() as directory:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, before[1]))
        try:
            server = harness.Server(directory)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
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


harness.main(a_write_error_is_answered_and_ends_the_process)
