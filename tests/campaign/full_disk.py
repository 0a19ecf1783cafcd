"""A full disk under the player's data, at every stage of its work.

The data, settings and state directories are on a tmpfs of limited size, which is filled at a random moment of a random
operation. The player must keep answering, must refuse what it cannot store, must not lose anything that it acknowledged,
and must go on when there is room again. Needs to mount a tmpfs.
"""

import os
import random
import subprocess

from harness import Home, Refused, Violation, can_mount, main, make_music, parse_arguments

SIZE_MB = 24
TRACKS = 10


def fill(folder, keep_bytes):
    """Fills a file system up to `keep_bytes` free bytes."""
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    path = folder / "filler"
    left = free - keep_bytes
    try:
        with path.open("wb") as file:
            while left > 0:
                left -= file.write(b"\0" * min(left, 1 << 20))
    except OSError:
        pass  # It is full already.
    return path


def operations(rng, tracks):
    ids = {"from": "ids", "ids": [rng.choice(tracks)]}
    every = {"from": "ids", "ids": tracks}
    return rng.choice([
        {"do": "edit", "edit": "create_playlist", "name": f"List {rng.randrange(10**9)}", "tracks": every},
        {"do": "edit", "edit": "set_rating", "tracks": ids, "rating": rng.randrange(1, 6)},
        {"do": "edit", "edit": "set_favourite", "tracks": every, "favourite": rng.random() < 0.5},
        {"do": "edit_tags", "tracks": ids, "tags": {"title": f"Title {rng.randrange(10**9)}"}},
        {"do": "enqueue", "tracks": {"from": "ids", "ids": tracks * 200}, "place": "end"},
        {"do": "change_settings", "settings": {"theme": rng.choice(["light", "dark"])}},
        {"do": "scan"},
        {"do": "next"},
        {"do": "clear_queue"},
    ])


def campaign():
    arguments = parse_arguments(__doc__, runs=3)
    if not can_mount():
        print("full_disk: SKIPPED, this machine does not allow mounts")
        return
    rng = random.Random(arguments.seed)
    refused = accepted = 0
    for run in range(arguments.runs):
        with Home(arguments.binary) as home:
            make_music(home.music, TRACKS, 1.0)
            mount = home.path / "small"
            mount.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", mount], check=True)
            try:
                for name in ("data", "config", "state", "cache"):
                    (home.path / name).rmdir()
                    (mount / name).mkdir()
                    (home.path / name).symlink_to(mount / name)
                before_start = rng.random() < 0.2
                filler = fill(mount, rng.choice([0, 4096, 65536, 600_000])) if before_start else None
                try:
                    home.start()
                except Violation:
                    # A player that cannot create its data may refuse to start; it must start with room.
                    if filler is None:
                        raise
                    filler.unlink(missing_ok=True)
                    filler = None
                    home.start()
                if filler is None:
                    home.add_music()
                with home.connect() as client:
                    tracks = client.track_ids() or [1]
                    for _ in range(rng.randrange(10)):
                        try:
                            client.run(operations(rng, tracks))
                        except Refused:
                            pass
                    filler = filler or fill(mount, rng.choice([0, 4096, 65536]))
                    ratings = {}
                    for _ in range(30):
                        command = operations(rng, tracks)
                        try:
                            client.run(command)
                            accepted += 1
                            if command.get("edit") == "set_rating":
                                ratings[command["tracks"]["ids"][0]] = command["rating"]
                        except Refused:
                            refused += 1
                    filler.unlink(missing_ok=True)
                    client.run({"do": "edit", "edit": "create_playlist", "name": "room again"})
                took_s = home.stop()
                if took_s > 10:
                    raise Violation(f"quitting took {took_s:.1f} s")
                home.start()
                with home.connect() as client:
                    if "room again" not in client.playlist_names():
                        raise Violation("an edit made with room again was lost")
                    rows = {row["id"]: row["rating"] for row in client.tracks()}
                    for track, rating in ratings.items():
                        if track in rows and rows[track] != rating:
                            raise Violation(f"track {track} was rated {rating} and has {rows[track]}")
                home.stop()
                home.check_log()
            except Violation as violation:
                raise Violation(f"run {run}: {violation}") from violation
            finally:
                if home.process and home.process.poll() is None:
                    home.kill()
                subprocess.run(["umount", "-l", mount], check=True)
        if (run + 1) % 10 == 0:
            print(f"  {run + 1} runs", flush=True)
    print(f"full_disk: {arguments.runs} runs, {accepted} commands done and {refused} refused on a full disk, seed {arguments.seed}")


main(campaign)
