"""Random commands from every kind of client at once, with a check that all of them show the same state.

Clients of the control socket and of the WebSocket, plain HTTP (API v1), the command line and MPRIS send commands in
batches. After each batch, the player is paused and the state of every client must be equal.
"""

import base64
import json
import os
import random
import socket
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request

from harness import Client, Home, Refused, Violation, main, make_music, parse_arguments, wait_for


class WebSocketClient(Client):
    """The same protocol over a WebSocket (RFC 6455, text frames only)."""

    def __init__(self, address, secret):
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)), 60)
        self.lines = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: auralis.v2\r\n"
            f"Authorization: Bearer {secret}\r\n\r\n"
        )
        self.socket.sendall(request.encode())
        while self.lines.readline() not in (b"\r\n", b""):
            pass
        self.lines = Frames(self.lines)
        self.view, self.rev, self.next_id, self.answers = None, 0, 1, []
        while self.view is None:
            self.read()

    def send(self, text):
        payload = text.encode()
        length = len(payload)
        head = struct.pack("!BB", 0x81, 0x80 | length) if length < 126 else struct.pack("!BBH", 0x81, 0xFE, length)
        self.socket.sendall(head + bytes(4) + payload)


class Frames:
    """Reads text frames as lines."""

    def __init__(self, stream):
        self.stream = stream

    def readline(self):
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                return b""
            length = head[1] & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", self.stream.read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.stream.read(8))
            payload = self.stream.read(length)
            if head[0] & 0x0F == 1:
                return payload
            if head[0] & 0x0F == 8:
                return b""

    def close(self):
        self.stream.close()


def random_command(rng, tracks):
    ids = {"from": "ids", "ids": rng.choices(tracks, k=rng.randrange(1, 5))}
    return rng.choice([
        {"do": "toggle"}, {"do": "play"}, {"do": "pause"}, {"do": "next"}, {"do": "previous"}, {"do": "stop"},
        {"do": "set_volume", "volume": rng.randrange(101)},
        {"do": "set_muted", "muted": rng.random() < 0.5},
        {"do": "set_shuffle", "enabled": rng.random() < 0.5},
        {"do": "set_repeat", "mode": rng.choice(["none", "one", "all"])},
        {"do": "seek", "position_s": rng.random() * 60},
        {"do": "enqueue", "tracks": ids, "place": rng.choice(["next", "queue", "end"])},
        {"do": "play_tracks", "tracks": ids, "start": 0},
        {"do": "undo"}, {"do": "redo"},
        {"do": "remove_entries", "entries": [rng.randrange(50)]},
        {"do": "set_mastering", "enabled": rng.random() < 0.5, "preset": rng.choice(["warm", "bright", "gentle"])},
    ])


def drive(client, seed, count, tracks, errors, others):
    """Sends commands, then keeps reading while the others send: the player disconnects clients that do not read."""
    rng = random.Random(seed)
    try:
        for _ in range(count):
            try:
                client.run(random_command(rng, tracks))
            except Refused:
                pass  # Some are: there is not always something to undo or to seek in.
        others.release()
        while not others.all_done():
            client.ask({"type": "ping"})
            time.sleep(0.02)
    except Exception as error:  # noqa: BLE001 reported by the main thread
        errors.append(error)
        others.release()


class Countdown:
    """Counts the clients that still send commands."""

    def __init__(self, count):
        self.left, self.lock = count, threading.Lock()

    def release(self):
        with self.lock:
            self.left -= 1

    def all_done(self):
        return self.left <= 0


def http(address, method, path, body=None):
    data = json.dumps(body).encode() if body is not None else b"" if method == "POST" else None
    request = urllib.request.Request(f"http://{address}/api/{path}", data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"null")
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise Violation(f"{method} {path}: {error.code}") from error
        return None


def drive_http(address, seed, count, errors, others):
    rng = random.Random(seed)
    try:
        for _ in range(count):
            path = rng.choice(["play", "pause", "next", "previous", "stop"])
            http(address, "POST", f"player/{path}")
    except Exception as error:  # noqa: BLE001
        errors.append(error)
    finally:
        others.release()


def drive_programs(home, bus, seed, count, errors, others):
    """The command line and MPRIS, as separate programs."""
    rng = random.Random(seed)
    try:
        for _ in range(count):
            if rng.random() < 0.5:
                command = [home.binary, *rng.choice([["toggle"], ["next"], ["previous"], ["volume", str(rng.randrange(101))]])]
                subprocess.run(command, env=home.environment(), capture_output=True, timeout=60)
            else:
                mpris(bus, f"org.mpris.MediaPlayer2.Player.{rng.choice(['Next', 'Previous', 'PlayPause', 'Pause', 'Play'])}")
    except Exception as error:  # noqa: BLE001
        errors.append(error)
    finally:
        others.release()


def mpris(bus, method, *arguments):
    command = ["dbus-send", f"--bus={bus}", "--print-reply=literal", "--dest=org.mpris.MediaPlayer2.auralis", "/org/mpris/MediaPlayer2", method]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60).stdout.strip()


def state(view):
    """What all clients can read of the player."""
    player, track = view["player"], view["player"]["track"] or {}
    return {"transport": player["transport"], "volume": player["volume"], "title": track.get("title"), "length": view["queue"]["length"]}


def observe(home, bus, clients):
    """The state as each kind of client shows it now."""
    found = {}
    for index, client in enumerate(clients):
        client.ask({"type": "ping"})
        found[f"{type(client).__name__} {index}"] = state(client.view)
    with home.connect() as fresh:
        found["new client"] = state(fresh.view)
    status = http(home.address, "GET", "player/status")
    track = status["current_track"] or {}
    found["HTTP"] = {"transport": status["state"], "volume": status["volume"], "title": track.get("title"), "length": status["queue_size"]}
    output = subprocess.run([home.binary, "status", "--json"], env=home.environment(), capture_output=True, text=True, timeout=60).stdout
    found["command line"] = state(json.loads(output)["view"])
    expected = found["new client"]
    reply = mpris(bus, "org.freedesktop.DBus.Properties.Get", "string:org.mpris.MediaPlayer2.Player", "string:PlaybackStatus")
    found["MPRIS"] = expected | {"transport": reply.split()[-1].lower() if reply else "gone"}
    return found


def campaign():
    arguments = parse_arguments(__doc__, commands=3000, batch=1000)
    rng = random.Random(arguments.seed)
    with Home(arguments.binary) as home:
        make_music(home.music, 8, 20.0)
        daemon = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True)
        try:
            bus = daemon.stdout.readline().strip()
            environment = home.environment()
            home.environment = lambda: environment | {"DBUS_SESSION_BUS_ADDRESS": bus}
            home.start()
            home.add_music()
            clients = [home.connect(), home.connect(), WebSocketClient(home.address, home.secret()), WebSocketClient(home.address, home.secret())]
            tracks = clients[0].track_ids()
            sent = 0
            while sent < arguments.commands:
                errors = []
                each = arguments.batch // len(clients)
                others = Countdown(len(clients) + 2)
                work = [
                    threading.Thread(target=drive, args=(client, rng.random(), each, tracks, errors, others)) for client in clients
                ]
                work.append(threading.Thread(target=drive_http, args=(home.address, rng.random(), each // 10, errors, others)))
                work.append(threading.Thread(target=drive_programs, args=(home, bus, rng.random(), 10, errors, others)))
                for thread in work:
                    thread.start()
                for thread in work:
                    thread.join()
                if errors:
                    raise Violation(f"a client failed: {errors[0]!r}; {home.last_log()}") from errors[0]
                sent += each * len(clients) + each // 10 + 10
                clients[0].run({"do": "pause"})
                clients[0].wait_until("no loading", lambda view: view["player"]["transport"] != "loading")
                found = {}

                def agree():
                    found.update(observe(home, bus, clients))
                    first = found["new client"]
                    return all(value == first for value in found.values())

                try:
                    wait_for("agreement", agree, 10)
                except Violation as violation:
                    raise Violation(f"after {sent} commands: {json.dumps(found, indent=1)}") from violation
                if (sent // arguments.batch) % 50 == 0:
                    print(f"  {sent} commands", flush=True)
            home.stop()
            home.check_log()
        finally:
            daemon.kill()
            daemon.wait()
    print(f"commands: {sent} commands from five kinds of clients, no divergence; seed {arguments.seed}")


main(campaign)
