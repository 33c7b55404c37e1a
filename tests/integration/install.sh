#!/bin/bash
# What `cmake --install` leaves on a machine: every program that a unit starts, the vocabulary, the examples; and units that systemd
# understands. One line a check; the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
work=$root/build/install-test

rm -rf "$work"
mkdir -p "$work/units"
DESTDIR=$work cmake --install "$programs" --prefix /usr >"$work/log" 2>&1 || exit 2

unit()
{
	sed -n "s/^$2=//p" "$work/usr/lib/systemd/system/$1"
}

# Users and configuration are the machine's own; the programs are those installed here.
for file in deploy/systemd/nrm-*; do
	sed "s#/usr/bin/nrm#$work/usr/bin/nrm#; s/^\\(User\\|Group\\)=.*/\\1=root/; /^SupplementaryGroups=/d; /^EnvironmentFile=/d" "$file" \
		>"$work/units/${file##*/}"
done
for file in deploy/systemd/nrm-*; do
	name=${file##*/}
	holds "$name is installed" cmp "$file" "$work/usr/lib/systemd/system/$name"
	! command -v systemd-analyze >/dev/null || holds "systemd understands $name" ends 0 '' systemd-analyze verify --man=no "$work/units/$name"
	case $name in
	*.service) holds "$name: its program is installed" test -x "$work$(unit "$name" ExecStart | cut -d ' ' -f 1)" ;;
	esac
done
holds 'no two services share a user, but for the timestamps' test \
	"$(sed -n 's/^User=//p' deploy/systemd/nrm-{brokerd,signerd,agentd}.service | sort -u | wc -l)" -eq 3
holds 'the signer has no network' test "$(unit nrm-signerd.service PrivateNetwork) $(unit nrm-signerd.service RestrictAddressFamilies)" = 'yes AF_UNIX'
holds 'the vocabulary is where programs look' cmp config/vocabulary.yaml "$work/etc/nrm/vocabulary.yaml"
for program in nrm nrm-brokerd nrm-signerd nrm-agentd; do
	holds "$program runs" ends 0 'Usage' "$work/usr/bin/$program" --help
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
