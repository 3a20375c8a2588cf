"""psql, curl and promtool against a running server, as their users run them."""

import subprocess

import harness
from harness import check, check_equal


def run(*arguments, text=None):
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def url(server, path):
    return f"http://{server.http[0]}:{server.http[1]}{path}"


def psql(server, *arguments):
    return run(harness.program("psql"), "-X", "-h", server.query[0], "-p", str(server.query[1]),
               "-U", "kpi", "-d", "kpi", *arguments)


def fill(server):
    lines = "".join(harness.event_line(harness.now_ms() - i * 1000, client=f"c{i % 2}",
                                       measures={"turnaround_time": 100 + i % 10})
                    for i in range(1000))
    answer = harness.post(server.http, "/v1/events", lines, Content_Type="application/x-ndjson")
    check_equal(answer.json()["accepted"], 1000, "accepted")


def psql_answers_queries():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        code, out, err = psql(server, "-At", "-c",
                              "SELECT client, count(*) FROM events GROUP BY client ORDER BY client")
        check_equal((code, out, err), (0, "c0|500\nc1|500\n", ""), "psql -At")
        code, out, _ = psql(server, "--csv", "-c",
                            "SELECT max(turnaround_time) AS slowest FROM events")
        check_equal((code, out), (0, "slowest\n109\n"), "psql --csv")


def psql_shows_where_an_error_is():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        code, _, err = psql(server, "-c", "SELECT p95(turnaround_tme) FROM events")
        check_equal(code, 1, "exit code of a wrong statement")
        for part in ("ERROR:", "LINE 1:", "^", "turnaround_time"):
            check(part in err, f"psql's message lacks {part!r}: {err}")


def psql_runs_a_script_of_statements():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        code, out, err = run(harness.program("psql"), "-X", "-At", "-h", server.query[0], "-p",
                             str(server.query[1]), "-U", "kpi", "-d", "kpi", "-f", "-",
                             text="SHOW RPS;\nSELECT count(*) FROM events;\nSHOW MEASURES;\n")
        check_equal((code, err), (0, ""), "psql -f -")
        for part in ("https://rp.example", "1000", "turnaround_time"):
            check(part in out, f"the script's output lacks {part!r}: {out}")


def curl_posts_and_asks():
    with harness.directory() as directory, harness.Server(directory) as server:
        curl = (harness.program("curl"), "--silent", "--show-error", "--fail-with-body")
        code, out, err = run(*curl, "-H", "Origin: https://rp.example", "-H",
                             "Sec-Fetch-Dest: webidentity", "--data",
                             "outcome=success&time_to_show_ui=3000&time_to_continue=3000"
                             "&time_to_receive_token=2000&turnaround_time=8000",
                             url(server, "/metrics"))
        check_equal((code, out, err), (0, "", ""), "curl's report")
        code, out, _ = run(*curl, "-H", "Accept: text/csv", "--data",
                           "SELECT rp, p50(turnaround_time) AS p FROM events GROUP BY rp",
                           url(server, "/v1/query"))
        check_equal((code, out.replace("\r", "")), (0, "rp,p\nhttps://rp.example,8000\n"),
                    "curl's query")
        code, out, _ = run(*curl, "--data", "SELECT nonsense(", url(server, "/v1/query"))
        check(code == 22 and '"type"' in out, f"curl's wrong query: {code} {out}")


def promtool_accepts_the_metrics():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        code, text, err = run(harness.program("curl"), "-sS", "--fail", url(server, "/metrics"))
        check_equal((code, err), (0, ""), "curl /metrics")
        code, out, err = run(harness.program("promtool"), "check", "metrics", text=text)
        check(code == 0, f"promtool check metrics: {out} {err}")


def health_and_readiness_answer():
    with harness.directory() as directory, harness.Server(directory) as server:
        for path in ("/healthz", "/readyz"):
            check_equal(harness.get(server.http, path).status, 200, path)
            check_equal(harness.get(server.http_socket, path).status, 200, path + " on the socket")


if __name__ == "__main__":
    harness.main(psql_answers_queries, psql_shows_where_an_error_is,
                 psql_runs_a_script_of_statements, curl_posts_and_asks,
                 promtool_accepts_the_metrics, health_and_readiness_answer)
