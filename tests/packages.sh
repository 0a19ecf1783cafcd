#!/usr/bin/env bash
# Installs and runs the packages in the clean system in DEBIAN_ROOT, which scripts/with-clean-debian makes.
# Screen and sound card are outside of it, so that the system has only what the package depends on.
set -euo pipefail
cd "$(dirname "$0")/.."
id=io.github.auralis_player.Auralis
target=$(realpath "${CARGO_TARGET_DIR:-target}")
package=("$target"/package/*.deb) image=("$target"/package/*.AppImage)
seen=$target/package-test
home=/home/listener
data=$home/.local/share/auralis
rm -rf "$seen"
mkdir -p "$seen"

step() { echo "==> $*"; }
fail() {
  echo "packages: $*; see $seen" >&2
  exit 1
}
# eventually WHAT COMMAND...: waits until a command succeeds.
eventually() {
  local what=$1 deadline=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "timed out waiting for $what"
    sleep 0.1
  done
}

# --- A screen, a sound card and music

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
mkfifo "$DEBIAN_ROOT/srv/number"
Xvfb -displayfd 1 -screen 0 1280x800x24 -nolisten tcp -ac >"$DEBIAN_ROOT/srv/number" 2>/dev/null &
read -r number <"$DEBIAN_ROOT/srv/number"
export DISPLAY=:$number PULSE_SERVER=unix:$DEBIAN_ROOT/srv/sound
HOME=$DEBIAN_ROOT/root XDG_RUNTIME_DIR=$DEBIAN_ROOT/run pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no \
  --realtime=no --high-priority=no -L "module-native-protocol-unix socket=$DEBIAN_ROOT/srv/sound auth-anonymous=1" \
  -L "module-null-sink sink_name=card rate=48000 channels=2 norewinds=1" 2>/dev/null &
eventually "the sound server" pactl info
tone="A tone, 1 kHz.flac"
address="file://$home/A%20tone,%201%20kHz.flac"
ffmpeg -v error -f lavfi -i "sine=frequency=1000:duration=600:sample_rate=48000" -metadata title=Tone "$DEBIAN_ROOT$home/$tone"
chown 1000:1000 "$DEBIAN_ROOT$home/$tone"

# --- Commands as root and as the listener

as_system=(chroot "$DEBIAN_ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8)
as_listener=(
  chroot --userspec=1000:1000 "$DEBIAN_ROOT" env -i -C "$home" HOME="$home" PATH=/usr/bin:/bin LANG=C.UTF-8
  DISPLAY="$DISPLAY" XDG_RUNTIME_DIR=/run/user/1000 PULSE_SERVER=unix:/srv/sound
)
apt() { "${as_system[@]}" apt-get -y -q "$@" >>"$seen/apt.log" 2>&1 || fail "apt-get $1 failed"; }
# begin COMMAND...: starts the player in the background.
begin() {
  "${as_listener[@]}" "$@" 2>>"$seen/auralis.log" &
  player=$!
}
# also COMMAND...: a second start, which hands over to the running player.
also() { "${as_listener[@]}" "$@" 2>>"$seen/auralis.log" || fail "a second start failed"; }
finish() {
  kill "$player"
  wait "$player" || fail "the player exited with an error"
}

# --- Screen, sound and data

screen() { ffmpeg -v error -f x11grab -video_size 1280x800 -i "$DISPLAY" -frames:v 1 -y "$@"; }
is_painted() {
  xdotool search --onlyvisible --class auralis_player &&
    screen -pix_fmt rgb24 -f rawvideo - | python3 -c '
import sys
pixels = sys.stdin.buffer.read()
sys.exit(len(set(zip(pixels[::3], pixels[1::3], pixels[2::3]))) < 100)'
}
# sees NAME: waits for a painted window and saves a screenshot.
sees() {
  eventually "a painted window ($1)" is_painted
  screen "$seen/$1.png"
}
recorded() { timeout 2 parec -d card.monitor --format=s16le --channels=1 --rate=48000 --raw --latency-msec=20 || true; }
sounds_like() {
  [ "$1" = "$(recorded | python3 -c '
import array, sys
second = array.array("h", sys.stdin.buffer.read())[-48000:]
crossings = sum((a < 0) != (b < 0) for a, b in zip(second, second[1:]))
print("silence" if not any(second) else "tone" if 1990 <= crossings <= 2010 else "noise")')" ]
}
hears() { eventually "$1" sounds_like "$1"; }
kept() { (cd "$DEBIAN_ROOT$home" && find .local/share/auralis .config/auralis -type f -exec sha256sum {} + | sort -k 2); }

# --- The Debian package

step "$(. "$DEBIAN_ROOT/etc/os-release" && echo "$PRETTY_NAME"): installing $(basename "${package[0]}")"
apt update
cp "${package[0]}" "$DEBIAN_ROOT/srv/auralis.deb"
apt install --no-install-recommends /srv/auralis.deb

step "Data of an older version is migrated, with a backup"
# Undo the last migration, to have data of the version before it.
begin auralis --headless --port 0 --output null
eventually "the player" "${as_listener[@]}" auralis status
finish
sqlite3 "$DEBIAN_ROOT$data/library.db" "DELETE FROM _sqlx_migrations WHERE version >= 7; DROP INDEX listens_by_genre"
start=$(sed -n 's/^Exec=//p' "$DEBIAN_ROOT/usr/share/applications/$id.desktop" | head -n 1)
begin sh -c "exec ${start/ %U/}"
sees deb
eventually "the player instead of an error dialog" "${as_listener[@]}" auralis status
compgen -G "$DEBIAN_ROOT$data/library.db.before-*" >/dev/null || fail "there is no backup of the older data"

step "A file opened from the desktop plays in the running player"
hears silence
also sh -c "exec ${start/\%U/$address}"
hears tone
screen "$seen/deb-playing.png"
finish

step "An upgrade keeps the listener's data"
before=$(kept)
version=$(dpkg-deb -f "${package[0]}" Version)+next
next=$(packaging/deb "$DEBIAN_ROOT/usr/bin/auralis" "$version" "$DEBIAN_ROOT/srv")
apt install "/srv/$(basename "$next")"
[ "$("${as_system[@]}" dpkg-query -W -f '${Version}' auralis)" = "$version" ] || fail "the version did not change"
[ "$(kept)" = "$before" ] || fail "the upgrade touched the listener's data"
begin sh -c "exec ${start/ %U/}"
sees upgraded
"${as_listener[@]}" auralis status | grep -q Tone || fail "the queue is gone"
finish

step "A purge leaves only the listener's data"
before=$(kept)
apt purge auralis
left=$(find "$DEBIAN_ROOT" -xdev -iname '*auralis*' ! -path "$DEBIAN_ROOT$home/*" ! -path "$DEBIAN_ROOT/run/user/*" ! -path "$DEBIAN_ROOT/srv/*")
[ -z "$left" ] || fail "left behind: $left"
[ "$(kept)" = "$before" ] || fail "the purge touched the listener's data"

# --- The AppImage

step "$(basename "${image[0]}"), with the libraries of a common desktop"
apt autoremove --purge
! compgen -G "$DEBIAN_ROOT/usr/lib/*/libwebkit2gtk*" >/dev/null || fail "WebKit is still there"
apt install --no-install-recommends libgl1 libegl1 libgles2 libgbm1 libx11-xcb1 libice6 libsm6 libwayland-client0 \
  alsa-utils libstdc++6 fontconfig fonts-dejavu-core libharfbuzz0b libfribidi0 libthai0 libp11-kit0 libexpat1 zlib1g \
  libuuid1 libcom-err2
install -m 755 -o 1000 "${image[0]}" "$DEBIAN_ROOT$home/Auralis.AppImage"
# try_image NAME ARGUMENT...
try_image() {
  local name=$1
  shift
  rm -rf "$DEBIAN_ROOT$home"/.local "$DEBIAN_ROOT$home"/.config "$DEBIAN_ROOT$home"/.cache
  begin ./Auralis.AppImage "$@"
  sees "$name"
  hears silence
  also ./Auralis.AppImage "$@" "$tone"
  hears tone
  screen "$seen/$name-playing.png"
  finish
  hears silence
  begin ./Auralis.AppImage "$@" "$tone"
  hears tone
  finish
}
step "Without FUSE"
try_image appimage
step "By --appimage-extract-and-run"
try_image appimage-extract --appimage-extract-and-run
if [ -e /dev/fuse ]; then
  step "With FUSE"
  touch "$DEBIAN_ROOT/dev/fuse"
  mount --bind /dev/fuse "$DEBIAN_ROOT/dev/fuse"
  try_image appimage-fuse
else
  step "This machine has no FUSE"
fi
step "All passed; pictures are in $seen"
