#!/bin/bash
# nrm policy check, diff, explain and show as a person at a terminal meets them: what they print, and with which exit
# status they end.
set -u
cd "$(dirname "$0")/../.." || exit 2
nrm=${NRM_BUILD:-build/release}/nrm
policy=config/policy.yaml
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# says WHAT STATUS LINE... -- COMMAND...: the exit status, and each line somewhere in what it says, whole. A line that
# begins with ! may not be there.
says()
{
	local what=$1 expected=$2 lines=() said status line
	shift 2
	while [ "$1" != -- ]; do
		lines+=("$1")
		shift
	done
	shift
	said=$(timeout 60 "$@" 2>&1)
	status=$?
	if [ "$status" -ne "$expected" ]; then
		echo "$what: expected exit status $expected, found $status: $said"
		failed=1
	fi
	for line in "${lines[@]}"; do
		case $line in
		!*)
			! grep -qxF -e "${line#!}" <<<"$said" && continue
			;;
		*)
			grep -qxF -e "$line" <<<"$said" && continue
			;;
		esac
		echo "$what: expected $line, found: $said"
		failed=1
	done
}

# line OF_WHAT: where it stands in the shipped policy.
line()
{
	grep -nF -e "$1" "$policy" | head -n 1 | cut -d : -f 1
}

# changed SED: the shipped policy, changed.
changed()
{
	sed "$1" "$policy" >"$dir/new.yaml"
	! cmp -s "$policy" "$dir/new.yaml" || { echo "nothing changed by $1"; failed=1; }
}

# check
says 'check of the shipped policy' 0 '0 warnings, 0 errors' 'services without a row of needed: none' \
	'roles that can receive nothing: immigration_enforcement auditor national_rapporteur donor' \
	-- "$nrm" policy check $policy
changed 's/days: 1095}/days: 90}/'
says 'check with a warning' 0 '1 warnings, 0 errors' \
	"$dir/new.yaml:$(line 'days: 1095}'): warning: consent.longer[0]: is not longer (consent.days, line $(line '  days: 180'))" \
	-- "$nrm" policy check "$dir/new.yaml"
changed 's/to: \[labour_inspection\]/to: [labour_inspecton]/'
says 'check of a bad policy' 2 -- "$nrm" policy check "$dir/new.yaml"
says 'check without a file' 2 -- "$nrm" policy check "$dir/none.yaml"
"$nrm" policy check --json $policy | python3 -c '
import json, sys
checked = json.load(sys.stdin)
assert checked["warnings"] == 0 and checked["remarks"] == [] and checked["rows"]["firewall"] == 5, checked
' || failed=1

# diff
says 'diff of one and the same' 0 'role x service x field: 0 newly let through, 0 newly stopped; 0 values changed' \
	'examined 53562880 combinations' -- "$nrm" policy diff $policy $policy
changed 's/evidence_reference, claim_details\]$/evidence_reference, claim_details, skills]/; s/crisis_days: 30/crisis_days: 14/'
says 'diff of one field more' 1 \
	'newly let through: labour_inspection x labour_claim: skills (from: every role but police, prosecutor)' \
	"changed: consent.crisis_days: 30 days -> 14 days ($policy:$(line 'crisis_days: 30'), $dir/new.yaml:$(line 'crisis_days: 30'))" \
	'role x service x field: 1 newly let through, 0 newly stopped; 1 values changed' \
	-- "$nrm" policy diff $policy "$dir/new.yaml"
says 'the reverse' 1 \
	'newly stopped: labour_inspection x labour_claim: skills (from: every role but police, prosecutor; by: referral, update, response, notice; ground: consent, consent by name; only where it offers the service)' \
	'role x service x field: 0 newly let through, 1 newly stopped; 1 values changed' \
	-- "$nrm" policy diff --all "$dir/new.yaml" $policy
"$nrm" policy diff --json $policy "$dir/new.yaml" | python3 -c '
import json, sys
diff = json.load(sys.stdin)
[let] = diff["newly_let_through"]
assert (let["role"], let["service"], let["field"]) == ("labour_inspection", "labour_claim", "skills"), let
assert diff["newly_stopped"] == [] and diff["changed"][0]["what"] == "consent.crisis_days", diff
' || failed=1
says 'diff of one policy only' 2 -- "$nrm" policy diff $policy
says 'diff with one that is not there' 2 -- "$nrm" policy diff $policy "$dir/none.yaml"

# explain: as the unit test has it, word by word
for language in en es fr km; do
	name=()
	[ $language = en ] || name=('some of it arrives')
	"$nrm" policy explain --language $language tests/explain/cases.yaml "${name[@]}" |
		diff "tests/explain/$language.txt" - || failed=1
done
says 'explain of a case that is not there' 2 -- "$nrm" policy explain tests/explain/cases.yaml 'no such case'
"$nrm" policy explain --json tests/explain/cases.yaml 'a shelter writes to the police' | python3 -c '
import json, sys
[told] = json.load(sys.stdin)
assert told["rule"] == 5 and told["lines"][0]["path"] == "firewall[1]" and told["arrives"] == [], told
' || failed=1

# show
says 'show of a service' 0 'recreation  Leisure activities' \
	'get nothing: immigration_enforcement auditor national_rapporteur donor' \
	-- "$nrm" policy show --service recreation --language en
says 'show of no service' 2 -- "$nrm" policy show --service dancing
says 'show in no form' 2 -- "$nrm" policy show --as papyrus
says 'show into nowhere' 2 -- "$nrm" policy show --out "$dir/none/page.html"
says 'show for a spreadsheet' 0 'service,role,field,state' 'recreation,shelter,given_name,needed' \
	'!recreation,donor,given_name,needed' -- "$nrm" policy show --as csv --service recreation
exit $failed
