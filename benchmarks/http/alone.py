"""What is measured of Edge alone: many hosts, a route that changes, memory and the start."""

import contextlib
import json
import os
import random
import socket
import statistics
import sys
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import gateways
import harness
import loads

HOSTS = [1, 10_000, 100_000]
CHANGES = 50
# Windows of each kind, by turns: a machine that stalls by itself does so in all kinds alike.
TURNS = 6


def many_hosts(program, rounds, seconds, server_core, load_core):
    """CPU per request with one host, 10,000 and 100,000, requests spread over all of them; then one route changes."""
    servers, ports = [], {}
    try:
        for index, hosts in enumerate(HOSTS):
            server = harness.Server(f"{hosts:,} host{'s' if hosts > 1 else ''}", program)
            servers.append(server)
            ports[server.name] = port = 15400 + 10 * index
            gateways.edge_folder(server.folder / "edge", port, None, port + 1, port + 2, hosts=hosts)
            began = time.monotonic()
            server.start_in(server.folder / "edge", [program, "run"], server_core)
            last = gateways.HOST if hosts == 1 else f"s{hosts - 1}.nas.home.test"
            server.wait_until(lambda: gateways.curl(port, "h1", "1k", last)[0].startswith("200"), 120)
            print(f"{server.name}: answering after {time.monotonic() - began:.2f} s, {server.memory_mib():.0f} MiB")
            script(server.folder / "hosts.lua", hosts)
        servers.reverse()
        take = lambda s: harness.measure(s, server_core, lambda: loads.wrk(["taskset", "-c", str(load_core)], ports[s.name], "1k", seconds, s.folder / "hosts.lua"))
        for server in servers:
            take(server)
        harness.report("HTTP/1.1, 1 KiB, saturated, requests spread over all hosts", servers, harness.rounds(servers, rounds, take), "request")
        print("\n### One changed route, at 1,000 requests/s on one connection\n")
        print("| hosts | another destination, registered and served after: median (largest) ms | a new host | a request without changes: p50, p99 µs, over 5 ms | with other destinations | with new hosts |")
        print("|---|---:|---:|---:|---:|---:|")
        for server in servers:
            change(server, ports[server.name], load_core)
    finally:
        for server in servers:
            server.stop()


def script(path, hosts):
    names = random.Random(1).sample(range(1, hosts), 5000) if hosts > 1 else []
    table = ",".join(f'"s{number}.nas.home.test"' for number in names) or f'"{gateways.HOST}"'
    path.write_text(f"""
local hosts, next, ready = {{{table}}}, 0, {{}}
init = function() for i, host in ipairs(hosts) do ready[i] = wrk.format("GET", "/1k", {{ Host = host }}) end end
request = function() next = next % #ready + 1; return ready[next] end
""")


def change(server, port, core):
    """Registers a service again and again with another destination, and as many new ones; each change is over when a request is answered by it."""
    token = (server.folder / "edge" / "data" / "admin.token").read_text().strip()
    other = Answering()
    to = [(gateways.BACKEND, "backend"), (other.port, "other")]
    register(port, token, "changed", *to[0])
    # The first kind asks as much as the others and changes nothing.
    kinds = [
        lambda number: asked(port, "changed"),
        lambda number: register(port, token, "changed", *to[(number + 1) % 2]),
        lambda number: register(port, token, f"come{number}", *to[0]),
    ]
    took = [sorted(timed(lambda number: work(number + TURNS * CHANGES))) for work in kinds[1:]]
    windows = [[] for _ in kinds]
    with least(core):
        for turn in range(TURNS):
            for kind, work in enumerate(kinds):
                running = loads.pace(port, 1000, 4, core)
                timed(lambda number: work(turn * CHANGES + number))
                windows[kind].append(json.loads(running.communicate()[0]))
    other.close()
    said = lambda paces: f"{statistics.median(pace['p50'] for pace in paces):.0f}, {statistics.median(pace['p99'] for pace in paces):.0f}, {sum(pace['late'] for pace in paces)} of {sum(pace['answered'] for pace in paces):,}" + "".join(f" ({pace['lost']} lost)" for pace in paces if pace["lost"])
    print(f"| {server.name} | " + " | ".join([*(f"{statistics.median(all):.2f} ({all[-1]:.2f})" for all in took), *map(said, windows)]) + " |", flush=True)


@contextlib.contextmanager
def least(core):
    """What is done here is load too, and the least of it: neither the requests at a pace nor the backend wait for it."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    yield
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.sched_setaffinity(0, cores)


def timed(turn):
    """Milliseconds of each turn."""
    took = []
    for number in range(CHANGES):
        began = time.monotonic()
        turn(number)
        took.append((time.monotonic() - began) * 1000)
        time.sleep(0.05)
    return took


def register(port, token, name, to, expected):
    body = json.dumps({"to": f"http://127.0.0.1:{to}", "host": f"{name}.nas.home.test", "ttl": "60s"}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port + 2}/v1/services/{name}", body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, method="PUT")
    urllib.request.urlopen(request).read()
    while asked(port, name) != expected:
        pass


class Answering:
    """A destination that says 204 to everything."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    @staticmethod
    def answer(connection):
        while connection.recv(65536):
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    def close(self):
        self.listener.close()


def asked(port, name):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET /1k HTTP/1.1\r\nHost: {name}.nas.home.test\r\nConnection: close\r\n\r\n".encode())
        return {b"200": "backend", b"204": "other"}.get(connection.recv(65536)[9:12], "neither")


def resources(program, server_core, load_core):
    """The start, and memory: at rest, and the most while each kind of load runs."""
    server = harness.Server("edge", program)
    folder, ports = server.folder / "edge", {"h1": 15500, "tls": 15501}
    try:
        gateways.edge_folder(folder, ports["h1"], ports["tls"], 15502, 15503)
        first = started(server, folder, program, ports["h1"], server_core)
        later = []
        for _ in range(9):
            stop(server)
            later.append(started(server, folder, program, ports["h1"], server_core))
        gateways.curl(ports["tls"], "tls", "1k")
        time.sleep(3)
        print("\n### Start and memory\n")
        for kind, what in enumerate(("listening", "the first request is answered")):
            print(f"{what} after {statistics.median(times[kind] for times in later):.0f} ms (each start: {', '.join(f'{times[kind]:.0f}' for times in later)}; the first, with new keys: {first[kind]:.0f})")
        print(f"idle: {server.memory_mib():.1f} MiB")
        for scenario in ("tls-1k", "h2-1k", "tls-64k", "h2-64k", "handshake-full"):
            most = watched(server, lambda: loads.load(ports, scenario, 5, load_core))
            print(f"loaded, {scenario}: {most:.1f} MiB at most", flush=True)
    finally:
        server.stop()


def started(server, folder, program, port, core):
    """Milliseconds until a connection is taken, and until a request on it is answered: it may have to wait for the rest of the start."""
    began = time.monotonic()
    server.start_in(folder, [program, "run"], core)
    while time.monotonic() < began + 30:
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                listening = time.monotonic()
                connection.settimeout(30)
                connection.sendall(f"GET /1k HTTP/1.1\r\nHost: {gateways.HOST}\r\nConnection: close\r\n\r\n".encode())
                answer = connection.recv(65536)
                # Where there is an HTTPS listener, the plain one leads to it.
                if answer[9:12] not in (b"200", b"308"):
                    raise harness.Refused(f"{server.name} answered {answer[:200]}")
                return ((listening - began) * 1000, (time.monotonic() - began) * 1000)
        except ConnectionRefusedError:
            time.sleep(0.0005)
    raise harness.Refused(f"{server.name} does not listen:\n{server.output()}")


def stop(server):
    process = server.processes.pop()
    process.terminate()
    process.wait(10)


def watched(server, work):
    most, over = [server.memory_mib()], threading.Event()

    def watch():
        while not over.wait(0.1):
            most.append(server.memory_mib())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        over.set()
        watcher.join()
    return max(most)
