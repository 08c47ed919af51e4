#!/usr/bin/env bash
# Installs what the tests need, builds once, runs both test projects, and ends with one line: N passed, N failed.
#
#   ./test.sh                 everything
#   ./test.sh -class '*Name*' only what the test runner's filter selects (any of its options may follow)
#
# As root on Debian the missing packages are installed; nothing that is installed is started, enabled, upgraded or
# removed. Otherwise the missing ones are named, and the tests that need them are skipped with their reason.
# Under CI=true a test that was skipped because a program is missing counts as failed. A few tests that failed are run
# once more, alone, and named at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# What the tests run for real: name servers to compare with, an ACME server, clients, and what NativeAOT links with.
packages=(
  bind9 bind9-dnsutils bind9-utils ldnsutils knot knot-dnsutils knot-dnssecutils nsd unbound dnsdist knot-resolver
  pebble lego certbot python3-acme python3-certbot-dns-rfc2136 curl openssl python3 python3-grpcio nghttp2-client dnsperf haproxy
  openssh-server openssh-client
  apache2-utils argon2 fail2ban prometheus ddclient inadyn
  miniupnpd-nftables miniupnpc avahi-daemon avahi-utils dbus docker.io podman netavark runc
  iproute2 nftables iptables busybox-static dnsmasq-base dnsdist kea-dhcp4-server kea-dhcp6-server isc-dhcp-server faketime chromium
  clang zlib1g-dev libsqlite3-dev
)
# Debian's packages of these conflict with those of others, so what is there already will do.
command -v npm >/dev/null || packages+=(nodejs npm)
# Installing these would change how this machine resolves names, or set it up to report to others: they are only unpacked.
unpacked_packages=(systemd-resolved libsystemd-shared crowdsec)
projects=(Edge.Dns.Tests Edge.Tests)
results=artifacts/test-results
longest=${TEST_TIMEOUT:-2400} # seconds one test project may take before it counts as hung
slow=150                      # seconds after which a test that still runs is named
policy=/usr/sbin/policy-rc.d
set_aside=/usr/sbin/policy-rc.d.before-edge-tests
policy_mark='# put here by test.sh of Edge while it installs packages'

say() { printf '== %s\n' "$*"; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    installed "$package" || printf '%s\n' "$package"
  done
}

# Debian starts a server as soon as its package is unpacked, unless policy-rc.d says no. A name server or a web server
# that starts here would take port 53 or 80 from whatever this machine is for.
refuse_service_starts() {
  if [ -e "$policy" ] && ! grep -qF "$policy_mark" "$policy"; then
    mv "$policy" "$set_aside"
  fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" >"$policy"
  chmod 755 "$policy"
}

allow_service_starts() {
  if [ -e "$policy" ] && grep -qF "$policy_mark" "$policy"; then
    rm -f "$policy"
  fi
  if [ -e "$set_aside" ] && [ ! -e "$policy" ]; then
    mv "$set_aside" "$policy"
  fi
}

# A unit that the installation enabled would start at the next boot.
disable_units_of() {
  command -v systemctl >/dev/null || return 0
  local package unit
  for package in "$@"; do
    installed "$package" || continue
    while read -r unit; do
      systemctl disable --quiet "$unit" >/dev/null 2>&1 || true
    done < <(dpkg -L "$package" | sed -n 's#^\(/usr\)\{0,1\}/lib/systemd/system/\([^/@]*\.\(service\|socket\|timer\)\)$#\2#p')
  done
}

apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@" </dev/null
}

install_packages() {
  local log=artifacts/apt.log package
  mkdir -p artifacts
  say "installing $*"
  (
    exec 9>/run/lock/edge-tests-apt.lock
    flock 9
    trap allow_service_starts EXIT
    trap 'exit 130' INT TERM HUP
    refuse_service_starts
    {
      # The lists may be missing (a fresh container) or older than what the mirror still holds.
      apt update || true
      if ! apt install -y --no-install-recommends --no-remove "$@"; then
        # One package that this release does not have must not cost all the others.
        for package in "$@"; do
          apt install -y --no-install-recommends --no-remove "$package" || true
        done
      fi
      disable_units_of "$@"
    } >"$log" 2>&1
  )
  for package in "$@"; do
    installed "$package" || say "could not install $package (see $log)"
  done
}

unpack_packages() {
  local folder=$PWD/artifacts/unpacked package
  for package in "${unpacked_packages[@]}"; do
    [ -e "$folder/$package.done" ] && continue
    mkdir -p "$folder/$package"
    (cd "$folder/$package" && apt download "$package" && dpkg-deb -x ./*.deb ..) >>artifacts/apt.log 2>&1 && touch "$folder/$package.done" ||
      say "could not fetch $package (see artifacts/apt.log)"
  done
  export EDGE_UNPACKED=$folder
}

prepare() {
  if ! command -v dotnet >/dev/null; then
    say "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
    return 1
  fi
  local missing=()
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: tests that need one of these are skipped where it is missing: ${packages[*]}"
    return 0
  fi
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} = 0 ]; then
    :
  elif [ "$(id -u)" = 0 ]; then
    install_packages "${missing[@]}"
  else
    say "missing, and installed only by root: ${missing[*]}"
    say "tests that need them are skipped; to have them run: sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  unpack_packages
}

# One test runs the program as it is shipped: a native binary. Building that takes a minute, so a filtered run leaves it out.
publish() {
  command -v clang >/dev/null || return 0
  say "publishing the native binary"
  dotnet publish src/Edge -c Release -o artifacts/edge -v q -nologo -clp:NoSummary || return 1
  export EDGE_BINARY=$PWD/artifacts/edge/edge
}

# The number in one attribute of a result file's <assembly> element.
count() { grep -o '<assembly [^>]*>' "$1" | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]\+' | awk '{ sum += $1 } END { print sum + 0 }'; }

# The reasons of the tests that were skipped for want of a program, one per line.
uninstalled_skips() { grep -o '<reason>[^<]*\(<!\[CDATA\[[^]]*\)\{0,1\}' "$1" | sed 's/<reason>//; s/<!\[CDATA\[//' | grep 'apt-get install' || true; }

passed=0 failed=0 skipped=0 again=''

# Thousands of tests with real servers share the machine with each other. The few that failed are run once more, alone,
# and have failed only if they fail again; the end of the report names them all the same. Many are no accident.
most_again=5

passes_again() {
  local project=$1 report=$2 bad=$3 second=$results/$1.again.xml methods=() name
  while read -r name; do
    methods+=(-method "$name")
  done < <(grep -o '<test id=[^<]*' "$report" | grep ' result="Fail"' | sed 's/.* type="\([^"]*\)" method="\([^"]*\)".*/\1.\2/' | sort -u)
  if [ ${#methods[@]} = 0 ] || [ "$bad" -gt "$most_again" ]; then
    return 1
  fi
  say "$project: once more, alone"
  rm -f "$second"
  timeout --kill-after=30 "$longest" "tests/$project/bin/Debug/net10.0/$project" \
    -noColor -noLogo -noAutoReporters -maxThreads 1 -result-xml "$second" "${methods[@]}" || return 1
  if [ ! -s "$second" ] || [ "$(count "$second" passed)" -lt "$bad" ] || [ "$(($(count "$second" failed) + $(count "$second" errors)))" != 0 ]; then
    return 1
  fi
  for name in "${methods[@]}"; do
    [ "$name" = -method ] || again+="$name"$'\n'
  done
}

run_project() {
  local project=$1 report=$results/$1.xml code=0
  shift
  rm -f "$report"
  say "$project"
  timeout --kill-after=30 "$longest" "tests/$project/bin/Debug/net10.0/$project" \
    -noColor -noLogo -noAutoReporters -longRunning "$slow" -result-xml "$report" "$@" || code=$?
  if [ "$code" = 124 ] || [ "$code" = 137 ]; then
    say "$project was ended after $longest s: a test hangs"
  fi
  if [ ! -s "$report" ] || ! grep -q '</assemblies>' "$report"; then
    say "$project ended with code $code and without a report: counted as one failure"
    failed=$((failed + 1))
    return
  fi
  local bad
  bad=$(($(count "$report" failed) + $(count "$report" errors)))
  # A runner that fails without a failed test (a crash while closing) is a failure too.
  if [ "$code" != 0 ] && [ "$bad" = 0 ]; then
    say "$project ended with code $code though no test failed: counted as one failure"
    bad=1
  fi
  # Without a filter every project has tests; one that finds none has lost them.
  if [ $# = 0 ] && [ "$(count "$report" total)" = 0 ]; then
    say "$project has no tests: counted as one failure"
    bad=$((bad + 1))
  fi
  passed=$((passed + $(count "$report" passed)))
  if [ "$bad" -gt 0 ] && [ "$code" != 124 ] && [ "$code" != 137 ] && passes_again "$project" "$report" "$bad"; then
    passed=$((passed + bad))
    bad=0
  fi
  failed=$((failed + bad))
  skipped=$((skipped + $(count "$report" skipped) + $(count "$report" not-run)))
  if [ "${CI:-}" = true ]; then
    local reasons number
    reasons=$(uninstalled_skips "$report")
    number=$(grep -c . <<<"$reasons" || true)
    if [ "$number" -gt 0 ]; then
      say "skipped for want of a program, which counts as failed under CI=true:"
      sort <<<"$reasons" | uniq -c
      failed=$((failed + number))
      skipped=$((skipped - number))
    fi
  fi
}

end() {
  if [ $((passed + failed)) = 0 ]; then
    say "no test ran"
    failed=1
  fi
  if [ -n "$again" ]; then
    say "failed among all the others and passed alone, see above why they failed:"
    printf '%s' "$again"
  fi
  if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  [ "$failed" = 0 ]
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
mkdir -p "$results"
if ! prepare; then
  failed=1
elif ! dotnet build Edge.sln -v q -nologo -clp:NoSummary; then
  say "the build failed"
  failed=1
elif [ $# = 0 ] && ! publish; then
  say "the native binary could not be published"
  failed=1
else
  for project in "${projects[@]}"; do
    run_project "$project" "$@"
  done
fi
end
