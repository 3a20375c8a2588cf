"""What the tests of kpi-query share: a server with the sample events, the client as a process, and
the client at a pseudo-terminal. Programs that use it are called with KPI_QUERY TEST_SERVER.
"""
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

KPI_QUERY, TEST_SERVER = sys.argv[1:3]
RPS = "SELECT rp, count(*) AS n, success_rate() AS rate FROM events GROUP BY rp ORDER BY rp"
ENDLESS = "SELECT p50(slow) FROM events"
LIMIT_S = 30


def clean_environment(**extra):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k != "NO_COLOR"}
    return {**env, "LC_ALL": "C.UTF-8", **extra}


class ServerCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="kpi-client-")
        cls.server = subprocess.Popen([TEST_SERVER, cls.dir], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        cls.port = cls.server.stdout.readline().strip()

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        assert cls.server.wait(LIMIT_S) == 0
        cls.server.stdout.close()
        shutil.rmtree(cls.dir)

    def query(self, *args, stdin="", env=None, server=True):
        where = ["-h", "127.0.0.1", "-p", self.port] if server else []
        done = subprocess.run([KPI_QUERY, *where, *args], input=stdin, capture_output=True,
                              text=True, timeout=LIMIT_S, env=env or clean_environment())
        return done.returncode, done.stdout, done.stderr


class Terminal:
    """kpi-query at a pseudo-terminal."""

    def __init__(self, *args, rows=50, columns=100, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(KPI_QUERY, [KPI_QUERY, *args], clean_environment(**{"TERM": "dumb", **env}))
        self.text = ""
        self.everything = ""

    def expect(self, pattern):
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.fd], [], [], LIMIT_S)
            assert ready, f"no {pattern!r} in {self.text!r}"
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            assert data, f"no {pattern!r} in {self.text!r}"
            self.text += data.decode(errors="replace")
            self.everything += data.decode(errors="replace")
        self.text = self.text[found.end():]
        return found

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self):
        self.text = ""
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
