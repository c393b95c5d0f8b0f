#!/bin/sh
# Installs the system's part of what the tests run against, where it may: on Debian and its kin, as root or with a sudo
# that asks nothing. Says what is left out; with CI=true nothing may be.
set -u

# program:package, one a line
WANTED="
redis-server:redis-server
prometheus:prometheus
promtool:prometheus
ip:iproute2
tcpdump:tcpdump
"

missing() {
    for pair in $WANTED; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || echo "${pair##*:}"
    done | sort -u | tr '\n' ' '
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null
}

install() {
    # shellcheck disable=SC2086  # a list of names
    apt install -y --no-install-recommends $1 >"$log" 2>&1
}

policy=/usr/sbin/policy-rc.d
packages=$(missing)
if [ -n "$packages" ] && may_install; then
    echo "installing for the tests: $packages"
    log=$(mktemp)
    ours=
    if [ ! -e "$policy" ]; then # tells Debian's packages not to start their services
        ours=1
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy"
    fi
    trap 'rm -f "$log"; [ -z "$ours" ] || as_root rm -f "$policy"' EXIT
    install "$packages" || { apt update >"$log" 2>&1 && install "$packages"; } || tail -n 5 "$log" >&2
    if [ -d /run/systemd/system ]; then # nor at the next boot: the tests start their own
        for package in $packages; do as_root systemctl disable --quiet "$package" 2>/dev/null || true; done
    fi
    packages=$(missing)
fi

if [ -n "$packages" ]; then
    echo "not installed: $packages— the tests that need them are left out" >&2
    [ "${CI:-}" != true ] || exit 1
fi
