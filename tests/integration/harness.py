"""What the integration tests share: real processes on free loopback ports, a small HTTP client
with pipelining, and queries. Standard library only; nothing sleeps, everything has a deadline."""

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

START_SECONDS = 30
STOP_SECONDS = 30
ANSWER_SECONDS = 30
VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors")


class Missing(Exception):
    """A program that the test needs is not there; the message says which."""


def binary(name):
    """A program of this build: in $KPI_BIN, which ctest sets."""
    directory = os.environ.get("KPI_BIN")
    if not directory:
        raise Missing("KPI_BIN must name the directory with kpi-server")
    path = os.path.join(directory, name)
    if not os.access(path, os.X_OK):
        raise Missing(f"{path} is not built")
    return path


def program(name):
    """A program of the system, or one clear line."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin")
    if path is None:
        raise Missing(f"'{name}' is not installed; run tools/setup")
    return path


def wait_until(condition, what, seconds=START_SECONDS):
    """Calls condition() until it is true. Pauses on an event nobody sets, a little longer each
    time, so that a busy machine is not kept busy by the waiting."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    step = 0.001
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s still not: {what}")
        pause.wait(step)
        step = min(step * 2, 0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def can_connect(address):
    try:
        connect(address, 1).close()
        return True
    except OSError:
        return False


def connect(address, timeout=ANSWER_SECONDS):
    """address: (host, port), or the path of a Unix socket."""
    if isinstance(address, str):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        connection.connect(address)
        return connection
    connection = socket.create_connection(address, timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Process:
    """A child that is stopped by its pid, whatever happens."""

    def __init__(self, arguments, directory, name):
        self.name = name
        self.log_path = os.path.join(directory, name + ".log")
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=log)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with self.child.stdout as out:
            for line in out:
                self.lines.put(line.decode("utf-8", "replace").rstrip("\n"))
        self.lines.put(None)

    def line(self, seconds=START_SECONDS):
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"{self.name} printed nothing for {seconds} s") from None
        if line is None:
            raise RuntimeError(f"{self.name} ended with {self.child.wait(STOP_SECONDS)}: "
                               f"{self.last_log()}")
        return line

    def last_log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return " | ".join(log.read().strip().splitlines()[-3:])

    def alive(self):
        return self.child.poll() is None

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait(STOP_SECONDS)

    def stop(self):
        """SIGTERM; the exit code."""
        if self.alive():
            self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"{self.name} did not stop within {STOP_SECONDS} s") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.alive():
            with contextlib.suppress(TimeoutError):
                self.stop()


class Server(Process):
    """A running kpi-server. http and query are (host, port); http_socket is a path."""

    def __init__(self, directory, *options, data_dir=None):
        self.data_dir = data_dir or os.path.join(directory, "data")
        self.http_socket = os.path.join(directory, "http.sock")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.http_socket)  # A killed server leaves its own behind.
        super().__init__(self.command([
            binary("kpi-server"), "--data-dir", self.data_dir,
            "--http", "127.0.0.1:0", "--http", "unix:" + self.http_socket,
            "--query", "127.0.0.1:0", *options]), directory, "kpi-server")
        self.http = self.query = None
        try:
            self._wait_ready()
        except Exception:
            if self.alive():
                self.kill()
            raise

    def command(self, arguments):
        """What is run: a test may put another program in front."""
        return arguments

    def _wait_ready(self):
        while (line := self.line()) != "ready":
            words = line.split()
            if len(words) == 3 and words[0] == "listening" and ":" in words[2]:
                host, _, port = words[2].rpartition(":")
                if host != "unix" and port.isdigit():
                    setattr(self, words[1], (host, int(port)))
        if not self.http or not self.query:
            raise RuntimeError("kpi-server was ready without naming its sockets")

    def rows(self, statement):
        """The rows of one statement over HTTP, each a dict."""
        return rows(self.http, statement)

    def value(self, statement):
        """The one value of a statement that answers one row with one column."""
        (row,) = self.rows(statement)
        (value,) = row.values()
        return value


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """One keep-alive HTTP/1.1 connection."""

    def __init__(self, address, timeout=ANSWER_SECONDS):
        self.socket = connect(address, timeout)
        self.input = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, body=True):
        """The next answer, or its head alone; interim ones (1xx) are passed over."""
        while True:
            start = self.input.readline()
            if not start:
                raise ConnectionError("the server closed the connection")
            status = int(start.split()[1])
            headers = {}
            while (line := self.input.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.strip().lower()] = value.strip()
            if status >= 200:
                return Answer(status, headers, self._body(status, headers) if body else b"")

    def _body(self, status, headers):
        if status in (204, 304):
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.input.readline().split(b";")[0], 16):
                body += self.input.read(size)
                self.input.readline()
            self.input.readline()
            return body
        length = headers.get("content-length")
        body = self.input.read() if length is None else self.input.read(int(length))
        if length is not None and len(body) != int(length):
            raise ConnectionError("the connection broke within an answer")
        return body

    def request(self, method, path, body=b"", **headers):
        self.send(request(method, path, body, **headers))
        return self.receive()

    def pipeline(self, requests):
        """Sends all of them, then reads as many answers."""
        self.send(b"".join(requests))
        return [self.receive() for _ in requests]

    def close(self):
        self.input.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request(method, path, body=b"", **headers):
    """The bytes of a request; header names with _ for -."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"{method} {path} HTTP/1.1", "Host: idp.example"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def post(address, path, body, **headers):
    with Client(address) as client:
        return client.request("POST", path, body, **headers)


def get(address, path, **headers):
    with Client(address) as client:
        return client.request("GET", path, **headers)


def rows(http, statement):
    answer = post(http, "/v1/query", statement, Content_Type="application/sql",
                  Accept="application/json")
    if answer.status != 200:
        raise RuntimeError(f"{statement}: {answer.status} {answer.body.decode(errors='replace')}")
    return answer.json()


def vector(name):
    """The bytes of one of the example requests."""
    with open(os.path.join(VECTORS, name + ".http"), "rb") as file:
        return file.read()


@contextlib.contextmanager
def directory():
    """A new directory, short enough for socket paths, gone afterwards."""
    path = tempfile.mkdtemp(prefix="kpi-", dir="/tmp")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def event_line(time_ms, rp="https://rp.example", client="c", outcome="success", measures=None,
               **more):
    event = {"time": time_ms, "rp": rp, "client": client, "outcome": outcome,
             "measures": measures or {}, **more}
    return json.dumps(event, separators=(",", ":")) + "\n"


def now_ms():
    return time.time_ns() // 1_000_000


def main(*tests):
    """Runs the tests whose name is an argument, or all; one line each."""
    wanted = sys.argv[1:]
    failed = ran = 0
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        begin = time.monotonic()
        ran += 1
        try:
            test()
            print(f"ok      {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
        except Missing as error:
            print(f"failed  {test.__name__}: {error}", flush=True)
            failed += 1
        except Exception:  # Everything a test can raise is a failed test.
            import traceback
            print(f"failed  {test.__name__}\n{traceback.format_exc()}", flush=True)
            failed += 1
    sys.exit(1 if failed or not ran else 0)


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def check_equal(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r}, expected {expected!r}")
