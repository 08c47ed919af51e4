"""load.c and echo.c: compiled where they are used, driven by a word at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import harness

HERE = Path(__file__).resolve().parent


def build(name, folder=HERE):
    """The path of the compiled program; compiled again when its source is newer."""
    source, target = folder / f"{name}.c", harness.ROOT / "artifacts" / f"dns-{name}"
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        target.parent.mkdir(exist_ok=True)
        compiler = harness.find("cc") or harness.find("clang")
        harness.quietly([compiler, "-O2", "-Wall", "-Wextra", "-std=gnu11", "-DWITH_TLS", str(source), "-o", str(target), "-pthread", "-lssl", "-lcrypto", "-lm"])
    return str(target)


class Load:
    """One run of the generator: connected when made, with all its connections open until it is closed."""

    def __init__(self, port, file, flags, seconds, core):
        mode, *flags = flags
        self.process = subprocess.Popen(
            [build("load"), mode, "-p", str(port), "-q", str(file), "-t", str(seconds), *flags], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1, preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        self.said = {}
        self.expect("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def expect(self, beginning):
        line = self.process.stdout.readline()
        if not line.startswith(beginning):
            raise harness.Refused(f"the load generator said {line.strip() or 'nothing'}: {' '.join(self.process.args)}")
        return line

    def begin(self):
        self.process.stdin.write("go\n")

    def end(self):
        """Waits for the window's end. What is neither answered nor known to be lost does not exist: the generator
        waits a second for each answer."""
        self.said = json.loads(self.expect("{"))
        return self.said["answered"], self.said["lost"]

    def run(self):
        self.begin()
        return self.end()
