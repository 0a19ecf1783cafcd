"""Mutated inputs of every kind the player reads, against the running player.

Seeds come from tests/campaign/corpus and from generated audio files. Each round writes mutated audio files, cue sheets,
lyrics and playlists, scans them, imports the playlists, asks for lyrics and details, and sends mutated queries and
messages; some rounds restart the player with mutated settings. The player must answer throughout and its own code must never panic. Panics of libraries
must be caught; they are counted.
"""

import json
import random
import shutil
import subprocess
import time
from pathlib import Path

from harness import Home, Refused, Violation, main, parse_arguments

CORPUS = Path(__file__).resolve().parent / "corpus"
FRAGMENTS = [
    b"\0", b"\xff" * 8, b"\xef\xbb\xbf", b"\xfe\xff", b"[99:99.99]", b"00:00:75", b"-1", b"4294967296", b"18446744073709551616",
    b"1e999", b"..", b"/", b"../" * 20, b"%00", b"<!ENTITY a \"b\">", b"&a;", b"<![CDATA[", b"\"", b"\\", b"(", b")" * 9, b"*",
    b"{", b"[" * 50, b"null", "\u202e\U0001d11e".encode(), b"A" * 5000, b"\r", b"\n\n",
]
ENCODERS = {
    "flac": ["-c:a", "flac"], "mp3": ["-c:a", "libmp3lame", "-b:a", "64k"], "ogg": ["-c:a", "libvorbis"],
    "opus": ["-c:a", "libopus", "-b:a", "32k"], "m4a": ["-c:a", "aac", "-b:a", "64k"], "wav": ["-c:a", "pcm_s16le"],
    "aiff": ["-c:a", "pcm_s16be", "-write_id3v2", "1"],
}
# Tags stand in the first bytes of a file, except where a container has them at its end.
HEADER_BYTES = 6000
ANSWER_LIMIT_S = 10


def mutate(rng, data, window=None):
    """Changes a few bytes, mostly within the first `window` bytes."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 3, 5, 12])):
        end = min(len(data), window) if window and rng.random() < 0.8 else len(data)
        at = rng.randrange(end + 1)
        kind = rng.randrange(7)
        if kind == 0 and data:
            data[min(at, len(data) - 1)] = rng.randrange(256)
        elif kind == 1 and data:
            data[min(at, len(data) - 1)] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[at:at] = rng.choice(FRAGMENTS)
        elif kind == 3:
            del data[at : at + rng.choice([1, 2, 4, 64])]
        elif kind == 4:
            other = rng.randrange(len(data) + 1)
            data[at:at] = data[other : other + rng.choice([1, 8, 100])]
        elif kind == 5:
            data[at : at + 4] = rng.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data)]).to_bytes(4, "big")
        elif rng.random() < 0.3:
            del data[at:]
    return bytes(data)


def make_seeds(folder):
    """One small tagged file of each format, with a cover where the format has one."""
    seeds = {}
    for extension, encoder in ENCODERS.items():
        path = folder / f"seed.{extension}"
        tags = {"title": "Title", "artist": "Artist", "album": "Album", "track": "1/2", "date": "2026", "genre": "Noise", "lyrics": "[00:01]Line"}
        metadata = [part for name, value in tags.items() for part in ("-metadata", f"{name}={value}")]
        source = ["-f", "lavfi", "-i", "sine=frequency=440:duration=0.2"]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *encoder, *metadata, path], check=True)
        seeds[extension] = path.read_bytes()
    return seeds


def seeds_of(kind):
    return [(path.suffix, path.read_bytes()) for path in sorted((CORPUS / kind).iterdir())]


def lines_of(kind):
    return [line for _, text in seeds_of(kind) for line in text.decode().splitlines() if line]


def timed(client, request):
    """Asks and fails if the answer takes too long. Returns the answer."""
    began = time.monotonic()
    answer = client.ask(request)
    took_s = time.monotonic() - began
    if took_s > ANSWER_LIMIT_S:
        raise Violation(f"an answer took {took_s:.1f} s: {request}")
    return answer


def write_files(rng, home, seeds, files):
    """Fills the music folder with mutated files; returns the playlists."""
    shutil.rmtree(home.music, ignore_errors=True)
    home.music.mkdir()
    cues, lyrics, playlists = seeds_of("cue"), seeds_of("lrc"), []
    for number in range(files):
        extension = rng.choice(list(seeds))
        stem = home.music / f"{number:03}"
        stem.with_suffix(f".{extension}").write_bytes(mutate(rng, seeds[extension], HEADER_BYTES))
        if number % 3 == 0:
            stem.with_suffix(".lrc").write_bytes(mutate(rng, rng.choice(lyrics)[1]))
        if number % 4 == 0:
            text = rng.choice(cues)[1].replace(b"album.flac", f"{number:03}.{extension}".encode())
            stem.with_suffix(".cue").write_bytes(mutate(rng, text))
        if number % 5 == 0:
            suffix, text = rng.choice(seeds_of("playlist"))
            path = home.path / f"list-{number}{suffix}"
            path.write_bytes(mutate(rng, text))
            playlists.append(path)
    return playlists


def use_everything(rng, home, playlists):
    """Scans, imports, asks and sends mutated text. Returns the number of mutated inputs."""
    queries, messages, sent = lines_of("query"), lines_of("message"), 0
    with home.connect() as client:
        client.run({"do": "scan"})
        client.wait_until("the scan", lambda view: not view["library"]["scan"])
        for path in playlists:
            timed(client, {"type": "command", "id": 1, "data": {"do": "edit", "edit": "import_playlist", "path": str(path)}})
        rows = client.tracks()
        for row in rng.sample(rows, min(20, len(rows))):
            for of in ("lyrics", "details"):
                timed(client, {"type": "query", "id": 1, "data": {"of": {"list": of, "track": row["id"]}, "offset": 0, "limit": 50}})
        for _ in range(40):
            text = mutate(rng, rng.choice(queries).encode()).decode(errors="replace").replace("\n", " ")
            tracks = {"filter": {"search": text}}
            timed(client, {"type": "query", "id": 1, "data": {"of": {"list": "tracks", "tracks": tracks}, "offset": 0, "limit": 10}})
            sent += 1
        for _ in range(40):
            text = mutate(rng, rng.choice(messages).encode()).decode(errors="replace").replace("\n", " ").replace("\r", " ")
            if text.strip():
                timed(client, text)
                sent += 1
        if client.ask({"type": "ping"})["type"] != "pong":
            raise Violation("no pong")
    return sent + len(playlists)


def campaign():
    arguments = parse_arguments(__doc__, files=100, per_round=50)
    rng = random.Random(arguments.seed)
    with Home(arguments.binary) as home:
        seeds = make_seeds(home.path)
        home.music.mkdir()
        home.start()
        home.add_music()
        files = texts = settings = 0
        while files < arguments.files:
            playlists = write_files(rng, home, seeds, arguments.per_round)
            files += arguments.per_round
            try:
                texts += use_everything(rng, home, playlists)
            except (ConnectionError, OSError) as error:
                home.check_log()
                raise Violation(f"the connection broke after {files} files: {error!r} {home.last_log()}") from error
            home.check_log()
            if rng.random() < 0.3:
                home.stop()
                path = home.path / "config/auralis/settings.json"
                before = path.read_bytes() if path.exists() else b"{}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(mutate(rng, rng.choice([before, *(text for _, text in seeds_of("settings"))])))
                settings += 1
                home.start()
            if files % 1000 == 0:
                print(f"  {files} files", flush=True)
        home.stop()
        caught = home.check_log()
        for place, count in caught.most_common():
            print(f"  caught panic of a library, {count} times: {place}")
    print(f"fuzz: {files} mutated files, {texts} mutated playlists, queries and messages, {settings} mutated settings files; no panic of the player, {sum(caught.values())} caught in libraries; seed {arguments.seed}")


main(campaign)
