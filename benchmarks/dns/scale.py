"""A zone of 1,000,000 names: how soon it is served, in how much memory, and what a change costs while queries run."""

import base64
import hashlib
import hmac
import os
import random
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import generator
import harness
import servers as programs
import zone

ORIGIN = "million.example."
NAMES = 1_000_000
LAST = f"h{NAMES - 1:07}.{ORIGIN}"
RATE = 5000
CHANGES = 20
TSIG, ANY, HMAC_SHA256 = 250, 255, b"\x0bhmac-sha256\x00"


def text(serial=1, last="203.0.113.1"):
    lines = [f"$ORIGIN {ORIGIN}", "$TTL 3600", f"@ IN SOA ns1 hostmaster {serial} 7200 900 1209600 300", "@ IN NS ns1", "ns1 IN A 192.0.2.1"]
    lines += [f"h{n:07} IN A 198.{18 + (n >> 19)}.{n >> 8 & 255}.{n & 255}" for n in range(NAMES - 1)]
    return "\n".join(lines + [f"h{NAMES - 1:07} IN A {last}", ""])


class Asker:
    """Asks for the address of one name, again and again, and says when it is what was expected."""

    def __init__(self, port, name):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.name, self.number = name, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def wait_for(self, address, server, seconds, patience):
        """The time at which the answer came that carries the address."""
        wanted = socket.inet_aton(address)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(process.poll() is not None for process in server.processes):
                raise harness.Refused(f"{server.name} ended:\n{server.output()}")
            if self.ask(patience, wanted):
                return time.monotonic()
        raise harness.Refused(f"{server.name} does not say {address} for {self.name} after {seconds} s:\n{server.output()}")

    def ask(self, patience, wanted):
        self.number = (self.number + 1) % 65536
        try:
            self.socket.settimeout(patience)
            self.socket.send(zone.query(self.name, "A", number=self.number))
            while True:
                answer = self.socket.recv(2048)
                if answer[:2] == struct.pack("!H", self.number):
                    return answer[3] & 15 == 0 and answer[6:8] == b"\0\1" and wanted in answer
        except (TimeoutError, ConnectionRefusedError):
            # Nobody listens yet, or nobody answers: ask again soon.
            time.sleep(0.001)
            return False


def update(name, address, number):
    """An update that replaces the addresses of a name, signed (RFC 2136, RFC 8945)."""
    owner = zone.query(name, "A")[12:-4]
    origin = zone.query(ORIGIN, "SOA")[12:-4]
    body = origin + struct.pack("!HH", 6, 1)
    body += owner + struct.pack("!HHIH", 1, ANY, 0, 0)
    body += owner + struct.pack("!HHIH", 1, 1, 3600, 4) + socket.inet_aton(address)
    header = [number, 5 << 11, 1, 0, 2, 0]
    message = struct.pack("!6H", *header) + body
    key, stamp = zone.query(programs.KEY, "A")[12:-4], struct.pack("!HIH", 0, int(time.time()), 300)
    variables = key + struct.pack("!HI", ANY, 0) + HMAC_SHA256 + stamp + struct.pack("!HH", 0, 0)
    mac = hmac.new(base64.b64decode(programs.SECRET), message + variables, hashlib.sha256).digest()
    data = HMAC_SHA256 + stamp + struct.pack("!H", len(mac)) + mac + struct.pack("!HHH", number, 0, 0)
    header[5] = 1
    return struct.pack("!6H", *header) + body + key + struct.pack("!HHIH", TSIG, ANY, 0, len(data)) + data


class Measured:
    """What one server did."""

    def __init__(self):
        self.starts, self.changes = [], []
        self.memory = self.reload = self.slowest = self.slowest_change = None
        self.lost = self.sent = 0


def start(name, program, port, core, content, measured):
    server = programs.start(name, program, port, core, [programs.Zone(ORIGIN, content)], update=True)
    try:
        with Asker(port, LAST) as asker:
            measured.starts.append(asker.wait_for("203.0.113.1", server, 120, 0.02) - server.began)
    except BaseException:
        server.stop()
        raise
    return server


def reload(server, load, changed, measured):
    """Puts an edited zone file in the old one's place while queries run."""
    path = programs.zone_file(server, server.zones[0])
    beside = path.with_suffix(".new")
    beside.write_text(changed)
    load.begin()
    time.sleep(0.5)
    began = time.monotonic()
    os.rename(beside, path)
    if server.kind != "edge":
        server.processes[0].send_signal(signal.SIGHUP)
    with Asker(server.port, LAST) as asker:
        measured.reload = asker.wait_for("203.0.113.2", server, 60, 0.5) - began
    load.end()
    measured.slowest = load.said["max"] / 1000
    measured.lost += load.said["lost"]
    measured.sent += load.said["sent"]


def change(server, load, measured):
    """Changes one record of a million, some times over, while queries run."""
    load.begin()
    pick = random.Random(5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as updates:
        updates.connect(("127.0.0.1", server.port))
        updates.settimeout(5)
        for number in range(1, CHANGES + 1):
            time.sleep(0.1)
            name = f"h{pick.randrange(NAMES - 1):07}.{ORIGIN}"
            message = update(name, f"203.0.113.{100 + number}", number)
            with Asker(server.port, name) as asker:
                began = time.monotonic()
                updates.send(message)
                measured.changes.append((asker.wait_for(f"203.0.113.{100 + number}", server, 10, 0.5) - began) * 1000)
            answer = updates.recv(2048)
            if answer[3] & 15:
                raise harness.Refused(f"{server.name} answered an update with rcode {answer[3] & 15}")
    load.end()
    measured.lost += load.said["lost"]
    measured.sent += load.said["sent"]
    measured.slowest_change = load.said["max"] / 1000


def run(names, program, cores, starts):
    """Every server in turn, one at a time; the last start of each goes on to be reloaded and changed."""
    core, load_core = cores
    content, changed = text(), text(2, "203.0.113.2")
    folder = harness.Server("questions", "")
    questions = folder.folder / "questions.wire"
    pick = random.Random(6)
    questions.write_bytes(zone.wire([(f"h{pick.randrange(NAMES - 1):07}.{ORIGIN}", "A") for _ in range(50_000)]))
    results = {name: Measured() for name in names}
    try:
        for turn in range(starts):
            for name in names[turn % len(names):] + names[:turn % len(names)]:
                measured = results[name]
                server = start(name, program, 15500, core, content, measured)
                try:
                    if turn == starts - 1:
                        time.sleep(2)
                        measured.memory = server.memory_mib()
                        flags = ["udp", "-s", "8", "-r", str(RATE)]
                        # NSD takes no updates, and BIND does not read the file of a zone that takes them.
                        if server.kind != "bind":
                            with generator.Load(server.port, questions, flags, 10, load_core) as load:
                                reload(server, load, changed, measured)
                        if server.kind != "nsd":
                            with generator.Load(server.port, questions, flags, CHANGES * 0.15, load_core) as load:
                                change(server, load, measured)
                finally:
                    server.stop()
    finally:
        folder.stop()
    show(results)
    return any(measured.lost for measured in results.values())


def show(results):
    first = next(iter(results.values()))
    print(f"\n### {NAMES:,} names, queries at {RATE:,}/s during reload and changes\n")
    print("| server | first answer after | ratio | memory (PSS) | ratio | one change served after, median (largest) | edited file served after | queries lost | slowest answer at reload / at changes |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, m in results.items():
        time_ratio = "" if m is first else f"{median(first.starts) / median(m.starts):.2f}"
        memory_ratio = "" if m is first else f"{first.memory / m.memory:.2f}"
        changes = f"{median(m.changes):.2f} ms ({max(m.changes):.1f})" if m.changes else "–"
        slow = " / ".join("–" if each is None else f"{each:.1f} ms" for each in (m.slowest, m.slowest_change))
        edited = "–" if m.reload is None else f"{m.reload:.2f} s"
        print(f"| {name} | {median(m.starts):.2f} s ({min(m.starts):.2f} – {max(m.starts):.2f}) | {time_ratio} | {m.memory:.0f} MiB | {memory_ratio} "
              f"| {changes} | {edited} | {m.lost} of {m.sent:,} | {slow} |", flush=True)
