"""What the DNS benchmarks share: a certificate for everybody, how NSD is started, the ports of Edge."""

import subprocess

import harness

# DNS over TLS is on this port behind the plain one.
TLS_OFFSET = 5


def certificate(folder):
    """A certificate for DNS over TLS, ECDSA P-256 like everybody's."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")],
        check=True, capture_output=True)


def nsd(server, port, files):
    """The command that starts NSD with the zones in `files`, which gives each origin the name of its file."""
    own = "".join(f"zone:\n    name: {origin}\n    zonefile: {file}\n" for origin, file in files.items())
    (server.folder / "nsd.conf").write_text(f"""
server:
    server-count: 1
    ip-address: 127.0.0.1@{port}
    username: ""
    chroot: ""
    zonesdir: "{server.folder}"
    database: ""
    pidfile: "{server.folder}/nsd.pid"
    xfrdfile: "{server.folder}/xfrd.state"
    zonelistfile: "{server.folder}/zone.list"
    minimal-responses: yes
    rrl-ratelimit: 0
    tcp-count: 1000
remote-control:
    control-enable: no
{own}""")
    return [harness.find("nsd"), "-d", "-c", str(server.folder / "nsd.conf")]


def edge_ports(port):
    """The settings of Edge's other ports, behind those for DNS."""
    return f"""gateway:
  http: [127.0.0.1:{port + 1}]
  https: [127.0.0.1:{port + 2}]
admin:
  listen: [127.0.0.1:{port + 3}]
"""
