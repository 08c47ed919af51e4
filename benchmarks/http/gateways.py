"""The gateways under test and what stands behind them: each with the same host, certificate kind and backend."""

import hashlib
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import harness

HOST = "app.nas.home.test"
SOCKET_HOST = "ws.nas.home.test"
BODIES = {"1k": 1024, "64k": 65536}
BACKEND, ECHO = 15200, 15201


def body(size):
    """The same bytes on every machine, and nothing that compresses away."""
    text = b""
    while len(text) < size:
        text += hashlib.sha256(text[-32:] + b"edge").hexdigest().encode()
    return text[:size]


def build_load():
    """The path of the compiled load.c; compiled again when its source is newer."""
    source, target = Path(__file__).resolve().parent / "load.c", harness.ROOT / "artifacts" / "http-load"
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        target.parent.mkdir(exist_ok=True)
        compiler = harness.find("cc") or harness.find("clang")
        harness.quietly([compiler, "-O2", "-Wall", "-Wextra", "-std=gnu11", str(source), "-o", str(target), "-pthread", "-lssl", "-lcrypto"])
    return str(target)


def start_backend(backend, core):
    """What all gateways forward to, on the load's core, so that it costs the servers nothing: a static nginx, and a
    program that sends WebSocket messages back."""
    for name, size in BODIES.items():
        (backend.folder / name).write_bytes(body(size))
    (backend.folder / "nginx.conf").write_text(nginx_frame(backend.folder, f"""
  server {{
    listen 127.0.0.1:{BACKEND} backlog=4096;
    root {backend.folder};
    default_type application/octet-stream;
    open_file_cache max=16;
  }}"""))
    backend.start([harness.find("nginx"), "-p", str(backend.folder), "-c", str(backend.folder / "nginx.conf")], core)
    backend.start([build_load(), "echo", str(ECHO)], core)


def nginx_frame(folder, servers):
    # As root nginx would change to another user, who may not read the folder.
    user = "user root;" if harness.os.geteuid() == 0 else ""
    return f"""
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
{servers}
}}
"""


def start_nginx(server, ports, core):
    listen = f"""
    listen 127.0.0.1:{ports['h1']};
    listen 127.0.0.1:{ports['tls']} ssl http2;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate {server.folder}/cert.pem;
    ssl_certificate_key {server.folder}/key.pem;"""
    (server.folder / "nginx.conf").write_text(nginx_frame(server.folder, f"""
  upstream backend {{ server 127.0.0.1:{BACKEND}; keepalive 256; keepalive_requests 1000000000; }}
  server {{{listen}
    server_name {HOST};
    location / {{
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
  server {{{listen}
    server_name {SOCKET_HOST};
    location / {{
      proxy_pass http://127.0.0.1:{ECHO};
      proxy_http_version 1.1;
      proxy_set_header Connection "upgrade";
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Host $host;
    }}
  }}"""))
    server.start([harness.find("nginx"), "-p", str(server.folder), "-c", str(server.folder / "nginx.conf")], core)


def start_caddy(server, ports, core):
    sites = "".join(f"""
http://{host}:{ports['h1']} {{
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:{backend}
}}
https://{host}:{ports['tls']} {{
  bind 127.0.0.1
  tls {server.folder}/cert.pem {server.folder}/key.pem
  reverse_proxy 127.0.0.1:{backend}
}}
""" for host, backend in ((HOST, BACKEND), (SOCKET_HOST, ECHO)))
    (server.folder / "Caddyfile").write_text(f"""
{{
  admin off
  auto_https off
  log {{
    level ERROR
  }}
}}
{sites}""")
    server.start([harness.find("caddy"), "run", "--config", str(server.folder / "Caddyfile"), "--adapter", "caddyfile"], core,
                 {"XDG_DATA_HOME": str(server.folder), "XDG_CONFIG_HOME": str(server.folder), "HOME": str(server.folder)})


def start_edge(server, ports, core, program, more=""):
    """Two of them: with an HTTPS listener Edge's plain port only redirects, so plain HTTP is measured on one without."""
    for number, name in enumerate(("plain", "tls")):
        folder = server.folder / name
        edge_folder(folder, ports["h1"] if name == "plain" else ports["h1"] + 6, ports["tls"] if name == "tls" else None, ports["h1"] + 2 + number, ports["h1"] + 4 + number, more)
        server.start_in(folder, [program, "run"], core)


def edge_folder(folder, http, https, dns, admin, more="", hosts=1):
    """A folder as a user of Edge has it, with the services of the benchmark and as many other ones as are wanted. No
    upstream can be reached from here; it would be probed all the time."""
    (folder / "zones").mkdir(parents=True)
    (folder / "proxy-routes").mkdir()
    (folder / "edge.yaml").write_text(f"""
domain: home.test
node: nas
dns:
  listen: [127.0.0.1:{dns}]
  resolve: recursive
gateway:
  http: [127.0.0.1:{http}]
  https: {f"[127.0.0.1:{https}]" if https else "[]"}
{more}
admin:
  listen: [127.0.0.1:{admin}]
""")
    (folder / "proxy-routes" / "app.yaml").write_text(f"""
services:
  app:
    host: {HOST}
    to: http://127.0.0.1:{BACKEND}
  ws:
    host: {SOCKET_HOST}
    to: http://127.0.0.1:{ECHO}
""")
    for start in range(1, hosts, 10000):
        (folder / "proxy-routes" / f"more{start}.yaml").write_text("services:\n" + "".join(
            f"  s{number}: {{ to: 'http://127.0.0.1:{BACKEND}' }}\n" for number in range(start, min(start + 10000, hosts))))


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={HOST}",
                    "-addext", f"subjectAltName=DNS:{HOST},DNS:{SOCKET_HOST}", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")], check=True, capture_output=True)


def curl(port, protocol, path, host=HOST):
    """Status, HTTP version, and the body's hash."""
    scheme, flag = ("http", "--http1.1") if protocol == "h1" else ("https", "--http2" if protocol == "h2" else "--http1.1")
    done = subprocess.run(["curl", "-sk", "--max-time", "5", flag, "--resolve", f"{host}:{port}:127.0.0.1", "-w", "\n%{http_code} %{http_version}", f"{scheme}://{host}:{port}/{path}"],
                          capture_output=True, check=False)
    content, _, said = done.stdout.rpartition(b"\n")
    return said.decode(), hashlib.sha256(content).hexdigest()
