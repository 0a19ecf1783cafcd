"""A client of the v1 API, written from its contract alone with Python's standard library.

    client.py http://127.0.0.1:8765

It needs a library of at least three tracks of four seconds or more. It does everything that a remote control does, prints a
line for each step, and stops at the first violation.
"""

import base64
import hashlib
import json
import os
import socket
import struct
import sys
import time
import urllib.error
import urllib.request

BASE = sys.argv[1].rstrip("/")
HOST, PORT = BASE.removeprefix("http://").split(":")
TIMEOUT_S = 30
STATES = {"stopped", "playing", "paused", "loading", "error"}
TRACK = {"id": int, "title": str, "artist": str, "album": str, "duration": float, "file_path": str, "is_enhanced": bool}
STATE = {
    "state": str, "is_playing": bool, "is_paused": bool, "current_time": float, "duration": float, "volume": int,
    "is_muted": bool, "queue": list, "queue_index": int, "queue_size": int, "shuffle_enabled": bool,
    "repeat_mode": str, "mastering_enabled": bool, "current_preset": str,
}


def has_types(value, types):
    for name, kind in types.items():
        assert type(value[name]) is kind, f"{name} is {value[name]!r}, not {kind.__name__}"


def check_track(track):
    has_types(track, TRACK)
    assert track["album_art"] is None or type(track["album_art"]) is str


def check_state(state):
    has_types(state, STATE)
    assert state["state"] in STATES
    assert state["is_playing"] == (state["state"] == "playing")
    assert state["is_paused"] == (state["state"] == "paused")
    assert 0 <= state["volume"] <= 100
    assert state["repeat_mode"] in {"none", "one", "all"}
    assert state["current_preset"] in {"adaptive", "gentle", "warm", "bright", "punchy", "live"}
    assert len(state["queue"]) <= 200
    for track in state["queue"]:
        check_track(track)
    if state["current_track"] is not None:
        check_track(state["current_track"])
        offset = state.get("queue_offset", 0)
        assert state["queue"][state["queue_index"] - offset]["id"] == state["current_track"]["id"]
    return state


def call(method, path, body=None):
    """Returns the status and the JSON of the answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return response.status, json.loads(response.read() or "null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or "null")


def post(path, body=None):
    status, state = call("POST", "/api/player/" + path, body)
    assert status == 200, f"{path}: {status} {state}"
    return check_state(state)


class Socket:
    """A WebSocket (RFC 6455) that knows text messages only."""

    def __init__(self):
        self.stream = socket.create_connection((HOST, int(PORT)), TIMEOUT_S)
        self.unread = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {HOST}:{PORT}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = self.until(b"\r\n\r\n").decode()
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        assert " 101 " in head and wanted.decode() in head, head
        self.state = self.next("player_state")

    def until(self, end):
        while end not in self.unread:
            self.receive()
        found, _, self.unread = self.unread.partition(end)
        return found + end

    def exactly(self, count):
        while len(self.unread) < count:
            self.receive()
        found, self.unread = self.unread[:count], self.unread[count:]
        return found

    def receive(self):
        block = self.stream.recv(65536)
        assert block, "the server hung up"
        self.unread += block

    def send(self, message):
        text = json.dumps(message).encode()
        assert len(text) < 126
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(text))
        self.stream.sendall(bytes([0x81, 0x80 | len(text)]) + mask + masked)

    def message(self):
        while True:
            kind, length = self.exactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", self.exactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.exactly(8))
            payload = self.exactly(length)
            if kind == 0x81:
                message = json.loads(payload)
                if message["type"] == "player_state":
                    self.state = check_state(message["data"])
                return message

    def next(self, kind):
        while True:
            message = self.message()
            if message["type"] == kind:
                return message.get("data")

    def wait(self, what, holds):
        deadline = time.monotonic() + TIMEOUT_S
        while not holds(self.state):
            assert time.monotonic() < deadline, f"waited for {what}: {self.state}"
            self.next("player_state")
        return self.state

    def close(self):
        self.stream.close()


def done(step):
    print(step, flush=True)


def main():
    assert call("GET", "/api/health")[0] == 200
    assert type(call("GET", "/api/version")[1]["version"]) is str
    one = Socket()
    assert one.state["state"] == "stopped"
    one.send({"type": "ping"})
    assert one.message() == {"type": "pong"}
    done("connect")

    status, page = call("GET", "/api/library/tracks?limit=3&offset=0")
    assert status == 200 and page["limit"] == 3 and page["offset"] == 0 and page["total"] >= 3
    for track in page["items"]:
        check_track(track)
        assert os.path.exists(track["file_path"])
    ids = [track["id"] for track in page["items"]]
    post("queue", {"tracks": ids, "start_index": 1})
    done("load")

    one.wait("the second track to play", lambda state: state["is_playing"] and state["current_track"]["id"] == ids[1])
    post("pause")
    paused = one.wait("the pause", lambda state: state["is_paused"])
    assert [track["id"] for track in paused["queue"]] == ids and paused["queue_index"] == 1
    post("play")
    one.wait("the sound", lambda state: state["is_playing"])
    done("play, pause")

    positions = []
    started = time.monotonic()
    while len(positions) < 3:
        position = one.next("player_state")["current_time"]
        if not positions or position > positions[-1] + 0.5:
            positions.append(position)
    assert 1.0 < time.monotonic() - started < 6.0
    steps = [after - before for before, after in zip(positions, positions[1:])]
    assert all(0.7 < step < 1.3 for step in steps), steps
    done("position every second")

    for body in ({"volume": 37}, {"volume": 100}, {"volume": 0}):
        assert post("volume", body)["volume"] == body["volume"]
    assert post("volume?volume=64")["volume"] == 64
    one.wait("the volume", lambda state: state["volume"] == 64)
    done("volume")

    assert post("seek", {"position": 1.5})["current_time"] >= 1.5
    assert post("seek?position=0.5")["current_time"] < 2.0
    assert post("shuffle", {"enabled": True})["shuffle_enabled"] is True
    assert post("shuffle", {"enabled": False})["shuffle_enabled"] is False
    assert post("repeat", {"mode": "all"})["repeat_mode"] == "all"
    assert post("repeat", {"mode": "none"})["repeat_mode"] == "none"
    done("seek, shuffle, repeat")

    state = post("queue", {"tracks": ids, "start_index": 0})
    assert state["queue_size"] == len(ids) and state["queue_index"] == 0 and state["current_track"]["id"] == ids[0]
    added = post("queue/add", {"track_id": ids[0]})
    assert [track["id"] for track in added["queue"]] == ids + [ids[0]]
    assert call("GET", "/api/player/queue")[1]["queue"] == added["queue"]
    done("queue set, add")

    assert post("next")["current_track"]["id"] == ids[1]
    assert post("next")["queue_index"] == 2
    assert post("previous")["current_track"]["id"] == ids[1]
    done("next, previous")

    # Use a new socket: the old one still has updates queued that look like the expected state.
    one.close()
    one = Socket()
    state = one.wait("the sound", lambda state: state["is_playing"] and state["queue_index"] == 1)
    post("seek", {"position": state["duration"] - 1.0})
    one.wait("the next track by itself", lambda state: state["queue_index"] == 2 and state["is_playing"])
    done("auto-advance")

    two = Socket()
    assert two.state["queue_index"] == 2
    post("volume", {"volume": 21})
    post("pause")
    for client in (one, two):
        client.wait("the same truth", lambda state: state["volume"] == 21 and state["is_paused"])
    assert one.state == two.state == call("GET", "/api/player/status")[1]
    done("two clients in step")

    one.close()
    post("volume", {"volume": 55})
    again = Socket()
    assert again.state["volume"] == 55 and again.state["is_paused"] and again.state["queue_index"] == 2
    assert post("stop")["state"] == "stopped"
    again.wait("the stop", lambda state: state["state"] == "stopped" and state["current_time"] == 0.0)
    done("reconnect")


main()
