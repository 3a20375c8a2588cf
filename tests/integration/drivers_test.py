"""The drivers people use against a running server: psql's own commands, node-postgres, psycopg2,
psycopg 3, JDBC; and pgbench with twenty connections."""

import os
import shutil
import subprocess
import tempfile

import harness
from harness import check, check_equal

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
PYTHON = "/usr/bin/python3"  # Debian's, which the packaged drivers belong to.
JDBC_DRIVER = "/usr/share/java/postgresql.jar"


def run(*arguments, text=None, cwd=None, env=None, seconds=120):
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, timeout=seconds,
                          cwd=cwd, env=env)
    return done.returncode, done.stdout, done.stderr


def fill(server):
    """A thousand sign-ins of the last 1000 s: clients c0 and c1, 100 to 109 ms."""
    lines = "".join(harness.event_line(harness.now_ms() - i * 1000, client=f"c{i % 2}",
                                       measures={"turnaround_time": 100 + i % 10})
                    for i in range(1000))
    answer = harness.post(server.http, "/v1/events", lines, Content_Type="application/x-ndjson")
    check_equal(answer.json()["accepted"], 1000, "accepted")


def drive(*command, env=None):
    """Starts a filled server and the program with the query port; it must say ok."""
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        code, out, err = run(*command, str(server.query[1]), env=env)
        check_equal((code, out), (0, "ok\n"), f"{command[-1]}: {err}")


def packaged(path, package):
    if not os.path.exists(path):
        raise harness.Missing(f"{path} ({package}) is not installed; run tools/setup")
    return path


def psql(server, *arguments, text=None):
    return run(harness.program("psql"), "-X", "-h", server.query[0], "-p", str(server.query[1]),
               "-U", "kpi", "-d", "kpi", *arguments, text=text)


def psql_describes_and_copies():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        script = ("SELECT client, count(*) FROM events GROUP BY client \\gdesc\n"
                  "\\d events\n\\dt\n"
                  "\\copy (SELECT client, count(*) AS n FROM events GROUP BY client ORDER BY client)"
                  f" TO '{directory}/out.csv' CSV HEADER\n"
                  "SELECT count(*) AS n FROM events \\gset\n\\echo counted :n\n")
        code, out, err = psql(server, "-v", "ON_ERROR_STOP=1", "-f", "-", text=script)
        check_equal((code, err), (0, ""), "psql's script")
        for part in ("client | text", "count  | bigint", "turnaround_time", "public | events",
                     "COPY 2", "counted 1000"):
            check(part in out, f"psql's output lacks {part!r}: {out}")
        with open(os.path.join(directory, "out.csv"), encoding="utf-8") as file:
            check_equal(file.read(), "client,n\nc0,500\nc1,500\n", "\\copy")


def psql_fetches_by_count():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        script = ("\\set FETCH_COUNT 7\n"
                  "SELECT * FROM events WHERE turnaround_time = 105;\n"
                  "BEGIN;\nSELECT client FROM events GROUP BY client;\nCOMMIT;\n"
                  "SELECT nonsense FROM events;\nSELECT 1 AS last;\n")
        code, out, err = psql(server, "-At", "-f", "-", text=script)
        check_equal(code, 0, err)
        lines = out.splitlines()
        check_equal((len(lines), lines[100:]), (105, ["BEGIN", "c0", "c1", "COMMIT", "1"]), out)
        check(err.count("ERROR") == 1 and "nonsense" in err, err)


def psql_follows_until_canceled():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        follow = harness.Process([harness.program("psql"), "-X", "-At", "-v", "FETCH_COUNT=0", "-h",
                                  server.query[0], "-p", str(server.query[1]), "-U", "kpi", "-d",
                                  "kpi", "-c", "SET statement_timeout = 100", "-c", "FOLLOW"],
                                 directory, "psql")
        with follow:
            check_equal(follow.line(), "SET", "psql's first answer")
            harness.wait_until(lambda: b"\nkpi_query_follows 1\n" in
                               harness.get(server.http, "/metrics").body, "psql to follow")
            os.kill(follow.child.pid, 2)
            check_equal(follow.child.wait(30), 1, "psql's exit code")
        with open(follow.log_path, encoding="utf-8") as log:
            check("canceling statement due to user request" in log.read(), "psql was not canceled")


def node_modules():
    """node-postgres as package-lock.json pins it, installed once into the build directory."""
    directory = os.environ.get("DRIVERS_DIR") or tempfile.mkdtemp(prefix="kpi-clients-")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(HERE, "package-lock.json"), encoding="utf-8") as file:
        wanted = file.read()
    mark = os.path.join(directory, "installed-lock.json")
    if os.path.exists(mark):
        with open(mark, encoding="utf-8") as file:
            if file.read() == wanted:
                return directory
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), directory)
    code, out, err = run(harness.program("npm"), "ci", "--ignore-scripts", "--no-audit",
                         "--no-fund", cwd=directory)
    if code != 0:
        raise harness.Missing(f"npm could not install node-postgres: {err.strip()[-500:]}{out}")
    with open(mark, "w", encoding="utf-8") as file:
        file.write(wanted)
    return directory


def node_postgres_works():
    modules = os.path.join(node_modules(), "node_modules")
    drive(harness.program("node"), os.path.join(HERE, "node_pg.js"),
          env={**os.environ, "NODE_PATH": modules})


def psycopg2_works():
    packaged("/usr/lib/python3/dist-packages/psycopg2", "python3-psycopg2")
    drive(PYTHON, "-B", os.path.join(HERE, "psycopg2_client.py"))


def psycopg3_works():
    packaged("/usr/lib/python3/dist-packages/psycopg", "python3-psycopg")
    drive(PYTHON, "-B", os.path.join(HERE, "psycopg3_client.py"))


def psycopg3_follows():
    """Each event is printed before the next one is sent, and none that the condition leaves out."""
    packaged("/usr/lib/python3/dist-packages/psycopg", "python3-psycopg")
    with harness.directory() as directory, harness.Server(directory) as server:
        def send(client, rp):
            harness.post(server.http, "/v1/events",
                         harness.event_line(harness.now_ms(), client=client, rp=rp),
                         Content_Type="application/x-ndjson")
            return True

        command = [PYTHON, "-B", os.path.join(HERE, "psycopg3_follow.py"), str(server.query[1])]
        with harness.Process(command, directory, "follow") as follow:
            # When it begins to follow is not seen from here: until then events pass it by.
            harness.wait_until(lambda: send("new", "https://first.example")
                               and not follow.lines.empty(), "the first event")
            check_equal(follow.line(), "https://first.example", "the first row")
            wanted = ("https://first.example", "https://last.example", "ok")
            line = ""
            while line != "ok":
                send("old", "https://other.example")
                send("new", "https://last.example")
                line = follow.line()
                check(line in wanted, f"a row that was not asked for: {line}")
            check_equal(follow.child.wait(30), 0, "the client's exit code")


def jdbc_works():
    driver = packaged(JDBC_DRIVER, "libpostgresql-jdbc-java")
    drive(harness.program("java"), "-Xshare:auto", "-cp", driver,
          os.path.join(HERE, "JdbcClient.java"))


def pgbench_loads_without_an_error():
    with harness.directory() as directory, harness.Server(directory) as server:
        fill(server)
        script = os.path.join(directory, "load.sql")
        with open(script, "w", encoding="utf-8") as file:
            file.write("\\set ms random(100, 109)\n"
                       "SELECT client, count(*), p95(turnaround_time) FROM events "
                       "WHERE turnaround_time >= :ms GROUP BY client;\n")
        for mode in ("simple", "extended", "prepared"):
            code, out, err = run(harness.program("pgbench"), "-n", "-f", script, "-M", mode, "-c",
                                 "20", "-j", "2", "-t", "25", "-h", server.query[0], "-p",
                                 str(server.query[1]), "-U", "kpi", "kpi")
            check(code == 0 and "number of transactions actually processed: 500/500" in out,
                  f"pgbench -M {mode}: {out} {err}")
            check("number of failed transactions: 0 " in out, f"pgbench -M {mode}: {out}")


if __name__ == "__main__":
    harness.main(psql_describes_and_copies, psql_fetches_by_count, psql_follows_until_canceled,
                 node_postgres_works, psycopg2_works, psycopg3_works, psycopg3_follows, jdbc_works,
                 pgbench_loads_without_an_error)
