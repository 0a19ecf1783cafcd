"""Plays, scans, edits and connects for a long time, and measures the growth of memory, threads and descriptors.

After the warm-up, the slope of each series (least squares) must stay below its limit.
"""

import random
import time
from pathlib import Path

from harness import Home, Refused, Violation, main, make_music, parse_arguments


def sample(pid):
    """Private memory in MB, threads, and open descriptors of a process."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    private = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(("Private_Clean", "Private_Dirty")))
    return private / 1024, len(list(Path(f"/proc/{pid}/task").iterdir())), len(list(Path(f"/proc/{pid}/fd").iterdir()))


def slope_per_hour(times, values):
    """Slope of the least-squares line, per hour."""
    mean_t, mean_v = sum(times) / len(times), sum(values) / len(values)
    spread = sum((t - mean_t) ** 2 for t in times)
    return sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values)) / spread * 3600 if spread else 0.0


def act(rng, home, client, tracks):
    ids = {"from": "ids", "ids": rng.choices(tracks, k=3)}
    commands = [
        {"do": "next"}, {"do": "previous"}, {"do": "toggle"}, {"do": "seek", "position_s": rng.random() * 10},
        {"do": "play_tracks", "tracks": {"from": "ids", "ids": tracks}, "start": rng.randrange(len(tracks))},
        {"do": "enqueue", "tracks": ids, "place": "next"}, {"do": "undo"}, {"do": "scan"},
        {"do": "set_volume", "volume": rng.randrange(101)},
        {"do": "edit", "edit": "set_rating", "tracks": ids, "rating": rng.randrange(1, 6)},
        {"do": "edit_tags", "tracks": {"from": "ids", "ids": [rng.choice(tracks)]}, "tags": {"genre": f"Genre {rng.randrange(9)}"}},
        {"do": "set_mastering", "enabled": rng.random() < 0.5},
    ]
    try:
        client.run(rng.choice(commands))
    except Refused:
        pass
    if rng.random() < 0.3:
        with home.connect() as other:
            other.rows({"list": "tracks", "tracks": {"sort": rng.choice(["title", "album", "added"]), "filter": {"search": "a"}}}, 0, 50)


def campaign():
    arguments = parse_arguments(__doc__, minutes=1.0, warm_up=0.5, max_mb_per_hour=0.0, pace=0.2)
    rng = random.Random(arguments.seed)
    with Home(arguments.binary) as home:
        make_music(home.music, 20, 12.0)
        home.start()
        home.add_music()
        times, series, actions = [], [], 0
        began = time.monotonic()
        with home.connect() as client:
            tracks = client.track_ids()
            client.run({"do": "set_repeat", "mode": "all"})
            client.run({"do": "play_tracks", "tracks": {"from": "ids", "ids": tracks}, "start": 0})
            next_sample = 0.0
            while (now := time.monotonic() - began) < arguments.minutes * 60:
                act(rng, home, client, tracks)
                actions += 1
                if now >= next_sample:
                    next_sample = now + max(1.0, arguments.minutes * 60 / 600)
                    times.append(now)
                    series.append(sample(home.process.pid))
                time.sleep(arguments.pace)
        home.stop()
        home.check_log()
    warm = next(index for index, at in enumerate(times) if at >= times[-1] * arguments.warm_up)
    slopes = [slope_per_hour(times[warm:], [row[column] for row in series[warm:]]) for column in range(3)]
    last = series[-1]
    print(
        f"soak: {arguments.minutes:g} min, {actions} actions; at the end {last[0]:.1f} MB private, {last[1]} threads, {last[2]} descriptors; "
        f"growth per hour after the warm-up: {slopes[0]:+.2f} MB, {slopes[1]:+.2f} threads, {slopes[2]:+.2f} descriptors; seed {arguments.seed}"
    )
    early, late = series[warm], series[-1]
    if late[1] > early[1] + 8 or late[2] > early[2] + 8:
        raise Violation(f"threads or descriptors leak: {early} became {late}")
    if arguments.max_mb_per_hour and slopes[0] > arguments.max_mb_per_hour:
        raise Violation(f"memory grows by {slopes[0]:.2f} MB/h, limit {arguments.max_mb_per_hour}")


main(campaign)
