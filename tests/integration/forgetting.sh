#!/bin/bash
# A case forgotten with real programs: who may not is refused, the broker forgets, the agency that had it erases and confirms,
# one that was away does so when it comes back, and the trail verifies as before.
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country

# --- a country of three: an NGO that manages cases, a shelter, the police ---

country "$root/build/forgetting" <<END
- {id: TH.ngo, name: Case managers, kind: ngo, roles: [ngo_case_manager], services: [follow_up], keys: keys/ngo}
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
END
start_country

# --- a case of the NGO's, known to the shelter, and another ---

for name in blue-door green-door; do
	cat >"referral-$name.yaml" <<END
to: TH.shelter
service: emergency_shelter
purpose: assistance
case: $name
urgency: urgent
basis: consent
fields: {given_name: Anoushada-Kemthong, languages: Lao of Champasak}
END
	cat >"consent-$name.yaml" <<END
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
	printf 'case: %s\nage_class: adult\n' "$name" >"adult-$name.yaml"
	asked ngo 0 case state "adult-$name.yaml" || failed=1
	asked ngo 0 consent grant "consent-$name.yaml" || failed=1
	asked ngo 0 refer "referral-$name.yaml" --wait 20 --json || failed=1
	printf '%s %s\n' "$(member case_id)" "$(member message_id)" >"ids-$name"
done
read -r case_id referral <"ids-blue-door"
read -r other_id other <"ids-green-door"
delivered()
{
	asked ngo 0 show "$1" --json && says '"state":"delivered"'
}
until_true delivered "$referral"
until_true delivered "$other"
verifies()
{
	"$programs/nrm" audit verify --trail data --authority keys/authority/authority.pub --signatures >"said" 2>&1
}

# --- her own record ---

record()
{
	"$programs/nrm" audit case "$1" --trail data --language en >"said" 2>&1
}
holds 'what she can be told' record "$case_id"
holds 'says when her consent was given, and who recorded it' says '^    Under consent number: [0-9a-f]\{32\} (20.*, Case managers)$'

# --- who may not ---

holds 'the shelter may not' asked shelter 1 case forget "$case_id" --json
holds 'for its role' says '"reason":"FACT_NOT_ALLOWED"'
holds 'nor the police, who have no part in it' asked police 1 case forget "$case_id" --json
holds 'for the same reason' says '"reason":"FACT_NOT_ALLOWED"'
holds 'a case that there is not' asked ngo 1 case forget 00112233445566778899aabbccddeeff --json
holds 'is answered as one of others' says '"reason":"CONSENT_WITHDRAWN"'
holds 'a name that nobody gave' asked ngo 2 case forget no-door
holds 'is told' says 'no case has this name'
holds 'it is still known' asked ngo 0 case show "$case_id"

# --- forgotten ---

in_spool() # AGENCY ID: whether its spool holds the bytes of an id
{
	/usr/bin/python3 -c 'import sys; sys.exit(bytes.fromhex(sys.argv[2]) not in open(sys.argv[1], "rb").read())' \
		"$1-data/spool/data.mdb" "$2"
}
holds 'the id is in the spool of who sent it' in_spool ngo "$referral"
holds 'and in that of who got it' in_spool shelter "$referral"
stop shelter
holds 'the order' asked ngo 0 case forget blue-door --json
holds 'is carried out' says '"state":"recorded"'
holds 'the broker knows it no more' asked ngo 1 case show "$case_id"
holds 'who ordered has it no more' asked ngo 2 show "$referral"
holds 'its other case it has' asked ngo 0 show "$other"
start_agent shelter
confirmed()
{
	asked ngo 0 inbox --json && says 'erasure_confirmation'
}
until_true confirmed
holds 'the shelter had been away, and has erased it' asked shelter 2 show "$referral"
holds 'but not the other' asked shelter 0 show "$other"
gone()
{
	! in_spool "$1" "$referral"
}
until_true gone ngo
until_true gone shelter
holds 'the other case is in the spool' in_spool shelter "$other"
holds 'forgotten twice' asked ngo 1 case forget "$case_id" --json
holds 'is as if it had never been' says '"reason":"CONSENT_WITHDRAWN"'
holds 'the other case is known' asked ngo 0 case show "$other_id"
holds 'the trail verifies' until_true verifies
stop broker
start_broker
until_true connected ngo
holds 'and after a start' until_true verifies
holds 'no name in any log' eval '! grep -q -e Anoushada -e "$case_id" *.log'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
