#!/bin/sh
# Installs, runs, removes and purges a package in a copy of this machine's system that only this process sees and that goes away with it:
#   unshare --mount [--map-root-user] installed_package.sh PACKAGE API-URL REFRESH-TOKEN-FILE DIRECTORY
# Needs an empty directory for the copy. Prints what happens; the first thing that is not as it must be ends it with status 1.
set -eu
package=$1
api=$2
refresh_token=$3
directory=$4

wrong() {
    printf 'wrong: %s\n' "$*"
    exit 1
}

# What is written goes into memory, over what is there.
mount -t tmpfs tmpfs "$directory"
mkdir "$directory/written" "$directory/work" "$directory/root"
root=$directory/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$directory/written,workdir=$directory/work" "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
# No system manager runs in there, whatever runs out here.
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
cp "$package" "$root/tmp/package.deb"
cp "$refresh_token" "$root/tmp/refresh-token"
inside() { env -i PATH="$PATH" LC_ALL=C.UTF-8 chroot "$root" "$@"; }
# Files that the package, or the programs that it brought, left behind.
remains() { (cd "$directory/written" && find . -path '*flashback*' ! -type c ! -path './var/lib/dpkg/*' ! -path './var/cache/man/*' | sort); }

echo "install"
# Some images of Debian have no manuals.
inside dpkg --path-include='/usr/share/*' --install /tmp/package.deb
[ "$(inside dpkg-query -W -f '${Status}' flashback-exporter)" = "install ok installed" ] || wrong "it is not installed"
[ -L "$root/etc/systemd/system/multi-user.target.wants/flashback-exporter.service" ] || wrong "the service is not wanted"
[ ! -e "$root/etc/systemd/system/sockets.target.wants/flashback-exporter.socket" ] || wrong "the socket is enabled"
[ "$(stat -c '%a %U' "$root/etc/flashback-exporter/credentials")" = "700 root" ] || wrong "others can look at the credentials"

for file in rules/flashback-alerts.rules.yml runbooks/FlashbackExporterDown.md; do
    [ -s "$root/usr/share/doc/flashback-exporter/examples/$file" ] || wrong "there is no example $file"
done

echo "verify"
units="/lib/systemd/system/flashback-exporter.service /lib/systemd/system/flashback-exporter.socket"
# shellcheck disable=SC2086 # Two words.
said=$(inside systemd-analyze verify $units 2>&1) || wrong "systemd-analyze verify: $said"
[ -z "$said" ] || wrong "systemd-analyze verify says: $said"
inside systemd-analyze security --offline=true --threshold=15 flashback-exporter.service >"$directory/security" ||
    wrong "systemd-analyze security: $(tail -n 1 "$directory/security")"

echo "manual"
said=$(inside env MANWIDTH=80 man --warnings --local-file /usr/share/man/man8/flashback-exporter.8.gz 2>&1 >"$directory/manual")
[ -z "$said" ] || wrong "man says: $said"
for text in '--flashback.token-file' 'healthcheck' '/etc/flashback-exporter/credentials'; do
    grep -q -e "$text" "$directory/manual" || wrong "the manual does not speak of $text"
done
for line in '^ *flashback-exporter \[option \.\.\.\]$' '^ *flashback-exporter collect \[option \.\.\.\]$' \
    '^ *--web\.enable-lifecycle, --no-web\.enable-lifecycle$' 'Default: :10420\.'; do
    grep -q -e "$line" "$directory/manual" || wrong "the manual has no line $line"
done

echo "completions"
inside bash -n /usr/share/bash-completion/completions/flashback-exporter
inside "${ZSH:-zsh}" -n /usr/share/zsh/vendor-completions/_flashback-exporter
inside "${FISH:-fish}" --no-execute /usr/share/fish/vendor_completions.d/flashback-exporter.fish
# What bash offers after the beginning of a flag.
offered=$(inside bash -c '
    source /usr/share/bash-completion/completions/flashback-exporter
    COMP_LINE="flashback-exporter --flashback.tok" COMP_POINT=${#COMP_LINE} COMP_WORDS=(flashback-exporter --flashback.tok) COMP_CWORD=1
    COMP_POINT=${#COMP_LINE}
    _flashback-exporter flashback-exporter --flashback.tok flashback-exporter
    printf "%s\n" "${COMPREPLY[@]}"')
[ "$offered" = "--flashback.token-file" ] || wrong "bash completes --flashback.tok by: $offered"

# As the unit says it, without its sandbox, but also without root's privileges.
setting() { sed -n "s/^$1=//p" "$root/lib/systemd/system/flashback-exporter.service"; }
mkdir -p "$root/run/credentials" "$root/var/lib/flashback-exporter"
environment="CREDENTIALS_DIRECTORY=/run/credentials STATE_DIRECTORY=/var/lib/flashback-exporter"
unprivileged() {
    # shellcheck disable=SC2086 # Words of an environment.
    inside env $environment setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
}

echo "refresh token"
before=$(setting ExecStartPre)
used=$root/var/lib/flashback-exporter/refresh-token
unprivileged "$before"
[ ! -e "$used" ] || wrong "there is a refresh token that nobody gave"
cp "$root/tmp/refresh-token" "$root/run/credentials/flashback_refresh-token"
unprivileged "$before"
cmp -s "$refresh_token" "$used" || wrong "the refresh token was not taken over"
[ "$(stat -c %a "$used")" = 600 ] || wrong "others can read the refresh token"
echo rotated >"$used"
unprivileged "$before"
[ "$(cat "$used")" = rotated ] || wrong "a rotated refresh token was replaced by the old one"
echo other >"$root/run/credentials/flashback_refresh-token"
unprivileged "$before"
[ "$(cat "$used")" = other ] || wrong "a new refresh token was not taken over"
cp "$root/tmp/refresh-token" "$root/run/credentials/flashback_refresh-token"
unprivileged "$before"
cmp -s "$refresh_token" "$used" || wrong "an earlier refresh token was not taken over again"

echo "run"
start=$(setting ExecStart)
drain=
end() { for process in $(cat "$root/tmp/exporter" 2>/dev/null) $drain; do kill "$process" 2>/dev/null || true; done; }
trap end EXIT
# The administrator's only change to what is installed.
echo "ARGS=\"--flashback.url=$api --web.listen-address=127.0.0.1:0\"" >>"$root/etc/default/flashback-exporter"
mkfifo "$directory/log"
# systemd reads the file likewise; the shell splits $ARGS into words as it does.
unprivileged sh -c "echo \$\$ >/tmp/exporter; set -a; . /etc/default/flashback-exporter; exec $start" 2>"$directory/log" &
shell=$!
address=
while [ -z "$address" ] && read -r line; do
    printf '%s\n' "$line"
    address=$(printf '%s\n' "$line" | sed -n 's/.* msg=listening address=\([^ ]*\).*/\1/p')
done <"$directory/log"
[ -n "$address" ] || wrong "the exporter does not start"
cat <>"$directory/log" >/dev/null &
drain=$!
unprivileged flashback-exporter healthcheck --web.listen-address="$address" || wrong "the exporter is not healthy"
inside curl --silent --noproxy '*' --max-time 300 "http://$address/metrics" >"$directory/metrics"
grep '^flashback_up 1$' "$directory/metrics" || wrong "flashback_up is not 1"
! cmp -s "$refresh_token" "$used" || wrong "the refresh token was not used, or not written back"
kill "$(cat "$root/tmp/exporter")"
wait "$shell" || wrong "the exporter did not end well: status $?"

echo "remove"
inside dpkg --remove flashback-exporter
[ ! -e "$root/usr/bin/flashback-exporter" ] || wrong "the program is still there"
[ -e "$root/etc/flashback-exporter/flashback-exporter.yml" ] || wrong "the configuration went away"
[ -e "$used" ] || wrong "the refresh token went away"
echo "purge"
inside dpkg --purge flashback-exporter
[ -z "$(remains)" ] || wrong "there remains: $(remains)"
echo "done"
