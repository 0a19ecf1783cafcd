"""Shared parts of the campaigns: the headless player in a temporary home, its control socket, test music and arguments.

Each campaign prints its seed, takes `--seed` to repeat a run, and exits with an error at the first violation.
"""

import argparse
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

TIMEOUT_S = 60


class Violation(Exception):
    """A promise of the player that did not hold."""


class Refused(Exception):
    """A command that the player answered with an error."""


def parse_arguments(description, **defaults):
    """Arguments of a campaign. `defaults` are its own numbers, such as `runs=5`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--binary", default=os.environ.get("AURALIS", "target/release/auralis"))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    for name, value in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    arguments = parser.parse_args()
    arguments.binary = str(Path(arguments.binary).resolve())
    print(f"{Path(sys.argv[0]).stem}: seed {arguments.seed}", flush=True)
    return arguments


def can_mount():
    """Whether this process may mount file systems; else it restarts itself in namespaces where it may, if there are any."""
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if subprocess.run(probe, capture_output=True).returncode == 0:
        return True
    own = ["unshare", "--map-root-user", "--mount"]
    if os.geteuid() != 0 and subprocess.run([*own, *probe[2:]], capture_output=True).returncode == 0:
        os.execvp(own[0], [*own, sys.executable, "-B", *sys.argv])
    return False


def wait_for(what, look, timeout_s=TIMEOUT_S):
    """Polls `look` until it returns a true value."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Violation(f"timed out after {timeout_s} s waiting for {what}")
        time.sleep(0.02)


def make_music(folder, tracks, seconds=2.0, extension="flac"):
    """Makes tagged tracks of noise, each with its own content."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, tracks + 1):
        source = f"anoisesrc=r=44100:d={seconds}:a=0.3:seed={number}"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-ac", "2", "-metadata", f"title=Track {number:03}",
             "-metadata", "artist=Artist", "-metadata", "album=Album", "-metadata", f"track={number}",
             folder / f"{number:03}.{extension}"],
            check=True,
        )


class Home:
    """A temporary home directory, and the player in it."""

    def __init__(self, binary, path=None):
        self.binary = binary
        self._temporary = None if path else tempfile.TemporaryDirectory(prefix="auralis-campaign-")
        self.path = Path(path or self._temporary.name)
        self.music = self.path / "music"
        self.log = self.path / "auralis.log"
        self.process = None
        for name in ("data", "config", "cache", "state", "runtime"):
            (self.path / name).mkdir(exist_ok=True)
        (self.path / "runtime").chmod(0o700)

    def environment(self):
        names = {"DATA_HOME": "data", "CONFIG_HOME": "config", "CACHE_HOME": "cache", "STATE_HOME": "state", "RUNTIME_DIR": "runtime"}
        own = {f"XDG_{name}": str(self.path / folder) for name, folder in names.items()}
        own |= {"HOME": str(self.path), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "RUST_BACKTRACE": "0"}
        return {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")} | own

    def start(self):
        """Starts the player and waits until it answers. Returns the seconds that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            command = [self.binary, "--headless", "--port", "0", "--output", "null"]
            self.process = subprocess.Popen(
                command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://"):
            raise Violation(f"the player does not start: {line!r} {self.last_log()}")
        self.address = line.split("http://")[1].split()[0].split("/")[0]
        self.connect().close()
        return time.monotonic() - began

    def connect(self):
        return Client(self.path / "runtime/auralis/control.sock")

    def secret(self):
        """Returns the pairing secret, which WebSocket clients need."""
        return (self.path / "state/auralis/pairing").read_text()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout_s=30):
        """Ends the player with SIGTERM. Returns the seconds that took.

        A thread that waits for a hung file system cannot be killed before that answers. The process has ended when its
        main thread has: `blocked_in_kernel` tells whether such a thread is left.
        """
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            wait_for("the end", lambda: self.process.poll() is not None or self._is_zombie(), timeout_s)
        except Violation:
            self.process.kill()
            raise Violation(f"SIGTERM did not end the player within {timeout_s} s") from None
        took_s = time.monotonic() - began
        self.blocked_in_kernel = self.process.poll() is None
        if not self.blocked_in_kernel and self.process.returncode != 0:
            raise Violation(f"the player ended with status {self.process.returncode}: {self.last_log()}")
        return took_s

    def _is_zombie(self):
        stat = Path(f"/proc/{self.process.pid}/stat")
        return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"

    def last_log(self):
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def check_log(self):
        """Fails if the player's own code has panicked. Returns the caught panics of libraries, by place."""
        places = re.findall(r"panicked at (\S+)", self.log.read_text(errors="replace"))
        for place in places:
            if "/registry/" not in place and "/rustc/" not in place:
                raise Violation(f"the player panicked at {place}")
        return Counter(place.rsplit("/src/", 1)[0].rsplit("/")[-1] + " " + place.rstrip(":").rsplit("/", 1)[-1] for place in places)

    def add_music(self):
        with self.connect() as client:
            client.run({"do": "add_root", "path": str(self.music)})
            client.wait_until("the scan", lambda view: view["library"]["last_scan"] and not view["library"]["scan"])

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        if self._temporary:
            self._temporary.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Client:
    """A client of the control socket: JSON lines, the complete state first, then its changes."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT_S)
        wait_for("the control socket", lambda: self._try_connect(path))
        self.lines = self.socket.makefile("rb")
        self.view, self.rev, self.next_id, self.answers = None, 0, 1, []
        while self.view is None:
            self.read()

    def _try_connect(self, path):
        try:
            self.socket.connect(str(path))
            return True
        except OSError:
            return False

    def close(self):
        self.lines.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def read(self):
        line = self.lines.readline()
        if not line:
            raise ConnectionError("the player closed the connection")
        message = json.loads(line)
        if "session" in message:
            if message["rev"] <= self.rev:
                raise Violation(f"revision {message['rev']} after {self.rev}")
            self.rev = message["rev"]
            if message["type"] == "hello":
                self.view = message["view"]
            else:
                self.view[message["type"]] = message["data"]
        else:
            self.answers.append(message)

    def send(self, text):
        self.socket.sendall(text.encode() + b"\n")

    def ask(self, request):
        self.send(request if isinstance(request, str) else json.dumps(request))
        while not self.answers:
            self.read()
        return self.answers.pop(0)

    def run(self, command):
        """Sends a command and waits for its result. Raises `Refused` if the player answers with an error."""
        self.next_id += 1
        answer = self.ask({"type": "command", "id": self.next_id, "data": command})
        if answer["type"] != "result":
            raise Refused(json.dumps(answer["error"]))
        return answer["rev"]

    def rows(self, of, offset=0, limit=500):
        answer = self.ask({"type": "query", "id": 0, "data": {"of": of, "offset": offset, "limit": limit}})
        if answer["type"] != "rows":
            raise Refused(json.dumps(answer))
        return answer["data"]

    def all_rows(self, of):
        """All rows of a list, page by page."""
        items = []
        while True:
            page = self.rows(of, len(items))
            items += page["items"]
            if not page["items"] or len(items) >= page["total"]:
                return items

    def tracks(self):
        return self.all_rows({"list": "tracks", "tracks": {"sort": "title"}})

    def playlist_names(self):
        return {row["name"] for row in self.all_rows({"list": "playlists"})}

    def track_ids(self):
        return [row["id"] for row in self.tracks()]

    def wait_until(self, what, condition, timeout_s=TIMEOUT_S):
        deadline = time.monotonic() + timeout_s
        while not condition(self.view):
            if time.monotonic() > deadline:
                raise Violation(f"timed out waiting for {what}")
            self.read()


def main(campaign):
    """Runs a campaign's main function and reports a violation as an error."""
    try:
        campaign()
    except Violation as violation:
        sys.exit(f"VIOLATION: {violation}")
