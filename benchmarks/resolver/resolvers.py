"""How each resolver is started: one thread, the same upstream, room in the cache for every question, files of its own."""

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import harness
import peers
from peers import TLS_OFFSET

ABOUT = {"unbound": ["unbound", "-V"], "dnsdist": ["dnsdist", "--version"]}
PROGRAMS = {"unbound": "unbound", "dnsdist": "dnsdist"}
PACKAGES = ["bind9-dnsutils", "unbound", "dnsdist", "nsd", "openssl", "gcc", "libc6-dev", "libssl-dev", "util-linux", "iproute2"]
CACHE_MIB = 256


def authority(port, core, texts):
    """NSD with the zones that all resolvers ask for; `texts` gives each origin its zone file."""
    server = harness.Server("nsd", harness.version([harness.find("nsd"), "-v"]))
    server.port = port
    for origin, text in texts.items():
        (server.folder / f"{origin}zone").write_text(text)
    server.start(peers.nsd(server, port, {origin: f"{origin}zone" for origin in texts}), core)
    return server


def unbound(server, port, upstream, blocked):
    peers.certificate(server.folder)
    lists = ""
    if blocked:
        # What a user of Unbound does with a blocklist: a local zone for each name.
        (server.folder / "blocked.conf").write_text("server:\n" + "".join(f"local-zone: {name}. always_nxdomain\n" for name in blocked))
        lists = f'include: "{server.folder}/blocked.conf"'
    (server.folder / "unbound.conf").write_text(f"""
server:
    interface: 127.0.0.1@{port}
    interface: 127.0.0.1@{port + TLS_OFFSET}
    tls-port: {port + TLS_OFFSET}
    tls-service-key: "{server.folder}/tls.key"
    tls-service-pem: "{server.folder}/tls.crt"
    num-threads: 1
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{server.folder}"
    pidfile: "{server.folder}/unbound.pid"
    use-syslog: no
    verbosity: 0
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    module-config: "iterator"
    msg-cache-size: {CACHE_MIB // 2}m
    rrset-cache-size: {CACHE_MIB}m
    outgoing-range: 4096
    num-queries-per-thread: 2048
    so-rcvbuf: 0
    minimal-responses: yes
    incoming-num-tcp: 1000
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{upstream}
{lists}
""")
    return [harness.find("unbound"), "-d", "-c", str(server.folder / "unbound.conf")]


def dnsdist(server, port, upstream, blocked):
    peers.certificate(server.folder)
    (server.folder / "dnsdist.conf").write_text(f"""
setSecurityPollSuffix("")
addLocal("127.0.0.1:{port}")
addTLSLocal("127.0.0.1:{port + TLS_OFFSET}", "{server.folder}/tls.crt", "{server.folder}/tls.key")
newServer({{address="127.0.0.1:{upstream}", healthCheckMode="up"}})
getPool(""):setCache(newPacketCache(1000000, {{maxTTL=86400, numberOfShards=1}}))
setACL("127.0.0.0/8")
""")
    return [harness.find("dnsdist"), "--supervised", "-C", str(server.folder / "dnsdist.conf")]


def edge(server, port, upstream, blocked):
    for folder in ("zones", "proxy-routes"):
        (server.folder / folder).mkdir(exist_ok=True)
    lists = ""
    if blocked:
        (server.folder / "blocked.txt").write_text("".join(f"{name}\n" for name in blocked))
        lists = "filter:\n  reply: nxdomain\n  lists:\n    all: blocked.txt\n"
    (server.folder / "edge.yaml").write_text(f"""
domain: home.test
views:
  lan:
    clients: [127.0.0.1]
  public: {{}}
dns:
  listen: [127.0.0.1:{port}]
  tls-listen: [127.0.0.1:{port + TLS_OFFSET}]
  upstreams: [127.0.0.1:{upstream}]
  cache: {CACHE_MIB}MB
  validation: false
{peers.edge_ports(port)}{lists}""")
    return [server.about, "run"]


def start(name, program, port, core, upstream, blocked=()):
    """Starts a resolver and waits until it resolves; `program` is Edge's binary."""
    kind = name.split("#")[0]
    server = harness.Server(name, program if kind == "edge" else harness.version([harness.find(ABOUT[kind][0]), *ABOUT[kind][1:]]))
    server.kind, server.port = kind, port
    try:
        command = {"unbound": unbound, "dnsdist": dnsdist, "edge": edge}[kind](server, port, upstream, blocked)
        server.began = time.monotonic()
        server.start(command, core)
        server.wait_until(lambda: resolves(port), 120)
        server.ready = time.monotonic() - server.began
    except BaseException:
        server.stop()
        raise
    return server


def resolves(port):
    said = subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+short", "+tries=1", "+time=1", "ns1.bench.example", "A"], capture_output=True, text=True, check=False)
    return said.stdout.strip() == "192.0.2.1"
