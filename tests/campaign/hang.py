"""A library folder that hangs or is slow, like a network mount whose server went away.

One root is served by bindfs (FUSE), which is stopped with SIGSTOP at a random moment of a random operation. All other
requests must go on: commands and queries of the other root are measured. SIGTERM must end the player within the limit
whatever hangs. Needs to mount FUSE.
"""

import json
import os
import random
import signal
import subprocess
import time

from harness import Home, Refused, Violation, can_mount, main, make_music, parse_arguments, wait_for


class HangingFolder:
    """A FUSE mount of a folder, which can be stopped."""

    def __init__(self, source, mount):
        mount.mkdir()
        self.mount = mount
        self.process = subprocess.Popen(["bindfs", "-f", source, mount], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the FUSE mount", lambda: mount.is_mount())

    def hang(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.resume()
        subprocess.run(["umount", "-l", self.mount], check=False)
        self.process.kill()
        self.process.wait()


def touch_hanging_files(client, rng, hanging, tracks):
    """Sends one request that reads the hanging folder, without waiting for its answer."""
    track = rng.choice(hanging)
    requests = [
        {"type": "command", "id": 1, "data": {"do": "scan"}},
        {"type": "command", "id": 1, "data": {"do": "play_tracks", "tracks": {"from": "ids", "ids": [track]}, "start": 0}},
        {"type": "command", "id": 1, "data": {"do": "edit_tags", "tracks": {"from": "ids", "ids": [track]}, "tags": {"title": "New"}}},
        {"type": "query", "id": 1, "data": {"of": {"list": "lyrics", "track": track}, "offset": 0, "limit": 10}},
        {"type": "query", "id": 1, "data": {"of": {"list": "details", "track": track}, "offset": 0, "limit": 10}},
    ]
    client.send(json.dumps(rng.choice(requests)))


def campaign():
    arguments = parse_arguments(__doc__, runs=2, quit_limit=2.0, slow=0.2)
    if not os.access("/dev/fuse", os.W_OK) or not can_mount():
        print("hang: SKIPPED, this machine does not allow FUSE mounts")
        return
    rng = random.Random(arguments.seed)
    latencies, quits, blocked = [], [], 0
    for run in range(arguments.runs):
        with Home(arguments.binary) as home:
            make_music(home.music, 6, 1.0)
            source = home.path / "source"
            make_music(source, 6, 20.0)
            folder = HangingFolder(source, home.path / "mounted")
            try:
                home.start()
                home.add_music()
                with home.connect() as client:
                    good = client.track_ids()
                    client.run({"do": "add_root", "path": str(folder.mount)})
                    wait_for("the second scan", lambda: len(client.track_ids()) > len(good))
                    client.wait_until("its end", lambda view: not view["library"]["scan"])
                    hanging = [track for track in client.track_ids() if track not in good]
                stuck = [home.connect() for _ in range(3)]
                if rng.random() < 0.3:
                    touch_hanging_files(stuck[0], rng, hanging, good)
                    time.sleep(rng.uniform(0, 0.1))
                folder.hang()
                for client in stuck:
                    touch_hanging_files(client, rng, hanging, good)
                time.sleep(rng.uniform(0, 1.0))
                with home.connect() as client:
                    for number in range(100):
                        began = time.monotonic()
                        if number % 4 == 0:
                            client.rows({"list": "tracks", "tracks": {"sort": "title"}}, 0, 5)
                        elif number % 4 == 1:
                            client.run({"do": "set_volume", "volume": number % 100})
                        elif number % 4 == 2:
                            client.ask({"type": "ping"})
                        else:
                            rating = {"do": "edit", "edit": "set_rating", "tracks": {"from": "ids", "ids": [good[0]]}, "rating": 3}
                            client.run(rating)
                        latencies.append(time.monotonic() - began)
                if rng.random() < arguments.slow:
                    # A slow folder: it answers now and then.
                    for _ in range(10):
                        folder.resume()
                        time.sleep(0.01)
                        folder.hang()
                        time.sleep(0.05)
                quits.append(home.stop())
                blocked += home.blocked_in_kernel
                if quits[-1] > arguments.quit_limit:
                    raise Violation(f"SIGTERM took {quits[-1]:.1f} s beside a hung folder")
                home.check_log()
            except Violation as violation:
                raise Violation(f"run {run}: {violation}") from violation
            except Refused as refusal:
                raise Violation(f"run {run}: a request of the other folder was refused: {refusal}") from refusal
            finally:
                folder.close()
                if home.process:
                    home.process.wait(30)
    latencies.sort()
    print(
        f"hang: {arguments.runs} hung folders; requests of the other folder p50 {latencies[len(latencies) // 2] * 1e3:.1f} ms, "
        f"p99 {latencies[len(latencies) * 99 // 100] * 1e3:.1f} ms, max {latencies[-1] * 1e3:.0f} ms; "
        f"SIGTERM at most {max(quits):.2f} s, {blocked} times with a thread left in the kernel; seed {arguments.seed}"
    )


main(campaign)
