#!/usr/bin/env bash
# The inner half of clean_chroot_test.sh: runs in namespaces of its own. Not for use by itself.
set -euo pipefail
mount --make-rprivate /
mount -t proc proc /proc # of this namespace: process numbers below are its own
find "$ROOT/tmp" -mindepth 1 -maxdepth 1 -exec rm -rf {} + # of a run that was stopped
mkdir -p "$ROOT/mnt/files" "$ROOT/tmp/.X11-unix"
mount --bind "$INSIDE/files" "$ROOT/mnt/files"
mount --bind /tmp/.X11-unix "$ROOT/tmp/.X11-unix"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmpfs "$ROOT/dev"
for node in "null c 1 3" "zero c 1 5" "random c 1 8" "urandom c 1 9" "fuse c 10 229"; do
  # shellcheck disable=SC2086 # words on purpose
  mknod -m 666 "$ROOT/dev/"$node
done
ln -sf /proc/self/mounts "$ROOT/etc/mtab" # every installed system has it; fusermount3 unmounts nothing without
mkdir -p "$ROOT/dev/shm"
mount -t tmpfs tmpfs "$ROOT/dev/shm"
home=/home/clinician
rm -rf "${ROOT:?}$home"
install -d -m 700 -o 4711 -g 4711 "$ROOT$home"

# as_user [NAME=VALUE ...] COMMAND ...: runs in the chroot as a plain user with nothing in the environment but this.
as_user() {
  # shellcheck disable=SC2016 # the inner shell expands it
  chroot --userspec=4711:4711 "$ROOT" /usr/bin/env -i HOME=$home PATH=/usr/bin:/bin LANG=C.UTF-8 \
    DISPLAY=":$DISPLAY_NUMBER" sh -c 'cd "$HOME" && exec env "$@"' sh "$@"
}
program=/mnt/files/Stethoscribe.AppImage
wrong() { printf 'NOT AS IT SHOULD BE: %s\n' "$*" >&2; exit 1; }
now() { date +%s%N; }
took() { printf '%-58s %6d ms\n' "$1" $((($(now) - $2) / 1000000)); }

# left: mounts, folders and processes of the program; each named on a line.
left() {
  grep -o '/tmp/.mount_steth[^ ]*' /proc/self/mountinfo || true
  find "$ROOT/tmp" -maxdepth 1 -name '.mount_steth*' 2>/dev/null || true
  for process in /proc/[0-9]*; do
    case $(readlink "$process/exe" 2>/dev/null || true) in *stethoscribe* | *Stethoscribe*) echo "process ${process##*/}: $(tr '\0' ' ' <"$process/cmdline")" ;; esac
  done
}
# nothing_left WHAT SECONDS: waits until everything is gone.
nothing_left() {
  local until=$((SECONDS + $2))
  while [ -n "$(left)" ]; do
    [ $SECONDS -lt $until ] || wrong "after $1 there is still: $(left | tr '\n' ';')"
    sleep 0.1
  done
}
# signed_note FOLDER: what the demo left there is a signed note in three files.
signed_note() {
  [ "$(find "$ROOT$1" -type f | wc -l)" = 3 ] || wrong "three files were to be in $1"
  grep -q "reviewed and signed by" "$ROOT$1"/*.txt || wrong "the note in $1 is not signed"
}

ip link 2>/dev/null | grep -c '^[0-9]' | grep -qx 1 || echo "(no ip command: the network namespace is empty all the same)"
began=$(now); as_user $program --version; took "version, by FUSE" "$began"
nothing_left "--version" 20
began=$(now); as_user $program models import --yes /mnt/files/starter.zip; took "starter pack checked and installed" "$began"
as_user $program models verify
began=$(now); as_user $program demo --to $home/out >"$INSIDE/demo.log" 2>&1 || { cat "$INSIDE/demo.log" >&2; wrong "the demo failed"; }
took "demo, starter models, by FUSE" "$began"
signed_note $home/out
nothing_left "the demo" 20

# first_window NAME=VALUE ...: time from start to a window that is on the screen; three starts, the fastest told first.
first_window() {
  local began times=()
  for _ in 1 2 3; do
    began=$(now)
    as_user "$@" $program &
    until xwininfo -display ":$DISPLAY_NUMBER" -root -tree 2>/dev/null | grep -q '"Stethoscribe'; do
      [ $((($(now) - began) / 1000000000)) -lt 60 ] || wrong "no window came"
      sleep 0.03
    done
    times+=($((($(now) - began) / 1000000)))
    pkill_all TERM
    wait
    nothing_left "the window" 30
  done
  printf '%-58s %s ms\n' "first window, ${*:-by FUSE}" "${times[*]}"
}
# pids WORD: processes of the program whose command line holds a word.
pids() {
  local process
  for process in /proc/[0-9]*; do
    case $(readlink "$process/exe" 2>/dev/null || true) in
      *stethoscribe) if tr '\0' ' ' <"$process/cmdline" | grep -q -- "$1"; then echo "${process##*/}"; fi ;;
    esac
  done
}
# pkill_all SIGNAL: to every process of the program in this namespace, and to nothing else.
pkill_all() {
  local pid
  for pid in $(pids .); do kill "-$1" "$pid" 2>/dev/null || true; done
}
first_window
first_window APPIMAGE_EXTRACT_AND_RUN=1

# kill_nine NAME=VALUE ...: the app is killed while a visit is being recorded. The recorder goes on from program files that only it
# still holds, ends its journal, and then everything is gone. It is held still meanwhile: alone it would be done with a file at once.
kill_nine() {
  as_user "$@" $program transcribe /mnt/files/visit.flac --live --json --model whisper-tiny.en >"$INSIDE/live.log" 2>&1 &
  local runner=$!
  until grep -q '"event": "recording"' "$INSIDE/live.log" && [ -n "$(pids '--child recorder')" ]; do
    sleep 0.1
    [ -d /proc/$runner ] || { cat "$INSIDE/live.log" >&2; wrong "the live run ended"; }
  done
  local app recorder files before journal
  recorder=$(pids '--child recorder')
  app=$(pids ' transcribe ')
  kill -STOP "$recorder"
  journal=$(find "$ROOT/tmp" -path '*stethoscribe-demo-*' -name '*.saj' 2>/dev/null | head -n 1 || true)
  [ -n "$journal" ] || wrong "no journal to watch"
  before=$(stat -c %s "$journal")
  # shellcheck disable=SC2086 # one number, or it is wrong anyway
  kill -KILL $app
  local until=$((SECONDS + 20))
  while [ -n "$(pids '--child speech')" ]; do
    [ $SECONDS -lt $until ] || wrong "speech outlived the app"
    sleep 0.1
  done
  sleep 2
  [ -d "/proc/$recorder" ] || wrong "the recorder died with the app"
  files=$(readlink "/proc/$recorder/exe")
  # As its own user, in its own root: what a late import needs is still there.
  as_user head -c 2 "/${files#"$ROOT"/}" >/dev/null || wrong "the program files are gone"
  as_user cat "$(dirname "/${files#"$ROOT"/}")/_internal/base_library.zip" >/dev/null || wrong "a late import would fail"
  kill -CONT "$recorder"
  until=$((SECONDS + 120))
  while [ -d "/proc/$recorder" ]; do
    [ $SECONDS -lt $until ] || wrong "the recorder did not end by itself"
    sleep 0.2
  done
  [ "$(stat -c %s "$journal")" -gt "$before" ] || wrong "the recorder wrote nothing after the app was killed"
  nothing_left "kill -9 and the end of the recorder" 30
  wait || true
  echo "kill -9 of the app, ${*:-by FUSE}: the recorder went on ($before to $(stat -c %s "$journal") bytes), then mount, folder, children gone"
}
if [ -f "$INSIDE/files/visit.flac" ]; then
  kill_nine
  kill_nine APPIMAGE_EXTRACT_AND_RUN=1
fi
# kill -9 of everything at once, children too.
as_user $program demo --to $home/killed >/dev/null 2>&1 &
until [ -n "$(pids '--child speech')" ]; do sleep 0.1; done
pkill_all KILL
wait || true
nothing_left "kill -9 of everything" 30
echo "kill -9 of everything: nothing is left"

began=$(now)
as_user APPIMAGE_EXTRACT_AND_RUN=1 $program demo --model whisper-tiny.en --engine extractive --to $home/extracted >"$INSIDE/demo.log" 2>&1 ||
  { cat "$INSIDE/demo.log" >&2; wrong "the demo failed by extraction"; }
took "demo, extractive, by extraction" "$began"
signed_note $home/extracted
nothing_left "the extracted demo" 20
install -d -m 755 "$ROOT/opt/another place"
cp "$ROOT/mnt/files/Stethoscribe.AppImage" "$ROOT/opt/another place/S.AppImage"
began=$(now)
as_user "/opt/another place/S.AppImage" demo --model whisper-tiny.en --engine extractive --to $home/elsewhere >"$INSIDE/demo.log" 2>&1 ||
  { cat "$INSIDE/demo.log" >&2; wrong "the demo failed from another folder"; }
took "demo, extractive, from another folder" "$began"
signed_note $home/elsewhere
nothing_left "the demo elsewhere" 20
rm -rf "$ROOT/opt/another place"
written=$(find "$ROOT/home/clinician" -type f | sed "s#$ROOT##" | grep -v "^$home/\(out\|extracted\|elsewhere\|killed\)/" | grep -v '/stethoscribe/models/' || true)
printf 'files left in the home folder beside exports and models:\n%s\n' "${written:-none}"
echo "clean chroot: all as it should be"
