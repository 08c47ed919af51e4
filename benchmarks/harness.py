"""What both benchmarks share: a quiet place, servers on one core and load on another, CPU time per answer.

The figure that counts is CPU time per answer (user + system time of all processes of a server over the window, divided
by the answers of the window). Answers per second say as much about the load generator as about the server.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")


class Refused(Exception):
    """The figures would not mean what they say."""


def enter_quiet_place():
    """Start again in namespaces of our own: no other traffic, no firewall rules, free ports, and every process and
    every file we make ends with us, however we end. Needs root; otherwise the machine's own loopback and its folder for
    temporary files are used."""
    # A run that is told to end must still stop its servers.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    scratch = ROOT / "artifacts" / "scratch"
    if os.environ.get("EDGE_BENCH_INSIDE"):
        tempfile.tempdir = str(scratch)
        return
    if os.geteuid() != 0:
        return
    os.environ["EDGE_BENCH_INSIDE"] = "1"
    scratch.mkdir(parents=True, exist_ok=True)
    inside = ["sh", "-c", 'ip link set lo up && mount -t tmpfs -o size=4g bench "$0" && exec "$@"', str(scratch), sys.executable, *sys.argv]
    os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *inside])


def need(programs, packages, install):
    """Every program must be there; with --install Debian's packages are fetched, and nothing that is fetched starts."""
    missing = [program for program in programs if not find(program)]
    if missing and install:
        if os.geteuid() != 0:
            raise Refused("--install needs root")
        policy, ours = Path("/usr/sbin/policy-rc.d"), False
        try:
            if not policy.exists():
                policy.write_text("#!/bin/sh\nexit 101\n")
                policy.chmod(0o755)
                ours = True
            environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", NEEDRESTART_SUSPEND="1")
            subprocess.run(["apt-get", "-qq", "update"], check=False, env=environment)
            subprocess.run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", "--no-remove", *packages], check=True, env=environment)
        finally:
            if ours:
                policy.unlink(missing_ok=True)
        missing = [program for program in programs if not find(program)]
    if missing:
        raise Refused(f"missing: {', '.join(missing)} (Debian: apt-get install {' '.join(packages)}, or --install)")


def find(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")


def cores():
    """One core for the servers, another for the load."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        raise Refused("two cores are needed: one for the servers, one for the load")
    return available[0], available[1]


def version(command):
    """The first word that begins with a digit in what a program says of itself."""
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    for word in (said.stdout + " " + said.stderr).replace("/", " ").split():
        word = word.lstrip("v")
        if word[:1].isdigit():
            return word.rstrip(",")
    return "?"


def edge_program(form):
    """The path of Edge: "aot" publishes the native binary, "jit" builds for the runtime, anything else is a path."""
    if form == "aot":
        target = ROOT / "artifacts" / "bench"
        quietly(["dotnet", "publish", "src/Edge", "-c", "Release", "-o", str(target), "-v", "q", "-nologo"])
        return str(target / "edge")
    if form == "jit":
        quietly(["dotnet", "build", "src/Edge", "-c", "Release", "-v", "q", "-nologo"])
        return str(ROOT / "src/Edge/bin/Release/net10.0/edge")
    return str(Path(form).resolve())


def quietly(command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"{' '.join(command)}:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


class Server:
    """A program under test, on the servers' core, with its own folder; it may be several processes."""

    def __init__(self, name, about):
        self.name, self.about = name, about
        self.folder = Path(tempfile.mkdtemp(prefix=f"edge-bench-{name.replace('#', '-')}-"))
        self.processes = []

    def start(self, command, core, environment=None):
        self.start_in(self.folder, command, core, environment)

    def start_in(self, folder, command, core, environment=None):
        with open(self.folder / "output.log", "ab") as log:
            self.processes.append(subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=dict(os.environ, **(environment or {})), preexec_fn=lambda: os.sched_setaffinity(0, {core})))

    def wait_until(self, ready, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for process in self.processes:
                if process.poll() is not None:
                    raise Refused(f"{self.name} ended with code {process.returncode}:\n{self.output()}")
            if ready():
                return
            time.sleep(0.1)
        raise Refused(f"{self.name} does not answer after {seconds} s:\n{self.output()}")

    def output(self):
        return (self.folder / "output.log").read_text(errors="replace")[-3000:]

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def family(self):
        """The processes and all their descendants, each with its user and system time in ticks."""
        children, used = {}, {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    fields = Path("/proc", entry, "stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                children.setdefault(int(fields[1]), []).append(int(entry))
                used[int(entry)] = (int(fields[11]), int(fields[12]))
        found, todo = {}, [process.pid for process in self.processes]
        while todo:
            process = todo.pop()
            if process in used:
                found[process] = used[process]
            todo += children.get(process, [])
        return found

    def cpu_seconds(self):
        """CPU time of the whole family, and how much of it was user time. The sum is exact, from the scheduler's own
        clock; the split is what the ticks of the kernel happened to see."""
        total = user = 0.0
        for process, (in_user, in_system) in self.family().items():
            try:
                # The clock of another process, as clock_getcpuclockid(3) numbers it.
                total += time.clock_gettime(~process << 3 | 2)
                user += in_user / TICK
            except OSError:
                total += (in_user + in_system) / TICK
        return total, user

    def memory_mib(self):
        """Memory of the family, pages shared by several processes counted once (PSS)."""
        pages = 0
        for process in self.family():
            for line in Path("/proc", str(process), "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    pages += int(line.split()[1])
        return pages / 1024


def busy_seconds(core):
    """Time the core spent on anything, in any namespace, and the time taken from it by the hypervisor."""
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith(f"cpu{core} "):
            fields = [int(field) for field in line.split()[1:9]]
            return (sum(fields) - fields[3] - fields[4]) / TICK
    return 0.0


class Window:
    """One measurement: answers, CPU per answer in microseconds (all, and user time alone), and how much else ran on
    the server's core."""

    def __init__(self, answers, lost, seconds, cpu, user, disturbance):
        self.answers, self.lost, self.seconds = answers, lost, seconds
        self.rate = answers / seconds if seconds else 0.0
        self.cost = cpu * 1e6 / answers if answers else float("inf")
        self.user_cost = user * 1e6 / answers if answers else float("inf")
        self.disturbance = disturbance
        self.said = {}


def measure(server, core, load):
    """Runs the load, which returns (answers, lost), with the clocks read just before and after."""
    (cpu, user), busy, began = server.cpu_seconds(), busy_seconds(core), time.monotonic()
    answers, lost = load()
    seconds = time.monotonic() - began
    (cpu_after, user_after), busy = server.cpu_seconds(), busy_seconds(core) - busy
    cpu = cpu_after - cpu
    if answers == 0:
        raise Refused(f"{server.name} answered nothing:\n{server.output()}")
    return Window(answers, lost, seconds, cpu, user_after - user, max(0.0, busy - cpu) / seconds)


def rounds(servers, number, take):
    """All servers in turn, again and again, each round beginning with another, so that drift hits all alike. `take`
    measures one window of a server."""
    windows = {server.name: [] for server in servers}
    for turn in range(number):
        shift = turn % len(servers)
        for server in servers[shift:] + servers[:shift]:
            windows[server.name].append(take(server))
    return windows


def report(title, servers, windows, unit, wanted=None):
    """Medians, and for the first server the ratio to each other one: the median of the rounds' own ratios. A server
    that was asked for a fixed rate and did not reach it is said to be so: its cost is of another load."""
    for name, list_ in windows.items():
        lost, sent = sum(w.lost for w in list_), sum(w.lost + w.answers for w in list_)
        if lost > sent * 0.01:
            raise Refused(f"{title}: {name} lost {lost} of {sent} ({lost / sent:.1%}): more than 1 %, so CPU per answer means nothing")
    first = servers[0].name
    print(f"\n### {title}\n")
    print(f"| server | {unit}/s | CPU µs/{unit} | ratio {first} / this | rounds' ratios | other work on the core |")
    print("|---|---:|---:|---:|---|---:|")
    ratios = {}
    for server in servers:
        own = windows[server.name]
        each = [a.cost / b.cost for a, b in zip(windows[first], own)]
        ratios[server.name] = statistics.median(each)
        spread = "" if server is servers[0] else f"{min(each):.2f} – {max(each):.2f}"
        ratio = "" if server is servers[0] else f"{ratios[server.name]:.2f}"
        rate = statistics.median(w.rate for w in own)
        missed = " (rate not reached)" if wanted and rate < wanted * 0.95 else ""
        print(f"| {server.name} | {rate:,.0f}{missed} | {statistics.median(w.cost for w in own):.2f} "
              f"| {ratio} | {spread} | {statistics.median(w.disturbance for w in own):.0%} |")
    sys.stdout.flush()
    return ratios


def warn_about_noise(windows):
    """Others on the same core make caches cold and ratios wide; the reader must know."""
    worst = max(w.disturbance for list_ in windows.values() for w in list_)
    if worst > 0.1:
        print(f"\nNot quiet: up to {worst:.0%} of the servers' core went to other work during a window.")


def judge_self(ratios, allowed):
    """The same program against itself must give 1; how far off it is says how far to trust the other figures."""
    off = max(abs(ratio - 1) for ratio in ratios.values())
    print(f"\nself-comparison: off by {off:.1%} at most, allowed {allowed:.0%}")
    return off <= allowed
