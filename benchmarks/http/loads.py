"""The scenarios, and the load generators that make them: wrk, h2load, and load.c for what those two do not do."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import gateways
import harness

CONNECTIONS = 32
RATE = 5000
PROTOCOLS = {"h1": "HTTP/1.1", "tls": "HTTP/1.1 over TLS", "h2": "HTTP/2 over TLS"}
REQUESTS = [f"{protocol}-{body}{rate}" for rate in ("", "-5k") for body in gateways.BODIES for protocol in PROTOCOLS]
OTHERS = {
    "handshake-full": ("TLS 1.3 handshake and a request on each connection", "connection"),
    "handshake-resumed": ("TLS 1.3 handshake, resumed, and a request on each connection", "connection"),
    "websocket": ("WebSocket, messages of 64 bytes there and back", "message"),
}
SCENARIOS = [*REQUESTS, *OTHERS]


def title(scenario):
    """What the scenario is called in the report, what is counted, and the rate that is wanted."""
    if scenario in OTHERS:
        return *OTHERS[scenario], None
    protocol, name, *rate = scenario.split("-")
    return f"{PROTOCOLS[protocol]}, {name.replace('k', ' KiB')}, {f'{RATE:,}/s' if rate else 'saturated'}", "request", RATE if rate else None


def load(ports, scenario, seconds, core):
    """Requests answered with success, and those that were not."""
    pinned = ["taskset", "-c", str(core)]
    if scenario in OTHERS:
        return own(pinned, ports, scenario, seconds)
    protocol, name, *rate = scenario.split("-")
    if protocol == "h1" and not rate:
        return wrk(pinned, ports["h1"], name, seconds)
    # h2load's rate is per connection; one stream at a time in HTTP/1.1, ten in HTTP/2.
    port, scheme = (ports["h1"], "http") if protocol == "h1" else (ports["tls"], "https")
    clients = CONNECTIONS if protocol != "h2" else 8
    flags = ["--h1"] if protocol != "h2" else ["-m", "1" if rate else "10"]
    if rate:
        clients = 20
        flags += ["--rps", str(RATE // clients)]
    said = output([*pinned, "h2load", "-t", "1", "-c", str(clients), "-D", str(seconds), *flags, f"--connect-to=127.0.0.1:{port}", f"{scheme}://{gateways.HOST}:{port}/{name}"])
    codes = found(r"status codes: (\d+) 2xx", said)
    bad = sum(int(found(rf"(\d+) {word}", said)) for word in ("failed", "3xx", "4xx", "5xx"))
    return int(codes), bad


def wrk(pinned, port, name, seconds, script=None):
    flags = ["-s", str(script)] if script else ["-H", f"Host: {gateways.HOST}"]
    said = output([*pinned, "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", *flags, f"http://127.0.0.1:{port}/{name}"])
    done = int(found(r"(\d+) requests in", said))
    bad = sum(int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", said)) + int(found(r"Non-2xx or 3xx responses: (\d+)", said, "0"))
    return done - bad, bad


def own(pinned, ports, scenario, seconds):
    if scenario == "websocket":
        words = ["websocket", gateways.SOCKET_HOST, str(ports["h1"]), str(CONNECTIONS), str(seconds)]
    else:
        words = ["handshake", gateways.HOST, str(ports["tls"]), "4", str(seconds), scenario.removeprefix("handshake-")]
    said = json.loads(output([*pinned, gateways.build_load(), *words]))
    # One that was meant to be resumed and was not is another scenario's.
    return said["answered"] - said["anew"], said["lost"] + said["anew"]


def pace(port, rate, seconds, core):
    """One connection with a request each 1/rate seconds: microseconds of the median, the slowest hundredth and the slowest, and how
    many took over 5 ms."""
    return subprocess.Popen([*first(), "taskset", "-c", str(core), gateways.build_load(), "pace", gateways.HOST, str(port), str(rate), str(seconds)], stdout=subprocess.PIPE, text=True)


def first():
    """Before all else on its core, where this user may: what waits for its turn there is not what a server made wait."""
    chrt = ["chrt", "-f", "20"]
    return chrt if shutil.which("chrt") and subprocess.run([*chrt, "true"], capture_output=True, check=False).returncode == 0 else []


def output(command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def found(pattern, text, otherwise=None):
    match = re.search(pattern, text)
    if not match and otherwise is None:
        raise harness.Refused(f"the load generator said:\n{text}")
    return match.group(1) if match else otherwise
