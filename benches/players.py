"""Starts each player on the same library. Prints the time until its window is painted, and the memory of all its processes.

Run by `benches/players`, which sets DEBIAN_ROOT to a clean system. Files are in the page cache for every player.
"""

import json
import mmap
import os
import shlex
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

TRACKS = int(sys.argv[1])
STARTS = 5
PAINTED_COLOURS = 24  # of every 97th pixel; an empty window has a few
SETTLE_S = 15  # start-up work is done by then
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
ROOT = Path(os.environ["DEBIAN_ROOT"])
HOME = ROOT / "home/listener"
RUN = ROOT / "run/user/1000"
PLAYERS = {
    "Auralis": "auralis",
    "Strawberry": "strawberry",
    "Quod Libet": "quodlibet",
}
started = []


def run(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def serve(*command, **options):
    """Starts a helper process, which is ended with this script."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    started.append(process)


def wait_for(what, look, timeout_s=900):
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        if time.monotonic() > deadline:
            sys.exit(f"players: timed out waiting for {what}")
        time.sleep(0.1)
    return found


def system(*command):
    run("chroot", ROOT, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", *command)


def listener(*command):
    """Starts a command as the user `listener`, without waiting for it."""
    environment = [
        "HOME=/home/listener", "PATH=/usr/bin:/bin:/usr/games", "LANG=C.UTF-8", f"DISPLAY={Screen.name}",
        "XDG_RUNTIME_DIR=/run/user/1000", "PULSE_SERVER=unix:/srv/sound", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus",
    ]
    chroot = ["chroot", "--userspec=1000:1000", ROOT, "env", "-i", "-C", "/home/listener"]
    return subprocess.Popen([*chroot, *environment, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Screen:
    """The pixels of a display, read from the file that Xvfb maps (xwd format)."""

    name = ":97"

    def __init__(self):
        folder = ROOT / "srv/screen"
        folder.mkdir()
        serve("Xvfb", self.name, "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-ac", "-noreset", "-fbdir", folder)
        file = folder / "Xvfb_screen0"
        wait_for("the screen", lambda: file.exists() and file.stat().st_size > 1280 * 800 * 4)
        with file.open("rb") as opened:
            self.bytes = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        word = lambda index: int.from_bytes(self.bytes[4 * index : 4 * index + 4], "big")
        self.start = word(0) + 12 * word(19)

    def sample(self):
        pixels = memoryview(self.bytes)[self.start : self.start + 1280 * 800 * 4].cast("I")
        return pixels[::97].tolist()

    def colours(self):
        return len(set(self.sample()))


def pss_mb(process):
    """Proportional set size of a process and its descendants, in MB."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
    below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return own + sum(pss_mb(child) for child in below)


def measure(command, screen):
    """Returns seconds to the first paint, seconds to the last visible change, and settled memory in MB."""
    wait_for("an empty screen", lambda: screen.colours() < 3)
    began = time.monotonic()
    process = listener(*shlex.split(command))
    while screen.colours() < PAINTED_COLOURS:
        if time.monotonic() - began > 60:
            sys.exit(f"players: {command} paints nothing")
        time.sleep(0.002)
    painted_s = time.monotonic() - began
    complete_s, before = painted_s, screen.sample()
    while (now := time.monotonic() - began) < SETTLE_S:
        after = screen.sample()
        # Ignore a blinking cursor.
        if sum(a != b for a, b in zip(after, before)) > len(after) / 200:
            complete_s, before = now, after
        time.sleep(0.02)
    memory_mb = pss_mb(process.pid)
    end(process)
    return painted_s, complete_s, memory_mb


def fill_auralis():
    process = listener("auralis")
    path = RUN / "auralis/control.sock"

    def look():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            return json.loads(connection.makefile().readline())["view"]

    wait_for("Auralis", path.exists)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        command = {"type": "command", "id": 1, "data": {"do": "add_root", "path": "/home/listener/Music"}}
        connection.sendall(json.dumps(command).encode() + b"\n")
        wait_for("its scan", lambda: look()["library"]["last_scan"] and not look()["library"]["scan"])
    wait_for("its analysis", lambda: 0 < (state := look()["mastering"]["analysis"])["total"] == state["analysed"])
    print(f"Auralis has {look()['library']['tracks']} tracks")
    end(process)


def fill_strawberry():
    data = HOME / ".local/share/strawberry/strawberry/strawberry.db"
    process = listener("strawberry")
    wait_for("Strawberry", data.exists)
    time.sleep(3)
    end(process)
    with sqlite3.connect(data) as database:
        database.execute("INSERT INTO directories (path, subdirs) VALUES ('/home/listener/Music', 1)")
    process = listener("strawberry")
    count = lambda: sqlite3.connect(data).execute("SELECT count(*) FROM songs").fetchone()[0]
    wait_for("its scan", lambda: count() >= TRACKS)
    print(f"Strawberry has {count()} tracks")
    time.sleep(5)
    end(process)


def fill_quodlibet():
    folder = HOME / ".config/quodlibet"
    folder.mkdir(parents=True)
    (folder / "config").write_text("[settings]\nscan = /home/listener/Music\n[library]\nrefresh_on_start = true\n")
    run("chown", "-R", "1000:1000", HOME / ".config")
    process = listener("quodlibet")
    ticks = lambda: sum(int(field) for field in Path(f"/proc/{process.pid}/stat").read_text().rsplit(")")[1].split()[11:13])
    before = [0]

    def is_idle():
        time.sleep(10)
        now = ticks()
        before[0], taken = now, now - before[0]
        return taken < 100

    wait_for("its scan", is_idle)
    end(process)
    print(f"Quod Libet keeps {(folder / 'songs').stat().st_size} bytes of its library")
    (folder / "config").write_text((folder / "config").read_text().replace("refresh_on_start = true", "refresh_on_start = false"))


def main():
    print("installing the players")
    package = next((TARGET / "package").glob("*.deb"))
    (ROOT / "srv/auralis.deb").write_bytes(package.read_bytes())
    system("apt-get", "update", "-q")
    system("apt-get", "install", "-y", "-q", "--no-install-recommends", "/srv/auralis.deb", "strawberry", "quodlibet", "fonts-dejavu-core")
    run(TARGET / "release/examples/generate", HOME / "Music", str(TRACKS))
    run("chown", "-R", "1000:1000", HOME / "Music")
    screen = Screen()
    serve("dbus-daemon", "--session", "--nofork", f"--address=unix:path={RUN}/bus", user=1000, group=1000)
    serve(
        *"pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --realtime=no --high-priority=no".split(),
        "-L", f"module-native-protocol-unix socket={ROOT}/srv/sound auth-anonymous=1",
        "-L", "module-null-sink sink_name=card",
        env={"HOME": str(ROOT / "root"), "XDG_RUNTIME_DIR": str(ROOT / "run"), "PATH": os.environ["PATH"]},
    )
    for fill in (fill_auralis, fill_strawberry, fill_quodlibet):
        fill()
    results = {name: [] for name in PLAYERS}
    for _ in range(STARTS):
        for name, command in PLAYERS.items():
            results[name].append(measure(command, screen))
    middle = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
    print(f"{TRACKS} tracks, median of {STARTS} starts; × is relative to Strawberry")
    print(f"{'':<12}{'painted':>16}{'picture complete':>22}{'memory (PSS)':>20}")
    of = middle["Strawberry"]
    for name, (painted_s, complete_s, memory_mb) in middle.items():
        times = [painted_s / of[0], complete_s / of[1], memory_mb / of[2]]
        print(
            f"{name:<12}{painted_s * 1e3:>8.0f} ms ×{times[0]:.2f}{complete_s * 1e3:>13.0f} ms ×{times[1]:.2f}"
            f"{memory_mb:>11.0f} MB ×{times[2]:.2f}"
        )


try:
    main()
finally:
    for process in started:
        process.terminate()
        process.wait()
