"""What resolvers are asked: names in use, names nobody has asked for yet, and names on a blocklist."""

import random
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dns"))
import zone

ORIGIN = zone.ORIGIN
MISSES = "miss.example."


def miss_text(ttl=3600):
    """Every name below it exists."""
    return f"$ORIGIN {MISSES}\n$TTL {ttl}\n@ IN SOA ns1 hostmaster 1 7200 900 1209600 300\n@ IN NS ns1\nns1 IN A 192.0.2.1\n* IN A 192.0.2.7\n"


def query(name, kind):
    """As a stub resolver asks: recursion desired, EDNS with 1232 bytes."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    return struct.pack("!6H", 0, 0x0100, 1, 0, 0, 1) + labels + struct.pack("!BHH", 0, zone.TYPES[kind], 1) + struct.pack("!BHHIH", 0, 41, 1232, 0, 0)


def wire(asked):
    return b"".join(struct.pack("!H", len(each)) + each for each in (query(name, kind) for name, kind in asked))


def hits(number=20_000):
    """The mix of benchmarks/dns over few enough names to be cached everywhere."""
    return wire(zone.questions(number))


def misses(number, seed):
    """Names that nobody has asked for: the seed makes them new."""
    return wire([(f"m{seed}-{index}.{MISSES}", "A") for index in range(number)])


def blocklist(number):
    """Names as blocklists have them."""
    pick = random.Random(5)
    words = ["ad", "track", "pixel", "metrics", "banner", "click", "stat", "beacon", "sync", "tag", "cdn", "media", "promo", "push"]
    ends = ["com", "net", "org", "io", "de", "info", "biz", "xyz", "top", "co.uk"]
    names = set()
    while len(names) < number:
        names.add(f"{pick.choice(words)}{pick.randrange(1000)}.{pick.choice(words)}-{pick.randrange(16 ** 5):05x}.{pick.choice(ends)}")
    return sorted(names)


def blocked(names, number=20_000):
    pick = random.Random(6)
    return wire([(pick.choice(names), "A") for _ in range(number)])
