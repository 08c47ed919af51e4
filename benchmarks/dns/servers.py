"""How each server is started: one worker, no limits per client, the same zones, files of its own."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import generator
import harness
import peers
import zone
from peers import TLS_OFFSET

ABOUT = {"knot": ["knotd", "-V"], "nsd": ["nsd", "-v"], "bind": ["named", "-v"]}
PROGRAMS = {"knot": "knotd", "nsd": "nsd", "bind": "named"}
# The key with which records may be changed where `update` is asked for.
KEY, SECRET = "bench.", "YmVuY2htYXJrcyBoYXZlIG5vIHNlY3JldHMgYXQgYWw="


class Zone:
    """A zone to serve: its origin, its text, and whether the server shall sign it (ECDSA P-256)."""

    def __init__(self, origin, text, signed=False):
        self.origin, self.text, self.signed = origin, text, signed
        self.stem = origin.rstrip(".")


def knot(server, port, zones, update=False):
    own = "".join(f"""
  - domain: {each.origin}
    storage: "{server.folder}"
    file: {each.stem}.zone
    zonefile-sync: -1
    {'dnssec-signing: on' if each.signed else ''}
    {'dnssec-policy: one-key' if each.signed else ''}
    {'acl: changes' if update else ''}""" for each in zones)
    (server.folder / "knot.conf").write_text(f"""
server:
    rundir: "{server.folder}"
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    tcp-max-clients: 1000
database:
    storage: "{server.folder}"
log:
  - target: stderr
    any: warning
key:
  - id: {KEY}
    algorithm: hmac-sha256
    secret: {SECRET}
acl:
  - id: changes
    key: {KEY}
    action: update
policy:
  - id: one-key
    algorithm: ecdsap256sha256
    single-type-signing: on
zone:{own}
""")
    return [harness.find("knotd"), "-c", str(server.folder / "knot.conf")]


def nsd(server, port, zones, update=False):
    return peers.nsd(server, port, {each.origin: f"{each.stem}.zone" for each in zones})


def bind(server, port, zones, update=False):
    peers.certificate(server.folder)
    own = "".join(f"""zone "{each.origin}" {{ type primary; file "{each.stem}.zone"; {'allow-update { key bench.; };' if update else ''} }};\n""" for each in zones)
    (server.folder / "named.conf").write_text(f"""
key "{KEY}" {{ algorithm hmac-sha256; secret "{SECRET}"; }};
tls own {{ cert-file "{server.folder}/tls.crt"; key-file "{server.folder}/tls.key"; }};
options {{
    directory "{server.folder}";
    pid-file "{server.folder}/named.pid";
    session-keyfile "{server.folder}/session.key";
    lock-file none;
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on port {port + TLS_OFFSET} tls own {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    minimal-responses yes;
    notify no;
    dnssec-validation no;
    tcp-clients 1000;
}};
controls {{ }};
{own}""")
    return [harness.find("named"), "-f", "-n", "1", "-c", str(server.folder / "named.conf")]


def edge(server, port, zones, update=False):
    (server.folder / "zones").mkdir(exist_ok=True)
    (server.folder / "proxy-routes").mkdir(exist_ok=True)
    key = f"""
  keys:
    {KEY}:
      secret: {SECRET}
      update: ["* ANY"]""" if update else ""
    signed = "".join(f"\n    {each.stem}:\n      sign: true" for each in zones if each.signed)
    special = f"\n  zones:{signed}" if signed else ""
    (server.folder / "edge.yaml").write_text(f"""
domain: home.test
dns:
  listen: [127.0.0.1:{port}]
  tls-listen: [127.0.0.1:{port + TLS_OFFSET}]{key}{special}
{peers.edge_ports(port)}""")
    return [server.about, "run"]


def echo(server, port, zones, update=False):
    return [generator.build("echo"), str(port)]


def start(name, program, port, core, zones, update=False):
    """Starts a server; `program` is Edge's binary. The zone files lie where `zone_file` says."""
    kind = name.split("#")[0]
    about = program if kind == "edge" else "the floor: no DNS" if kind == "echo" else harness.version([harness.find(ABOUT[kind][0]), *ABOUT[kind][1:]])
    server = harness.Server(name, about)
    server.kind, server.port, server.zones = kind, port, zones
    try:
        command = {"knot": knot, "nsd": nsd, "bind": bind, "edge": edge, "echo": echo}[kind](server, port, zones, update)
        if kind != "echo":
            for each in zones:
                zone_file(server, each).write_text(each.text)
        server.began = time.monotonic()
        server.start(command, core)
    except BaseException:
        server.stop()
        raise
    return server


def zone_file(server, each):
    return server.folder / ("zones" if server.kind == "edge" else ".") / f"{each.stem}.zone"
