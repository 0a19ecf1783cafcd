"""kill -9 at random moments while clients write: playlists, ratings, favourites, the queue, settings, tags and exports.

After each kill the player must start, hold every acknowledged playlist, rating and favourite, hold a queue that existed,
leave each audio file with its old or its new tags. A scan must remove old temporary files.
"""

import hashlib
import os
import random
import shutil
import threading
import time

from harness import Home, Refused, Violation, main, make_music, parse_arguments, wait_for

TRACKS = 12


class Writer(threading.Thread):
    """Sends random writing commands until the connection breaks. Keeps what was acknowledged."""

    def __init__(self, home, seed):
        super().__init__(daemon=True)
        self.rng = random.Random(seed)
        self.home = home
        self.client = home.connect()
        self.tracks = self.client.track_ids()
        self.ratings, self.playlists, self.titles = {}, {}, {}
        self.pending, self.acknowledged, self.error = None, 0, None

    def run(self):
        try:
            while True:
                self.step()
        except (ConnectionError, OSError, ValueError):
            pass
        except Violation as violation:
            self.error = violation

    def step(self):
        ids = {"from": "ids", "ids": [self.rng.choice(self.tracks)]}
        choice = self.rng.randrange(8)
        if choice == 0:
            self.pending = ("rating", ids["ids"][0], self.rng.randrange(1, 6))
            self.client.run({"do": "edit", "edit": "set_rating", "tracks": ids, "rating": self.pending[2]})
            self.ratings[self.pending[1]] = self.pending[2]
        elif choice == 1:
            name = f"List {self.rng.randrange(10**9)}"
            self.pending = ("playlist", name, 1)
            self.client.run({"do": "edit", "edit": "create_playlist", "name": name, "tracks": ids})
            self.playlists[name] = 1
        elif choice == 2:
            self.client.run({"do": "edit", "edit": "set_favourite", "tracks": ids, "favourite": self.rng.random() < 0.5})
        elif choice in (3, 4):
            place = self.rng.choice(["next", "queue", "end"])
            self.client.run({"do": "enqueue", "tracks": ids, "place": place})
        elif choice == 5:
            theme = self.rng.choice(["light", "dark"])
            self.client.run({"do": "change_settings", "settings": {"theme": theme}})
        elif choice == 6:
            track, title = ids["ids"][0], f"Title {self.rng.randrange(10**9)}"
            self.pending = ("title", track, title)
            try:
                self.client.run({"do": "edit_tags", "tracks": ids, "tags": {"title": title}})
                self.titles[track] = title
            except Refused:
                pass
        else:
            try:
                folder = self.home.path / "exports" / str(self.acknowledged)
                command = {"do": "export_mastered", "tracks": ids, "folder": str(folder), "format": "wav", "album": False}
                self.client.run(command)
            except Refused:
                pass  # An export runs already.
        self.pending = None
        self.acknowledged += 1


def comments(block):
    """Names and values of a Vorbis comment block."""
    at = 4 + int.from_bytes(block[:4], "little")
    count, at = int.from_bytes(block[at : at + 4], "little"), at + 4
    for _ in range(count):
        length = int.from_bytes(block[at : at + 4], "little")
        name, _, value = block[at + 4 : at + 4 + length].decode().partition("=")
        yield name.upper(), value
        at += 4 + length


def read_flac(path):
    """Title of a FLAC file, and a hash of its audio, which tag edits must not change."""
    data = path.read_bytes()
    if data[:4] != b"fLaC":
        raise Violation(f"{path.name} is no FLAC file any more")
    at, last, title = 4, False, None
    while not last:
        head, length = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
        last, block = bool(head & 0x80), data[at + 4 : at + 4 + length]
        if head & 0x7F == 4:
            title = dict(comments(block)).get("TITLE")
        at += 4 + length
    return title, hashlib.sha256(data[at:]).hexdigest()


def check(home, known, writer):
    with home.connect() as client:
        rows = {row["id"]: row for row in client.tracks()}
        for track, rating in known["ratings"].items():
            found = rows[track]["rating"] if track in rows else None
            if found != rating and writer.pending != ("rating", track, found):
                raise Violation(f"track {track} was rated {rating} and has {found}")
            known["ratings"][track] = found
        missing = set(known["playlists"]) - client.playlist_names()
        if missing:
            raise Violation(f"acknowledged playlists are missing: {missing}")
    allowed = {track: {title} for track, title in known["titles"].items()}
    if writer.pending and writer.pending[0] == "title":
        allowed.setdefault(writer.pending[1], {known["files"][writer.pending[1]]}).add(writer.pending[2])
    for track, number in known["numbers"].items():
        title, audio = read_flac(home.music / f"{number:03}.flac")
        if audio != known["audio"][track]:
            raise Violation(f"the audio of file {number:03} changed")
        expected = allowed.get(track, {known["files"][track]})
        if title not in expected:
            raise Violation(f"file {number:03} has the title {title!r}, not one of {expected}")
        known["files"][track] = title
    known["titles"] = dict(known["files"])


def leftovers(home):
    patterns = [(home.music, ".auralis-*"), (home.path / "config", ".tmp*"), (home.path / "data", ".tmp*")]
    return [str(path) for folder, pattern in patterns for path in folder.rglob(pattern)]


def remove_leftovers(home):
    """Lets temporary files be older than any write takes; then a scan and a start must remove them."""
    an_hour_ago = time.time() - 3600
    for path in leftovers(home):
        os.utime(path, (an_hour_ago, an_hour_ago))
    home.stop()
    home.start()
    with home.connect() as client:
        client.run({"do": "scan"})
        client.wait_until("the scan", lambda view: view["library"]["last_scan"] and not view["library"]["scan"])
    wait_for("no temporary files", lambda: not leftovers(home), 20)


def campaign():
    arguments = parse_arguments(__doc__, runs=5)
    rng = random.Random(arguments.seed)
    with Home(arguments.binary) as home:
        make_music(home.music, TRACKS)
        home.start()
        home.add_music()
        with home.connect() as client:
            ids = client.track_ids()
            client.run({"do": "play_tracks", "tracks": {"from": "ids", "ids": ids}, "start": 0})
        known = {"ratings": {}, "playlists": {}, "titles": {}, "numbers": {track: index + 1 for index, track in enumerate(ids)}}
        known["files"] = {track: f"Track {number:03}" for track, number in known["numbers"].items()}
        known["titles"] = dict(known["files"])
        known["audio"] = {track: read_flac(home.music / f"{number:03}.flac")[1] for track, number in known["numbers"].items()}
        edits, slowest_s, left = 0, 0.0, 0
        for run in range(arguments.runs):
            writer = Writer(home, rng.random())
            writer.start()
            time.sleep(rng.uniform(0.05, 1.0))
            home.kill()
            writer.join(30)
            if writer.error:
                raise writer.error
            edits += writer.acknowledged
            known["ratings"] |= writer.ratings
            known["playlists"] |= writer.playlists
            known["titles"] |= writer.titles
            known["files"] |= writer.titles
            shutil.rmtree(home.path / "exports", ignore_errors=True)
            slowest_s = max(slowest_s, home.start())
            check(home, known, writer)
            left = max(left, len(leftovers(home)))
            if (run + 1) % 25 == 0:
                print(f"  {run + 1} kills, {edits} acknowledged edits", flush=True)
        remove_leftovers(home)
        home.stop()
        home.check_log()
        print(
            f"kill: {arguments.runs} kills, {edits} acknowledged edits, none lost, no torn file; slowest start {slowest_s:.2f} s; "
            f"{left} temporary files were left and removed; seed {arguments.seed}"
        )


main(campaign)
