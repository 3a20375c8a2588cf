"""Who may ask: users, passwords, TLS, peer credentials and roles, with real clients."""

import base64
import concurrent.futures
import contextlib
import os
import pty
import pwd
import signal
import socket
import struct
import subprocess

from harness import (Client, Missing, Server, binary, check, check_equal, directory, event_line,
                     get, main, post, program, request, wait_until)

ADMIN_PASSWORD, READER_PASSWORD = "correct horse battery", "staple of pencils"
OTHER_USER = "nobody"
MILESTONE = "CREATE MILESTONE 'v42' AT '2026-11-10T09:00Z'"


def run(arguments, **options):
    options.setdefault("env", clean_environment())
    return subprocess.run(arguments, stdin=options.pop("stdin", subprocess.DEVNULL),
                          capture_output=True, text=True, timeout=60, **options)


def clean_environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "KPI_"))}
    return {**kept, "HOME": "/nonexistent", "LC_ALL": "C", **more}


def admin(*arguments, password=None):
    return subprocess.run([binary("kpi-admin"), *arguments], input=password, capture_output=True,
                          text=True, timeout=60, env=clean_environment())


def add_user(users, name, password, role, *more):
    done = admin("user", "add", name, "--role", role, "--users", users, "--password-file", "-",
                 *more, password=password + "\n")
    check_equal(done.returncode, 0, f"adding {name} ({done.stderr})")


def make_users(path):
    users = os.path.join(path, "users")
    add_user(users, "root.admin", ADMIN_PASSWORD, "admin")
    add_user(users, "dash", READER_PASSWORD, "reader")
    done = admin("user", "add", OTHER_USER, "--peer", OTHER_USER, "--users", users)
    check_equal(done.returncode, 0, "adding a peer")
    return users


def make_certificate(path, name="server", authority="ca"):
    """A certificate for 127.0.0.1 from an authority of our own; (certificate, key, authority)."""
    openssl = program("openssl")
    file = lambda kind: os.path.join(path, kind)
    ca_key, ca = file(authority + ".key"), file(authority + ".pem")
    if not os.path.exists(ca):
        subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        "/CN=test authority", "-keyout", ca_key, "-out", ca],
                       check=True, capture_output=True)
    key, certificate, wish = file(name + ".key"), file(name + ".pem"), file(name + ".csr")
    subprocess.run([openssl, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", wish],
                   check=True, capture_output=True)
    subprocess.run([openssl, "x509", "-req", "-in", wish, "-CA", ca, "-CAkey", ca_key,
                    "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out",
                    certificate], check=True, capture_output=True)
    os.chmod(key, 0o600)
    return certificate, key, ca


def psql(server, statement, user="dash", password=None, host=None, as_user=None, **conninfo):
    words = {"host": host or server.query[0], "user": user, "dbname": "kpi",
             "connect_timeout": "20", **conninfo}
    if not (host or "").startswith("/"):
        words["port"] = str(server.query[1])
    environment = clean_environment(**({"PGPASSWORD": password} if password else {}))
    prefix = [program("setpriv"), "--reuid", as_user, "--clear-groups"] if as_user else []
    text = " ".join(f"{name}={value}" for name, value in words.items())
    return run([*prefix, program("psql"), "-XwAt", text, "-c", statement], env=environment)


def check_logged_in(done, expected):
    check_equal((done.returncode, done.stdout.strip()), (0, expected), done.stderr)


def check_refused(done, *messages):
    check(done.returncode != 0, f"this was let in: {done.stdout}")
    for message in messages:
        check(message in done.stderr, f"{done.stderr!r} does not say {message!r}")


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def ask(address, statement="SELECT count(*) FROM events", **headers):
    return post(address, "/v1/query", statement, Content_Type="application/sql", **headers)


def check_problem(answer, status, kind):
    check_equal((answer.status, answer.headers.get("content-type")),
                (status, "application/problem+json"), answer.body)
    check_equal(answer.json()["type"], "urn:kpistore:problem:" + kind, "the problem's type")


def reload(server, word):
    """SIGHUP, then waits for the log to say `word` once more than before."""
    def count():
        with open(server.log_path, encoding="utf-8") as log:
            return log.read().count(word)
    before = count()
    server.child.send_signal(signal.SIGHUP)
    wait_until(lambda: count() > before, f"'{word}' in the log")


def passwords_over_tcp():
    with directory() as path, Server(path, "--users", make_users(path)) as server:
        check_logged_in(psql(server, "SELECT current_user", password=READER_PASSWORD), "dash")
        check_logged_in(psql(server, "SHOW is_superuser", password=READER_PASSWORD), "off")
        check_logged_in(psql(server, "SHOW is_superuser", "root.admin", ADMIN_PASSWORD), "on")
        failed = 'password authentication failed for user "dash"'
        check_refused(psql(server, "SELECT 1", password="wrong"), failed)
        check_refused(psql(server, "SELECT 1", password=ADMIN_PASSWORD), failed)
        check_refused(psql(server, "SELECT 1", "mallory", "wrong"),
                      'password authentication failed for user "mallory"')
        check_refused(psql(server, "SELECT 1", OTHER_USER, "wrong"), "password authentication")
        check_refused(psql(server, "SELECT 1"), "no password supplied")
        check_refused(psql(server, "SELECT 1", password=READER_PASSWORD, sslmode="require"),
                      "server does not support SSL")
        page = get(server.http, "/metrics").body.decode()
        check("kpi_query_logins_failed_total 4" in page, "failed logins are not counted as 4")


def psycopg2_logs_in():
    """Through the system's Python: Debian's package is not in every other one."""
    script = """
import sys, psycopg2
host, port, password, wrong = sys.argv[1:]
connection = psycopg2.connect(host=host, port=port, user="dash", password=password, dbname="kpi")
cursor = connection.cursor()
cursor.execute("SELECT count(*) FROM events")
print(cursor.fetchone()[0])
try:
    psycopg2.connect(host=host, port=port, user="dash", password=wrong, dbname="kpi")
except psycopg2.OperationalError as error:
    print("password authentication failed" in str(error))
"""
    with directory() as path, Server(path, "--users", make_users(path)) as server:
        done = run(["/usr/bin/python3", "-c", script, server.query[0], str(server.query[1]),
                    READER_PASSWORD, "wrong"])
        check_equal(done.stdout.split(), ["0", "True"], done.stderr)


def readers_change_nothing():
    with directory() as path, Server(path, "--users", make_users(path)) as server:
        for statement in (MILESTONE, "DROP MILESTONE 'v42'"):
            refused = psql_verbose(server, statement, READER_PASSWORD)
            check("ERROR:  42501" in refused, refused)
        refused = ask(server.http, MILESTONE, Authorization=basic("dash", READER_PASSWORD))
        check_problem(refused, 403, "permission-denied")
        shown = lambda: psql(server, "SHOW MILESTONES", password=READER_PASSWORD).stdout
        check_equal(shown(), "", "milestones")
        check_equal(psql(server, MILESTONE, "root.admin", ADMIN_PASSWORD).returncode, 0, "admin")
        check("v42" in shown(), "the admin's milestone")
        dropped = ask(server.http, "DROP MILESTONE 'v42'",
                      Authorization=basic("root.admin", ADMIN_PASSWORD))
        check_equal(dropped.status, 200, dropped.body)
        check_equal(shown(), "", "milestones at the end")


def psql_verbose(server, statement, password):
    environment = clean_environment(PGPASSWORD=password)
    text = f"host={server.query[0]} port={server.query[1]} user=dash dbname=kpi"
    return subprocess.run([program("psql"), "-XwAt", "-v", "VERBOSITY=verbose", text],
                          input=statement + ";\n", capture_output=True, text=True, timeout=60,
                          env=environment).stderr


def tls_with_psql():
    with directory() as path:
        certificate, key, authority = make_certificate(path)
        _, _, stranger = make_certificate(path, "other", "stranger")
        with Server(path, "--users", make_users(path), "--tls-cert", certificate, "--tls-key", key,
                    "--tls-required") as server:
            ask_with = lambda **words: psql(server, "SELECT current_user",
                                            password=READER_PASSWORD, **words)
            check_logged_in(ask_with(sslmode="require"), "dash")
            check_logged_in(ask_with(sslmode="require", channel_binding="require"), "dash")
            check_logged_in(ask_with(sslmode="require", channel_binding="disable"), "dash")
            check_logged_in(ask_with(sslmode="verify-full", sslrootcert=authority), "dash")
            check_logged_in(ask_with(sslmode="verify-full", sslrootcert=authority,
                                     ssl_max_protocol_version="TLSv1.2"), "dash")
            check_refused(ask_with(sslmode="verify-full", sslrootcert=stranger), "certificate")
            check_refused(ask_with(sslmode="disable"), "without TLS")
            check_refused(psql(server, "SELECT 1", password="wrong", sslmode="require"),
                          "password authentication failed")
            events = "".join(event_line(1792454400000 + i, client=f"client-{i}")
                             for i in range(20_000))
            check_equal(post(server.http, "/v1/events", events).status, 200, "20,000 events")
            rows = psql(server, "SELECT client, count(*) FROM events GROUP BY client",
                        password=READER_PASSWORD, sslmode="require").stdout.splitlines()
            check_equal(len(set(rows)), 20_000, "rows of an answer of many TLS records")


def kpi_query_logs_in():
    with directory() as path:
        certificate, key, authority = make_certificate(path)
        passfile = os.path.join(path, "pgpass")
        with Server(path, "--users", make_users(path), "--tls-cert", certificate, "--tls-key",
                    key) as server:
            def query(**environment):
                return run([binary("kpi-query"), "-h", server.query[0], "-p", str(server.query[1]),
                            "-U", "dash", "--no-header", "SELECT current_user"],
                           env=clean_environment(**environment))
            good = {"PGPASSWORD": READER_PASSWORD}
            check_logged_in(query(**good), "dash")
            check_logged_in(query(**good, PGSSLMODE="require"), "dash")
            check_logged_in(query(**good, PGSSLMODE="verify-full", PGSSLROOTCERT=authority),
                            "dash")
            with open(passfile, "w", encoding="utf-8") as file:
                file.write(f"*:*:*:dash:{READER_PASSWORD}\n")
            os.chmod(passfile, 0o600)
            check_logged_in(query(PGPASSFILE=passfile), "dash")
            wrong = query(PGPASSWORD="wrong")
            check_equal(wrong.returncode, 4, wrong.stderr)
            check_equal(query().returncode, 4, "the exit code without a password")
            check(READER_PASSWORD not in wrong.stderr, "a password in a message")


def ssl_request(connection):
    connection.sendall(struct.pack(">II", 8, 80877103))
    return connection.recv(1)


def closed_with(connection):
    """All that comes until the server closes."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(4096):
            data += piece
    return data


def bytes_before_the_handshake_are_refused():
    startup = struct.pack(">II", 22, 196608) + b"user\0dash\0\0\0\0"
    with directory() as path:
        certificate, key, _ = make_certificate(path)
        with Server(path, "--tls-cert", certificate, "--tls-key", key) as server:
            with socket.create_connection(server.query, 20) as connection:
                connection.sendall(struct.pack(">II", 8, 80877103) + startup)
                data = closed_with(connection)
                check(data[:1] == b"E" and b"unencrypted data after SSLRequest" in data, data)
            with socket.create_connection(server.query, 20) as connection:
                check_equal(ssl_request(connection), b"S", "the answer to SSLRequest")
                connection.sendall(startup)  # No handshake: TLS knows nothing of it.
                check(b"R\0\0\0\x08" not in closed_with(connection), "a login without TLS")
            with socket.create_connection(server.query, 20) as connection:
                connection.sendall(struct.pack(">II", 8, 80877104))
                check_equal(connection.recv(1), b"N", "the answer to GSSENCRequest")
                check_equal(ssl_request(connection), b"S", "SSLRequest behind it")
        with Server(path, data_dir=os.path.join(path, "plain")) as server:
            with socket.create_connection(server.query, 20) as connection:
                check_equal(ssl_request(connection), b"N", "without a certificate")
                connection.sendall(struct.pack(">II", 8, 80877103))
                check(b"asked for twice" in closed_with(connection), "SSLRequest twice")


def hostile_logins():
    """Messages out of order, too long, of other kinds: refused with a reason, and the server lives."""
    startup = struct.pack(">II", 22, 196608) + b"user\0dash\0\0\0\0"
    password = lambda body: b"p" + struct.pack(">I", 4 + len(body)) + body
    first = b"n,,n=,r=abc"
    initial = b"SCRAM-SHA-256\0" + struct.pack(">I", len(first)) + first
    cases = [b"Q" + struct.pack(">I", 13) + b"SELECT 1\0", password(b""), password(b"secret\0"),
             password(b"SCRAM-SHA-256-PLUS\0" + initial[14:]), password(b"MD5\0" + initial[4:]),
             password(initial[:-1]), password(initial + b"x"), b"p" + struct.pack(">I", 3),
             b"p" + struct.pack(">I", 1 << 30), password(initial) + password(b"c=biws,r=abc,p="),
             password(initial) + password(initial), b"\xff" * 64]
    with directory() as path, Server(path, "--users", make_users(path)) as server:
        for case in cases:
            with socket.create_connection(server.query, 20) as connection:
                connection.sendall(startup + case)
                data = closed_with(connection)
                check(b"SFATAL\0" in data and (b"C08P01\0" in data or b"C54000\0" in data),
                      (case[:40], data))
                check(b"R\0\0\0\x08\0\0\0\0" not in data, "logged in")
        check_logged_in(psql(server, "SELECT current_user", password=READER_PASSWORD), "dash")


def peers_on_the_unix_socket():
    if os.geteuid() != 0:
        raise Missing("this test must run as root to become another user")
    with directory() as path:
        os.chmod(path, 0o755)
        sockets = os.path.join(path, "q")
        os.mkdir(sockets)
        with Server(path, "--users", make_users(path), "--query", "unix:" + sockets) as server:
            os.chmod(os.path.join(sockets, ".s.PGSQL.5432"), 0o666)
            number = str(pwd.getpwnam(OTHER_USER).pw_uid)
            ask_as = lambda user, **words: psql(server, "SHOW is_superuser", user, host=sockets,
                                                **words)
            check_logged_in(ask_as("root.admin"), "on")
            check_logged_in(ask_as("anybody"), "on")  # Root is admin by any name.
            check_logged_in(ask_as(OTHER_USER, as_user=number), "off")
            check_refused(ask_as("root.admin", as_user=number), "no password supplied")
            check_logged_in(ask_as("root.admin", as_user=number, password=ADMIN_PASSWORD), "on")
            check_refused(ask_as("mallory", as_user=number, password="x"),
                          "password authentication failed")


def addresses_beyond_loopback():
    with directory() as path:
        done = run([binary("kpi-server"), "--data-dir", path, "--query", "0.0.0.0:0"])
        check_equal(done.returncode, 2, done.stderr)
        check("no users are configured" in done.stderr, done.stderr)
        with Server(path, "--query", "0.0.0.0:0", "--users", make_users(path)) as server:
            server.query = ("127.0.0.1", server.query[1])
            check_refused(psql(server, "SELECT 1"), "no password supplied")
            check_logged_in(psql(server, "SELECT current_user", password=READER_PASSWORD), "dash")
            with open(server.log_path, encoding="utf-8") as log:
                check("clear_text" in log.read(), "no warning of clear text")
        with Server(path, "--http", "0.0.0.0:0") as server:
            remote = ("127.0.0.1", server.http[1])
            check_problem(ask(remote), 403, "no-users")
            for target in ("", "/count", "/last", "/stream"):
                check_problem(get(remote, "/wsapi/interaction_data" + target), 403, "no-users")
            check_equal(get(remote, "/metrics").status, 200, "metrics")
            check_equal(get(remote, "/healthz").status, 200, "healthz")
            check_equal(ask(server.http_socket).status, 200, "the Unix socket")


def http_passwords():
    with directory() as path, Server(path, "--users", make_users(path)) as server:
        for address in (server.http, server.http_socket):
            refused = ask(address)
            check_problem(refused, 401, "unauthorized")
            check_equal(refused.headers["www-authenticate"],
                        'Basic realm="kpistore", charset="UTF-8"', "the challenge")
            check_equal(ask(address, Authorization=basic("dash", READER_PASSWORD)).status, 200, "")
        good = basic("dash", READER_PASSWORD)
        for wrong in (basic("dash", "wrong"), basic("mallory", READER_PASSWORD),
                      basic(OTHER_USER, ""), basic("", ""), "Basic", "Basic !!!!", "Bearer x",
                      "Basic " + base64.b64encode(b"no colon").decode(), good[:-1], good + "="):
            check_problem(ask(server.http, Authorization=wrong), 401, "unauthorized")
        check_equal(ask(server.http, Authorization=good.replace("Basic", "bASIC ")).status, 200,
                    "another spelling")
        twice = f"{good}\r\nAuthorization: {good}"
        check_equal(ask(server.http, Authorization=twice).status, 400, "two of them")
        for target in ("/count", "/last", "/stream"):
            check_problem(get(server.http, "/wsapi/interaction_data" + target), 401, "unauthorized")
        counted = get(server.http, "/wsapi/interaction_data/count", Authorization=good)
        check_equal(counted.status, 200, counted.body)
        for open_path in ("/metrics", "/healthz", "/readyz", "/wsapi/ping"):
            check_equal(get(server.http, open_path).status, 200, open_path)
        report = post(server.http, "/v1/events", '{"time":1792454400123}\n')
        check_equal(report.status, 200, "reports need no password")


def http_requests_in_order():
    """Pipelined requests, some of whose passwords take a derivation: answers come in their order."""
    with directory() as path, Server(path, "--users", make_users(path)) as server:
        def asking(password):
            return request("POST", "/v1/query", "SELECT count(*) FROM events",
                           Authorization=basic("dash", password))
        with Client(server.http) as client:
            wanted = [200, 401, 200, 200, 401, 200]
            requests = [asking(READER_PASSWORD), asking("wrong"), request("GET", "/healthz"),
                        asking(READER_PASSWORD), asking("again"), request("GET", "/metrics")]
            check_equal([answer.status for answer in client.pipeline(requests)], wanted, "order")


def guesses_do_not_lock_out():
    """A flood of guesses is bounded, and one who is known goes on."""
    with directory() as path, Server(path, "--users", make_users(path)) as server:
        good = basic("dash", READER_PASSWORD)
        check_equal(ask(server.http, Authorization=good).status, 200, "before")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            guess = lambda i: ask(server.http, Authorization=basic("dash", f"guess {i}")).status
            statuses = list(pool.map(guess, range(400)))
        check(set(statuses) <= {401, 503}, set(statuses))
        check(503 in statuses, "400 guesses at once were all checked")
        check_equal(ask(server.http, Authorization=good).status, 200, "after")


def users_change_while_it_runs():
    with directory() as path:
        users = make_users(path)
        with Server(path, "--users", users) as server:
            asking = lambda: psql(server, "SELECT current_user", password=READER_PASSWORD)
            over_http = lambda: ask(server.http, Authorization=basic("dash", READER_PASSWORD))
            check_logged_in(asking(), "dash")
            check_equal(over_http().status, 200, "before")
            check_equal(admin("user", "remove", "dash", "--users", users).returncode, 0, "remove")
            check_logged_in(asking(), "dash")  # Not read yet.
            reload(server, "reloaded")
            check_refused(asking(), "password authentication failed")
            check_equal(over_http().status, 401, "after")
            with open(users, "a", encoding="utf-8") as file:
                file.write("broken\n")
            reload(server, "reload_failed")
            with open(server.log_path, encoding="utf-8") as log:
                check(f"{users}:3:" in log.read(), "the log does not name the line")
            check_logged_in(psql(server, "SELECT current_user", "root.admin", ADMIN_PASSWORD),
                            "root.admin")


def certificates_change_while_it_runs():
    with directory() as path:
        certificate, key, authority = make_certificate(path)
        with Server(path, "--tls-cert", certificate, "--tls-key", key) as server:
            verify = lambda root: psql(server, "SELECT 1", sslmode="verify-ca", sslrootcert=root)
            check_logged_in(verify(authority), "1")
            new_certificate, new_key, stranger = make_certificate(path, "new", "stranger")
            os.replace(new_certificate, certificate)
            reload(server, "reload_failed")  # The key is still the old one.
            check_logged_in(verify(authority), "1")
            os.replace(new_key, key)
            reload(server, "reloaded")
            check_logged_in(verify(stranger), "1")
            check_refused(verify(authority), "certificate")


def files_that_cannot_be_used():
    with directory() as path:
        certificate, key, _ = make_certificate(path)
        _, other_key, _ = make_certificate(path, "other")
        users = make_users(path)
        broken, missing = os.path.join(path, "broken"), os.path.join(path, "missing")
        with open(broken, "w", encoding="utf-8") as file:
            file.write("# users\nalice admin\n")
        os.chmod(broken, 0o600)
        readable = os.path.join(path, "readable")
        with open(users, encoding="utf-8") as source, open(readable, "w", encoding="utf-8") as out:
            out.write(source.read())
        os.chmod(readable, 0o644)
        cases = [(["--users", broken], f"{broken}:2:"), (["--users", missing], missing),
                 (["--users", readable], readable),
                 (["--tls-cert", certificate], "tls-key"), (["--tls-required"], "tls-cert"),
                 (["--tls-cert", missing, "--tls-key", key], missing),
                 (["--tls-cert", certificate, "--tls-key", missing], missing),
                 (["--tls-cert", key, "--tls-key", key], key),
                 (["--tls-cert", certificate, "--tls-key", other_key], other_key)]
        for arguments, named in cases:
            for extra in ([], ["--check-config"]):
                done = run([binary("kpi-server"), "--data-dir", os.path.join(path, "data"),
                            "--http", "127.0.0.1:0", "--query", "127.0.0.1:0", *arguments, *extra])
                check_equal(done.returncode, 2, (arguments, done.stderr))
                check(named in done.stderr, f"{done.stderr} does not name {named}")
                check("SCRAM-SHA-256$4096" not in done.stderr, "a verifier in a message")


def kpi_admin_users():
    with directory() as path:
        users = os.path.join(path, "users")
        command = lambda *words, **more: admin("user", *words, "--users", users, **more)
        add_user(users, "alice", "one", "reader")
        check_equal(os.stat(users).st_mode & 0o777, 0o600, "the mode of a new file")
        again = command("add", "alice", "--password-file", "-", password="two\n")
        check_equal(again.returncode, 1, "adding twice")
        before = open(users, encoding="utf-8").read()
        check("alice reader SCRAM-SHA-256$4096:" in before, before)
        with open(users, "a", encoding="utf-8") as file:
            file.write("# a comment\n")
        add_user(users, "alice", "two", "admin", "--replace")
        after = open(users, encoding="utf-8").read()
        check(after != before and after.endswith("# a comment\n") and "alice admin" in after, after)
        listed = command("list")
        check_equal(listed.stdout, "alice\tadmin\tpassword\n", "the list")
        for words, code in ((("remove", "bob"), 1), (("remove", "alice"), 0),
                            (("remove", "alice"), 1), (("add", "al ice"), 1),
                            (("add", "bob", "--password-file", users + ".none"), 2),
                            (("add",), 2), (("add", "bob", "--role", "king"), 2),
                            (("add", "bob", "--password", "secret"), 2)):
            done = command(*words)
            check_equal(done.returncode, code, (words, done.stderr))
        check_equal(command("list").stdout, "", "the list at the end")
        names = [f"u{i}" for i in range(8)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: add_user(users, name, "x", "reader"), names))
        check_equal(command("list").stdout.split()[::3], names, "users added at a time")


def at_a_terminal(arguments, answers):
    """Runs a program whose terminal answers each prompt; (exit code, what the terminal showed)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(arguments[0], arguments, clean_environment())
    shown = b""
    try:
        for prompt, answer in answers:
            while prompt not in shown[-len(prompt) - 40:]:
                shown += os.read(terminal, 4096)
            os.write(terminal, answer)
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        pass  # The program has ended.
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def passwords_at_a_terminal():
    with directory() as path:
        users = os.path.join(path, "users")
        add = [binary("kpi-admin"), "user", "add", "dash", "--users", users]
        first, again = b"Password of dash: ", b"Again: "
        code, shown = at_a_terminal(add, [(first, b"planted\n"), (again, b"other\n")])
        check_equal((code, os.path.exists(users)), (1, False), shown)
        check("differ" in shown and "planted" not in shown, shown)
        code, shown = at_a_terminal(add, [(first, b"planted\x03")])
        check_equal((code, os.path.exists(users)), (130, False), shown)
        typed = b"wrong\x15" + READER_PASSWORD.encode() + b"x\x7f\n"  # Ctrl-U, backspace.
        code, shown = at_a_terminal(add, [(first, typed), (again, typed)])
        check_equal(code, 0, shown)
        check(READER_PASSWORD not in shown, "the password was echoed")
        with Server(path, "--users", users) as server:
            ask_dash = [binary("kpi-query"), "-h", server.query[0], "-p", str(server.query[1]),
                        "-U", "dash", "SELECT current_user"]
            check_logged_in(psql(server, "SELECT current_user", password=READER_PASSWORD), "dash")
            code, shown = at_a_terminal(ask_dash, [(b"assword", READER_PASSWORD.encode() + b"\n")])
            check_equal(code, 0, shown)
            check("dash" in shown and READER_PASSWORD not in shown, shown)


def secrets_stay_secret():
    """Neither passwords nor verifiers in logs, metrics, the store or messages."""
    with directory() as path:
        certificate, key, _ = make_certificate(path)
        users = make_users(path)
        with Server(path, "--users", users, "--tls-cert", certificate, "--tls-key", key,
                    "--log-level", "debug") as server:
            authorization = basic("dash", READER_PASSWORD)
            psql(server, "SELECT 1", password=READER_PASSWORD)
            psql(server, "SELECT 1", password="planted-wrong-password")
            ask(server.http, Authorization=authorization)
            ask(server.http, Authorization=basic("dash", "planted-wrong-password"))
            post(server.http, "/v1/events", '{"time":1792454400123}\n',
                 Authorization=authorization)
            reload(server, "reloaded")
            page = get(server.http, "/metrics").body
            check_equal(server.stop(), 0, "the exit code")
        with open(users, encoding="utf-8") as file:
            verifiers = [word for word in file.read().split() if word.startswith("SCRAM-")]
        secrets = [READER_PASSWORD, "planted-wrong-password", authorization.split()[1],
                   *[part for word in verifiers for part in word.split("$")[2].split(":")]]
        found = [page]
        for folder, _, names in os.walk(server.data_dir):
            found += [open(os.path.join(folder, name), "rb").read() for name in names]
        found.append(open(server.log_path, "rb").read())
        check(len(found) > 5 and b"login_failed" in found[-1], "nothing was searched")
        for secret in secrets:
            check(not any(secret.encode() in data for data in found), f"{secret} was found")


if __name__ == "__main__":
    main(passwords_over_tcp, psycopg2_logs_in, readers_change_nothing, tls_with_psql,
         kpi_query_logs_in, bytes_before_the_handshake_are_refused, hostile_logins,
         peers_on_the_unix_socket, addresses_beyond_loopback, http_passwords,
         http_requests_in_order, guesses_do_not_lock_out, users_change_while_it_runs,
         certificates_change_while_it_runs, files_that_cannot_be_used, kpi_admin_users,
         passwords_at_a_terminal, secrets_stay_secret)
