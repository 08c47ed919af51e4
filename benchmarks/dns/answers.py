"""Whether the servers give the same answers: one that says something else, or nothing, is not measured."""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import harness

PROOFS = {"RRSIG", "NSEC", "NSEC3"}


def dig(port, asked, extra=()):
    """Asks a list of questions in one dig, and gives for each the rcode, AA, and the records that matter, sorted."""
    batch = "\n".join(f"{name} {kind}" for name, kind in asked)
    said = subprocess.run(
        ["dig", "@127.0.0.1", "-p", str(port), "+norecurse", "+noall", "+comments", "+answer", "+authority", "+tries=1", "+time=2", *extra, "-f", "/dev/stdin"],
        input=batch, capture_output=True, text=True, check=False).stdout
    answers = []
    for message in re.split(r";; ->>HEADER<<-", said)[1:]:
        rcode = re.search(r"status: (\w+)", message).group(1)
        authoritative = bool(re.search(r"flags:[^;]* aa[ ;]", message))
        sections = re.split(r"^;; (\w+) SECTION:$", message, flags=re.M)
        records = []
        for title, body in zip(sections[1::2], sections[2::2]):
            for line in body.splitlines():
                fields = line.split(None, 4)
                # Which NS records come along with a positive answer is the server's choice; the SOA of a negative one is not.
                if line and not line.startswith(";") and (title == "ANSWER" or fields[3] in PROOFS | {"SOA"}):
                    records.append(" ".join(fields))
        answers.append((rcode, authoritative, tuple(sorted(records))))
    return answers


def answers_soa(port, origin, signed=False):
    given = dig(port, [(origin, "SOA")], ["+dnssec"] if signed else [])
    return bool(given) and given[0][0] == "NOERROR" and (not signed or any(" RRSIG " in record for record in given[0][2]))


def check_same(servers, asked):
    """Record by record, over UDP and TCP, against the first server."""
    for extra in ((), ("+tcp",)):
        reference = all_of(servers[0], asked, extra)
        for server in servers[1:]:
            for question, left, right in zip(asked, reference, all_of(server, asked, extra)):
                if left != right:
                    raise harness.Refused(f"{' '.join(question)}:\n  {servers[0].name}: {left}\n  {server.name}: {right}")
    kinds = [rcode for rcode, _, _ in reference]
    print(f"the same answers to {len(asked)} questions over UDP and TCP ({kinds.count('NXDOMAIN')} of them NXDOMAIN): {', '.join(s.name for s in servers)}")


def check_signed(servers, asked):
    """Signatures differ, and a missing name may be denied in several ways (RFC 4034, RFC 9824). What exists must be the
    same, and everything must be signed."""
    reference = all_of(servers[0], asked, ["+dnssec"])
    for server in servers:
        for question, left, right in zip(asked, reference, all_of(server, asked, ["+dnssec"])):
            plain = [{record for record in side[2] if record.split()[3] not in PROOFS | {"SOA"}} for side in (left, right)]
            signed = any(record.split()[3] == "RRSIG" for record in right[2])
            if plain[0] != plain[1] or not signed or right[0] not in ("NOERROR", "NXDOMAIN"):
                raise harness.Refused(f"{' '.join(question)}, signed:\n  {servers[0].name}: {left}\n  {server.name}: {right}")
    print(f"the same answers to {len(asked)} questions with DO, all signed: {', '.join(s.name for s in servers)}")


def all_of(server, asked, extra):
    given = dig(server.port, asked, extra)
    if len(given) != len(asked):
        raise harness.Refused(f"{server.name} answered {len(given)} of {len(asked)} questions")
    return given
