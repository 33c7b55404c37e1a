#!/bin/bash
# A case forgotten with real programs: who may not is refused, the broker forgets, the agency that had it erases and confirms,
# one that was away does so when it comes back, and the trail verifies as before.
set -u
cd "$(dirname "$0")/../.." || exit 2
bin=$(realpath "${NRM_BUILD:-build/release}")
dir=$(mktemp -d)
failed=0 passed=0
declare -A pid=()
stop()
{
	kill "${pid[$1]}" 2>/dev/null
	wait "${pid[$1]}" 2>/dev/null
	unset "pid[$1]"
}
trap 'for one in "${!pid[@]}"; do stop "$one"; done; rm -rf "$dir"' EXIT

# holds WHAT COMMAND...
holds()
{
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		echo "does not hold: $what; said: $(cat "$dir/said" 2>/dev/null)"
		failed=$((failed + 1))
	fi
}

# as AGENCY EXPECTED-STATUS COMMAND...: what it says is in $dir/said.
as()
{
	local agency=$1 expected=$2 status
	shift 2
	NRM_AGENT=$dir/agent-$agency NRM_VOCABULARY=config/vocabulary.yaml LC_ALL=C "$bin/nrm" "$@" >"$dir/said" 2>&1
	status=$?
	[ "$status" -eq "$expected" ] || { echo "nrm $*: exit status $status, expected $expected"; return 1; }
}
says()
{
	grep -q -e "$1" "$dir/said"
}
says_not()
{
	! grep -q -e "$1" "$dir/said"
}
member()
{
	sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$dir/said" | head -n 1
}
until_true()
{
	local tries=100
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "waited in vain for: $*"; exit 1; }
		sleep 0.05
	done
}

# --- a country of three: an NGO that manages cases, a shelter, the police ---

agencies='ngo shelter police'
"$bin/nrm" key new "$dir/authority" --authority >/dev/null || exit 1
"$bin/nrm" key new TH.nrm "$dir/broker-keys" --broker >/dev/null || exit 1
for agency in $agencies; do
	"$bin/nrm" key new "TH.$agency" "$dir/$agency" >/dev/null || exit 1
done
port=7300
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
	port=$((port + 1))
done
endpoint=tcp://127.0.0.1:$port
cat >"$dir/participants.yaml" <<END
country: TH
version: 1
valid_from: 2026-01-01T00:00:00Z
valid_until: 2036-01-01T00:00:00Z
broker: {id: TH.nrm, endpoint: "$endpoint", keys: broker-keys}
participants:
- {id: TH.ngo, name: Case managers, kind: ngo, roles: [ngo_case_manager], services: [follow_up], keys: ngo}
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: police}
- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: shelter}
END
"$bin/nrm" directory sign "$dir/participants.yaml" --key "$dir/authority" --out "$dir/directory.signed" >/dev/null || exit 1
"$bin/nrm" policy sign config/policy.yaml --key "$dir/authority" --out "$dir/policy.signed" >/dev/null || exit 1
cat >"$dir/broker.yaml" <<END
id: TH.nrm
listen: [$endpoint]
data: broker
keys: broker-keys
authority: authority/authority.pub
directory: directory.signed
policy: policy.signed
map_gib: 1
reserve_mib: 1
END

# start_agent AGENCY ENDPOINT
start_agent()
{
	cat >"$dir/agent-$1.yaml" <<END
id: TH.$1
keys: $1
broker: {endpoint: "$2", key: broker-keys/transport.public}
authority: authority/authority.pub
data: agent-$1
END
	"$bin/nrm-agentd" --config "$dir/agent-$1.yaml" >>"$dir/agent-$1.log" 2>&1 &
	pid[$1]=$!
	until_true as "$1" 0 status --json
}
connected()
{
	as "$1" 0 status --json && says '"connected":true'
}

"$bin/nrm-brokerd" --config "$dir/broker.yaml" >"$dir/broker.log" 2>&1 &
pid[broker]=$!
for agency in $agencies; do
	start_agent "$agency" "$endpoint"
	until_true connected "$agency"
done

# --- a case of the NGO's, known to the shelter, and another ---

for name in blue-door green-door; do
	cat >"$dir/referral-$name.yaml" <<END
to: TH.shelter
service: emergency_shelter
purpose: assistance
case: $name
urgency: urgent
basis: consent
fields: {given_name: Anoushada-Kemthong, languages: Lao of Champasak}
END
	cat >"$dir/consent-$name.yaml" <<END
case: $name
given_by: adult
services: [emergency_shelter]
recipients: [TH.shelter]
data: [any]
purpose: assistance
phase: recovery
days: 30
understood: true
END
	printf 'case: %s\nage_class: adult\n' "$name" >"$dir/adult-$name.yaml"
	as ngo 0 case state "$dir/adult-$name.yaml" || failed=1
	as ngo 0 consent grant "$dir/consent-$name.yaml" || failed=1
	as ngo 0 refer "$dir/referral-$name.yaml" --wait 20 --json || failed=1
	printf '%s %s\n' "$(member case_id)" "$(member message_id)" >"$dir/ids-$name"
done
read -r case_id referral <"$dir/ids-blue-door"
read -r other_id other <"$dir/ids-green-door"
delivered()
{
	as ngo 0 show "$1" --json && says '"state":"delivered"'
}
until_true delivered "$referral"
until_true delivered "$other"
verifies()
{
	"$bin/nrm" audit verify --trail "$dir/broker" --authority "$dir/authority/authority.pub" --signatures >"$dir/said" 2>&1
}

# --- who may not ---

holds 'the shelter may not' as shelter 1 case forget "$case_id" --json
holds 'for its role' says '"reason":"FACT_NOT_ALLOWED"'
holds 'nor the police, who have no part in it' as police 1 case forget "$case_id" --json
holds 'for the same reason' says '"reason":"FACT_NOT_ALLOWED"'
holds 'a case that there is not' as ngo 1 case forget 00112233445566778899aabbccddeeff --json
holds 'is answered as one of others' says '"reason":"CONSENT_WITHDRAWN"'
holds 'a name that nobody gave' as ngo 2 case forget no-door
holds 'is told' says 'no case has this name'
holds 'it is still known' as ngo 0 case show "$case_id"

# --- forgotten ---

in_spool() # AGENCY ID: whether its spool holds the bytes of an id
{
	python3 -c 'import sys; sys.exit(bytes.fromhex(sys.argv[2]) not in open(sys.argv[1], "rb").read())' \
		"$dir/agent-$1/spool/data.mdb" "$2"
}
holds 'the id is in the spool of who sent it' in_spool ngo "$referral"
holds 'and in that of who got it' in_spool shelter "$referral"
stop shelter
holds 'the order' as ngo 0 case forget blue-door --json
holds 'is carried out' says '"state":"recorded"'
holds 'the broker knows it no more' as ngo 1 case show "$case_id"
holds 'who ordered has it no more' as ngo 2 show "$referral"
holds 'its other case it has' as ngo 0 show "$other"
start_agent shelter "$endpoint"
confirmed()
{
	as ngo 0 inbox --json && says 'erasure_confirmation'
}
until_true confirmed
holds 'the shelter had been away, and has erased it' as shelter 2 show "$referral"
holds 'but not the other' as shelter 0 show "$other"
gone()
{
	! in_spool "$1" "$referral"
}
until_true gone ngo
until_true gone shelter
holds 'the other case is in the spool' in_spool shelter "$other"
holds 'forgotten twice' as ngo 1 case forget "$case_id" --json
holds 'is as if it had never been' says '"reason":"CONSENT_WITHDRAWN"'
holds 'the other case is known' as ngo 0 case show "$other_id"
holds 'the trail verifies' verifies
stop broker
"$bin/nrm-brokerd" --config "$dir/broker.yaml" >>"$dir/broker.log" 2>&1 &
pid[broker]=$!
until_true connected ngo
holds 'and after a start' verifies
holds 'no name in any log' eval '! grep -q -e Anoushada -e "$case_id" "$dir"/*.log'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
