"""Front proxies as the tests run them: nginx and HAProxy, each with a TCP and a Unix upstream."""

import os

from harness import Process, can_connect, free_port, program, wait_until


class Proxy(Process):
    """tcp and unix are the (host, port) whose upstream is the server's TCP or Unix socket."""

    def __init__(self, directory, name, server, arguments, template):
        self.tcp, self.unix = ("127.0.0.1", free_port()), ("127.0.0.1", free_port())
        config = os.path.join(directory, name + ".conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(template.format(directory=directory, upstream_port=server.http[1],
                                       upstream_path=server.http_socket, tcp_port=self.tcp[1],
                                       unix_port=self.unix[1]))
        super().__init__([part.format(config=config, directory=directory) for part in arguments],
                         directory, name)
        try:
            wait_until(lambda: self._listening(), f"{name} listens")
        except Exception:
            self.stop()
            raise

    def _listening(self):
        if not self.alive():
            raise RuntimeError(f"{self.name} ended: {self.last_log()}")
        return can_connect(self.tcp) and can_connect(self.unix)


NGINX = """
daemon off;
master_process off;
error_log stderr warn;
pid {directory}/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {directory}/nginx-body;
  proxy_temp_path {directory}/nginx-proxy;
  fastcgi_temp_path {directory}/nginx-fastcgi;
  uwsgi_temp_path {directory}/nginx-uwsgi;
  scgi_temp_path {directory}/nginx-scgi;
  client_max_body_size 64m;
  keepalive_requests 1000000;
  upstream by_tcp {{ server 127.0.0.1:{upstream_port}; keepalive 16; }}
  upstream by_unix {{ server unix:{upstream_path}; keepalive 16; }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Cookie "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Request-ID $request_id;
  server {{ listen 127.0.0.1:{tcp_port}; location / {{ proxy_pass http://by_tcp; }} }}
  server {{ listen 127.0.0.1:{unix_port}; location / {{ proxy_pass http://by_unix; }} }}
}}
"""

HAPROXY = """
global
  maxconn 512
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  option forwardfor
frontend tcp_front
  bind 127.0.0.1:{tcp_port}
  http-request del-header Cookie
  default_backend by_tcp
frontend unix_front
  bind 127.0.0.1:{unix_port}
  http-request del-header Cookie
  default_backend by_unix
backend by_tcp
  server kpi 127.0.0.1:{upstream_port}
backend by_unix
  server kpi unix@{upstream_path}
"""


def nginx(directory, server):
    return Proxy(directory, "nginx", server,
                 [program("nginx"), "-c", "{config}", "-p", "{directory}", "-e", "stderr"], NGINX)


def haproxy(directory, server):
    return Proxy(directory, "haproxy", server, [program("haproxy"), "-db", "-f", "{config}"],
                 HAPROXY)
