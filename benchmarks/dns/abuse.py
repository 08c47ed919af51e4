"""10,000 TCP connections that say nothing or a byte per second, from many addresses, and opened again when the server
closes them: do UDP and new TCP clients still get their answers, and how fast?"""

import resource
import select
import socket
import struct
import sys
import threading
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import answers
import generator
import harness
import servers as programs
import zone

CONNECTIONS, ADDRESSES, FRESH, RATE, SECONDS = 10_000, 500, 300, 5000, 5
# The first bytes of a query of 200 bytes that never becomes whole.
UNFINISHED = struct.pack("!H", 200) + zone.query("slow." + zone.ORIGIN, "A")


class Crowd(threading.Thread):
    """Opens the connections and keeps them: every second one is idle, every other sends a byte per second."""

    def __init__(self, port, connections):
        super().__init__(daemon=True)
        self.port, self.ending, self.reopened = port, threading.Event(), 0
        self.held = [self.open(number) for number in range(connections)]
        self.start()

    def open(self, number):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setblocking(False)
        # The port is chosen when connecting, so that all addresses together have enough of them.
        client.setsockopt(socket.IPPROTO_IP, 24, 1)
        client.bind((f"127.66.{number % ADDRESSES // 250}.{number % ADDRESSES % 250 + 1}", 0))
        client.connect_ex(("127.0.0.1", self.port))
        return client

    def run(self):
        for turn in range(10 ** 6):
            for number, client in enumerate(self.held):
                if number % 500 == 0 and self.ending.wait(0.02):
                    return
                try:
                    if number % 2:
                        client.send(UNFINISHED[turn % len(UNFINISHED):][:1])
                    if client.recv(512) == b"":
                        raise ConnectionResetError
                except BlockingIOError:
                    pass
                except OSError:
                    client.close()
                    self.reopened += 1
                    self.held[number] = self.open(number)
            if self.ending.wait(0.5):
                return

    def established(self):
        poll = select.poll()
        for client in self.held:
            poll.register(client, select.POLLOUT | select.POLLHUP)
        return sum(1 for _, events in poll.poll(0) if events == select.POLLOUT)

    def end(self):
        self.ending.set()
        self.join()
        for client in self.held:
            client.close()


def fresh_clients(port, milliseconds):
    """New connections, one after the other, each with one question; gives how many got no answer within a second."""
    failed, end = 0, time.monotonic() + SECONDS
    question = zone.query(f"h00001.{zone.ORIGIN}", "A", number=7)
    for _ in range(FRESH):
        began = time.monotonic()
        if began > end:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as client:
                client.sendall(struct.pack("!H", len(question)) + question)
                answer = client.recv(2048)
                failed += answer[2:4] != b"\0\7"
        except OSError:
            failed += 1
        milliseconds.append((time.monotonic() - began) * 1000)
        time.sleep(0.005)
    return failed


def look(server, file, load_core):
    """UDP at a fixed rate, and new TCP clients in the meantime."""
    milliseconds = []
    with generator.Load(server.port, file, ["udp", "-s", "8", "-r", str(RATE)], SECONDS, load_core) as load:
        load.begin()
        failed = fresh_clients(server.port, milliseconds)
        load.end()
    return load.said, failed, milliseconds


def run(names, program, cores):
    """Every server in turn, alone. True when one of Edge's clients got no answer."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    connections = min(CONNECTIONS, most - 500)
    core, load_core = cores
    print(f"\n### {connections:,} idle and slow TCP connections from {ADDRESSES} addresses; UDP at {RATE:,}/s and {FRESH} new TCP clients\n")
    print("| server | | UDP lost | UDP p50 / p99 / p99.9 µs | new TCP clients without answer | median (slowest) | connections open | opened again | memory |")
    print("|---|---|---:|---|---:|---:|---:|---:|---:|")
    bad = False
    for name in names:
        server = programs.start(name, program, 15600, core, [programs.Zone(zone.ORIGIN, zone.zone_text())])
        try:
            server.wait_until(lambda: answers.answers_soa(server.port, zone.ORIGIN), 60)
            file = server.folder / "questions.wire"
            file.write_bytes(zone.wire(zone.questions(20_000)))
            bad |= show(server, "alone", *look(server, file, load_core), None)
            crowd = Crowd(server.port, connections)
            try:
                time.sleep(3)
                bad |= show(server, "with them", *look(server, file, load_core), crowd)
            finally:
                crowd.end()
            time.sleep(1)
            bad |= show(server, "afterwards", *look(server, file, load_core), None)
        finally:
            server.stop()
    return bad


def show(server, when, said, failed, milliseconds, crowd):
    there = f"{crowd.established():,} | {crowd.reopened:,}" if crowd else "|"
    print(f"| {server.name} | {when} | {said['lost']} of {said['sent']:,} | {said['p50']:,.0f} / {said['p99']:,.0f} / {said['p999']:,.0f} | {failed} of {len(milliseconds)} "
          f"| {median(milliseconds):.2f} ms ({max(milliseconds):.0f}) | {there} | {server.memory_mib():.0f} MiB |", flush=True)
    return server.kind == "edge" and (said["lost"] > 0 or failed > 0)
