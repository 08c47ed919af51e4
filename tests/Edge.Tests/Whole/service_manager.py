# A small service manager, as systemd is one for Edge: keeps the descriptors it is given (sd_notify(3), FDSTORE=1) and
# passes them on to the next run (sd_listen_fds(3)).
#
#   service_manager.py STATE PORT... -- PROGRAM ARGUMENT...
#
# It listens itself on each PORT of 127.0.0.1 before the first run, as a socket unit does; on both-PORT and ipv6-only-PORT at
# [::] (systemd.socket(5), BindIPv6Only=). What is notified, and the
# number of each process, is appended to the file STATE. When the program ends it is started again, unless another process
# has taken over (MAINPID); SIGTERM ends both.
import array, ctypes, os, signal, socket, sys

state, rest = sys.argv[1], sys.argv[2:]
ports, program = rest[:rest.index("--")], rest[rest.index("--") + 1:]
kept = []
for port in ports:
    families, _, port = port.rpartition("-")
    listening = socket.socket(socket.AF_INET6 if families else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if families:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, families == "ipv6-only")
    listening.bind(("::" if families else "127.0.0.1", int(port)))
    listening.listen(512)
    kept.append((f"unit-{port}", os.dup(listening.fileno())))
    listening.close()

address = os.path.abspath(state) + ".sock"
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(address)
child = successor = 0
# PR_SET_CHILD_SUBREAPER: a process that has taken over becomes a child of this one.
ctypes.CDLL(None).prctl(36, 1)


def say(text):
    with open(state, "a") as file:
        file.write(text + "\n")


def start():
    child = os.fork()
    if child:
        return child
    # PR_SET_PDEATHSIG: whoever ends this manager ends the program.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    # Out of the way first: a number may be one of those that they are to have.
    held = [os.dup2(fd, 200 + i, inheritable=False) for i, (_, fd) in enumerate(kept)]
    for i, fd in enumerate(held):
        os.dup2(fd, 3 + i, inheritable=True)
    os.closerange(3 + len(held), 200)
    os.environ.update(NOTIFY_SOCKET=address, FDSTORE="512", LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(held)), LISTEN_FDNAMES=":".join(name for name, _ in kept))
    os.execvp(program[0], program)


def take():
    global successor
    message, ancillary, _, _ = notify.recvmsg(4096, 4096)
    said = dict(line.split("=", 1) for line in message.decode().split("\n"))
    say(" ".join(f"{key}={value}" for key, value in said.items()))
    for _, _, data in ancillary:
        for fd in array.array("i", data):
            # Like systemd: of one name there may be several, but not the same one twice.
            if any(os.fstat(fd).st_ino == os.fstat(known).st_ino for _, known in kept):
                os.close(fd)
            else:
                kept.append((said["FDNAME"], fd))
    if said.get("FDSTOREREMOVE") == "1":
        for one in [one for one in kept if one[0] == said["FDNAME"]]:
            kept.remove(one)
            os.close(one[1])
    successor = int(said.get("MAINPID", successor))


def end(*_):
    for process in filter(None, (child, successor)):
        os.kill(process, signal.SIGKILL)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
while True:
    child = start()
    say(f"started {child}")
    notify.settimeout(0.05)
    while True:
        try:
            take()
        except TimeoutError:
            pass
        if os.waitpid(child, os.WNOHANG)[0]:
            say(f"ended {child}")
            if not successor:
                break
            child, successor = successor, 0
