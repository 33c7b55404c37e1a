#!/bin/bash
# What an agency foresees before it sends, with real programs: the preview says refuse, then forward; the verdict agrees; and
# where another agency changed the case while this one was cut off, the difference is shown. Also who may ask about a case.
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
	local tries=400
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "waited in vain for: $*"; exit 1; }
		sleep 0.05
	done
}

# --- a country of three: police, shelter, hospital ---

agencies='police shelter hospital'
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
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: police}
- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: shelter}
- {id: TH.hospital, name: Hospital, kind: government, roles: [health], services: [medical_checkup], keys: hospital}
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

# --- the forms ---

cat >"$dir/referral.yaml" <<END
to: TH.shelter
service: emergency_shelter
purpose: assistance
case: blue-door
urgency: urgent
basis: consent
fields:
  given_name: Anoushada-Kemthong
  languages: Lao of Champasak
  skills: weaving of silk
END
cat >"$dir/consent.yaml" <<END
case: blue-door
given_by: adult
services: [emergency_shelter]
recipients: [TH.shelter]
data: [any]
purpose: assistance
phase: recovery
days: 30
understood: true
END
printf 'case: blue-door\nage_class: adult\n' >"$dir/adult.yaml"
sed 's/TH.shelter/TH.hospital/; s/emergency_shelter/medical_checkup/; s/blue-door/orchid/' "$dir/referral.yaml" >"$dir/to-hospital.yaml"
sed 's/TH.shelter/TH.hospital/; s/emergency_shelter/medical_checkup/; s/blue-door/orchid/' "$dir/consent.yaml" >"$dir/hospital.yaml"

# --- foreseen, and so it comes ---

holds 'nobody asked her yet' as police 1 preview "$dir/referral.yaml" --json
holds 'refused for want of consent' says '"reason":"NO_CONSENT"'
holds 'the consent that is wanting' says '"consent_needed":{"services":\["emergency_shelter"\],"recipients":\["TH.shelter"\]'
holds 'in words' as police 1 preview "$dir/referral.yaml"
holds 'in words: what' says 'This message would be refused'
holds 'in words: whose word counts' says "The broker's decision is the one that counts"
holds 'nothing was sent' as police 0 outbox --json
holds 'nothing is in the outbox' says '^\[\]$'

holds 'her consent' as police 0 consent grant "$dir/consent.yaml"
holds 'her age' as police 0 case state "$dir/adult.yaml"
holds 'now it would go on' as police 0 preview "$dir/referral.yaml" --json
holds 'with one field withheld' says '"withheld":{"skills":"NOT_NEEDED"}'
holds 'as the broker knows the case now' says '"knowledge":"fresh"'
foreseen=$(sed 's/.*\("forwarded":\[[^]]*\]\).*/\1/' "$dir/said")
holds 'it is sent' as police 0 refer "$dir/referral.yaml" --wait 20 --json
holds 'the same arrives' says "${foreseen//[/\\[}"
holds 'the broker agrees' says '"preview_differs":false'
case_id=$(member case_id)
holds 'no preview holds a value' as police 0 preview "$dir/referral.yaml"
holds 'no name' says_not Anoushada
holds 'no language' says_not Champasak

# --- who may ask about the case ---

holds 'the police opened it' as police 0 case show blue-door
holds 'and manage it' says 'manages it'
holds 'the shelter is a party to it' as shelter 0 case show "$case_id" --json
holds 'it sees the consent that reaches it' says '"recipients":\["TH.shelter"\]'
holds 'the hospital is none' as hospital 1 case show "$case_id" --json
holds 'and learns nothing' says '"known":false,.*"card":{},"contributed":\[\],"consents":\[\]'

# --- cut off, while another agency changes the case ---

as shelter 0 case name orchid "$case_id" || failed=1
holds 'she agrees to the hospital' as shelter 0 consent grant "$dir/hospital.yaml"
holds 'that would go on' as shelter 0 preview "$dir/to-hospital.yaml"
stop shelter
start_agent shelter tcp://127.0.0.1:9 # nobody is there
holds 'it would go on, as far as is known' as shelter 0 preview "$dir/to-hospital.yaml" --json
holds 'by what was kept' says '"knowledge":"kept"'
holds 'it is sent' as shelter 0 refer "$dir/to-hospital.yaml" --wait 0 --json
message=$(member message_id)
holds 'she changes her mind' as police 0 consent withdraw --case blue-door
stop shelter
start_agent shelter "$endpoint"
refused()
{
	as shelter 0 show "$message" --json && says '"state":"refused"'
}
until_true refused
holds 'a difference' says '"preview_differs":true'
holds 'it is shown' as shelter 0 show "$message"
holds 'in words' says 'The broker decided otherwise than this preview: This message would go on'
holds 'what is told now' as shelter 1 preview "$dir/to-hospital.yaml" --json
holds 'fits the verdict' says '"reason":"CONSENT_WITHDRAWN"'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
