"""The zones that all servers serve, and the questions they are asked: the same on every machine."""

import random
import struct

ORIGIN = "bench.example."
SIGNED = "signed.example."
TYPES = {"A": 1, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28}
HOSTS, ALIASES, WILDCARDS, OTHERS = 8600, 600, 300, 500


def zone_text(origin=ORIGIN):
    """10,000 owner names: hosts with A (half with AAAA), aliases, wildcards, MX and TXT."""
    pick = random.Random(1)
    lines = [
        f"$ORIGIN {origin}", "$TTL 3600",
        f"@ IN SOA ns1.{origin} hostmaster.{origin} 1 7200 900 1209600 300",
        "@ IN NS ns1", "@ IN NS ns2", "ns1 IN A 192.0.2.1", "ns2 IN A 192.0.2.2", "@ IN MX 10 h00001"]
    for number in range(HOSTS):
        lines.append(f"h{number:05} IN A 198.18.{number // 256}.{number % 256}")
        if number % 2 == 0:
            lines.append(f"h{number:05} IN AAAA 2001:db8::{number:x}")
    for number in range(ALIASES):
        lines.append(f"a{number:05} IN CNAME h{pick.randrange(HOSTS):05}")
    for number in range(WILDCARDS):
        lines.append(f"*.w{number:05} IN A 198.19.{number // 256}.{number % 256}")
    for number in range(OTHERS - 3):
        lines.append(f"t{number:05} IN TXT \"v={number} some text of a usual length for such a record\"")
        if number % 5 == 0:
            lines.append(f"t{number:05} IN MX 10 h{pick.randrange(HOSTS):05}")
    return "\n".join(lines) + "\n"


def questions(number, seed=2, origin=ORIGIN):
    """The mix: 55 % hosts, 10 % no such type, 10 % aliases, 10 % wildcards, 5 % TXT and MX, 10 % no such name."""
    pick = random.Random(seed)
    asked = []
    for _ in range(number):
        kind = pick.random()
        if kind < 0.45:
            asked.append((f"h{pick.randrange(HOSTS):05}", "A"))
        elif kind < 0.55:
            asked.append((f"h{pick.randrange(HOSTS // 2) * 2:05}", "AAAA"))
        elif kind < 0.65:
            asked.append((f"h{pick.randrange(HOSTS // 2) * 2 + 1:05}", "AAAA"))
        elif kind < 0.75:
            asked.append((f"a{pick.randrange(ALIASES):05}", "A"))
        elif kind < 0.85:
            asked.append((f"x{pick.randrange(10 ** 6)}.w{pick.randrange(WILDCARDS):05}", "A"))
        elif kind < 0.90:
            asked.append((f"t{pick.randrange(OTHERS - 3):05}", pick.choice(["TXT", "MX"])))
        else:
            asked.append((f"n{pick.randrange(10 ** 6)}", "A"))
    return [(f"{name}.{origin}", kind) for name, kind in asked]


def query(name, kind, dnssec=False, number=0):
    """A query in wire form, as a resolver asks an authoritative server; with EDNS and DO if signatures are wanted."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    opt = struct.pack("!BHHIH", 0, 41, 1232, 0x8000, 0) if dnssec else b""
    return struct.pack("!6H", number, 0, 1, 0, 0, 1 if opt else 0) + labels + struct.pack("!BHH", 0, TYPES[kind], 1) + opt


def wire(asked, dnssec=False):
    """Many queries, each behind its length: the form in which load.c reads them."""
    return b"".join(struct.pack("!H", len(each)) + each for each in (query(name, kind, dnssec) for name, kind in asked))
