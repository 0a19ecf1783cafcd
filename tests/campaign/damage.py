"""Damaged database pages: the start always succeeds, and what belongs to the listener comes back.

Each run copies one prepared home, overwrites a random page of the database (with noise, zeros, or by cutting the file),
starts the player and counts which playlists, ratings and roots are still there.
"""

import os
import random
import shutil
from pathlib import Path

from harness import Home, Refused, Violation, main, make_music, parse_arguments, wait_for

PAGE = 4096
TRACKS = 40


def prepare(home):
    """Makes a library with a playlist and a rating for each track, and a backup."""
    make_music(home.music, TRACKS, 0.3)
    home.start()
    home.add_music()
    with home.connect() as client:
        tracks = client.track_ids()
        for number, track in enumerate(tracks):
            ids = {"from": "ids", "ids": [track]}
            client.run({"do": "edit", "edit": "create_playlist", "name": f"List {number}", "tracks": ids})
            client.run({"do": "edit", "edit": "set_rating", "tracks": ids, "rating": 1 + number % 5})
    # The player backs up the listener's data some time after its start, then daily.
    wait_for("the backup", lambda: list((home.path / "data/auralis").glob("library.db.backup-?")), 900)
    home.stop()


def damage(rng, database):
    size = database.stat().st_size
    kind = rng.choice(["noise", "noise", "zeros", "cut", "bytes"])
    page = rng.randrange(size // PAGE)
    with database.open("r+b") as file:
        if kind == "cut":
            file.truncate(rng.randrange(size))
        else:
            file.seek(page * PAGE + (rng.randrange(PAGE) if kind == "bytes" else 0))
            length = 16 if kind == "bytes" else PAGE
            file.write(rng.randbytes(length) if kind != "zeros" else bytes(length))
    return f"{kind} at page {page} of {size // PAGE}"


def listener_data(client):
    """What the listener made: playlists, ratings, roots."""
    playlists = client.playlist_names()
    ratings = {(row["title"], row["rating"]) for row in client.tracks() if row["rating"]}
    roots = set(range(client.view["library"]["roots"]))
    return playlists, ratings, roots


def campaign():
    arguments = parse_arguments(__doc__, runs=5, whole=0.0)
    rng = random.Random(arguments.seed)
    with Home(arguments.binary) as prepared:
        prepare(prepared)
        prepared.start()
        with prepared.connect() as client:
            before = listener_data(client)
        prepared.stop()
        whole = noticed = 0
        for run in range(arguments.runs):
            data, backup = prepared.path / "data", prepared.path / "data-before"
            if run == 0:
                shutil.copytree(data, backup)
            else:
                shutil.rmtree(data)
                shutil.copytree(backup, data)
            what = damage(rng, data / "auralis/library.db")
            try:
                prepared.start()
            except Violation as violation:
                raise Violation(f"run {run}: no start after {what}: {violation}") from violation
            with prepared.connect() as client:
                # A scan restores the tracks; ratings of recovered data are matched by then.
                wait_for("all tracks", lambda: client.ask({"type": "ping"}) and client.view["library"]["tracks"] == TRACKS)
                client.wait_until("no scan", lambda view: not view["library"]["scan"])
                try:
                    after = listener_data(client)
                except Refused as refusal:
                    raise Violation(f"run {run}: lists cannot be read after {what}: {refusal}") from refusal
                lost = [len(old - new) for old, new in zip(before, after)]
                whole += not any(lost)
                noticed += bool(client.view["notices"])
                if any(lost):
                    print(f"  run {run}, {what}: lost {lost[0]} playlists, {lost[1]} ratings, {lost[2]} roots", flush=True)
                    if not client.view["notices"]:
                        raise Violation(f"run {run}: data was lost after {what}, without a notice")
            prepared.stop()
            prepared.check_log()
    share = whole / arguments.runs
    print(f"damage: {arguments.runs} damaged databases, all starts succeeded, data whole in {share:.1%}, {noticed} with a notice; seed {arguments.seed}")
    if share < arguments.whole:
        raise Violation(f"data was whole in {share:.1%} only")


main(campaign)
